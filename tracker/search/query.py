"""What people write into a search box, read so that nothing they write can fail: words, "phrases", prefix*, AND, OR,
NOT or a minus, brackets.

A bracket or a quotation mark without its partner, an operator without operands, symbols: what cannot be meant is left
out. Every word goes into the expression quoted, so no query is SQL or the syntax of FTS5. Pure.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from tracker.errors import WrongQuery
from tracker.store.signs import SIGNS

MOST = 64  # words of a query
DEEPEST = 12  # brackets within brackets; deeper ones are left out
_TOKEN = re.compile(r'"([^"]*)(?:"|$)(\*?)|([()])|(-?)([^\s()"]+)')
_WORD = re.compile(rf"[{SIGNS}]|[^\W_{SIGNS}]+")
_MARK = re.compile(r"[\u0300-\u036f]")
_HOW = 'Write words, "a phrase", train*, AND, OR, NOT or a minus: "train models" OR entraîn* -opt'


@dataclass(frozen=True, slots=True)
class Term:
    """Words that stand in a row; the last one may be the beginning of a word."""

    words: tuple[str, ...]
    prefix: bool = False

    @property
    def expression(self) -> str:
        return f'"{" ".join(self.words)}"' + " *" * self.prefix


@dataclass(frozen=True, slots=True)
class Query:
    """An expression of FTS5, and the terms that a result has to be marked with."""

    expression: str
    terms: tuple[Term, ...]


def parse(text: str) -> Query:
    """A query as people write it. Raises WrongQuery where it names no word to look for, or more than MOST."""
    pieces = list(_pieces(text))
    terms = [piece for piece in pieces if isinstance(piece, Term)]
    count = sum(len(term.words) for term in terms)
    if not terms:
        raise WrongQuery("The query holds no word to look for.", text[:80], _HOW)
    if count > MOST:
        what = f"The query has {count:,} words; at most {MOST} are looked for at once."
        raise WrongQuery(what, text[:80] + "…", "Take the words that matter; `tracker since` takes whole paragraphs.")
    found: list[Term] = []
    expression = _either(pieces, [0], found)
    if not expression:
        raise WrongQuery("The query only says what shall not stand there.", text[:80], _HOW)
    return Query(expression, tuple(found))


def words_of(text: str) -> tuple[str, ...]:
    """The words of a text as they are indexed; scripts without spaces sign by sign."""
    return tuple(_WORD.findall(text))


def _pieces(text: str) -> Iterator[Term | str]:
    """Terms, brackets and operators, in order."""
    depth = 0
    for mark in _TOKEN.finditer(text):
        phrase, star, bracket, minus, word = mark.groups()
        if bracket:
            inside = depth + 1 if bracket == "(" else depth
            if 0 < inside <= DEEPEST:
                yield bracket
            depth = inside if bracket == "(" else max(depth - 1, 0)
        elif word in ("AND", "OR", "NOT") and not minus:
            yield word
        else:
            words = words_of(phrase if word is None else word)
            if minus and words:
                yield "NOT"
            if words:
                yield Term(words, bool(star) or (word or "").endswith("*"))


def _either(pieces: Sequence[Term | str], place: list[int], found: list[Term]) -> str:
    """Alternatives, from `place` on to the closing bracket."""
    parts = []
    while place[0] < len(pieces) and pieces[place[0]] != ")":
        if pieces[place[0]] == "OR":
            place[0] += 1
        else:
            parts.append(_all(pieces, place, found))
    place[0] += 1
    parts = [part for part in parts if part]
    return f"({' OR '.join(parts)})" if len(parts) > 1 else "".join(parts)


def _all(pieces: Sequence[Term | str], place: list[int], found: list[Term]) -> str:
    """What must stand together, without what must not."""
    wanted, unwanted = [], []
    negated = False
    while place[0] < len(pieces) and pieces[place[0]] not in (")", "OR"):
        piece = pieces[place[0]]
        place[0] += 1
        if piece in ("AND", "NOT"):
            negated = piece == "NOT"
            continue
        marked: list[Term] = []
        if isinstance(piece, Term):
            part, marked = piece.expression, [piece]
        else:
            part = _either(pieces, place, marked)
        if part:
            (unwanted if negated else wanted).append(part)
            if not negated:
                found += marked
        negated = False
    if not wanted:
        return ""
    together = f"({' AND '.join(wanted)})" if len(wanted) > 1 else wanted[0]
    return f"({together} NOT ({' OR '.join(unwanted)}))" if unwanted else together


# ---- marking what was found --------------------------------------------------------------------------------------


def marks(text: str, terms: Sequence[Term]) -> list[tuple[int, int]]:
    """Where the terms stand in a text, in order: positions that do not overlap."""
    tokens = [(match.start(), match.end(), _folded(match[0])) for match in _WORD.finditer(text)]
    found: list[tuple[int, int]] = []
    for term in terms:
        wanted = [_folded(word) for word in term.words]
        for at in range(len(tokens) - len(wanted) + 1):
            here = [token[2] for token in tokens[at : at + len(wanted)]]
            if here[:-1] == wanted[:-1] and (
                here[-1] == wanted[-1] or (term.prefix and here[-1].startswith(wanted[-1]))
            ):
                found.append((tokens[at][0], tokens[at + len(wanted) - 1][1]))
    merged: list[tuple[int, int]] = []
    for start, end in sorted(found):
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return merged


def _folded(word: str) -> str:
    """A word as the index compares it: lower case, without accents."""
    if word.isascii():
        return word.lower()
    return _MARK.sub("", unicodedata.normalize("NFD", word.lower()))
