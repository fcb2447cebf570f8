"""Clauses that say nothing that the other text does not say too."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tracker.model import Clause
from tracker.text import holding, substance

_TELLING = 60  # characters: what is shorter may stand inside a longer clause by chance
_SEARCHED = 50_000_000  # product of clauses and characters up to which clauses are looked for inside others
_FEW = 50  # clauses: for more it is quicker to read the whole other text
_PROBE = re.compile(r"(?<![A-Za-z0-9])[A-Za-z][A-Za-z0-9]{2,39}(?![A-Za-z0-9])")


def copies_of(clauses: Sequence[Clause], places: Sequence[int], others: Sequence[Clause]) -> set[int]:
    """The places of those clauses that say nothing that the other text does not say too: the same clause stands
    there, or their words stand inside a longer one; of several equal ones, all but the first. Of clauses that an equal
    one at no such place speaks for, all."""
    found: set[int] = set()
    open_places = set(places)
    spoken_for = {clause.raw.strip() for at, clause in enumerate(clauses) if at not in open_places} if places else ()
    seen: set[str] = set()
    whole: tuple[set[str], str] | None = None
    for place in places:
        clause = clauses[place]
        probes = _probes(clause) if len(places) <= _FEW else []
        if probes:
            keys, text = _said(holding(others, probes))
        else:
            keys, text = whole = whole or _said(others)
        if clause.raw.strip() in spoken_for:
            found.add(place)
            continue
        telling = len(clause.text) >= _TELLING and len(places) * len(text) <= _SEARCHED
        if clause.key in keys or clause.key in seen or (telling and clause.text in text):
            found.add(place)
        seen.add(clause.key)
    return found


def _said(clauses: Sequence[Clause]) -> tuple[set[str], str]:
    return {clause.key for clause in clauses}, "\n".join([clause.text for clause in clauses])


def _probes(clause: Clause) -> list[str]:
    """The words of a clause, the longest first: what has not all of them cannot have its key, or its words inside.
    None where words stand for others."""
    said = substance(clause.text)
    return [] if "<" in said or "#" in said else sorted(set(_PROBE.findall(said)), key=lambda word: (-len(word), word))
