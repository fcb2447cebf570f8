"""A comparison in one line of words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from tracker.compare.comparison import REWRITTEN
from tracker.model import Comparison, Kind

_NAMES = (
    (Kind.REPLACED, "the whole document replaced", "the whole document replaced"),
    (Kind.ADDED, "clause added", "clauses added"),
    (Kind.REMOVED, "removed", "removed"),
    (Kind.REWORDED, "reworded", "reworded"),
    (Kind.MOVED_REWORDED, "moved and reworded", "moved and reworded"),
    (Kind.RETURNED, "returned", "returned"),
    (Kind.SPLIT_REWORDED, "split and reworded", "split and reworded"),
    (Kind.MERGED_REWORDED, "merged and reworded", "merged and reworded"),
    (Kind.SPLIT, "split", "split"),
    (Kind.MERGED, "merged", "merged"),
    (Kind.MOVED, "moved", "moved"),
    (Kind.REPEATED, "repeated", "repeated"),
    (Kind.FORM, "changed in form only", "changed in form only"),
)


def summarise(comparison: Comparison, on_ai: Iterable[int] = ()) -> str:
    """One line in words: "2 clauses added, 1 on AI; 3 reworded; 12 moved; 310 unchanged". Above a share of `REWRITTEN`
    of the text touched it begins with "rewritten". `on_ai` are the places of the changes that concern AI."""
    counts: Counter[str] = Counter(comparison.counts)
    dropped = sum(change.kind is Kind.REPEATED and change.detail == "dropped" for change in comparison.changes)
    counts[Kind.REPEATED.value] -= dropped
    if counts[Kind.REPLACED.value]:
        before, after = len(comparison.before), len(comparison.after)
        return f"the whole document replaced: {before} {'clause' if before == 1 else 'clauses'} before, {after} after"
    concerned = Counter([comparison.changes[place].kind for place in on_ai])
    parts: list[str] = []
    for kind, one, many in _NAMES:
        count = counts[kind.value]
        if count:
            clauses = "" if parts or "clause" in one else "clause " if count == 1 else "clauses "
            parts.append(f"{count} {clauses}{one if count == 1 else many}{_concerning(concerned[kind], count)}")
    if dropped:
        parts.append(f"{dropped} {'copy' if dropped == 1 else 'copies'} dropped")
    if not parts:
        return "nothing changed"
    parts.append(f"{comparison.unchanged} unchanged")
    line = "; ".join(parts)
    return f"rewritten ({comparison.touched:.0%} of the text): {line}" if comparison.touched > REWRITTEN else line


def _concerning(number: int, count: int) -> str:
    """How many clauses of a kind, of which there are `count`, concern AI."""
    if not number:
        return ""
    return ", on AI" if count == 1 else f", {number} on AI"
