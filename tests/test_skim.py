"""Skimming: equal skims mean equal readings; what reading cannot see makes no difference to a skim."""

import csv
import tarfile
from collections.abc import Callable

import pytest
from bs4.element import Tag
from histories import FILLER, page
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.extract import read, relatives, skim
from tracker.model import Page, Range, Source

URL = "https://tunely.example/terms"
FREE = Source(URL)
TEXT = page(filler=[part for n in range(9) for part in (*FILLER, f"Part {n}.")])


def skimmed(html: str, source: Source = FREE, recipe: str = "") -> bytes | None:
    return skim.skim([Page(URL, "text/html; charset=utf-8", html.encode())], [source], recipe)


def within(part: str) -> str:
    """The page with something at the end of its text."""
    return TEXT.replace("</main>", f"{part}</main>")


def cipher(address: str, key: int) -> str:
    return bytes((key, *(key ^ byte for byte in address.encode()))).hex()


UNSEEN: dict[str, tuple[str, str]] = {
    "what a script holds": ("<script>var a = 1</script>", "<script>let visit = 'x'</script>"),
    "another script beside it": ("<script>1</script>", "<script src='/a.js'></script><script>2</script>"),
    "what a style holds": ("<style>p {}</style>", "<style>b { color: red }</style>"),
    "what a comment holds": ("<!-- 12:00 -->", "<!-- 12:01 -->"),
    "a nonce": ("<p nonce='a' data-reactid='1'>x</p>", "<p nonce='b' data-reactid='2'>x</p>"),
    "the key of a hidden address": tuple(
        f"<a href='/cdn-cgi/l/email-protection' class='__cf_email__' data-cfemail='{cipher('a@b.example', key)}'>x</a>"
        for key in (7, 99)
    ),
    "a session in a link": ("<a href='/help?sid=123'>Help</a>", "<a href='/help?sid=456'>Help</a>"),
    "a style that is only looks": ("<p style='color: red'>x</p>", "<p style='color: blue'>x</p>"),
    "where a frame shows something": ("<iframe src='/a?1'></iframe>", "<iframe src='/a?2'></iframe>"),
}
SEEN: dict[str, tuple[str, str]] = {
    "words": ("<p>We may train.</p>", "<p>We may not train.</p>"),
    "what parts two words": ("un<!-- -->fair", "unfair"),
    "where a link leads": ("<a href='/privacy'>More</a>", "<a href='/ai-terms'>More</a>"),
    "a class": ("<div class='cookie-banner'>We use cookies</div>", "<div class='text'>We use cookies</div>"),
    "a style that hides": ("<p><b style='display: none'>not</b> x</p>", "<p><b style='color: red'>not</b> x</p>"),
    "a hidden address": tuple(f"<i data-cfemail='{cipher(one, 7)}'>x</i>" for one in ("a@b.example", "c@d.example")),
    "how a list counts": ("<ol type='a'><li>x</li></ol>", "<ol type='i'><li>x</li></ol>"),
    "text that looks like a mark": ("<p>&lt;b</p>", "<p>/b</p>"),
}


@pytest.mark.parametrize(("one", "other"), UNSEEN.values(), ids=UNSEEN)
def test_what_reading_cannot_see_makes_no_difference(one, other):
    assert skimmed(within(one)) == skimmed(within(other)) is not None
    assert reading(within(one)) == reading(within(other))


@pytest.mark.parametrize(("one", "other"), SEEN.values(), ids=SEEN)
def test_what_reading_may_see_makes_a_difference(one, other):
    assert skimmed(within(one)) != skimmed(within(other))


def reading(html: str, source: Source = FREE):
    found = Page(URL, "text/html; charset=utf-8", html.encode())
    return read(found, source), relatives.find(found)


@pytest.mark.parametrize(
    "source",
    [
        Source(URL, ("[data-x='1']",)),
        Source(URL, ("p:nth-of-type(2)",)),
        Source(URL, (Range("[data-x='1']", "footer", False, False),)),
        Source(URL, (), ("script + p",)),
        Source(URL, (), ("a[href*=sid]",)),
        Source(URL, ("script",)),
        Source(URL, ("*",)),
        Source(URL, ("#app",)),
    ],
    ids=str,
)
def test_what_a_selector_asks_for_makes_a_difference(source):
    one = within("<p data-x='1'>x</p><a href='?sid=1'>x</a><script id='app'>1</script><p>z</p>")
    other = within("<p data-x='2'>x</p><a href='?s=1'>x</a><script>2</script><script>3</script><p>z</p>")
    assert skimmed(one, source) is None or skimmed(one, source) != skimmed(other, source)


def test_a_page_that_is_read_by_other_code_or_another_declaration_is_not_the_same():
    assert skimmed(TEXT, recipe="a") != skimmed(TEXT, recipe="b")


@pytest.mark.parametrize("body", [b"", b"%PDF-1.7", b"plain words " * 900, b"<p>short</p>", b"<p>" * 200_000])
def test_what_is_no_page_of_usual_size_is_always_read(body):
    assert skim.skim([Page(URL, "text/html", body)], [FREE], "") is None


PIECES = st.sampled_from([part for pair in (*UNSEEN.values(), *SEEN.values()) for part in pair])
EDITS = st.lists(st.one_of(PIECES, st.text("<>/!-'\"= abcp&;#0\n", max_size=12)), max_size=6)


@settings(deadline=None)  # a first reading loads what later ones have
@given(EDITS, EDITS)
def test_equal_skims_mean_equal_readings(first, second):
    one, other = within("".join(first)), within("".join(second))
    if skimmed(one) is not None and skimmed(one) == skimmed(other):
        assert reading(one) == reading(other)


@given(st.binary(max_size=300))
def test_no_bytes_make_it_fail(body):
    skim.skim([Page(URL, "text/html", b"<html><body>" + body * 40)], [FREE], "")


def captures(corpus, each: int):
    """Neighbouring captures of real documents between which no word changed, with what their declaration says."""
    for folder in sorted((corpus / "replay" / "docs").glob("*/*")):
        with (folder / "changes.csv").open(encoding="utf-8") as file:
            steps = [row for row in csv.DictReader(file) if row["label"] == "none"][::each]
        with (folder / "captures.csv").open(encoding="utf-8") as file:
            files = {row["timestamp"]: row for row in csv.DictReader(file) if "html" in row["content_type"]}
        with tarfile.open(folder / "captures.tar.xz") as packed:
            for step in steps:
                if {step["from_ts"], step["to_ts"]} <= files.keys():
                    yield [
                        Page(row["url"], row["content_type"], packed.extractfile(row["file"]).read())
                        for row in (files[step["from_ts"]], files[step["to_ts"]])
                    ]


@pytest.mark.corpus
def test_equal_skims_of_real_pages_mean_equal_readings(corpus):
    same = 0
    pairs = list(captures(corpus, 25))
    for pair in pairs:
        first, second = (skim.skim([one], [FREE], "") for one in pair)
        if first is not None and first == second:
            same += 1
            assert len({read(one, FREE) for one in pair}) == 1
            assert len({relatives.find(one) for one in pair}) == 1
    assert same > len(pairs) / 5  # else it is of no use


@pytest.mark.corpus
def test_reading_asks_for_no_attribute_that_is_left_out(corpus, monkeypatch):
    asked: set[str] = set()

    def noting(method: Callable) -> Callable:
        def noted(tag, name, *rest):
            asked.add(name)
            return method(tag, name, *rest)

        return noted

    for name in ("get", "has_attr", "__getitem__"):
        monkeypatch.setattr(Tag, name, noting(getattr(Tag, name)))
    for one, _ in captures(corpus, 80):
        read(one, FREE)
    asked.remove("charset")  # by Beautiful Soup itself
    assert {"class", "href", "style"} <= asked <= skim.ASKED
