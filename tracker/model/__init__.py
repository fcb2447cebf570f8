"""The values that travel between the rooms: frozen, plain, without behaviour that needs the world.

Times are aware `datetime`s in UTC. Hashes are lower-case hexadecimal SHA-256. Texts are `str`.
The words are those of README.md, section "Words": platform, document, declaration, check, capture, version,
clause, change, clause change, rule, flag, stance, window.
"""

from tracker.model.changed import Change, ChangeRecord, Redating, Window, under_unmoved_dates
from tracker.model.compared import ClauseChange, Comparison, Kind
from tracker.model.declared import Declaration, Document, PriorVersion, Range, Selector, Source
from tracker.model.drafted import ChangeDraft, ClausePlaces, Findings, Shown, VersionDraft
from tracker.model.judged import ChangeJudgement, ClauseEffect, Flag, Judgement, Stance, Topic
from tracker.model.looked import Capture, Check, Memento, Outcome, Page, Response
from tracker.model.names import end_of, moment, slug, stamp
from tracker.model.texts import Clause, Quality, Reading, Relative, Unread, Verdict, Version
from tracker.model.watched import Turn

__all__ = [
    "Capture",
    "Change",
    "ChangeDraft",
    "ChangeJudgement",
    "ChangeRecord",
    "Check",
    "Clause",
    "ClauseChange",
    "ClauseEffect",
    "ClausePlaces",
    "Comparison",
    "Declaration",
    "Document",
    "Findings",
    "Flag",
    "Judgement",
    "Kind",
    "Memento",
    "Outcome",
    "Page",
    "PriorVersion",
    "Quality",
    "Range",
    "Redating",
    "Reading",
    "Relative",
    "Response",
    "Selector",
    "Shown",
    "Source",
    "Stance",
    "Topic",
    "Turn",
    "Unread",
    "Verdict",
    "Version",
    "VersionDraft",
    "Window",
    "end_of",
    "moment",
    "slug",
    "stamp",
    "under_unmoved_dates",
]
