"""Where in a text a clause stands: the headings above, the list items above, the sentence that may govern a list."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import NamedTuple

from tracker.text.sentences import unfinished

_COLONS = (":", "：")
_LISTING = (";", "；", ",", "，", "、", " and", " or")  # an item that ends so is followed by another of the same list
_POINTS = '.!?。！？"”'  # what ends with one of these governs nothing


class Item(NamedTuple):
    """A list item that others may stand under."""

    indent: int
    style: str
    ordinal: int
    body: str
    lead_in: str
    led: bool = False  # its lead-in is the item before it in the same list, or that of the items since


class Place(NamedTuple):
    """Where the reader is. Equal places give equal headings and lead-ins to whatever follows."""

    headings: tuple[tuple[int, str], ...] = ()
    path: tuple[str, ...] = ()
    items: tuple[Item, ...] = ()
    base: str = ""  # the paragraph above the list: its end may be an unfinished sentence
    last: Item | None = None  # the last item at the top of a list: "(b)" after an aside goes on after "(a)"

    def after_heading(self, level: int, text: str, body: str) -> Place:
        """The place under a heading."""
        headings = self.headings
        while headings and headings[-1][0] >= level:
            headings = headings[:-1]
        headings = (*headings, (level, text))
        base = body if text.endswith((":", "：")) else ""
        return Place(headings, tuple([name for _, name in headings]), (), base, self.last)

    def after_paragraph(self, body: str, indent: int, words: Callable[[str], str]) -> tuple[Place, str]:
        """The place after a paragraph, and its lead-in: none, unless it goes on within a list item in the middle of
        a sentence. `words` reads a piece of Markdown."""
        items = self.items
        while items and items[-1].indent >= indent:
            items = items[:-1]
        if items:
            here = self if items is self.items else self._replace(items=items)
            return here, items[-1].lead_in if words(body)[:1].islower() else ""
        base = "" if body[-1:] in _POINTS else body
        if base == self.base and not self.items:
            return self, ""
        return Place(self.headings, self.path, (), base, self.last), ""

    def after_item(self, marker: str, indent: int, body: str, words: Callable[[str], str]) -> tuple[Place, int, str]:
        """The place after a list item, its depth and its lead-in."""
        items = self.items
        style, ordinal = _style(marker, items)
        while items and items[-1].indent > indent:
            items = items[:-1]
        same = [at for at, above in enumerate(items) if above.indent == indent and above.style == style]
        if same and not (ordinal == 1 and items[-1].ordinal and items[-1].body.rstrip("*_ ").endswith((":", "："))):
            # A count that begins anew under a sentence that goes on is a list in a list, indented or not.
            goes_on = next((at for at in reversed(same) if items[at].ordinal + 1 == ordinal), None)
            inner = same[-1] if ordinal > items[same[-1]].ordinal else same[0]
            items = items[: inner if goes_on is None else goes_on]
        if items:
            above = items[-1]
            own = _governing(above.body, words)
            lead_in = f"{above.lead_in} {own}".strip() if own else above.lead_in
            entry = Item(indent, style, ordinal, body, lead_in)
            return Place(self.headings, self.path, (*items, entry), self.base, self.last), len(items), lead_in
        last = self.last
        goes_on = last and last.style == style and last.ordinal and ordinal == last.ordinal + 1
        opened = bool(goes_on) and self.items == (last,) and last.body[-1:] in _COLONS
        led = opened or (bool(goes_on) and last.led and last.body.endswith(_LISTING))
        lead_in = _governing(self.base, words)
        if not lead_in and goes_on and (led or not last.led):
            lead_in = _governing(last.body, words) if opened else last.lead_in
        entry = Item(indent, style, ordinal, body, lead_in, led)
        return Place(self.headings, self.path, (entry,), self.base, entry), 0, lead_in


@lru_cache(maxsize=256)
def _governing(body: str, words: Callable[[str], str]) -> str:
    """What of a paragraph or an item governs a list below it: asked again for every item of the list."""
    return "" if body[-1:] in _POINTS else unfinished(words(body))


def _style(marker: str, items: tuple[Item, ...]) -> tuple[str, int]:
    """How an item is marked, and its place in that count: "(c)" is ("a()", 3), a bullet is ("a", 0)."""
    if marker in ("*", "-", "+"):
        return "a", 0
    core = marker.strip("().")
    frame = marker.replace(core, "", 1) if core else ""
    if core.isdecimal():
        return f"1{frame}", int(core)
    if len(core) == 1 and core.isalpha() and core.isascii():
        ordinal = ord(core.lower()) - 96
        goes_on = any(above.style == f"a{frame}" and above.ordinal == ordinal - 1 for above in items)
        if goes_on or core not in "ivxIVX":
            return f"a{frame}", ordinal
    if core and not core.lower().strip("ivxlc"):
        return f"i{frame}", 0
    return (f"a{frame}" if core else "-"), 0
