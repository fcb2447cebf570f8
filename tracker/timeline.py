"""The story of a document in the archive: what is derived is kept, carried on check by check, and derived again.

What follows from captures `derivation.py` says, purely; here it is read from the archive and put there. What the
archive was derived with is remembered by the bytes of the code, the declaration and the rules, so that what is out of
date is read again and never looks like a change of terms.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from tracker import engine, history
from tracker.compare import Past
from tracker.derivation import (
    Captured,
    Edition,
    Kept,
    Look,
    State,
    Strand,
    Written,
    change_between,
    derive,
    judge_again,
    judged,
    matched,
    packed,
    read,
    readable,
    strand,
    successions,
)
from tracker.errors import Deadly, Fault, TrackerError, about
from tracker.model import (
    Capture,
    ChangeDraft,
    ChangeRecord,
    Check,
    Declaration,
    Document,
    Findings,
    Page,
    Quality,
    Reading,
    Shown,
    Verdict,
    Version,
    moment,
    stamp,
)
from tracker.recipes import outdated, recipe, ruling
from tracker.rules import RuleSet
from tracker.store import Store, again, begun, derived, held, lineages, moments
from tracker.text import split

Progress = Callable[[int, int, str], None]  # done, of how many, what


def captured_page(store: Store, capture: Capture) -> Page:
    """A capture as it is read."""
    return Page(capture.final_url, capture.content_type, store.raw(capture.id))


# ---- carried on, check by check ----------------------------------------------------------------------------------


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
    for one in {_strand(one): one for one in derived.versions(store, document)}.values():
        text = derived.text_of(store, one.id)
        reading = Reading(text, one.title, one.language, one.words, one.method, one.confidence)
        given = moments.dates_seen_last(store, one)
        state.editions[_strand(one)] = Edition(one.check, one.language, one.substance_sha256, reading, given)
    seen = derived.last_seen(store, document)
    state.current = _strand(seen) if seen else None
    captures = _captures(store, last["check_id"])
    state.seen = tuple(capture.sha256 for capture in captures)
    if state.waits:
        at = moment(last["at"])
        sources = matched(declaration, [capture.url for capture in captures], at)
        pages = [captured_page(store, capture) for capture in captures]
        state.pending = last["check_id"], at, read(pages, sources)
    return state


def _captures(store: Store, check: int) -> list[Capture]:
    rows = store.rows("select capture_id from check_capture where check_id = ? order by position", check)
    return [store.capture(row["capture_id"]) for row in rows]


def keep_state(store: Store, document: Document, state: State) -> list[Version]:
    """Keeps what was settled since the state was taken up; the new versions. Inside a transaction."""
    row = store.document_id(document.id)
    kept = [derived.version(store, derived.keep_version(store, row, draft)) for draft in state.drafts]
    for shown in state.shown:
        derived.keep_reading(store, shown)
    state.drafts, state.shown = [], []
    return kept


def judge_clauses(store: Store, versions: Iterable[Version], rules: RuleSet) -> None:
    """Judges every clause of these versions that has no judgement under these rules. Inside a transaction."""
    name = ruling(rules)
    for number, clause, language in derived.unjudged(store, name, [version.id for version in versions]):
        derived.keep_judgement(store, number, name, judged(clause, language, rules))


def keep_changes(store: Store, document: Document, rules: RuleSet) -> list[ChangeRecord]:
    """Compares every two neighbouring versions that are not compared yet; the new changes, oldest first."""
    compared = {
        row["after_id"]
        for row in store.rows(
            "select after_id from change c join document d on d.id = c.document_id where d.slug = ?", document.id
        )
    }
    versions = derived.versions(store, document.id)
    pairs = [(old, new) for old, new in successions(versions, _strand) if new.id not in compared]
    if not pairs:
        return _keep(store, document, (), rules)
    keys = [(check, Past(substance, keys)) for _, check, substance, keys in held.pasts(store, document.id)]
    places = {check: place for place, (check, _) in enumerate(keys)}
    drafts = []
    for old, new in pairs:
        sides = [(version.check, split(derived.text_of(store, version.id))) for version in (old, new)]
        drafts.append(change_between(*sides, keys[: places[old.check]], history.judged_by(store, old, new)))
    return _keep(store, document, drafts, rules)


def _strand(version: Version) -> Strand:
    return strand(version.language, version.method)


def _keep(store: Store, document: Document, drafts: Sequence[ChangeDraft], rules: RuleSet) -> list[ChangeRecord]:
    """Keeps changes, whether they were found a moment ago or again: what rests on versions and changes follows here."""
    kept = [derived.keep_change(store, document, draft, ruling(rules)) for draft in drafts]
    lineages.keep(store, document.id)
    return kept


# ---- the same story again ----------------------------------------------------------------------------------------


class Refreshed(NamedTuple):
    """How many documents were read again, what went wrong with some of them, and how the others differ now."""

    read: int
    faults: list[TrackerError]
    differences: list[again.Difference]


def refresh(
    store: Store,
    declarations: Mapping[str, Declaration],
    rules: RuleSet,
    progress: Progress = lambda done, total, what: None,
    everything: bool = False,
    crew: engine.Crew = engine.ALONE,
) -> Refreshed:
    """Brings all that is derived up to date with the present code, declarations and rules.

    What the archive derived with another recipe is read again from its captures; where only the rules changed, clauses
    and changes are judged again. `everything` reads all again, and goes on where such a run was interrupted. Nothing
    that was captured is touched, and nothing that comes of it is an event. Each document is kept in one transaction,
    in order of id: what is in the archive in the end does not depend on who works. Raises ClusterError where the
    workers are gone; what was kept until then is kept.
    """
    if everything:
        _begin_again(store, declarations)
    stale = outdated(store, declarations)
    found = Refreshed(len(stale), [], [])
    if stale:
        _read_again(store, stale, rules, found, progress, crew)
        with store.transaction():
            again.sweep(store)
    _rule_again(store, rules, found, progress, crew)
    for name in lineages.unfollowed(store):
        with store.transaction():
            lineages.keep(store, name)
    return found


def read_grown(
    store: Store,
    declarations: Iterable[Declaration],
    rules: RuleSet,
    progress: Progress = lambda done, total, what: None,
    crew: engine.Crew = engine.ALONE,
) -> list[TrackerError]:
    """Derives documents again whose past grew, those of them that wait for it; what went wrong, each with its document.
    Raises as `refresh`."""
    grown = [one for one in declarations if is_stale(store, one.document.id)]
    found = Refreshed(len(grown), [], [])
    _read_again(store, grown, rules, found, progress, crew)
    return found.faults


def _read_again(
    store: Store,
    declarations: Sequence[Declaration],
    rules: RuleSet,
    found: Refreshed,
    progress: Progress,
    crew: engine.Crew,
) -> None:
    sent = packed(rules)
    # What ended a process that read it is not read in this one again.
    apart = any(begun.is_left(store, declaration.document.id) for declaration in declarations)
    crew = crew if crew.pool or not apart else engine.processes(2)

    def units() -> Iterator[Captured]:
        for declaration in declarations:
            if not crew.pool or not (apart or declarations[1:]):
                with store.transaction():
                    begun.mark(store, declaration.document.id)
            yield _captured(store, declaration, sent)

    results = engine.carry_out(derive, units(), crew, apart)
    for done, (declaration, result) in enumerate(zip(declarations, results, strict=True)):
        progress(done, len(declarations), declaration.document.id)
        if isinstance(result.error, Deadly) and crew.pool:
            result = _without_deadly(found, _captured(store, declaration, sent), result, crew.pool)
        if result.value is None:
            assert result.error
            found.faults.append(about(declaration.document.id, result.error))
            if not isinstance(result.error, Deadly):
                with store.transaction():
                    begun.clear(store, declaration.document.id)
        else:
            _note(found, declaration.document, _keep_again, store, declaration, result.value, rules)


Told = engine.Done[Findings]


def _without_deadly(found: Refreshed, captured: Captured, result: Told, pool: engine.Pool) -> Told:
    """What follows from a document without the captures that end every process that reads them, which are named."""
    looks = list({look.hashes: look for look in captured.looks}.values())
    culprits = engine.culprits(readable, looks, lambda some: replace(captured, looks=tuple(some)), pool)
    if not culprits:  # it is not the reading: the document as a whole is at fault
        return result
    for look in culprits:
        hashes = ", ".join(hash[:16] for hash in look.hashes)
        what = f"The program ended each time that it read what was captured at {stamp(look.at)} (sha256 {hashes}…)."
        remedy = "It was set aside, and the rest was read. Free some memory and run `tracker reanalyse` again."
        found.faults.append(about(captured.declaration.document.id, Deadly(what, remedy=remedy)))
    deadly = {look.hashes for look in culprits}
    aside = frozenset(look.check for look in captured.looks if look.hashes in deadly)
    return engine.alone(derive, replace(captured, unreadable=aside), pool)


def read_again(store: Store, declaration: Declaration, rules: RuleSet) -> None:
    """Derives all of one document again from its captures, after its past grew. Raises Fault or Corrupt."""
    findings = derive(_captured(store, declaration, packed(rules)))
    with store.transaction(), store.attempt():
        _keep_again(store, declaration, findings, rules)


def tell_again(store: Store, declaration: Declaration, rules: RuleSet) -> None:
    """The same inside a transaction: where a check sheds another light on what other sources showed before it."""
    _keep_again(store, declaration, derive(_captured(store, declaration, packed(rules))), rules)


def made_by(store: Store, check: Check) -> tuple[list[Version], list[ChangeRecord]]:
    """The version that a check was the first to show, and the change that came with it, as lists of one or none."""
    versions = [version for version in derived.versions(store, check.document) if version.check == check.id]
    changes = [change for change in derived.changes(store, check.document) if change.after in versions]
    return versions, changes


def mark_stale(store: Store, document: int) -> None:
    """Remembers that a document is to be read again, should nobody come to it now; inside a transaction."""
    store.db.execute("update document set derived_by = ? where id = ?", (GROWN, document))


def is_stale(store: Store, document: str) -> bool:
    """Whether a document waits to be read again."""
    return bool(store.row("select 1 from document where slug = ? and derived_by = ?", document, GROWN))


REMOVED = Quality(Verdict.NOT_DOCUMENT, ("removed",), "Its bytes were taken out of the archive.")
AGAIN = "again"  # in place of a recipe: to be read again, whatever it was read with
GROWN = "grown"  # the same, because captures came that nothing follows from yet


def _begin_again(store: Store, declarations: Mapping[str, Declaration]) -> None:
    """Marks all documents to be read again, unless a run that did so was interrupted: then what is left of it."""
    left = {row["slug"] for row in store.rows("select slug from document where derived_by = ?", AGAIN)}
    if left & declarations.keys():
        return
    with store.transaction():
        for name in declarations:
            sql = "update document set derived_by = ? where slug = ? and derived_by <> ''"
            store.db.execute(sql, (AGAIN, name))


def _captured(store: Store, declaration: Declaration, rules: bytes) -> Captured:
    looks: dict[int, Look] = {}
    for row in again.looks(store, declaration.document.id):
        kept = Kept(row["url"], row["final_url"], row["content_type"], row["sha256"].hex(), row["blob_id"])
        before = looks[row["check_id"]].captures if row["check_id"] in looks else ()
        looks[row["check_id"]] = Look(row["check_id"], moment(row["at"]), row["source"], (*before, kept))
    blobs = {capture.blob for look in looks.values() for capture in look.captures}
    return Captured(declaration, tuple(looks.values()), store.frames(blobs), rules)


def _note(found: Refreshed, document: Document, keep: Callable[..., None], store: Store, *arguments: object) -> None:
    """Keeps what was derived again of a document, all or nothing, and notes what is different now."""
    before = again.telling(store, document.id)
    try:
        with store.transaction(), store.attempt():
            keep(store, *arguments)
    except Fault as error:
        found.faults.append(about(document.id, error))
        return
    found.differences.extend(again.differences(document.id, before, again.telling(store, document.id)))


def _keep_again(store: Store, declaration: Declaration, findings: Findings, rules: RuleSet) -> None:
    """Puts findings in the place of all that was derived of a document before."""
    row = store.document_id(declaration.document.id)
    derived.forget(store, row)
    keep_state(store, declaration.document, State(drafts=list(findings.versions), shown=list(findings.shown)))
    for check in again.blinded(store, declaration.document.id):
        derived.keep_reading(store, Shown(check, REMOVED, None))
    derived.keep_judgements(store, findings.judgements, ruling(rules))
    _keep(store, declaration.document, findings.changes, rules)
    store.db.execute("update document set derived_by = ? where id = ?", (recipe(declaration), row))
    begun.clear(store, declaration.document.id)


def _rule_again(store: Store, rules: RuleSet, found: Refreshed, progress: Progress, crew: engine.Crew) -> None:
    """Judges again what was judged under other rules: clauses, and the changes between them."""
    documents = again.judged_otherwise(store, ruling(rules))
    if not documents or rules.problems:  # a rule that cannot be read must not take back what it once found
        return
    results = engine.carry_out(judge_again, _written(store, documents, packed(rules)), crew)
    for done, (document, result) in enumerate(zip(documents, results, strict=True)):
        progress(done, len(documents), document.id)
        if result.value is None:
            assert result.error
            found.faults.append(about(document.id, result.error))
        else:
            _note(found, document, _keep_ruling, store, document, result.value, ruling(rules))


def _written(store: Store, documents: Sequence[Document], rules: bytes) -> Iterator[Written]:
    for document in documents:
        versions = tuple(again.texts(store, document.id))
        yield Written(versions, store.frames({blob for _, _, _, blob in versions}), rules)


def _keep_ruling(store: Store, document: Document, findings: Findings, ruled_by: str) -> None:
    derived.keep_judgements(store, findings.judgements, ruled_by)
    for draft in findings.changes:
        derived.keep_change_judgement(store, draft, ruled_by)
