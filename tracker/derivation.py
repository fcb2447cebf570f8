"""Deriving, pure: what follows from the captures of a document, and nothing else.

    captures ─► read ─► is it the document? ─► version ─► compare ─► judge ─► change

No clock, no network, no database, no chance: the same captures, declaration and rules give the same findings in this
process, in another one, or on another machine. `settle` takes one check into the story, in the same way whether its
captures came a moment ago or are read again years later; `derive` tells the whole story again.
"""

from __future__ import annotations

import pickle
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from functools import lru_cache
from typing import TypeVar

from tracker import extract
from tracker.compare import Past, compare, summarise
from tracker.conflicts import Seen, contradicted
from tracker.extract import dates
from tracker.extract.quality import assess
from tracker.judge import judge, judge_change
from tracker.model import (
    ChangeDraft,
    Clause,
    ClausePlaces,
    Comparison,
    Declaration,
    Findings,
    Judgement,
    Kind,
    Page,
    Quality,
    Reading,
    Shown,
    Source,
    Verdict,
    VersionDraft,
)
from tracker.model.compared import FORMAL
from tracker.model.texts import MARKDOWN
from tracker.rules import RuleSet
from tracker.store.archive import Frames, compress, decompress
from tracker.text import identity, split, substance_hash

# ---- what travels to a worker ------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Kept:
    """A capture as deriving needs it: where it came from, and the row of its bytes among the frames."""

    url: str
    final_url: str
    content_type: str
    sha256: str
    blob: int


@dataclass(frozen=True, slots=True)
class Look:
    """A check with the captures in view."""

    check: int
    at: datetime
    source: str
    captures: tuple[Kept, ...]

    @property
    def hashes(self) -> tuple[str, ...]:
        return tuple(capture.sha256 for capture in self.captures)


@dataclass(frozen=True, slots=True)
class Captured:
    """A document's history as it is in the archive, compressed: all looks that brought captures, oldest first.

    `rules` is a rule set, packed: a worker that meets the same one again reads it once. `unreadable` are the checks
    whose captures end every process that reads them.
    """

    declaration: Declaration
    looks: tuple[Look, ...]
    frames: Frames
    rules: bytes
    unreadable: frozenset[int] = frozenset()

    @property
    def weight(self) -> int:
        return self.frames.weight + len(self.rules)


@dataclass(frozen=True, slots=True)
class Written:
    """A document's versions as they stand in the archive, oldest first: check, language, how the text was read, row of
    its bytes."""

    versions: tuple[tuple[int, str | None, str, int], ...]
    frames: Frames
    rules: bytes

    @property
    def weight(self) -> int:
        return self.frames.weight + len(self.rules)


UNREADABLE = Quality(
    Verdict.NOT_DOCUMENT, ("unreadable",), "The program ended each time that it read this capture; it was set aside."
)


def packed(rules: RuleSet) -> bytes:
    """A rule set as it travels to workers."""
    return compress(pickle.dumps(rules)).data


def derive(captured: Captured) -> Findings:
    """All that follows from a document's captures. Raises Corrupt where bytes are not what they were."""
    readings: Readings | None = {} if len({look.source for look in captured.looks}) > 1 else None
    unreadable = dict.fromkeys(captured.unreadable, UNREADABLE)
    state = _told(captured, readings, unreadable)
    if readings is not None and (aside := contradicted(_seen(captured.looks, state))):
        state = _told(captured, readings, aside | unreadable)
    found = _judged(state.drafts, _rules(captured.rules))
    return replace(found, versions=tuple(_lean(state.drafts)), shown=tuple(state.shown))


Readings = dict[tuple[tuple[Kept, ...], tuple[Source, ...]], Reading]


def _told(captured: Captured, readings: Readings | None, aside: Mapping[int, Quality]) -> State:
    """The story of all looks but those set aside, of which it says why. `readings` remembers what was read."""
    state = State()
    for look in captured.looks:
        if look.check in aside:
            state.shown.append(Shown(look.check, aside[look.check], None))
            continue
        reading = None
        if not is_known(state, look.hashes):
            sources = matched(captured.declaration, [one.url for one in look.captures], look.at)
            name = look.captures, tuple(sources)
            reading = readings.get(name) if readings else None
            if reading is None:
                reading = _read(captured, look, sources)
            if readings is not None:
                readings[name] = reading
        settle(state, captured.declaration, look.check, look.at, look.hashes, reading)
    return state


def _read(captured: Captured, look: Look, sources: Sequence[Source]) -> Reading:
    frames = captured.frames
    return read([Page(one.final_url, one.content_type, frames.bytes_of(one.blob)) for one in look.captures], sources)


def readable(captured: Captured) -> int:
    """Reads all that a document's looks brought, and keeps nothing of it: how many there were."""
    for look in captured.looks:
        _read(captured, look, matched(captured.declaration, [one.url for one in look.captures], look.at))
    return len(captured.looks)


def _seen(looks: Sequence[Look], state: State) -> Iterator[Seen]:
    """The looks that showed the document, with what they showed."""
    versions = {shown.check: shown.version for shown in state.shown}
    drafts = {draft.check: draft for draft in state.drafts}
    for look in looks:
        if draft := drafts.get(versions.get(look.check) or 0):
            own = strand(draft.reading.language, draft.reading.method)
            yield Seen(look.check, look.at, look.source, own, draft.substance)


def judge_again(written: Written) -> Findings:
    """The judgements and changes of versions that stand, under other rules. Raises Corrupt."""
    drafts = []
    for check, language, method, blob in written.versions:
        text = written.frames.bytes_of(blob).decode("utf-8", "surrogatepass")
        clauses = split(text, drafts[-1].clauses if drafts else ())
        reading = Reading(text, language=language, method=method)
        drafts.append(VersionDraft(check, NO_TIME, reading, clauses, substance_hash(clauses), None, None))
    return _judged(drafts, _rules(written.rules))


NO_TIME = datetime.min


@lru_cache(1)
def _rules(packed: bytes) -> RuleSet:
    return pickle.loads(decompress(packed))


def _judged(drafts: Sequence[VersionDraft], rules: RuleSet) -> Findings:
    judgements: dict[bytes, Judgement] = {}
    for draft in drafts:
        language = draft.reading.language
        for clause in draft.clauses:
            name = identity(clause, language)
            if name not in judgements and clause.kind != "code":
                judgements[name] = judged(clause, language, rules)
    held = [(draft.check, Past(draft.substance, frozenset(clause.key for clause in draft.clauses))) for draft in drafts]
    places = {draft.check: place for place, draft in enumerate(drafts)}
    changes = tuple(
        change_between(
            (old.check, old.clauses), (new.check, new.clauses), held[: places[old.check]], _known(judgements, old, new)
        )
        for old, new in successions(drafts, lambda draft: strand(draft.reading.language, draft.reading.method))
    )
    return Findings(changes=changes, judgements=judgements)


def _known(judgements: Mapping[bytes, Judgement], *drafts: VersionDraft) -> Callable[[Clause], Judgement]:
    language = drafts[0].reading.language  # only texts in one language are compared
    nothing = Judgement()
    return lambda clause: judgements.get(identity(clause, language), nothing)


def _lean(drafts: Sequence[VersionDraft]) -> Iterator[VersionDraft]:
    """The drafts with one object for each clause that stands in many of them, so that it travels back once."""
    seen: dict[bytes, Clause] = {}
    for draft in drafts:
        language = draft.reading.language
        clauses = tuple(seen.setdefault(identity(clause, language), clause) for clause in draft.clauses)
        yield replace(draft, clauses=clauses)


# ---- one check after the other -----------------------------------------------------------------------------------


Strand = tuple[str | None, bool]  # the language of a text, and whether another tool read it from the page


def strand(language: str | None, method: str) -> Strand:
    """Which texts of a document a text may be compared with."""
    return language, method == MARKDOWN


@dataclass(frozen=True, slots=True)
class Edition:
    """What is in force in a language: the check that first showed it, its substance, and what was read last."""

    check: int
    language: str | None
    substance: str
    reading: Reading
    dates: tuple[date | None, date | None] = (None, None)  # stated and effective, as read last


@dataclass(slots=True)
class State:
    """Where the reading of a document stands: what is in force in each of its strands, and what waits.

    A page that comes in another language now and then has an edition for each, and so has a text that another tool read
    from the page: they are never compared with each other, for they differ where nothing changed.
    """

    editions: dict[Strand, Edition] = field(default_factory=dict)
    current: Strand | None = None  # the one last seen
    pending: tuple[int, datetime, Reading] | None = None  # check, its moment, what it read: waits to be confirmed
    seen: tuple[str, ...] = ()  # the hashes of the bytes last read
    quality: Quality | None = None  # what came of them
    drafts: list[VersionDraft] = field(default_factory=list)  # versions made since the state was taken up
    shown: list[Shown] = field(default_factory=list)  # what checks showed since; a later one replaces an earlier one

    @property
    def version(self) -> int | None:
        """The check that first showed the version last seen."""
        return self.editions[self.current].check if self.current in self.editions else None

    @property
    def waits(self) -> bool:
        """Whether the next check may confirm what the last one showed."""
        quality = self.quality
        return quality is not None and (quality.verdict is Verdict.SUSPECT or "language" in quality.reasons)

    def edition(self, reading: Reading) -> Edition | None:
        """The edition that a reading is to be held against."""
        own = strand(reading.language, reading.method)
        if own in self.editions:
            return self.editions[own]
        if self.current and self.current[1] == own[1]:
            return self.editions.get(self.current)
        return next((one for (_, kind), one in reversed(self.editions.items()) if kind == own[1]), None)


def is_known(state: State, hashes: tuple[str, ...]) -> bool:
    """Whether these are the bytes last read. What waits to be confirmed is read again."""
    return hashes == state.seen and not state.waits


def read(pages: Sequence[Page], sources: Sequence[Source]) -> Reading:
    """The legal text of a document from the pages of all its sources, in order."""
    readings = [extract.read(page, source) for page, source in zip(pages, sources, strict=True)]
    return readings[0] if len(readings) == 1 else extract.join(readings)


def matched(declaration: Declaration, urls: Sequence[str], at: datetime) -> list[Source]:
    """How captures of a moment are read by the declaration as it is known today, address by address."""
    sources = declaration.sources_at(at)
    by_url = {source.url: source for source in sources}
    return [by_url.get(url, sources[min(n, len(sources) - 1)]) for n, url in enumerate(urls)]


def settle(
    state: State, declaration: Declaration, check: int, at: datetime, hashes: tuple[str, ...], reading: Reading | None
) -> None:
    """Takes one check into the story: says what it showed, and drafts a version where the text is another one.

    `reading` is None where the bytes are those last read. `state` is brought forward.
    """
    if reading is None:
        assert state.quality is not None
        good = state.quality.verdict is Verdict.GOOD
        state.shown.append(_shown(state, check, state.quality) if good else Shown(check, state.quality, None))
        return
    edition = state.edition(reading)
    accepted = edition.reading if edition else None
    quality = assess(reading, accepted, state.pending[2] if state.pending else None)
    # A document that could be read, but not as declared, says so at every check until the declaration is mended.
    quality = replace(quality, message=quality.message or " ".join(reading.warnings))
    waiting, state.pending = state.pending, None
    state.seen, state.quality = hashes, quality
    if quality.verdict is not Verdict.GOOD:
        state.shown.append(Shown(check, quality, None))
        state.pending = (check, at, reading) if state.waits else None
        return
    if waiting and assess(reading, accepted, None).verdict is Verdict.SUSPECT:
        # Seen twice, so it is real: the version begins where it was first seen.
        _accept(state, declaration, *waiting)
        confirmed = replace(quality, message="Confirmed by the next check.")
        state.shown.append(_shown(state, waiting[0], confirmed))
    _accept(state, declaration, check, at, reading)
    state.shown.append(_shown(state, check, quality))


def _shown(state: State, check: int, quality: Quality) -> Shown:
    """What a check showed that had the document in view."""
    return Shown(check, quality, state.version, *state.editions[state.current].dates)


def _accept(state: State, declaration: Declaration, check: int, at: datetime, reading: Reading) -> None:
    """Drafts a version of a reading if its substance is another one than that in force in its language."""
    clauses = split(reading.text, state.drafts[-1].clauses if state.drafts else ())
    substance = substance_hash(clauses)
    edition = state.edition(reading)
    language = reading.language or (state.current and state.current[0]) or declaration.language
    given = dates.stated(reading.text, language), dates.effective(reading.text, language)
    if edition is None or edition.substance != substance:
        reading = replace(reading, language=language)
        state.drafts.append(VersionDraft(check, at, reading, clauses, substance, *given))
        edition = Edition(check, language, substance, reading)
    state.current = strand(edition.language, reading.method)
    state.editions.pop(state.current, None)  # the one seen last stands last
    state.editions[state.current] = replace(edition, reading=reading, dates=given)


# ---- two versions ------------------------------------------------------------------------------------------------

Anything = TypeVar("Anything")


def successions(
    versions: Sequence[Anything], strand_of: Callable[[Anything], Strand]
) -> Iterator[tuple[Anything, Anything]]:
    """Each version with the one before it in the same strand; the first of a strand follows none."""
    last: dict[Strand, Anything] = {}
    for version in versions:
        own = strand_of(version)
        if own in last:
            yield last[own], version
        last[own] = version


def change_between(
    old: tuple[int, Sequence[Clause]],
    new: tuple[int, Sequence[Clause]],
    past: Sequence[tuple[int, Past]],
    judged: Callable[[Clause], Judgement],
) -> ChangeDraft:
    """What changed between two versions, each named by its check, and what it means; `past` are those before `old`."""
    comparison = compare(old[1], new[1], [held for _, held in past])
    judgement = judge_change(comparison, judged)
    return ChangeDraft(
        before=old[0],
        after=new[0],
        counts=comparison.counts,
        unchanged=comparison.unchanged,
        touched=comparison.touched,
        reverts_to=past[comparison.reverts_to][0] if comparison.reverts_to is not None else None,
        summary=summarise(comparison, judgement.flagged),
        judgement=replace(judgement, before=(), after=()),
        clauses=_placed(comparison),
        redated=_only_redated(comparison),
    )


def _only_redated(comparison: Comparison) -> bool:
    """Whether the only words that changed are the dates that a text gives for itself."""
    changed = [one for one in comparison.changes if one.kind.value not in FORMAL]
    return bool(changed) and all(
        one.kind is Kind.REWORDED and dates.redated(one.before[0].text, one.after[0].text) for one in changed
    )


def _placed(comparison: Comparison) -> tuple[ClausePlaces, ...]:
    # Clauses are found by themselves, not by equality: duplicates occur.
    old, new = ({id(clause): n for n, clause in enumerate(side)} for side in (comparison.before, comparison.after))
    return tuple(
        ClausePlaces(
            one.kind.value,
            one.detail,
            tuple(old.get(id(clause)) for clause in one.before),
            tuple(new.get(id(clause)) for clause in one.after),
        )
        for one in comparison.changes
    )


def judged(clause: Clause, language: str | None, rules: RuleSet) -> Judgement:
    """What a clause says on AI."""
    return judge(clause.text, rules, heading=clause.heading, lead_in=clause.lead_in, language=language)
