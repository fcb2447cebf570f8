"""What is derived, before the archive gives it rows: a version is named by the check that first showed it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from tracker.model.judged import ChangeJudgement, Judgement
from tracker.model.texts import Clause, Quality, Reading


@dataclass(frozen=True, slots=True)
class VersionDraft:
    """A version as it is derived. `reading.language` is settled; `substance` is the hash of its clauses' keys."""

    check: int
    at: datetime
    reading: Reading
    clauses: tuple[Clause, ...]
    substance: str
    stated: date | None
    effective: date | None


@dataclass(frozen=True, slots=True)
class Shown:
    """What a check showed. `version` is the check that first showed the version in view, None where there is none.
    `stated` and `effective` are the dates that the text gave for itself this time."""

    check: int
    quality: Quality
    version: int | None
    stated: date | None = None
    effective: date | None = None


@dataclass(frozen=True, slots=True)
class ClausePlaces:
    """A clause change by the places of its clauses in the texts before and after."""

    kind: str
    detail: str
    before: tuple[int | None, ...]
    after: tuple[int | None, ...]


@dataclass(frozen=True, slots=True)
class ChangeDraft:
    """A change as it is derived: two versions and an earlier one that the text goes back to, by their checks."""

    before: int
    after: int
    counts: Mapping[str, int]
    unchanged: int
    touched: float
    reverts_to: int | None
    summary: str
    judgement: ChangeJudgement
    clauses: tuple[ClausePlaces, ...]
    redated: bool = False  # the only words that changed are the dates that the text gives for itself


@dataclass(frozen=True, slots=True)
class Findings:
    """All that follows from the captures of a document: oldest first; judgements by the identity of the clause."""

    versions: tuple[VersionDraft, ...] = ()
    shown: tuple[Shown, ...] = ()
    changes: tuple[ChangeDraft, ...] = ()
    judgements: Mapping[bytes, Judgement] = field(default_factory=dict)
