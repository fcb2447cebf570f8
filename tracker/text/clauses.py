"""A text, clause by clause: headings, paragraphs, list items, table rows, each with what governs it.

Read are the Markdown of our own extractor, that of Open Terms Archive (setext headings, wide bullets, hard breaks,
escapes) and plain text that people paste (soft-wrapped lines).
"""

from __future__ import annotations

import hashlib
import re
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import lru_cache

from tracker.model import Clause
from tracker.text.blocks import SHORT, Block, blocks
from tracker.text.wording import label, read, substance

LONGEST = 6000  # characters: a longer paragraph is divided into its sentences
_KEPT = 1_000_000  # characters: longer texts are not kept divided
_REMEMBERED = 1000  # characters: readings of longer pieces are not remembered

_NUMBER_ALONE = re.compile(r"(?:\d{1,3}\.){1,5}\d{0,3}|\d{1,3}\)|\((?:\d{1,3}|[a-z]|[ivx]{1,5})\)")
_BOLD = re.compile(r"(?:\*\*|__)(?!\s)[^*]+(?:\*\*|__)[:.]?$")
_SENTENCE = re.compile(r"""[.!?][")”’»\]*_]*\s+(?=["(“‘«\[*_]*[^\Wa-z_])|[。！？；]+["”’」』）]*""")
_ABBREVIATED = re.compile(
    r"(?:\b(?:[A-Za-z]|e\.g|i\.e|no|nos|art|inc|ltd|co|corp|sec|vs|cf|etc|st|mr|ms|mrs|dr|abs|nr|bzw|p)|^\W*\d{1,3})$",
    re.I,
)


# ---- keys --------------------------------------------------------------------------------------------------------


def clause_key(text: str) -> str:
    """The key of a clause by the plain text without its numbering: 16 hexadecimal digits, equal for equal substance."""
    return hashlib.blake2b(substance(text).encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def substance_hash(clauses: Iterable[Clause]) -> str:
    """The hash of a whole text's substance: SHA-256 over the keys of its clauses in order, 64 hexadecimal digits.

    Two texts with the same hash differ in form at most, so the later one is no new version.
    """
    return hashlib.sha256("\n".join(clause.key for clause in clauses).encode()).hexdigest()


def _read(markdown: str) -> tuple[str, str, str, tuple[str, ...]]:
    """Text, label, key and link targets of a piece of Markdown: neighbours in time share nearly all pieces."""
    return _read_again(markdown) if len(markdown) <= _REMEMBERED else _read_once(markdown)


def _read_once(markdown: str) -> tuple[str, str, str, tuple[str, ...]]:
    whole, links = read(markdown)
    numbering, text = label(whole)
    return text, numbering, clause_key(text), links


_read_again = lru_cache(maxsize=32768)(_read_once)


# ---- sentences ---------------------------------------------------------------------------------------------------


def sentences(text: str) -> list[str]:
    """The sentences of a text, each with the white space after it; joined they give the text back.

    >>> sentences("We keep it, e.g. Logs. You may ask. ")
    ['We keep it, e.g. Logs. ', 'You may ask. ']
    """
    found, start = [], 0
    for mark in _SENTENCE.finditer(text):
        if mark[0][0] == "." and _ABBREVIATED.search(text[max(start, mark.start() - 8) : mark.start()]):
            continue
        found.append(text[start : mark.end()])
        start = mark.end()
    return [*found, text[start:]] if start < len(text) else found


def _portions(text: str) -> Iterator[str]:
    """A very long paragraph in sentences, and a very long sentence cut between words at places that depend on the
    words around them alone, so that an edit at the front does not shift all cuts behind it."""
    for sentence in sentences(text):
        start, end = 0, len(sentence)
        while end - start > LONGEST:
            cut = start + LONGEST
            for gap in re.compile(r"\s+").finditer(sentence, start + LONGEST // 4, start + LONGEST):
                cut = gap.end()
                if (
                    zlib.crc32(sentence[max(start, gap.start() - 12) : gap.start()].encode("utf-8", "replace")) % 32
                    == 0
                ):
                    break
            yield sentence[start:cut]
            start = cut
        if start < end:
            yield sentence[start:]


# ---- clauses -----------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Open:
    """A list item that others may stand under."""

    indent: int
    style: str
    ordinal: int
    text: str
    lead_in: str


class _Place:
    """Where the reader is: the headings above, the list items above, the sentence that may govern a list."""

    def __init__(self) -> None:
        self.headings: list[tuple[int, str]] = []
        self.path: tuple[str, ...] = ()
        self.items: list[_Open] = []
        self.base = ""  # the unfinished sentence above the list
        self.last: _Open | None = None  # the last item at the top of a list: "(b)" after an aside goes on after "(a)"

    def enter(self, level: int, text: str) -> tuple[str, ...]:
        """The path above a heading; afterwards the place is under it."""
        while self.headings and self.headings[-1][0] >= level:
            self.headings.pop()
        above = tuple(name for _, name in self.headings)
        self.headings.append((level, text))
        self.path = (*above, text)
        self.items.clear()
        self.base = unfinished(text) if text.endswith((":", "：")) else ""
        return above

    def paragraph(self, text: str, indent: int) -> str:
        """The lead-in of a paragraph: none, unless it goes on within a list item in the middle of a sentence."""
        while self.items and self.items[-1].indent >= indent:
            self.items.pop()
        if self.items:
            return self.items[-1].lead_in if text[:1].islower() else ""
        self.base = unfinished(text)
        return ""

    def item(self, numbering: str, indent: int, text: str) -> tuple[int, str]:
        """Depth and lead-in of a list item."""
        style, ordinal = self._style(numbering)
        while self.items and self.items[-1].indent > indent:
            self.items.pop()
        same = next(
            (at for at, above in enumerate(self.items) if above.indent == indent and above.style == style), None
        )
        if same is not None:
            del self.items[same:]
        lead_in = self._lead_in(style, ordinal)
        entry = _Open(indent, style, ordinal, text, lead_in)
        if not self.items:
            self.last = entry
        self.items.append(entry)
        return len(self.items) - 1, lead_in

    def _lead_in(self, style: str, ordinal: int) -> str:
        if self.items:
            above = self.items[-1]
            own = unfinished(above.text)
            return f"{above.lead_in} {own}".strip() if own else above.lead_in
        goes_on = self.last and self.last.style == style and self.last.ordinal and ordinal == self.last.ordinal + 1
        return self.base or (self.last.lead_in if goes_on else "")

    def _style(self, numbering: str) -> tuple[str, int]:
        """How an item is marked, and its place in that count: "(c)" is ("(a)", 3), "-" is ("-", 0)."""
        core = numbering.strip("().")
        frame = numbering.replace(core, "", 1) if core else ""
        if core.isdecimal():
            return f"1{frame}", int(core)
        if len(core) == 1 and core.isalpha() and core.isascii():
            ordinal = ord(core.lower()) - 96
            goes_on = any(above.style == f"a{frame}" and above.ordinal == ordinal - 1 for above in self.items)
            if goes_on or core not in "ivxIVX":
                return f"a{frame}", ordinal
        if core and not core.lower().strip("ivxlc"):
            return f"i{frame}", 0
        return (f"a{frame}" if core else "-"), 0


def unfinished(text: str) -> str:
    """The sentence at the end of a text that governs a list below it, or "": it ends with a colon, a dash or no point.
    Without either it may be a title, so then it must be long and mostly in small letters.

    >>> unfinished("Be kind. You agree not to:")
    'You agree not to:'
    """
    if not text or text[-1] in '.!?。！？)”"' or len(text) < 3:
        return ""
    tail = sentences(text)[-1].strip()
    if text[-1] in ":：-–—;,":
        return tail
    words = tail.split()
    return tail if len(words) >= 5 and 2 * sum(word[0].islower() for word in words) >= len(words) else ""


def split(text: str) -> tuple[Clause, ...]:
    """The clauses of a text in order. For every `str`, "".join(clause.raw for clause in split(text)) == text.

    Lines without words (rules, dividers of tables, empty lines) belong to the raw text of the clause above.
    """
    return _split_again(text) if len(text) <= _KEPT else _split_once(text)


def _split_once(text: str) -> tuple[Clause, ...]:
    if not text:
        return ()
    found: list[tuple[Block, int, str]] = []
    for block in blocks(text):
        body = "\n".join(block.lines)
        if len(body) <= LONGEST:
            found.append((block, block.start, body))
            continue
        start = block.start
        for number, portion in enumerate(_portions(text[block.start : block.ends[-1]])):
            part = Block("paragraph", start, [], max(block.indent, 1)) if number else block
            words = portion if number else portion.lstrip()[len(block.marker) :]
            found.append((part, start, words))
            start += len(portion)
    return tuple(_clauses(text, found))


# Who walks through the versions of a document divides each of them twice: as the text after, then as the one before.
_split_again = lru_cache(maxsize=4)(_split_once)


def _clauses(text: str, found: list[tuple[Block, int, str]]) -> Iterator[Clause]:
    """Blocks as clauses. What holds no letter and no digit joins the clause before it."""
    spoken = []
    waiting: tuple[int, str] | None = None  # a number that stands alone on its line belongs to what follows
    for block, start, body in found:
        reading = _read(body)
        alone = block.kind == "paragraph" and len(body) < 16 and _NUMBER_ALONE.fullmatch(reading[0])
        if alone and block is not found[-1][0]:
            waiting = waiting or (start, reading[0])
        elif any(map(str.isalnum, reading[0])) or block.kind == "code":
            if waiting:
                start = waiting[0]
                block.marker = f"{waiting[1]} {block.marker}".strip()
            spoken.append((block, start, body, reading))
            waiting = None
    if not spoken:
        yield Clause("paragraph", text, "", clause_key(""))
        return
    place = _Place()
    starts = [0, *(start for _, start, _, _ in spoken[1:]), len(text)]
    for number, (block, _, body, (words, numbering, key, links)) in enumerate(spoken):
        raw = text[starts[number] : starts[number + 1]]
        kind, level = _kind(block, body, words)
        lead_in = ""
        path = place.path
        if kind == "heading":
            path = place.enter(level, words)
        elif kind == "item":
            level, lead_in = place.item(block.marker, block.indent, words)
        elif kind == "paragraph":
            lead_in = place.paragraph(words, block.indent)
        numbering = f"{block.marker} {numbering}".strip()
        yield Clause(kind, raw, words, key, numbering, level, path, lead_in, links)


def _kind(block: Block, body: str, words: str) -> tuple[str, int]:
    """The kind of a block and the level of a heading: short bold or capital lines are headings that do not say so."""
    if block.kind in ("heading", "row", "code") or len(body) >= SHORT or block.lines[1:]:
        return block.kind, block.level
    numbered = block.marker[:1].isdigit()
    if block.kind == "item" and not numbered:
        return block.kind, 0
    if _BOLD.match(body) and not sentences(words)[1:] and not words.endswith(","):
        return "heading", 7
    if words.isupper() and len(words) > 3 and words[-1] not in ".,;" and sum(map(str.isalpha, words)) > 3:
        return "heading", 7
    return block.kind, 0
