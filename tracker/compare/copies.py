"""Clauses that say nothing that the other text does not say too."""

from __future__ import annotations

import re
from collections.abc import Sequence

from tracker.model import Clause
from tracker.text import holding, substance
from tracker.text.links import without_targets
from tracker.text.sentences import LONGEST

_TELLING = 60  # characters: what is shorter may stand inside a longer clause by chance
_SEARCHED = 50_000_000  # product of clauses and characters up to which clauses are looked for inside others
_SLACK = 150  # characters of marks that a clause may have beside its words
_FEW = 50  # clauses: for more it is quicker to read the whole other text
# What folding leaves as it is. Characters that are written without spaces may have marks between any two.
_PROBE = re.compile(
    r"(?<![A-Za-z0-9])[A-Za-z][A-Za-z0-9]{2,39}(?![A-Za-z0-9])|[\u3400-\u9fff]"
    r"|(?<!\d)(?:19|20)\d\d(?!\d)"  # all that surely stays of a date
)
_STAND_IN = re.compile("<(?:id|when)>")


def copies_of(clauses: Sequence[Clause], places: Sequence[int], others: Sequence[Clause]) -> set[int]:
    """The places of those clauses that say nothing that the other text does not say too: the same clause stands
    there, or their words stand inside a longer one; of several equal ones, all but the first. Of clauses that an equal
    one at no such place speaks for, all."""
    if not places:
        return set()
    found: set[int] = set()
    open_places = set(places)
    spoken_for = {clause.raw.strip() for at, clause in enumerate(clauses) if at not in open_places}
    seen: set[str] = set()
    whole: tuple[set[str], str] | None = None
    for place in places:
        clause = clauses[place]
        if clause.raw.strip() in spoken_for:
            found.add(place)
            continue
        probes = _probes(clause) if len(places) <= _FEW else []
        telling = len(clause.text) >= _TELLING
        if probes:
            most = 2 * len(clause.text) + _SLACK
            keys, text = _said(holding(others, probes, lambda raw: not telling and _is_longer(raw, most)))  # noqa: B023
        else:
            keys, text = whole = whole or _said(others)
        within = telling and len(places) * len(text) <= _SEARCHED and clause.text in text
        if within or clause.key in keys or clause.key in seen:
            found.add(place)
        seen.add(clause.key)
    return found


def _said(clauses: Sequence[Clause]) -> tuple[set[str], str]:
    return {clause.key for clause in clauses}, "\n".join([clause.text for clause in clauses])


def _probes(clause: Clause) -> list[str]:
    """The words of a clause: what has not all of them in this order cannot have its key, or its words inside. None
    where words stand for others."""
    said = substance(clause.text)
    return [] if "#" in said else _PROBE.findall(_STAND_IN.sub(" ", said))


def _is_longer(raw: str, most: int) -> bool:
    """Whether a piece of Markdown surely says more than so many characters: it has more, and no links, tags, entities
    or tokens that nobody reads; neither is it so long that it may be divided."""
    if not most < len(raw) <= LONGEST or "<" in raw or "&" in raw or "=" in (raw := without_targets(raw)):
        return False
    hidden = sum(map(raw.count, " \t\n|-_*"))
    return len(raw) - hidden > most and raw.count("](") == raw.count("]()")
