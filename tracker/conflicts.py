"""Sources that disagree about one moment: what one shows once is contradicted by what another shows before and after.

A page may be served otherwise to an archive than to us: for another country, in a test, out of an old cache. A text
that only one source saw, while a source that ranks above it saw the other text less than a day and a half before and
after, is no change that came and went: it is a conflict, kept and said as such.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from tracker.model import Quality, Verdict

REASON = "conflict"
SAME_TIME = timedelta(hours=36)  # two checks of a daily rhythm, whatever the hour of each
# Whose word counts more: our own eyes, then what others kept as it was served, then what others made of it.
RANK = ("live", "wayback", "warc", "published", "ota")


@dataclass(frozen=True, slots=True)
class Seen:
    """What a check showed of a document. Only texts of one `strand` can be held against each other."""

    check: int
    at: datetime
    source: str
    strand: Hashable
    substance: str


def contradicted(seen: Iterable[Seen]) -> dict[int, Quality]:
    """The checks whose text another source contradicts, each with what is to be said of it. `seen` are the checks that
    showed the document, in order of time. Pure."""
    strands: dict[Hashable, list[Seen]] = {}
    for one in seen:
        strands.setdefault(one.strand, []).append(one)
    found: dict[int, Quality] = {}
    for strand in strands.values():
        runs = [list(group) for _, group in groupby(strand, lambda one: one.substance)]
        for before, run, after in zip(runs, runs[1:], runs[2:], strict=False):
            if _disagree(before[-1], run, after[0]):
                found |= {one.check: _said(before[-1], one, after[0]) for one in run}
    return found


def _disagree(before: Seen, run: Sequence[Seen], after: Seen) -> bool:
    return (
        before.substance == after.substance
        and before.source == after.source
        and after.at - before.at <= SAME_TIME
        and all(_rank(one.source) > _rank(before.source) for one in run)
    )


def _rank(source: str) -> int:
    return RANK.index(source) if source in RANK else len(RANK)


def _said(before: Seen, one: Seen, after: Seen) -> Quality:
    message = (
        f"Two sources disagree: {one.source} shows another text than {before.source} does at "
        f"{before.at:%Y-%m-%d %H:%M} and again at {after.at:%Y-%m-%d %H:%M}."
    )
    return Quality(Verdict.SUSPECT, (REASON,), message)
