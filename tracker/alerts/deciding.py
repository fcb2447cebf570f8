"""What in a change is news: one alert for each clause and verdict. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from tracker.judge.verdict import STRENGTH
from tracker.model import Change, Clause, ClauseChange, Judgement, stamp
from tracker.model.compared import FORMAL, Kind

QUIET = FORMAL | {Kind.REPEATED, Kind.RETURNED}  # kinds in which no clause says what was not said before
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
    """What a change brings that subscribers are told, the decisive clause first; nothing where only form changed."""
    record, judged = change.record, change.judgement
    if not record.ai_change or not record.substantive:
        return []
    order = sorted(judged.flagged, key=lambda index: index != judged.decisive)
    return list(_once(change, [index for index in order if change.comparison.changes[index].kind not in QUIET]))


def _once(change: Change, indexes: list[int]) -> Iterator[News]:
    seen = set()
    for index in indexes:
        one = change.comparison.changes[index]
        judged = change.judgement.before[index], change.judgement.after[index]
        before, after = _speaking(one.before, judged[0], one.after), _speaking(one.after, judged[1], one.before)
        clause = after or before
        if clause is None:
            continue
        kind = "added" if before is None else "removed" if after is None else "reworded"
        found = judged[1] if after else judged[0]
        name = _verdict(kind, found)
        if (clause.key, name) not in seen:
            seen.add((clause.key, name))
            yield News(
                clause.key,
                name,
                after is not None,
                before.key if before else "",
                _facts(
                    change, one, clause, kind, found, (change.judgement.before[index], change.judgement.after[index])
                ),
            )


def _speaking(side: Sequence[Clause], judged: Sequence[Judgement], others: Sequence[Clause]) -> Clause | None:
    """The clause that a message names: where a clause broke up or several grew together, the first that speaks of AI
    in words that do not stand on the other side too."""
    there = "\n".join([clause.text for clause in others])
    speak = [clause for clause, found in zip(side, judged, strict=True) if found.mentions_ai]
    return next((clause for clause in speak if clause.text not in there), next(iter([*speak, *side]), None))


def _verdict(kind: str, found: tuple[Judgement, ...]) -> str:
    said = {f"{topic} {stance}" for one in found for topic, stance in one.stance.items()}
    said |= {topic for one in found for topic in one.topics if topic not in one.stance}
    return f"{kind}: {', '.join(sorted(said))}"


def _facts(
    change: Change,
    one: ClauseChange,
    clause: Clause,
    kind: str,
    found: tuple[Judgement, ...],
    judged: tuple[tuple[Judgement, ...], tuple[Judgement, ...]],
) -> dict[str, Any]:
    record = change.record
    flags = [flag for judgement in found for flag in judgement.flags]
    return {
        "change": record.id,
        "document": record.document.id,
        "title": record.document.title,
        "verdict": record.verdict,
        "kind": kind,
        "ai_kind": record.ai_kind or "",
        "topics": sorted({topic for judgement in found for topic in judgement.topics}),
        "stances": sorted({stance for judgement in found for stance in judgement.stance.values()}),
        "promise": _gives_up(*judged),
        "counts": dict(record.counts),
        "clause": clause.key,
        "earlier": one.before[0].key if one.before else "",
        "heading": " › ".join(clause.heading)[:500],
        "before": "\n".join(part.text for part in one.before)[:LONGEST],
        "after": "\n".join(part.text for part in one.after)[:LONGEST],
        "cut": max(sum(len(part.text) for part in side) for side in (one.before, one.after)) > LONGEST,
        "rules": [[flag.rule, flag.stance or "", flag.quote[:300]] for flag in flags[:10]],
        "window": [stamp(record.window.start) if record.window.start else None, stamp(record.window.end)],
        "stated": record.after.stated_date.isoformat() if record.after.stated_date else None,
        "effective": record.after.effective_date.isoformat() if record.after.effective_date else None,
        "silent": record.silent,
        "summary": record.summary,
    }


def _gives_up(before: tuple[Judgement, ...], after: tuple[Judgement, ...]) -> bool:
    """Whether a promise, a consent or a way out went, or became a weaker one."""
    now = {topic: stance for one in after for topic, stance in one.stance.items()}
    return any(
        stance in PROMISES and STRENGTH.get(now.get(topic, ""), 0) < STRENGTH[stance]
        for one in before
        for topic, stance in one.stance.items()
    )


def carried(change: Change, key: str, verdict: str) -> dict[str, Any] | None:
    """Where a change only rewords a clause (by key) that says the same on AI as before, what a message says of it now;
    None where it is gone or says something else."""
    for index, one in enumerate(change.comparison.changes):
        found = change.judgement.after[index]
        kind, _, said = verdict.partition(": ")
        if one.after and key in {part.key for part in one.before} and _verdict(kind, found) == f"{kind}: {said}":
            facts = _facts(change, one, one.after[0], kind, found, (change.judgement.before[index], found))
            return {name: facts[name] for name in ("after", "cut", "clause", "rules")}
    return None


def undoes(one: News, clause: str, earlier: str) -> bool:
    """Whether news only takes back what an alert on a clause, which read as `earlier` before, had said."""
    return (one.clause == clause and not one.stands) or (one.earlier == clause and one.clause == earlier)
