"""Filling a document's history from a source, so that it can be cut short at any moment and gone on with."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path

from tracker import derivation
from tracker.errors import FetchError, NotFound
from tracker.extract import dates, prior
from tracker.fetch import Fetcher
from tracker.model import Declaration, Memento, PriorVersion, Response
from tracker.past import keeping
from tracker.past.filling import Backfilled, Filling, Progress, existing, page_of
from tracker.past.wayback import Skip, Wayback
from tracker.rules import RuleSet
from tracker.store import Store, derived

MOST = 200  # former texts that are found by links: a list that leads to lists must not set off thousands of requests


class Filler:
    """Fills histories in an archive. The archive is held for writing only for moments at a time."""

    def __init__(self, archive: Path, rules: RuleSet, fetcher: Fetcher, now: Callable[[], datetime]) -> None:
        self._archive, self._rules, self._fetcher, self._now = archive, rules, fetcher, now

    async def wayback(
        self,
        declaration: Declaration,
        machine: Wayback,
        start: datetime | None,
        end: datetime | None,
        everything: bool,
        progress: Progress,
    ) -> Backfilled:
        """From an archive of the web: all captures, or as few as find the changes.

        Raises DeclarationError for a document that several pages make up together.
        """
        found = Backfilled(declaration.document.id, "wayback")
        before = self._versions(found.document)
        filling = Filling(self._archive, declaration, machine, found, self._now, progress)
        try:
            await filling.run(start, end, everything)
        except FetchError as error:
            found.error = str(error)
        finally:
            filling.flush()
            found.requests = machine.requests
        self._derive(declaration, found, before)
        return found

    async def published(self, declaration: Declaration, discover: bool, progress: Progress) -> Backfilled:
        """From the publisher's own former texts, declared or, with `discover`, found on the present page.

        Each stands at the date that the publisher states for it. Raises NotFound where there are none.
        """
        document = declaration.document.id
        found = Backfilled(document, "published")
        priors = {one.url: one for one in declaration.published}
        if discover:
            linked = [one for one in await self._discovered(declaration) if one.url not in priors]
            priors |= {one.url: one for one in linked[:MOST]}
            if left := linked[MOST:]:
                said = f"It and {len(left) - 1} further links were left out: declare those that are former texts."
                found.taken.skip(self._now(), left[0].url, said)
        if not priors:
            remedy = 'List them in the declaration under "tracker": {"published": […]}, or look for links: --discover.'
            raise NotFound("No former text of the publisher is declared.", document, remedy)
        before = self._versions(document)
        found.listed = len(priors)
        kept: list[Memento] = []
        for done, one in enumerate(priors.values(), 1):
            progress(done, len(priors), one.url)
            try:
                response = await self._fetcher.fetch(one.url)
                found.requests += 1
                kept.append(_published(declaration, one, response))
            except Skip as reason:
                found.taken.skip(self._now(), one.url, str(reason))
            except FetchError as error:
                found.taken.skip(self._now(), one.url, error.what)
        if kept:
            with Store.write(self._archive) as store:
                keeping.keep(store, declaration, kept, self._now(), found.taken)
        self._derive(declaration, found, before)
        return found

    async def _discovered(self, declaration: Declaration) -> list[PriorVersion]:
        """Links to former texts on the present page, and on a page of such links that it leads to."""
        found: dict[str, PriorVersion] = {}
        for source in declaration.sources:
            page = page_of(await self._fetcher.fetch(source.url))
            for one in prior.find(page):
                found[one.url] = one
                if one.stated is None and len(found) <= MOST:
                    try:
                        listing = page_of(await self._fetcher.fetch(one.url))
                    except FetchError:  # named when it is asked for as a former text
                        continue
                    further = [other for other in prior.find(listing, dated=True) if other.url not in found]
                    if further:
                        del found[one.url]
                        found |= {other.url: other for other in further}
        here = {source.url for source in declaration.sources}
        return [one for one in found.values() if one.url not in here]

    def _versions(self, document: str) -> int:
        with existing(self._archive) as store:
            return len(derived.versions(store, document)) if store else 0

    def _derive(self, declaration: Declaration, found: Backfilled, before: int) -> None:
        if self._archive.exists():
            with Store.write(self._archive) as store:
                keeping.derive(store, declaration, self._rules)
        found.versions = before, self._versions(declaration.document.id)


def _published(declaration: Declaration, one: PriorVersion, response: Response) -> Memento:
    """A former text at the date that its publisher states for it, by the declaration, the link or the text itself."""
    stated = one.stated
    if stated is None:
        reading = derivation.read([page_of(response)], [declaration.sources[0]])
        stated = dates.stated(reading.text, reading.language) or dates.effective(reading.text, reading.language)
    if stated is None:
        raise Skip('It states no date. Give one in the declaration: "stated": "2024-02".')
    at = datetime(stated.year, stated.month, stated.day, tzinfo=response.fetched_at.tzinfo)
    return Memento("published", at, replace(response, url=declaration.sources[0].url), stated=stated)
