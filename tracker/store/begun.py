"""The SQL of what is being read at this moment: who finds a mark that a process left knows at what it died."""

from __future__ import annotations

from secrets import token_hex

from tracker.store.truths import Store

OURS = token_hex(8)  # this process, in the marks that it sets


def mark(store: Store, document: str) -> None:
    """Remembers that a document is being read now; inside a transaction."""
    store.add("begun", replace=True, document=document, process=OURS)


def clear(store: Store, document: str) -> None:
    """Forgets the mark of a document; inside a transaction."""
    store.db.execute("delete from begun where document = ?", (document,))


def is_left(store: Store, document: str) -> bool:
    """Whether another process marked a document and ended before it was read: the archive has one writer at a time."""
    row = store.row("select process from begun where document = ?", document)
    return row is not None and row["process"] != OURS
