"""Weigh one clause by all rules: which hold, on what topics, and what decides each stance."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from tracker.rules.conditions import Seen, Spot, Test, find_spot
from tracker.rules.matching import Span
from tracker.rules.rulebook import Cue, Rule
from tracker.rules.ruleset import RuleSet
from tracker.rules.words import Words, fold, read_words

APART = ("heading", "near-heading", "last-heading", "anywhere", "lead-in")  # places beside the clause's own sentences
MOST_SPANS = 60  # sightings kept of a rule in one clause
PLAINLY = 6  # one everyday word in so many tells that a clause is in the language declared
FALLBACK = "en"  # where neither the declaration nor the words tell the language


@dataclass(frozen=True, slots=True)
class Held:
    """A rule that holds, and where."""

    rule: Rule
    spot: Spot


@dataclass(frozen=True, slots=True)
class Weighing:
    """All that the rules found in one clause; `stances` gives for each topic the cue that decided and where."""

    language: str
    words: Words
    found: Mapping[str, list[Span]]
    named: Spot | None  # where the words stand that name AI; None where nothing does
    held: tuple[Held, ...]
    topics: tuple[str, ...]
    stances: Mapping[str, tuple[Cue, Spot]]

    @property
    def concerns_ai(self) -> bool:
        return self.named is not None


def choose_language(words: Words, ruleset: RuleSet, declared: str | None) -> str:
    """The vocabulary to use: the declared language, unless the words are plainly of another; "" where there is none."""
    folded = Counter(fold(raw) for raw in words.raws if raw)
    declared = declared.lower().partition("-")[0] if declared else None
    own = sum(folded[sign] for sign in ruleset.signs.get(declared or "", ()))
    if own * PLAINLY >= sum(folded.values()) > 0:
        return declared  # its everyday words are there: no need to look at other languages
    counts = {language: sum(folded[sign] for sign in signs) for language, signs in ruleset.signs.items()}
    best = max(counts, key=lambda language: (counts[language], language == FALLBACK), default="")
    if declared is None:
        return best if counts.get(best) else (FALLBACK if FALLBACK in ruleset.lexicons else best)
    plain = counts.get(best, 0) >= max(5, 3 * counts.get(declared, 0), sum(folded.values()) / 4)
    language = best if plain else declared
    return language if language in ruleset.lexicons else ""


def weigh(
    text: str,
    ruleset: RuleSet,
    *,
    heading: Sequence[str] = (),
    lead_in: str = "",
    language: str | None = None,
) -> Weighing:
    """Hold a clause, with its headings and lead-in, against all rules. Pure; time grows with the clause's length."""
    words = read_words(text, heading, lead_in)
    chosen = choose_language(words, ruleset, language)
    found = ruleset.lexicons[chosen].find(words)
    seen = Seen(words, found)
    shelves = ruleset.shelves[chosen]
    naming = _holding(shelves.naming.near(found), seen)
    named = _merged(each.spot for each in naming)
    held = naming + _holding([rule for rule in shelves.plain.near(found) if naming or rule.basis == "always"], seen)
    topics = {each.rule.topic for each in held}
    for rule in shelves.yielding.near(found):
        if topics.isdisjoint(rule.unless_topics) and (naming or rule.basis == "always"):
            more = _holding([rule], seen)
            held += more
            topics |= {each.rule.topic for each in more}
    ordered = tuple(topic for topic in dict.fromkeys(each.rule.topic for each in held) if topic)
    stances = {topic: cue for topic in ordered if (cue := _stance(topic, held, seen, ruleset))}
    carried = ordered or any(start >= words.body for start, _ in named.spans)  # a heading alone is not enough
    return Weighing(chosen, words, found, named if naming and carried else None, tuple(held), ordered, stances)


def _merged(spots: Iterable[Spot]) -> Spot:
    """All sightings of several spots, in order and not too many."""
    every = list(spots)
    spans = sorted({span for spot in every for span in spot.spans})
    return Spot(tuple(spans[:MOST_SPANS]), frozenset(number for spot in every for number in spot.sentences))


def _holding(rules: Sequence[Rule], seen: Seen) -> list[Held]:
    return [Held(rule, spot) for rule in rules if (spot := holds(rule, seen)) is not None]


def holds(rule: Rule | Cue, seen: Seen) -> Spot | None:
    """Where all conditions of a rule hold and none of its exceptions does, or None.

    Conditions on a sentence, or on words near each other, must hold in one and the same sentence; exceptions of that
    kind count only there.
    """
    shared: frozenset[int] | None = None
    near: list[Span] = []
    wide: list[Span] = []
    there = seen.found.keys()
    if any(there.isdisjoint(need) for test in rule.when for need in test.needs):
        return None  # before any place is looked at: the words are not there at all
    for test in rule.when:
        spot = find_spot(test, seen)
        if spot is None:
            return None
        if _is_wide(test):
            wide += spot.spans
        elif spot.spans:
            near += spot.spans
            shared = spot.sentences if shared is None else shared & spot.sentences
            if not shared:
                return None
    for test in rule.unless:
        spot = find_spot(test, seen)
        if spot is not None and (shared is None or _is_wide(test)):
            return None
        if spot is not None:
            shared -= spot.sentences
            if not shared:
                return None
    numbers = seen.words.sentences
    spans = [span for span in near if shared and numbers[span[0]] in shared] or wide
    return Spot(tuple(sorted(set(spans))[:MOST_SPANS]), shared or frozenset(numbers[start] for start, _ in wide))


def _is_wide(test: Test) -> bool:
    """True for a condition that speaks of the whole clause or of what stands beside it."""
    return test.within == "clause" or test.where in APART


def _stance(topic: str, held: Sequence[Held], seen: Seen, ruleset: RuleSet) -> tuple[Cue, Spot] | None:
    """The cue of the highest rank that holds for a topic; "matched" conditions look at the topic's own sentences."""
    low, _ = seen.words.zone("text")
    own = {seen.words.sentences[index] for index in range(low, len(seen.words.raws))}
    matched = {number for each in held if each.rule.topic == topic for number in each.spot.sentences} & own
    near = Seen(seen.words, seen.found, frozenset(matched or own))
    for cue in ruleset.cues:
        if topic in cue.topics and (spot := holds(cue, near)) is not None:
            return cue, spot
    return None
