"""Filling one document's history from an archive of the web, capture by capture."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from tracker import derivation
from tracker.errors import DeclarationError, FetchError, NotFound, Refused
from tracker.extract.quality import assess
from tracker.extract.relatives import same_page
from tracker.model import Declaration, Memento, Page, Response, Verdict, stamp
from tracker.past import bisect, keeping
from tracker.past.keeping import Taken
from tracker.past.wayback import PATIENCE, Listed, Skip, Wayback, collapsed
from tracker.store import Store
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


class Filling:
    """A document whose history is being filled; `found` is brought forward. What was fetched is kept in batches, and
    the rest by `flush`, however the filling ends."""

    def __init__(
        self,
        archive: Path,
        declaration: Declaration,
        machine: Wayback,
        found: Backfilled,
        now: Callable[[], datetime],
        progress: Progress,
    ) -> None:
        self._archive, self._declaration, self._machine = archive, declaration, machine
        self._found, self._now, self._progress = found, now, progress
        self._buffer: list[Memento] = []
        self._skipped: list[tuple[str, datetime, str]] = []  # address, moment, reason
        self._failures = 0  # in a row

    async def run(self, start: datetime | None, end: datetime | None, everything: bool) -> None:
        """Reads all captures of a span, or as few as find the changes. Raises FetchError where the archive gives no
        more, DeclarationError for a document that several pages make up together."""
        name = self._found.document
        listed = await self._listed(start, end)
        self._found.listed = len(listed)
        for url in self._machine.cut:
            reason = "The archive lists more captures than were read: fill shorter spans, with --from and --to."
            self._found.taken.skip(self._now(), url, reason)
        with existing(self._archive) as store:
            out = keeping.skipped(store, name, "wayback") if store else set()
        done = 0

        async def read(place: int) -> str | None:
            nonlocal done
            url, one = listed[place]
            done += 1
            self._progress(done, len(listed), f"{name} {one.at:%Y-%m-%d}")
            page = None if (url, stamp(one.at)) in out else self._held(url, one) or await self._fetched(url, one)
            return _substance(self._declaration, page, url, one.at) if page else None

        if everything:
            for place in range(len(listed)):
                await read(place)
        else:
            await bisect.changes([one.at for _, one in listed], read)

    async def _listed(self, start: datetime | None, end: datetime | None) -> list[tuple[str, Listed]]:
        """The captures of all addresses that a document ever had, while it had them, in order of time, each with the
        address."""
        declaration = self._declaration
        spans = [sources for _, sources in declaration.former] + [declaration.sources]
        if any(len(sources) > 1 for sources in spans):
            what = "Several pages make up this document; an archive has no one moment for them all."
            raise DeclarationError(what, declaration.document.id, "Declare the pages as documents of their own.")
        # An archive takes addresses that differ in little for one, and lists a capture under each.
        seen: set[tuple[str, datetime]] = set()
        found: list[tuple[str, Listed]] = []
        for url in dict.fromkeys(sources[0].url for sources in (*spans[-1:], *spans)):
            listed = [one for one in await self._machine.listed(url, start, end) if (one.url, one.at) not in seen]
            listed = [one for one in listed if _had(declaration, url, one.at)]
            seen |= {(one.url, one.at) for one in listed}
            found += [(url, one) for one in collapsed(listed)]
        return sorted(found, key=lambda pair: (pair[1].at, pair[0]))

    def _held(self, url: str, one: Listed) -> Page | None:
        """A capture that an earlier run kept, as it is read; that the archive saw it again later is noted."""
        with existing(self._archive) as store:
            capture = store.capture_at(self._found.document, "wayback", url, one.at) if store else None
            if capture is None or store is None:
                return None
            page = Page(capture.final_url, capture.content_type, store.raw(capture.id))
        if one.until:
            again = Response(url, page.url, 200, (), page.body, self._now())
            self._buffer.append(Memento("wayback", one.at, again, one.until))
        else:
            self._found.taken.known += 1
        return page

    async def _fetched(self, url: str, one: Listed) -> Page | None:
        """A capture out of the archive; None where it cannot be used, with the reason noted."""
        try:
            memento = await self._machine.memento(one, url)
        except Skip as reason:
            self._skipped.append((url, one.at, str(reason)))
            self._found.taken.skip(one.at, one.url, str(reason))
            return None
        except FetchError as error:
            self._failures += not isinstance(error, Refused)  # we would not take it: not the archive's trouble
            if self._failures == FAILURES or (error.retry_after or 0) > PATIENCE:
                raise
            self._found.taken.skip(one.at, one.url, f"{error.what} The next run asks again.")
            return None
        self._failures = 0
        self._buffer.append(memento)
        if len(self._buffer) >= BATCH:
            self.flush()
        return page_of(memento.response)

    def flush(self) -> None:
        """Keeps what was fetched, and what need not be asked for again."""
        if not self._buffer and not self._skipped:
            return
        with Store.write(self._archive) as store:
            keeping.keep(store, self._declaration, self._buffer, self._now(), self._found.taken)
            keeping.keep_skipped(store, self._declaration, "wayback", self._skipped)
        self._buffer.clear()
        self._skipped.clear()


@contextmanager
def existing(archive: Path) -> Iterator[Store | None]:
    """The archive for reading; None where there is none yet."""
    try:
        store = Store.read(archive)
    except NotFound:
        yield None
        return
    with store:
        yield store


def page_of(response: Response) -> Page:
    """An answer as it is read."""
    return Page(response.final_url, response.header("content-type"), response.body)


def _had(declaration: Declaration, url: str, at: datetime) -> bool:
    """Whether a document was at an address at a moment: what stands there before or afterwards may be another text."""
    return same_page(url) in {same_page(source.url) for source in declaration.sources_at(at)}


def _substance(declaration: Declaration, page: Page, url: str, at: datetime) -> str | None:
    """The hash of what a capture says; None where it is not the document."""
    reading = derivation.read([page], derivation.matched(declaration, [url], at))
    if assess(reading, None, None).verdict is Verdict.NOT_DOCUMENT:
        return None
    return substance_hash(split(reading.text))
