"""Lines in, blocks out: where each clause of a text begins, by the marks of Markdown or by the breaks that people set.

This is no Markdown parser. It looks at one line at a time, so its cost is linear in the text whatever the text is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import accumulate

from tracker.text.wording import label

SHORT = 100  # characters: what may be a heading without saying so
_WRAPPED = 120  # characters: nobody wraps lines later than this

_LINE = re.compile(r"[^\r\n]*(?:\r\n|\r|\n)|[^\r\n]+")
_ATX = re.compile(r"#{1,6}(?=[ \t]|$)")
_RULE = re.compile(r"(?:[-*_][ \t]*){3,}$")
_FENCE = re.compile(r"(`{3,}|~{3,})[^`]*$")
_CELL = re.compile(r"(?<!\\)\|")
_MARKER = re.compile(r"([-*+•●·▪◦‣○■□])(?:[ \t]+|$)|([•●▪◦‣○■□])|(\d{1,3}[.)])(?:[ \t]+|$)")
_ENUMERATOR = re.compile(r"\(?(\d{1,3}|[a-z]{1,2}|[ivxlc]{1,7}|[A-Z])\)[ \t]")


@dataclass(slots=True)
class Block:
    """One clause to be: `lines` have no line ends, quotation marks or list marker; it begins at `start`."""

    kind: str
    start: int
    lines: list[str]
    indent: int = 0
    marker: str = ""
    level: int = 0
    ends: list[int] = field(default_factory=list)  # where each line ends in the text


def blocks(text: str) -> list[Block]:
    """The blocks of a text in order: headings, paragraphs, list items, table rows, fenced code."""
    found: list[Block] = []
    for block in _Scanner(text).scan():
        if len(block.lines) > 1 and block.kind in ("paragraph", "item"):
            found += _unwrapped(block)
        else:
            found.append(block)
    return found


def _lines(text: str) -> Iterable[tuple[int, int, str]]:
    """Where each line begins, where the next one does, and the line without its end."""
    if "\r" in text:
        return [(mark.start(), mark.end(), mark[0].rstrip("\r\n")) for mark in _LINE.finditer(text)]
    lines = text.split("\n")
    ends = list(accumulate([len(line) + 1 for line in lines]))
    ends[-1] = len(text)
    return zip([0, *ends], ends, lines, strict=False)


def _is_plain(line: str) -> bool:
    """Whether a line holds no mark that the scanner looks for: most paragraphs begin with such a line."""
    return line[0].isalpha() and ")" not in line[:9] and not (line[-1] == "\\" or line[-1].isspace())


class _Scanner:
    """Lines in, blocks out. `open` is the block that the next line may continue."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.blocks: list[Block] = []
        self.open: Block | None = None
        self.fence = ""
        self.fences_left = 0

    def scan(self) -> list[Block]:
        """All blocks of the text, in order."""
        if "```" in self.text or "~~~" in self.text:
            self.fences_left = sum(line.lstrip()[:3] in ("```", "~~~") for _, _, line in _lines(self.text))
        for start, end, line in _lines(self.text):
            if not self.fence and (not line or line.isspace()):
                self.open = None
            elif self.open or self.fence or not _is_plain(line):
                self._line(start, end, line)
            else:
                self._begin(Block("paragraph", start, [line], ends=[end]))
        return self.blocks

    def _line(self, start: int, end: int, line: str) -> None:
        body = line.strip()
        if self.fence or body[:3] in ("```", "~~~"):
            return self._fenced(start, end, line, body)
        first = body[0]
        if first == ">":
            body = body.lstrip("> \t")
            first = body[:1]
            if not body:
                self.open = None
                return None
        if first in "#=-*_|" and self._special(start, end, body, first):
            return None
        indent = 0
        if line[0].isspace():
            spread = line.expandtabs(4)
            indent = len(spread) - len(spread.lstrip())
        marker = "" if first.isalpha() and ")" not in body[1:9] else self._marker(body)
        hard = line.endswith(("  ", "\\"))
        if marker:
            words = body[len(marker) :].lstrip()
            self._begin(Block("item", start, [words], indent, marker, ends=[end]))
        elif self.open and self.open.kind in ("paragraph", "item"):
            self.open.lines.append(body)
            self.open.ends.append(end)
        else:
            self._begin(Block("paragraph", start, [body], indent, ends=[end]))
        if hard and self.open:
            # A hard break ends the clause; what follows keeps the place in the list.
            self.open = None
        return None

    def _begin(self, block: Block) -> None:
        self.blocks.append(block)
        self.open = block

    def _fenced(self, start: int, end: int, line: str, body: str) -> None:
        if self.fence:
            self.blocks[-1].lines.append(line)
            self.blocks[-1].ends.append(end)
            if body.startswith(self.fence) and not body.strip(self.fence[0]):
                self.fence = ""
                self.open = None
            self.fences_left -= body[:3] in ("```", "~~~")
            return
        self.fences_left -= 1
        fence = _FENCE.match(body)
        if fence and self.fences_left:  # a fence that nothing closes is no fence
            self.fence = fence[1]
            self._begin(Block("code", start, [line], ends=[end]))
        elif self.open and self.open.kind in ("paragraph", "item"):
            self.open.lines.append(body)
            self.open.ends.append(end)
        else:
            self._begin(Block("paragraph", start, [body], ends=[end]))

    def _special(self, start: int, end: int, body: str, first: str) -> bool:
        """Headings, underlines, rules and table rows. True where the line is used up."""
        if first == "#":
            found = _ATX.match(body)
            if not found:
                return False
            words = body[found.end() :].strip(" \t")
            unclosed = words.rstrip("#")  # "C#" is a name, "Terms ##" a title between marks
            if not unclosed or unclosed[-1] in " \t":
                words = unclosed.rstrip(" \t")
            self._begin(Block("heading", start, [words], level=found.end(), ends=[end]))
            self.open = None
            return True
        if first in "=-" and not body.strip(first) and len(body) > 1 and self._underline(first, len(body)):
            return True
        if first == "|":
            return self._row(start, end, body)
        if first != "=" and _RULE.match(body):
            self.open = None
            return True
        return first == "=" and len(body) > 3 and not body.strip("=")

    def _underline(self, first: str, length: int) -> bool:
        """Setext: the paragraph above becomes a heading. Some converters leave empty lines or a number in between."""
        block = self.blocks[-1] if self.blocks else None
        if block is None or block.kind not in ("paragraph", "item"):
            return False
        if block is not self.open:
            numbered = block.kind == "item" and block.marker[:1].isdigit()
            short = len(block.lines) == 1 and len(block.lines[0]) < SHORT
            if not (short and length >= 3 and (first == "=" or numbered)):
                return False
        block.kind, block.level = "heading", 1 if first == "=" else 2
        self.open = None
        return True

    def _row(self, start: int, end: int, body: str) -> bool:
        if "-" in body and not body.strip(" \t:|-"):
            self.open = None
            return True
        if body.count("|") < 2 or not body.endswith("|"):
            return False
        cells = [cell.strip() for cell in _CELL.split(body.strip("|"))]
        self._begin(Block("row", start, [" | ".join(cells)], ends=[end]))
        self.open = None
        return True

    def _marker(self, body: str) -> str:
        """The list marker that a line begins with, or "". Inside a paragraph a wrapped line may begin with one by
        chance, so there it counts only after the end of a sentence or of another item."""
        found = _MARKER.match(body)
        if found:
            marker = found[1] or found[2] or found[3]
            if marker == found[3] and label(body)[0] == "":
                return ""  # "30. Juni" is a date
        else:
            found = _ENUMERATOR.match(body)
            marker = found[0].strip() if found else ""
        if marker and self.open and self.open.kind in ("paragraph", "item"):
            ended = self.open.lines[-1].endswith((".", ":", ";", "!", "?", ",", " and", " or"))
            if not (ended or marker in "-*+•●▪◦‣○■□" or (self.open.marker and found.re is _MARKER)):
                return ""
        return marker


def _unwrapped(block: Block) -> list[Block]:
    """Lines divided where the next word would have fitted on the line: somebody meant that break."""
    lengths = [len(line) for line in block.lines]
    width = max(lengths)
    parts, current = [], Block(block.kind, block.start, [], block.indent, block.marker, block.level)
    for number, line in enumerate(block.lines):
        if current.lines and _meant(block.lines[number - 1], line, width):
            parts.append(current)
            current = Block("paragraph", block.ends[number - 1], [], max(block.indent, 1 if block.marker else 0))
        current.lines.append(line)
        current.ends.append(block.ends[number])
    return [*parts, current]


def _meant(line: str, following: str, width: int) -> bool:
    if width > _WRAPPED:
        return line[-1:] in ".!?:;。！？；" or not following[:1].islower()
    word = following.split(maxsplit=1)[0]
    room = width - len(line) - 1
    return room >= min(len(word), 20) and (line[-1:] in ".!?:;" or not following[:1].islower()) and room > width // 5
