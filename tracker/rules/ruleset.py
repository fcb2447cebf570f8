"""Load the rules of `data/rules/`: vocabularies by language, rules, stance cues, and what is wrong with them.

Rules are data: `vocabulary/<language>.toml` names words, the other files combine them (data/rules/README.md). A rule
speaks of vocabularies by name, so a new language is a new file and needs no new rule.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from tracker.errors import RuleError
from tracker.rules.gate import Gate
from tracker.rules.matching import Lexicon, Vocabulary
from tracker.rules.rulebook import Cue, Rule, VocabularyFile, join, names_used, read_rules, read_vocabulary
from tracker.rules.tomlfile import nearest
from tracker.rules.words import fold

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


class Shelf:
    """Rules in order, found by the vocabularies without which they cannot hold: most are never looked at."""

    def __init__(self, rules: Iterable[Rule]) -> None:
        self._rules = tuple(rules)
        self._always: list[int] = []
        self._by_name: dict[str, list[int]] = {}
        for place, rule in enumerate(self._rules):
            needed = min((test.triggers for test in rule.when if test.triggers), key=len, default=None)
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
class RuleSet:
    """All rules and vocabularies, ready to weigh clauses. `version` is a hash of every file read."""

    version: str
    rules: tuple[Rule, ...]
    cues: tuple[Cue, ...]  # highest rank first
    problems: tuple[RuleError, ...]
    lexicons: Mapping[str, Lexicon] = field(repr=False)  # "" is the shared one
    signs: Mapping[str, frozenset[str]] = field(repr=False)  # everyday words that tell a language
    gate: Gate = field(repr=False)  # turns away clauses for which no rule can hold
    shelves: Mapping[str, Shelves] = field(repr=False, init=False)  # the rules of each language

    def __post_init__(self) -> None:
        shelves = {
            language: Shelves([rule for rule in self.rules if not rule.languages or language in rule.languages])
            for language in self.lexicons
        }
        object.__setattr__(self, "shelves", shelves)

    @property
    def languages(self) -> tuple[str, ...]:
        """The languages with a vocabulary of their own; clauses in others are weighed by the shared one."""
        return tuple(sorted(language for language in self.lexicons if language))


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
    languages, faults = _vocabularies(files)
    lexicons = {language: Lexicon(vocabularies.values()) for language, vocabularies in languages.items()}
    names = {name for vocabularies in languages.values() for name in vocabularies}
    problems += faults
    rules, cues = _usable(rules, names, "rule", problems), _usable(cues, names, "stance", problems)
    signs = {file.language: frozenset(map(fold, file.signs)) for file in files if file.language and file.signs}
    by_rank = tuple(sorted(cues, key=lambda cue: -cue.rank))
    gate = Gate(rules, list(languages.values()))
    return RuleSet(digest.hexdigest(), tuple(rules), by_rank, tuple(problems), lexicons, signs, gate)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError:
        return b""


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
