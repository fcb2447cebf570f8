"""Work on many cores or machines: one pure function over many units, through any `concurrent.futures.Executor`.

Results come back in the order of the units, so that what is kept does not depend on who was faster; only a few units
are on the way at a time, so that memory stays bounded; the unit of a worker that died is done again by another.
"""

from __future__ import annotations

import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor
from dataclasses import dataclass
from itertools import chain, islice
from multiprocessing import get_context, parent_process
from typing import Generic, TypeVar

from tracker.errors import Fault, TrackerError

Unit = TypeVar("Unit")
Result = TypeVar("Result")
Pool = Callable[[], Executor]  # makes an executor, and another one where the first broke

DEATHS = 2  # of workers on one unit, after which the unit is at fault


@dataclass(frozen=True, slots=True)
class Done(Generic[Result]):
    """What came of a unit: its value, or why there is none."""

    value: Result | None
    error: TrackerError | None = None


def carry_out(
    function: Callable[[Unit], Result], units: Iterable[Unit], pool: Pool | None = None, flight: int = 4
) -> Iterator[Done[Result]]:
    """What `function` makes of each unit, in their order; at most `flight` units are on the way at a time.

    Without a pool the work is done here. An error of ours comes as it is, any other as Fault.
    """
    if pool is None:
        yield from (_here(function, unit) for unit in units)
        return
    coming = iter(units)
    first = list(islice(coming, 2))
    if len(first) < 2:  # one is done sooner than a pool is made
        yield from (_here(function, unit) for unit in first)
        return
    waiting, coming = deque[tuple[Unit, Future[Result]]](), chain(first, coming)
    executor = pool()
    try:
        while True:
            while len(waiting) < flight and (unit := next(coming, None)) is not None:
                waiting.append((unit, _sent(executor, function, unit)))
            if not waiting:
                return
            try:
                yield _came(waiting[0][1])
                waiting.popleft()
            except BrokenExecutor:
                executor.shutdown(wait=False)
                lost = [unit for unit, _ in waiting]
                waiting.clear()
                yield from (_alone(function, unit, pool) for unit in lost)
                executor = pool()
    finally:
        executor.shutdown(wait=True, cancel_futures=True)


def processes(workers: int) -> Pool | None:
    """A pool of processes on this machine; None for a single worker, which needs none."""
    if workers < 2:
        return None
    # Spawned: a fork would take along open databases and the locks of other threads.
    return lambda: ProcessPoolExecutor(workers, get_context("spawn"), initializer=_settle_in)


def _here(function: Callable[[Unit], Result], unit: Unit) -> Done[Result]:
    try:
        return Done(function(unit))
    except Exception as error:
        return Done(None, _explained(error))


def _sent(executor: Executor, function: Callable[[Unit], Result], unit: Unit) -> Future[Result]:
    """A unit on its way. A pool that broke meanwhile takes none: that shows when its turn has come."""
    try:
        return executor.submit(function, unit)
    except BrokenExecutor as error:
        lost: Future[Result] = Future()
        lost.set_exception(error)
        return lost


def _came(future: Future[Result]) -> Done[Result]:
    try:
        return Done(future.result())
    except BrokenExecutor:
        raise
    except Exception as error:
        return Done(None, _explained(error))


def _alone(function: Callable[[Unit], Result], unit: Unit, pool: Pool) -> Done[Result]:
    """A unit done by itself, so that it is plain whether it is the one that kills workers."""
    for _ in range(DEATHS):
        with pool() as executor:
            try:
                return _came(executor.submit(function, unit))
            except BrokenExecutor:
                continue
    what = f"The program ended {DEATHS} times while it read this: for lack of memory, or by a fault of a library."
    return Done(None, Fault(what, remedy="The captures are kept. Free some memory and run `tracker reanalyse`."))


def _explained(error: Exception) -> TrackerError:
    if isinstance(error, TrackerError):
        return error
    remedy = "The captures are kept; `tracker reanalyse` reads them again once the program is mended."
    return Fault(f"The program could not read it: {type(error).__name__}: {error}", remedy=remedy)


def _settle_in() -> None:
    """A worker leaves Ctrl-C to its parent, and ends when the parent is killed."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    parent = parent_process()
    if parent is not None:
        threading.Thread(target=lambda: (parent.join(), os._exit(1)), daemon=True).start()
