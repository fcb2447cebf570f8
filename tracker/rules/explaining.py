"""Run the examples of rules, and show word by word how a verdict comes about."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tracker.rules.conditions import Seen, Test, find_spot
from tracker.rules.matching import Span
from tracker.rules.rulebook import Example, Rule, names_used
from tracker.rules.ruleset import RuleSet
from tracker.rules.weighing import Weighing, weigh


@dataclass(frozen=True, slots=True)
class FailedExample:
    """An example that comes out otherwise than its rule says; `what` is a sentence."""

    rule: str
    example: Example
    what: str


def run_examples(ruleset: RuleSet) -> list[FailedExample]:
    """Weigh every example of every rule; those that fail, with what came out instead."""
    failed = []
    for rule in ruleset.rules:
        for example in rule.examples:
            weighing = weigh(
                example.text,
                ruleset,
                heading=example.heading,
                lead_in=example.lead_in,
                language=example.language,
            )
            got = any(each.rule.id == rule.id for each in weighing.held)
            stance = weighing.stances[rule.topic][0].stance if rule.topic in weighing.stances else None
            if got != example.holds:
                what = f"It {'holds' if got else 'does not hold'} for {example.text!r}."
                failed.append(FailedExample(rule.id, example, what))
            elif example.stance and stance != example.stance:
                what = f"The stance of {example.text!r} is {stance}, not {example.stance}."
                failed.append(FailedExample(rule.id, example, what))
    return failed


def deciders(ruleset: RuleSet) -> Mapping[str, Mapping[str, tuple[str, ...]]]:
    """For each rule, the vocabularies that decided in the examples that it holds for, with the words found."""
    found: dict[str, dict[str, tuple[str, ...]]] = {}
    for rule in ruleset.rules:
        named: dict[str, dict[str, None]] = {}
        for example in (one for one in rule.examples if one.holds):
            place = {"heading": example.heading, "lead_in": example.lead_in, "language": example.language}
            weighing = weigh(example.text, ruleset, **place)
            spans = {span for each in weighing.held if each.rule is rule for span in each.spot.spans}
            for name in sorted(names_used(rule.when)):
                for start, end in spans.intersection(weighing.found.get(name, ())):
                    named.setdefault(name, {})[" ".join(weighing.words.raws[start:end])] = None
        found[rule.id] = {name: tuple(words) for name, words in named.items()}
    return found


@dataclass(frozen=True, slots=True)
class Reason:
    """Why one rule or cue held or failed: the first condition that decided, in words."""

    rule: str
    title: str
    holds: bool
    because: str
    words: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Explanation:
    """How a verdict came about: the language, the words found by vocabulary, and every rule that came near."""

    language: str
    concerns_ai: bool
    topics: tuple[str, ...]
    stances: Mapping[str, str]
    vocabulary: Mapping[str, tuple[str, ...]]
    reasons: tuple[Reason, ...]


def explain(
    text: str,
    ruleset: RuleSet,
    language: str | None = None,
    heading: Sequence[str] = (),
    lead_in: str = "",
) -> Explanation:
    """Show which vocabulary words were found where, and which rules held or failed, and why."""
    weighing = weigh(text, ruleset, heading=heading, lead_in=lead_in, language=language)
    seen = Seen(weighing.words, weighing.found)

    def shown(spans: Sequence[Span]) -> tuple[str, ...]:
        return tuple(dict.fromkeys(" ".join(weighing.words.raws[start:end]) for start, end in spans))

    reasons = []
    for rule in ruleset.rules:
        each = next((each for each in weighing.held if each.rule is rule), None)
        if each is not None:
            reasons.append(Reason(rule.id, rule.title, True, "every condition holds", shown(each.spot.spans)))
        elif rule.when and any(find_spot(test, seen) for test in rule.when):
            reasons.append(Reason(rule.id, rule.title, False, _failure(rule, seen, weighing)))
    for topic, (cue, spot) in weighing.stances.items():
        because = f"decides that {topic} is {cue.stance}"
        reasons.append(Reason(cue.id, cue.title, True, because, shown(spot.spans)))
    return Explanation(
        weighing.language,
        weighing.concerns_ai,
        weighing.topics,
        {topic: cue.stance for topic, (cue, _) in weighing.stances.items()},
        {name: shown(spans) for name, spans in sorted(weighing.found.items())},
        tuple(reasons),
    )


def _failure(rule: Rule, seen: Seen, weighing: Weighing) -> str:
    for test in rule.when:
        if find_spot(test, seen) is None:
            return f"this does not hold: {describe(test)}"
    for test in rule.unless:
        if find_spot(test, seen) is not None:
            return f"it makes an exception: {describe(test)}"
    if rule.basis == "ai" and not weighing.concerns_ai:
        return "nothing says that the clause concerns AI"
    if rule.unless_topics:
        return f"it gives way to {', '.join(rule.unless_topics)}"
    return f"it is for other languages: {', '.join(rule.languages)}"


def describe(test: Test) -> str:
    """A condition in words.

    >>> describe(Test(all=(("ai", "models"), ("train",)), within=6))
    'ai or models, train; at most 6 words apart'
    """

    def listed(group: Sequence[Sequence[str]], joint: str) -> str:
        return joint.join(" or ".join(choice) for choice in group)

    parts = [listed(test.all, ", ")] if test.all else []
    parts += [f"any of {listed(test.any, ', ')}"] if test.any else []
    parts += [f"none of {listed(test.none, ', ')}"] if test.none else []
    scope = f"at most {test.within} words apart" if isinstance(test.within, int) else f"in one {test.within}"
    place = "" if test.where == "text" else f", in the {test.where}"
    return f"{' with '.join(parts)}; {scope}{', in order' if test.ordered else ''}{place}"
