"""Take-downs: bytes leave the archive, and every text that was read from them; the log tells, and no proof breaks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from tracker import timeline
from tracker.model import Declaration
from tracker.rules import RuleSet
from tracker.store import Store, again, derived, removal


@dataclass(frozen=True, slots=True)
class Expunged:
    """What went: captures with the same bytes, the documents they are of, and how these differ now."""

    captures: tuple[int, ...]
    documents: tuple[str, ...]
    differences: tuple[again.Difference, ...]


def expunge(
    store: Store,
    capture: int,
    declarations: Mapping[str, Declaration],
    rules: RuleSet,
    *,
    at: datetime,
    by: str,
    why: str,
) -> Expunged:
    """Takes the bytes of a capture out, and of all captures of the same bytes; their documents are read again.

    What is freed in the file is overwritten. Raises NotFound or ArchiveError: then nothing was changed; or Fault: then
    the bytes are gone, and the next command reads again.
    """
    shared = removal.sharing(store, capture)
    documents = tuple(dict.fromkeys(name for _, name in shared))
    before = {name: again.telling(store, name) for name in documents}
    store.db.conn.execute("pragma secure_delete = on").fetchall()
    with store.transaction():
        removal.remove(store, capture, at, by, why)
        for name in documents:
            # Nothing that was read from the bytes may stay, whatever happens next.
            derived.forget(store, store.document_id(name))
            store.db.execute("update document set derived_by = ? where slug = ?", (timeline.AGAIN, name))
        again.sweep(store)
    for name in documents:
        if name in declarations:
            timeline.read_again(store, declarations[name], rules)
    with store.transaction():
        again.sweep(store)
    store.db.conn.execute("pragma wal_checkpoint(truncate)").fetchall()
    found = [one for name in documents for one in again.differences(name, before[name], again.telling(store, name))]
    return Expunged(tuple(number for number, _ in shared), documents, tuple(found))
