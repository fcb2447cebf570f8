"""PDF files come as paragraphs: lines joined, running heads gone, headings found."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.extract.pdf import Line, read, reflow


def pdf(pages: list[list[tuple[int, str]]]) -> bytes:
    """A PDF file with the lines of each page in Helvetica, as (size, text)."""
    objects = ["<</Type/Catalog/Pages 2 0 R>>", "", "<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>"]
    kids = []
    for lines in pages:
        stream, height = "BT 50 800 Td ", 0
        for size, text in lines:
            text = text.replace("\\", "\\\\").replace("(", "\\(").replace(")", "\\)")
            stream += f"/F {size} Tf 0 -{height} Td ({text}) Tj "
            height = size + 8
        stream += "ET"
        objects.append(f"<</Length {len(stream)}>>stream\n{stream}\nendstream")
        kids.append(len(objects) + 1)
        objects.append(
            f"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents {len(objects)} 0 R"
            "/Resources<</Font<</F 3 0 R>>>>>>"
        )
    objects[1] = f"<</Type/Pages/Count {len(kids)}/Kids[{' '.join(f'{kid} 0 R' for kid in kids)}]>>"
    body, places = "%PDF-1.4\n", []
    for number, text in enumerate(objects, 1):
        places.append(len(body))
        body += f"{number} 0 obj{text}endobj\n"
    table = "".join(f"{place:010} 00000 n \n" for place in places)
    end = f"xref\n0 {len(objects) + 1}\n0000000000 65535 f \n{table}trailer<</Root 1 0 R/Size {len(objects) + 1}>>\n"
    return f"{body}{end}startxref\n{len(body)}\n%%EOF".encode("latin-1")


CLAUSE = [
    "You agree that we may use the content which you upload to the service for",
    "running and improving it, and for no other purpose.",
]


def test_lines_become_paragraphs_under_headings():
    found = read(pdf([[(24, "Terms of Service"), (16, "1. Content"), *((10, line) for line in CLAUSE * 3)]]))

    assert found.signals == ()
    assert found.text.startswith("# Terms of Service\n\n## 1. Content\n\nYou agree that we may use the content")
    assert "for running and improving it" in found.text


def test_a_picture_of_a_page_is_said_to_be_one():
    assert read(pdf([[(10, "Scan")], []])).signals == ("pdf-without-text",)


@pytest.mark.parametrize("body", [b"", b"%PDF-1.4", b"%PDF-1.7\n" + b"\x00" * 1000, pdf([])[:80], b"hello"])
def test_broken_files_say_so(body):
    found = read(body)

    assert found.text == ""
    assert found.signals


@settings(deadline=None)
@given(st.integers(0, 2000), st.binary(max_size=40))
def test_damaged_files_never_raise(position, junk):
    body = pdf([[(12, "Terms"), (10, CLAUSE[0])]])
    read(body[:position] + junk + body[position:])


def lines(*pages: list[str]) -> list[Line]:
    return [Line(text, 10, False, number) for number, page in enumerate(pages) for text in page]


def test_running_heads_and_page_numbers_go():
    pages = [
        ["Acme Ltd · Privacy", f"Clause {n} is about a thing called {chr(97 + n)}.", f"Page {n} of 5"] for n in range(5)
    ]

    assert reflow(lines(*pages)) == "\n\n".join(f"Clause {n} is about a thing called {chr(97 + n)}." for n in range(5))


def test_a_paragraph_goes_on_over_the_page():
    pages = [["You agree that we may use the content which you upload to the"], ["service for running it."]]

    assert (
        reflow(lines(*pages)) == "You agree that we may use the content which you upload to the service for running it."
    )


def test_divided_words_are_joined():
    assert reflow(lines(["We use informa-", "tion of yours."])) == "We use information of yours."


def test_list_marks_begin_items():
    assert (
        reflow(lines(["We may:", "• read it", "• keep it", "(a) and more"]))
        == "We may:\n\n- read it\n\n- keep it\n\n(a) and more"
    )


PLAIN = Line("We may use the content that you upload for any purpose that we think fit.", 10, False, 0)


@pytest.mark.parametrize(
    "flow",
    [
        [("You give us a licence to everything that you upload and", True), ("we may use it.", False)],
        [("You give us a licence to everything that you upload", False), ("and keep the rest for yourself", True)],
        [("We keep it safe. We never sell personal data to anybody in the", True), ("world.", False)],
    ],
)
def test_bold_words_inside_a_paragraph_head_nothing(flow):
    found = reflow([PLAIN, *(Line(text, 10, bold, 0) for text, bold in flow), PLAIN])

    assert " ".join(text for text, _ in flow) in found
    assert "**" not in found


def test_a_bold_line_between_paragraphs_is_a_heading():
    found = reflow([PLAIN, Line("What Acme Corp. May Do", 10, True, 0), PLAIN])

    assert found.split("\n\n")[1] == "**What Acme Corp. May Do**"


def test_no_lines_give_no_text():
    assert reflow([]) == ""
