"""The SQL of the schedule: whose turn it is, and who is being looked at now."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from tracker.model import Turn, moment, stamp
from tracker.store.truths import Store

AHEAD = timedelta(minutes=1)  # a check that lies further in the future was made under a wrong clock
SUBSTANCE = "('form', 'moved', 'split', 'merged')"


def turns(store: Store) -> dict[str, Turn]:
    """Every document in the schedule, by id."""
    return {row["document"]: _turn(row) for row in store.rows("select * from turn order by document")}


def turn(store: Store, document: str) -> Turn | None:
    """One document's turn, None where it is not in the schedule."""
    row = store.row("select * from turn where document = ?", document)
    return _turn(row) if row else None


def keep_turn(store: Store, turn: Turn) -> None:
    """Sets when a document is looked at next, and gives its lease back; inside a transaction."""
    store.add(
        "turn",
        replace=True,
        document=turn.document,
        host=turn.host,
        due_at=stamp(turn.due_at),
        failures=turn.failures,
        confirms=int(turn.confirms),
        note=turn.note,
    )


def drop(store: Store, documents: Iterable[str]) -> None:
    """Takes documents out of the schedule; inside a transaction."""
    store.db.conn.executemany("delete from turn where document = ?", [(document,) for document in documents])


def claim(
    store: Store, now: datetime, until: datetime, most: int, hosts: Iterable[str], farthest: datetime
) -> list[str]:
    """Leases documents that are due, longest waiting first, one of each host and none of `hosts`; their ids.

    A lease that is not given back by `until` is free again. Whoever is due after `farthest` is due now: the clock was
    wrong when that was set. Inside a transaction.
    """
    taken = set(hosts)
    chosen: list[str] = []
    for row in _waiting(store, now, farthest):
        if len(chosen) >= most:
            break
        if row["host"] not in taken:
            taken.add(row["host"])
            chosen.append(row["document"])
    leases = [(stamp(until), document) for document in chosen]
    store.db.conn.executemany("update turn set leased_until = ? where document = ?", leases)
    return chosen


def _waiting(store: Store, now: datetime, farthest: datetime) -> Iterator[dict[str, Any]]:
    """Whoever is due and not leased, row by row: of a long schedule no more is read than is taken."""
    free = "(leased_until is null or leased_until < ? or leased_until > ?) order by due_at, document"
    for condition, at in (("due_at <= ?", now), ("due_at > ?", farthest)):
        sql = f"select document, host from turn where {condition} and {free}"
        yield from store.db.query(sql, (stamp(at), stamp(now), stamp(farthest)))


def heal(store: Store, now: datetime) -> None:
    """Makes due now whoever was last looked at under a clock that was ahead, and would wait until then; inside a
    transaction."""
    # Later looks are dated after the one of the future, but their turns are set by the clock: those are left alone.
    last = 'select max(c.at) from "check" c join document d on d.id = c.document_id where d.slug = turn.document'
    store.db.execute(
        f"update turn set due_at = ? where due_at > ? and ({last}) between ? and due_at",
        (stamp(now), stamp(now), stamp(now + AHEAD)),
    )


def release(store: Store, documents: Iterable[str] | None = None) -> None:
    """Gives leases back, all of them where no documents are named; inside a transaction."""
    if documents is None:
        store.db.execute("update turn set leased_until = null where leased_until is not null")
    else:
        store.db.conn.executemany(
            "update turn set leased_until = null where document = ?", [(document,) for document in documents]
        )


def next_due(store: Store) -> datetime | None:
    """When the next document may be looked at: when it is due, and no lease holds it; None for an empty schedule."""
    # Each half reads a few rows of an index, however long the schedule is.
    row = store.row(
        "select min(at) as at from (select * from (select due_at as at from turn where leased_until is null "
        "order by due_at limit 1) union all select max(due_at, leased_until) from turn where leased_until is not null)"
    )
    return moment(row["at"]) if row and row["at"] else None


def rhythm(store: Store, document: str) -> tuple[int, datetime | None]:
    """How often a document changed in words, returns to an earlier text left out, and since when it is watched."""
    row = store.row(
        "select (select count(*) from change c where c.document_id = d.id and c.reverts_to is null and exists "
        f"(select 1 from json_each(c.counts) where key not in {SUBSTANCE})) as changes, "
        '(select min(at) from "check" where document_id = d.id) as since from document d where d.slug = ?',
        document,
    )
    return (row["changes"], moment(row["since"]) if row["since"] else None) if row else (0, None)


def _turn(row: dict[str, Any]) -> Turn:
    return Turn(
        row["document"], row["host"], moment(row["due_at"]), row["failures"], bool(row["confirms"]), row["note"]
    )
