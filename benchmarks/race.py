"""The race: a round of checks here, beside what a user would pick instead, on the same pages, in one run.

    [TRACKER_CORPUS=…] python benchmarks/race.py [--quick] [--pages 60] [--repeat 3] [--kills 10]

Installs the peers into an environment of their own, and writes `benchmarks/RESULTS.md` and its picture. Every row is
proven: the server counts who asked for which page, and each racer says itself what it found new, changed or not at
all; where one saw less or found other changes than there were, the row says so. docs/benchmarks.md tells how to read
the figures.
"""

from __future__ import annotations

import argparse
import math
import os
import platform
import random
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

import picture
import racer_changedetection
import racer_ota
import racers
import served

HERE = Path(__file__).parent
BETTER = ("webchanges", "urlwatch")  # the peers that run once, as `tracker check` does: the measure of the others
STAYING = ("tracker, resident", "changedetection.io")
NAMES = ("tracker", *STAYING, *BETTER)
SLOW = ("Open Terms Archive",)  # in the table alone: neither drawn, beside whom the others are dots, nor killed
RATIO = "tracker to the better peer"


def runners(place: Path, base: str, count: int) -> list[racers.Tracker | racers.Peer]:
    kinds = [racers.Tracker, racers.Resident, racer_changedetection.Changedetection, racer_ota.OpenTermsArchive]
    own = [kind(place / kind.__name__, base, count) for kind in kinds]
    return [*own, *(racers.Peer(place / name, base, count, name) for name in BETTER)]


# ---- rounds -----------------------------------------------------------------------------------------------------


def expected(name: str, count: int) -> tuple[set[int], set[int]]:
    """The pages that a round must find new, and those that it must find changed."""
    everything = set(range(count))
    return (
        everything if name == "first" else set(),
        {number for number in everything if number % 10 == 0} if name == "a tenth changed" else set(),
    )


def faults(name: str, report: racers.Report, asked: dict[int, int], count: int) -> Iterator[str]:
    """What a racer did not do in a round."""
    if report.why:
        yield report.why
        return
    new, changed = expected(name, count)
    if unseen := count - len(asked):
        yield f"asked for {count - unseen} of {count} pages"
    if report.failed:
        yield f"{len(report.failed)} pages failed"
    if missed := len(new - report.new):
        yield f"{missed} new pages not said to be new"
    if report.waiting:
        yield f"{len(report.waiting)} pages in other words wait for a second look"
    if missed := len(changed - report.changed - report.waiting):
        yield f"{missed} of {len(changed)} changes missed"
    if false := len(report.changed - changed):
        yield f"{false} changes that were none"


def race(pages: list[served.Pair], repeat: int, place: Path) -> tuple[dict, dict, dict]:
    """Seconds by round and racer, what was amiss by the same, and the bytes that each keeps after all rounds."""
    seconds: dict[str, dict[str, list[float]]] = {name: {} for name in served.ROUNDS}
    amiss: dict[str, dict[str, set[str]]] = {name: {} for name in served.ROUNDS}
    sizes: dict[str, int] = {}
    for turn in range(repeat):
        server = served.Pages(pages)
        running = runners(place / str(turn), server.base, len(pages))
        for name in served.ROUNDS:
            server.begin(name)
            for one in running:
                server.asked.clear()
                report = one.round()
                seconds[name].setdefault(one.name, []).append(report.seconds)
                amiss[name].setdefault(one.name, set()).update(faults(name, report, server.asked, len(pages)))
            said = "  ".join(f"{one.name} {seconds[name][one.name][-1]:.2f}" for one in running)
            print(f"turn {turn + 1}, {name}: {said}", flush=True)
        for one in running:
            one.close()
            sizes[one.name] = one.size()
        server.shutdown()
    return seconds, amiss, sizes


# ---- kills ------------------------------------------------------------------------------------------------------


def crash(pages: list[served.Pair], kills: int, place: Path) -> dict[str, tuple[int, int]]:
    """For each racer: changes that nobody learns of after a round was killed and run again, and those told twice.

    What it finds where nothing kills it is the measure, each time with one more round, for what waits to be confirmed.
    """
    chance = random.Random(1)
    names = [name for name in NAMES if name not in STAYING]
    lost, whole, took = dict.fromkeys(names, (0, 0)), dict[str, frozenset[int]](), dict[str, float]()
    for turn in range(kills + 1):
        server = served.Pages(pages)
        for one in runners(place / str(turn), server.base, len(pages)):
            one.close()
            if one.name not in names:
                continue
            server.begin("first")
            one.round()
            server.begin(served.ALL_CHANGED)
            began = time.monotonic()
            first = one.killed(took[one.name] * chance.uniform(0.3, 1.0)).changed if turn else one.round().changed
            if not turn:
                took[one.name] = time.monotonic() - began
            again = [one.round().changed for _ in range(2)]
            found = one.recorded().changed if isinstance(one, racers.Tracker) else first.union(*again)
            if not turn:
                whole[one.name] = found
                continue
            missing, twice = lost[one.name]
            told = len(first & again[0])
            lost[one.name] = missing + len(whole[one.name] - found), twice + told
        server.shutdown()
        print(f"kill {turn}: " + "  ".join(f"{name} {pair}" for name, pair in lost.items()), flush=True)
    return lost


# ---- what is written ----------------------------------------------------------------------------------------------


def figures(seconds: dict, amiss: dict, count: int) -> tuple[list[str], dict[str, list[float | None]]]:
    """The table of rounds, and its figures for the picture: seconds for 100 pages."""
    shown = (*NAMES, *SLOW)
    lines = [f"| round | {' | '.join(shown)} | {RATIO} | resident to the same |", "|---|" + "---:|" * (len(shown) + 2)]
    drawn: dict[str, list[float | None]] = {}
    notes: dict[str, list[str]] = {}
    for name in served.ROUNDS:
        raced = [[one for one in seconds[name][racer] if not math.isnan(one)] for racer in shown]
        spent = [statistics.median(some or [math.nan]) * 100 / count for some in raced]
        best = min(spent[NAMES.index(racer)] for racer in BETTER)
        texts = ["–" if math.isnan(value) else f"{value:.2f}" for value in spent]
        cells = [f"{text}{'*' if amiss[name][racer] else ''}" for racer, text in zip(shown, texts, strict=True)]
        lines.append(f"| {name} | {' | '.join(cells)} | {spent[0] / best:.2f} | {spent[1] / best:.2f} |")
        drawn[name] = [None if math.isnan(value) else value / best for value in spent[: len(NAMES)]]
        for racer, said in amiss[name].items():
            if said:
                notes.setdefault(f"{racer}: {', '.join(sorted(said))}.", []).append(name)
    return [*lines, "", *(f"\\* {', '.join(rounds)}, {note}" for note, rounds in notes.items())], drawn


def compared(quick: bool) -> list[str]:
    """What `compare.py` measures on real pairs of texts, as it prints it."""
    if not os.environ.get("TRACKER_CORPUS"):
        return ["Not measured: set TRACKER_CORPUS to a folder of real pairs."]
    command = [sys.executable, str(HERE / "compare.py"), "--pairs", "12" if quick else "60"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    return ["```", said.strip(), "```"]


def written(arguments: argparse.Namespace, versions: dict[str, str], parts: Sequence[str]) -> str:
    source = "real captures of legal pages" if os.environ.get("TRACKER_CORPUS") else "the demo's invented pages"
    peers = ", ".join(f"{name} {version}" for name, version in versions.items())
    head = (
        f"# The race\n\nWritten by `make bench` on {datetime.now(UTC):%-d %B %Y}: {arguments.pages} pages ({source}), "
        f"median of {arguments.repeat}; {peers}; Python {platform.python_version()}, {os.cpu_count()} cores. "
        "[How to read it](../docs/benchmarks.md).\n"
    )
    return "\n".join([head, *parts, ""])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=60)
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--quick", action="store_true", help="20 pages, once, two kills: under five minutes")
    parser.add_argument("--out", type=Path, default=HERE, help="the folder for RESULTS.md and its picture")
    arguments = parser.parse_args()
    if arguments.quick:
        arguments.pages, arguments.repeat, arguments.kills = 20, 1, 2
    versions = racers.install() | racer_changedetection.install() | racer_ota.install()
    pages = served.pages(arguments.pages)
    with tempfile.TemporaryDirectory() as folder:
        seconds, amiss, sizes = race(pages, arguments.repeat, Path(folder) / "rounds")
        crashed = crash(pages[:30], arguments.kills, Path(folder) / "kills")
    table, drawn = figures(seconds, amiss, len(pages))
    raw = sum(len(page) for pair in pages for page in pair[:1])
    parts = [
        "## A round of checks\n\nCPU seconds of the whole process for 100 pages; ratios to the "
        "better of webchanges and urlwatch, which look once and end, as `tracker check` does.\n",
        *table,
        "",
        "changedetection.io is a server that stays, so its figure belongs beside that of tracker, resident: it is told "
        "by its API to check all, and its CPU is counted until it rests. It asks for pages without their ETag, so that "
        "its round 304 is one of the same bytes; its first round also loads what it needs to fetch; it makes text by "
        "inscriptis, compares it by a hash, and keeps the text of all versions and the markup of the latest two.",
        "",
        racer_ota.NOTE,
        "\n![The same as bars](results.svg)\n",
        "## What is kept\n",
        f"After the five rounds above, of {raw / 1e6:.1f} MB of pages:\n",
        "| | MB |\n|---|---:|",
        *(
            f"| {name} | {sizes[name] / 1e6:.1f} |"
            for name in (*NAMES, *SLOW)
            if sizes.get(name) and name != "tracker, resident"
        ),
        "\n## A crash\n",
        f"All of {min(len(pages), 30)} pages changed; the round was killed at a random moment, then run again; "
        f"{arguments.kills} times. Sums:\n",
        "| | changes that nobody learns of | changes told twice |\n|---|---:|---:|",
        *(f"| {name} | {missing} | {twice} |" for name, (missing, twice) in crashed.items()),
        "\n## Comparing two texts\n",
        *compared(arguments.quick),
    ]
    (arguments.out / "results.svg").write_text(
        picture.bars("CPU of a round, in multiples of the better of webchanges and urlwatch", drawn, NAMES, "×")
    )
    (arguments.out / "RESULTS.md").write_text(written(arguments, versions, parts))
    print(f"Written: {arguments.out / 'RESULTS.md'}")


if __name__ == "__main__":
    main()
