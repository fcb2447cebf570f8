"""Whether the archive survives being killed: SIGKILL at random moments of every command that writes.

    TRACKER_CORPUS=… python benchmarks/kills.py [--times 300] [--seed 1]

A server plays a few real documents over years; each round runs a command (check, backfill, reanalyse, backup, expunge)
and kills it, with all its workers, after a random part of the time that it took before. After every kill: `verify`
finds no damage, and every check that the command had printed is in the archive. In the end: a whole run, and what is
derived again from the captures is what stands there, so no change is missing and none is there twice.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import re
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from contextlib import closing
from datetime import UTC, datetime, timedelta
from pathlib import Path

from tracker.evidence.verify import verify
from tracker.store import Store

DOCUMENTS = ("tinder/privacy-policy", "cursor/privacy-policy", "xai/privacy-policy", "finya/privacy-policy")
START = datetime(2024, 1, 1, tzinfo=UTC)
STEP = timedelta(days=3)
WEIGHTS = {"check": 10, "backfill": 4, "reanalyse": 3, "backup": 2, "expunge": 1}


class Play:
    """The server, the folder of a run, and how long commands took."""

    def __init__(self, corpus: Path, folder: Path, chance: random.Random) -> None:
        self.folder, self.chance, self.at = folder, chance, START
        self.took = dict.fromkeys(WEIGHTS, 2.0)
        self.counts: Counter[str] = Counter()
        self.acknowledged: Counter[str] = Counter()
        self.faults: list[str] = []
        command = [sys.executable, str(corpus / "replay" / "serve.py"), "--port", "0", "--at", f"{START:%Y-%m-%d}"]
        self.server = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        self.base = next(
            found[0] for line in self.server.stdout if (found := re.search(r"http://127\.0\.0\.1:\d+", line))
        )
        declare = [sys.executable, str(corpus / "replay" / "declare.py"), "--out", str(folder / "declared")]
        subprocess.run([*declare, "--base", self.base], check=True, capture_output=True)
        (folder / "tracker.toml").write_text("delay = 0.0\nwayback_pace = 0.01\n")
        self.archive = folder / "tracker.db"

    def arguments(self, name: str) -> list[str]:
        """A command as it is run now."""
        if name == "check":
            self.at += STEP
            urllib.request.urlopen(
                urllib.request.Request(f"{self.base}/clock?at={self.at:%Y-%m-%dT%H:%M:%SZ}", data=b"")
            )
            return ["check", "--json", *DOCUMENTS]
        if name == "backfill":
            return ["backfill", self.chance.choice(DOCUMENTS), "--from", "2022", "--to", "2024"]
        if name == "backup":
            return ["backup", "copy.db", "--workers", "1"]
        if name == "expunge":
            with Store.read(self.archive) as store:
                rows = store.rows("select id from capture where blob_id not in (select blob_id from removal)")
            rows = rows or [{"id": 1}]
            return ["expunge", str(self.chance.choice(rows)["id"]), "--by", "me", "--why", "a try", "--yes"]
        return ["reanalyse", "--workers", "2"]

    def run(self, name: str, killed: bool) -> None:
        """Runs a command, kills it or not, and looks at what is left."""
        arguments = self.arguments(name)
        environment = os.environ | {
            "TRACKER_ALLOW_LOOPBACK": "1",
            "TRACKER_DECLARATIONS": str(self.folder / "declared"),
            "TRACKER_ARCHIVE": str(self.archive),
            "TRACKER_WAYBACK_URL": self.base,
            "PYTHONUNBUFFERED": "1",
        }
        start = time.monotonic()
        process = subprocess.Popen(
            [sys.executable, "-m", "tracker", *arguments],
            cwd=self.folder,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            start_new_session=True,
        )
        try:
            out, err = process.communicate(timeout=self.chance.uniform(0.2, 1.1 * self.took[name]) if killed else 600)
            self.took[name] = 0.5 * self.took[name] + 0.5 * (time.monotonic() - start)
            self.counts[f"{name}, ended before"] += killed
            if b"fault of ours" in err:
                self.faults.append(f"{name}: {err.decode()[:300]}")
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, signal.SIGKILL)
            out, _ = process.communicate()
            self.counts[f"{name}, killed"] += 1
            self.took[name] *= 1.05
        for line in out.splitlines() if name == "check" else ():
            said = json.loads(line) if line.startswith(b"{") and line.endswith(b"}") else {}
            if said.get("outcome") in ("captured", "unchanged", "suspect", "blocked", "failed"):
                self.acknowledged[said["document"]] += 1
        self.look(name)

    def look(self, name: str) -> None:
        """Verifies the archive and what was acknowledged."""
        if not self.archive.exists() or not self.archive.stat().st_size:
            return
        with closing(Store.write(self.archive)):  # goes through SQLite's own recovery, and makes what was half made
            pass
        with Store.read(self.archive) as store:
            self.faults += [f"after {name}: {damage}" for damage in verify(store).damages]
            for document, count in self.acknowledged.items():
                row = store.row(
                    'select count(*) as n from "check" c join document d on d.id = c.document_id '
                    "where d.slug = ? and c.source = 'live'",
                    document,
                )
                if row["n"] < count:
                    self.faults.append(f"after {name}: {document} has {row['n']} checks, {count} were acknowledged")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--times", type=int, default=300)
    parser.add_argument("--seed", type=int, default=1)
    args = parser.parse_args()
    corpus = Path(os.environ.get("TRACKER_CORPUS", ""))
    if not (corpus / "replay" / "serve.py").is_file():
        sys.exit("Set TRACKER_CORPUS to the folder of real captures; there is nothing to measure without it.")
    chance = random.Random(args.seed)
    with tempfile.TemporaryDirectory() as folder:
        play = Play(corpus, Path(folder), chance)
        try:
            play.run("check", killed=False)
            while sum(count for name, count in play.counts.items() if name.endswith("killed")) < args.times:
                play.run(chance.choices(list(WEIGHTS), list(WEIGHTS.values()))[0], killed=True)
            for name in ("backfill", "check", "reanalyse"):
                play.run(name, killed=False)
            report(play)
        finally:
            play.server.terminate()
            play.server.wait()


def report(play: Play) -> None:
    for name, count in sorted(play.counts.items()):
        print(f"{name:28}{count:6}")
    command = [sys.executable, "-m", "tracker", "--archive", str(play.archive), "reanalyse", "--json"]
    environment = os.environ | {"TRACKER_DECLARATIONS": str(play.folder / "declared")}
    again = subprocess.run(command, cwd=play.folder, env=environment, check=True, capture_output=True, text=True)
    with Store.read(play.archive) as store:
        totals = store.row(
            'select (select count(*) from "check") as checks, (select count(*) from capture) as captures, '
            "(select count(*) from version) as versions, (select count(*) from change) as changes, "
            "(select count(*) from removal) as removals"
        )
    print(", ".join(f"{count} {name}" for name, count in totals.items()))
    print(f"{len(again.stdout.splitlines())} versions or changes differ when all is read again")
    print(f"{len(play.faults)} faults")
    for fault in play.faults[:20]:
        print("  ", fault)
    sys.exit(bool(play.faults or again.stdout))


if __name__ == "__main__":
    main()
