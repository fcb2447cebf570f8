"""What the operator of a watch is told: pages that are gone or blocked, broken selections, a disk that is nearly full,
a day without any good check. Once a day for each cause, and once when it is over.
"""

from __future__ import annotations

import shutil
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from tracker.alerts.subscriptions import Subscription
from tracker.extract.reading import REPAIR
from tracker.model import Check, Declaration, Outcome, stamp
from tracker.store import Store, outbox, troubles
from tracker.store.troubles import Told

GOOD = (Outcome.UNCHANGED, Outcome.CAPTURED)
RECENT = 4  # checks of a document that tell how it stands
AFTER = {"gone": 2, "blocked": 4, "selector": 2}  # checks in a row that make a trouble
AGAIN = timedelta(days=1)  # between two messages on one cause
SILENCE = timedelta(days=1)  # without a good check of any document
LITTLE, SHARE, MUCH = 500 << 20, 0.05, 5 << 30  # bytes free that are too few; or less than a share, where not plenty
WHOLE = "tracker"  # whose trouble it is where it is no document's


@dataclass(frozen=True, slots=True)
class Trouble:
    """Something that is wrong: `document` is "" where it concerns the whole watch, `title` says whose it is."""

    cause: str  # gone, blocked, selector, disk or silence
    document: str
    title: str
    since: datetime
    detail: str


Known = Mapping[tuple[str, str], Told]


def of_document(document: str, title: str, checks: Sequence[Check], known: Known) -> list[Trouble]:
    """What is wrong with a document, by its last checks, newest first. What was told stays until it is seen again."""
    if not checks:
        return []
    last, found = checks[0], []
    for cause, after in AFTER.items():
        row = _row(cause, checks)
        told = known.get((cause, document))
        lasts = told is not None and told.is_open and (row > 0 or last.outcome not in GOOD)
        if row >= after or lasts:
            since = told.since if told and lasts else checks[max(row, 1) - 1].at
            found.append(Trouble(cause, document, title, since, last.message))
    return found


def _row(cause: str, checks: Sequence[Check]) -> int:
    """How many checks, from the newest on, all have this trouble."""
    count = 0
    for check in checks:
        has = {
            "gone": check.outcome is Outcome.FAILED and check.reason == "gone",
            "blocked": check.outcome is Outcome.BLOCKED,
            "selector": REPAIR in check.message or "selector" in check.reason,
        }[cause]
        if not has:
            break
        count += 1
    return count


def of_watch(now: datetime, last_good: datetime | None, free: int, total: int, known: Known) -> list[Trouble]:
    """What is wrong with the whole watch: silence since the last good check of any document, and a full disk."""
    found = []
    if last_good and now - last_good > SILENCE:
        found.append(Trouble("silence", "", WHOLE, last_good, ""))
    told = known.get(("disk", ""))
    room = free * 0.8 if told and told.is_open else free  # it is over with some room to spare, not at the very limit
    if room < LITTLE or room < min(SHARE * total, MUCH):
        since = told.since if told and told.is_open else now
        found.append(Trouble("disk", "", WHOLE, since, f"{free / 2**30:.1f} GiB free of {total / 2**30:.0f} GiB"))
    return found


def news(found: Iterable[Trouble], known: Known, now: datetime) -> list[tuple[Trouble, bool]]:
    """What is to be told now: troubles, each with whether it is open, or over."""
    present = {(one.cause, one.document): one for one in found}
    told = []
    for key, one in present.items():
        if key not in known or now - known[key].at >= AGAIN:
            told.append((one, True))
    for key, before in known.items():
        if before.is_open and key not in present:
            told.append((Trouble(*key, "", before.since, ""), False))
    return told


def look_after(
    archive: Path, declared: Mapping[str, Declaration], subscribed: Sequence[Subscription], now: datetime
) -> None:
    """Puts what an operator must know on its way. Raises Busy where somebody else writes, ArchiveError."""
    operators = [one for one in subscribed if one.operator]
    if not operators or not archive.is_file():
        return
    with Store.read(archive) as store:
        known = troubles.told(store)
        found = _found(store, archive, declared, known, now)
    titles = {name: one.document.title for name, one in declared.items()}
    told = news(found, known, now)
    if told:
        with Store.write(archive) as store, store.transaction():
            for trouble, is_open in told:
                said = facts(trouble, is_open, titles.get(trouble.document, trouble.title or WHOLE))
                alert = troubles.tell(store, said, trouble.since, now, is_open)
                receivers = [(one.target, one.due(now)) for one in operators if _concerns(one, trouble.document)]
                outbox.enqueue(store, alert, "trouble", receivers)


def _found(
    store: Store, archive: Path, declared: Mapping[str, Declaration], known: Known, now: datetime
) -> list[Trouble]:
    """All that is wrong now."""
    recent = {name: store.checks(name, RECENT) for name in declared}
    disk = shutil.disk_usage(archive.parent)
    found = of_watch(now, _last_good(store, recent), disk.free, disk.total, known)
    for name, checks in recent.items():
        found += of_document(name, declared[name].document.title, checks, known)
    return found


def _last_good(store: Store, recent: Mapping[str, Sequence[Check]]) -> datetime | None:
    """When any document was last seen; where none ever was, when the first was looked at."""
    good = [check.at for checks in recent.values() for check in checks if check.outcome in GOOD]
    if good:
        return max(good)
    looked = [name for name, checks in recent.items() if checks]
    seen = [at for name in looked if (at := store.last_good(name))]
    return max(seen) if seen else min((store.checks(name)[-1].at for name in looked), default=None)


def facts(trouble: Trouble, is_open: bool, title: str) -> dict[str, Any]:
    """What a message says of a trouble, as JSON takes it."""
    return {
        "change": "",
        "document": trouble.document,
        "title": title,
        "cause": trouble.cause,
        "state": "on" if is_open else "over",
        "since": stamp(trouble.since),
        "detail": trouble.detail,
    }


def _concerns(one: Subscription, document: str) -> bool:
    """Whether an operator answers for a document; for the whole watch all do."""
    if not document or not (one.platforms or one.documents):
        return True
    return document.partition("/")[0] in one.platforms or document in one.documents
