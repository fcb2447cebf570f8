"""Changes: a version against the one before it, and the window in which it happened."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from tracker.model.compared import Comparison
from tracker.model.declared import Document
from tracker.model.judged import ChangeJudgement
from tracker.model.texts import Version


@dataclass(frozen=True, slots=True)
class Window:
    """When it happened, as far as we can honestly say: after `start` (None: never looked before) and by `end`."""

    start: datetime | None
    end: datetime


@dataclass(frozen=True, slots=True)
class ChangeRecord:
    """A change as lists need it, without its clauses."""

    id: str  # "platform/document/YYYY-MM-DD-HHMMSS" of the version after
    document: Document
    at: datetime
    window: Window
    before: Version
    after: Version
    counts: Mapping[str, int]  # kind -> number of clause changes
    unchanged: int
    touched: float
    summary: str  # "2 clauses added; 3 reworded; 310 unchanged"
    verdict: str  # in words, "" where the change does not concern AI
    ai_change: bool
    ai_kind: str | None
    topics: tuple[str, ...]
    stance_before: Mapping[str, str]
    stance_after: Mapping[str, str]
    silent: bool  # wording changed under an unmoved date
    reverts_to: Version | None = None

    @property
    def substantive(self) -> bool:
        """Whether words changed: not only form, place or numbering."""
        return any(kind not in ("form", "moved", "split", "merged") for kind in self.counts)


@dataclass(frozen=True, slots=True)
class Change:
    """A version against the one before it, clause by clause."""

    record: ChangeRecord
    comparison: Comparison
    judgement: ChangeJudgement
