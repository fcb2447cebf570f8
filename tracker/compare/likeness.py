"""How far two clauses are the same, by their words."""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise

from rapidfuzz import fuzz
from rapidfuzz.distance import LCSseq

from tracker.model import Clause
from tracker.text.shared import characters
from tracker.text.wording import dated, folded

_ALONE = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff"  # written without spaces
_WORD = re.compile(rf"[{_ALONE}]|[^\W_{_ALONE}]+")
_PLAIN = re.compile(r"[a-z0-9]+")  # the same in a text of ASCII alone, in half the time
_DIGITS = re.compile(r"\d+")
_TERM = re.compile(r"([^\W\d_][^.:?!|(]{2,60})(?:[.:](?= |$)| \(| \|)")
_DEFINED = re.compile(r"""(?:(?:an?|the) )?["“„«'‘]\s?([^"“”„«»'‘’]{2,60}?)\s?["”“»'’]""", re.IGNORECASE)
_LONGEST = 3_000  # words of a clause that are looked at
_SHORT = 120  # characters of a clause that may differ in its numbers alone
_SENTENCE = 40  # characters of a cell that is no name but says something: it may be reworded
_FEW = 12  # words of a clause that is short
CONTAINED = 0.66  # the similarity of a clause and one that contains it
_SMALL_PART = 0.45  # the same for one that is less than a quarter of it, where another is as similar
_SAME_BUT_NUMBERS = 0.75  # the similarity of clauses that differ in their numbers and dates alone


class WordTable:
    """The words of clauses, one character each, read when asked for: most clauses are never asked for."""

    def __init__(self, before: Sequence[Clause], after: Sequence[Clause]) -> None:
        self.clauses = before, after
        self._codes = characters()
        self._seen: tuple[dict[int, str], dict[int, str]] = {}, {}
        self._runs: tuple[dict[int, set[str]], dict[int, set[str]]] = {}, {}
        self._bare: tuple[dict[int, str], dict[int, str]] = {}, {}
        self._terms: tuple[dict[int, tuple[str, str]], dict[int, tuple[str, str]]] = {}, {}

    def of(self, side: int, at: int) -> str:
        """The words of a clause of one side as a string of characters, letter case aside."""
        seen = self._seen[side]
        if at not in seen:
            text = folded(self.clauses[side][at].text).casefold()
            words = (_PLAIN if text.isascii() else _WORD).findall(text)[:_LONGEST]
            # One and many of the same are the same word.
            stems = [word[:-1] if word[-1] == "s" and len(word) > 3 else word for word in words]
            seen[at] = "".join(map(self._codes.__getitem__, stems))
        return seen[at]

    def runs(self, side: int, at: int) -> set[str]:
        """The runs of three words of a clause; of a short one also those of two."""
        seen = self._runs[side]
        if at not in seen:
            words = self.of(side, at)
            seen[at] = set(map("".join, zip(words, words[1:], words[2:], strict=False)))
            if len(words) <= _FEW:
                seen[at].update(map("".join, pairwise(words)) if len(words) > 1 else (words,))
        return seen[at]

    def bare(self, side: int, at: int) -> str:
        """A short clause with every date and number left open, "" for others: see `without_numbers`."""
        seen = self._bare[side]
        if at not in seen:
            seen[at] = without_numbers(self.clauses[side][at].text)
        return seen[at]

    def terms(self, side: int, at: int) -> tuple[str, str]:
        """The term that a clause begins with ("Fees: …") and the one that it defines (“Fees” means …), "" for none."""
        seen = self._terms[side]
        if at not in seen:
            found = [form.match(self.clauses[side][at].text) for form in (_TERM, _DEFINED)]
            seen[at] = tuple([term[1] if term else "" for term in found])
        return seen[at]

    def long(self, side: int, at: int, words: int) -> bool:
        """Whether a clause has at least so many words: of one with fewer characters none is read."""
        return len(self.clauses[side][at].text) >= words and len(self.of(side, at)) >= words


def similarity(table: WordTable, x: int, y: int) -> float:
    """How far two clauses are the same, 0 to 1: words in common and in order, twice, by all words. Short clauses are
    compared by letters as well, and a clause that the other contains nearly whole counts more than its words."""
    left, right = table.of(0, x), table.of(1, y)
    if not left or not right:
        return 0.0
    one, other = table.clauses[0][x], table.clauses[1][y]
    common = LCSseq.similarity(left, right)
    ratio = 2 * common / (len(left) + len(right))
    if ratio < CONTAINED and common >= _FEW // 2 * 0.85 and common >= 0.85 * min(len(left), len(right)):
        shorter, longer = sorted((left, right), key=len)
        if len(shorter) >= _FEW // 2 and contained(shorter, longer) >= 0.8:
            ratio = CONTAINED
    if ratio < _SAME_BUT_NUMBERS and table.bare(0, x) == table.bare(1, y) != "":
        ratio = _SAME_BUT_NUMBERS
    lengths = len(one.text), len(other.text)
    if ratio < 0.9 and max(lengths) <= _SHORT and max(lengths) <= 2 * min(lengths):
        letters = fuzz.ratio(one.text.casefold(), other.text.casefold(), score_cutoff=85) / 100
        ratio = max(ratio, letters - 0.05)
    if one.kind == other.kind == "row":
        ratio += _first_cells(one.text, other.text)
    return max(0.0, min(1.0, ratio))


def rank(table: WordTable, x: int, y: int, score: float) -> float:
    """By what a pair goes before others: its similarity; a small part of a long clause goes behind what is like it,
    unless it is how that begins."""
    left, right = table.of(0, x), table.of(1, y)
    if score != CONTAINED or left[:4] == right[:4]:
        return score
    shorter, longer = sorted((len(left), len(right)))
    return score if 4 * shorter > longer else _SMALL_PART


def _first_cells(one: str, other: str) -> float:
    """What the first cell says for or against two table rows being the same."""
    left, right = (text.partition(" | ")[0][:_SHORT] for text in (one, other))
    if left == right:
        return 0.15
    same = 50 if min(len(left), len(right)) >= _SENTENCE else 75
    return 0.0 if fuzz.partial_ratio(left, right) >= same else -0.25


def without_numbers(text: str) -> str:
    """A short text with every date and number left open: "Updated: May 4, 2024" is "updated: 0-0-0". "" for others."""
    if len(text) > _SHORT or not _DIGITS.search(text):
        return ""
    bare = _DIGITS.sub("0", dated(folded(text))).casefold()
    return bare if _WORD.search(bare.replace("0", "")) else ""


def pairs_of(words: str) -> set[str]:
    """The runs of two words of a clause."""
    return {words[at : at + 2] for at in range(len(words) - 1)}


def contained(part: str, whole: str) -> float:
    """The share of the runs of two words of `part` that stand in `whole`."""
    own = [part[at : at + 2] for at in range(len(part) - 1)]
    return sum([run in whole for run in own]) / len(own) if own else 0.0
