"""`tracker run`: ticks, signals, the sign of life, and what else is done now and then (declarations, the site).

APScheduler only ticks; nothing that must not be lost lives in it.
"""

from __future__ import annotations

import asyncio
import signal
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from apscheduler.schedulers.asyncio import AsyncIOScheduler

from tracker.errors import ArchiveError, Busy, TrackerError
from tracker.model import Declaration, stamp
from tracker.watch.events import Event, Say
from tracker.watch.heart import Heart
from tracker.watch.watch import Watch

TICK = 1  # seconds; a tick at which nothing is due costs next to nothing
BEAT = 5  # seconds
RELOAD = 60  # seconds between two looks at the declarations' files
REST = timedelta(minutes=1)  # after trouble with the archive: a full disk is not asked every second
QUIET = timedelta(hours=24)  # without a good check: something is wrong here


@dataclass(slots=True)
class Daemon:
    """A watch that runs until it is told to stop.

    `declared` gives the declarations as they are now. `chores` are done now and then in a thread of their own, each
    with the seconds between two times, and only if something was recorded since the last time; those of `always`
    in any case. What one says is told.
    """

    archive: Path
    watch: Watch
    declared: Callable[[], Mapping[str, Declaration]]
    say: Say
    now: Callable[[], datetime]
    grace: float = 30.0
    chores: Mapping[str, tuple[int, Callable[[], str]]] = field(default_factory=dict)
    always: Mapping[str, tuple[int, Callable[[], str]]] = field(default_factory=dict)
    _done_at: dict[str, int] = field(default_factory=dict)  # what was recorded when a chore was done last
    _stop: asyncio.Event = field(default_factory=asyncio.Event)
    _began: datetime | None = None

    async def run(self) -> None:
        """Until SIGTERM or SIGINT: then what is in flight finishes or is given back; a second signal does not wait.

        Raises Busy where another watch runs, ArchiveError where the archive cannot be used at all.
        """
        heart = Heart(self.archive)
        self._began = self.now()
        loop = asyncio.get_running_loop()
        for name in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(name, self._signalled)
        scheduler = AsyncIOScheduler(
            timezone="UTC", job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": 30}
        )
        try:
            declared = self.declared()
            self.watch.begin(declared)
            self._tell("started", f"Watching {len(declared)} documents.", documents=len(declared))
            scheduler.add_job(self._tick, "interval", seconds=TICK)
            scheduler.add_job(self._beat, "interval", [heart], seconds=BEAT)
            scheduler.add_job(self._follow, "interval", seconds=RELOAD)
            for name, (seconds, chore) in {**self.chores, **self.always}.items():
                scheduler.add_job(self._chore, "interval", [name, chore], seconds=seconds)
            scheduler.start()
            heart.beat(self.state())
            await self._stop.wait()
            self._stop.clear()
            self._tell("stopping", f"{self.watch.in_flight} checks in flight may finish.")
            scheduler.pause()
            ending = asyncio.create_task(self.watch.end(self.grace))
            hurry = asyncio.create_task(self._stop.wait())
            await asyncio.wait((ending, hurry), return_when=asyncio.FIRST_COMPLETED)
            if not ending.done():
                await self.watch.end(0)
            hurry.cancel()
            await asyncio.gather(ending, hurry, return_exceptions=True)
            self._tell("stopped", "")
        finally:
            if scheduler.running:
                scheduler.shutdown(wait=False)
            heart.stop()

    def _signalled(self) -> None:
        self._stop.set()

    async def _tick(self) -> None:
        try:
            self.watch.tick()
        except Busy:
            pass  # somebody else writes, by hand: the next tick tries again
        except ArchiveError as error:
            self._tell("archive", str(error))
            self.watch.rest(REST)

    async def _beat(self, heart: Heart) -> None:  # no thread's work: what it tells of changes in this one
        heart.beat(self.state())

    def state(self) -> dict[str, Any]:
        """How it stands, as the sign of life and the health address say it."""
        last = self.watch.last_good or self._began
        quiet = last is not None and self.now() - last > QUIET
        return {
            "status": "offline" if self.watch.offline else "quiet" if quiet else "ok",
            "beat": stamp(self.now()),
            "started": stamp(self._began) if self._began else None,
            "last_good": stamp(self.watch.last_good) if self.watch.last_good else None,
            "in_flight": self.watch.in_flight,
            "recorded": self.watch.recorded,
        }

    async def _follow(self) -> None:
        try:
            # In a thread of its own: tens of thousands of files are not looked at in a moment.
            self.watch.follow(await asyncio.to_thread(self.declared))
        except Busy:
            pass
        except TrackerError as error:
            self._tell("declarations", str(error))

    async def _chore(self, name: str, chore: Callable[[], str]) -> None:
        if name in self.chores and self._done_at.get(name) == self.watch.recorded:
            return
        recorded = self.watch.recorded
        try:
            said = await asyncio.to_thread(chore)
        except Busy:
            return
        except TrackerError as error:
            said = str(error)
        self._done_at[name] = recorded
        if said:
            self._tell(name, said)

    def _tell(self, name: str, text: str, **data: Any) -> None:
        self.say(Event(self.now(), name, text=text, data=data))
