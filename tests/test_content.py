"""The legal text is found without a selector: the rest of the page goes, and doubt keeps."""

import time

import pytest
from bs4 import BeautifulSoup

from tracker.extract.content import find
from tracker.extract.markdown import convert
from tracker.extract.parse import parse

CLAUSE = "You agree that we may use the content that you upload in order to run and improve the service. "
TERMS = "<h1>Terms of Service</h1><p>Last updated: 3 March 2026</p>" + "".join(
    f"<h2>{n}. Part {n}</h2><p>Number {n}: {CLAUSE * 3}</p>" for n in range(1, 9)
)
MENU = "".join(f"<li><a href='/{n}'>Menu entry {n}</a></li>" for n in range(12))


def text(html: str) -> str:
    body = BeautifulSoup(html, "lxml").body
    return convert([body], skip=find(body).skip)


CLEAN = text(f"<main>{TERMS}</main>")


@pytest.mark.parametrize(
    ("what", "html"),
    [
        ("menus", f"<nav><ul>{MENU}</ul></nav><main>{TERMS}</main>"),
        ("menus without a landmark", f"<div><ul>{MENU}</ul></div><div><div>{TERMS}</div></div>"),
        ("headers", f"<header><a href=/>Home</a> <a href=/p>Prices</a></header><div>{TERMS}</div>"),
        (
            "footers",
            f"<div>{TERMS}</div><footer><p>{'Example builds great things for you. ' * 5}</p><ul>{MENU}</ul></footer>",
        ),
        ("dialogs", f"<div>{TERMS}</div><div role=dialog><p>{'Choose what we may store here. ' * 6}</p></div>"),
        (
            "side bars",
            f"<div><aside><p>{'Read how others use it, every single day. ' * 4}</p></aside><div>{TERMS}</div></div>",
        ),
        ("cookie banners", f"<div>{TERMS}</div><div id=cookie-banner><p>{'We use cookies. ' * 20}</p></div>"),
        ("a second copy", f"<div><div class=wide>{TERMS}</div><div class=narrow>{TERMS}</div></div>"),
        ("a few words beside it", f"<div><span>Print this</span><div>{TERMS}</div></div>"),
        (
            "related articles",
            f"<div><div>{TERMS}</div><div class=related><a href=/a>Some other article</a></div></div>",
        ),
    ],
)
def test_what_stands_around_the_text_goes(what, html):
    assert text(f"<html><body>{html}</body></html>") == CLEAN, what


@pytest.mark.parametrize(
    ("what", "html", "words"),
    [
        ("a title outside", f"<header><h1>Acme Terms</h1></header><div>{TERMS}</div>", "# Acme Terms"),
        ("an introduction beside the text", f"<div>{CLAUSE}</div><div>{TERMS}</div>", CLAUSE.strip()),
        ("hidden parts", f"<div>{TERMS}<div style='display:none'><p>Secret: {CLAUSE}</p></div></div>", "Secret"),
        ("a whole page in an aside", f"<aside>{TERMS}</aside>", "Number 8"),
        ("a whole page in a form", f"<form>{TERMS}</form>", "Number 8"),
        ("a whole page in a table", f"<table><tr><td>{TERMS}</td></tr></table>", "Number 8"),
        (
            "headings that link to themselves",
            f"<div>{TERMS}<h3 id=share><a href='#share'>Share</a></h3></div>",
            "Share",
        ),
        ("a date beside it", f"<div><p>3 March 2025</p></div><div>{TERMS}</div>", "3 March 2025"),
        ("clauses that repeat", f"<div>{TERMS}<p>Number 1: {CLAUSE * 3}</p></div>", "Number 1"),
    ],
)
def test_doubt_keeps(what, html, words):
    assert words in text(f"<html><body>{html}</body></html>"), what


def test_a_repeated_clause_is_kept_twice():
    again = f"<p>Again: {CLAUSE}</p>"

    assert text(f"<div>{TERMS}{again}{again}</div>").count("Again") == 2


def test_confidence_is_high_for_terms_and_low_for_menus():
    good = find(BeautifulSoup(f"<main>{TERMS}</main>", "lxml").body).confidence
    bad = find(BeautifulSoup(f"<ul>{MENU}</ul>", "lxml").body).confidence

    assert good > 0.9
    assert bad < 0.4


def test_text_without_spaces_is_measured_too():
    terms = "".join(
        f"<p>第{n}条：用户上传的内容，我们可以为了提供和改进服务而使用，用户同意本条款的全部内容。</p>"
        for n in range(20)
    )

    assert "第19条" in text(f"<nav><a href=/>首页</a></nav><div>{terms}</div>")
    assert "首页" not in text(f"<nav><a href=/>首页</a></nav><div>{terms}</div>")


@pytest.mark.parametrize("tag", ["div", "p", "li", "a href=x", "nav", "main", "h1"])
def test_the_work_is_linear(tag):
    body = parse("<body>" + f"<{tag}>word word word " * 20_000, "").soup.body
    start = time.process_time()
    find(body)

    assert time.process_time() - start < 4
