"""A text, clause by clause: headings, paragraphs, list items, table rows, each with what governs it.

Read are the Markdown of our own extractor, that of Open Terms Archive (setext headings, wide bullets, hard breaks,
escapes) and plain text that people paste (soft-wrapped lines).

Most of a new version stands in the one before, and most of that nobody asks for. So a clause is read when it is asked
for, and `split` takes over the clauses of a text that it is shown where they stand in the new text too.
"""

from __future__ import annotations

import hashlib
import re
from bisect import bisect_left
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from itertools import accumulate
from typing import NamedTuple

from tracker.model import Clause
from tracker.text.blocks import SHORT, Block, blocks
from tracker.text.place import Place
from tracker.text.sentences import LONGEST, portions, sentences
from tracker.text.wording import DIVISIONS, label, read, substance

_KEPT = 1_000_000  # characters: longer texts are not kept divided
_MOST = 50_000  # clauses of a text: the longest real ones have a tenth; what stands behind them is one clause
_TEXTS = 4  # texts that are kept divided
_REMEMBERED = 1000  # characters: readings of longer pieces are not remembered

_NUMBER_ALONE = re.compile(r"(?:\d{1,3}\.){1,5}\d{0,3}|\d{1,3}\)|\((?:\d{1,3}|[a-z]|[ivx]{1,5})\)")
_BOLD = re.compile(r"(?:\*\*|__)(?!\s)[^*]+(?:\*\*|__)[:.]?$")
# A word in front, perhaps emphasised, linked or quoted, that is no numbering: reading the clause can wait.
_WORD_FIRST = re.compile(r"""(\*\*|\[|["“]|)([A-Za-z]+)(?:[,:;]? |['’][A-Za-z]|\]\()""")


# ---- keys --------------------------------------------------------------------------------------------------------


def clause_key(text: str) -> str:
    """The key of a clause by the plain text without its numbering: 16 hexadecimal digits, equal for equal substance."""
    return _key_again(text) if len(text) <= _REMEMBERED else _key_once(text)


def _key_once(text: str) -> str:
    return hashlib.blake2b(substance(text).encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


_key_again = lru_cache(maxsize=32768)(_key_once)


def identity(clause: Clause, language: str | None) -> bytes:
    """What a clause is judged by, as a hash: its words, its place under headings, its lead-in and its language."""
    parts = clause.kind, clause.text, "\x1e".join(clause.heading), clause.lead_in, language or ""
    return hashlib.sha256("\x1f".join(parts).encode("utf-8", "surrogatepass")).digest()


def substance_hash(clauses: Iterable[Clause]) -> str:
    """The hash of a whole text's substance: SHA-256 over the keys of its clauses in order, 64 hexadecimal digits.

    Two texts with the same hash differ in form at most, so the later one is no new version.
    """
    return hashlib.sha256("\n".join([clause.key for clause in clauses]).encode()).hexdigest()


def _read(markdown: str) -> tuple[str, str, tuple[str, ...]]:
    """Text, label and link targets of a piece of Markdown: neighbours in time share nearly all pieces."""
    return _read_again(markdown) if len(markdown) <= _REMEMBERED else _read_once(markdown)


def _read_once(markdown: str) -> tuple[str, str, tuple[str, ...]]:
    whole, links = read(markdown)
    numbering, text = label(whole)
    return text, numbering, links


_read_again = lru_cache(maxsize=32768)(_read_once)


def _words(markdown: str) -> str:
    return _read(markdown)[0]


# ---- clauses -----------------------------------------------------------------------------------------------------


class Clauses(tuple[Clause, ...]):
    """The clauses of a whole text, nothing left out: a slice of it is a plain tuple."""

    __slots__ = ()


class _Source(NamedTuple):
    """What a clause was made from, and the place before it: see `Unread`."""

    marker: str
    indent: int
    body: str
    place: Place

    def read(self, clause: Clause, name: str) -> Mapping[str, object]:
        if name == "key":
            return {"key": clause_key(clause.text)}
        text, numbering, links = _read(self.body)
        return {"text": text, "label": f"{self.marker} {numbering}".strip(), "links": links}


def split(text: str, like: Sequence[Clause] = ()) -> Clauses:
    """The clauses of a text in order. For every `str`, "".join(clause.raw for clause in split(text)) == text.

    Lines without words (rules, dividers of tables, empty lines) belong to the raw text of the clause above. `like`
    are the clauses of another text, as this function gave them: what both texts share is then taken over from there.
    The result is the same without it, only later.
    """
    found = _recent.get(text)
    if found is None:
        found = _divided(text, like if isinstance(like, Clauses) else ())
        if len(text) <= _KEPT:
            # Who walks through versions divides each of them twice: as the text after, then as the one before.
            for oldest in list(_recent)[: 1 - _TEXTS]:
                _recent.pop(oldest, None)
            _recent[text] = found
    return found


_recent: dict[str, Clauses] = {}


def forget() -> None:
    """Forget all readings, so that the next text is read as the first one is: for measuring."""
    _recent.clear()
    _read_again.cache_clear()
    _key_again.cache_clear()


def _divided(text: str, like: Sequence[Clause]) -> Clauses:
    if len(like) >= _MOST:
        like = ()
    head, start, tail, end = _shared(text, like)
    if head == len(like) and start == len(text):
        return Clauses(like)
    place = like[head].source.place if head else Place()
    pieces = _spoken(text[start:end], ended=end == len(text))
    if pieces is None:  # a number alone belongs to what follows it, so that is no place to stop
        tail, end = len(like), len(text)
        pieces = _spoken(text[start:], ended=True) or []
    if head + len(pieces) + len(like) - tail > _MOST:
        pieces = _bounded(text, pieces if not like else _spoken(text, ended=True) or [])
        like, head, tail, place = (), 0, 0, Place()
    if not pieces and not head and tail == len(like):
        return Clauses([Clause("paragraph", text, "", clause_key(""))] if text else ())
    middle = []
    for raw, block, body in pieces:
        kind, level = _kind(block, body)
        clause, place = _clause(kind, raw, level, _Source(block.marker, block.indent, body, place))
        middle.append(clause)
    while tail < len(like) and like[tail].source.place != place:
        known = like[tail]
        clause, place = _clause(known.kind, known.raw, known.level, known.source._replace(place=place))
        middle.append(clause)
        tail += 1
    return Clauses([*like[:head], *middle, *like[tail:]])


def _clause(kind: str, raw: str, level: int, source: _Source) -> tuple[Clause, Place]:
    """A clause, and the place after it."""
    marker, indent, body, place = source
    after, lead_in = place, ""
    if kind == "paragraph":
        after, lead_in = place.after_paragraph(body, indent, _words)
    elif kind == "item":
        after, level, lead_in = place.after_item(marker, indent, body, _words)
    elif kind == "heading":
        after = place.after_heading(level, _words(body), body)
        return Clause.unread(kind, raw, level, after.path[:-1], "", source), after
    return Clause.unread(kind, raw, level, place.path, lead_in, source), after


def _spoken(text: str, ended: bool) -> list[tuple[str, Block, str]] | None:
    """The clauses to be: raw text, block, body. What holds no letter and no digit joins the clause before it. None
    where the text goes on (it is not `ended`) and stops at a number that belongs to what follows."""
    found: list[tuple[int, Block, str]] = []
    waiting: tuple[int, str] | None = None  # a number that stands alone on its line belongs to what follows
    bodies = _bodies(text)
    for number, (start, block, body) in enumerate(bodies, 1):
        first = _WORD_FIRST.match(body)
        if first and first[2].casefold() not in DIVISIONS:
            spoken = True
        else:
            words = _words(body)
            alone = block.kind == "paragraph" and len(body) < 16 and _NUMBER_ALONE.fullmatch(words)
            if alone and (number < len(bodies) or not ended):
                waiting = waiting or (start, words)
                continue
            spoken = block.kind == "code" or any(map(str.isalnum, words))
        if spoken:
            if waiting:
                start = waiting[0]
                block.marker = f"{waiting[1]} {block.marker}".strip()
                waiting = None
            found.append((start, block, body))
    if waiting and not ended:
        return None
    starts = [0, *[start for start, _, _ in found[1:]], len(text)]
    return [(text[starts[at] : starts[at + 1]], block, body) for at, (_, block, body) in enumerate(found)]


def _bounded(text: str, pieces: list[tuple[str, Block, str]]) -> list[tuple[str, Block, str]]:
    """The clauses to be of a text with too many: the last one holds all the rest."""
    kept = pieces[: _MOST - 1]
    rest = "".join([raw for raw, _, _ in pieces[_MOST - 1 :]])
    return [*kept, (rest, Block("paragraph", len(text) - len(rest), [rest]), rest)]


def _bodies(text: str) -> list[tuple[int, Block, str]]:
    """The blocks of a text with where they start and what they hold, very long ones divided."""
    found: list[tuple[int, Block, str]] = []
    for block in blocks(text):
        body = "\n".join(block.lines) if block.lines[1:] else block.lines[0]
        if len(body) <= LONGEST:
            found.append((block.start, block, body))
            continue
        start = block.start
        for number, portion in enumerate(portions(text[block.start : block.ends[-1]])):
            part = Block("paragraph", start, [], max(block.indent, 1)) if number else block
            found.append((start, part, portion if number else portion.lstrip()[len(block.marker) :]))
            start += len(portion)
    return found


def _kind(block: Block, body: str) -> tuple[str, int]:
    """The kind of a block and the level of a heading: short bold or capital lines are headings that do not say so."""
    if block.kind in ("heading", "row", "code") or len(body) >= SHORT or block.lines[1:]:
        return block.kind, block.level
    if block.kind == "item" and not block.marker[:1].isdigit():
        return block.kind, 0
    first = _WORD_FIRST.match(body)
    if first and first[1] != "**" and not first[2].isupper() and first[2].casefold() not in DIVISIONS:
        return block.kind, 0
    words = _words(body)
    if _BOLD.match(body) and not sentences(words)[1:] and not words.endswith(","):
        return "heading", 7
    if words.isupper() and len(words) > 3 and words[-1] not in ".,;" and sum(map(str.isalpha, words)) > 3:
        return "heading", 7
    return block.kind, 0


# ---- what two texts share ----------------------------------------------------------------------------------------


def _shared(text: str, like: Sequence[Clause]) -> tuple[int, int, int, int]:
    """What a text shares with clauses of another one: how many at the front, where they end; from which one on at the
    back, where they start.

    A division may depend on the lines behind it, at most as far as the next clause but one, and never across an empty
    line once a clause has begun behind it. So the front ends at an empty line with two shared clauses behind it, the
    back starts at one with a shared clause before it. Fences reach further: a text with fences shares nothing.
    """
    nothing = 0, 0, len(like), len(text)
    if not like or "```" in text or "~~~" in text or like[0].source is None:
        return nothing
    other = "".join([clause.raw for clause in like])
    if other == text:
        return len(like), len(text), len(like), len(text)
    starts = list(accumulate([len(clause.raw) for clause in like], initial=0))
    head = bisect_left(range(len(like)), True, key=lambda at: not text.startswith(other[: starts[at + 1]]))
    lowest = max(0, len(other) - len(text)) + starts[head]  # the back must not reach into the front of either text
    tail = bisect_left(
        range(len(like)), True, key=lambda at: starts[at] >= lowest and text.endswith(other[starts[at] :])
    )
    start, end = starts[head], len(text) - len(other) + starts[tail]
    wanted = max(head - 2, 0)
    while head > wanted or (head and not _closed(like[head - 1])):
        head -= 1
        start -= len(like[head].raw)
    while tail < len(like):
        end += len(like[tail].raw)
        tail += 1
        if tail < len(like) and _closed(like[tail - 1]) and not _underlines(like[tail]):
            break
    return head, start, tail, end


def _closed(clause: Clause) -> bool:
    return clause.raw.endswith(("\n\n", "\n\r\n"))


def _underlines(clause: Clause) -> bool:
    """Whether the first line of a clause could turn a paragraph before it into a heading."""
    return clause.raw.lstrip("> \t\r\n")[:2] in ("==", "--")
