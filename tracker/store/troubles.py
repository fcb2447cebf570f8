"""The SQL of what is wrong with the watch itself, as its operator was told of it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tracker.model import moment, stamp
from tracker.store import outbox
from tracker.store.truths import Store


@dataclass(frozen=True, slots=True)
class Told:
    """When a trouble was last told of. `is_open`: that it is over was not told yet."""

    since: datetime
    at: datetime
    is_open: bool


def told(store: Store) -> dict[tuple[str, str], Told]:
    """What was told, by cause and document ("" for the whole watch)."""
    return {
        (row["cause"], row["document"]): Told(moment(row["since"]), moment(row["told_at"]), bool(row["is_open"]))
        for row in store.rows("select * from trouble")
    }


def tell(store: Store, facts: dict[str, Any], since: datetime, at: datetime, is_open: bool) -> int:
    """Keeps that a trouble is told of, or that it is over, and the alert that says so; its row. In a transaction."""
    cause, document = facts["cause"], facts["document"]
    store.add(
        "trouble",
        replace=True,
        cause=cause,
        document=document,
        since=stamp(since),
        told_at=stamp(at),
        is_open=int(is_open),
    )
    clause, verdict = f"watch:{cause}", f"{facts['state']} {stamp(at)}"
    alert = outbox.keep_alert(store, document, clause, verdict, True, "", at, facts)
    outbox.settle(store, alert.id, "confirmed", facts)
    return alert.id
