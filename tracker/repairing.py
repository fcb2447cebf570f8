"""A selection that matches nothing any more: propose one that finds the text again, and mend the declaration."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from tracker import extract, timeline
from tracker.errors import NotFound
from tracker.extract.proposal import propose
from tracker.extract.selection import describe
from tracker.model import Capture, Declaration, Page, Source
from tracker.store import Store, derived
from tracker.text import split

BACK = 60  # captures that are looked at for the last one that the old selection suits
BROKEN = "selector-empty"


@dataclass(frozen=True, slots=True)
class Repair:
    """What is wrong with a selection, and what would mend it. Selections are shown as text, "" for none."""

    declared: str
    declared_words: int
    proposed: str
    words: int
    kept: float  # share of the clauses of the last version that the proposed selection finds, 0 to 1
    mended: Declaration  # with the former selection in its history, valid until it last matched


def find(store: Store, declaration: Declaration) -> Repair:
    """The repair of a document whose selection matches nothing in its newest capture.

    Raises NotFound where there is no capture yet, or where the selection matches.
    """
    name = declaration.document.id
    captures = _captures(store, name)
    if not captures:
        raise NotFound("Nothing was captured of this document yet.", name, f"Look first: `tracker check {name}`.")
    newest = captures[0][1]
    place = next((n for n, page in enumerate(_pages(store, newest)) if _broken(page, declaration.sources, n)), None)
    if place is None:
        raise NotFound("The declared selection matches; there is nothing to repair.", name, "Nothing to do.")
    source, page = declaration.sources[place], _pages(store, newest)[place]
    select = tuple(filter(None, (propose(page).select,)))
    found = extract.read(page, replace(source, select=select))
    until = next((at for at, kept in captures[1:BACK] if not _broken(_page(store, kept, place), (source,), 0)), None)
    sources = tuple(replace(one, select=select) if n == place else one for n, one in enumerate(declaration.sources))
    former = (*declaration.former, (until, declaration.sources)) if until else declaration.former
    return Repair(
        declared=", ".join(map(describe, source.select)),
        declared_words=_selected_words(page, source),
        proposed=", ".join(select),
        words=found.words,
        kept=_kept(store, name, found.text),
        mended=replace(declaration, sources=sources, former=former),
    )


def _captures(store: Store, name: str) -> list[tuple[datetime, list[Capture]]]:
    """The checks that brought something, newest first, with their captures."""
    listed = [(check.at, check.captures) for check in store.checks(name) if check.captures]
    return [(at, [store.capture(number) for number in numbers]) for at, numbers in listed[:BACK]]


def _pages(store: Store, captures: Sequence[Capture]) -> list[Page]:
    return [timeline.captured_page(store, capture) for capture in captures]


def _page(store: Store, captures: Sequence[Capture], place: int) -> Page:
    return timeline.captured_page(store, captures[min(place, len(captures) - 1)])


def _broken(page: Page, sources: Sequence[Source], place: int) -> bool:
    return place < len(sources) and BROKEN in extract.read(page, sources[place]).signals


def _selected_words(page: Page, source: Source) -> int:
    reading = extract.read(page, source)
    return 0 if BROKEN in reading.signals else reading.words


def _kept(store: Store, name: str, text: str) -> float:
    versions = derived.versions(store, name)
    before = {clause.key for clause in split(derived.text_of(store, versions[-1].id))} if versions else set()
    return len(before & {clause.key for clause in split(text)}) / len(before) if before else 0.0
