"""The JSON shapes that others rely on: what `--json` writes, with stable keys. Plain values in, plain values out."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime
from typing import Any

from tracker.compare import summarise
from tracker.judge import Answer, InForce, Said
from tracker.model import (
    Change,
    ChangeJudgement,
    ChangeRecord,
    Check,
    Clause,
    Comparison,
    Declaration,
    Document,
    Flag,
    Judgement,
    Redating,
    Turn,
    Version,
    Window,
    stamp,
)
from tracker.search import Hit
from tracker.since import Found, Happened, Run, Told

Record = dict[str, Any]


def judgement(identifier: object, found: Judgement) -> Record:
    """What a clause says on AI, as `tracker flag --json` writes it."""
    return {
        "id": identifier,
        "mentions_ai": found.mentions_ai,
        "topics": list(found.topics),
        "stance": dict(found.stance),
        "flags": [flag(one) for one in found.flags],
        "possibly": list(found.possibly),
        "traits": list(found.traits),
    }


def flag(found: Flag) -> Record:
    """A rule that holds, with the words that decided."""
    return {
        "rule": found.rule,
        "topic": found.topic,
        "stance": found.stance,
        "quote": found.quote,
        "why": found.why,
        "severity": found.severity,
    }


def comparison(found: Comparison, judged: ChangeJudgement) -> Record:
    """Two texts compared, as `tracker compare --json` writes it."""
    clauses = []
    for position, change in enumerate(found.changes):
        shown = (change.after or change.before)[:1]
        clauses.append(
            {
                "kind": change.kind.value,
                "detail": change.detail,
                "heading": list(shown[0].heading) if shown else [],
                "before": _texts(change.before),
                "after": _texts(change.after),
                "words": [list(piece) for piece in change.words],
                "flagged": position in judged.flagged,
                "flags_before": _flags(judged.before, position),
                "flags_after": _flags(judged.after, position),
            }
        )
    return {
        "clauses": clauses,
        "unchanged": found.unchanged,
        "touched": round(found.touched, 4),
        "summary": summarise(found, judged.flagged),
        "ai_change": judged.ai_change,
        "ai_kind": judged.ai_kind,
        "topics": list(judged.topics),
        "stance_before": dict(judged.stance_before),
        "stance_after": dict(judged.stance_after),
        "verdict": judged.verdict,
    }


def _texts(clauses: Iterable[Clause]) -> str | None:
    return "\n\n".join(clause.text for clause in clauses) or None


def _flags(sides: tuple[tuple[Judgement, ...], ...], position: int) -> list[Record]:
    judged = sides[position] if position < len(sides) else ()
    return [flag(one) for each in judged for one in each.flags]


def window(found: Window) -> list[str | None]:
    """The last moment without and the first with."""
    return [stamp(found.start) if found.start else None, stamp(found.end)]


def change(found: ChangeRecord, sha256: Callable[[Version], str]) -> Record:
    """A change as `tracker changes --json` writes it; `sha256` gives the hash of a version's capture."""
    return {
        "id": found.id,
        "document": found.document.id,
        "window": window(found.window),
        "stated_date": _day(found.after),
        "effective_date": found.after.effective_date.isoformat() if found.after.effective_date else None,
        "silent": found.silent,
        "redated": found.redated,
        "counts": dict(found.counts),
        "unchanged": found.unchanged,
        "summary": found.summary,
        "ai_change": found.ai_change,
        "ai_kind": found.ai_kind,
        "topics": list(found.topics),
        "stance_before": dict(found.stance_before),
        "stance_after": dict(found.stance_after),
        "verdict": found.verdict,
        "reverts_to": stamp(found.reverts_to.at) if found.reverts_to else None,
        "captures": [sha256(found.before), sha256(found.after)],
        "sources": [found.before.source, found.after.source],
    }


def whole_change(found: Change, sha256: Callable[[Version], str]) -> Record:
    """A change with its clauses, as `tracker show --json` writes it."""
    return {**comparison(found.comparison, found.judgement), **change(found.record, sha256)}


def stance(platform: str, answers: Iterable[Answer], texts: Iterable[InForce]) -> Record:
    """What a platform says on AI now, as `tracker stance --json` writes it."""
    return {
        "platform": platform,
        "documents": [
            {
                "document": one.document,
                "version": one.version,
                "last_seen": stamp(one.last_seen) if one.last_seen else None,
                "stale": one.stale,
            }
            for one in texts
        ],
        "questions": [
            {
                "question": one.question,
                "title": one.title,
                "answer": one.answer,
                "stale": one.stale,
                "contradicts": one.contradicts,
                "said": [_said(each) for each in one.said],
            }
            for one in answers
        ],
    }


def _said(found: Said) -> Record:
    return {
        "answer": found.answer,
        "document": found.document,
        "version": found.version,
        "heading": list(found.clause.heading),
        "quote": found.quote,
        "since": window(found.since) if found.since else None,
        "stale": found.stale,
    }


def _day(version: Version) -> str | None:
    return version.stated_date.isoformat() if version.stated_date else None


def version(
    found: Version, sha256: str, came: Window | None = None, source: str = "live", redated: Iterable[Redating] = ()
) -> Record:
    """A version as `tracker history --json` writes it; `sha256` is that of the raw bytes of its first capture, `source`
    where that came from, `came` the window in which the version came, and `redated` the times at which its dates moved
    while its words stayed."""
    return {
        "document": found.document,
        "version": found.address,
        "captured_at": stamp(found.at),
        "capture": found.captures[0] if found.captures else None,
        "sha256": sha256,
        "text_sha256": found.text_sha256,
        "words": found.words,
        "clauses": found.clauses,
        "language": found.language,
        "stated_date": _day(found),
        "effective_date": found.effective_date.isoformat() if found.effective_date else None,
        "method": found.method,
        "confidence": round(found.confidence, 3),
        "warnings": list(found.warnings),
        "window": window(came) if came else None,
        "source": source,
        "redated": [_redated(one) for one in redated],
    }


def _redated(found: Redating) -> Record:
    """Dates that moved while the words stayed: [before, after] of each."""
    stated, effective = (
        [one.isoformat() if one else None for one in pair] for pair in zip(found.before, found.after, strict=True)
    )
    return {"window": window(found.window), "stated_date": stated, "effective_date": effective}


def status(
    document: Document,
    declaration: Declaration | None,
    outcomes: Mapping[str, int],
    last: Check | None,
    last_good: datetime | None,
    version: Version | None,
    versions: int,
    turn: Turn | None,
    robots: bool | None,
) -> Record:
    """One document's health, as `tracker status --json` writes it."""
    return {
        "document": document.id,
        "platform": document.platform,
        "terms_type": document.terms_type,
        "url": declaration.sources[0].url if declaration else None,
        "declared": declaration is not None,
        "checks": sum(outcomes.values()),
        "outcomes": dict(outcomes),
        "last_check": stamp(last.at) if last else None,
        "last_good": stamp(last_good) if last_good else None,
        "outcome": last.outcome.value if last else "never checked",
        "reason": last.reason if last else "",
        "message": last.message if last else "",
        "versions": versions,
        "unchanged_since": stamp(version.at) if version else None,
        "warnings": list(version.warnings) if version else [],
        "next_check": stamp(turn.due_at) if turn else None,
        "failures": turn.failures if turn else None,
        "note": turn.note if turn else "",
        "robots": {True: "allows", False: "disallows", None: None}[robots],
    }


def hit(found: Hit) -> Record:
    """A clause that a search found, as `tracker search --json` writes it."""
    return {
        "document": found.document.id,
        "clause": f"{found.document.id}#{found.key}",
        "version": found.version,
        "position": found.position,
        "language": found.language,
        "heading": list(found.heading),
        "lead_in": found.lead_in,
        "kind": found.kind,
        "text": found.text,
        "marks": [list(mark) for mark in found.marks],
        "since": window(found.since),
        "in_view": found.in_view,
        "stance": dict(found.stances),
    }


def standing(found: Found) -> Record:
    """Where words stand in one document and since when, as `tracker since --json` writes it."""
    return {
        "document": found.document.id,
        "language": found.language,
        "read_elsewhere": found.apart,
        "likeness": found.likeness,
        "stands": found.stands,
        "runs": [_run(run) for run in found.runs],
    }


def _run(run: Run) -> Record:
    return {
        "came": window(run.came),
        "gone": window(run.gone) if run.gone else None,
        "kind": run.kind,
        "clause": f"{run.version.document}#{run.clause}",
        "heading": list(run.heading),
        "before": run.before,
        "text": run.text,
        "last": run.last,
        "marks": [list(mark) for mark in run.marks],
        "version": run.version.address,
        "stated_date": _day(run.version),
        "effective_date": run.version.effective_date.isoformat() if run.version.effective_date else None,
        "source": run.source,
        "sha256": run.sha256,
        "fetched_at": stamp(run.fetched_at),
        "remark": run.remark,
        "last_seen": stamp(run.last_seen) if run.last_seen else None,
    }


def told(found: Told) -> Record:
    """One clause through all versions, as `tracker since CLAUSE --json` writes it."""
    return {
        "clause": found.id,
        "document": found.document.id,
        "language": found.language,
        "stands": found.stands,
        "last_seen": stamp(found.last_seen) if found.last_seen else None,
        "text": found.text,
        "steps": [_happened(step) for step in found.steps],
    }


def _happened(step: Happened) -> Record:
    return {
        "kind": step.kind,
        "window": window(step.window),
        "version": step.version,
        "before": step.before,
        "after": step.after,
        "words": [list(piece) for piece in step.words],
        "heading": list(step.heading),
        "lead_in": step.lead_in,
        "related": list(step.related),
        "stance": dict(step.stances),
        "source": step.source,
        "sha256": step.sha256,
        "fetched_at": stamp(step.fetched_at),
        "remark": step.remark,
    }
