"""What readers see becomes Markdown: one line a paragraph, one blank line between blocks."""

import html

import pytest
from bs4 import BeautifulSoup
from hypothesis import example, given
from hypothesis import strategies as st

from tracker.extract.characters import clean
from tracker.extract.markdown import BLOCKS, convert
from tracker.extract.tables import MOST
from tracker.text import split


def markdown(html: str, **options) -> str:
    return convert([BeautifulSoup(html, "lxml")], "https://example.org/terms", **options)


@pytest.mark.parametrize(
    ("what", "html", "expected"),
    [
        ("paragraphs", "<p>one\n two</p><p>three</p>", "one two\n\nthree"),
        ("headings", "<h2>Your <b>content</b> <a href='#c'>#</a></h2>", "## Your content"),
        ("heading by role", "<div role=heading aria-level=3>Fees</div>", "### Fees"),
        ("emphasis", "<p><b>bold </b><strong>more</strong> <i>and</i> so</p>", "**bold more** *and* so"),
        ("bold by style", "<p><span style='font-weight:700'>Fees</span></p>", "**Fees**"),
        ("links", "<p>See <a href='/p'> our policy</a>.</p>", "See [our policy](https://example.org/p)."),
        ("links to the page itself", "<p>See <a href='#p'>below</a>.</p>", "See below."),
        ("brackets in links", "<p><a href='/p'>[1]</a></p>", "[(1)](https://example.org/p)"),
        ("lists", "<ul><li>a<li>b<ul><li>c</ul></ul>", "- a\n- b\n  - c"),
        ("numbered lists", "<ol start=3><li>a<ol type=a><li>b</ol><li>c</ol>", "3. a\n   - a. b\n4. c"),
        ("numbers in the text win", "<ol><li>1.1 Scope</ol>", "- 1.1 Scope"),
        ("items in wrappers", "<ol><span><li>a</li></span><div><li>b</li></div></ol>", "1. a\n2. b"),
        ("paragraphs in items", "<ul><li><p>a</p><p>b</p></ul>", "- a\n\n  b"),
        ("numbered headings", "<ol><li><h3>Fees</h3><p>You pay.</p></ol>", "### 1. Fees\n\nYou pay."),
        ("typed bullets", "<p>• one<br>• two</p>", "- one\n- two"),
        ("definitions", "<dl><dt>Content</dt><dd>What you post.</dd></dl>", "**Content**\n\nWhat you post."),
        ("collapsible parts", "<details><summary>More</summary>Hidden</details>", "**More**\n\nHidden"),
        (
            "titles in buttons",
            "<button aria-expanded=false>More</button><div hidden>Hidden</div>",
            "**More**\n\nHidden",
        ),
        ("other buttons", "<p>a</p><button>Copy</button>", "a"),
        (
            "titles that open a part",
            "<x-header aria-expanded=false>More</x-header><div>Hidden</div>",
            "**More**\n\nHidden",
        ),
        ("elements that stand for blocks", "<span data-as=p>a</span><span data-as=p>b</span>", "a\n\nb"),
        ("line breaks that mean it", "<p><b>Fees</b><br>You pay.<br>We take.</p>", "**Fees**\n\nYou pay.\n\nWe take."),
        ("line breaks that do not", "<p>You may<br>not pay.</p>", "You may not pay."),
        ("struck words", "<p>We will <s>not</s> <del>ever </del>train</p>", "We will ~~not ever~~ train"),
        (
            "hidden words in a line",
            "<p>We will <span style='display: none'>not</span> <b hidden>x</b>go.</p>",
            "We will go.",
        ),
        ("hidden parts that open", "<p>We <span id=more style='display:none'>train AI.</span></p>", "We train AI."),
        ("quotations", "<p>the <q>Service</q></p>", "the “Service”"),
        ("asterisks", "<p>5* hotels*</p>", "5\\* hotels\\*"),
        ("preformatted text", "<pre>one\ntwo\n\nthree</pre>", "one\n\ntwo\n\nthree"),
        ("frames written in the page", "<iframe srcdoc='&lt;p&gt;inner&lt;/p&gt;'></iframe>", "inner"),
        ("shadow roots", "<div><template shadowrootmode=open><p>in</p></template></div>", "in"),
        ("no scripts, styles, images", "<script>a</script><style>b</style><p>c<img alt=d></p><svg>e</svg>", "c"),
        ("hidden text is kept", "<p style='display:none'>a</p><p hidden aria-hidden=true>b</p>", "a\n\nb"),
        ("entities that decode into tags", "<p>&lt;script&gt;x&lt;/script&gt;</p>", "\\<script>x\\</script>"),
        ("blocks by style", "<span style='display:block'>a</span><span style='display: block'>b</span>", "a\n\nb"),
        ("bold around blocks", "<div style='font-weight: bold'><p>a</p><p>b</p></div>", "**a**\n\n**b**"),
    ],
)
def test_each_thing_that_readers_see(what, html, expected):
    assert markdown(html) == expected, what


def test_a_hidden_mail_address_is_decoded():
    cipher = bytes([7, *(byte ^ 7 for byte in b"privacy@example.org")]).hex()
    shown = f"<span data-cfemail='{cipher}'>[hidden]</span>"
    html = f"<p>Write to <a href='/cdn-cgi/l/email-protection#{cipher}'>{shown}</a></p>"

    assert markdown(html) == "Write to privacy@example.org"


@pytest.mark.parametrize(
    "link",
    [
        "<a href='#f'>#</a>",
        "<a href='#f'>&para;&#8203;</a>",
        "<a href='#f'><span>Link to this section</span></a>",
        "<a href='/terms#f' title='Permalink'>Permalink to this heading</a>",
        "<a href='#f'></a>",
    ],
)
def test_a_heading_is_read_without_its_link_to_itself(link):
    assert markdown(f"<h2 id=f>Fees {link}</h2><p>See <a href='#f'>Fees</a>.</p>") == "## Fees\n\nSee Fees."


class TestTables:
    """A row is a clause, so each row must read alone; what is only laid out as a table is text."""

    def test_rows_and_columns(self):
        html = "<table><thead><tr><th>Data<th>Purpose<tbody><tr><td>Name<td>Login|out</table>"

        assert markdown(html) == "| Data | Purpose |\n| --- | --- |\n| Name | Login\\|out |"

    def test_a_cell_over_several_rows_is_repeated_in_each(self):
        html = "<table><tr><th>A<th>B<tr><td rowspan=2>x<td>1<tr><td>2</table>"

        assert markdown(html).endswith("| x | 1 |\n| x | 2 |")

    def test_columns_without_words_are_left_out(self):
        assert markdown("<table><tr><th>A<th><th>B<tr><td>1<td><td>2</table>").endswith("| 1 | 2 |")

    def test_a_cell_over_several_columns_stands_once(self):
        assert "| x |  |" in markdown("<table><tr><th>A<th>B<tr><td colspan=2>x</table>")

    @pytest.mark.parametrize(
        "html",
        [
            "<table><tr><td><p>a</p><td><p>" + "b " * 400 + "</p></table>",
            "<table><tr><td>a</td></tr><tr><td>b</td></tr></table>",
            "<table><tr><td>a<td><table><tr><td>b<td>c</table></table>",
        ],
    )
    def test_a_frame_for_text_is_not_a_table(self, html):
        assert not markdown(html).startswith("| a")

    def test_spans_that_would_multiply_the_text_are_not_followed(self):
        cell = "<td rowspan=50 colspan=50>" + "x" * 500
        html = "<table>" + f"<tr>{cell}{cell}" * 100 + "</table>"

        assert len(markdown(html)) < 2 * len(html)

    @pytest.mark.parametrize(
        "html",
        [
            f"<table><tr>{'<td>a' * 9000}{'<tr><td>b' * 9000}</table>",
            f"<table><tr>{'<td>a' * 300}{'<tr><td>b' * 300}</table>" * 20,
            f"<table><tr><td rowspan=50>{'a' * 590}<td>b{'<tr><td>c' * 50}</table>" * 100,
        ],
        ids=["one wide and high", "many", "cells that reach down"],
    )
    def test_filling_up_rows_never_makes_a_page_much_longer(self, html):
        assert len(markdown(html)) < MOST + len(html)

    def test_a_cell_reaches_down_as_many_rows_as_it_says_however_short_they_are(self):
        html = "<table><tr><td>a<td>b<td rowspan=2>c<tr><td>d<tr><td>e<td>f</table>"

        assert markdown(html).endswith("| d |  |  |\n| e | f |  |")


def test_a_paragraph_of_many_broken_lines_is_joined_at_once():
    assert markdown(f"<p>{'we may share data<br>' * 20_000}</p>").count("we may share data") == 20_000


def test_parts_can_be_skipped():
    soup = BeautifulSoup("<p>a</p><div>b</div>", "lxml")

    assert convert([soup], skip={id(soup.div)}) == "a"


def test_clauses_come_out_as_they_went_in():
    """The splitter sees each paragraph, item and row of the page as one clause."""
    html = (
        "<h1>Terms</h1><p>You pay. We serve.</p><ol type=a><li>one</li><li>two</li></ol><table><tr><td>a<td>b</table>"
    )

    assert [(clause.kind, clause.text) for clause in split(markdown(html))] == [
        ("heading", "Terms"),
        ("paragraph", "You pay. We serve."),
        ("item", "one"),
        ("item", "two"),
        ("row", "a | b"),
    ]


VISIBLE = st.one_of(
    st.text(max_size=60),
    st.text(alphabet="ab 1.()[]!<>/\\*_`~#=-|&;:\"'", max_size=40),
    st.lists(
        st.sampled_from(
            ["We", "may use it", "[note](", "any sentence)", "<b ", ">", "```", "~~~", "\\", "&lt;", "](a.b)", "<br>"]
            + ["#", "==", "--", "|", "<http://a.b>", "![", "_", "**", " "]
        ),
        max_size=9,
    ).map("".join),
)


def read_back(markdown_text: str) -> str:
    return "".join("".join(f"{c.label}{c.text}".split()) for c in split(markdown_text))


@given(VISIBLE, st.integers(0, 60))
@example("&LT;", 1)
@example("a&#6", 3)
def test_whatever_stands_in_a_paragraph_is_read_back_as_it_is_seen(text, cut):
    """Words that are swallowed as marks of Markdown or HTML would be a change that nobody sees. Only a mark that makes
    a list item may go."""
    seen = "".join(clean(BeautifulSoup(f"<p>{html.escape(text)}</p>", "lxml").get_text()).split())
    one, two = html.escape(text[:cut]), html.escape(text[cut:])
    for page in (f"<p>{html.escape(text)}</p>", f"<p>{one}<span>{two}</span></p>"):
        found = read_back(markdown(page))

        assert found.lstrip(BULLETS) == seen.lstrip(BULLETS) or not any(map(str.isalnum, seen))


BULLETS = "-–—*+•●▪◦‣⁃∙■□➢➤✓✔·○"

TAGS = st.sampled_from(sorted(BLOCKS | {"b", "i", "a", "span", "br", "button", "q"}))
TREES = st.recursive(
    st.text(max_size=12),
    lambda inner: st.tuples(TAGS, st.lists(inner, max_size=4)).map(lambda t: f"<{t[0]}>{''.join(t[1])}</{t[0]}>"),
    max_leaves=20,
)


@given(TREES)
def test_any_tree_gives_clean_lines(html):
    text = markdown(html)

    assert text == text.strip("\n")
    assert "\n\n\n" not in text
    assert not set(text) & set("\x01\x02\x03\x04\x05\x06\x07\x0b\x00")
