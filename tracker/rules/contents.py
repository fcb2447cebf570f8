"""What the files of a rule set say: vocabularies by language, rules and stance cues, and what is wrong with them.

A rule speaks of vocabularies by name, so a new language is a new file and needs no new rule.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from tracker.errors import RuleError
from tracker.rules.gate import Gate
from tracker.rules.matching import Lexicon, Vocabulary
from tracker.rules.rulebook import Cue, Rule, VocabularyFile, join, names_used, read_rules, read_vocabulary
from tracker.rules.tomlfile import RuleFile, nearest
from tracker.rules.words import fold

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


class Shelf:
    """Rules in order, found by the vocabularies without which they cannot hold: most are never looked at."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._rules = tuple(rules)
        self._always: list[int] = []
        self._by_name: dict[str, list[int]] = {}
        for place, rule in enumerate(self._rules):
            needed = min((need for test in rule.when for need in test.needs), key=len, default=None)
            if needed is None:
                self._always.append(place)
            for name in needed or ():
                self._by_name.setdefault(name, []).append(place)

    def near(self, found: Iterable[str]) -> list[Rule]:
        """The rules that may hold where these vocabularies were found, in order."""
        places = set(self._always)
        for name in found:
            places.update(self._by_name.get(name, ()))
        return [self._rules[place] for place in sorted(places)]


class Shelves:
    """The rules for one language: those that show AI by themselves, the others, and those that give way to topics."""

    def __init__(self, rules: Sequence[Rule]) -> None:
        self.naming = Shelf(rule for rule in rules if rule.basis == "names-ai")
        self.plain = Shelf(rule for rule in rules if rule.basis != "names-ai" and not rule.unless_topics)
        yielding = [rule for rule in rules if rule.basis != "names-ai" and rule.unless_topics]
        self.yielding = Shelf(sorted(yielding, key=lambda rule: ORDER.index(rule.topic)))


@dataclass(frozen=True, slots=True)
class Contents:
    """What the files of a rule set say, ready to weigh clauses."""

    rules: tuple[Rule, ...]
    cues: tuple[Cue, ...]
    problems: tuple[RuleError, ...]
    lexicons: Mapping[str, Lexicon]
    signs: Mapping[str, frozenset[str]]
    gate: Gate
    shelves: Mapping[str, Shelves]


def understand(opened: Iterable[RuleFile]) -> Contents:
    """What files say. Never raises: what cannot be used is in `problems`."""
    problems: list[RuleError] = []
    files: list[VocabularyFile] = []
    rules: list[Rule] = []
    cues: list[Cue] = []
    for one in opened:
        if PurePosixPath(one.name).parent.name == "vocabulary":
            file, faults = read_vocabulary(one)
            files.append(file)
        else:
            more_rules, more_cues, faults = read_rules(one)
            rules += more_rules
            cues += more_cues
        problems += faults
    languages, faults = _vocabularies(files)
    lexicons = {language: Lexicon(vocabularies.values()) for language, vocabularies in languages.items()}
    names = {name for vocabularies in languages.values() for name in vocabularies}
    problems += faults
    rules, cues = _usable(rules, names, "rule", problems), _usable(cues, names, "stance", problems)
    shelves = {
        language: Shelves([rule for rule in rules if not rule.languages or language in rule.languages])
        for language in lexicons
    }
    return Contents(
        rules=tuple(rules),
        cues=tuple(sorted(cues, key=lambda cue: -cue.rank)),
        problems=tuple(problems),
        lexicons=lexicons,
        signs={file.language: frozenset(map(fold, file.signs)) for file in files if file.language and file.signs},
        gate=Gate(rules, list(languages.values())),
        shelves=shelves,
    )


def _vocabularies(files: Sequence[VocabularyFile]) -> tuple[dict[str, dict[str, Vocabulary]], list[RuleError]]:
    """The vocabularies of each language by name, each with the shared words in it ("" has those alone); faults of
    includes."""
    shared = [file for file in files if not file.language]
    languages: dict[str, dict[str, Vocabulary]] = {}
    problems: dict[tuple[str, str], RuleError] = {}
    for language in ["", *(file.language for file in files if file.language)]:
        own = [file for file in files if file.language and file.language == language]
        vocabularies, faults = join([*shared, *own])
        languages[language] = {vocabulary.name: vocabulary for vocabulary in vocabularies}
        problems |= {(fault.what, fault.where): fault for fault in faults}
    return languages, list(problems.values())


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
