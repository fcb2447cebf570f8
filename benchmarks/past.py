"""Filling the past of real documents from an archive of the web: what is fetched, what is found, what is missed.

    TRACKER_CORPUS=… python benchmarks/past.py [DOCUMENT…]

Each document is filled twice through the command line, with as few captures as find its changes and with all of them.
A change counts as missed where all captures show it and the few do not: it came and went between two equal ends. A
judged change is explained where one stated window holds the whole step in which it truly happened. CPU time is that of
the program alone, in milliseconds for each capture fetched; read it as a ratio to other figures of the same run.
"""

from __future__ import annotations

import csv
import json
import os
import re
import resource
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

END = "2026-08-31T00:00:00Z"  # later than every capture
PACE = 0.01  # the archive is our own: it need not be asked slowly


@dataclass(frozen=True, slots=True)
class Filled:
    """One run over one document: the line of `backfill`, the changes that follow, and seconds of CPU."""

    said: dict
    changes: list[dict]
    seconds: float

    @property
    def fetched(self) -> int:
        return self.said["new"] + len(self.said["skipped"])


def main() -> None:
    corpus = Path(os.environ.get("TRACKER_CORPUS", "")) / "replay"
    if not (corpus / "serve.py").is_file():
        sys.exit("Set TRACKER_CORPUS to the folder of real captures; there is nothing to measure without it.")
    folders = {f"{one.parent.name}/{one.name}": one for one in sorted(corpus.glob("docs/*/*"))}
    wanted = sys.argv[1:] or list(folders)
    command = [sys.executable, str(corpus / "serve.py"), "--at", END, "--port", "0"]
    server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    try:
        assert server.stdout
        base = next(found[0] for line in server.stdout if (found := re.search(r"http://127\.0\.0\.1:\d+", line)))
        with tempfile.TemporaryDirectory() as place:
            declare = [sys.executable, str(corpus / "declare.py"), "--out", f"{place}/declared"]
            subprocess.run(declare, check=True, capture_output=True)
            report(folders, wanted, Path(place), base)
    finally:
        server.terminate()
        server.wait()


def report(folders: dict[str, Path], wanted: Sequence[str], place: Path, base: str) -> None:
    print(
        f"{'document':44} {'listed':>6} {'fetched':>7} {'share':>5} {'changes':>7} {'missed':>6} {'judged':>6} "
        f"{'in window: few':>14} {'all':>4} {'CPU ms':>7}"
    )
    sums = [0] * 7
    seconds, fetches = 0.0, 0
    for document in wanted:
        few = fill(place, base, document)
        whole = fill(place, base, document, "--all-captures")
        judged = truths(folders[document])
        missed = len(lost(whole.changes, few.changes))
        held = [sum(explained(step, run.changes) for step in judged) for run in (few, whole)]
        row = [few.said["listed"], few.fetched, len(whole.changes), missed, len(judged), *held]
        sums = [total + one for total, one in zip(sums, row, strict=True)]
        seconds, fetches = seconds + whole.seconds, fetches + whole.fetched
        show(document, row, 1000 * whole.seconds / max(whole.fetched, 1))
        for step in judged:
            if not explained(step, whole.changes):
                print(f"    no window holds the step from {step[0]} to {step[1]}")
        for run in (few, whole):
            if run.said["error"]:
                print(f"    {run.said['error']}")
    show("all", sums, 1000 * seconds / max(fetches, 1))


def show(name: str, row: Sequence[int], milliseconds: float) -> None:
    listed, fetched, changes, missed, judged, few, whole = row
    share = f"{100 * fetched / max(listed, 1):.0f}%"
    print(
        f"{name:44} {listed:6} {fetched:7} {share:>5} {changes:7} {missed:6} {judged:6} {few:14} {whole:4} "
        f"{milliseconds:7.1f}",
        flush=True,
    )


def fill(place: Path, base: str, document: str, *options: str) -> Filled:
    """Fills a document's history in an archive of its own."""
    archive = place / f"{document.replace('/', '-')}{''.join(options)}.db"
    (place / "tracker.toml").write_text(f"wayback_pace = {PACE}\n", "utf-8")
    environment = {**os.environ, "TRACKER_WAYBACK_URL": base, "TRACKER_ALLOW_LOOPBACK": "1"}
    tracker = [sys.executable, "-m", "tracker", "--archive", str(archive), "--declarations", str(place / "declared")]

    def run(*arguments: str) -> list[dict]:
        done = subprocess.run([*tracker, *arguments], capture_output=True, text=True, env=environment, cwd=place)
        if done.returncode:
            sys.exit(f"{' '.join(arguments)}: {done.stderr}")
        return [json.loads(line) for line in done.stdout.splitlines()]

    before = spent()
    said = run("backfill", document, "--source", "wayback", *options, "--json")[0]
    return Filled(said, run("changes", document, "--json"), spent() - before)


def spent() -> float:
    """Seconds of CPU of all children that ended."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def truths(folder: Path) -> list[tuple[str, str]]:
    """The judged steps in which the words of the terms changed: the captures before and after."""
    with (folder / "changes.csv").open(encoding="utf-8", newline="") as file:
        return [(row["from_ts"], row["to_ts"]) for row in csv.DictReader(file) if row["label"] == "substantive"]


def explained(step: tuple[str, str], changes: Sequence[dict]) -> bool:
    """Whether a stated window holds the whole step."""
    return any((one["window"][0] or "") <= step[0] and one["window"][1] >= step[1] for one in changes)


def lost(whole: Sequence[dict], few: Sequence[dict]) -> list[dict]:
    """Changes that all captures show and that no window of the few holds."""
    return [one for one in whole if not explained((one["window"][0] or "", one["window"][1]), few)]


if __name__ == "__main__":
    main()
