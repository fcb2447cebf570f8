"""Reading pages while others wait for the network: in one thread of this process, or in a process of its own for what
ended a process before.

Whoever dies of a page cannot say so. So what is read is marked in the archive first, and a mark that a dead process
left tells the next one to keep away from it.
"""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tracker.model import Page, Reading, Relative, Source
from tracker.store import Store, begun

if TYPE_CHECKING:
    from types import TracebackType


@dataclass(frozen=True, slots=True)
class Pages:
    """What a look brought, to be read: as its sources say, unless its skim is `known`."""

    pages: tuple[Page, ...]
    sources: tuple[Source, ...]
    made_by: str  # what it is read with, see `recipes.recipe`
    known: bytes | None


@dataclass(frozen=True, slots=True)
class Read:
    """What pages were found to hold. `reading` is None where the skim is the one that is known."""

    skim: bytes | None
    reading: Reading | None = None
    relatives: tuple[tuple[str, Relative], ...] = ()  # links to other legal texts, each by what names its page


def read(given: Pages) -> Read:
    """Skims pages, and reads them where their skim is not the one that is known. Pure."""
    from tracker.extract.skim import skim

    skimmed = skim(given.pages, given.sources, given.made_by)
    if given.known is not None and skimmed == given.known:
        return Read(skimmed)

    from tracker import derivation
    from tracker.extract import relatives

    reading = derivation.read(given.pages, given.sources)
    found = [(relatives.same_page(one.url), one) for page in given.pages for one in relatives.find(page)]
    return Read(skimmed, reading, tuple(found))


class Reader:
    """Reads for a round of checks, one document at a time: the PDF library must not be entered twice at once."""

    def __init__(self) -> None:
        self._thread = ThreadPoolExecutor(1)
        self._turn = asyncio.Lock()

    def __enter__(self) -> Reader:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Ends; what is being read is not waited for."""
        self._thread.shutdown(wait=False, cancel_futures=True)

    async def read(self, store: Store, document: str, given: Pages) -> Read:
        """What pages hold. Leaves a mark on the document, to be cleared with whatever is kept of it.

        Raises Deadly where reading them ends every process, and as the archive does.
        """
        loop = asyncio.get_running_loop()
        async with self._turn:
            if begun.is_left(store, document):
                from tracker import engine

                pool = engine.processes(2).pool
                assert pool
                done = await loop.run_in_executor(self._thread, engine.alone, read, given, pool)
                if done.value is None:
                    assert done.error
                    raise done.error
                return done.value
            with store.transaction():
                begun.mark(store, document)
            try:
                return await loop.run_in_executor(self._thread, read, given)
            except BaseException:
                with store.transaction():
                    begun.clear(store, document)
                raise
