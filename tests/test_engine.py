"""Work on several cores: results in order, few at a time, and no unit lost with a worker."""

import os
import signal
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import pytest

from tracker.engine import ALONE, LOAD, Crew, alone, carry_out, culprits, processes
from tracker.errors import Corrupt, Deadly, Fault


def double(number: int) -> int:
    return number * 2


def fragile(unit: tuple[int, str]) -> int:
    """Kills its worker the first time that it meets a unit with a mark to leave; always, where the mark is a folder."""
    number, mark = unit
    if mark and not Path(mark).is_file():
        if not Path(mark).is_dir():
            Path(mark).touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def stumbling(number: int) -> int:
    if number == 1:
        raise Corrupt("Damaged.", "blob 7", "Restore a backup.")
    return 10 // number


THREADS = Crew(lambda: ThreadPoolExecutor(2), 3)


@pytest.mark.parametrize("crew", [ALONE, THREADS, processes(2)], ids=["here", "threads", "cores"])
def test_results_come_in_the_order_of_the_units(crew):
    assert [done.value for done in carry_out(double, range(20), crew)] == list(range(0, 40, 2))


def test_one_worker_needs_no_processes():
    assert processes(1) == ALONE


def test_few_units_are_on_the_way_at_a_time():
    taken = []
    units = (taken.append(n) or n for n in range(50))
    found = carry_out(double, units, THREADS)
    for seen in range(1, 20):
        next(found)
        assert len(taken) <= seen + 3
    found.close()


@dataclass
class Heavy:
    weight: int


def test_fewer_are_on_the_way_where_they_are_large():
    taken = []
    units = (taken.append(n) or Heavy(LOAD) for n in range(9))
    found = carry_out(str, units, Crew(lambda: ThreadPoolExecutor(2), 8))
    next(found)
    assert len(taken) == 2  # the first two are taken to see whether a pool is worth it
    next(found)
    next(found)
    assert len(taken) == 3
    found.close()


@pytest.mark.parametrize("crew", [ALONE, THREADS], ids=["here", "threads"])
def test_an_error_belongs_to_its_unit_and_stops_no_other(crew):
    first, ours, third = carry_out(stumbling, [0, 1, 2], crew)
    assert isinstance(first.error, Fault)
    assert "ZeroDivisionError" in first.error.what
    assert (type(ours.error), ours.error.where) == (Corrupt, "blob 7")
    assert third.value == 5


def test_the_unit_of_a_worker_that_died_is_done_again(tmp_path):
    units = [(n, str(tmp_path / "died") if n == 3 else "") for n in range(8)]
    assert [done.value for done in carry_out(fragile, units, processes(2))] == list(range(8))


def test_a_unit_that_kills_every_worker_is_at_fault_alone(tmp_path):
    units = [(n, str(tmp_path) if n == 2 else "") for n in range(6)]
    found = list(carry_out(fragile, units, processes(2)))
    assert [done.value for done in found] == [0, 1, None, 3, 4, 5]
    assert isinstance(found[2].error, Deadly)


def all_fragile(units):
    return [fragile(unit) for unit in units]


def test_what_kills_is_found_among_many_parts(tmp_path):
    parts = [(n, str(tmp_path) if n in (1, 4) else "") for n in range(6)]
    pool = processes(2).pool
    assert isinstance(alone(all_fragile, parts, pool).error, Deadly)
    assert [number for number, _ in culprits(all_fragile, parts, list, pool)] == [1, 4]
