"""Work on many cores or machines: one pure function over many units, through any `concurrent.futures.Executor`.

Results come back in the order of the units, so that what is kept does not depend on who was faster; only a few units
are on the way at a time, so that memory stays bounded; the unit of a worker that died is done again by another. A unit
on which one worker after the other dies is done by itself, so that it is plain whose fault it is, and set aside.
"""

from __future__ import annotations

import os
import signal
import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import BrokenExecutor, Executor, Future, ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from itertools import chain, islice
from multiprocessing import get_context, parent_process
from typing import Generic, TypeVar

from tracker.errors import ClusterError, Deadly, Fault, TrackerError

Unit = TypeVar("Unit")
Result = TypeVar("Result")
Part = TypeVar("Part")
Pool = Callable[[], Executor]  # makes an executor, and another one where the first broke

DEATHS = 2  # of workers on one unit, after which the unit is at fault
LOAD = 64 << 20  # bytes of units on the way, beyond which no further one is sent


class Killed(BrokenExecutor):
    """Several workers died with a unit in their hands, or with another one beside it."""


@dataclass(frozen=True, slots=True)
class Crew:
    """Who works: here, where there is no pool; and how many units may be on the way at a time."""

    pool: Pool | None = None
    flight: int = 4


ALONE = Crew()


@dataclass(frozen=True, slots=True)
class Done(Generic[Result]):
    """What came of a unit: its value, or why there is none."""

    value: Result | None
    error: TrackerError | None = None


def carry_out(
    function: Callable[[Unit], Result], units: Iterable[Unit], crew: Crew = ALONE, apart: bool = False
) -> Iterator[Done[Result]]:
    """What `function` makes of each unit, in their order. Raises ClusterError where there are no workers any more.

    At most `crew.flight` units are on the way at a time, and no further one where those weigh more than LOAD together:
    a unit may say by `weight` how many bytes it holds. `apart`: none of them in this process, however few. An error of
    ours comes as it is, any other as Fault.
    """
    if crew.pool is None:
        yield from map(partial(attempted, function), units)  # holds no unit while the next one is made
        return
    coming = iter(units)
    first = list(islice(coming, 2))
    if len(first) < 2 and not apart:  # one is done sooner than a pool is made
        yield from (attempted(function, unit) for unit in first)
        return
    waiting, coming = deque[tuple[Unit, Future[Result]]](), chain(first, coming)
    executor = crew.pool()
    try:
        while True:
            while len(waiting) < crew.flight and sum(_weight(unit) for unit, _ in waiting) < LOAD:
                unit = next(coming, None)
                if unit is None:
                    break
                waiting.append((unit, _sent(executor, function, unit)))
            if not waiting:
                return
            try:
                yield _came(waiting[0][1])
                waiting.popleft()
            except BrokenExecutor:
                executor.shutdown(wait=False, cancel_futures=True)
                lost = [unit for unit, _ in waiting]
                waiting.clear()
                yield from (alone(function, unit, crew.pool) for unit in lost)
                executor = crew.pool()
    finally:
        executor.shutdown(wait=True, cancel_futures=True)


def alone(function: Callable[[Unit], Result], unit: Unit, pool: Pool) -> Done[Result]:
    """A unit done by a worker while no other is on the way; Deadly where that ends one worker after the other."""
    for _ in range(DEATHS):
        with pool() as executor:
            try:
                return _came(executor.submit(function, unit))
            except Killed:
                break
            except BrokenExecutor:
                continue
    what = "The program ended each time that it read this: for lack of memory, or by a fault of a library."
    return Done(None, Deadly(what, remedy="The captures are kept. Free some memory and run `tracker reanalyse`."))


def culprits(
    function: Callable[[Unit], object], parts: Sequence[Part], unit_of: Callable[[Sequence[Part]], Unit], pool: Pool
) -> list[Part]:
    """The parts of which each by itself ends every worker, found by halving: of parts that are deadly together.

    `unit_of` makes a unit of some parts.
    """

    def among(some: Sequence[Part], known: bool) -> list[Part]:
        """Those among some parts, of which it may be known that they are deadly together."""
        if not some or not known and not isinstance(alone(function, unit_of(some), pool).error, Deadly):
            return []
        if len(some) == 1:
            return list(some)
        first, second = some[: len(some) // 2], some[len(some) // 2 :]
        found = among(first, False)
        # Whoever is named was tried by itself: parts may be too much together of which none is.
        return found + among(second, not found and len(second) > 1)

    return among(parts, len(parts) > 1)


def processes(workers: int) -> Crew:
    """Processes of this machine; a single worker needs none."""
    if workers < 2:
        return ALONE
    # Spawned: a fork would take along open databases and the locks of other threads.
    return Crew(lambda: ProcessPoolExecutor(workers, get_context("spawn"), initializer=_settle_in), 2 * workers)


def attempted(function: Callable[[Unit], Result], unit: Unit) -> Done[Result]:
    """What `function` makes of a unit in this process."""
    try:
        return Done(function(unit))
    except Exception as error:
        return Done(None, _explained(error))


def _weight(unit: object) -> int:
    return getattr(unit, "weight", 0)


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
    except (BrokenExecutor, ClusterError):
        raise
    except Exception as error:
        return Done(None, _explained(error))


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
