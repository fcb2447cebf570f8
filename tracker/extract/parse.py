"""A page's characters to a tree of bounded size and depth, whatever the page is made of."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from bs4 import BeautifulSoup
from bs4.element import Tag

from tracker.extract.characters import clean
from tracker.extract.decode import MOST_TAGS

DEEPEST = 100  # levels; real legal pages have under 50
LONGEST_URL = 2000

SPOKEN = re.compile(r"<(script|style|template|noscript)\b[^<>]{0,2000}>", re.I)
CLOSING = {name: re.compile(f"</{name}", re.I) for name in ("script", "style", "template", "noscript")}
ANY_TAG = re.compile(r"<[^<>]{0,5000}>")
BLOCK_TAG = re.compile(r"<(?:/?(?:p|div|li|tr|h[1-6]|section|article|ul|ol|table)|br|hr)\b[^<>]{0,5000}>", re.I)


@dataclass(frozen=True, slots=True)
class Parsed:
    """A page as a tree, and what it says of itself before anything is dropped."""

    soup: BeautifulSoup
    base: str
    title: str
    language: str
    is_closed: bool  # the body ends with </html> or never had an <html>
    refresh: str  # where a <meta refresh> or a script of one line leads at once
    viewer: str  # the address of a document that the page only frames
    scripts: int  # bytes of script
    signals: tuple[str, ...]  # "too-deep", "too-large"


def parse(text: str, url: str) -> Parsed:
    """The tree of a page, at most `DEEPEST` levels deep; `url` is where it came from. Never raises for any text.

    A page with more than `MOST_TAGS` tags comes flattened: its words in paragraphs, nothing else.
    """
    signals: list[str] = []
    if text.count("<") > MOST_TAGS:
        signals.append("too-large")
        text = _flatten(text)
    soup = BeautifulSoup(text, "lxml")
    if _shorten(soup):
        signals.append("too-deep")
    root = soup.html if isinstance(soup.html, Tag) else None
    title = soup.title.get_text() if soup.title else ""
    tail = text[-20_000:].lower()
    return Parsed(
        soup=soup,
        base=_base(soup, url),
        title=clean(title)[:300].strip(),
        language=str(root.get("lang") or root.get("xml:lang") or "")[:20] if root else "",
        is_closed="</html" in tail or "</body" in tail or "<html" not in text[:20_000].lower(),
        refresh=_refresh(soup, url, text),
        viewer=_viewer(soup, url),
        scripts=sum(len(script.string or "") for script in soup.find_all("script")),
        signals=tuple(signals),
    )


def _flatten(text: str) -> str:
    """The words of a page without its tree: linear, however many tags it has."""
    pieces: list[str] = []
    position, unclosed = 0, set()
    while match := SPOKEN.search(text, position):  # what these hold is not text
        pieces.append(text[position : match.start()])
        name = match.group(1).lower()
        end = None if name in unclosed else CLOSING[name].search(text, match.end())
        if end is None:
            unclosed.add(name)
        position = end.start() if end else match.end()
    pieces.append(text[position:])
    words = ANY_TAG.sub(" ", BLOCK_TAG.sub("\n", "".join(pieces)))
    lines = (re.sub(r"\s+", " ", line).strip() for line in words.split("\n"))
    kept = [line for line in lines if line][: MOST_TAGS // 4]
    return "<html><body>" + "".join(f"<p>{html.escape(html.unescape(line))}" for line in kept) + "</body></html>"


def _shorten(soup: BeautifulSoup) -> bool:
    """Turn whatever lies deeper than `DEEPEST` into plain text; says whether anything did. Linear in the elements."""
    level: dict[int, int] = {id(soup): 0}
    floor: list[Tag] = []
    for tag in soup.find_all(True):
        depth = level.get(id(tag.parent), DEEPEST + 1) + 1
        level[id(tag)] = depth
        if depth == DEEPEST and tag.contents:
            floor.append(tag)
    deep = [tag for tag in floor if any(isinstance(child, Tag) for child in tag.contents)]
    deep = [tag for tag in deep if any(child.contents for child in tag.contents if isinstance(child, Tag))]
    for tag in deep:
        words = tag.get_text(" ")
        tag.clear()
        tag.append(words)
    return bool(deep)


def _base(soup: BeautifulSoup, url: str) -> str:
    tag = soup.find("base", href=True)
    try:
        return urljoin(url, str(tag["href"])[:LONGEST_URL]) if tag else url
    except ValueError:
        return url


def _refresh(soup: BeautifulSoup, url: str, text: str) -> str:
    """Where the page sends its reader at once, "" where it does not."""
    tag = soup.find("meta", attrs={"http-equiv": re.compile("^refresh$", re.I)})
    content = str(tag.get("content") or "")[:LONGEST_URL] if tag else ""
    match = re.match(r"\s*(\d{1,5})[.\d]*\s*[;,]\s*(?:url\s*=\s*)?[\"']?([^\"']+)", content, re.I)
    address = match.group(2) if match and int(match.group(1)) <= 10 else ""
    if not address and len(text) < 5000:
        script = re.search(
            r"location(?:\.href)?(?:\.replace|\.assign)?\s{0,9}[=(]\s{0,9}[\"']([^\"'<>]{1,500})[\"']", text
        )
        address = script.group(1) if script else ""
    return _absolute(address, url)


def _viewer(soup: BeautifulSoup, url: str) -> str:
    """The address of the document that a page only shows in a frame."""
    for tag in soup.find_all(["embed", "object", "iframe", "frame"], limit=20):
        address = str(tag.get("src") or tag.get("data") or tag.get("data-src") or "")
        kind = str(tag.get("type") or "").lower()
        if tag.name == "frame" or "pdf" in kind or ".pdf" in address.lower():
            return _absolute(address, url)
    return ""


def _absolute(address: str, url: str) -> str:
    try:
        absolute = urljoin(url, address.strip()[:LONGEST_URL]) if address.strip() else ""
        return absolute if urlsplit(absolute).scheme in ("http", "https") and absolute != url else ""
    except ValueError:
        return ""
