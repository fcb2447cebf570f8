"""No part of a page is left out that says what AI does with whose content, whatever the page calls it."""

import time

import pytest
from histories import LICENCE, page

from tracker.extract import read
from tracker.extract.telling import tells
from tracker.model import Page, Source

CLAUSE = "You agree that we may use your uploads to train artificial intelligence models."
URL = "https://tunely.example/terms"


def text(html: str, *select: str) -> str:
    return read(Page(URL, "text/html", html.encode()), Source(URL, select)).text


INSIDE = [
    "<aside><p>{}</p></aside>",
    "<footer><p>{}</p></footer>",
    '<div class="cookie-banner"><p>{}</p></div>',
    '<div class="newsletter"><p>{}</p><button>Sign up</button></div>',
    '<section class="related-articles"><h2>Related articles</h2><p>{}</p></section>',
    '<div hidden style="display:none" aria-hidden="true"><p>{}</p></div>',
    "<details><summary>More</summary><p>{}</p></details>",
    '<div role="tabpanel" hidden><p>{}</p></div>',
    "<table><tr><td>{}</td></tr></table>",
    "<button>{}</button>",
    "<form><label><input type=checkbox>{}</label></form>",
]
OUTSIDE = [
    "<aside><p>{}</p></aside>",
    '<footer><p>{}</p><a href="/">Home</a><a href="/a">About</a></footer>',
    "<nav><p>{}</p></nav>",
    '<div id="onetrust-consent-sdk"><p>{}</p></div>',
    '<div role="dialog" aria-modal="true"><p>{}</p></div>',
    "<dialog><p>{}</p></dialog>",
    '<header><a href="/">Home</a><p>{}</p></header>',
]


@pytest.mark.parametrize("place", INSIDE)
@pytest.mark.parametrize("select", [(), ("main",)], ids=["no selector", "selector"])
def test_a_clause_in_a_corner_of_the_text_is_read(place, select):
    html = page(LICENCE).replace("</main>", f"{place.format(CLAUSE)}</main>")
    assert "train artificial intelligence" in text(html, *select)


@pytest.mark.parametrize("place", OUTSIDE)
def test_a_clause_in_the_frame_of_a_page_is_read(place):
    html = page(LICENCE).replace("</main>", f"</main>{place.format(CLAUSE)}")
    assert "train artificial intelligence" in text(html)


@pytest.mark.parametrize("place", OUTSIDE)
@pytest.mark.parametrize(
    "words",
    ["Home", "We use cookies to improve your experience.", "Try our new AI tools!", "Careers at our AI company"],
)
def test_the_frame_itself_stays_out(place, words):
    html = page(LICENCE).replace("</main>", f"</main>{place.format(words)}")
    assert words not in text(html)


def test_a_menu_of_links_is_no_sentence():
    links = "".join(f"<li><a href=/{n}>{words}</a></li>" for n, words in enumerate(MENU))
    for place in ("<footer><ul>{}</ul></footer>", "<nav>{}</nav>", '<div class="menu">{}</div>'):
        html = page(LICENCE).replace("</main>", f"</main>{place.format(links)}")
        assert "Voice Generator" not in text(html)


def test_a_sentence_in_many_pieces_is_one():
    pieces = "".join(f"<span>{word} </span>" for word in CLAUSE.split())
    html = page(LICENCE).replace("</main>", f"</main><footer><p>{pieces}</p><a href=/>Home</a></footer>")
    assert "train artificial intelligence" in text(html)


MENU = [
    "AI Voice Generator",
    "Your data",
    "Train models",
    "We are hiring",
    "Use our content",
    "Machine learning",
    "You",
] * 3


@pytest.mark.parametrize(
    "sentence",
    [
        CLAUSE,
        "Your prompts are used to improve our language models unless you object.",
        "Nous pouvons utiliser vos contenus pour entraîner nos modèles d’intelligence artificielle.",
        "Wir dürfen deine Inhalte nutzen, um unsere KI zu trainieren und zu verbessern.",
        "Podemos usar tus contenidos para entrenar nuestros modelos de inteligencia artificial.",
        "We share your posts with partners who build generative tools for others.",
    ],
)
def test_sentences_that_bind_are_known(sentence):
    assert tells(sentence)


@pytest.mark.parametrize(
    "sentence",
    [
        "",
        "AI",
        "Explore our AI products",
        "We use cookies and similar technologies to process data about your visit to this site.",
        "Sign up for news about artificial intelligence and music.",
        "© 2026 Tunely. All rights reserved in all content.",
    ],
)
def test_other_sentences_are_not(sentence):
    assert not tells(sentence)


@pytest.mark.parametrize("piece", ["AI use ", "train ", "entraîn ", "AI data. ", "modelle "])
def test_no_text_takes_long(piece):
    began = time.process_time()
    tells(piece * 200_000)
    assert time.process_time() - began < 2
