"""Load the rules of `data/rules/`, weigh one clause by them, test their examples, explain a verdict word by word.

Rules are data: `vocabulary/<language>.toml` names words, the other files combine them (data/rules/README.md). A rule
speaks of vocabularies by name, so a new language is a new file and needs no new rule.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from tracker.errors import RuleError
from tracker.rules.conditions import Seen, Spot, Test, find_spot
from tracker.rules.matching import Lexicon, Span, Words, fold, read_words
from tracker.rules.rulebook import (
    Cue,
    Example,
    Rule,
    VocabularyFile,
    join,
    names_used,
    read_rules,
    read_vocabulary,
)
from tracker.rules.tomlfile import nearest

ENGINE = "3"  # raise it when the same rules come to judge otherwise
# Topics are looked for in this order; a rule may give way to those before its own.
ORDER = (
    "",
    "scraping",
    "training",
    "third-party",
    "labelling",
    "likeness",
    "automated-decision",
    "output",
    "ai-use",
    "feature",
)
APART = ("heading", "near-heading", "last-heading", "anywhere", "lead-in")  # places beside the clause's own sentences
MOST_SPANS = 60  # sightings kept of a rule in one clause
PLAINLY = 6  # one everyday word in so many tells that a clause is in the language declared
FALLBACK = "en"  # where neither the declaration nor the words tell the language


@dataclass(frozen=True, slots=True)
class RuleSet:
    """All rules and vocabularies, ready to weigh clauses. `version` is a hash of every file read."""

    version: str
    rules: tuple[Rule, ...]
    cues: tuple[Cue, ...]  # highest rank first
    problems: tuple[RuleError, ...]
    lexicons: Mapping[str, Lexicon] = field(repr=False)  # "" is the shared one
    signs: Mapping[str, frozenset[str]] = field(repr=False)  # everyday words that tell a language

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages with a vocabulary of their own; clauses in others are weighed by the shared one."""
        return tuple(sorted(language for language in self.lexicons if language))


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


# ---- loading -----------------------------------------------------------------------------------------------------


def load(directory: Path) -> RuleSet:
    """Read a folder of rules. What cannot be used is in `problems` with file, line and remedy; the rest works."""
    problems: list[RuleError] = []
    digest = sha256(ENGINE.encode())
    files: list[VocabularyFile] = []
    rules: list[Rule] = []
    cues: list[Cue] = []
    paths = sorted(directory.rglob("*.toml"), key=lambda path: path.relative_to(directory).as_posix())
    if not paths:
        problems.append(RuleError("There are no rules here.", str(directory), "Name a folder with *.toml rules."))
    for path in paths:
        shown = path.relative_to(directory).as_posix()
        digest.update(shown.encode() + b"\0" + _bytes(path) + b"\0")
        if path.parent.name == "vocabulary":
            file, faults = read_vocabulary(path, shown)
            files.append(file)
        else:
            more_rules, more_cues, faults = read_rules(path, shown)
            rules += more_rules
            cues += more_cues
        problems += faults
    lexicons, names, faults = _lexicons(files)
    problems += faults
    rules, cues = _usable(rules, names, "rule", problems), _usable(cues, names, "stance", problems)
    signs = {file.language: frozenset(map(fold, file.signs)) for file in files if file.language and file.signs}
    by_rank = tuple(sorted(cues, key=lambda cue: -cue.rank))
    return RuleSet(digest.hexdigest(), tuple(rules), by_rank, tuple(problems), lexicons, signs)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


def _lexicons(files: Sequence[VocabularyFile]) -> tuple[dict[str, Lexicon], set[str], list[RuleError]]:
    """One lexicon a language, each with the shared words in it; all names of vocabularies; faults of includes."""
    shared = [file for file in files if not file.language]
    lexicons: dict[str, Lexicon] = {}
    names: set[str] = set()
    problems: dict[tuple[str, str], RuleError] = {}
    for language in ["", *(file.language for file in files if file.language)]:
        own = [file for file in files if file.language and file.language == language]
        vocabularies, faults = join([*shared, *own])
        lexicons[language] = Lexicon(vocabularies)
        names |= {vocabulary.name for vocabulary in vocabularies}
        problems |= {(fault.what, fault.where): fault for fault in faults}
    return lexicons, names, list(problems.values())


def _usable(rules: list, names: set[str], kind: str, problems: list[RuleError]) -> list:
    """Drop rules or cues with an id that stands already or with a vocabulary that there is not."""
    kept, ids = [], dict[str, str]()
    for rule in rules:
        unknown = sorted(names_used((*rule.when, *rule.unless)) - names)
        if rule.id in ids:
            what = f"The id {rule.id!r} stands twice; the first one, in {ids[rule.id]}, is used."
            problems.append(RuleError(what, rule.place, "Give the second one another id."))
        elif unknown:
            remedy = nearest(unknown[0], names, "Write that vocabulary or mend the name.")
            what = f"The {kind} {rule.id!r} names the vocabulary {unknown[0]!r}, which there is not."
            problems.append(RuleError(what, rule.place, remedy))
        else:
            ids[rule.id] = rule.place
            kept.append(rule)
    return kept


# ---- weighing one clause -----------------------------------------------------------------------------------------


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
    ready = [rule for rule in ruleset.rules if not rule.languages or chosen in rule.languages]
    naming = _holding([rule for rule in ready if rule.basis == "names-ai"], seen)
    named = _merged(each.spot for each in naming)
    others = [rule for rule in ready if rule.basis == "always" or (naming and rule.basis == "ai")]
    held = naming + _holding([rule for rule in others if not rule.unless_topics], seen)
    topics = {each.rule.topic for each in held}
    for rule in sorted((rule for rule in others if rule.unless_topics), key=lambda rule: ORDER.index(rule.topic)):
        if topics.isdisjoint(rule.unless_topics):
            held += _holding([rule], seen)
            topics |= {each.rule.topic for each in held}
    ordered = tuple(topic for topic in dict.fromkeys(each.rule.topic for each in held) if topic)
    stances = {topic: cue for topic in ordered if (cue := _stance(topic, held, seen, ruleset))}
    return Weighing(chosen, words, found, named if naming else None, tuple(held), ordered, stances)


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
    for test in rule.when:
        triggers = test.triggers
        if triggers and triggers.isdisjoint(seen.found):
            return None
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


# ---- examples and explanations -----------------------------------------------------------------------------------


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
