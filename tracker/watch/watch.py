"""The watch: looks at each document when it is due, for years, and gives back whatever it holds when it is stopped.

What is due lives in the archive (`store/turns.py`), so a restart forgets nothing. A tick leases what is due, and tasks
look; the archive is held for writing only while somebody looks, so that other commands can work in between.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

from tracker import pipeline, timeline
from tracker.errors import ArchiveError, FetchError, TrackerError
from tracker.fetch import Fetcher
from tracker.fetch.robots import REMEMBERED, Robots
from tracker.model import Declaration, Outcome, Turn
from tracker.pipeline import Looked, Record
from tracker.reader import Reader
from tracker.rules import RuleSet
from tracker.store import Store, turns
from tracker.watch import due
from tracker.watch.due import Pace
from tracker.watch.events import Event, Say

FARTHEST = due.LONGEST_WAIT * 2  # no turn is set further ahead: one that is was set by a wrong clock
LEASE = timedelta(minutes=10)
IDLE = timedelta(minutes=10)  # between two looks at an empty schedule; a declaration that comes is told at once
RECENT = 40  # checks that tell whether trouble is ours


class Watch:
    """Keeps looking at the declared documents of an archive.

    `record` is called inside each check's transaction (see `pipeline.check`), `say` with each event. `now` gives the
    present moment. Call `begin` once, `tick` again and again, `end` at last.
    """

    def __init__(
        self,
        archive: Path,
        rules: RuleSet,
        fetcher: Fetcher,
        *,
        pace: Pace,
        parallel: int,
        now: Callable[[], datetime],
        say: Say,
        record: Record = lambda store, looked: None,
    ) -> None:
        self._archive, self._rules, self._fetcher = archive, rules, fetcher
        self._pace, self._parallel, self._now, self._say, self._record = pace, parallel, now, say, record
        self._declared: dict[str, Declaration] = {}
        self._tasks: dict[str, asyncio.Task[None]] = {}
        self._store: Store | None = None
        self._holders = 0
        self._recent: deque[tuple[str, bool]] = deque(maxlen=RECENT)
        self._reader = Reader()
        self._stopping = False
        self._next: datetime | None = None  # nothing is due before; None: not known
        self._ticked = now()
        self.last_good: datetime | None = None  # when a document was last seen
        self.recorded = 0  # checks recorded since the beginning

    # ---- life ----

    def begin(self, declared: Mapping[str, Declaration]) -> None:
        """Takes up the schedule: leases of a dead watch are free, the archive is brought up to date.

        Raises ArchiveError where the archive cannot be used.
        """
        with self._open() as store:
            with store.transaction():
                turns.release(store)
                turns.heal(store, self._now())
            self._follow(store, declared)

    def follow(self, declared: Mapping[str, Declaration]) -> None:
        """Goes on with other declarations: new documents join, those that are gone leave. Raises ArchiveError."""
        if dict(declared) != self._declared:
            with self._open() as store:
                self._follow(store, declared)

    def _follow(self, store: Store, declared: Mapping[str, Declaration]) -> None:
        self._declared = dict(declared)
        for fault in timeline.refresh(store, self._declared, self._rules).faults:
            self._say(Event(self._now(), "fault", text=str(fault)))
        with store.transaction():
            known = turns.turns(store)
            turns.drop(store, known.keys() - self._declared.keys())
            for name, declaration in self._declared.items():
                host = _host(declaration)
                if name not in known:
                    turns.keep_turn(store, Turn(name, host, self._first_due(store, name)))
                elif known[name].host != host:
                    turns.keep_turn(store, replace(known[name], host=host))
        self._next = None

    def _first_due(self, store: Store, name: str) -> datetime:
        """At once for what was never seen; else when the interval since the last look is over."""
        checks = store.checks(name, 1)
        return checks[0].at + self._every(store, name) if checks else self._now()

    async def end(self, grace: float) -> None:
        """Stops: what is in flight may finish within `grace` seconds, then it is given back."""
        self._stopping = True
        tasks = list(self._tasks.values())
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=grace)
            for task in late:
                task.cancel()
            await asyncio.gather(*late, return_exceptions=True)
        self._reader.close()

    # ---- one tick ----

    @property
    def in_flight(self) -> int:
        """How many documents are being looked at now."""
        return len(self._tasks)

    @property
    def offline(self) -> bool:
        """Whether this machine seems to have no connection."""
        return due.is_ours(self._recent)

    def tick(self) -> int:
        """Begins to look at what is due, as many at once as allowed and one of each host; how many it began.

        Raises ArchiveError where the archive cannot be used; Busy passes, the next tick tries again.
        """
        room = (1 if self.offline else self._parallel) - len(self._tasks)
        now = self._now()
        put_back, self._ticked = now < self._ticked, now
        if put_back:  # what was known of the future is not
            self._next = None
        if self._stopping or room <= 0 or (self._next and now < self._next):
            return 0
        with self._open() as store:
            busy = {_host(self._declared[name]) for name in self._tasks if name in self._declared}
            with store.transaction():
                if put_back:
                    turns.heal(store, now)
                chosen = turns.claim(store, now, now + LEASE, room, busy, now + FARTHEST)
            self._next = (turns.next_due(store) or now + IDLE) if len(chosen) < room else None
            for name in chosen:
                if name in self._declared:
                    self._hold()
                    self._tasks[name] = asyncio.create_task(self._look(self._declared[name]), name=name)
                    self._tasks[name].add_done_callback(lambda _, name=name: self._done(name))
        return len(chosen)

    def rest(self, wait: timedelta) -> None:
        """Looks at nothing for a while: the archive cannot be used."""
        self._next = self._now() + wait

    async def settled(self) -> None:
        """Waits until nothing is in flight."""
        while self._tasks:
            await asyncio.wait(list(self._tasks.values()))
            await asyncio.sleep(0)

    def _done(self, name: str) -> None:
        self._tasks.pop(name, None)
        self._next = None
        self._let_go()

    async def _look(self, declaration: Declaration) -> None:
        store = self._store
        assert store is not None
        name = declaration.document.id
        try:
            await self._read_robots(store, declaration.sources[0].url)
            looked = (
                await pipeline.check(
                    [declaration],
                    store,
                    self._rules,
                    fetcher=self._fetcher,
                    now=self._now,
                    record=self._keep,
                    reader=self._reader,
                )
            )[0]
        except asyncio.CancelledError:
            self._give_back(store, name)
            self._say(Event(self._now(), "given-back", name, "Stopped before it was looked at."))
            raise
        except ArchiveError as error:
            self._give_back(store, name, error)
            self._say(Event(self._now(), "error", name, str(error)))
            return
        if looked.check is None:
            self._give_back(store, name, looked.error)
        self._tell(looked)

    async def _read_robots(self, store: Store, url: str) -> None:
        """Reads once a day what a site asks of machines, so that `tracker status` can show it."""
        host = urlsplit(url).netloc.lower()
        known = store.robots(host)
        with suppress(FetchError):  # an address that is not dialled at all: the check says so
            if known is None or abs(self._now() - known[0]) > REMEMBERED:  # a clock that was ahead is put right
                found = await self._fetcher.robots(url)
                with store.transaction():
                    store.keep_robots(host, found.at, found.status, found.body)
            else:
                self._fetcher.recall(url, Robots(*known))

    def _keep(self, store: Store, looked: Looked) -> None:
        """What is recorded beside a check: its alerts, and when it is looked at next."""
        self._record(store, looked)
        check = looked.check
        declaration = self._declared.get(looked.document.id)
        if check is None or declaration is None:
            return
        host = _host(declaration)
        # What we refuse to dial says nothing of our connection.
        reached = check.outcome is not Outcome.FAILED or check.reason != "transient" or looked.answered
        self._recent.append((host, reached))
        turn = turns.turn(store, looked.document.id) or Turn(looked.document.id, host, check.at)
        following = due.after_look(
            turn,
            check,
            now=self._now(),
            every=self._every(store, looked.document.id),
            pace=self._pace,
            flagged=bool(looked.change and looked.change.ai_change),
            retry_after=looked.retry_after,
            ours=self.offline,
        )
        turns.keep_turn(store, following)

    def _every(self, store: Store, name: str) -> timedelta:
        declaration = self._declared[name]
        if declaration.every:
            return timedelta(hours=declaration.every)
        changes, since = turns.rhythm(store, name)
        return due.interval(changes, self._now() - since if since else timedelta(), self._pace)

    def _give_back(self, store: Store, name: str, error: TrackerError | None = None) -> None:
        """Frees a lease after a look of which nothing could be recorded; later, where something is wrong here."""
        try:
            with store.transaction():
                turn = turns.turn(store, name)
                if turn and error:
                    wait = due.NETWORK_RETRY * 2 ** min(turn.failures, 6)
                    note = f"Nothing could be recorded: {error.what}"
                    turns.keep_turn(
                        store, Turn(name, turn.host, self._now() + wait, turn.failures + 1, turn.confirms, note)
                    )
                else:
                    turns.release(store, [name])
        except ArchiveError as trouble:  # the lease ends by itself
            self._say(Event(self._now(), "archive", name, str(trouble)))

    def _tell(self, looked: Looked) -> None:
        now, name = self._now(), looked.document.id
        if looked.check is None or looked.error:
            self._say(Event(now, "error", name, str(looked.error)))
        if looked.check:
            self.recorded += 1
            outcome = looked.check.outcome
            if outcome in (Outcome.UNCHANGED, Outcome.CAPTURED):
                self.last_good = looked.check.at
            said = " ".join(part for part in (outcome.value, looked.check.message) if part)
            data = {"outcome": outcome.value, "reason": looked.check.reason, "elapsed_ms": looked.check.elapsed_ms}
            self._say(Event(now, "checked", name, said, data))
        for one in looked.relatives:
            said = f"The page links to another legal text: {one.text} {one.url} (tracker add {one.url})"
            self._say(Event(now, "candidate", name, said, {"url": one.url, "terms_type": one.terms_type}))
        if looked.change:
            change = looked.change
            data = {"change": change.id, "ai_change": change.ai_change, "verdict": change.verdict}
            said = f"{change.verdict or change.summary} ({change.id})"
            self._say(Event(now, "ai-change" if change.ai_change else "change", name, said, data))

    # ---- the archive, held while somebody writes ----

    @contextmanager
    def _open(self) -> Iterator[Store]:
        self._hold()
        try:
            assert self._store is not None
            yield self._store
        finally:
            self._let_go()

    def _hold(self) -> None:
        if self._store is None:
            self._store = Store.write(self._archive)
        self._holders += 1

    def _let_go(self) -> None:
        self._holders -= 1
        if self._holders == 0 and self._store:
            self._store.close()
            self._store = None


def _host(declaration: Declaration) -> str:
    """Whom a document asks: the host of its first address."""
    return (urlsplit(declaration.sources[0].url).netloc or declaration.document.id).lower()
