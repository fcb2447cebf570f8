"""A clause on AI does not escape by the place that the page gives it."""

import pytest

from tracker.extract import read
from tracker.model import Page, Source

CLAUSE = "We may use Your Content to train our artificial intelligence models."
URL = "https://example.org/terms"
TEXT = "".join(
    f"<h2>{n}. Part</h2><p>You agree that part {n} applies to the services that we provide to you, as they are.</p>"
    for n in range(1, 12)
)
PLACES = {
    "aside": f"<aside><p>{CLAUSE}</p></aside>",
    "footer": f"<footer><p>{CLAUSE}</p></footer>",
    "footer full of links": f"<footer><p>{CLAUSE}</p>{'<a href=/x>Company news</a> ' * 9}</footer>",
    "landmark role": f"<div role=contentinfo>{CLAUSE}</div>",
    "complementary role": f"<div role=complementary><p>{CLAUSE}</p></div>",
    "menu": f"<nav><a href=/>Home</a><p>{CLAUSE}</p></nav>",
    "dialog": f"<dialog><p>{CLAUSE}</p></dialog>",
    "class of a cookie banner": f"<div class=cookie-banner><p>{CLAUSE}</p><button>Accept</button></div>",
    "id of a consent vendor": f"<div id=onetrust-banner-sdk><p>{CLAUSE}</p></div>",
    "class of a window": f"<div class=modal><p>{CLAUSE}</p></div>",
    "class of a message": f"<div class=toast>{CLAUSE}</div>",
    "live region": f"<div aria-live=polite>{CLAUSE}</div>",
    "tooltip": f"<div role=tooltip>{CLAUSE}</div>",
    "class for screen readers": f"<p>You agree. <span class=sr-only>{CLAUSE}</span></p>",
    "pager": f"<div class=pagination><a href=/x>{CLAUSE}</a></div>",
    "related articles": f"<div><h3>Related articles</h3><a href=/x>{CLAUSE}</a></div>",
    "link in a side bar": f"<div class=sidebar><a href=/x>{CLAUSE}</a></div>",
    "header": f"<header><p>{CLAUSE}</p></header>",
    "hidden part": f"<div hidden><p>{CLAUSE}</p></div>",
    "part not displayed": f"<div style='display:none'><p>{CLAUSE}</p></div>",
    "words not displayed": f"<p>You agree to this. <span style='display:none'>{CLAUSE}</span></p>",
    "closed section": f"<details><summary>More</summary><p>{CLAUSE}</p></details>",
    "second tab": f"<div role=tabpanel aria-hidden=true hidden><p>{CLAUSE}</p></div>",
    "table cell": f"<table><tr><td>{CLAUSE}</td></tr></table>",
    "button": f"<button>{CLAUSE}</button>",
    "label of a form": f"<form><label>{CLAUSE}</label></form>",
    "shadow tree": f"<x-box><template shadowrootmode=open><p>{CLAUSE}</p></template></x-box>",
    "frame": f'<iframe srcdoc="<p>{CLAUSE}</p>"></iframe>',
}


def text_of(html: str, *select: str) -> str:
    return read(Page(URL, "text/html", html.encode()), Source(URL, select)).text.replace("\n", " ")


@pytest.mark.parametrize("place", PLACES)
def test_a_clause_on_ai_is_read_wherever_it_stands(place):
    part = PLACES[place]

    assert CLAUSE in text_of(f"<body><main><h1>Terms</h1>{TEXT}</main>{part}</body>")
    assert CLAUSE in text_of(f"<body><main><h1>Terms</h1>{TEXT}{part}{TEXT.upper()}</main></body>")
    assert CLAUSE in text_of(f"<body><main><h1>Terms</h1>{TEXT}{part}</main></body>", "main")
