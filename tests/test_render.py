"""Values to HTML: everything escaped, links that are safe, dates in words, marks that say what they mean."""

import json
from html.parser import HTMLParser

import pytest
from hypothesis import given
from hypothesis import strategies as st
from jinja2 import UndefinedError
from payloads import PAYLOADS

from tracker import render
from tracker.text import split
from tracker.views import front
from tracker.views.passages import pieces

ALLOWED = {"ins", "del", "mark", "em", "strong", "a"}


PIECES = st.fixed_dictionaries(
    {"text": st.text(max_size=20)},
    optional={
        "op": st.sampled_from("+-"),
        "mark": st.booleans(),
        "strong": st.booleans(),
        "link": st.text(max_size=20),
    },
)
NO_LINKS = (
    "",
    "javascript:alert(1)",
    "JAVASCRIPT:x",
    " java\tscript:x",
    "data:text/html,x",
    "//evil.example",
    "/path",
    "vbscript:x",
    "https:alert(1)",
    "http://a.example\\@evil.example",
    "https://a.example/\nx",
    "file:///etc/passwd",
    "http://[broken",
    "blob:https://a.example/x",
    "ftp://a.example",
    "tel:+1",
)


class Tags(HTMLParser):
    """The elements of a piece of HTML with their attributes, and its text."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict]] = []
        self.text = ""
        self.feed(str(html))
        self.close()

    def handle_starttag(self, tag, attrs):
        self.found.append((tag, dict(attrs)))

    def handle_data(self, data):
        self.text += data


# ---- clauses -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("payload", PAYLOADS)
def test_no_payload_in_a_clause_becomes_anything_but_text_and_safe_links(payload):
    for clause in split(f"We say {payload} here"):
        for tag, attributes in Tags(render.clause(pieces(clause))).found:
            assert tag in ALLOWED
            assert set(attributes) <= {"href", "rel"}
            assert attributes.get("href", "https:").partition(":")[0] in ("http", "https", "mailto")


@given(st.lists(PIECES, max_size=5))
def test_the_text_of_pieces_comes_through_whatever_it_is(found):
    parsed = Tags(render.clause(found))
    assert {tag for tag, _ in parsed.found} <= ALLOWED
    # The parser turns carriage returns and NULs into other signs, as browsers do.
    clean = str.maketrans({"\r": "", "\0": "", "\n": ""})
    assert parsed.text.translate(clean) == "".join(piece["text"] for piece in found).translate(clean)


def test_what_came_and_went_is_marked_and_neighbours_share_a_mark():
    html = render.clause([{"text": "We "}, {"text": "may ", "op": "+"}, {"text": "train", "op": "+", "mark": True}])
    assert html == "We <ins>may <mark>train</mark></ins>"
    assert render.clause([{"text": "never", "op": "-", "strong": True}]) == "<del><strong>never</strong></del>"


def test_a_link_of_a_clause_is_followed_without_telling_where_from():
    html = render.clause([{"text": "policy", "link": "https://a.example/p?a=1&b=2"}])
    expected = '<a href="https://a.example/p?a=1&amp;b=2" rel="nofollow noopener noreferrer">policy</a>'
    assert html == expected


# ---- links -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("url", ["https://a.example/x?y=1#z", "http://a.example", "mailto:terms@a.example"])
def test_addresses_of_the_web_and_of_mail_are_links(url):
    assert render.href(url) == url


@pytest.mark.parametrize("url", NO_LINKS)
def test_everything_else_is_text(url):
    assert render.href(url) is None


def test_an_address_with_other_letters_is_written_so_that_it_works():
    assert render.href("https://a.example/été") == "https://a.example/%C3%A9t%C3%A9"


def test_links_of_the_site_are_relative_so_that_it_works_from_any_folder():
    link = render.linker("change/a/b/2024/")
    assert link("") == "../../../../index.html"
    assert link("version/a/b/2024/#c-1") == "../../../../version/a/b/2024/index.html#c-1"
    assert link("assets/site.css") == "../../../../assets/site.css"
    assert render.linker("")("method/") == "method/index.html"


# ---- words -------------------------------------------------------------------------------------------------------


def test_moments_are_told_in_words():
    assert render.in_words("2024-02-11T06:02:09Z") == "11 Feb 2024 06:02 UTC"
    assert render.in_words("2024-02-11T06:02:09Z", True) == "11 Feb 2024 06:02:09 UTC"
    assert render.day("2024-02-11T06:02:09Z") == "11 Feb 2024"
    assert render.day(None) == "not stated"
    assert render.month("2024-02") == "February 2024"


@pytest.mark.parametrize("code", ["en", "pt-BR", "zh-Hant-TW"])
def test_the_language_of_a_quote_is_named(code):
    assert render.language(code) == f' lang="{code}" dir="auto"'


@pytest.mark.parametrize("code", [None, "", 'en" onclick="x', "<b>", "e", "en_US; x"])
def test_what_is_no_language_is_not_named(code):
    assert render.language(code) == ' dir="auto"'


# ---- pages -------------------------------------------------------------------------------------------------------


def test_a_page_carries_its_own_policy_and_asks_no_other_host_for_anything():
    html = render.page("method", front.method(), "method/").decode()
    tags = Tags(html).found
    policy = next(attributes for tag, attributes in tags if attributes.get("http-equiv") == "Content-Security-Policy")
    assert "default-src 'none'" in policy["content"]
    assert "unsafe" not in policy["content"]
    for tag, attributes in tags:
        assert "style" not in attributes
        assert not [name for name in attributes if name.startswith("on")]
        if tag in ("script", "link", "img"):
            assert "//" not in (attributes.get("src") or attributes.get("href"))
        if tag == "script":
            assert attributes["src"].endswith(f"site.js?{render.assets_version()}")


def test_a_missing_value_is_an_error_and_not_a_blank():
    with pytest.raises(UndefinedError):
        render.page("method", {"kind": "method", "title": "x"}, "method/")


def test_every_template_escapes():
    for name in render.environment().list_templates(extensions=["html"]):
        assert render.environment().from_string("{{ x }}").render(x="<b>") == "&lt;b&gt;"
        assert "|safe" not in render.environment().loader.get_source(render.environment(), name)[0].replace(" ", "")


def test_the_twin_of_a_page_is_json_with_stable_keys_and_holds_any_text():
    body = render.twin({"b": 1, "a": "é\ud800"})
    assert body.startswith(b'{"a": "')
    assert json.loads(body)["b"] == 1
