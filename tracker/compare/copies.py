"""Clauses that say nothing that the other text does not say too."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tracker.model import Clause
from tracker.text import substance

_TELLING = 60  # characters: what is shorter may stand inside a longer clause by chance
_SEARCHED = 50_000_000  # product of clauses and characters up to which clauses are looked for inside others
_FEW = 50  # clauses: for more it is quicker to read the whole other text
_PROBES = 3  # words of a clause that another one must have before it is read
_PROBE = re.compile(r"(?<!\S)[A-Za-z]{3,40}(?!\S)")


def copies_of(clauses: Sequence[Clause], places: Sequence[int], others: Sequence[Clause]) -> set[int]:
    """The places of those clauses that say nothing that the other text does not say too: the same clause stands
    there, or their words stand inside a longer one; of several equal ones, all but the first."""
    if not places:
        return set()
    few = len(places) <= _FEW
    keys, text = (set(), "") if few else _whole(others)
    search = len(places) * len(text) <= _SEARCHED
    found: set[int] = set()
    seen: set[str] = set()
    for place in places:
        clause = clauses[place]
        if few:
            keys, text = _whole(_alike(clause, others))
        telling = search and len(clause.text) >= _TELLING
        if clause.key in keys or clause.key in seen or (telling and clause.text in text):
            found.add(place)
        seen.add(clause.key)
    return found


def _whole(clauses: Sequence[Clause]) -> tuple[set[str], str]:
    return {clause.key for clause in clauses}, "\n".join([clause.text for clause in clauses])


def _alike(clause: Clause, others: Sequence[Clause]) -> Sequence[Clause]:
    """The clauses that have the longest words of a clause: no other can have its key, or its words inside."""
    said = substance(clause.text)
    if "<" in said or "#" in said:
        return others  # here words stand for others
    for probe in sorted(_PROBE.findall(said), key=len)[-_PROBES:]:
        others = [other for other in others if probe in other.raw]
    return others
