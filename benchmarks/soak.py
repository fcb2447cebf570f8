"""A month of watching in some minutes: many documents on an injected clock, faults at random, and kills.

    TRACKER_CORPUS=… python benchmarks/soak.py [--documents 500] [--days 30] [--kills 50] [--from 2025-06-01]

A server plays real pages as they changed; every document is declared many times under other names. The watch runs in a
process of its own, which is killed at random moments and begins again. Then the archive is held against what the
served captures say when they are read in order: which texts were in force and when.

Prints: checks by outcome; texts in force for two days that were not recorded, recorded twice, or never served; the time
from a page's change to the recorded one; memory, open files and the size of the archive.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import json
import os
import random
import re
import resource
import signal
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time
import urllib.request
from collections import Counter
from datetime import datetime, timedelta
from pathlib import Path

from tracker import declarations, derivation, rules
from tracker.fetch import Fetcher
from tracker.model import Declaration, Document, Page, Source, moment, stamp
from tracker.settings import Settings, bundled
from tracker.store import Store, derived
from tracker.watch import Watch
from tracker.watch.due import Pace

REPLAY = Path(os.environ.get("TRACKER_CORPUS", "")) / "replay"
STEP = timedelta(minutes=10)
LASTING = timedelta(days=2)
FAULTS = ("503", "429", "403", "500", "truncated", "reset", "empty", "botwall", "gzip-bomb", "redirect-loop", "charset")


def ask(url: str, method: str = "GET") -> dict:
    request = urllib.request.Request(url, method=method)
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)


def copies(folder: Path, base: str, count: int) -> dict[str, tuple[Declaration, str]]:
    """The declared documents of the corpus, again and again under other names: by id, with the id in the corpus."""
    script = [sys.executable, str(REPLAY / "declare.py"), "--out", str(folder), "--base", base]
    subprocess.run(script, check=True, stdout=subprocess.DEVNULL)
    originals = list(declarations.load(folder).declarations.values())
    found = {}
    for n in range(count):
        one = originals[n % len(originals)]
        document = Document(
            f"copy-{n // len(originals)}-{one.document.id}", one.document.platform, one.document.terms_type
        )
        host = f"127.0.{n // 250}.{n % 250 + 1}"
        source = one.sources[0]
        url = source.url.replace("127.0.0.1", host)
        found[document.id] = Declaration(document, (Source(url, source.select, source.remove),)), one.document.id
    return found


# ---- the watch, in a process that may die at any moment -------------------------------------------------------------


async def keep_looking(base: str, archive: Path, declared: dict[str, Declaration], end: datetime, say) -> None:
    clock = [moment(ask(f"{base}/clock")["at"])]
    fetcher = Fetcher(
        Settings(allow_loopback=True, delay=0, timeout=20, max_bytes=5 << 20, parallel=16), lambda: clock[0]
    )
    fetcher.renders = False
    ruleset = rules.load(bundled("data") / "rules")
    async with fetcher:
        watch = Watch(archive, ruleset, fetcher, pace=Pace(), parallel=16, now=lambda: clock[0], say=lambda event: None)
        watch.begin(declared)
        first = None
        while clock[0] < end:
            while watch.tick():
                await watch.settled()
            clock[0] += STEP
            ask(f"{base}/clock?at={stamp(clock[0])}", "POST")
            first = first or (clock[0] + timedelta(hours=6), None)
            if first[1] is None and clock[0] >= first[0]:
                first = first[0], memory()
        say(
            {
                "memory_first": first[1] if first else None,
                "memory_last": memory(),
                "files": len(os.listdir("/proc/self/fd")),
            }
        )
        await watch.end(5)


def memory() -> int:
    """Resident memory now, in MB."""
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * resource.getpagesize() >> 20


def child(arguments: argparse.Namespace) -> None:
    declared = {name: one for name, (one, _) in copies(arguments.folder, arguments.base, arguments.documents).items()}
    write = sys.stdout.write
    end = moment(arguments.end)
    asyncio.run(
        keep_looking(arguments.base, arguments.archive, declared, end, lambda said: write(json.dumps(said) + "\n"))
    )


# ---- what was served ----------------------------------------------------------------------------------------------


def truth(document: str, declaration: Declaration, start: datetime, end: datetime) -> list[tuple[datetime, str]]:
    """The texts of a document that were in force from one moment to the next, out of all its captures read in order."""
    folder = REPLAY / "docs" / document
    with (folder / "captures.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    state = derivation.State()
    with tarfile.open(folder / "captures.tar.xz") as packed:
        for number, row in enumerate(rows):
            at = moment(row["timestamp"])
            following = moment(rows[number + 1]["timestamp"]) if number + 1 < len(rows) else end
            if following <= start or at >= end:
                continue
            body = packed.extractfile(row["file"]).read()
            page = Page(declaration.sources[0].url, row["content_type"], body)
            for again in range(2):  # a page that stays is looked at twice
                reading = derivation.read([page], list(declaration.sources))
                derivation.settle(
                    state, declaration, 2 * number + again, max(at, start), (row["sha256"], str(again)), reading
                )
    return [(draft.at, draft.substance) for draft in state.drafts]


def held(store: Store, name: str) -> list[tuple[datetime, str]]:
    return [(one.at, one.substance_sha256) for one in derived.versions(store, name)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=500)
    parser.add_argument("--days", type=int, default=30)
    parser.add_argument("--kills", type=int, default=50)
    parser.add_argument("--from", dest="start", default="2025-06-01")
    parser.add_argument("--seed", type=int, default=1)
    for hidden in ("--folder", "--archive"):
        parser.add_argument(hidden, type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--base", help=argparse.SUPPRESS)
    parser.add_argument("--end", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if not REPLAY.is_dir():
        sys.exit("Set TRACKER_CORPUS to the folder of real captures; there is nothing to measure without it.")
    if arguments.base:
        child(arguments)
        return
    with tempfile.TemporaryDirectory() as folder:
        soak(arguments, Path(folder))


def soak(arguments: argparse.Namespace, place: Path) -> None:
    start = moment(arguments.start)
    end = start + timedelta(days=arguments.days)
    chance = random.Random(arguments.seed)
    serve = [sys.executable, "-u", str(REPLAY / "serve.py"), "--host", "0.0.0.0", "--port", "0", "--at", stamp(start)]
    server = subprocess.Popen(serve, stdout=subprocess.PIPE, text=True)
    archive = place / "tracker.db"
    try:
        port = None
        while port is None:
            port = re.search(r"http://[\d.]+:(\d+)", server.stdout.readline())
        base = f"http://127.0.0.1:{port[1]}"
        declared = copies(place / "declared", base, arguments.documents)
        paths = [one.sources[0].url.rpartition(f":{port[1]}")[2] for one, _ in declared.values()]
        command = [sys.executable, __file__, "--documents", str(arguments.documents), "--base", base]
        command += ["--folder", str(place / "declared"), "--archive", str(archive), "--end", stamp(end)]
        said, kills, began = {}, 0, time.monotonic()
        moments = sorted(chance.random() * 0.7 for _ in range(arguments.kills))  # of the month: the rest runs through
        while True:
            running = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
            while running.poll() is None:
                time.sleep(0.2)
                now = moment(ask(f"{base}/clock")["at"])
                if chance.random() < 0.3:
                    kind, path = chance.choice(FAULTS), chance.choice(paths)
                    arg = "&arg=30" if kind in ("503", "429") else "&arg=3" if kind == "gzip-bomb" else "&arg=latin-1"
                    ask(f"{base}/fault?path={path}&kind={kind}&times=3{arg}", "POST")
                if kills < len(moments) and (now - start) / (end - start) >= moments[kills]:
                    running.send_signal(signal.SIGKILL)
                    kills += 1
                    running.wait()
            if running.returncode == 0:
                said = json.loads(running.stdout.read().strip().splitlines()[-1])
                break
            running.stdout.close()
            if running.returncode != -signal.SIGKILL:
                raise SystemExit(f"The watch ended with {running.returncode}.")
        report(archive, declared, start, end, kills, time.monotonic() - began, said)
    finally:
        server.kill()


def report(archive, declared, start, end, kills, seconds, said) -> None:
    outcomes, missed, twice, invented, delays, texts = Counter(), [], [], [], [], 0
    truths = {
        original: truth(original, one, start, end)
        for original, one in {original: one for one, original in declared.values()}.items()
    }
    with Store.read(archive) as store:
        broken = store.rows("pragma integrity_check")[0]["integrity_check"], len(store.rows("pragma foreign_key_check"))
        for name, (_, original) in declared.items():
            outcomes.update(store.outcome_counts(name))
            found, known = held(store, name), truths[original]
            texts += len(found)
            twice += [name for one, two in zip(found, found[1:], strict=False) if one[1] == two[1]]
            invented += [name for _, substance in found if substance not in {text for _, text in known}]
            for place, (at, substance) in enumerate(known):
                until = known[place + 1][0] if place + 1 < len(known) else end
                if until - at < LASTING:
                    continue
                seen = [when for when, text in found if text == substance and at <= when <= until]
                if not seen:
                    missed.append(f"{name} {at:%Y-%m-%d %H:%M}")
                elif at > start:
                    delays.append((min(seen) - at) / timedelta(hours=1))
    print(f"{len(declared)} documents, {(end - start).days} days, {kills} kills, {seconds:.0f} s; integrity {broken}")
    print(f"checks: {dict(outcomes)}")
    print(f"versions {texts}; missed {len(missed)}, recorded twice {len(twice)}, invented {len(invented)}")
    for title, names in (("missed", missed), ("twice", twice), ("invented", invented)):
        print(*(f"  {title}: {name}" for name in names[:20]), sep="\n")
    if delays:
        ordered = sorted(delays)
        print(f"hours from change to record: median {statistics.median(ordered):.1f}, ", end="")
        print(f"95th percentile {ordered[int(0.95 * (len(ordered) - 1))]:.1f}, of {len(ordered)}")
    print(f"memory {said.get('memory_first')} MB after six hours, {said.get('memory_last')} MB at the end; ", end="")
    print(f"{said.get('files')} open files; archive {archive.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    main()
