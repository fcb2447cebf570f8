"""Taking the past into the archive: each memento a capture and a check of its own, at the moment that it shows.

It is idempotent: what the archive holds already is not kept again, so a run that was cut short can be repeated.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256

from tracker import timeline
from tracker.declarations import canonical, fingerprint
from tracker.model import Check, Declaration, Memento, Outcome, stamp
from tracker.rules import RuleSet
from tracker.store import Store


@dataclass(slots=True)
class Taken:
    """What became of mementos: kept, known already, or left out with the reason."""

    new: int = 0
    known: int = 0
    skipped: list[tuple[datetime, str, str]] = field(default_factory=list)  # (moment, address, reason)

    def skip(self, at: datetime, url: str, reason: str) -> None:
        self.skipped.append((at, url, reason))


def keep(store: Store, declaration: Declaration, mementos: Iterable[Memento], now: datetime, taken: Taken) -> None:
    """Keeps mementos of a document, all or none of them; `taken` is brought forward. What follows from them is
    derived by `derive`, once all are kept. Raises ArchiveError."""
    document = declaration.document
    with store.transaction():
        row = store.keep_document(document, declaration.category)
        number = store.keep_declaration(row, fingerprint(declaration), canonical(declaration), now)
        for memento in mementos:
            response = memento.response
            if memento.until and memento.until > now:
                memento = replace(memento, until=None)
            if memento.at > now:
                taken.skip(memento.at, response.url, "It lies in the future.")
                continue
            digest = sha256(response.body).hexdigest()
            if store.is_removed(digest):
                taken.skip(memento.at, response.url, "These bytes were taken out of the archive.")
                continue
            if held := store.capture_at(document.id, memento.source, response.url, memento.at, digest):
                taken.known += 1
                _seen_until(store, row, document.id, held.id, memento)
                continue
            capture = store.add_capture(row, number, response, memento.source, memento.at)
            at = store.free_moment(document.id, memento.at)
            check = Check(0, document.id, at, Outcome.CAPTURED, source=memento.source, captures=(capture,))
            store.keep_check(row, check)
            _seen_until(store, row, document.id, capture, memento)
            taken.new += 1
            timeline.mark_stale(store, row)


def _seen_until(store: Store, row: int, document: str, capture: int, memento: Memento) -> None:
    """Records that a source saw the same bytes again later: what narrows the window of the change after them."""
    if memento.until is None or store.last_in_view(capture) >= memento.until:
        return
    at = store.free_moment(document, memento.until)
    said = "The source lists the same bytes."
    check = Check(0, document, at, Outcome.UNCHANGED, message=said, source=memento.source, captures=(capture,))
    store.keep_check(row, check)
    timeline.mark_stale(store, row)


def derive(store: Store, declaration: Declaration, rules: RuleSet) -> None:
    """Tells a document's story again where its past grew, also in a run that was cut short. Raises Fault or
    ArchiveError."""
    if timeline.is_stale(store, declaration.document.id):
        timeline.read_again(store, declaration, rules)


def skipped(store: Store, document: str, source: str) -> set[tuple[str, str]]:
    """What a source listed and did not give at an earlier run: (address, moment as text)."""
    rows = store.rows(
        "select url, s.at from skipped s join document d on d.id = s.document_id where d.slug = ? and s.source = ?",
        *(document, source),
    )
    return {(row["url"], row["at"]) for row in rows}


def keep_skipped(
    store: Store, declaration: Declaration, source: str, found: Iterable[tuple[str, datetime, str]]
) -> None:
    """Remembers what a source listed and did not give: (address, moment, reason)."""
    with store.transaction():
        row = store.keep_document(declaration.document, declaration.category)
        for url, at, reason in found:
            store.add("skipped", replace=True, document_id=row, source=source, url=url, at=stamp(at), reason=reason)
