"""The story of a document out of its captures: which of them are the document, its versions, what changed.

    captures ─► read ─► is it the document? ─► version ─► compare ─► judge ─► change

Each check is taken into the story by `settle`, in the same way whether its captures came a moment ago or are read
again years later. What the archive was derived with is remembered by the bytes of the code, the declaration and the
rules, so that what is out of date is read again and never looks like a change of terms.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cache
from hashlib import sha256
from pathlib import Path

from tracker import extract, history
from tracker.compare import Past, compare, summarise
from tracker.declarations import fingerprint
from tracker.errors import Fault, TrackerError
from tracker.extract import dates
from tracker.extract.quality import assess
from tracker.judge import judge, judge_change
from tracker.model import (
    Capture,
    ChangeRecord,
    Check,
    Declaration,
    Document,
    Page,
    Quality,
    Reading,
    Source,
    Verdict,
    Version,
    moment,
)
from tracker.rules import RuleSet
from tracker.store import Store, derived
from tracker.text import split, substance_hash

Progress = Callable[[int, int, str], None]  # done, of how many, what


@dataclass(slots=True)
class State:
    """Where the reading of a document stands: what is in force in each of its languages, and what waits.

    A page that comes in another language now and then has an edition for each: they are never compared with each other.
    """

    editions: dict[str | None, tuple[Version, Reading]] = field(default_factory=dict)  # by language
    current: str | None = None  # the language last seen
    pending: tuple[int, datetime, Reading] | None = None  # check, its moment, what it read: waits to be confirmed
    seen: tuple[str, ...] = ()  # the hashes of the bytes last read
    quality: Quality | None = None  # what came of them
    made: list[Version] = field(default_factory=list)  # versions made since the state was taken up

    @property
    def version(self) -> Version | None:
        """The version last seen."""
        return self.editions[self.current][0] if self.editions else None

    @property
    def waits(self) -> bool:
        """Whether the next check may confirm what the last one showed."""
        quality = self.quality
        return quality is not None and (quality.verdict is Verdict.SUSPECT or "language" in quality.reasons)

    def edition(self, reading: Reading) -> str | None:
        """The language of the edition that a reading is to be held against."""
        return reading.language if reading.language in self.editions else self.current


def captured_page(store: Store, capture: Capture) -> Page:
    """A capture as it is read."""
    return Page(capture.final_url, capture.content_type, store.raw(capture.id))


def about(document: Document, error: TrackerError) -> TrackerError:
    """The error with the document that it concerns."""
    where = f"{document.id}: {error.where}" if error.where else document.id
    return type(error)(error.what, where, error.remedy)


# ---- reading -----------------------------------------------------------------------------------------------------


def read(pages: Sequence[Page], sources: Sequence[Source]) -> Reading:
    """The legal text of a document from the pages of all its sources, in order. Pure."""
    readings = [extract.read(page, source) for page, source in zip(pages, sources, strict=True)]
    return readings[0] if len(readings) == 1 else extract.join(readings)


def settle(
    store: Store,
    declaration: Declaration,
    state: State,
    check: Check,
    hashes: tuple[str, ...],
    reading: Reading | None,
) -> None:
    """Takes one check into the story: says what it showed, and makes a version where the text is another one.

    `reading` is None where the bytes are those last read. `state` is brought forward. Inside a transaction.
    """
    if reading is None:
        assert state.quality is not None
        good = state.quality.verdict is Verdict.GOOD
        derived.keep_reading(store, check.id, state.quality, _row(state) if good else None)
        return
    _, accepted = state.editions.get(state.edition(reading), (None, None))
    quality = assess(reading, accepted, state.pending[2] if state.pending else None)
    # A document that could be read, but not as declared, says so at every check until the declaration is mended.
    quality = replace(quality, message=quality.message or " ".join(reading.warnings))
    waiting, state.pending = state.pending, None
    state.seen, state.quality = hashes, quality
    if quality.verdict is not Verdict.GOOD:
        derived.keep_reading(store, check.id, quality, None)
        state.pending = (check.id, check.at, reading) if state.waits else None
        return
    if waiting and assess(reading, accepted, None).verdict is Verdict.SUSPECT:
        # Seen twice, so it is real: the version begins where it was first seen.
        number, at, first = waiting
        _accept(store, declaration, state, number, at, first)
        derived.keep_reading(store, number, replace(quality, message="Confirmed by the next check."), _row(state))
    _accept(store, declaration, state, check.id, check.at, reading)
    derived.keep_reading(store, check.id, quality, _row(state))


def _accept(store: Store, declaration: Declaration, state: State, check: int, at: datetime, reading: Reading) -> None:
    """Makes a version of a reading if its substance is another one than that in force in its language."""
    clauses = split(reading.text)
    substance = substance_hash(clauses)
    language = reading.language or state.current or declaration.language
    version, _ = state.editions.get(state.edition(reading), (None, None))
    if version is None or version.substance_sha256 != substance:
        stated = dates.stated(reading.text, language), dates.effective(reading.text, language)
        row = store.document_id(declaration.document.id)
        reading = replace(reading, language=language)
        number = derived.keep_version(store, row, check, at, reading, clauses, substance, stated)
        version = derived.version(store, number)
        state.made.append(version)
    state.current = version.language
    state.editions[version.language] = version, reading


def _row(state: State) -> int | None:
    return state.version.id if state.version else None


def is_known(state: State, hashes: tuple[str, ...]) -> bool:
    """Whether these are the bytes last read. What waits to be confirmed is read again."""
    return hashes == state.seen and not state.waits


def state_of(store: Store, declaration: Declaration) -> State:
    """Where the reading of a document stands, out of the archive."""
    document = declaration.document.id
    last = store.row(
        'select r.*, c.at from reading r join "check" c on c.id = r.check_id join document d on d.id = c.document_id '
        "where d.slug = ? order by c.at desc, c.id desc limit 1",
        document,
    )
    if last is None:
        return State()
    reasons = tuple(filter(None, last["reasons"].split(", ")))
    state = State(quality=Quality(Verdict(last["verdict"]), reasons, last["message"]))
    for version in {one.language: one for one in derived.versions(store, document)}.values():
        state.editions[version.language] = version, _reading(version, derived.text_of(store, version.id))
    state.current = derived.language_last_seen(store, document)
    captures = _captures(store, last["check_id"])
    state.seen = tuple(capture.sha256 for capture in captures)
    if state.waits:
        at = moment(last["at"])
        state.pending = last["check_id"], at, _read_again(store, declaration, captures, at)
    return state


def _reading(version: Version, text: str) -> Reading:
    return Reading(text, version.title, version.language, version.words, version.method, version.confidence)


def _captures(store: Store, check: int) -> list[Capture]:
    rows = store.rows("select capture_id from check_capture where check_id = ? order by position", check)
    return [store.capture(row["capture_id"]) for row in rows]


def _read_again(store: Store, declaration: Declaration, captures: Sequence[Capture], at: datetime) -> Reading:
    """Reads kept captures by the declaration as it is known today for that moment, address by address."""
    sources = declaration.sources_at(at)
    by_url = {source.url: source for source in sources}
    matched = [by_url.get(capture.url, sources[min(n, len(sources) - 1)]) for n, capture in enumerate(captures)]
    return read([captured_page(store, capture) for capture in captures], matched)


# ---- comparing and judging ---------------------------------------------------------------------------------------


def keep_changes(store: Store, document: Document, rules: RuleSet) -> list[ChangeRecord]:
    """Compares every two neighbouring versions that are not compared yet; the new changes, oldest first."""
    compared = {
        row["after_id"]
        for row in store.rows(
            "select after_id from change c join document d on d.id = c.document_id where d.slug = ?", document.id
        )
    }
    versions = derived.versions(store, document.id)
    pairs = [(old, new) for old, new in successions(versions) if new.id not in compared]
    keys = derived.keys_of(store, document.id) if pairs else []
    places = {number: place for place, (number, _, _) in enumerate(keys)}
    made = []
    for old, new in pairs:
        past = [Past(substance, held) for _, substance, held in keys[: places[old.id]]]
        texts = [split(derived.text_of(store, version.id)) for version in (old, new)]
        comparison = compare(*texts, past)
        judgement = judge_change(comparison, history.judged_by(store, old, new))
        back = keys[comparison.reverts_to][0] if comparison.reverts_to is not None else None
        summary = summarise(comparison)
        derived.keep_change(store, document, old.id, new.id, comparison, judgement, summary, back, ruling(rules))
        made.append(derived.change(store, f"{document.id}/{new.address}"))
    return made


def successions(versions: Sequence[Version]) -> Iterator[tuple[Version, Version]]:
    """Each version with the one before it in the same language; the first of a language follows none."""
    last: dict[str | None, Version] = {}
    for version in versions:
        if version.language in last:
            yield last[version.language], version
        last[version.language] = version


def judge_clauses(store: Store, rules: RuleSet) -> int:
    """Judges every clause that has no judgement under these rules, once; how many. Inside a transaction."""
    name = ruling(rules)
    waiting = derived.unjudged(store, name)
    for number, clause, language in waiting:
        found = judge(clause.text, rules, heading=clause.heading, lead_in=clause.lead_in, language=language)
        derived.keep_judgement(store, number, name, found)
    return len(waiting)


# ---- the same story again ----------------------------------------------------------------------------------------


def refresh(
    store: Store,
    declarations: Mapping[str, Declaration],
    rules: RuleSet,
    progress: Progress = lambda done, total, what: None,
    everything: bool = False,
) -> tuple[int, list[TrackerError]]:
    """Brings all that is derived up to date with the present code, declarations and rules.

    Returns how many documents were read again, and what went wrong with some of them.

    What the archive derived with another recipe is read again from its captures; where only the rules changed, clauses
    and changes are judged again. Nothing that was captured is touched.
    """
    stale, faults = [], []
    for row in store.rows("select slug, derived_by from document order by slug"):
        declaration = declarations.get(row["slug"])
        if declaration and row["derived_by"] and (everything or row["derived_by"] != recipe(declaration)):
            stale.append(declaration)
    for done, declaration in enumerate(stale):
        progress(done, len(stale), declaration.document.id)
        try:
            with store.transaction(), store.attempt():
                read_history(store, declaration, rules)
        except Fault as error:
            faults.append(about(declaration.document, error))
    if rules.problems:
        return len(stale), faults  # a rule that cannot be read must not take back what it once found
    with store.transaction():
        judge_clauses(store, rules)
        for number, name in derived.outdated_changes(store, ruling(rules)):
            derived.keep_change_judgement(store, number, history.change(store, name).judgement, ruling(rules))
    return len(stale), faults


def read_history(store: Store, declaration: Declaration, rules: RuleSet) -> None:
    """Derives all of a document again from its captures, in order of time; inside a transaction."""
    row = store.document_id(declaration.document.id)
    derived.forget(store, row)
    state = State()
    for found in reversed(store.checks(declaration.document.id)):
        captures = _captures(store, found.id)
        if not captures:
            continue
        hashes = tuple(capture.sha256 for capture in captures)
        known = is_known(state, hashes)
        reading = None if known else _read_again(store, declaration, captures, found.at)
        settle(store, declaration, state, found, hashes, reading)
    judge_clauses(store, rules)
    keep_changes(store, declaration.document, rules)
    store.db.execute("update document set derived_by = ? where id = ?", (recipe(declaration), row))


def recipe(declaration: Declaration) -> str:
    """What a document's text was derived with: the code that reads and compares, and its declaration."""
    return sha256(f"{_code(READING)} {fingerprint(declaration)}".encode()).hexdigest()[:16]


def ruling(rules: RuleSet) -> str:
    """What clauses were judged with: the rules and the code that applies them."""
    return sha256(f"{_code(JUDGING)} {rules.version}".encode()).hexdigest()[:16]


# By their bytes, so that nobody has to remember to raise a number.
READING = ("compare", "extract", "text")
JUDGING = ("judge", "rules")


@cache
def _code(rooms: tuple[str, ...]) -> str:
    digest = sha256()
    for room in rooms:
        place = Path(__file__).parent / room
        for file in sorted(place.glob("*.py")) if place.is_dir() else [place.with_suffix(".py")]:
            digest.update(file.read_bytes())
    return digest.hexdigest()
