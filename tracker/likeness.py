"""How far two clauses are the same, by their words."""

from __future__ import annotations

import re
from collections.abc import Sequence

from rapidfuzz.distance import LCSseq

from tracker.model import Clause

_WORD = re.compile(r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]|[^\W_]+")
_LONGEST = 3_000  # words of a clause that are looked at


def character(number: int) -> str:
    """A distinct character for each number below 1,112,063; beyond that they repeat, which only blurs a similarity."""
    number = number % 1_112_063 + 1
    return chr(number if number < 0xD800 else number + 0x800)


class WordTable:
    """The words of clauses, one character each, read when asked for: most clauses are never asked for."""

    def __init__(self, before: Sequence[Clause], after: Sequence[Clause]) -> None:
        self.clauses = before, after
        self._codes: dict[str, str] = {}
        self._seen: tuple[dict[int, str], dict[int, str]] = {}, {}

    def of(self, side: int, at: int) -> str:
        """The words of a clause of one side as a string of characters, letter case aside."""
        seen = self._seen[side]
        if at not in seen:
            words = _WORD.findall(self.clauses[side][at].text.casefold())[:_LONGEST]
            codes = self._codes
            seen[at] = "".join([codes.get(word) or codes.setdefault(word, character(len(codes))) for word in words])
        return seen[at]


def runs(words: str) -> set[str]:
    """The runs of three words of a clause; of a shorter one its words."""
    return {words[at : at + 3] for at in range(len(words) - 2)} or {words}


def similarity(table: WordTable, x: int, y: int) -> float:
    """How far two clauses are the same, 0 to 1: words in common and in order, twice, by all words. A clause that the
    other contains nearly whole counts as well."""
    left, right = table.of(0, x), table.of(1, y)
    if not left or not right:
        return 0.0
    common = LCSseq.similarity(left, right)
    ratio = 2 * common / (len(left) + len(right))
    shorter, longer = sorted((left, right), key=len)
    if len(shorter) >= 6 and common >= 0.85 * len(shorter) and ratio < 0.6 and contained(shorter, longer) >= 0.7:
        ratio = max(ratio, 0.6)
    one, other = table.clauses[0][x], table.clauses[1][y]
    if one.kind == other.kind == "row":
        ratio += 0.15 if one.text.split(" | ")[0] == other.text.split(" | ")[0] else -0.15
    return max(0.0, min(1.0, ratio))


def contained(part: str, whole: str) -> float:
    """The share of the runs of two words of `part` that stand in `whole`."""
    runs = {whole[at : at + 2] for at in range(len(whole) - 1)}
    own = [part[at : at + 2] for at in range(len(part) - 1)] or [part]
    return sum(run in runs for run in own) / len(own)
