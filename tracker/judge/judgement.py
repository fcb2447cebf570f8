"""Judge a clause, a change, and what stands now: pure functions from words to what they let happen.

The rules decide (see rules.py); here their findings become flags with quotes.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace

from tracker.judge.governed import turned
from tracker.judge.verdict import (
    STRENGTH,
    Effect,
    Said,
    effect,
    in_order,
    main_topic,
    of_others,
    overall,
    said_apart,
    silences,
)
from tracker.judge.wording import line
from tracker.model import (
    ChangeJudgement,
    Clause,
    ClauseChange,
    ClauseEffect,
    Comparison,
    Flag,
    Judgement,
    Kind,
)
from tracker.rules import Held, RuleSet, Weighing, weigh
from tracker.rules.conditions import Spot
from tracker.rules.words import Words

QUOTE = 320  # characters of a quote at most


def judge(
    text: str,
    ruleset: RuleSet,
    *,
    heading: Sequence[str] = (),
    lead_in: str = "",
    language: str | None = None,
) -> Judgement:
    """What one clause says on AI: topics, stance by topic, and a flag for each rule that holds, with its words."""
    if ruleset.gate.is_silent(text, heading, lead_in):
        return Judgement()
    weighing = weigh(text, ruleset, heading=heading, lead_in=lead_in, language=language)
    flags = tuple(_flag(each, text, weighing) for each in weighing.held if each.rule.topic)
    possibly = tuple(
        quote
        for each in weighing.held
        if each.rule.possibly and not weighing.concerns_ai
        for quote in [_quote(text, _spans(each.spot, weighing.words))]
        if quote
    )
    stance = {topic: cue.stance for topic, (cue, _) in weighing.stances.items()}
    traits = tuple(dict.fromkeys(each.rule.trait for each in weighing.held if each.rule.trait))
    return Judgement(weighing.concerns_ai, weighing.topics, stance, flags, possibly, traits)


def judge_change(comparison: Comparison, judged: Callable[[Clause], Judgement]) -> ChangeJudgement:
    """What a change means for AI. `judged` gives the judgement of a clause of either text.

    Clauses that only moved, were split, merged, repeated or laid out anew are no AI change; a promise that is softened
    is one, also where no word on AI is among the changed words.
    """
    touched = [clause for change in comparison.changes for clause in (*change.before, *change.after)]
    if not any(judged(clause).mentions_ai for clause in touched):
        stood = stands = {}  # nothing on AI changed: spare the reading of both texts
    else:
        stood, stands = said_apart(comparison.before, comparison.after)
    found = list(_effects(comparison, judged, stood, stands))
    decisive = overall(found)
    real = [one for one in found if one.kind != "moved"]
    silent_on = silences(real, comparison.after, judged)
    promised = bool(real) and any(_promises(judged(clause)) for clause in comparison.after)
    held = [_held(map(judged, side) if real else ()) for side in (comparison.before, comparison.after)]

    def said(one: Effect) -> str:
        return line(one, silent_on, promised, _stood(one, *held))

    def told(one: Effect) -> ClauseEffect:
        sides = tuple(map(judged, one.old)), tuple(map(judged, one.new))
        return ClauseEffect(one.number, one.kind, said(one), one.old, one.new, *sides)

    return ChangeJudgement(
        ai_change=bool(real),
        ai_kind=decisive.kind if decisive else None,
        topics=tuple(dict.fromkeys(topic for one in real for topic in one.topics)),
        stance_before=_together([one.before for one in real]),
        stance_after=_together([one.after for one in real]),
        verdict=said(decisive) if decisive else "",
        flagged=tuple(sorted({one.number for one in real})),
        before=tuple(tuple(judged(clause) for clause in change.before) for change in comparison.changes),
        after=tuple(tuple(judged(clause) for clause in change.after) for change in comparison.changes),
        decisive=decisive.number if real else None,
        effects=tuple(told(one) for one in in_order(real, decisive)),
        silent_on=silent_on,
    )


def _effects(
    comparison: Comparison, judged: Callable[[Clause], Judgement], stood: Said, stands: Said
) -> Iterator[Effect]:
    """What each clause change does; several for a whole document that was replaced, one for each statement on AI."""
    by_place = turned(comparison, judged)
    for number, change in enumerate(comparison.changes):
        found = [effect(piece, judged, stood, stands) for piece in _pieces(change, judged)]
        if number in by_place and all(one is None or one.kind == "moved" for one in found):
            found = [by_place[number]]
        yield from (replace(one, number=number) for one in found if one is not None and not one.beside)


def _pieces(change: ClauseChange, judged: Callable[[Clause], Judgement]) -> list[ClauseChange]:
    """A clause change; where the whole document was replaced, the clauses on AI that went and came in its place."""
    if change.kind is not Kind.REPLACED:
        return [change]
    keys = [{clause.key for clause in side} for side in (change.before, change.after)]
    gone = [one for one in change.before if one.key not in keys[1] and judged(one).mentions_ai]
    come = [one for one in change.after if one.key not in keys[0] and judged(one).mentions_ai]
    return [
        *(ClauseChange(Kind.REMOVED, (one,), ()) for one in gone),
        *(ClauseChange(Kind.ADDED, (), (one,)) for one in come),
    ]


def _promises(judgement: Judgement) -> bool:
    """Whether a clause is a promise on the publisher's own training, and not on that of others alone."""
    return judgement.stance.get("training") == "prohibits" and not of_others(judgement.traits)


Taken = frozenset[tuple[str, str, bool]]  # topic, stance, and whether of others alone


def _held(found: Iterable[Judgement]) -> Taken:
    """The stances that the clauses of a text take."""
    return frozenset((topic, stance, of_others(one.traits)) for one in found for topic, stance in one.stance.items())


def _stood(one: Effect, before: Taken, after: Taken) -> bool:
    """Whether a clause of the text before took the same stance already, of the same actor; or, where a statement
    went, whether a clause of the text after still takes it. A right with a way out is a right as well."""
    topic = main_topic(one)
    gone = one.kind == "removed" or not one.after.get(topic)
    stance = (one.before if gone else one.after).get(topic)
    if topic not in ("training", "third-party") or not stance:
        return False
    same = {"permits", "opt-out"} if gone and stance in ("permits", "opt-out") else {stance}
    others = of_others(one.were if gone else one.traits)
    return any((topic, each, others) in (after if gone else before) for each in same)


def _together(stances: Sequence[Mapping[str, str]]) -> dict[str, str]:
    found: dict[str, str] = {}
    for stance in stances:
        for topic, value in stance.items():
            if topic not in found or STRENGTH.get(value, 0) < STRENGTH.get(found[topic], 0):
                found[topic] = value
    return found


def _flag(held: Held, text: str, weighing: Weighing) -> Flag:
    """A flag with the words that decided: those of the rule, those that name AI, and those that gave the stance."""
    rule = held.rule
    cue = weighing.stances.get(rule.topic)
    spots = [held.spot, *([weighing.named] if weighing.named else []), *([cue[1]] if cue else [])]
    spans = tuple(sorted({span for spot in spots for span in _spans(spot, weighing.words)}))
    quote = _quote(text, _spans(held.spot, weighing.words) or spans)
    return Flag(rule.id, rule.topic, cue[0].stance if cue else None, quote, spans, rule.why, rule.severity)


def _spans(spot: Spot, words: Words) -> tuple[tuple[int, int], ...]:
    """The places in the clause's own text of the words that decided."""
    return tuple((words.starts[start], words.ends[end - 1]) for start, end in spot.spans if start >= words.own)


def _quote(text: str, spans: Sequence[tuple[int, int]]) -> str:
    """The stretch of a clause around the words that decided, whole words, at most QUOTE characters."""
    if len(text) <= QUOTE:
        return text
    low, high = (min(s for s, _ in spans), max(e for _, e in spans)) if spans else (0, 0)
    spare = max(0, QUOTE - (high - low)) // 2
    start, end = max(0, low - spare), min(len(text), max(high, low) + spare)
    end = min(end, start + QUOTE)
    return text[start:end].strip()
