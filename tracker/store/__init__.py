"""The archive: one SQLite file, and the only SQL. `Store` opens it; `derived` holds what can be rebuilt."""

from tracker.store.truths import Store

__all__ = ["Store"]
