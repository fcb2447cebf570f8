"""The bundled history of invented platforms, played through the real pipeline over real HTTP, offline and in seconds.

A server on this machine is the web: at every moment of its clock it serves the page that a platform had then, with
validators, compression, walls and outages. The player moves the clock from check to check and looks at the documents
that are due. Nothing of what follows knows that it is a demo.

`data/demo/` holds the declarations, the pages (`<platform>/<document>/<moment from which it was served>.html`) and
`script.toml`: when to look, and the spells in which something else was served.
"""

from __future__ import annotations

import asyncio
import gzip
import re
import threading
import tomllib
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from socketserver import TCPServer
from typing import Any
from urllib.parse import urlsplit

from tracker import declarations, pipeline, rules, timeline
from tracker.errors import FetchError
from tracker.fetch import Fetcher
from tracker.model import Declaration, Response
from tracker.settings import Settings, bundled
from tracker.store import Store, derived

STAMP = re.compile(rb"\{\{(token:(\d{1,2})|seconds|year)\}\}")  # what differs in a page each time that it is asked for
DAY = timedelta(days=1)

Progress = Callable[[int, int, str], None]  # done, of how many, what


@dataclass(frozen=True, slots=True)
class Showing:
    """A page that was served from one moment on, in a spell only until another."""

    file: Path
    since: datetime
    until: datetime | None = None
    status: int = 200
    retry_after: int | None = None


@dataclass(frozen=True, slots=True)
class Script:
    """All that happens: what each document showed when, and the days on which it is looked at."""

    showings: Mapping[str, tuple[Showing, ...]]  # by document: its history in order of time, then its spells
    moments: tuple[tuple[datetime, tuple[str, ...]], ...]  # in order, each with the documents that are due


@dataclass(frozen=True, slots=True)
class Played:
    """How much an archive holds after the play. `flagged` counts the changes that concern AI."""

    documents: int
    checks: int
    versions: int
    changes: int
    flagged: int


def play(archive: Path, progress: Progress | None = None) -> Played:
    """Plays the bundled history into an archive.

    What the archive holds of it already is not looked at again, so a play that was cut short goes on where it ended
    and a second one changes nothing. `progress` is called after each moment. Raises ArchiveError.
    """
    folder = bundled("data") / "demo"
    catalogue = declarations.load(folder).declarations
    script = read_script(folder)
    with Store.write(archive) as store, staged(script, catalogue) as stage:
        asyncio.run(_perform(store, stage, script, catalogue, progress or (lambda done, total, what: None)))
        return _count(store)


async def _perform(
    store: Store, stage: Stage, script: Script, catalogue: Mapping[str, Declaration], progress: Progress
) -> None:
    judging = rules.load(bundled("data") / "rules")
    timeline.refresh(store, catalogue, judging)
    last = {document.id: store.checks(document.id, 1)[0].at for document in store.documents()}
    async with StageFetcher(stage) as fetcher:
        for done, (moment, due) in enumerate(script.moments, 1):
            stage.clock = moment
            waiting = [catalogue[name] for name in due if name not in last or last[name] < moment]
            if waiting:
                await pipeline.check(waiting, store, judging, fetcher=fetcher, now=lambda: stage.clock)
            progress(done, len(script.moments), f"{moment:%B %Y}")


def _count(store: Store) -> Played:
    names = [document.id for document in store.documents()]
    changes = derived.changes(store)
    return Played(
        documents=len(names),
        checks=sum(sum(store.outcome_counts(name).values()) for name in names),
        versions=sum(len(derived.versions(store, name)) for name in names),
        changes=len(changes),
        flagged=sum(change.ai_change for change in changes),
    )


# ---- the script --------------------------------------------------------------------------------------------------


def read_script(folder: Path) -> Script:
    """The script of a folder of pages."""
    told = tomllib.loads((folder / "script.toml").read_text("utf-8"))
    showings = {name: _showings(folder, name, told["spell"]) for name in told["since"]}
    due: dict[datetime, list[str]] = {}
    for name, since in told["since"].items():
        for moment in _moments(told, since, showings[name]):
            due.setdefault(moment, []).append(name)
    return Script(showings, tuple((moment, tuple(due[moment])) for moment in sorted(due)))


def _showings(folder: Path, document: str, spells: list[dict[str, Any]]) -> tuple[Showing, ...]:
    pages = sorted((folder / document).glob("*.html"))
    history = [Showing(page, datetime.strptime(page.stem, "%Y-%m-%dT%H%M%S%z")) for page in pages]
    return *history, *(_spell(folder, told) for told in spells if told["document"] == document)


def _spell(folder: Path, told: Mapping[str, Any]) -> Showing:
    page = folder / "spells" / told["page"]
    return Showing(page, told["from"], told["until"], told.get("status", 200), told.get("retry_after"))


def _moments(told: Mapping[str, Any], since: date, showings: tuple[Showing, ...]) -> Iterator[datetime]:
    """The checks of one document: now and then, and daily around everything that happens to it."""
    hour = time(told["hour"], tzinfo=UTC)
    days = {since + n * told["every"] * DAY for n in range((told["until"] - since).days // told["every"] + 1)}
    happenings = {moment for showing in showings for moment in (showing.since, showing.until) if moment}
    for moment in happenings:
        before = moment.date() if moment.timetz() >= hour else moment.date() - DAY
        days |= {before, before + DAY, before + 2 * DAY}
    days.add(told["until"])
    return (datetime.combine(day, hour) for day in sorted(days) if since <= day <= told["until"])


# ---- the web as it was -------------------------------------------------------------------------------------------


class Stage(ThreadingHTTPServer):
    """The web of the demo on a free port of this machine. A page of tonewharf.example is at /tonewharf.example/…

    `clock` is the present moment there.
    """

    daemon_threads = True

    def __init__(self, script: Script, catalogue: Mapping[str, Declaration]) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.clock = script.moments[0][0]
        self._showings = {staged_path(catalogue[name].sources[0].url): all for name, all in script.showings.items()}

    def server_bind(self) -> None:
        # As HTTPServer does, without looking up a name for the address: offline that can take many seconds.
        TCPServer.server_bind(self)
        self.server_name, self.server_port = self.server_address[:2]

    def showing(self, path: str) -> Showing | None:
        """What is served at a path now: the latest of the spells in force, else of the pages."""
        begun = [found for found in self._showings.get(path, ()) if found.since <= self.clock]
        spells = [found for found in begun if found.until and self.clock < found.until]
        pages = [found for found in begun if found.until is None]
        return max(spells or pages, key=lambda found: found.since, default=None)


class Handler(BaseHTTPRequestHandler):
    """Answers as web servers do: validators and compression for pages that stand, neither for those made afresh."""

    server: Stage
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True  # else each answer waits for an acknowledgement

    def do_GET(self) -> None:
        showing = self.server.showing(self.path)
        if showing is None:
            self._answer(404, b"There is no such page.")
            return
        page = showing.file.read_bytes()
        body = stamped(page, f"{self.path} {self.server.clock}", self.server.clock)
        if showing.status != 200:
            wait = {"Retry-After": str(showing.retry_after)} if showing.retry_after else {}
            self._answer(showing.status, body, wait)
        elif body != page:
            self._answer(200, body, {"Cache-Control": "no-store"})
        else:
            known = {
                "ETag": f'"{sha256(page).hexdigest()[:20]}"',
                "Last-Modified": format_datetime(showing.since, True),
            }
            self._answer(304 if self._has(known, showing) else 200, page, known)

    def _has(self, validators: Mapping[str, str], showing: Showing) -> bool:
        """Whether the reader already holds this page. An ETag goes before a date (RFC 9110, section 13.2.2)."""
        if etag := self.headers["If-None-Match"]:
            return etag == validators["ETag"]
        held = self.headers["If-Modified-Since"]
        return bool(held) and showing.since <= parsedate_to_datetime(held)

    def _answer(self, status: int, body: bytes, headers: Mapping[str, str] | None = None) -> None:
        packed = gzip.compress(body, mtime=0)
        self.send_response(status)
        for name, value in (headers or {}).items():
            self.send_header(name, value)
        if status != 304:
            self.send_header("Content-Type", "text/html")  # without a charset, as many do: the page itself says it
            self.send_header("Content-Encoding", "gzip")
            self.send_header("Content-Length", str(len(packed)))
        self.end_headers()
        if status != 304:
            self.wfile.write(packed)

    def date_time_string(self, timestamp: float | None = None) -> str:
        return format_datetime(self.server.clock, True)

    def version_string(self) -> str:
        return "stage"

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing: the player reports what matters."""


def stamped(page: bytes, seed: str, clock: datetime) -> bytes:
    """A page with what differs each time: `{{token:N}}` becomes N hexadecimal digits, `{{seconds}}` and `{{year}}`
    the time."""
    digits = sha256(seed.encode()).hexdigest()

    def value(mark: re.Match[bytes]) -> bytes:
        if mark[2]:
            return digits[: int(mark[2])].encode()
        return f"{clock.timestamp():.0f}".encode() if mark[1] == b"seconds" else str(clock.year).encode()

    return STAMP.sub(value, page)


def staged_path(url: str) -> str:
    """Where the stage serves an address."""
    parts = urlsplit(url)
    return f"/{parts.netloc}{parts.path}"


@contextmanager
def staged(script: Script, catalogue: Mapping[str, Declaration]) -> Iterator[Stage]:
    """The stage, serving until the end of the block."""
    with Stage(script, catalogue) as stage:
        serving = threading.Thread(target=stage.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        serving.start()
        try:
            yield stage
        finally:
            stage.shutdown()
            serving.join()


class StageFetcher(Fetcher):
    """Asks the stage for what it is asked for, and names in its answers the addresses that they stand for."""

    def __init__(self, stage: Stage) -> None:
        super().__init__(Settings(delay=0, allow_loopback=True), lambda: stage.clock)
        self.renders = False  # the same everywhere, whether a browser is installed or not
        self._stage = f"http://127.0.0.1:{stage.server_port}"

    async def fetch(self, url: str, etag: str = "", last_modified: str = "") -> Response:
        try:
            answer = await super().fetch(self._stage + staged_path(url), etag, last_modified)
        except FetchError as error:
            error.where = url
            raise
        return replace(answer, url=url, final_url=url)
