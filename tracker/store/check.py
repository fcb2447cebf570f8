"""The SQL of verifying: all rows that something can be recomputed from, never trusted and never all at once."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from typing import Any

from tracker.store import looked
from tracker.store.archive import Stored
from tracker.store.truths import Store

GROUP = 4 << 20  # bytes of memory that are verified together
ROW = 512  # bytes that a row takes beside its frame


def count(store: Store, table: str) -> int:
    """How many rows a table has."""
    return next(store.stream(f'select count(*) as n from "{table}"'))["n"]


def integrity(store: Store) -> list[str]:
    """What SQLite itself finds wrong with the file's structure."""
    found = [row["integrity_check"] for row in store.rows("pragma integrity_check(100)")]
    return [] if found == ["ok"] else found


def broken_references(store: Store) -> Iterator[tuple[str, int, str]]:
    """Rows that name a row that is not there: table, row, and the table that they name."""
    rows = store.stream("pragma foreign_key_check")
    return ((row["table"], row["rowid"] or 0, row["parent"]) for row in rows)


# ---- stored bytes ------------------------------------------------------------------------------------------------


def families(store: Store) -> Iterator[dict[int, Stored]]:
    """All stored bytes, in groups that rest on nothing outside of them, as small as that allows."""
    group: dict[int, Stored] = {}
    size = 0
    for head in _heads(store):
        for member in _members(store, head):
            row = store.row("select data, base_id, sha256 from blob where id = ?", member)
            if row:
                group[member] = Stored(row["data"], row["base_id"], row["sha256"])
                size += len(row["data"]) + ROW
        if size > GROUP:
            yield group
            group, size = {}, 0
    if group:
        yield group


def _heads(store: Store) -> Iterator[int]:
    """The frames that chains begin with; of a circle, which only damage makes, one."""
    bottom = "base_id is null or not exists (select 1 from blob where id = b.base_id)"
    for row in store.stream(f"select id from blob b where {bottom} order by id"):
        yield row["id"]
    circles: set[int] = set()
    # No circle has a length of chain that fits at each of its frames.
    for row in store.stream("select b.id from blob b join blob p on p.id = b.base_id where b.depth <> p.depth + 1"):
        head = _circle(store, row["id"])
        if head is not None and head not in circles:
            circles.add(head)
            yield head


def _circle(store: Store, row: int | None) -> int | None:
    """The first row of the circle that a chain runs into; None where it ends, as it should."""
    path: dict[int, None] = {}
    while row is not None and row not in path:
        path[row] = None
        base = store.row("select base_id from blob where id = ?", row)
        row = base["base_id"] if base else None
    if row is None:
        return None
    passed = list(path)
    return min(passed[passed.index(row) :])


def _members(store: Store, head: int) -> list[int]:
    """A frame and all that rest on it, in the order in which they came."""
    sql = (
        "with recursive member(id) as (select ? union select b.id from blob b join member m on b.base_id = m.id) "
        "select id from member order by id"
    )
    return [row["id"] for row in store.stream(sql, head)]


def measures(store: Store, contents: Iterable[int]) -> dict[int, tuple[int, bool]]:
    """Of some stored contents: the size that is kept beside each, and whether so is its place in its chain."""
    sql = (
        "select b.id, b.size, b.depth = coalesce(p.depth + 1, 0) as placed from json_each(?) j "
        "join blob b on b.id = j.value left join blob p on p.id = b.base_id"
    )
    return {row["id"]: (row["size"], bool(row["placed"])) for row in store.stream(sql, json.dumps(list(contents)))}


def owners(store: Store, contents: Iterable[int]) -> dict[int, str]:
    """Whose some stored contents are: a document, for those that belong to one."""
    sql = (
        "with content(id) as (select value from json_each(?)) "
        "select c.blob_id, d.slug from content join capture c on c.blob_id = content.id "
        "join document d on d.id = c.document_id union "
        "select v.blob_id, d.slug from version v join document d on d.id = v.document_id "
        "where v.blob_id in (select id from content)"
    )
    return {row["blob_id"]: row["slug"] for row in store.stream(sql, json.dumps(list(contents)))}


def removed(store: Store) -> set[int]:
    """The rows whose bytes were taken out."""
    return {row["blob_id"] for row in store.stream("select blob_id from removal")}


def returned(store: Store) -> Iterator[int]:
    """The rows whose bytes were taken out and are there again."""
    sql = "select b.id from removal r join blob b on b.id = r.blob_id where length(b.data) > 0 order by b.id"
    return (row["id"] for row in store.stream(sql))


# ---- records and the log -----------------------------------------------------------------------------------------


def records(store: Store, kind: str) -> Iterator[dict[str, Any]]:
    """All captures, checks or removals, as they are to be put on record, by their number."""
    queries = {
        "capture": f"{looked.CAPTURE} order by c.id",
        "check": f"{looked.CHECK} order by c.id",
        "removal": "select r.*, b.sha256 from removal r join blob b on b.id = r.blob_id order by r.id",
    }
    return store.stream(queries[kind])


def logged(store: Store, kind: str) -> Iterator[dict[str, Any]]:
    """What the log holds of a kind, by the number of the record."""
    return store.stream("select row, hash from log_leaf where kind = ? order by row", kind)


def unknown(store: Store, kinds: Iterable[str]) -> Iterator[dict[str, Any]]:
    """What the log holds of none of these kinds."""
    sql = "select kind, row from log_leaf where kind not in (select value from json_each(?)) order by seq"
    return store.stream(sql, json.dumps(list(kinds)))


def gap(store: Store) -> tuple[int, int] | None:
    """Where the log's numbers do not follow each other: the one that should stand there, and the one that does."""
    for place, row in enumerate(store.stream("select seq from log_leaf order by seq"), 1):
        if row["seq"] != place:
            return place, row["seq"]
    return None
