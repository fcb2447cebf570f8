"""The SQL of verifying: every row that something can be recomputed from, read without trusting it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from tracker.store import looked
from tracker.store.archive import Stored
from tracker.store.connection import explained
from tracker.store.truths import Store

GROUP = 16 << 20  # compressed bytes that are verified together


def stream(store: Store, sql: str, *parameters: object) -> Iterator[dict[str, Any]]:
    """The rows of a query one by one. Raises Corrupt or ArchiveError."""
    with explained(store.path):
        yield from store.db.query(sql, parameters)


def integrity(store: Store) -> list[str]:
    """What SQLite itself finds wrong with the file's structure."""
    found = [row["integrity_check"] for row in store.rows("pragma integrity_check(100)")]
    return [] if found == ["ok"] else found


def broken_references(store: Store) -> list[tuple[str, int, str]]:
    """Rows that name a row that is not there: table, row, and the table that they name."""
    return [(row["table"], row["rowid"] or 0, row["parent"]) for row in store.rows("pragma foreign_key_check")]


def families(store: Store) -> Iterator[dict[int, Stored]]:
    """All stored bytes, in groups that rest on nothing outside of them, as small as that allows."""
    bases = {row["id"]: row["base_id"] for row in stream(store, "select id, base_id from blob order by id")}
    heads: dict[int, int] = {}
    for row in bases:
        heads[row] = _head(row, bases, heads)
    members: dict[int, list[int]] = {}
    for row, head in heads.items():
        members.setdefault(head, []).append(row)
    group: dict[int, Stored] = {}
    size = 0
    for rows in members.values():
        for row in rows:
            found = store.row("select data, sha256 from blob where id = ?", row)
            if found:
                group[row] = Stored(found["data"], bases[row], found["sha256"])
                size += len(found["data"])
        if size > GROUP:
            yield group
            group, size = {}, 0
    if group:
        yield group


def _head(row: int, bases: dict[int, int | None], heads: dict[int, int]) -> int:
    """The frame that a chain begins with; for a chain that is broken or runs in a circle, where that shows."""
    path = []
    while row not in heads:
        path.append(row)
        base = bases.get(row)
        if base is None or base not in bases or base in path:
            return row
        row = base
    return heads[row]


def sizes(store: Store) -> dict[int, tuple[int, int, int | None]]:
    """For each stored content: its size, the length of its chain, and the row that it rests on."""
    rows = stream(store, "select id, size, depth, base_id from blob")
    return {row["id"]: (row["size"], row["depth"], row["base_id"]) for row in rows}


def removed(store: Store) -> dict[int, dict[str, Any]]:
    """What was taken out, by the row of the bytes."""
    return {
        row["blob_id"]: row for row in store.rows("select r.*, b.sha256 from removal r join blob b on b.id = r.blob_id")
    }


def records(store: Store, kind: str) -> Iterator[dict[str, Any]]:
    """All captures, checks or removals, as they are to be put on record."""
    queries = {
        "capture": f"{looked.CAPTURE} order by c.id",
        "check": f"{looked.CHECK} order by c.id",
        "removal": "select r.*, b.sha256 from removal r join blob b on b.id = r.blob_id order by r.id",
    }
    return stream(store, queries[kind])
