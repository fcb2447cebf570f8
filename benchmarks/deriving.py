"""Deriving everything again, at a size: captures per second of one process, of two, and of a cluster on this machine.

    TRACKER_CORPUS=… python benchmarks/deriving.py                 the corpus twice: some 2,900 captures
    TRACKER_CORPUS=… python benchmarks/deriving.py --copies 14     more than 20,000 captures
    … --copies 170 --largest 50                                    as many, of documents below 50 kB: half an hour
    … --only 2-processes,cluster-killed                            some of the ways alone

Each copy of the corpus is one under other document names. Every way derives a copy of the same archive, in a process of
its own: captures per second by the clock, CPU of all processes together per capture (which tells more on a machine with
other work) and its ratio to the plain loop, the most memory that the writer took, that a worker took, and that the
scheduler took. The last way ends a worker with SIGKILL in the middle. What stands in the archives afterwards is
compared, row by row: ends with 1 where it is not the same.
"""

from __future__ import annotations

import argparse
import csv
import json
import os
import pickle
import resource
import shutil
import signal
import subprocess
import sys
import tarfile
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from hashlib import sha256
from pathlib import Path

from tracker import declarations, engine, rules, timeline
from tracker.cluster import connected
from tracker.model import Declaration, Document, Memento, Response, moment
from tracker.past import keeping
from tracker.settings import bundled
from tracker.store import Store

WAYS = ("plain loop", "2-processes", "cluster", "cluster-killed")
DERIVED = (
    *("version", "reading", "clause", "version_clause", "judgement", "flag", "change", "clause_change"),
    *("lineage", "lineage_event", "blob"),
)
DECLARED = "declared.pickle"
MB = 1 << 20


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--copies", type=int, default=2)
    options.add_argument("--largest", type=float, default=1e9, metavar="KB", help="mean size of a document's captures")
    options.add_argument("--only", default=",".join(WAYS))
    options.add_argument("--one", nargs=2, metavar=("WAY", "ARCHIVE"), help=argparse.SUPPRESS)
    given = options.parse_args()
    if given.one:
        derive(given.one[0], Path(given.one[1]))
        return
    corpus = Path(os.environ.get("TRACKER_CORPUS", "")) / "replay"
    if not (corpus / "docs").is_dir():
        sys.exit("Set TRACKER_CORPUS to the folder of real captures; there is nothing to measure without it.")
    with tempfile.TemporaryDirectory() as folder:
        raw = Path(folder) / "raw.db"
        captures = build(corpus, raw, Path(folder), given.copies, given.largest * 1000)
        print(f"{captures:,} captures, {raw.stat().st_size / MB:.0f} MB of archive")
        memory = "".join(f"{one + ' MB':>13}" for one in ("writer", "worker", "scheduler"))
        print(f"{'':16}{'captures/s':>11}{'CPU ms each':>12}{'ratio':>7}{memory}  result")
        plain, results = None, set()
        for way in given.only.split(","):
            archive = Path(folder) / "derived.db"
            shutil.copy(raw, archive)
            said = measured(way, archive)
            each = said["cpu"] * 1000 / captures
            plain = plain or each
            memory = "".join(f"{said[one]:13.0f}" for one in ("writer", "worker", "scheduler"))
            results.add(result := told(archive))
            print(
                f"{way:16}{captures / said['wall']:11.1f}{each:12.1f}{each / plain:7.2f}{memory}  {result}", flush=True
            )
            archive.unlink()
    if len(results) > 1:
        sys.exit("What stands in the archives is not the same.")


def build(corpus: Path, archive: Path, folder: Path, copies: int, largest: float) -> int:
    """An archive of all captures under so many names, from which nothing was derived yet; how many there are."""
    command = [sys.executable, str(corpus / "declare.py"), "--out", str(folder / "declared")]
    subprocess.run(command, check=True, capture_output=True)
    taken, declared = keeping.Taken(), {}
    with Store.write(archive) as store:
        for name, declaration in declarations.load(folder / "declared").declarations.items():
            kept = list(captured(corpus / "docs" / name))
            if sum(len(one.response.body) for one in kept) > largest * len(kept):
                continue
            for copy in range(copies):
                one = named(declaration, copy)
                declared[one.document.id] = one
                keeping.keep(store, one, kept, kept[-1].at + timedelta(days=1), taken)
        store.db.execute("pragma wal_checkpoint(truncate)").fetchall()
    (folder / DECLARED).write_bytes(pickle.dumps(declared))
    return taken.new


def named(declaration: Declaration, copy: int) -> Declaration:
    document = declaration.document
    return replace(declaration, document=Document(f"{document.id}-{copy}", document.platform, document.terms_type))


def captured(place: Path) -> Iterator[Memento]:
    with tarfile.open(place / "captures.tar.xz") as packed:
        bodies = {member.name: packed.extractfile(member).read() for member in packed if member.isfile()}
    with (place / "captures.csv").open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            at, headers = moment(row["timestamp"]), (("Content-Type", row["content_type"]),)
            yield Memento("warc", at, Response(row["url"], row["url"], 200, headers, bodies[row["file"]], at))


def measured(way: str, archive: Path) -> dict[str, float]:
    """One way over an archive, in a process of its own, with the processes of a cluster beside it."""
    command = [sys.executable, __file__, "--one", way, str(archive)]
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    with ExitStack() as ended:
        said = json.loads(ended.enter_context(running(command)).communicate()[0])
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    said["cpu"] = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return said


def running(command: list[str]) -> subprocess.Popen[str]:
    return subprocess.Popen(command, stdout=subprocess.PIPE, text=True)


def derive(way: str, archive: Path) -> None:
    """Derives an archive in this process; prints what it took as JSON."""
    with ExitStack() as ended:
        crew = engine.ALONE
        if way == "2-processes":
            crew = engine.processes(2)
        elif way.startswith("cluster"):
            address, scheduler, workers = cluster(ended, archive.parent)
            crew = ended.enter_context(connected(address))
        begun = time.monotonic()
        with Store.write(archive) as store:
            declared = pickle.loads((archive.parent / DECLARED).read_bytes())
            ruleset = rules.load(bundled("data") / "rules")

            def step(done: int, total: int, what: str) -> None:
                if way == "cluster-killed" and done == total // 2:
                    os.kill(busiest(workers), signal.SIGKILL)

            found = timeline.refresh(store, declared, ruleset, step, crew=crew)
            assert not found.faults, found.faults[0]
            store.db.execute("pragma wal_checkpoint(truncate)").fetchall()
        said = {"wall": time.monotonic() - begun, "writer": most_memory(), "worker": 0.0, "scheduler": 0.0}
        if way.startswith("cluster"):
            said |= {"worker": max(most_memory(busiest([one])) for one in workers), "scheduler": most_memory(scheduler)}
    if way == "2-processes":
        said["worker"] = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(json.dumps(said))


def most_memory(process: int | str = "self") -> float:
    """The most memory, in MB, that a process took; what its parent took before it is not in it."""
    said = Path(f"/proc/{process}/status").read_text()
    return int(said.split("VmHWM:")[1].split()[0]) / 1024


def cluster(ended: ExitStack, folder: Path) -> tuple[str, int, list[int]]:
    """A scheduler and two workers on this machine: its address, its process, and those of the workers' nannies."""
    said = folder / "scheduler.json"
    said.unlink(missing_ok=True)
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    flags = ["--host", "127.0.0.1", "--no-dashboard"]
    dask = [sys.executable, "-m", "dask"]
    for name, value in (("WORKER__PROFILE__ENABLED", "False"), ("ADMIN__LOW_LEVEL_LOG_LENGTH", "0")):
        os.environ[f"DASK_DISTRIBUTED__{name}"] = value  # as docs/cluster.md advises

    def start(*command: str) -> subprocess.Popen[bytes]:
        process = subprocess.Popen([*dask, *command, *flags], **quiet)
        ended.callback(process.wait)
        ended.callback(process.terminate)
        return process

    scheduler = start("scheduler", "--port", "0", "--scheduler-file", str(said))
    while not said.exists() or not said.read_text():
        time.sleep(0.1)
    address = json.loads(said.read_text())["address"]
    place = ("--nthreads", "1", "--local-directory", str(folder / "workers"))
    return address, scheduler.pid, [start("worker", address, *place).pid for _ in range(2)]


def busiest(nannies: list[int]) -> int:
    """The worker under the first nanny: the child that has used most."""
    children = Path(f"/proc/{nannies[0]}/task")
    pids = [int(pid) for task in children.iterdir() for pid in (task / "children").read_text().split()]
    return max(pids, key=lambda pid: int(Path(f"/proc/{pid}/statm").read_text().split()[1]))


def told(archive: Path) -> str:
    """A hash over every row of all that was derived."""
    digest = sha256()
    with Store.read(archive) as store:
        for table in DERIVED:
            for row in store.db.conn.execute(f"select * from {table} order by 1, 2"):
                digest.update(repr(row).encode())
    return digest.hexdigest()[:16]


if __name__ == "__main__":
    main()
