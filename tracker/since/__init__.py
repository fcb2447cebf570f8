"""Since when does it say that? Words and clauses, followed through all versions."""

from tracker.since.clause import Happened, Told, clauses, is_name
from tracker.since.words import Found, Run, days, since

__all__ = ["Found", "Happened", "Run", "Told", "clauses", "days", "is_name", "since"]
