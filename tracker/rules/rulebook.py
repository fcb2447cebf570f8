"""Read vocabularies and rules from TOML tables into values, and say in words what is wrong with them.

Nothing here stops at the first fault: each table that cannot be used becomes one RuleError, the others are kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath

from tracker.errors import RuleError
from tracker.model import Stance, Topic
from tracker.rules.conditions import PLACES, Test
from tracker.rules.matching import Vocabulary, parse_term
from tracker.rules.tomlfile import Page, RuleFile, nearest

TOPICS = tuple(topic.value for topic in Topic)
STANCES = tuple(stance.value for stance in Stance)
BASES = ("ai", "names-ai", "always")


@dataclass(frozen=True, slots=True)
class Example:
    """A sentence that a rule must (`holds`) or must not match; `stance` where the stance is to be right as well."""

    text: str
    holds: bool
    heading: tuple[str, ...] = ()
    lead_in: str = ""
    language: str | None = None
    stance: str | None = None


@dataclass(frozen=True, slots=True)
class Rule:
    """Named patterns with a topic.

    `basis` says what the rule needs: "ai" (the clause concerns AI, as another rule found), "names-ai" (this rule shows
    that by itself) or "always". A rule has a topic, or a `trait` (a remark such as "retroactive"), or is `possibly`
    (a euphemism), or only names AI. `unless_topics`: it gives way where one of these topics was found.
    """

    id: str
    title: str
    why: str = ""
    topic: str = ""
    trait: str = ""
    possibly: bool = False
    basis: str = "ai"
    severity: int = 1
    languages: tuple[str, ...] = ()  # () is every language
    when: tuple[Test, ...] = ()
    unless: tuple[Test, ...] = ()
    unless_topics: tuple[str, ...] = ()
    examples: tuple[Example, ...] = ()
    place: str = ""  # file and line


@dataclass(frozen=True, slots=True)
class Cue:
    """What decides the stance of a topic. Of the cues that hold the one with the highest rank wins."""

    id: str
    topics: tuple[str, ...]
    stance: str
    rank: int
    title: str = ""
    when: tuple[Test, ...] = ()
    unless: tuple[Test, ...] = ()
    place: str = ""  # file and line


@dataclass(frozen=True, slots=True)
class VocabularyFile:
    """The vocabularies of one language as written: name to (words, exceptions, names of vocabularies included)."""

    language: str  # "" is the shared file
    signs: tuple[str, ...]
    vocabularies: Mapping[str, tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]]
    path: str


# ---- vocabularies ------------------------------------------------------------------------------------------------


def read_vocabulary(file: RuleFile) -> tuple[VocabularyFile, list[RuleError]]:
    """The vocabularies of a file named <language>.toml ("shared.toml" for all), and what is wrong in it."""
    page = Page(file)
    stem = PurePosixPath(file.name).stem
    language = "" if stem == "shared" else stem
    page.check_keys(page.table, ("signs", "vocabulary"), "The file")
    signs = page.strings(page.table.get("signs", []), "signs", "signs") or ()
    tables = page.table.get("vocabulary", {})
    read: dict[str, tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]] = {}
    if not isinstance(tables, dict):
        page.fault("vocabulary must be tables.", "vocabulary", "Write [vocabulary.name] and words = [...] below it.")
        tables = {}
    for name, table in tables.items():
        near = f"[vocabulary.{name}]"
        if not isinstance(table, dict):
            page.fault(f"The vocabulary {name!r} is no table.", name, f"Write {near} and words = [...] below it.")
            continue
        page.check_keys(table, ("about", "words", "except", "include"), f"The vocabulary {name!r}", near)
        words, exceptions, include = (
            page.strings(table.get(key, []), f"{key} of {name!r}", near) or () for key in ("words", "except", "include")
        )
        read[name] = (_good_terms(words, name, page), _good_terms(exceptions, name, page), include)
    return VocabularyFile(language, signs, read, file.name), page.problems


def _good_terms(terms: Sequence[str], name: str, page: Page) -> tuple[str, ...]:
    good = []
    for term in terms:
        try:
            parse_term(term)
            good.append(term)
        except ValueError as error:
            page.fault(
                f"The vocabulary {name!r} has a broken pattern: {error}.", f'"{term}"', "Mend or drop this term."
            )
    return tuple(good)


def join(files: Sequence[VocabularyFile]) -> tuple[list[Vocabulary], list[RuleError]]:
    """The vocabularies of one language out of its file and the shared one, includes resolved."""
    merged: dict[str, tuple[list[str], list[str], list[str]]] = {}
    place: dict[str, str] = {}
    for file in files:
        for name, parts in file.vocabularies.items():
            place[name] = file.path
            for have, more in zip(merged.setdefault(name, ([], [], [])), parts, strict=True):
                have.extend(more)
    problems: list[RuleError] = []

    def gather(name: str, above: tuple[str, ...]) -> tuple[list[str], list[str]]:
        words, exceptions, include = merged[name]
        words, exceptions = list(words), list(exceptions)
        for other in include:
            if other in (*above, name):
                way = " -> ".join((*above, name, other))
                what = f"The vocabulary {name!r} includes itself in a cycle: {way}."
                problems.append(RuleError(what, place[name], f"Take {other!r} out of its include."))
            elif other not in merged:
                remedy = nearest(other, merged, "Write that vocabulary or drop the name.")
                what = f"The vocabulary {name!r} includes {other!r}, which there is not."
                problems.append(RuleError(what, place[name], remedy))
            else:
                more_words, more_exceptions = gather(other, (*above, name))
                words += more_words
                exceptions += more_exceptions
        return words, exceptions

    joined = []
    for name in merged:
        words, exceptions = gather(name, ())
        joined.append(Vocabulary(name, tuple(dict.fromkeys(words)), tuple(dict.fromkeys(exceptions))))
    return joined, problems


# ---- rules -------------------------------------------------------------------------------------------------------

_RULE_KEYS = [
    "id",
    "title",
    "why",
    "topic",
    "trait",
    "possibly",
    "basis",
    "severity",
    "languages",
    "when",
    "unless",
    "unless_topics",
    "matches",
    "rejects",
]
_CUE_KEYS = ["id", "title", "topics", "stance", "rank", "when", "unless"]
_TEST_KEYS = ["all", "any", "none", "within", "ordered", "where"]
_EXAMPLE_KEYS = ["text", "heading", "lead_in", "language", "stance"]


def read_rules(file: RuleFile) -> tuple[list[Rule], list[Cue], list[RuleError]]:
    """The rules and stance cues of a file, and what is wrong in it."""
    page = Page(file)
    page.check_keys(page.table, ("rule", "stance"), "The file")
    rules = [rule for table in _tables(page, "rule") if (rule := _rule(table, page)) is not None]
    cues = [cue for table in _tables(page, "stance") if (cue := _cue(table, page)) is not None]
    return rules, cues, page.problems


def _tables(page: Page, key: str) -> Iterator[dict[str, object]]:
    value = page.table.get(key, [])
    if not isinstance(value, list):
        page.fault(f"{key} must be a list of tables.", key, f"Write [[{key}]] with two brackets.")
        return
    for number, table in enumerate(value, 1):
        if isinstance(table, dict) and isinstance(table.get("id"), str) and table["id"]:
            yield table
        else:
            page.fault(f"The {key} number {number} has no id.", f"[[{key}]]", 'Give it one: id = "training.content".')


def _typed(table: Mapping[str, object], key: str, kind: type, default: object) -> object:
    value = table.get(key, default)
    if isinstance(value, kind) and (kind is bool or not isinstance(value, bool)):
        return value
    names = {str: "a string", int: "a whole number", bool: "true or false"}
    raise _Fault(f"{key} must be {names[kind]}, not {value!r}", f"Write {key} as {names[kind]}.")


class _Fault(ValueError):
    """What is wrong with one table, and the remedy."""

    def __init__(self, what: str, remedy: str) -> None:
        super().__init__(what)
        self.what, self.remedy = what, remedy


def _one_of(value: str, known: Sequence[str], key: str) -> str:
    if value in known:
        return value
    raise _Fault(f"{key} is {value!r}", nearest(value, known))


def _checked(table: Mapping[str, object], known: Sequence[str]) -> None:
    for key in table:
        if key not in known:
            raise _Fault(f"the key {key!r} is not known", nearest(key, known))


def _names(table: Mapping[str, object], key: str) -> tuple[str, ...]:
    value = table.get(key, [])
    if isinstance(value, list) and all(isinstance(part, str) and part for part in value):
        return tuple(value)
    raise _Fault(f"{key} must be a list of strings", f'Write {key} = ["one", "two"].')


def _tests(table: Mapping[str, object], key: str) -> tuple[Test, ...]:
    value = table.get(key, [])
    if not isinstance(value, list) or not all(isinstance(part, dict) for part in value):
        raise _Fault(f"{key} must be a list of conditions", f'Write {key} = [{{ all = ["ai", "train"] }}].')
    return tuple(_test(part) for part in value)


def _test(table: Mapping[str, object]) -> Test:
    _checked(table, _TEST_KEYS)
    within = table.get("within", "sentence")
    if isinstance(within, bool) or not (within in ("clause", "sentence") or isinstance(within, int) and within >= 0):
        raise _Fault(f"within is {within!r}", 'Write "clause", "sentence" or a number of words.')
    choices = [tuple(tuple(part.split("|")) for part in _names(table, key)) for key in ("all", "any", "none")]
    if not any(choices):
        raise _Fault("a condition names no vocabulary", 'Write all = ["ai"], any = [...] or none = [...].')
    where = _one_of(_typed(table, "where", str, "text"), PLACES, "where")
    return Test(*choices, within, _typed(table, "ordered", bool, False), where)


def _examples(table: Mapping[str, object]) -> tuple[Example, ...]:
    examples = []
    for key, holds in (("matches", True), ("rejects", False)):
        written = table.get(key, [])
        if not isinstance(written, list):
            raise _Fault(f"{key} must be a list", f'Write {key} = ["A sentence.", {{ text = "…", heading = ["…"] }}].')
        for part in written:
            part = {"text": part} if isinstance(part, str) else part
            if not isinstance(part, dict) or not isinstance(part.get("text"), str):
                raise _Fault(f"an example under {key} has no text", 'Write { text = "A sentence." } or a string.')
            _checked(part, _EXAMPLE_KEYS)
            plain = {
                name: _typed(
                    part,
                    name,
                    str,
                    "",
                )
                for name in ("lead_in", "language", "stance")
            }
            examples.append(
                Example(
                    part["text"],
                    holds,
                    _names(part, "heading"),
                    plain["lead_in"],
                    plain["language"] or None,
                    plain["stance"] or None,
                )
            )
    return tuple(examples)


def _rule(table: Mapping[str, object], page: Page) -> Rule | None:
    try:
        _checked(table, _RULE_KEYS)
        topic = _typed(table, "topic", str, "")
        severity = _typed(table, "severity", int, 1)
        if severity not in (1, 2, 3):
            raise _Fault(f"severity is {severity}", "Write 1 (worth knowing), 2 (important) or 3 (alarming).")
        rule = Rule(
            id=table["id"],
            title=_typed(table, "title", str, ""),
            why=_typed(table, "why", str, ""),
            topic=_one_of(topic, TOPICS, "topic") if topic else "",
            trait=_typed(table, "trait", str, ""),
            possibly=_typed(table, "possibly", bool, False),
            basis=_one_of(_typed(table, "basis", str, "ai"), BASES, "basis"),
            severity=severity,
            languages=_names(table, "languages"),
            when=_tests(table, "when"),
            unless=_tests(table, "unless"),
            unless_topics=tuple(_one_of(name, TOPICS, "unless_topics") for name in _names(table, "unless_topics")),
            examples=_examples(table),
            place=page.place(f'"{table["id"]}"'),
        )
        if not rule.when and not (rule.topic and rule.basis == "ai"):
            raise _Fault("it has no condition", 'Write when = [{ all = ["ai", "train"] }].')
        return rule
    except _Fault as fault:
        page.fault(f"The rule {table['id']!r}: {fault.what}.", f'"{table["id"]}"', fault.remedy)
        return None


def _cue(table: Mapping[str, object], page: Page) -> Cue | None:
    try:
        _checked(table, _CUE_KEYS)
        return Cue(
            id=table["id"],
            topics=tuple(_one_of(name, TOPICS, "topics") for name in _names(table, "topics")),
            stance=_one_of(_typed(table, "stance", str, ""), STANCES, "stance"),
            rank=_typed(table, "rank", int, 0),
            title=_typed(table, "title", str, ""),
            when=_tests(table, "when"),
            unless=_tests(table, "unless"),
            place=page.place(f'"{table["id"]}"'),
        )
    except _Fault as fault:
        page.fault(f"The stance {table['id']!r}: {fault.what}.", f'"{table["id"]}"', fault.remedy)
        return None


def names_used(tests: Sequence[Test]) -> set[str]:
    """The vocabulary names that conditions speak of."""
    return {name for test in tests for group in (test.all, test.any, test.none) for choice in group for name in choice}
