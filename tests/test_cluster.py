"""Work on a Dask cluster: real schedulers and workers on this machine, killed, missing, of another version."""

import gc
import json
import os
import pickle
import shutil
import subprocess
import sys
import threading
import time
import tracemalloc
from contextlib import contextmanager

import dask
import distributed
import pytest
from histories import LICENCE, TRAINING, Archive, page, sample
from test_again import again, everything
from test_engine import double, fragile, stumbling

from tracker import cluster, engine
from tracker.cluster import connected
from tracker.errors import ClusterError, Corrupt, Deadly, Fault, SettingsError
from tracker.evidence.verify import verify
from tracker.model import Outcome
from tracker.store import Store, check, derived
from tracker.store import again as again_

POISON = "<!-- ends whoever reads it -->"


@contextmanager
def started(*arguments: str, **environment: str):
    """A process of Dask's, ended in the end."""
    command = [sys.executable, "-m", "dask", *arguments]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    process = subprocess.Popen(command, env={**os.environ, **environment}, **quiet)
    try:
        yield process
    finally:
        process.kill()  # nothing is lost with it; what a nanny looks after ends with the nanny
        process.wait()


@contextmanager
def scheduling(tmp_path, name="scheduler", **environment: str):
    """A scheduler on this machine: its address, and its process."""
    said = tmp_path / f"{name}.json"
    flags = ["--host", "127.0.0.1", "--port", "0", "--no-dashboard", "--scheduler-file", str(said)]
    with started("scheduler", *flags, **environment) as process:
        while not said.exists() or not said.read_text():
            time.sleep(0.05)
        yield json.loads(said.read_text())["address"], process


@contextmanager
def working(address: str, folder, *flags: str, **environment: str):
    """A worker of a scheduler. It comes back after each death, unless it is told not to."""
    here = os.pathsep.join([os.path.dirname(__file__), *filter(None, [environment.pop("PYTHONPATH", "")])])
    flags = ("--nthreads", "1", "--no-dashboard", "--host", "127.0.0.1", "--local-directory", str(folder), *flags)
    with started("worker", address, *flags, PYTHONPATH=here, **environment) as process:
        yield process


@pytest.fixture(scope="module")
def address(tmp_path_factory):
    """A scheduler with two workers that gives a unit up after its second death."""
    folder = tmp_path_factory.mktemp("cluster")
    with (
        scheduling(folder, DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES="1") as (address, _),
        working(address, folder, "--nworkers", "2"),
    ):
        yield address


@pytest.fixture(scope="module")
def spare(tmp_path_factory):
    """A scheduler without workers, for tests that bring their own; it gives a unit up after its first death."""
    folder = tmp_path_factory.mktemp("spare")
    with scheduling(folder, DASK_DISTRIBUTED__SCHEDULER__ALLOWED_FAILURES="0") as (address, _):
        yield address


@pytest.fixture(scope="module")
def crew(address):
    with connected(address) as found:
        yield found


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "tracker.db"
    archive = sample(path)
    for name in ("Loud", "Quiet"):
        archive.look(page(LICENCE), platform=name)
        archive.look(page(LICENCE, TRAINING), platform=name)
    return path


def test_results_come_in_the_order_of_the_units(crew):
    assert [done.value for done in engine.carry_out(double, range(20), crew)] == list(range(0, 40, 2))


def test_an_error_belongs_to_its_unit_and_stops_no_other(crew):
    first, ours, third = engine.carry_out(stumbling, [0, 1, 2], crew)
    assert isinstance(first.error, Fault)
    assert "ZeroDivisionError" in first.error.what
    assert (type(ours.error), ours.error.where) == (Corrupt, "blob 7")
    assert third.value == 5


def test_where_it_is_derived_is_not_to_be_seen_in_the_archive(path, crew, tmp_path):
    other = shutil.copy(path, tmp_path / "other.db")
    assert again(path).faults == []
    assert again(other, crew).faults == []
    assert everything(path) == everything(other)


def test_an_archive_is_verified_with_the_same_findings(path, crew):
    with Store.read(path) as store:
        assert verify(store, crew=crew) == verify(store)


def test_the_unit_of_a_worker_that_died_is_done_again(crew, tmp_path):
    units = [(n, str(tmp_path / "died") if n == 3 else "") for n in range(8)]
    assert [done.value for done in engine.carry_out(fragile, units, crew)] == list(range(8))


def test_a_unit_that_kills_every_worker_is_at_fault_alone(crew, tmp_path):
    units = [(n, str(tmp_path) if n == 1 else "") for n in range(4)]
    found = list(engine.carry_out(fragile, units, crew))
    assert [done.value for done in found] == [0, None, 2, 3]
    assert isinstance(found[1].error, Deadly)


def test_nothing_is_left_here_of_units_that_are_done(crew):
    size, many = 100_000, 40
    list(engine.carry_out(len, [os.urandom(size)] * 2, crew))  # what is loaded once is loaded
    tracemalloc.start()
    try:
        list(engine.carry_out(len, (os.urandom(size) for _ in range(many)), crew))
        gc.collect()
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert held < 8 * size


def test_an_interrupted_run_leaves_the_cluster_to_the_next(crew):
    found = engine.carry_out(time.sleep, [0, 2, 2, 2], crew)
    next(found)
    found.close()
    assert [done.value for done in engine.carry_out(double, range(3), crew)] == [0, 2, 4]


def test_a_result_that_is_too_large_to_send_is_said(crew, monkeypatch):
    monkeypatch.setattr(cluster, "LARGEST", 10)
    sent = cluster.perform(pickle.dumps((double, 1)), cluster.made_of())
    assert "too large" in str(cluster.unpacked(sent))


def test_another_program_on_a_worker_is_no_help(spare, tmp_path):
    other = dict(cluster.made_of(), lxml="1.0")
    sent = cluster.perform(b"", other)
    assert "lxml" in cluster.unpacked(sent).what
    folder = tmp_path / "other"
    folder.mkdir()
    # What Python runs first in a worker: it has another version of a library than we have.
    (folder / "sitecustomize.py").write_text(
        "import importlib.metadata as m\nold = m.version\n"
        "m.version = lambda name: '1.0' if name == 'rapidfuzz' else old(name)\n"
    )
    with (
        working(spare, tmp_path, "--no-nanny", PYTHONPATH=str(folder)),
        pytest.raises(ClusterError, match=r"rapidfuzz 1\.0 there") as caught,
        connected(spare),
    ):
        pass
    assert caught.value.where.startswith("tcp://127.0.0.1")


def test_a_scheduler_that_does_not_answer_is_named(monkeypatch):
    monkeypatch.setattr(cluster, "CONNECT", 0.5)
    with pytest.raises(ClusterError, match="does not answer") as caught, connected("tcp://127.0.0.1:9"):
        pass
    assert caught.value.where == "tcp://127.0.0.1:9"


@pytest.mark.parametrize("wrong", ["127.0.0.1:8786", "http://127.0.0.1:8786", ""])
def test_an_address_of_another_kind_is_refused(wrong):
    with pytest.raises(ClusterError, match="no address"), connected(wrong):
        pass


def test_certificates_that_nobody_named_are_asked_for():
    with pytest.raises(ClusterError, match="no certificates"), connected("tls://127.0.0.1:9"):
        pass


def test_certificates_that_are_not_there_are_named(monkeypatch):
    monkeypatch.setenv("DASK_DISTRIBUTED__COMM__TLS__CA_FILE", "missing.pem")
    dask.config.refresh()
    try:
        with pytest.raises(ClusterError, match="not there") as caught, connected("tls://127.0.0.1:9"):
            pass
    finally:
        monkeypatch.undo()
        dask.config.refresh()
    assert caught.value.where == "missing.pem"


def test_a_connection_that_does_not_come_to_be_is_not_closed_again_when_it_is_forgotten(monkeypatch):
    async def fails(*_, **__):
        raise ValueError("IOStream is not idle; cannot convert to SSL")

    closed = []
    monkeypatch.setattr(distributed.Client, "_ensure_connected", fails)
    monkeypatch.setattr(distributed.Client, "__del__", lambda client: closed.append(client.status))
    with pytest.raises(ClusterError, match="not idle"), connected("tcp://127.0.0.1:9"):
        pass
    gc.collect()
    assert set(closed) == {"closed"}


def test_a_missing_package_is_named(monkeypatch):
    monkeypatch.setitem(sys.modules, "dask", None)
    with pytest.raises(SettingsError, match="distributed"), connected("tcp://127.0.0.1:9"):
        pass


def test_workers_that_do_not_come_are_waited_for_a_while(spare, monkeypatch):
    monkeypatch.setattr(cluster, "GATHER", 0.5)
    with pytest.raises(ClusterError, match="no workers"), connected(spare):
        pass


def test_workers_that_are_gone_are_waited_for_a_while(spare, tmp_path, monkeypatch):
    monkeypatch.setattr(cluster, "PATIENCE", 0.5)
    monkeypatch.setattr(cluster, "GLANCE", 0.2)
    with (
        working(spare, tmp_path, "--no-nanny"),
        connected(spare) as found,
        pytest.raises(ClusterError, match="No worker is left"),
    ):
        list(engine.carry_out(fragile, [(0, str(tmp_path)), (1, "")], found))


def test_workers_without_memory_are_not_waited_for(spare, tmp_path, monkeypatch):
    monkeypatch.setattr(cluster, "PATIENCE", 0.5)
    monkeypatch.setattr(cluster, "GLANCE", 0.2)
    paused = {"DASK_DISTRIBUTED__WORKER__MEMORY__PAUSE": "0.01", "DASK_DISTRIBUTED__WORKER__MEMORY__SPILL": "False"}
    with (
        working(spare, tmp_path, "--no-nanny", "--memory-limit", "1GiB", **paused),
        connected(spare) as found,
    ):
        time.sleep(0.5)  # Dask looks at a worker's memory ten times a second
        with pytest.raises(ClusterError, match="less memory than the program needs"):
            list(engine.carry_out(double, [1, 2], found))


@pytest.fixture
def poisoned(tmp_path):
    """An archive with a capture that ends whoever reads it, between two others of its document."""
    archive = Archive(tmp_path / "tracker.db", start="2024-05-31T06:00:00Z")
    archive.look(page(LICENCE), platform="Still")
    for clauses, mark in (((LICENCE,), ""), ((LICENCE, TRAINING), POISON), ((LICENCE, TRAINING), ""), ((LICENCE,), "")):
        archive.look(page(*clauses) + mark, platform="Toxic")
    return archive.path


def told(path):
    with Store.read(path) as store:
        return {document.id: again_.telling(store, document.id) for document in store.documents()}


def set_aside(path, crew):
    """Reads all again; what was said of it, by document, after making sure that nothing else is different."""
    whole = told(path)
    found = again(path, crew)
    assert [type(fault) for fault in found.faults] == [Deadly]
    assert {one.document for one in found.differences} == {"toxic/terms-of-use"}
    assert found.faults[0].where == "toxic/terms-of-use"
    assert "2024-06-03T06:00:00Z" in found.faults[0].what
    with Store.read(path) as store:
        outcomes = [check.outcome for check in reversed(store.checks("toxic/terms-of-use"))]
        versions = derived.versions(store, "toxic/terms-of-use")
    assert outcomes == [Outcome.CAPTURED, Outcome.BLOCKED, Outcome.CAPTURED, Outcome.CAPTURED]
    assert [f"{one.at:%d}" for one in versions] == ["02", "04", "05"]
    assert again(path).faults == []  # a process that survives it reads it after all
    assert told(path) == whole


def test_a_capture_that_kills_is_named_and_set_aside_and_the_rest_is_read(poisoned, deadly, monkeypatch):
    monkeypatch.setenv("PYTHONPATH", deadly)
    set_aside(poisoned, engine.processes(2))


def test_a_capture_that_kills_workers_elsewhere_is_named_too(spare, poisoned, deadly, tmp_path):
    with working(spare, tmp_path, "--nworkers", "2", PYTHONPATH=deadly), connected(spare) as crew:
        set_aside(poisoned, crew)


def test_a_content_that_kills_is_named_when_an_archive_is_verified(path, monkeypatch, tmp_path):
    (tmp_path / "sitecustomize.py").write_text(
        "import os\nfrom tracker.store import archive\nold = archive.decompress\n"
        "archive.decompress = lambda data, prefix=b'': os._exit(1) if data[-4:] == MARK else old(data, prefix)\n"
    )
    with Store.read(path) as store:
        (row,) = store.rows("select id, data from blob order by id desc limit 1")
        text = (tmp_path / "sitecustomize.py").read_text().replace("MARK", repr(row["data"][-4:]))
        (tmp_path / "sitecustomize.py").write_text(text)
        monkeypatch.setenv("PYTHONPATH", str(tmp_path))
        monkeypatch.setattr(check, "GROUP", 1500)
        found = verify(store, crew=engine.processes(2))
    assert [(one.table, one.row) for one in found.damages] == [("blob", row["id"])]
    assert "each time" in found.damages[0].what


def test_a_scheduler_that_is_lost_ends_the_run_in_words(tmp_path, path, monkeypatch):
    monkeypatch.setattr(cluster, "GLANCE", 0.2)
    with scheduling(tmp_path) as (alone, scheduler), working(alone, tmp_path, "--no-nanny"), connected(alone) as found:
        threading.Timer(1, scheduler.kill).start()
        with pytest.raises(ClusterError, match="lost"):
            list(engine.carry_out(time.sleep, [0, 9, 9], found))
