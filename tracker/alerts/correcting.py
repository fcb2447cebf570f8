"""After the archive was read again: alerts that do not hold by the present program, declarations and rules are
withdrawn, and whoever got one is told. What only the new reading shows is never sent as news.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache
from pathlib import Path

from rapidfuzz import fuzz

from tracker import history
from tracker.alerts.deciding import News, news
from tracker.errors import NotFound
from tracker.judge.verdict import WEIGHT
from tracker.store import Store, again, outbox
from tracker.store.outbox import Alert

ALIKE = 90.0  # per cent: the same clause, read a little differently
GRAVE = 4  # the weight of a topic from which on to be wrong on it must be corrected


def correct(archive: Path, at: datetime) -> int:
    """Looks at every alert again that was read otherwise since it was looked at last; how many proved wrong.

    What is found is kept in one transaction, so an interrupted run begins again. Raises Busy where somebody else
    writes, ArchiveError.
    """
    if not archive.is_file():
        return 0
    with Store.read(archive) as store:
        told = cache(lambda change: _news_of(store, change))  # many alerts are of one change
        found = [(alert, mark, _mistake(store, alert, told)) for alert, mark in outbox.read_otherwise(store)]
    if not found:
        return 0
    with Store.write(archive) as store, store.transaction():
        for alert, mark, wrong in found:
            if wrong:
                outbox.withdraw(store, replace(alert, facts=alert.facts | {"mistake": wrong}), at)
            outbox.note_reading(store, alert.id, mark)
    return sum(bool(wrong) for *_, wrong in found)


def _news_of(store: Store, change: str) -> list[News] | None:
    """What a change brings by the present reading; None where there is no such change."""
    try:
        return news(history.change(store, change))
    except NotFound:
        return None


def _mistake(store: Store, alert: Alert, told: Callable[[str], list[News] | None]) -> str:
    """What was wrong with an alert by the present reading, as `telling` says it; "" where it holds."""
    found = told(alert.facts["change"])
    if found is None:  # gone with bytes that were taken out of the archive, it is no mistake
        return "" if again.blinded(store, alert.document) else "no change"
    if _holds(alert.verdict, [one.verdict for one in found]):
        return ""
    own = [one for one in found if _is_same(one, alert)]
    return f"reads now: {own[0].verdict}" if own else "no clause"


def _holds(told: str, now: Sequence[str]) -> bool:
    """Whether the verdict of an alert still tells what a change does, by the verdicts of all that it brings now.

    Rules that get better say more exactly what a clause is on, or find the same statement in the clause beside it; that
    is no error that anyone must be told. One is a grave statement that came or went and did not, and news of a change
    that touches nothing on AI.
    """
    happened, said = _parts(told)
    grave = [one for one in said if WEIGHT.get(one.partition(" ")[0], 0) >= GRAVE]
    if not grave:
        return bool(now)
    present = {(kind, one) for kind, all_ in map(_parts, now) for one in all_}
    return any(one in grave and _agree(happened, kind) for kind, one in present)


def _agree(told: str, now: str) -> bool:
    """Whether what was told to have happened did: what was said to be reworded did change, and what returned was told
    before as added, or as a rewording that was put back."""
    return told in ("reworded", now) or ("returned" in (told, now) and "removed" not in (told, now))


def _is_same(one: News, alert: Alert) -> bool:
    """Whether news is of the clause of an alert, which may be read a little differently now."""
    if alert.clause.partition("#")[0] in (one.clause, one.facts["clause"]):
        return True
    sides = [(one.facts[side], alert.facts[side]) for side in ("after", "before")]
    return any(now and then and _alike(now, then) for now, then in sides)


def _alike(now: str, then: str) -> bool:
    return now in then or then in now or fuzz.ratio(now, then, score_cutoff=ALIKE) > 0


def _parts(verdict: str) -> tuple[str, Sequence[str]]:
    """What happened, and what is said."""
    kind, _, said = verdict.partition(": ")
    return kind, said.split(", ") if said else []
