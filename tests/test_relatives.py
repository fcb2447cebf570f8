"""New legal documents: links to them on a watched page are found, told once, and never those that were always there."""

import pytest
from histories import LICENCE, Archive, page

from tracker.extract.relatives import MOST, find, same_page
from tracker.model import Page
from tracker.store.relatives import new_relatives

HOME = "https://www.tunely.example/terms"


def found(html: str | bytes, url: str = HOME, kind: str = "text/html"):
    return find(Page(url, kind, html.encode() if isinstance(html, str) else html))


@pytest.mark.parametrize(
    ("link", "kind"),
    [
        ('<a href="/ai-terms">AI terms</a>', "AI Policy"),
        ('<a href="https://legal.tunely.example/x1">Generative AI policy</a>', "AI Policy"),
        ('<a href="/x2">Datenschutzerklärung</a>', "Privacy Policy"),
        ('<a href="/legal/community-guidelines"><img alt=""></a>', "Community Guidelines"),
        ('<a href="/x3"><span>Conditions</span> générales</a>', "Terms of Service"),
    ],
)
def test_a_link_is_known_by_its_words_or_its_address(link, kind):
    assert [one.terms_type for one in found(f"<main><p>Text</p></main><footer>{link}</footer>")] == [kind]


@pytest.mark.parametrize(
    "link",
    [
        '<a href="/songs">Songs</a>',
        '<a href="#terms">Terms</a>',
        '<a href="/terms/">Terms</a>',
        '<a href="https://tunely.example/terms#two">Terms</a>',
        '<a href="https://other.example/terms">Terms of our supplier</a>',
        '<a href="javascript:terms()">Terms</a>',
        '<a href="mailto:privacy@tunely.example">Privacy</a>',
        "<a>Terms</a>",
    ],
)
def test_what_is_no_other_legal_text_of_the_platform_is_left_out(link):
    assert found(link) == ()


def test_one_address_is_told_once_however_it_is_written():
    links = '<a href="http://tunely.example/privacy">Privacy</a><a href="/privacy/?utm_source=x">Privacy policy</a>'
    assert [one.url for one in found(links)] == ["http://tunely.example/privacy"]


@pytest.mark.parametrize("body", [b"", b"%PDF-1.4", b'{"a": 1}', b"\xff\xfe\x00", b"<a href=" * 5000])
def test_no_bytes_make_it_fail(body):
    found(body, kind="")


def test_a_page_of_links_is_bounded():
    assert len(found("".join(f'<a href="/terms-{n}">Terms {n}</a>' for n in range(3000)))) <= MOST


def test_addresses_of_one_page_are_the_same():
    assert same_page("https://www.a.example/t/") == same_page("http://A.example/t".replace("A.", "a."))
    assert same_page("https://a.example/t?x=1") != same_page("https://a.example/t?x=2")


def linked(*links: str) -> str:
    return page(LICENCE).replace(
        "</body>", "".join(f'<footer><a href="{url}">{url[1:].replace("-", " ")}</a></footer>' for url in links)
    )


def test_a_link_that_comes_later_is_new_once(tmp_path):
    archive = Archive(tmp_path / "tracker.db")
    assert archive.look(linked("/privacy")).relatives == ()
    assert [one.url for one in archive.look(linked("/privacy", "/ai-terms")).relatives] == [
        "https://tunely.example/ai-terms"
    ]
    assert archive.look(linked("/privacy")).relatives == ()
    assert archive.look(linked("/ai-terms", "/privacy")).relatives == ()
    with archive.read() as store:
        assert [(name, one.terms_type) for name, _, one in new_relatives(store)] == [
            ("tunely/terms-of-use", "AI Policy")
        ]


def test_what_another_page_of_the_platform_had_is_not_new(tmp_path):
    archive = Archive(tmp_path / "tracker.db")
    other = {"name": "tunely/privacy", "terms": "Privacy", "url": "https://tunely.example/privacy"}
    archive.look(linked("/ai-terms"), **other)
    archive.look(linked())
    assert archive.look(linked("/ai-terms")).relatives == ()


def test_a_wall_links_to_nothing_new(tmp_path):
    archive = Archive(tmp_path / "tracker.db")
    archive.look(linked())
    wall = "<title>Just a moment...</title><h1>Checking your browser</h1><a href='/terms-of-wall'>Terms</a>"
    assert archive.look(wall).relatives == ()
