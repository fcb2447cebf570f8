"""From bytes to a reading: with selectors, without, and never an exception."""

import time
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker import extract
from tracker.extract import join, read
from tracker.model import Page, Range, Reading, Source, Verdict

URL = "https://example.org/legal/terms"
BAD = Path(__file__).parent / "bad"
CLAUSE = "You agree that we may use the content that you upload in order to run and improve the service. "
TERMS = "<h1>Terms of Service</h1>" + "".join(f"<h2>{n}. Part</h2><p>Number {n}: {CLAUSE}</p>" for n in range(1, 9))
BODY = f"<body><nav><a href=/>Home</a></nav><main id=t>{TERMS}</main></body>"
HTML = f"<html lang=en><title>Terms | Acme</title>{BODY}</html>"


def page(body: str | bytes, content_type: str = "text/html; charset=utf-8") -> Page:
    return Page(URL, content_type, body.encode() if isinstance(body, str) else body)


def test_a_page_is_read_without_selectors():
    reading = read(page(HTML), Source(URL))

    assert reading.text.startswith("# Terms of Service\n\n## 1. Part\n\nNumber 1: You agree")
    assert (reading.title, reading.language, reading.method, reading.signals) == ("Terms of Service", "en", "main", ())
    assert reading.words > 100
    assert reading.confidence > 0.8


def test_selectors_decide_where_they_are_given():
    reading = read(page(HTML), Source(URL, ("main",), ("h2",)))

    assert "Number 8" in reading.text
    assert "## 1." not in reading.text
    assert (reading.method, reading.confidence, reading.warnings) == ("selectors", 1.0, ())


def test_ranges_work_as_selectors():
    reading = read(page(HTML), Source(URL, (Range("h1", "h2:nth-of-type(7)", True, False),)))

    assert reading.text.startswith("## 1. Part")
    assert "Number 6" in reading.text
    assert "Number 7" not in reading.text


@pytest.mark.parametrize("selector", [".gone", "div >", "h1"])
def test_a_dead_selector_falls_back_and_says_so(selector):
    reading = read(page(HTML), Source(URL, (selector,)))

    assert "Number 8" in reading.text
    assert "selector-empty" in reading.signals
    assert any(selector in warning and "tracker repair" in warning for warning in reading.warnings)
    assert extract.assess(reading, None, None).verdict is Verdict.GOOD


def test_parameters_of_the_declaration_are_cut_from_links():
    html = HTML.replace("</main>", "<p>See <a href='/p?v=1&visit=9'>more of it here</a> if you like.</p></main>")

    assert "(https://example.org/p?v=1)" in read(page(html), Source(URL, drop_parameters=("visit",))).text


def test_a_cookie_dialog_inside_the_selected_part_is_noise():
    html = HTML.replace("</main>", "<div id=onetrust-banner-sdk><p>We use cookies of 12 vendors.</p></div></main>")

    assert read(page(html), Source(URL, ("body",))).text.count("vendors") == 0


@pytest.mark.parametrize("selector", ["body", "html", ":root"])
def test_a_selector_of_everything_chooses_nothing(selector):
    reading = read(page(HTML), Source(URL, (selector,), ("h1",)))

    assert "Home" not in reading.text
    assert not reading.text.startswith("# Terms")
    assert reading.signals == ()


class TestNotTheDocument:
    """What is no document gives a reading with the reason, and the verdict names it."""

    @pytest.mark.parametrize(
        ("body", "content_type", "signal"),
        [
            (b"", "text/html", "empty"),
            (b"\x89PNG\r\n\x1a\n", "text/html", "image"),
            (b'{"error": "not found"}', "application/json", "json"),
            (b'<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>', "application/xml", "xml"),
            (bytes(range(256)) * 40, "text/html", "binary"),
            (b"%PDF-1.7 broken", "application/pdf", "binary"),
            (b"<html><body></body></html>", "text/html", "empty"),
            (b"<html><body><div id=root></div><script>" + b"x=1;" * 1000 + b"</script></html>", "text/html", "shell"),
            (b"<html><noscript>Please enable JavaScript to use it.</noscript></html>", "text/html", "shell"),
            (b"<html><title>Just a moment...</title><p>Checking your browser</html>", "text/html", "bot-wall"),
            (b"<html><h1>404</h1><p>Page not found.</html>", "text/html", "error-page"),
            (b"<html><p>Please sign in to continue.<input type=password></html>", "text/html", "login"),
            (b"<html><meta http-equiv=refresh content='0;url=/b'><a href=/b>moved</a></html>", "text/html", "redirect"),
            (b"<html><embed src=/t.pdf type=application/pdf></html>", "text/html", "pdf-viewer"),
            (b"<frameset><frame src=/a><frame src=/b></frameset>", "text/html", "pdf-viewer"),
        ],
    )
    def test_it_says_what_it_is(self, body, content_type, signal):
        reading = read(page(body, content_type), Source(URL))
        quality = extract.assess(reading, None, None)

        assert signal in reading.signals
        assert quality.verdict is Verdict.NOT_DOCUMENT
        assert quality.message.endswith(".")

    def test_a_short_imprint_is_a_document_once_it_was_seen_twice(self):
        body = (
            "<html><title>Imprint</title><script>" + "x=1;" * 2000 + "</script><h1>Imprint</h1><p>Example GmbH, Example"
        )
        body += (
            " Street 1, 10115 Berlin, Germany. Managing director: Ann Example. Register court: Berlin, HRB 12345. VAT"
        )
        body += " number: DE123456789.</p></html>"
        reading = read(page(body), Source(URL))

        assert extract.assess(reading, None, None).reasons == ("short",)
        assert extract.assess(reading, None, reading).verdict is Verdict.GOOD

    def test_a_page_of_two_sentences_is_read_and_called_short(self):
        reading = read(page("<main><h1>Terms</h1><p>We train AI.</p><p>No refunds.</p></main>"), Source(URL))
        quality = extract.assess(reading, None, None)

        assert (reading.text, reading.signals) == ("# Terms\n\nWe train AI.\n\nNo refunds.", ())
        assert (quality.verdict, quality.reasons) == (Verdict.SUSPECT, ("short",))

    def test_a_few_words_without_a_sentence_are_no_document(self):
        reading = read(page("<h1>Acme</h1><p>Our page</p>"), Source(URL))

        assert extract.assess(reading, None, None).reasons == ("tiny",)

    def test_a_body_that_was_cut_says_so(self):
        assert "truncated" in read(page(HTML[:-300]), Source(URL)).signals


def test_thirty_languages_on_one_page_are_read_and_no_language_is_made_up():
    rows = "".join(f"<p>Zorb{n} flib quux glarp {n}</p>" for n in range(30))
    reading = read(page(f"<html>{rows}</html>"), Source(URL))

    assert reading.language is None


def test_plain_text_is_read_as_paragraphs():
    reading = read(page("TERMS\n\nYou agree to this.\n\n* Not bold *", "text/plain"), Source(URL))

    assert reading.text == "TERMS\n\nYou agree to this.\n\n\\* Not bold \\*"
    assert reading.method == "plain"


class TestJoin:
    """Documents that stand on several pages."""

    def test_the_parts_are_joined_in_order(self):
        one, two = Reading("First.", words=1, language="en"), Reading("Second.", title="T", words=1, confidence=0.5)
        whole = join([one, two])

        assert whole.text == "First.\n\n- - -\n\nSecond."
        assert (whole.words, whole.title, whole.language, whole.confidence) == (2, "T", "en", 0.5)

    def test_a_part_without_text_spoils_the_whole(self):
        whole = join([Reading("First. " * 100, words=100), Reading("", signals=("bot-wall",))])

        assert extract.assess(whole, None, None).verdict is Verdict.NOT_DOCUMENT
        assert extract.assess(join([Reading("First. " * 100, words=100), Reading("")]), None, None).reasons == (
            "empty",
        )

    def test_nothing_joined_is_nothing(self):
        assert join([]).text == ""


BIG = 300_000
HOSTILE = {  # pages made to cost
    "nested": lambda: b"<div>" * 100_000 + b"clause",
    "nested in lists": lambda: b"<ul><li>" * 20_000 + b"clause",
    "nested in tables": lambda: b"<table><tr><td>" * 20_000 + b"clause",
    "nested in headings": lambda: b"<h1><b>" * 20_000 + b"clause",
    "a million attributes": lambda: b"<p " + b" ".join(b"a%d=1" % n for n in range(1_000_000)) + b">clause",
    "one long attribute": lambda: b"<p class='" + b"x " * BIG + b"'>clause",
    "a link with many parameters": lambda: b"<a href='/x?" + b"a=1&" * 50_000 + b"'>clause</a>",
    "many links": lambda: b"<p>" + b"<a href='/x?utm_source=1'>a</a> " * 10_000,
    "ten megabytes of tags": lambda: b"<p>a" * 2_500_000,
    "eleven megabytes of text": lambda: b"<p>" + b"word " * 2_200_000,
    "entities": lambda: b"&lt;script&gt;&amp;lt;b&amp;gt;" * 20_000,
    "comments": lambda: b"<!--" * BIG,
    "brackets": lambda: b"<p>" + b"[[](" * BIG,
    "asterisks": lambda: b"<p>" + b"*_`" * BIG,
    "spaces": lambda: b"<p>a" + b" " * 5_000_000 + b"b",
    "line breaks": lambda: b"<p>a" + b"<br>" * 30_000 + b"b",
    "spans": lambda: b"<table>" + b"<tr><td rowspan=65000 colspan=1000>x" * 10_000,
    "zero width": lambda: b"<p>" + "a\u200b".encode() * BIG,
    "frames in frames": lambda: b"<iframe srcdoc=\"<iframe srcdoc='" + b"&lt;p&gt;" * 20_000 + b"'>\">",
    "one long word": lambda: b"a" * 2_000_000,
    "digits": lambda: b"<p>Updated " + b"1 " * BIG,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_no_page_costs_much(name):
    body = HOSTILE[name]()
    start = time.process_time()
    reading = read(page(body), Source(URL, ("p", "div div"), ("span span",)))

    assert isinstance(reading, Reading)
    assert time.process_time() - start < 10


def test_decoded_entities_never_become_tags():
    assert "<script>" in read(page("<p>&lt;script&gt;x()&lt;/script&gt; is text</p>"), Source(URL)).text


@pytest.mark.parametrize("path", sorted(BAD.glob("page-*")), ids=lambda path: path.name)
def test_bad_pages_kept_as_files(path):
    """The name of a file says the signal: page-<signal>-<what>.<ending>."""
    kinds = {".html": "text/html", ".txt": "text/plain", ".xml": "application/xml", ".pdf": "application/pdf"}
    reading = read(page(path.read_bytes(), kinds.get(path.suffix, "text/html")), Source(URL))

    assert any(path.name.startswith(f"page-{signal}-") for signal in reading.signals)


@given(st.binary(max_size=400), st.text(max_size=30), st.text(max_size=30))
def test_any_bytes_with_any_label_and_any_selector_give_a_reading(body, content_type, selector):
    reading = read(Page(URL, content_type, body), Source(URL, (selector,), (selector,)))

    assert isinstance(reading, Reading)
    reading.text.encode("utf-8")


@given(st.text(alphabet="<>/!-=\"' abdivscriptpmetatr&;#x0\x00\n\u200b*|[]()", max_size=300), st.text(max_size=20))
def test_any_markup_gives_the_same_reading_twice(text, url):
    assert read(Page(url, "text/html", text.encode()), Source(url)) == read(
        Page(url, "text/html", text.encode()), Source(url)
    )
