"""A round of checks beside webchanges and urlwatch: CPU of the whole process, on the same real pages, in one run.

    TRACKER_CORPUS=… python benchmarks/peers.py [--pages 60] [--repeat 3]

The peers are installed into an environment of their own. Rows: the first round; nothing changed, answered with 304;
nothing changed, no validators; other bytes with the same text (a number in a script and in the links); a tenth of the
pages changed. What each does differs: we keep the raw bytes with their proof, compare by clause and judge; webchanges
and urlwatch turn the page into text and compare its lines. Read the figures as ratios.
"""

from __future__ import annotations

import argparse
import csv
import hashlib
import json
import os
import resource
import statistics
import subprocess
import sys
import tarfile
import tempfile
import threading
import venv
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

REPLAY = Path(os.environ["TRACKER_CORPUS"]) / "replay"
ROWS = ("first", "304", "same bytes", "same text", "a tenth changed")


class Pages(ThreadingHTTPServer):
    """Real pages on loopback: `row` says how they differ from the round before."""

    daemon_threads = True

    def __init__(self, pages: list[tuple[bytes, bytes]]) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.pages, self.row, self.visit = pages, "first", 0
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def body(self, number: int) -> bytes:
        earlier, later = self.pages[number]
        body = later if self.row == "a tenth changed" and number % 10 == 0 else earlier
        return body.replace(b"</body>", b"<script>var visit = %d;</script></body>" % self.visit, 1)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Pages

    def do_GET(self) -> None:
        name = self.path.strip("/").partition("?")[0]
        body = self.server.body(int(name)) if name.isdecimal() else b""
        etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"'
        known = self.server.row in ("first", "304")
        if not name.isdecimal():
            self.send_response(404)
            body = b""
        elif known and self.headers["If-None-Match"] == etag:
            self.send_response(304)
            body = b""
        else:
            self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        if known:
            self.send_header("ETag", etag)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


def pages(count: int) -> list[tuple[bytes, bytes]]:
    """Real pages, each with one of the same document in other words."""
    found = []
    for folder in sorted((REPLAY / "docs").glob("*/*")):
        with (folder / "captures.csv").open(encoding="utf-8") as file:
            files = {row["timestamp"]: row for row in csv.DictReader(file) if "html" in row["content_type"]}
        with (folder / "changes.csv").open(encoding="utf-8") as file:
            steps = [row for row in csv.DictReader(file) if row["label"] == "substantive" and row["from_ts"] in files]
        with tarfile.open(folder / "captures.tar.xz") as packed:
            bodies = {name.name: packed.extractfile(name).read() for name in packed.getmembers()} if steps else {}
        for step in steps[:4]:
            found.append(tuple(bodies[files[step[side]]["file"]] for side in ("from_ts", "to_ts")))
    return (found * (count // len(found) + 1))[:count]


def spent(command: list[str], where: Path, environment: dict[str, str]) -> float:
    """CPU seconds of a process and its children."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    done = subprocess.run(
        command, cwd=where, env={**os.environ, **environment}, capture_output=True, text=True, check=False
    )
    if done.returncode not in (0, 3):
        raise SystemExit(f"{command} ended with {done.returncode}:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


class Tracker:
    name = "tracker"

    def __init__(self, place: Path, base: str, count: int) -> None:
        self.place = place
        (place / "declared").mkdir()
        terms = {f"Terms {n}": {"fetch": f"{base}/{n}"} for n in range(count)}
        (place / "declared" / "Pages.json").write_text(json.dumps({"name": "Pages", "terms": terms}))
        (place / "tracker.toml").write_text("delay = 0\n")

    def round(self) -> float:
        environment = {
            "TRACKER_ALLOW_LOOPBACK": "1",
            "TRACKER_DECLARATIONS": str(self.place / "declared"),
            "TRACKER_ARCHIVE": str(self.place / "t.db"),
            "PYTHONPATH": str(Path(__file__).parent.parent),
        }
        return spent([sys.executable, "-m", "tracker", "check"], self.place, environment)


class Peer:
    """webchanges or urlwatch: the same jobs, their text of a page, and a report to standard output."""

    def __init__(self, place: Path, base: str, count: int, name: str, program: Path) -> None:
        self.name, self.place, self.program = name, place, program
        jobs = [f"name: page {n}\nurl: {base}/{n}\nfilter:\n  - html2text: pyhtml2text\n" for n in range(count)]
        (place / "jobs.yaml").write_text("---\n".join(jobs))
        (place / "config.yaml").write_text("report:\n  stdout:\n    enabled: true\n    color: false\n")

    def round(self) -> float:
        cache = "--database" if self.name == "webchanges" else "--cache"
        jobs = "--jobs" if self.name == "webchanges" else "--urls"
        command = [str(self.program), jobs, "jobs.yaml", "--config", "config.yaml", cache, "cache.db"]
        return spent(command, self.place, {"NO_PROXY": "*", "HOME": str(self.place)})


def installed(place: Path) -> Path:
    venv.create(place, with_pip=True)
    pip = [str(place / "bin" / "python"), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    subprocess.run([*pip, "webchanges[html2text]", "urlwatch", "html2text", "setuptools"], check=True)
    return place / "bin"


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pages", type=int, default=60)
    parser.add_argument("--repeat", type=int, default=3)
    arguments = parser.parse_args()
    found: dict[str, dict[str, list[float]]] = {row: {} for row in ROWS}
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        programs = installed(place / "peers")
        served = pages(arguments.pages)
        for turn in range(arguments.repeat):
            server = Pages(served)
            base = f"http://127.0.0.1:{server.server_address[1]}"
            runners = []
            for kind in ("tracker", "webchanges", "urlwatch"):
                home = place / f"{kind}-{turn}"
                home.mkdir()
                program = programs / kind
                runners.append(
                    Tracker(home, base, len(served))
                    if kind == "tracker"
                    else Peer(home, base, len(served), kind, program)
                )
            for row in ROWS:
                server.row, server.visit = row, server.visit + (row == "same text")
                for runner in runners:
                    found[row].setdefault(runner.name, []).append(runner.round())
            server.shutdown()
    print(f"CPU seconds for {arguments.pages} pages, whole process, median of {arguments.repeat}")
    print(f"{'':18}{'tracker':>10}{'webchanges':>12}{'urlwatch':>10}{'ratio to the better':>21}")
    for row in ROWS:
        ours, *others = (statistics.median(found[row][name]) for name in ("tracker", "webchanges", "urlwatch"))
        print(f"{row:18}{ours:10.2f}{others[0]:12.2f}{others[1]:10.2f}{ours / min(others):21.2f}")


if __name__ == "__main__":
    main()
