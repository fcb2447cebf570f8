"""Finding clauses by their words: over what is in force, over a moment, or over all time."""

from tracker.search.found import Found, Hit, search

__all__ = ["Found", "Hit", "search"]
