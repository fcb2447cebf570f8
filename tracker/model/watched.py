"""Turns: when a document is looked at next, and why then."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Turn:
    """A document's place in the schedule. `document` is its id, `host` whom it asks (one at a time)."""

    document: str
    host: str
    due_at: datetime
    failures: int = 0  # checks in a row that did not see the document
    confirms: bool = False  # this look shall confirm what the last one found, before anyone is alerted
    note: str = ""  # why it waits longer than usual, for people: "The site asked to be left alone until …"
