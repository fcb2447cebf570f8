"""CPU time for a check and bytes for a capture, on real pages served on loopback.

    TRACKER_CORPUS=… python benchmarks/check.py

Each row is one round over all documents in one process: the first look, a look answered with 304, one with the same
bytes, one with new bytes. Read the figures as ratios to each other: machines differ.
"""

from __future__ import annotations

import asyncio
import os
import re
import subprocess
import sys
import tempfile
import urllib.request
from pathlib import Path
from time import process_time

from tracker import declarations, pipeline, rules
from tracker.fetch import Fetcher
from tracker.model import moment
from tracker.settings import Settings, bundled
from tracker.store import Store

SETTINGS = Settings(allow_loopback=True, delay=0)
START = "2026-02-01T00:00:00Z"


def main() -> None:
    corpus = Path(os.environ.get("TRACKER_CORPUS", ""))
    if not (corpus / "replay" / "serve.py").is_file():
        sys.exit("Set TRACKER_CORPUS to the folder of real captures; there is nothing to measure without it.")
    with tempfile.TemporaryDirectory() as folder:
        for validators in (True, False):
            measure(corpus, Path(folder) / str(validators), validators)


def measure(corpus: Path, folder: Path, validators: bool) -> None:
    """One archive played from START over two months, with or without ETag and Last-Modified."""
    flags = [] if validators else ["--no-validators"]
    command = [sys.executable, str(corpus / "replay" / "serve.py"), "--at", START, "--port", "0", *flags]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    try:
        base = next(found[0] for line in server.stdout if (found := re.search(r"http://127\.0\.0\.1:\d+", line)))
        declare = [sys.executable, str(corpus / "replay" / "declare.py"), "--out", str(folder), "--base", base]
        subprocess.run(declare, check=True, capture_output=True)
        declared = list(declarations.load(folder).declarations.values())
        ruleset = rules.load(bundled("data") / "rules")
        with Store.write(folder / "tracker.db") as store:
            again = "answered with 304" if validators else "same bytes, no validators"
            print(f"{'round':34} {'documents':>9} {'CPU ms each':>12} {'new versions':>12}")
            for name, at in (("first look", START), (again, START), *((f"new bytes, {at[:10]}", at) for at in LATER)):
                advance(base, at)
                run(name, declared, store, ruleset, at)
            report(store)
    finally:
        server.terminate()
        server.wait()


LATER = ("2026-03-01T00:00:00Z", "2026-04-01T00:00:00Z", "2026-06-01T00:00:00Z", "2026-08-01T00:00:00Z")


def advance(base: str, at: str) -> None:
    urllib.request.urlopen(urllib.request.Request(f"{base}/clock?at={at}", method="POST")).read()


def run(name: str, declared: list, store: Store, ruleset: rules.RuleSet, at: str) -> None:
    async def check() -> list[pipeline.Looked]:
        async with Fetcher(SETTINGS, lambda: moment(at)) as fetcher:
            return await pipeline.check(declared, store, ruleset, fetcher=fetcher, now=lambda: moment(at))

    start = process_time()
    looked = asyncio.run(check())
    spent = (process_time() - start) * 1000 / len(declared)
    print(f"{name:34} {len(looked):9} {spent:12.1f} {sum(one.version is not None for one in looked):12}")


def report(store: Store) -> None:
    row = store.row(
        "select (select count(*) from capture) as captures, (select sum(length(data)) from blob) as packed, "
        "(select sum(b.size) from capture c join blob b on b.id = c.blob_id) as raw"
    )
    store.db.execute("pragma wal_checkpoint(truncate)").fetchall()
    size = store.path.stat().st_size
    print(f"{row['captures']} captures, {row['raw']:,} bytes raw; frames {row['packed']:,} bytes; file {size:,} bytes")
    print(f"{size // row['captures']:,} bytes of archive per capture\n")


if __name__ == "__main__":
    main()
