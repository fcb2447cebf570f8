"""Looking: from declared addresses to recorded checks, many documents at a time. What follows from what was captured,
`timeline.py` tells.

Most looks bring nothing new: the same bytes, or others that must read the same. For these nothing is read, and what
reads, compares and judges is not even loaded: a round without news costs little more than asking.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import nullcontext, suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from tracker.declarations import canonical, fingerprint
from tracker.errors import Blocked, Deadly, Fault, FetchError, Refused, TrackerError, about
from tracker.fetch import Fetcher
from tracker.model import (
    ChangeRecord,
    Check,
    Declaration,
    Document,
    Outcome,
    Page,
    Reading,
    Relative,
    Response,
    Shown,
    Source,
    Verdict,
    Version,
    stamp,
)
from tracker.reader import Pages, Reader
from tracker.recipes import recipe
from tracker.store import Store, begun, sightings, turns

if TYPE_CHECKING:
    from tracker.derivation import State
    from tracker.rules import RuleSet

NEEDS_BROWSER = frozenset({"shell", "bot-wall"})  # signals of pages that a browser may see otherwise
RENDERED = "chromium/"  # in the tool of a capture that a browser made
TRUSTED = timedelta(days=7)  # how long "not modified" is believed before the whole page is asked for again

AT_HAND = 64  # documents of a round that are looked at or read at a time: their pages are in memory

Record = Callable[[Store, "Looked"], None]


@dataclass(frozen=True, slots=True)
class Looked:
    """What came of looking at one document once. `error` says why nothing could be recorded at all; `retry_after` is
    the number of seconds that the site asked to be left alone for."""

    document: Document
    check: Check | None
    version: Version | None = None  # where the check brought a new one
    change: ChangeRecord | None = None
    error: TrackerError | None = None
    retry_after: float | None = None
    answered: bool = True  # whether the site was reached, whatever it said
    relatives: tuple[Relative, ...] = ()  # links to other legal texts that were not there before


async def check(
    declarations: Sequence[Declaration],
    store: Store,
    rules: RuleSet,
    *,
    fetcher: Fetcher,
    now: Callable[[], datetime],
    record: Record = lambda store, looked: None,
    done: Callable[[Looked], None] = lambda looked: None,
    reader: Reader | None = None,
) -> list[Looked]:
    """Looks at every document once, several sites at a time and one after the other of each; records what came of it.

    One failing document stops no other. Results come back in the order of the declarations. `record` is called inside
    the transaction that records a check, so that what it writes (alerts, when to look next) is kept with the check or
    not at all; `done` is called with each once it is recorded. `reader` reads the pages; without it one is
    made.
    """

    async def one(declaration: Declaration, reader: Reader) -> Looked:
        try:
            looked = await _look(declaration, store, rules, fetcher, now, reader, record)
        except TrackerError as error:
            looked = Looked(declaration.document, None, error=error)
        except Exception as error:  # a fault of ours with one document is no reason to leave the others
            said = f"The program could not look: {type(error).__name__}: {error}"
            looked = Looked(declaration.document, None, error=Fault(said, remedy="Report it; the others were checked."))
        if looked.error:
            looked = replace(looked, error=about(declaration.document.id, looked.error))
        done(looked)
        return looked

    found: dict[int, Looked] = {}
    sites: dict[str, list[int]] = {}
    for place, declaration in enumerate(declarations):
        sites.setdefault(urlsplit(declaration.sources[0].url).netloc, []).append(place)
    left = iter(sites.values())

    async def site_by_site(reader: Reader) -> None:
        for places in left:
            for place in places:
                found[place] = await one(declarations[place], reader)

    with nullcontext(reader) if reader else Reader() as one_reader:
        await asyncio.gather(*(site_by_site(one_reader) for _ in range(min(AT_HAND, len(sites)))))
    return [found[place] for place in range(len(declarations))]


async def _look(
    declaration: Declaration,
    store: Store,
    rules: RuleSet,
    fetcher: Fetcher,
    now: Callable[[], datetime],
    reader: Reader,
    record: Record,
) -> Looked:
    document = declaration.document
    at, note = _dated(store, document, now())
    sources = declaration.sources_at(at)
    try:
        answers = [await _ask(store, document, source, fetcher, at) for source in sources]
        _refuse_removed(store, answers)
    except FetchError as error:
        return _keep_failure(store, declaration, at, note, error, record)
    before = sightings.last(store, document.id)
    seen = await _seen(store, declaration, before, answers, sources, reader)
    if seen.reading and fetcher.renders and not NEEDS_BROWSER.isdisjoint(seen.reading.signals):
        with suppress(FetchError):  # else what came without a browser tells what is wrong
            answers = [answer if answer.rendered_by else await fetcher.render(answer.url) for answer in answers]
            seen = await _seen(store, declaration, before, answers, sources, reader)
    with store.transaction():
        found = _keep_look(store, declaration, at, note, answers)
        looked = _take_in(store, declaration, rules, before, seen, found, answers)
        looked = replace(looked, relatives=_relatives(store, looked, seen))
        if seen.was_opened and not seen.is_deadly:
            begun.clear(store, document.id)
        record(store, looked)
    return looked


@dataclass(frozen=True, slots=True)
class Seen:
    """What a look brought. `state` and `reading` are None where it must show what the last one showed; a reading is
    also missing where it is deadly: whatever reads it ends."""

    hashes: tuple[str, ...]
    skim: bytes | None
    state: State | None = None
    reading: Reading | None = None
    relatives: tuple[tuple[str, Relative], ...] = ()
    was_opened: bool = False  # whether anything looked into the pages at all
    is_deadly: bool = False


async def _seen(
    store: Store,
    declaration: Declaration,
    before: sightings.Sighting | None,
    answers: Sequence[Response],
    sources: Sequence[Source],
    reader: Reader,
) -> Seen:
    """Reads what came, unless it must show what was seen last."""
    document, made_by = declaration.document, recipe(declaration)
    known = before if before and before.derived_by == made_by else None
    hashes = tuple(_hash(store, document, answer) for answer in answers)
    if known and known.is_of(hashes, None):
        return Seen(hashes, known.skim)

    pages = tuple(_page(store, document, answer) for answer in answers)
    skim = known.skim if known and known.is_of(hashes, known.skim) else None
    try:
        found = await reader.read(store, document.id, Pages(pages, tuple(sources), made_by, skim))
    except Deadly:
        found = None
    if found and not found.reading:
        return Seen(hashes, found.skim, was_opened=True)

    from tracker import timeline

    state = timeline.state_of(store, declaration)
    if found is None:
        return Seen(hashes, None, state, was_opened=True, is_deadly=True)
    return Seen(hashes, found.skim, state, found.reading, found.relatives, was_opened=True)


def _hash(store: Store, document: Document, answer: Response) -> str:
    if answer.not_modified:
        return store.capture(store.validators(document.id, answer.url)[2]).sha256
    return sha256(answer.body).hexdigest()


def _refuse_removed(store: Store, answers: Sequence[Response]) -> None:
    for answer in answers:
        if store.is_removed(sha256(answer.body).hexdigest()):
            remedy = "It is looked at again as soon as the site answers anything else."
            raise Refused("The page is the one that was taken out of the archive.", answer.url, remedy)


def _dated(store: Store, document: Document, now: datetime) -> tuple[datetime, str]:
    """The moment that a look is given, and a note where it is not that of the clock: moments name versions, to the
    second, and follow each other, whatever the clock says meanwhile."""
    last = store.checks(document.id, 1)
    if not last or now >= last[0].at + timedelta(seconds=1):
        return now, ""
    at = last[0].at + timedelta(seconds=1)
    if at - now < turns.AHEAD:
        return at, ""
    return at, f"It was made at {stamp(now)}, and is dated after the one before: this machine's clock was ahead then."


def _keep_look(store: Store, declaration: Declaration, at: datetime, note: str, answers: Sequence[Response]) -> Check:
    """Keeps what came, whatever it turns out to be; inside a transaction."""
    document = declaration.document
    row = store.keep_document(document, declaration.category)
    number = store.keep_declaration(row, fingerprint(declaration), canonical(declaration), at)
    kept = [_keep_answer(store, row, number, document, answer) for answer in answers]
    outcome = Outcome.CAPTURED if any(new for _, new in kept) else Outcome.UNCHANGED
    elapsed = sum(answer.elapsed_ms for answer in answers)
    captures = tuple(capture for capture, _ in kept)
    found = Check(0, document.id, at, outcome, message=note, captures=captures, elapsed_ms=elapsed)
    return replace(found, id=store.keep_check(row, found))


def _take_in(
    store: Store,
    declaration: Declaration,
    rules: RuleSet,
    before: sightings.Sighting | None,
    seen: Seen,
    found: Check,
    answers: Sequence[Response],
) -> Looked:
    """Takes a kept check into the story of its document; a fault of ours leaves the captures and is said."""
    document, row = declaration.document, store.document_id(declaration.document.id)
    versions: list[Version] = []
    made: list[ChangeRecord] = []
    fault, by = None, recipe(declaration)
    try:
        with store.attempt():
            if seen.state is None:
                assert before is not None
                sightings.keep_again(store, before, found.id)
                good = before.verdict is Verdict.GOOD
            else:
                versions, made = _derive(store, declaration, rules, seen.state, seen, found)
                good = bool(seen.state.quality and seen.state.quality.verdict is Verdict.GOOD and not seen.is_deadly)
            if good:
                _keep_validators(store, row, answers, found)
            if seen.skim:
                sightings.keep_skim(store, row, found.id, seen.skim)
            if _follows_another_source(store, found):
                from tracker import timeline

                timeline.tell_again(store, declaration, rules)
                versions, made = timeline.made_by(store, found)
    except Fault as error:
        fault, by = error, "failed"
    if fault or before is None or before.derived_by != by:
        store.db.execute("update document set derived_by = ? where id = ?", (by, row))
    new = versions[-1] if versions and not fault else None
    return Looked(document, store.checks(document.id, 1)[0], new, made[-1] if made else None, fault)


def _derive(
    store: Store, declaration: Declaration, rules: RuleSet, state: State, seen: Seen, found: Check
) -> tuple[list[Version], list[ChangeRecord]]:
    """What follows from what was read: the versions and changes that are new."""
    from tracker import derivation, timeline

    if seen.is_deadly:
        state.shown.append(Shown(found.id, derivation.UNREADABLE, None))
    else:
        derivation.settle(state, declaration, found.id, found.at, seen.hashes, seen.reading)
    versions = timeline.keep_state(store, declaration.document, state)
    timeline.judge_clauses(store, versions, rules)
    return versions, timeline.keep_changes(store, declaration.document, rules)


def _keep_validators(store: Store, document: int, answers: Sequence[Response], found: Check) -> None:
    """Remembers what to ask with next time, once what came turned out to be the document."""
    for answer, capture in zip(answers, found.captures, strict=True):
        if not answer.not_modified:
            store.keep_validators(document, answer, capture)


def _follows_another_source(store: Store, found: Check) -> bool:
    """Whether what came before a check was seen by others than us: only now is it known whether we agree."""
    before = store.source_before(found)
    return before not in ("", found.source)


def _relatives(store: Store, looked: Looked, seen: Seen) -> tuple[Relative, ...]:
    """The new links of what was seen to other legal texts."""
    if not seen.reading or looked.check is None or looked.check.outcome is not Outcome.CAPTURED:
        return ()

    from tracker.store.relatives import keep_relatives

    row = store.document_id(looked.document.id)
    return tuple(keep_relatives(store, row, looked.check.at, seen.relatives))


async def _ask(store: Store, document: Document, source: Source, fetcher: Fetcher, now: datetime) -> Response:
    """What an address gives: in a browser where its declaration or its last good capture says so or where it turns
    programs away, else by itself, and only if it changed."""
    etag, last_modified, capture, asked = store.validators(document.id, source.url)
    if fetcher.renders and (source.needs_browser or (capture and RENDERED in store.capture(capture).tool)):
        return await fetcher.render(source.url)
    if asked is None or now - asked > TRUSTED:
        etag = last_modified = ""
    try:
        return await fetcher.fetch(source.url, etag, last_modified)
    except Blocked as error:
        if fetcher.renders and error.retry_after is None:
            with suppress(FetchError):
                return await fetcher.render(source.url)
        raise


def _keep_failure(
    store: Store, declaration: Declaration, at: datetime, note: str, error: FetchError, record: Record
) -> Looked:
    outcome = Outcome.BLOCKED if isinstance(error, Blocked) else Outcome.FAILED
    message = " ".join(filter(None, (error.what, error.remedy, note)))
    reason = type(error).__name__.lower()
    found = Check(0, declaration.document.id, at, outcome, reason, message)
    with store.transaction():
        row = store.keep_document(declaration.document, declaration.category)
        kept = replace(found, id=store.keep_check(row, found))
        looked = Looked(declaration.document, kept, retry_after=error.retry_after, answered=error.answered)
        record(store, looked)
    return looked


def _page(store: Store, document: Document, answer: Response) -> Page:
    if not answer.not_modified:
        return Page(answer.final_url, answer.header("content-type"), answer.body)
    capture = store.capture(store.validators(document.id, answer.url)[2])
    return Page(capture.final_url, capture.content_type, store.raw(capture.id))


def _keep_answer(store: Store, row: int, declaration: int, document: Document, answer: Response) -> tuple[int, bool]:
    if answer.not_modified:
        return store.validators(document.id, answer.url)[2], False
    return store.keep_capture(row, declaration, answer)
