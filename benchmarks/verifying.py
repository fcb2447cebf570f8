"""Verifying archives of several sizes: contents per second, and the most memory that it takes.

    python benchmarks/verifying.py                       20,000 captures, then 80,000
    python benchmarks/verifying.py 1000,5000 --workers 2

Every capture is another page of some kilobytes, twenty to a document, each compressed against earlier ones. An archive
is verified in a process of its own.
"""

from __future__ import annotations

import argparse
import multiprocessing
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from time import monotonic, process_time

from tracker import engine
from tracker.evidence.verify import verify
from tracker.model import Declaration, Document, Memento, Response, Source
from tracker.past import keeping
from tracker.store import Store

START = datetime(2016, 1, 1, tzinfo=UTC)
HISTORY = 20  # captures of a document
WORDS = 700


def build(archive: Path, captures: int) -> None:
    with Store.write(archive) as store:
        for number in range(captures // HISTORY):
            name = f"platform-{number:06}"
            document = Document(f"{name}/terms", name, "Terms")
            source = Source(f"https://{name}.example/terms")
            declaration = Declaration(document, (source,))
            found = list(history(number, source.url))
            keeping.keep(store, declaration, found, START + timedelta(days=9000), keeping.Taken())
        store.db.execute("pragma wal_checkpoint(truncate)").fetchall()


def history(number: int, url: str) -> Iterator[Memento]:
    """The captures of a document, some words of which are others each time."""
    chance = Random(number)
    words = [f"word{chance.randrange(9999)}" for _ in range(WORDS)]
    for look in range(HISTORY):
        words[chance.randrange(WORDS)] = f"edition{look}"
        body = f"<html><body><p>{' '.join(words)}</p></body></html>".encode()
        at = START + timedelta(days=look)
        headers = (("Content-Type", "text/html"),)
        yield Memento("warc", at, Response(url, url, 200, headers, body, at))


def measure(archive: Path, workers: int) -> None:
    begun, spent = monotonic(), process_time()
    with Store.read(archive) as store:
        found = verify(store, crew=engine.processes(workers))
    assert not found.damages, found.damages[0]
    took, spent = monotonic() - begun, process_time() - spent
    memory = int(Path("/proc/self/status").read_text().split("VmHWM:")[1].split()[0]) / 1024
    print(
        f"{found.contents:10,}{found.leaves:10,}{archive.stat().st_size / 2**20:9.1f}{found.contents / took:12.0f}"
        f"{spent * 1000 / found.contents:13.2f}{memory:11.0f}",
        flush=True,
    )


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("sizes", nargs="?", default="20000,80000", metavar="N,N")
    options.add_argument("--workers", type=int, default=1)
    given = options.parse_args()
    print(f"{'contents':>10}{'records':>10}{'MB':>9}{'contents/s':>12}{'CPU ms each':>13}{'memory MB':>11}")
    with tempfile.TemporaryDirectory() as folder:
        for captures in map(int, given.sizes.split(",")):
            archive = Path(folder) / f"{captures}.db"
            build(archive, captures)
            alone = multiprocessing.get_context("spawn").Process(target=measure, args=(archive, given.workers))
            alone.start()
            alone.join()


if __name__ == "__main__":
    main()
