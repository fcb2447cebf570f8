"""When to look next. Pure: the present moment and what was found go in, a turn comes out.

The interval of a document is proportional to one over the square root of its rate of change, between two bounds: of
all ways to spend a given number of checks, that one makes the mean delay from change to find smallest (minimise
Σ λᵢ·Tᵢ/2 under Σ 1/Tᵢ = const). Only changes of words count, so a page that flaps does not earn attention.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from math import sqrt

from tracker.model import Check, Outcome, Turn, stamp

EAGERNESS = 0.05  # days times the square root of changes a day: 1.6 checks of a document a day on real histories
PRIOR_CHANGES, PRIOR_DAYS = 0.5, 30.0  # what is believed of a document before anything is known
JITTER = 0.1  # of the interval, both ways: documents that began together drift apart
DAY = timedelta(days=1)
LONGEST_WAIT = timedelta(days=7)  # however long a site asks to be left alone
FIRST_RETRY = {"transient": timedelta(minutes=15), "blocked": timedelta(hours=1)}
OTHER_RETRY = timedelta(hours=2)  # gone, refused, not the document: nothing that passes in minutes
RESTS_AFTER = 8  # failures in a row: then once a day
NETWORK_RETRY = timedelta(minutes=5)
TOGETHER = 5  # hosts that fail at once are no coincidence


@dataclass(frozen=True, slots=True)
class Pace:
    """How fast to look: the bounds of intervals, and the wait before a find is confirmed."""

    shortest: timedelta = timedelta(hours=6)
    longest: timedelta = timedelta(hours=24)
    confirm: timedelta = timedelta(minutes=20)


def interval(changes: int, watched: timedelta, pace: Pace) -> timedelta:
    """The time between two checks of a document that changed so often while it was watched so long."""
    rate = (changes + PRIOR_CHANGES) / (watched / DAY + PRIOR_DAYS)
    return min(max(EAGERNESS / sqrt(rate) * DAY, pace.shortest), pace.longest)


def after_look(
    turn: Turn,
    check: Check,
    *,
    now: datetime,
    every: timedelta,
    pace: Pace,
    flagged: bool = False,
    retry_after: float | None = None,
    ours: bool = False,
) -> Turn:
    """The next turn after a check. `now` is the moment by the clock, whatever moment the check was given; `every` is
    the interval in force; `flagged` says that the check found a change on
    AI; `retry_after` is what the site asked for, in seconds; `ours` says that the trouble is this machine's."""
    if ours:
        note = "This machine had no connection; the site is not to blame."
        wait = max(NETWORK_RETRY, min(timedelta(seconds=retry_after or 0), LONGEST_WAIT))
        return replace(turn, due_at=now + wait, note=note)
    if check.outcome is Outcome.SUSPECT or flagged:
        return replace(turn, due_at=now + pace.confirm, failures=0, confirms=True, note="")
    if check.outcome in (Outcome.UNCHANGED, Outcome.CAPTURED):
        return replace(turn, due_at=now + jittered(every, turn, now), failures=0, confirms=False, note="")
    failures = turn.failures + 1
    first = FIRST_RETRY.get(check.reason, FIRST_RETRY["blocked"] if check.captures else OTHER_RETRY)
    wait = min(first * 2 ** min(failures - 1, 12), DAY)
    note = ""
    if failures >= RESTS_AFTER:
        wait, note = DAY, f"Rests after {failures} failures in a row: looked at once a day until it is seen again."
    asked = timedelta(seconds=retry_after or 0)
    if asked > wait:
        wait = min(asked, LONGEST_WAIT)
        note = f"The site asked to be left alone until {stamp(now + wait)}."
    due = now + jittered(wait, turn, now, only_later=True)
    return Turn(turn.document, turn.host, due, failures, turn.confirms, note)


def jittered(wait: timedelta, turn: Turn, now: datetime, only_later: bool = False) -> timedelta:
    """A wait, up to a tenth longer or shorter; the same for the same document and moment."""
    digest = sha256(f"{turn.document} {stamp(now)}".encode()).digest()
    part = int.from_bytes(digest[:4], "big") / 2**32  # 0 to 1
    return wait * (1 + JITTER * (part if only_later else 2 * part - 1))


def is_ours(recent: Sequence[tuple[str, bool]]) -> bool:
    """Whether the trouble is this machine's: the last checks, as (host, whether it could be reached), newest last,
    failed at several hosts and succeeded at none since they began to fail."""
    failed = set()
    for host, reached in reversed(recent):
        if reached:
            break
        failed.add(host)
    return len(failed) >= TOGETHER
