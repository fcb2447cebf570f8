"""Changes: a version against the one before it, and the window in which it happened."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime

from tracker.model.compared import FORMAL, Comparison
from tracker.model.declared import Document
from tracker.model.judged import ChangeJudgement
from tracker.model.texts import Version


@dataclass(frozen=True, slots=True)
class Window:
    """When it happened, as far as we can honestly say: after `start` (None: never looked before) and by `end`."""

    start: datetime | None
    end: datetime


@dataclass(frozen=True, slots=True)
class Redating:
    """A date that a text gives for itself moved while its words stayed. `version` is the row of the version in view;
    `before` and `after` are the dates stated and effective."""

    version: int
    window: Window
    before: tuple[date | None, date | None]
    after: tuple[date | None, date | None]


def under_unmoved_dates(before: Version, after: Version) -> bool:
    """Whether no date that a text gives for itself moved between two versions: a change of words then is silent.

    Each date counts for itself. Where "last updated" stays and "in effect from" moves, the text did say that something
    is new. Where a text gives only a date of effect, that is the one date by which a reader could tell, so words that
    change under it change silently too, also before that date has come: what was announced is not what was announced
    first. A text that gives no date promises none: its changes are not called silent, nor are those in which a date
    came or went.
    """
    dates = (before.stated_date, after.stated_date), (before.effective_date, after.effective_date)
    return any(old for old, _ in dates) and all(old == new for old, new in dates)


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
    redated: bool = False  # the only words that changed are the dates that the text gives for itself

    @property
    def substantive(self) -> bool:
        """Whether words changed: not only form, place, numbering, or the dates that the text gives for itself."""
        return not self.redated and not FORMAL.issuperset(self.counts)


@dataclass(frozen=True, slots=True)
class Change:
    """A version against the one before it, clause by clause."""

    record: ChangeRecord
    comparison: Comparison
    judgement: ChangeJudgement
