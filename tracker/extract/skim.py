"""Skimming: whether two captures of a page must read the same, found without reading either.

Most captures that are new by their bytes say nothing new: a number in a script, a hidden address under another key, a
link with another visit's token. The parser tells of a page in events; what of them reading could look at goes into a
hash, everything else is left out. So equal hashes mean equal readings, and different ones mean nothing. What is left
out: what scripts, styles and comments hold, the elements of the head that no reading asks for, attributes that none
asks for, and of addresses what `links` takes for noise. Where a declaration's selectors might ask for more, more is
kept. Pure.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from hashlib import sha256
from urllib.parse import urljoin

from lxml import etree

from tracker.extract import links
from tracker.extract.decode import MAXIMUM, MOST_TAGS, decode, kind
from tracker.model import Page, Range, Source

SMALLEST = 5_000  # characters; in shorter pages reading looks for an address that a script leads to
LARGEST = 4_000_000  # characters
DEEPEST = 90  # levels; of what lies deeper, reading flattens
# Attributes that reading asks for, on any element …
_ASKED = (
    "aria-controls aria-expanded aria-level aria-live aria-modal class colspan content data data-as data-cfemail "
    "data-list-text data-src hidden href http-equiv id lang reversed role rowspan shadowroot shadowrootmode src srcdoc "
    "start style type value xml:lang"
)
ASKED = frozenset(_ASKED.split())
# … and those of them that it asks for on these elements alone.
ONLY_ON = {
    "content": frozenset({"meta"}),
    "srcdoc": frozenset({"iframe"}),
    "type": frozenset({"ol", "ul"}),
    "value": frozenset({"li"}),
}
SHOWS = frozenset({"src", "data", "data-src", "type"})  # what a frame shows: reading asks whether it is a PDF file
FRAMES = frozenset({"embed", "object", "iframe", "frame"})
STYLED = re.compile(r"display|visibility|decoration|weight|list-style", re.I)  # the styles that reading knows
UNREAD = frozenset({"script", "style"})  # elements whose text is none
BARE = UNREAD | {"link", "meta"}  # elements that only part the texts beside them
BREAK = "|"
BEFORE_QUERY = re.compile("[^?#]*")
# Selectors that might choose these themselves, and selectors that count elements or ask for their state.
WHOLE = re.compile(r"\*|:root|(?<![\w.#-])(?:html|head|script|style|link|meta)(?![\w-])")
COUNTS = re.compile(r"[+~:]")
NAME = re.compile(r"[\w-]+")

Event = str | tuple[str, ...]


def skim(pages: Sequence[Page], sources: Sequence[Source], recipe: str) -> bytes | None:
    """The hash of all that reading these pages by these sources could look at; None where that cannot be told so.

    `recipe` names what they are read with: readings by another one have other hashes. Never raises.
    """
    digest = sha256(recipe.encode())
    for page, source in zip(pages, sources, strict=True):
        events = _skimmed(page, source)
        if events is None:
            return None
        digest.update(repr((page.url, events)).encode("utf-8", "surrogatepass"))
    return digest.digest()


def _skimmed(page: Page, source: Source) -> list[Event] | None:
    if len(page.body) > MAXIMUM or kind(page.body, page.content_type) != "html":
        return None
    text = decode(page.body, page.content_type)
    selectors = " ".join(_written(source))
    if not SMALLEST <= len(text) <= LARGEST or text.count("<") > MOST_TAGS or WHOLE.search(selectors):
        return None
    try:
        found = _listen(text, page.url, selectors)
        if found and found.base:
            found = _listen(text, urljoin(page.url, found.base), selectors)
    except (etree.LxmlError, ValueError, RecursionError):
        return None
    if found is None:
        return None
    tail = text[-20_000:].lower()  # whether the page ends, as `parse` asks
    closed = "</html" in tail or "</body" in tail or "<html" not in text[:20_000].lower()
    return [*found.events, ("closed", str(closed))]


def _listen(text: str, within: str, selectors: str) -> _Listener | None:
    listener = _Listener(within, selectors)
    parser = etree.HTMLParser(target=listener, recover=True)  # as Beautiful Soup makes it
    parser.feed(text)
    parser.close()
    return None if listener.is_unsure else listener


class _Listener:
    """Takes the events of a page and keeps of each what reading could look at.

    `within` is the address that those on the page are relative to.
    """

    def __init__(self, within: str, selectors: str) -> None:
        self.events: list[Event] = []
        self.base = ""  # what the page itself says that its addresses are relative to
        self.is_unsure = False  # something lies where it is not known how it is read
        self._within = within
        self._names = frozenset(NAME.findall(selectors))  # of elements, classes, ids, attributes, and more
        self._counted = bool(COUNTS.search(selectors))
        self._every = ":" in selectors  # states of elements may rest on any attribute
        self._depth = 0
        self._unread = ""
        self._in_head = False
        self._text: list[str] = []

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        self._flush()
        self._depth += 1
        self.is_unsure = self.is_unsure or self._depth > DEEPEST
        self._in_head = self._in_head or tag == "head"
        if tag in UNREAD:
            self._unread = tag
        if tag in BARE and not self._counted and "http-equiv" not in attributes:
            chosen = f"{attributes.get('id', '')} {attributes.get('class', '')}"
            self.is_unsure = self.is_unsure or not self._names.isdisjoint(NAME.findall(chosen))
            self._part()
            return
        if tag == "base" and not self.base:
            self.base = attributes.get("href", "")
        kept = [tag]
        for name, value in attributes.items():
            if self._every or name in self._names:
                kept += name, value
            elif name in ASKED and (seen := self._seen(tag, name, value)) is not None:
                kept += name, seen
        self.events.append(tuple(kept))

    def end(self, tag: str) -> None:
        self._flush()
        self._depth -= 1
        self._unread = "" if tag == self._unread else self._unread
        self._in_head = self._in_head and tag != "head"
        if tag in BARE and not self._counted:
            self._part()
        else:
            self.events.append(("/", tag))

    def data(self, text: str) -> None:
        if not self._unread:
            self._text.append(text)

    def comment(self, text: str) -> None:
        self._flush()
        self._part()

    def pi(self, target: str, data: str | None = None) -> None:
        self._flush()
        self._part()

    def close(self) -> None:
        self._flush()

    def _flush(self) -> None:
        text = "".join(self._text)
        self._text.clear()
        if text and not (self._in_head and text.isspace()):
            self.events.append(f"={text}")

    def _part(self) -> None:
        """What stands here is no text: it parts the texts beside it, however much of it there is."""
        if not self._in_head and self.events and self.events[-1] != BREAK:
            self.events.append(BREAK)

    def _seen(self, tag: str, name: str, value: str) -> str | None:
        """What reading could see of an attribute; None where it does not look."""
        if name in SHOWS and tag in FRAMES:
            return value if tag == "frame" or "pdf" in value.lower() else None
        if name in SHOWS - ONLY_ON.keys() or (name in ONLY_ON and tag not in ONLY_ON[name]):
            return None
        if name == "style":
            return value if STYLED.search(value) else None
        if name == "data-cfemail":
            return links.email(value) or value
        if name == "href" and tag != "base":
            return self._address(value)
        return value

    def _address(self, href: str) -> str:
        if href.startswith("#"):
            return href
        if links.EMAIL_PATH in href and (address := links.email(href.partition("#")[2])):
            return address
        # Links are known by how they begin, too.
        return f"{BEFORE_QUERY.match(href)[0]} {links.target(href, self._within)}"


def _written(source: Source) -> Iterator[str]:
    for selector in (*source.select, *source.remove):
        yield from (selector.start, selector.end) if isinstance(selector, Range) else (selector,)
