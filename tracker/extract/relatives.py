"""Links from a page to other legal texts of the same platform: new ones often come as side documents."""

from __future__ import annotations

from urllib.parse import urldefrag, urlsplit

from tracker.extract import links
from tracker.extract.characters import clean
from tracker.extract.decode import decode, kind
from tracker.extract.parse import parse
from tracker.extract.proposal import platform_of, spoken_path, terms_type_of
from tracker.model import Page, Relative

LONGEST = 8  # words of a link that names a document
MOST = 200  # links of one page


def find(page: Page) -> tuple[Relative, ...]:
    """The links of a page to legal texts of the same platform, in order, each address once. Pure; never raises."""
    if kind(page.body, page.content_type) != "html":
        return ()
    parsed = parse(decode(page.body, page.content_type), page.url)
    here = platform_of(page.url)
    found: dict[str, Relative | None] = {same_page(page.url): None}
    for anchor in parsed.soup.find_all("a", href=True):
        url = urldefrag(links.target(str(anchor["href"]), parsed.base))[0]
        if urlsplit(url).scheme not in ("http", "https") or platform_of(url) != here or same_page(url) in found:
            continue
        text = " ".join(clean(anchor.get_text(" ")).split())
        named = terms_type_of(text) if len(text.split()) <= LONGEST else ""
        if named := named or terms_type_of(spoken_path(url)):
            found[same_page(url)] = Relative(url, text[:200], named)
            if len(found) > MOST:
                break
    return tuple(filter(None, found.values()))


def same_page(url: str) -> str:
    """What addresses of one page have in common, however they are written."""
    parts = urlsplit(url)
    return f"{parts.netloc.lower().removeprefix('www.')}{parts.path.rstrip('/')}?{parts.query}"
