"""A newcomer has only an address: propose a declaration for it, write it, look once, and say what stands there now."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

from tracker import declarations, history, pipeline, settings
from tracker.errors import Blocked, DeclarationError, FetchError
from tracker.extract import prior, relatives
from tracker.extract.proposal import Proposal, propose
from tracker.fetch import Fetcher
from tracker.history import Standing
from tracker.model import Declaration, Document, Page, PriorVersion, Relative, Response, Source, slug
from tracker.pipeline import Looked
from tracker.rules import RuleSet
from tracker.store import Store
from tracker.timeline import captured_page

FEW = 60  # words that a page without a browser must show, else it is looked at in one


@dataclass(frozen=True, slots=True)
class Added:
    """What `add` did: the declaration and its file, what the page was taken for, and what it says on AI now."""

    declaration: Declaration
    path: Path
    proposal: Proposal
    looked: Looked
    standing: Standing | None  # None where the page did not give a text
    priors: tuple[PriorVersion, ...] = ()  # links to former texts that the publisher hosts itself


async def add(
    url: str,
    platform: str | None,
    terms_type: str | None,
    select: str | None,
    directory: Path,
    store: Store,
    rules: RuleSet,
    *,
    declared: Mapping[str, Declaration],
    now: Callable[[], datetime],
) -> Added:
    """Fetches a page, declares it, and takes the first capture.

    Raises FetchError where the page cannot be had (then nothing is written), DeclarationError where the platform's
    name or the kind of document cannot be told and was not given, or where it is declared already.
    """
    async with Fetcher(settings.load(), now) as fetcher:
        proposal = await _proposal(url, fetcher)
        name, kind = platform or proposal.platform, terms_type or proposal.terms_type
        for value, option in ((name, "--platform"), (kind, "--terms")):
            if not value or not slug(value):
                what = f"The page does not tell its {'platform' if option == '--platform' else 'kind of document'}."
                raise DeclarationError(what, url, f'Say it: tracker add {url} {option} "…".')
        document = Document(f"{slug(name)}/{slug(kind)}", name, kind)
        if document.id in declared:
            where = declared[document.id].path or document.id
            what = f"{document.title} is declared already."
            raise DeclarationError(what, where, f"Look at it: `tracker check {document.id}`; or name it otherwise.")
        chosen = (select,) if select else tuple(filter(None, (proposal.select,)))
        declaration = Declaration(document, (Source(url, select=chosen),), language=None, category="")
        path = declarations.write(declaration, directory)
        declaration = replace(declaration, path=str(path))
        looked = (await pipeline.check([declaration], store, rules, fetcher=fetcher, now=now))[0]
    standing = history.standing(store, looked.version) if looked.version else None
    return Added(declaration, path, proposal, looked, standing, _priors(store, looked))


def _priors(store: Store, looked: Looked) -> tuple[PriorVersion, ...]:
    """The links to former texts on the page that was captured."""
    captures = looked.check.captures if looked.check else ()
    return tuple(one for number in captures for one in prior.find(captured_page(store, store.capture(number))))


async def discover(url: str, now: Callable[[], datetime]) -> tuple[Relative, ...]:
    """The legal texts of a platform that a page links to. Raises FetchError where the page cannot be had."""
    async with Fetcher(settings.load(), now) as fetcher:
        found = relatives.find(_page(await fetcher.fetch(url)))
        return found if found or not fetcher.renders else relatives.find(_page(await fetcher.render(url)))


async def _proposal(url: str, fetcher: Fetcher) -> Proposal:
    """What the page at an address seems to be; seen in a browser where it shows nothing without one."""
    try:
        found = _propose(await fetcher.fetch(url))
    except Blocked:
        if not fetcher.renders:
            raise
        return _propose(await fetcher.render(url))
    if found.kept_words < FEW and fetcher.renders:
        with suppress(FetchError):
            return max(found, _propose(await fetcher.render(url)), key=lambda one: one.kept_words)
    return found


def _propose(answer: Response) -> Proposal:
    return propose(_page(answer))


def _page(answer: Response) -> Page:
    return Page(answer.final_url, answer.header("content-type"), answer.body)
