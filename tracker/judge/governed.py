"""Clauses whose own words stayed while what they let happen did not.

"We will never do the following:" that becomes "We may do the following:" turns every item under it; an item that moves
from one list to the other is turned as well; and a bare sentence that stood before only inside a quotation says now
what it did not say then. In all three the changed words speak of something else, or no word changed at all.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import chain

from tracker.judge.verdict import Effect, shift
from tracker.model import Clause, ClauseChange, Comparison, Judgement, Kind

Judged = Callable[[Clause], Judgement]


def turned(comparison: Comparison, judged: Judged) -> dict[int, Effect]:
    """What changes do to clauses that they do not name, or that only changed place: by the index of the change."""
    found: dict[int, Effect] = {}
    for number, change in enumerate(comparison.changes):
        effect = _placed(change, comparison, judged)
        if effect:
            found[number] = effect
    governors = list(_governors(comparison.changes))
    if governors:
        for old, new in _unchanged(comparison):
            if (old.lead_in, old.heading) == (new.lead_in, new.heading):
                continue
            effect = _effect([old], [new], judged)
            place = next((n for n, text in governors if text and text in _over(old, new)), None)
            if effect and place is not None:
                found.setdefault(place, effect)
    return found


def _placed(change: ClauseChange, comparison: Comparison, judged: Judged) -> Effect | None:
    """A clause that moved to where it lets something else happen, or that says for the first time by itself, or no
    longer, what stood inside another clause."""
    if change.kind is Kind.MOVED:
        return _effect(change.before, change.after, judged)
    if change.kind is Kind.REPEATED:
        side, others = (change.after, comparison.before) if change.after else (change.before, comparison.after)
        held = {pair for clause in others for pair in judged(clause).stance.items()}
        news = [clause for clause in side if set(judged(clause).stance.items()) - held]
        if news:
            return _alone("added" if change.after else "removed", news, judged, bool(change.after))
    return None


def _effect(old: Sequence[Clause], new: Sequence[Clause], judged: Judged) -> Effect | None:
    before, after = _stances(old, judged), _stances(new, judged)
    way = shift(before, after)
    if not way:
        return None
    said = [judged(clause) for clause in new]
    topics = tuple(dict.fromkeys(topic for one in said for topic in one.topics))
    traits = tuple(dict.fromkeys(trait for one in said for trait in one.traits))
    words = sum(len(clause.text.split()) for clause in new)
    kind = "strengthened" if way > 0 else "weakened"
    return Effect(kind, topics, words, before, after, traits, traits, old=tuple(old), new=tuple(new))


def _alone(kind: str, clauses: Sequence[Clause], judged: Judged, came: bool) -> Effect:
    said = [judged(clause) for clause in clauses]
    topics = tuple(dict.fromkeys(topic for one in said for topic in one.topics))
    traits = tuple(dict.fromkeys(trait for one in said for trait in one.traits))
    stances = _stances(clauses, judged)
    words = sum(len(clause.text.split()) for clause in clauses)
    old, new = ((), tuple(clauses)) if came else (tuple(clauses), ())
    return Effect(
        kind, topics, words, {} if came else stances, stances if came else {}, traits, traits, old=old, new=new
    )


def _stances(clauses: Sequence[Clause], judged: Judged) -> Mapping[str, str]:
    return dict(chain.from_iterable(judged(clause).stance.items() for clause in clauses))


def _governors(changes: Sequence[ClauseChange]) -> Iterator[tuple[int, str]]:
    """Texts of changed clauses that may stand over others: headings, and sentences that end in a colon."""
    for number, change in enumerate(changes):
        for clause in (*change.after, *change.before):
            if clause.kind == "heading" or clause.text.rstrip().endswith((":", "：")):
                yield number, clause.text


def _over(old: Clause, new: Clause) -> set[str]:
    """What stands over a clause on one side only."""
    before, after = {old.lead_in, *old.heading}, {new.lead_in, *new.heading}
    return before ^ after


def _unchanged(comparison: Comparison) -> Iterator[tuple[Clause, Clause]]:
    """The clauses that no change names, pair by pair: they stand in the same order on both sides."""
    named = {id(clause) for change in comparison.changes for clause in (*change.before, *change.after)}
    sides = ([c for c in side if id(c) not in named] for side in (comparison.before, comparison.after))
    return zip(*sides, strict=False)
