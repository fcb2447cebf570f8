"""The legal text is found without a selector: the rest of the page goes, and doubt keeps."""

import time

import pytest
from bs4 import BeautifulSoup
from hypothesis import given
from hypothesis import strategies as st

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


WORD = st.text("abcdefghijklmnopqrstuvwxyzéäñ", min_size=1, max_size=9)
SENTENCE = st.lists(WORD, min_size=2, max_size=14).map(lambda words: " ".join(words).capitalize() + ".")
SHELLS = (
    "{}",
    "<main>{}</main>",
    "<article>{}</article>",
    "<main><div><article>{}</article></div></main>",
    "<div class=page><section>{}</section></div>",
    f"<nav><ul>{MENU}</ul></nav><main>{{}}</main>",
    "<header><a href=/>Acme</a></header><main>{}</main><footer><p>© Acme</p><a href=/p>Privacy</a></footer>",
    "<nav><a href=/>Home</a></nav>{}<footer><a href=/p>Privacy</a></footer>",
    "<div id=cookie-banner><p>We use cookies.</p></div><div>{}</div>",
)


@given(
    st.lists(st.tuples(st.sampled_from(["p", "p", "li", "h2", "h3"]), SENTENCE), min_size=1, max_size=12),
    st.sampled_from(SHELLS),
    st.sampled_from(["", "<h1>Terms</h1>", f"<p>{CLAUSE * 20}</p>", f"<div>{TERMS}</div>"]),
)
def test_no_sentence_is_too_short_to_be_a_clause(parts, shell, beside):
    """Whatever stands around it, and however long its neighbours are."""
    inside = beside + "".join(f"<{tag}>{sentence}</{tag}>" for tag, sentence in parts)
    found = text(f"<body>{shell.format(inside)}</body>")

    assert [sentence for _, sentence in parts if sentence not in found] == []


@pytest.mark.parametrize(
    "sentence", ["We train AI.", "See our <a href=/r>rules</a>.", "<a href=/r>Read the rules.</a>"]
)
@pytest.mark.parametrize("box", ["{}", "<div>{}</div>", "<ul><li>{}</li></ul>"])
def test_short_clauses_stay_in_the_main_content_of_a_long_page(sentence, box):
    found = text(f"<main>{box.format(f'<p>{sentence}</p>')}<div>{TERMS}</div></main>")

    assert BeautifulSoup(sentence, "lxml").get_text()[:7] in found.replace("[", "")


def test_around_a_short_text_menus_footers_and_dialogs_still_go():
    around = (
        f"<nav><ul>{MENU}</ul></nav><div class=cookie-banner><p>We use cookies.</p></div><main>{{}}</main>"
        "<footer><a href=/p>Privacy</a> <a href=/i>Imprint</a></footer><script>var word;</script>"
    )
    short = "<h1>Terms</h1><p>We train AI.</p><p>The law of the land holds for all of this.</p>"

    assert text(f"<body>{around.format(short)}</body>") == text(f"<body><main>{short}</main></body>")


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
