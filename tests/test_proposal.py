"""Who has only an address is told what the page is."""

from datetime import date

import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st

from tracker.extract.proposal import Proposal, propose
from tracker.model import Page

CLAUSE = "<p>You agree that we may use the content that you upload in order to run and improve the service.</p>"


def page(title: str, body: str, url: str = "https://help.acme-chat.co.uk/legal/terms", head: str = "") -> Page:
    html = f"<html><head><title>{title}</title>{head}</head><body>{body}</body></html>"
    return Page(url, "text/html; charset=utf-8", html.encode())


TERMS = page(
    "Terms | Acme Chat",
    f"<nav><a href=/>Home</a> <a href=/p>Prices</a></nav><div class='md-4 legal-text'><h1>Terms of Service</h1>"
    f"<p>Last updated: 3 March 2026</p>{CLAUSE * 20}</div><footer>All rights reserved by us.</footer>",
    head="<meta property=og:site_name content='Acme Chat'>",
)


def test_all_that_a_newcomer_needs():
    found = propose(TERMS)

    assert (found.platform, found.terms_type, found.title) == ("Acme Chat", "Terms of Service", "Terms of Service")
    assert (found.language, found.stated_date) == ("en", date(2026, 3, 3))
    assert found.select == ".legal-text"
    assert found.confidence > 0.8
    assert found.kept_words > 300
    assert found.kept.startswith("# Terms of Service")
    assert found.dropped == ("landmark, 2 words: Home Prices", "landmark, 5 words: All rights reserved by us.")


def test_a_selector_names_exactly_one_element():
    found = propose(TERMS)
    soup = BeautifulSoup(TERMS.body.decode(), "lxml")

    assert len(soup.select(found.select)) == 1


def test_names_that_a_build_makes_up_are_not_proposed():
    assert propose(page("x", f"<div class='css-1x2y3z flex p-4' id='__next42'>{CLAUSE * 20}</div>")).select is None


def test_a_selector_keeps_the_title():
    body = f"<main><h1>Terms of Service</h1><div class=legal-text>{CLAUSE * 20}</div></main>"

    assert propose(page("x", body)).select == "main"


def test_random_names_are_not_proposed():
    for name in ("xwnkcuf", "ljjjZl", "sc-kkmgbg", "p-4"):
        assert propose(page("x", f"<div class={name} id={name}><h1>Terms</h1>{CLAUSE * 20}</div>")).select is None


def test_a_page_of_several_documents_says_which():
    titles = ("Terms of Service", "Privacy Policy", "Cookie Policy")
    found = propose(page("Legal", "<main>" + "".join(f"<h2>{title}</h2>{CLAUSE * 8}" for title in titles) + "</main>"))

    assert found.documents == titles
    assert found.confidence < 0.7


def test_a_name_for_programs_is_no_platform():
    head = "<meta name=application-name content=web-front>"

    assert propose(page("x", CLAUSE, "https://acme.example/x", head)).platform == "Acme"


@pytest.mark.parametrize(
    ("title", "expected"),
    [
        ("Privacy Policy", "Privacy Policy"),
        ("Datenschutzerklärung", "Privacy Policy"),
        ("Politique de confidentialité", "Privacy Policy"),
        ("Allgemeine Geschäftsbedingungen", "Terms of Service"),
        ("Conditions générales d'utilisation", "Terms of Service"),
        ("Acceptable Use Policy", "Acceptable Use Policy"),
        ("Community Guidelines", "Community Guidelines"),
        ("Politique relative aux cookies", "Cookies Policy"),
        ("AI Policy", "AI Policy"),
        ("Developer Terms", "Developer Terms"),
        ("DMCA notices", "Copyright Claims Policy"),
        ("隐私政策", "Privacy Policy"),
        ("Impressum", "Imprint"),
        ("Nice weather", ""),
    ],
)
def test_the_kind_of_document_is_told_by_its_heading(title, expected):
    assert propose(page("Acme", f"<h1>{title}</h1>{CLAUSE}", "https://acme.example/x")).terms_type == expected


@pytest.mark.parametrize(
    ("url", "platform"),
    [
        ("https://help.example.co.uk/x", "Example"),
        ("https://www.example.com/x", "Example"),
        ("https://policies.example.ai/x", "Example"),
        ("https://example/x", "Example"),
        ("https://terms.com/x", "Terms"),
        ("nothing", ""),
    ],
)
def test_the_platform_is_told_by_its_host(url, platform):
    assert propose(page("x", CLAUSE, url)).platform == platform


@pytest.mark.parametrize("body", [b"", b"%PDF-1.4", b"\x89PNG", b"{}", b"just words"])
def test_what_is_no_page_gives_an_empty_proposal(body):
    found = propose(Page("https://example.org/", "", body))

    assert isinstance(found, Proposal)
    assert found.select is None


@given(st.binary(max_size=300), st.text(max_size=40))
def test_no_page_raises(body, url):
    assert isinstance(propose(Page(url, "text/html", body)), Proposal)
