"""Markdown of a clause as runs of text that a reader sees: bold, emphasised, linked; marks and targets hidden.

Nothing here makes HTML, and no character is lost in silence: characters that nobody sees come out as visible marks,
because hidden text can fake a comparison. Cost is linear in the text.
"""

from __future__ import annotations

import html
import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from tracker.text.links import links_in

_UNSEEN = (
    "\x00-\x08\x0b\x0e-\x1f\x7f-\x84\x86-\x9f\u061c\u200b-\u200f\u202a-\u202e\u2060-\u2069\ufeff\ufff9-\ufffb"
    "\ud800-\udfff\U000e0000-\U000e007f"
)
_HIDDEN = re.compile(f"[{_UNSEEN}]")
_PREFIX = re.compile(r"[ \t]*(?:>[ \t]?){0,20}(?:#{1,6}[ \t]+|[-*+•●·▪◦‣○■□][ \t]+)?")
_FENCE = re.compile(r"[ \t>]{0,20}(?:`{3,}|~{3,})[^`]{0,80}$")
_LINE = re.compile(r"[^\n]*\n|[^\n]+")
_TOKEN = re.compile(
    r"\\(?P<escaped>[!-/:-@\[-`{-~])"
    r"|(?P<mark>\*+|~~|(?<![^\W_])_+|_+(?![^\W_]))"
    r"|(?P<tick>`+)"
    r"|<(?P<address>(?:https?://|mailto:)[^<>\s]{1,2000})>"
    r"|(?P<tag></?(?:br|b|i|u|em|strong|a|span|p|div|sup|sub|font|small|code|wbr)\b[^<>]{0,300}>)"
    r"|(?P<entity>&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z]{2,8});)"
    r"|(?P<pipe>\|)"
    rf"|(?P<hidden>[{_UNSEEN}])",
    re.IGNORECASE,
)

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of text in one style. It stands for `raw[start:end]`; `exact` says that it is the same characters."""

    text: str
    start: int
    end: int
    strong: bool = False
    emphasis: bool = False
    link: str = ""
    exact: bool = True


def visible(text: str) -> str:
    """Text with characters that nobody sees shown as ⟨U+202E⟩: controls, marks of direction, zero width, surrogates."""
    return _HIDDEN.sub(lambda found: f"⟨U+{ord(found[0]):04X}⟩", text)


def read(markdown: str, row: bool = False) -> list[Run]:
    """What a reader sees of the raw Markdown of one or several clauses, in order.

    List bullets, heading marks, fences, rules and dividers of tables are hidden; the numbering of a clause is text.
    In a table row the cells are divided by " | ". Any text is accepted.
    """
    links, hidden = _links(markdown)
    return list(_styled(markdown, _merged([*hidden, *_silent(markdown, row)]), links, row))


# ---- what is hidden ----------------------------------------------------------------------------------------------


def _links(text: str) -> tuple[list[tuple[int, int, str]], list[Span]]:
    """Links as the place of their words and their target; and what of links and images is hidden."""
    links = links_in(text)
    hidden = [span for link in links for span in (link.opening, link.closing)]
    shown = [link for link in links if link.target and text[slice(*link.opening)] == "["]
    return [(link.opening[1], link.closing[0], link.target) for link in shown], hidden


def _silent(text: str, row: bool) -> list[Span]:
    """What of each line is layout: bullets, heading marks, whole rules, fences and dividers, outer pipes of a row."""
    found = []
    for line in _LINE.finditer(text):
        body = line[0].rstrip("\r\n")
        end = line.start() + len(body)
        if not (any(map(str.isalnum, body)) or _HIDDEN.search(body)) or _FENCE.match(body):
            found.append((line.start(), end))
            continue
        prefix = _PREFIX.match(body)
        start = line.start() + (prefix.end() if prefix else 0)
        if row and text[start : start + 1] == "|":
            start += 1
        found.append((line.start(), start))
        if row and body.rstrip().endswith("|"):
            found.append((line.start() + len(body.rstrip()) - 1, end))
    return found


def _merged(spans: list[Span]) -> list[Span]:
    merged: list[Span] = []
    for start, end in sorted(span for span in spans if span[0] < span[1]):
        if merged and start <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], end))
        else:
            merged.append((start, end))
    return merged


def _shown(length: int, hidden: list[Span]) -> Iterator[Span]:
    """The stretches between the hidden ones."""
    position = 0
    for start, end in [*hidden, (length, length)]:
        if position < start:
            yield position, start
        position = max(position, end)


# ---- what is shown -----------------------------------------------------------------------------------------------


class _Styles:
    """Bold and emphasis as marks toggle them, and the link that a position stands in."""

    def __init__(self, links: list[tuple[int, int, str]]) -> None:
        self.strong = self.emphasis = False
        self.links = sorted(links)
        self.starts = [start for start, _, _ in self.links]

    def toggle(self, mark: str) -> None:
        if mark[0] in "*_":
            self.strong ^= len(mark) in (2, 3)
            self.emphasis ^= len(mark) in (1, 3)

    def link(self, position: int) -> tuple[str, int]:
        """The target in force at a position, and where that ends."""
        place = bisect_right(self.starts, position) - 1
        if place >= 0 and position < self.links[place][1]:
            return self.links[place][2], self.links[place][1]
        following = self.starts[place + 1] if place + 1 < len(self.starts) else 1 << 60
        return "", following

    def runs(self, text: str, start: int, end: int, shown: str | None = None) -> Iterator[Run]:
        """The text between two positions, cut where links begin and end; or `shown` in its place."""
        if shown is not None:
            yield Run(shown, start, end, self.strong, self.emphasis, self.link(start)[0], exact=False)
            return
        while start < end:
            link, until = self.link(start)
            stop = min(end, until)
            yield Run(text[start:stop], start, stop, self.strong, self.emphasis, link)
            start = stop


def _styled(text: str, hidden: list[Span], links: list[tuple[int, int, str]], row: bool) -> Iterator[Run]:
    styles = _Styles(links)
    for start, end in _shown(len(text), hidden):
        position = start
        for token in _TOKEN.finditer(text, start, end):
            if token.lastgroup == "pipe" and not row:
                continue
            yield from styles.runs(text, position, token.start())
            position = token.end()
            if token.lastgroup == "mark":
                styles.toggle(token[0])
            elif (shown := _stand_in(token)) is not None:
                yield from styles.runs(text, token.start(), token.end(), shown)
        yield from styles.runs(text, position, end)


def _stand_in(token: re.Match[str]) -> str | None:
    """What is shown in place of a token; None where nothing is."""
    kind = token.lastgroup
    if kind == "escaped":
        return token["escaped"]
    if kind == "address":
        return visible(token["address"])
    if kind == "tag":
        return " "
    if kind == "entity":
        return visible(html.unescape(token[0]))
    if kind == "pipe":
        return " | "
    return visible(token[0]) if kind == "hidden" else None
