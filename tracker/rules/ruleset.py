"""Load the rules of `data/rules/`: vocabularies by language, rules, stance cues, and what is wrong with them.

Rules are data: `vocabulary/<language>.toml` names words, the other files combine them (data/rules/README.md). A rule
speaks of vocabularies by name, so a new language is a new file and needs no new rule.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from pathlib import Path

from tracker.errors import RuleError
from tracker.rules.matching import Lexicon
from tracker.rules.rulebook import Cue, Rule, VocabularyFile, join, names_used, read_rules, read_vocabulary
from tracker.rules.tomlfile import nearest
from tracker.rules.words import fold

ENGINE = "3"  # raise it when the same rules come to judge otherwise


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
