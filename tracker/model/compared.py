"""Comparison: what happened to each clause between two texts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from tracker.model.texts import Clause


class Kind(StrEnum):
    """What happened to a clause between two versions."""

    ADDED = "added"
    REMOVED = "removed"
    REWORDED = "reworded"
    MOVED = "moved"
    MOVED_REWORDED = "moved-reworded"
    SPLIT = "split"  # one paragraph broke into several, in the same words
    SPLIT_REWORDED = "split-reworded"
    MERGED = "merged"  # several became one, in the same words
    MERGED_REWORDED = "merged-reworded"
    REPEATED = "repeated"  # a clause that stood there already stands there once more
    RETURNED = "returned"  # it stood in an earlier version, was gone, and is back
    FORM = "form"  # only links, numbering, punctuation, case or emphasis
    REPLACED = "replaced"  # the whole document was swapped


FORMAL = frozenset({"form", "moved", "split", "merged"})  # kinds of which no word changed


Pieces = tuple[tuple[str, str], ...]


def swapped(before: str, after: str) -> Pieces:
    """The pieces of two texts that have nothing in common."""
    return tuple([piece for piece in (("-", before), ("+", after)) if piece[1]])


@dataclass(frozen=True, slots=True)
class ClauseChange:
    """A clause before and after. `before` is empty for an added clause, `after` for a removed one; a split has
    several after, a merge several before.

    `words` are the pieces of the raw text in order, as (operation, text) with operation "=", "-" or "+": "=" and "-"
    joined give the raw text before, "=" and "+" the raw text after. `detail` says more in one word where it can:
    "links", "numbering", "punctuation", "case", "emphasis", "whitespace", "dates", "volatile", "address" for FORM.
    `until` is, for RETURNED, the index in the history given to `compare` of the last version that had it.
    """

    kind: Kind
    before: tuple[Clause, ...] = ()
    after: tuple[Clause, ...] = ()
    detail: str = ""
    similarity: float = 0.0
    until: int | None = None
    marks: Callable[[str, str], Pieces] = field(default=swapped, compare=False, repr=False)  # gives the pieces
    _words: Pieces | None = field(default=None, init=False, compare=False, repr=False)

    @property
    def words(self) -> Pieces:
        """The pieces of the raw text in order; found when first asked for, as most changes of a history never are."""
        if self._words is None:
            sides = ("".join([clause.raw for clause in side]) for side in (self.before, self.after))
            object.__setattr__(self, "_words", self.marks(*sides))
        return self._words


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two texts, clause by clause. Clauses that no change names are unchanged and in the same order on both sides."""

    before: Sequence[Clause]
    after: Sequence[Clause]
    changes: tuple[ClauseChange, ...]  # in reading order of the text after; removed ones where they stood
    touched: float = 0.0  # share of the words of both texts in clauses added, removed, reworded or replaced, 0 to 1
    reverts_to: int | None = None  # index in the history given to `compare` of an earlier version with the same text

    @property
    def unchanged(self) -> int:
        """How many clauses no change names."""
        return len(self.before) - sum([len(change.before) for change in self.changes])

    @property
    def counts(self) -> dict[str, int]:
        """How many clause changes of each kind, kinds that do not occur left out."""
        found: dict[str, int] = {}
        for change in self.changes:
            found[change.kind.value] = found.get(change.kind.value, 0) + 1
        return found
