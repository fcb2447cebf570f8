"""What in a change is news: one alert for each clause and verdict. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from tracker.judge.verdict import STRENGTH
from tracker.model import Change, Clause, ClauseEffect, Judgement, stamp
from tracker.model.compared import FORMAL, Kind

PROMISES = frozenset({"prohibits", "opt-in", "opt-out"})
LONGEST = 20_000  # characters of a clause that are kept for its alert; the page has the rest


@dataclass(frozen=True, slots=True)
class News:
    """One clause that says something else on AI. `clause` is the key of the clause, `stands` whether it stands in the
    text after the change, `earlier` the key that it had before; `facts` what a message says, as JSON takes it."""

    clause: str
    verdict: str
    stands: bool
    earlier: str
    facts: dict[str, Any]


def news(change: Change) -> list[News]:
    """What a change brings that subscribers are told, the decisive clause first, then by weight; nothing where no
    statement on AI came, went or was turned."""
    return list(_once(change)) if change.record.ai_change else []


def _once(change: Change) -> Iterator[News]:
    seen, standing = set(), {clause.key for clause in change.comparison.after}
    effects = change.judgement.effects
    for effect in [one for one in effects if not _is_heading(one)] or effects:
        before = _speaking(effect.before, effect.before_said, effect.after)
        after = _speaking(effect.after, effect.after_said, effect.before)
        clause = after or before
        if clause is None or (after is None and clause.key in standing):  # a copy of it stands: nothing went
            continue
        verdict = _verdict(change, effect)
        if (clause.key, verdict) not in seen:
            seen.add((clause.key, verdict))
            earlier = before.key if before else ""
            yield News(
                clause.key,
                verdict,
                after is not None,
                earlier,
                _facts(change, effect, clause, verdict) | {"earlier": earlier},
            )


def _is_heading(effect: ClauseEffect) -> bool:
    """A heading alone says nothing; it is told where nothing else is."""
    return all(clause.kind == "heading" for clause in (*effect.before, *effect.after))


def _speaking(side: Sequence[Clause], judged: Sequence[Judgement], others: Sequence[Clause]) -> Clause | None:
    """The clause that a message names: where a clause broke up or several grew together, the first that speaks of AI
    in words that do not stand on the other side too."""
    there = "\n".join([clause.text for clause in others])
    speak = [clause for clause, found in zip(side, judged, strict=True) if found.mentions_ai]
    return next((clause for clause in speak if clause.text not in there), next(iter([*speak, *side]), None))


def _verdict(change: Change, effect: ClauseEffect) -> str:
    """What is told once: what happened to the clause, and what it says on each topic, or said where that went."""
    happened = effect.kind if effect.kind in ("added", "removed") else "reworded"
    if change.comparison.changes[effect.index].kind is Kind.RETURNED:
        happened = "returned"
    return f"{happened}: {', '.join(sorted(_said(_spoken(effect))))}"


def _spoken(effect: ClauseEffect) -> tuple[Judgement, ...]:
    """The judgements of the side on which the statement stands that came, went or was turned."""
    return effect.before_said if effect.kind == "removed" or not effect.after else effect.after_said


def _said(found: Sequence[Judgement]) -> set[str]:
    said = {f"{topic} {stance}" for one in found for topic, stance in one.stance.items()}
    return said | {topic for one in found for topic in one.topics if topic not in one.stance}


def _facts(change: Change, effect: ClauseEffect, clause: Clause, verdict: str) -> dict[str, Any]:
    record, spoken, happened = change.record, _spoken(effect), verdict.partition(":")[0]
    flags = [flag for judgement in spoken for flag in judgement.flags]
    return {
        "change": record.id,
        "document": record.document.id,
        "title": record.document.title,
        "headline": record.verdict,
        "verdict": effect.verdict,
        "kind": happened,
        "ai_kind": effect.kind,
        "topics": sorted({topic for judgement in spoken for topic in judgement.topics}),
        "stances": sorted({stance for judgement in spoken for stance in judgement.stance.values()}),
        "promise": _gives_up(effect.before_said, effect.after_said),
        "counts": dict(record.counts),
        "clause": clause.key,
        "heading": " › ".join(clause.heading)[:500],
        "before": _words(effect.before),
        "after": _words(effect.after),
        "cut": max(sum(len(part.text) for part in side) for side in (effect.before, effect.after)) > LONGEST,
        "rules": [[flag.rule, flag.stance or "", flag.quote[:300]] for flag in flags[:10]],
        "window": [stamp(record.window.start) if record.window.start else None, stamp(record.window.end)],
        "stated": record.after.stated_date.isoformat() if record.after.stated_date else None,
        "effective": record.after.effective_date.isoformat() if record.after.effective_date else None,
        "silent": record.silent,
        "summary": record.summary,
        "language": record.after.language,
    }


def _gives_up(before: Sequence[Judgement], after: Sequence[Judgement]) -> bool:
    """Whether a promise, a consent or a way out went, or became a weaker one."""
    now = {topic: stance for one in after for topic, stance in one.stance.items()}
    return any(
        stance in PROMISES and STRENGTH.get(now.get(topic, ""), 0) < STRENGTH[stance]
        for one in before
        for topic, stance in one.stance.items()
    )


def _words(clauses: Sequence[Clause]) -> str:
    return "\n".join(clause.text for clause in clauses)[:LONGEST]


def carried(change: Change, key: str, verdict: str) -> dict[str, Any] | None:
    """Where a change only moves, splits, merges or rewords a clause (by key) of which news still holds, what a message
    says of it now; None where it is gone or says something else."""
    happened, _, told = verdict.partition(": ")
    for index, one in enumerate(change.comparison.changes):
        if not one.after or key not in {part.key for part in one.before}:
            continue
        said, was = _said(change.judgement.after[index]), set(filter(None, told.split(", ")))
        holds = said.isdisjoint(was) if happened == "removed" else said >= was
        if holds or one.kind in FORMAL:
            clause = _speaking(one.after, change.judgement.after[index], one.before)
            assert clause is not None
            cut = sum(len(part.text) for part in one.after) > LONGEST
            return {"after": _words(one.after), "clause": clause.key, "cut": cut}
    return None


def returned(one: News) -> News:
    """News of a clause that was told before and is back: it is told once as that."""
    verdict = f"returned: {one.verdict.partition(': ')[2]}"
    return replace(one, verdict=verdict, facts=one.facts | {"kind": "returned"})


def repeats(one: News, clause: str, verdict: str) -> bool:
    """Whether news only rewords a clause of which an alert that still holds says the same."""
    return one.earlier == clause and one.verdict.partition(": ")[2] == verdict.partition(": ")[2]


def undoes(one: News, clause: str, stands: bool, earlier: str) -> bool:
    """Whether news only takes back what an alert on a clause, which read as `earlier` before, had said."""
    return (one.clause == clause and one.stands is not stands) or (one.earlier == clause and one.clause == earlier)
