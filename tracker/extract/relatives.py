"""Links from a page to other legal texts of the same platform: new ones often come as side documents."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urldefrag, urljoin, urlsplit

from lxml import etree

from tracker.extract import links
from tracker.extract.characters import clean
from tracker.extract.decode import MOST_TAGS, decode, kind
from tracker.extract.proposal import platform_of, spoken_path, terms_type_of
from tracker.model import Page, Relative

LONGEST = 8  # words of a link that names a document
MOST = 200  # links of one page


def find(page: Page) -> tuple[Relative, ...]:
    """The links of a page to legal texts of the same platform, in order, each address once. Pure; never raises."""
    if kind(page.body, page.content_type) != "html":
        return ()
    here = platform_of(page.url)
    found: dict[str, Relative | None] = {same_page(page.url): None}
    for href, words in _anchors(decode(page.body, page.content_type), page.url):
        url = urldefrag(href)[0]
        if urlsplit(url).scheme not in ("http", "https") or platform_of(url) != here or same_page(url) in found:
            continue
        text = " ".join(clean(words).split())
        named = terms_type_of(text) if len(text.split()) <= LONGEST else ""
        if named := named or terms_type_of(spoken_path(url)):
            found[same_page(url)] = Relative(url, text[:200], named)
            if len(found) > MOST:
                break
    return tuple(filter(None, found.values()))


def _anchors(text: str, url: str) -> Iterator[tuple[str, str]]:
    """Where the links of a page lead, and their words. No more of its tree is needed, so it is not built as for
    reading, which takes ten times as long."""
    if text.count("<") > MOST_TAGS:
        return
    parser = etree.HTMLParser(recover=True)
    try:
        parser.feed(text)
        root = parser.close()
        base = next((urljoin(url, one.get("href")) for one in root.iter("base") if one.get("href")), url)
    except (etree.LxmlError, ValueError):
        return
    for anchor in root.iter("a"):
        if href := anchor.get("href"):
            spoken = anchor.xpath(".//text()[not(ancestor::script or ancestor::style)]")
            yield links.target(href, base), " ".join(spoken)


def same_page(url: str) -> str:
    """What addresses of one page have in common, however they are written."""
    parts = urlsplit(url)
    return f"{parts.netloc.lower().removeprefix('www.')}{parts.path.rstrip('/')}?{parts.query}"
