"""Filling a document's history from a source, so that it can be cut short at any moment and gone on with."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from tracker import derivation
from tracker.errors import DeclarationError, FetchError, NotFound, Refused
from tracker.extract import dates, prior
from tracker.extract.quality import assess
from tracker.extract.relatives import same_page
from tracker.fetch import Fetcher
from tracker.model import Declaration, Memento, Page, PriorVersion, Response, Verdict, stamp
from tracker.past import bisect, keeping
from tracker.past.keeping import Taken
from tracker.past.wayback import PATIENCE, Listed, Skip, Wayback, collapsed
from tracker.rules import RuleSet
from tracker.store import Store, derived
from tracker.text import split, substance_hash

FAILURES = 3  # captures in a row that the archive could not give: then it is the archive, not the capture
BATCH = 20  # mementos that are kept in one transaction

Progress = Callable[[int, int, str], None]  # done, of how many at most, what


@dataclass(slots=True)
class Backfilled:
    """What came of filling a document's history from a source."""

    document: str
    source: str
    listed: int = 0
    requests: int = 0
    taken: Taken = field(default_factory=Taken)
    versions: tuple[int, int] = (0, 0)  # before and after
    error: str = ""  # why it stopped early; what was kept until then is kept


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
        document = declaration.document.id
        found = Backfilled(document, "wayback")
        buffer: list[Memento] = []
        skipped: list[tuple[Listed, str, str]] = []
        before = self._versions(document)
        try:
            listed = await self._listed(declaration, machine, start, end)
            found.listed = len(listed)
            with _reading(self._archive) as store:
                out = keeping.skipped(store, document, "wayback") if store else set()
            done = failures = 0

            async def read(place: int) -> str | None:
                nonlocal done, failures
                url, one = listed[place]
                done += 1
                progress(done, len(listed), f"{document} {one.at:%Y-%m-%d}")
                if (url, stamp(one.at)) in out:
                    return None
                page = self._held(document, url, one.at)
                if page is None:
                    try:
                        memento = await machine.memento(one, url)
                    except Skip as reason:
                        skipped.append((one, url, str(reason)))
                        found.taken.skip(one.at, one.url, str(reason))
                        return None
                    except FetchError as error:
                        failures += not isinstance(error, Refused)  # we would not take it: not the archive's trouble
                        if failures == FAILURES or (error.retry_after or 0) > PATIENCE:
                            raise
                        found.taken.skip(one.at, one.url, f"{error.what} The next run asks again.")
                        return None
                    failures = 0
                    buffer.append(memento)
                    if len(buffer) >= BATCH:
                        self._flush(declaration, buffer, skipped, found.taken)
                    page = _page(memento.response)
                elif one.until:
                    again = Response(url, page.url, 200, (), page.body, self._now())
                    buffer.append(Memento("wayback", one.at, again, one.until))
                else:
                    found.taken.known += 1
                return _substance(declaration, page, url, one.at)

            if everything:
                for place in range(len(listed)):
                    await read(place)
            else:
                await bisect.changes([one.at for _, one in listed], read)
        except FetchError as error:
            found.error = str(error)
        finally:
            self._flush(declaration, buffer, skipped, found.taken)
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
            priors |= {one.url: one for one in await self._discovered(declaration) if one.url not in priors}
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
        self._flush(declaration, kept, [], found.taken)
        self._derive(declaration, found, before)
        return found

    async def _discovered(self, declaration: Declaration) -> list[PriorVersion]:
        """Links to former texts on the present page, and on a page of such links that it leads to."""
        found: dict[str, PriorVersion] = {}
        for source in declaration.sources:
            page = _page(await self._fetcher.fetch(source.url))
            for one in prior.find(page):
                found[one.url] = one
                if one.stated is None:
                    try:
                        listing = _page(await self._fetcher.fetch(one.url))
                    except FetchError:  # named when it is asked for as a former text
                        continue
                    further = [other for other in prior.find(listing, dated=True) if other.url not in found]
                    if further:
                        del found[one.url]
                        found |= {other.url: other for other in further}
        here = {source.url for source in declaration.sources}
        return [one for one in found.values() if one.url not in here]

    async def _listed(
        self, declaration: Declaration, machine: Wayback, start: datetime | None, end: datetime | None
    ) -> list[tuple[str, Listed]]:
        """The captures of all addresses that a document ever had, while it had them, in order of time, each with the
        address."""
        spans = [sources for _, sources in declaration.former] + [declaration.sources]
        if any(len(sources) > 1 for sources in spans):
            what = "Several pages make up this document; an archive has no one moment for them all."
            raise DeclarationError(what, declaration.document.id, "Declare the pages as documents of their own.")
        # An archive takes addresses that differ in little for one, and lists a capture under each.
        seen: set[tuple[str, datetime]] = set()
        found: list[tuple[str, Listed]] = []
        for url in dict.fromkeys(sources[0].url for sources in (*spans[-1:], *spans)):
            listed = [one for one in await machine.listed(url, start, end) if (one.url, one.at) not in seen]
            listed = [one for one in listed if _had(declaration, url, one.at)]
            seen |= {(one.url, one.at) for one in listed}
            found += [(url, one) for one in collapsed(listed)]
        return sorted(found, key=lambda pair: (pair[1].at, pair[0]))

    def _held(self, document: str, url: str, at: datetime) -> Page | None:
        """A capture that an earlier run kept, as it is read."""
        with _reading(self._archive) as store:
            capture = store.capture_at(document, "wayback", url, at) if store else None
            return Page(capture.final_url, capture.content_type, store.raw(capture.id)) if capture and store else None

    def _flush(
        self, declaration: Declaration, buffer: list[Memento], skipped: list[tuple[Listed, str, str]], taken: Taken
    ) -> None:
        """Keeps what was fetched, and what need not be asked for again."""
        if not buffer and not skipped:
            return
        with Store.write(self._archive) as store:
            keeping.keep(store, declaration, buffer, self._now(), taken)
            keeping.keep_skipped(store, declaration, [(url, one.at, reason) for one, url, reason in skipped])
        buffer.clear()
        skipped.clear()

    def _versions(self, document: str) -> int:
        with _reading(self._archive) as store:
            return len(derived.versions(store, document)) if store else 0

    def _derive(self, declaration: Declaration, found: Backfilled, before: int) -> None:
        if self._archive.exists():
            with Store.write(self._archive) as store:
                keeping.derive(store, declaration, self._rules)
        found.versions = before, self._versions(declaration.document.id)


@contextmanager
def _reading(archive: Path) -> Iterator[Store | None]:
    """The archive for reading; None where there is none yet."""
    try:
        store = Store.read(archive)
    except NotFound:
        yield None
        return
    with store:
        yield store


def _had(declaration: Declaration, url: str, at: datetime) -> bool:
    """Whether a document was at an address at a moment: what stands there before or afterwards may be another text."""
    return same_page(url) in {same_page(source.url) for source in declaration.sources_at(at)}


def _page(response: Response) -> Page:
    return Page(response.final_url, response.header("content-type"), response.body)


def _substance(declaration: Declaration, page: Page, url: str, at: datetime) -> str | None:
    """The hash of what a capture says; None where it is not the document."""
    reading = derivation.read([page], derivation.matched(declaration, [url], at))
    if assess(reading, None, None).verdict is Verdict.NOT_DOCUMENT:
        return None
    return substance_hash(split(reading.text))


def _published(declaration: Declaration, one: PriorVersion, response: Response) -> Memento:
    """A former text at the date that its publisher states for it, by the declaration, the link or the text itself."""
    stated = one.stated
    if stated is None:
        reading = derivation.read([_page(response)], [declaration.sources[0]])
        stated = dates.stated(reading.text, reading.language) or dates.effective(reading.text, reading.language)
    if stated is None:
        raise Skip('It states no date. Give one in the declaration: "stated": "2024-02".')
    at = datetime(stated.year, stated.month, stated.day, tzinfo=response.fetched_at.tzinfo)
    return Memento("published", at, replace(response, url=declaration.sources[0].url), stated=stated)
