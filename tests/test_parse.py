"""Whatever a page is made of, its tree has bounded size and depth, and its words are kept."""

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.extract.parse import DEEPEST, parse

URL = "https://example.org/terms"


def depth(soup) -> int:
    return max((len(list(tag.parents)) for tag in soup.find_all(True)), default=0)


@pytest.mark.parametrize("tag", ["div", "b", "ul", "table", "span"])
def test_deep_pages_become_shallow_and_keep_their_words(tag):
    parsed = parse(f"<{tag}>" * 5000 + "the clause" + f"</{tag}>" * 5000 + "<p>after", URL)

    assert "too-deep" in parsed.signals
    assert depth(parsed.soup) <= DEEPEST + 1
    assert "the clause" in parsed.soup.get_text()
    assert "after" in parsed.soup.get_text()


def test_pages_of_ordinary_depth_are_left_alone():
    parsed = parse("<div>" * 40 + "<p>x", URL)

    assert parsed.signals == ()


def test_a_page_of_a_million_tags_comes_as_paragraphs():
    start = time.process_time()
    parsed = parse("<p>some <b>words</b></p><script>x = 1</script>" * 60_000, URL)

    assert parsed.signals == ("too-large",)
    assert parsed.soup.p.get_text() == "some words"
    assert "x = 1" not in parsed.soup.get_text()
    assert time.process_time() - start < 8


@pytest.mark.parametrize(
    "page",
    [
        "<p " + " ".join(f"a{n}=1" for n in range(100_000)) + ">clause</p>",
        "<p class='" + "x " * 500_000 + "'>clause</p>",
        "<!--" * 200_000 + "<p>clause",
        "&amp;" * 300_000 + "clause",
        "<p>clause</p>" + "<" * 1_000_000,
        "<p>clause" + "</div>" * 100_000,
        "<a " * 300_000,
        "\x00<p>clause",
        "<![CDATA[" * 10_000 + "clause",
    ],
    ids=range(9),
)
def test_hostile_pages_cost_little(page):
    start = time.process_time()
    parse(page, URL)

    assert time.process_time() - start < 4


@given(st.text(alphabet="<>/!-=\"' abdivscriptpmeta&;#x0\x00\n", max_size=200))
def test_no_characters_raise(text):
    assert parse(text, URL).base


@pytest.mark.parametrize(
    ("page", "address"),
    [
        ("<meta http-equiv=Refresh content='0; url=/new'>", "https://example.org/new"),
        ("<script>window.location.href = 'https://example.org/new'</script>", "https://example.org/new"),
        ("<meta http-equiv=refresh content='600'>", ""),
        ("<meta http-equiv=refresh content='300; url=/new'>", ""),
        ("<meta http-equiv=refresh content='0; url=javascript:x'>", ""),
        ("<p>location</p>", ""),
    ],
)
def test_a_page_that_only_leads_elsewhere_says_where(page, address):
    assert parse(page, URL).refresh == address


def test_a_frame_around_a_document_is_named():
    assert parse("<embed type=application/pdf src=/terms.pdf>", URL).viewer == "https://example.org/terms.pdf"
    assert parse("<frameset><frame src=/inner.html></frameset>", URL).viewer == "https://example.org/inner.html"


def test_what_the_page_says_of_itself_is_kept():
    parsed = parse("<html lang=de><title> Unsere\n AGB </title><base href='/de/'><p>x</html>", URL)

    assert (parsed.title, parsed.language, parsed.base) == ("Unsere AGB", "de", "https://example.org/de/")
    assert parsed.is_closed
    assert not parse("<html><p>cut he", URL).is_closed
