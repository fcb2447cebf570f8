"""Taking bytes out of the archive: what rested on them rests on others first; the log keeps that they were there."""

from __future__ import annotations

from datetime import datetime

from tracker.errors import NotFound
from tracker.log import leaves
from tracker.model import stamp
from tracker.store.archive import compress
from tracker.store.truths import Store


def sharing(store: Store, capture: int) -> list[tuple[int, str]]:
    """All captures of the same bytes as this one, with their documents: they go together. Raises NotFound."""
    rows = store.rows(
        "select c.id, d.slug from capture c join document d on d.id = c.document_id "
        "where c.blob_id = (select blob_id from capture where id = ?) order by c.id",
        capture,
    )
    if not rows:
        raise NotFound("The archive holds no such capture.", f"capture {capture}", "`tracker history` lists them.")
    return [(row["id"], row["slug"]) for row in rows]


def remove(store: Store, capture: int, at: datetime, by: str, why: str) -> None:
    """Takes the bytes of a capture out for good; inside a transaction.

    Their hash and the records of their captures stay, so that the log and the proofs of all others stay true. Raises
    NotFound, also where they were taken out before.
    """
    row = store.row("select b.id, b.sha256 from capture c join blob b on b.id = c.blob_id where c.id = ?", capture)
    if row is None:
        raise NotFound("The archive holds no such capture.", f"capture {capture}", "`tracker history` lists them.")
    if store.row("select 1 from removal where blob_id = ?", row["id"]):
        raise NotFound("These bytes were taken out before.", f"capture {capture}", "Nothing is left to do.")
    rebase(store, row["id"])
    store.db.execute("update blob set data = x'', base_id = null, depth = 0 where id = ?", (row["id"],))
    store.db.execute(
        "delete from validator where capture_id in (select id from capture where blob_id = ?)", (row["id"],)
    )
    number = store.add("removal", blob_id=row["id"], at=stamp(at), by=by, why=why)
    kept = store.row("select by, why from removal where id = ?", number)
    assert kept
    store.append("removal", number, leaves.removed(at, row["sha256"].hex(), kept["by"], kept["why"]))
    store.forget_bodies()


def rebase(store: Store, blob: int) -> None:
    """Lets what rests on a row rest on something else: its own base, or the first of those that rested on it."""
    store.forget_bodies()
    base = store.row("select base_id as id from blob where id = ?", blob)
    heir = base["id"] if base else None
    for row in store.rows("select id from blob where base_id = ? order by id", blob):
        raw = store.bytes_of(row["id"])
        frame = compress(raw, [store.reference(heir)] if heir else [])
        sql = "update blob set data = ?, base_id = ?, depth = ? where id = ?"
        store.db.execute(sql, (frame.data, frame.base, frame.depth, row["id"]))
        _shorten(store, row["id"])
        heir = heir or row["id"]


def _shorten(store: Store, blob: int) -> None:
    """Sets how long the chains are that rest on a row; they never grow longer than they were."""
    for row in store.rows("select id from blob where base_id = ?", blob):
        sql = "update blob set depth = (select depth + 1 from blob where id = ?) where id = ?"
        store.db.execute(sql, (blob, row["id"]))
        _shorten(store, row["id"])
