"""The live site: the static site's templates and views, answered from the archive as it is now. It only reads."""

from __future__ import annotations

import json
import socket
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import groupby
from pathlib import Path
from threading import Lock
from typing import Any
from urllib.parse import quote

import uvicorn
from starlette.applications import Starlette
from starlette.concurrency import run_in_threadpool
from starlette.datastructures import MutableHeaders
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.routing import Route

from tracker import card, feeds, pages, render
from tracker.errors import ArchiveError, NotFound, TrackerError, WrongQuery
from tracker.model import ChangeRecord, stamp
from tracker.pages import Edition, Page
from tracker.rules import RuleSet
from tracker.store import Store, derived, log, outbox, prints
from tracker.views import data, dossier
from tracker.watch import heart

HTML, JSON = "text/html; charset=utf-8", "application/json; charset=utf-8"
KINDS = {"css": "text/css; charset=utf-8", "js": "text/javascript; charset=utf-8", "svg": "image/svg+xml"}
CARD = "card.png"
FILES = ("index.html", "index.json", CARD, *feeds.FILES, *data.TABLES)
KEPT = 300  # answers kept for the next reader, as long as the archive does not change
KEPT_BYTES = 64 << 20  # of them together: every query is an answer of its own, and pages can be large
HEADERS = {
    "content-security-policy": f"{render.POLICY}; frame-ancestors 'none'",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
}
STILL = 60.0  # seconds after which a sign of life is too old
LOCAL = ("127.0.0.1", "localhost", "::1")


def application(
    archive: Path,
    rules: RuleSet,
    base_url: str = "",
    hosts: Sequence[str] = ("*",),
    embargo: timedelta = timedelta(),
) -> Starlette:
    """The live site of an archive as an ASGI application. `hosts` are the names under which it answers; what was seen
    less than `embargo` ago does not exist for its readers.

    Raises NotFound, Foreign, Corrupt or ArchiveError for an archive that cannot be read.
    """
    Store.read(archive).close()
    desk = Desk(archive, rules, base_url, embargo)

    async def answer(request: Request) -> Response:
        return await run_in_threadpool(desk.answer, request)

    async def refused(request: Request, error: Exception) -> Response:
        status = error.status_code if isinstance(error, HTTPException) else 500
        return trouble(request, TrackerError(*WORDS.get(status, WORDS[500])), status)

    return Starlette(
        routes=[Route("/{path:path}", answer)],
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=list(hosts)), Middleware(Guarded)],
        exception_handlers={HTTPException: refused, Exception: refused},
    )


def serve(
    archive: Path, rules: RuleSet, base_url: str, host: str, port: int, embargo: timedelta = timedelta()
) -> tuple[uvicorn.Server, socket.socket]:
    """A server and its open socket: `server.run(sockets=[socket])` answers until it is stopped. Port 0 takes any free
    one. Raises TrackerError where the address cannot be used, and as `application`."""
    app = application(archive, rules, base_url, LOCAL if host in LOCAL else ("*",), embargo)
    try:
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        opened = socket.create_server((host, port), family=family)
    except OSError as error:
        remedy = "Name another with --host or --port; port 0 takes any free one."
        raise TrackerError(
            f"The address cannot be used: {error.strerror or error}.", f"{host}:{port}", remedy
        ) from error
    config = uvicorn.Config(app, log_level="warning", server_header=False, lifespan="off", timeout_graceful_shutdown=2)
    return uvicorn.Server(config), opened


def health(archive: Path) -> Response:
    """How the watch of an archive stands, for monitors: 200 while it runs and sees documents, else 503; and how many
    alerts were given up, for how many receivers that are gone others wait."""
    beat = heart.last_beat(archive)
    said = beat or {"status": "no watch runs"}
    alive = said.get("status") == "ok" and heart.age(said) < STILL
    with suppress(ArchiveError), Store.read(archive) as store:
        said |= {
            "alerts_given_up": outbox.counts(store).get("dead", 0),
            "receivers_off": len(outbox.switched_off(store)),
        }
    return Response(json.dumps(said), 200 if alive else 503, {"cache-control": "no-store"}, JSON)


class Guarded:
    """Puts the headers that guard readers on every answer, also on those that say that something went wrong."""

    def __init__(self, app: Any) -> None:
        self.app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        async def guarded(message: Any) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in HEADERS.items():
                    headers.setdefault(name, value)
            await send(message)

        await self.app(scope, receive, guarded)


# ---- answers -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Kept:
    """An answer, and what it was made of: the state of the archive's file, and that of the document it rests on."""

    mark: object
    print_: object
    body: bytes
    kind: str


class Desk:
    """Answers questions from the archive. Answers are kept while the archive's file stays as it is; so is the health
    of each document while its checks do. Used by many threads: each answer opens the archive for itself."""

    def __init__(self, archive: Path, rules: RuleSet, base_url: str, embargo: timedelta = timedelta()) -> None:
        self.archive, self.rules, self.base_url, self.embargo = archive, rules, base_url, embargo
        self.kept: OrderedDict[tuple[str, str], Kept] = OrderedDict()
        self.healths: dict[str, tuple[object, dict[str, Any]]] = {}
        self.rows: dict[str, tuple[object, Mapping[str, Any]]] = {}
        self.listed: tuple[object, list[ChangeRecord]] | None = None
        self.lock = Lock()
        self.assets = render.assets()

    def answer(self, request: Request) -> Response:
        """Whatever is asked for: an asset, a capture's bytes, a page or its twin."""
        path = request.path_params["path"]
        folder, _, name = path.partition("/")
        try:
            if path == "healthz":
                return health(self.archive)
            if folder == "assets" and name in self.assets:
                kind = KINDS.get(name.rpartition(".")[2], "application/octet-stream")
                return conditional(request, self.assets[name], kind, "public, max-age=86400")
            if folder == "raw":
                return self.raw(request, name)
            if folder == "log":
                return self.log(request, path)
            if path and not f"/{path}".endswith(("/", *(f"/{name}" for name in FILES))):
                return RedirectResponse(f"/{quote(path.strip('/'))}/", 308)
            return self.page(request, path)
        except TrackerError as error:
            status = next((code for kind, code in STATUS.items() if isinstance(error, kind)), 500)
            return trouble(request, error, status)

    def until(self) -> datetime | None:
        """What was seen later is not shown yet, to the minute; None where nothing is held back."""
        return (datetime.now(UTC) - self.embargo).replace(second=0, microsecond=0) if self.embargo else None

    def read(self) -> Store:
        """The archive as the public may see it now."""
        return Store.read(self.archive, self.until())

    def raw(self, request: Request, name: str) -> Response:
        """The raw bytes of a capture by their SHA-256, as a download; with ".txt" at its end as text to be looked at.
        Never as what they say they are: they are hostile until shown otherwise."""
        digest = name.removesuffix(".txt").strip("/")
        with self.read() as store:
            body = store.bytes_named(digest)
        if name.endswith(".txt"):
            return conditional(request, body, "text/plain; charset=utf-8")
        answer = conditional(request, body, "application/octet-stream")
        answer.headers["content-disposition"] = f'attachment; filename="{digest}.bin"'
        return answer

    def log(self, request: Request, path: str) -> Response:
        """What of the log is for everyone to keep: the newest checkpoint, and the keys that sign."""
        with self.read() as store:
            sealed = log.published(store)
        if sealed is None or path not in sealed.files:
            raise NotFound("There is no such part of the log.", path, "See log/checkpoint.txt and log/keys.txt.")
        return conditional(request, sealed.files[path], "text/plain; charset=utf-8")

    def page(self, request: Request, path: str) -> Response:
        key, mark = (path, request.url.query), self.mark()
        with self.lock:
            found = self.kept.get(key)
        if not found or found.mark != mark:
            with self.read() as store:
                print_ = self.print_of(store, path, request.query_params)
                if found and print_ and found.print_ == print_:
                    found = replace(found, mark=mark)
                else:
                    found = Kept(mark, print_, *self.made(store, path, request.query_params))
            with self.lock:
                self.kept[key] = found
                self.kept.move_to_end(key)
                while len(self.kept) > KEPT or sum(len(one.body) for one in self.kept.values()) > KEPT_BYTES:
                    self.kept.popitem(last=False)
        return conditional(request, found.body, found.kind)

    def print_of(self, store: Store, path: str, query: Mapping[str, str]) -> object:
        """What a page that compares texts rests on, where that is one document: such pages cost most to make, and
        checks of other documents leave them as they are."""
        kind, _, rest = path.partition("/")
        name = "/".join(rest.split("/")[:2]) if kind in ("change", "version") else ""
        if kind == "compare" and query.get("other", "") in ("", query.get("document")):
            name = query.get("document", "")
        return prints.take(store, name).get(name) if name else None

    def made(self, store: Store, path: str, query: Mapping[str, str]) -> tuple[bytes, str]:
        """The bytes of a page or of its twin, and their type."""
        address = path.removesuffix("index.html").removesuffix("index.json")
        folder, _, name = path.rpartition("/")
        edition = Edition(store, self.rules, self.base_url, live=True, raw=True)
        edition.health_of = lambda: self.health(edition)
        edition.stances_of = lambda: self.stances(edition)
        edition.changes_of = lambda: self.changes(store)
        if name in feeds.FILES:
            found = feeds.find(edition, f"{folder}/")
            return feeds.write(name, found, self.base_url), feeds.FILES[name]
        if folder == "data" and name in data.TABLES:
            return render.table(pages.table(edition, name)), "text/csv; charset=utf-8"
        if name == CARD:
            return self.card(edition, f"{folder}/"), "image/png"
        page: Page = pages.find(edition, address, query)
        if path.endswith("index.json"):
            return render.twin(page.values), JSON
        return render.page(page.template, page.values, address, live=True), HTML

    def card(self, edition: Edition, address: str) -> bytes:
        page = pages.find(edition, address)
        if not page.values.get("card"):
            raise NotFound("This page has no card.", address, "Only changes that concern AI have one.")
        return card.draw(page.values)

    def health(self, edition: Edition) -> list[dict[str, Any]]:
        """The health of every document; each is read again only when its checks or versions changed."""
        found = []
        taken = prints.take(edition.store)
        for document in edition.documents:
            known = self.healths.get(document.id)
            until = known and known[1]["fresh_until"]
            mark = taken[document.id], bool(until and edition.latest and stamp(edition.latest) > until)
            if not known or known[0] != mark:
                known = mark, dossier.health(edition.story(document), edition.latest)
                self.healths[document.id] = known
            found.append(known[1])
        return found

    def stances(self, edition: Edition) -> list[Mapping[str, Any]]:
        """The row of every platform in the matrix; each is made again only when a document of it was looked at."""
        taken = prints.take(edition.store)
        found = []
        for name, own in groupby(edition.documents, key=lambda one: one.platform_id):
            documents = list(own)
            mark = [taken[document.id] for document in documents]
            known = self.rows.get(name)
            if not known or known[0] != mark:
                known = mark, pages.stance_row(edition, [edition.story(document) for document in documents])
                self.rows[name] = known
            found.append(known[1])
        return found

    def changes(self, store: Store) -> list[ChangeRecord]:
        """All changes, newest first; read again only when one was written."""
        tally = (
            prints.tally(store),
            self.until(),
        )  # before the list: what is written in between makes the list newer, never older
        listed = self.listed
        if not listed or listed[0] != tally:
            self.listed = listed = tally, derived.changes(store)
        return listed[1]

    def mark(self) -> object:
        """Changes whenever somebody writes to the archive, and when what was held back may be shown."""
        marks: list[object] = [self.until()]
        for path in (self.archive, self.archive.with_name(f"{self.archive.name}-wal")):
            try:
                stat = path.stat()
                marks.append((stat.st_ino, stat.st_mtime_ns, stat.st_size))
            except OSError:
                marks.append(None)
        return tuple(marks)


def conditional(request: Request, body: bytes, kind: str, cache: str = "no-cache") -> Response:
    """An answer with its ETag; 304 without a body where the reader has these bytes already."""
    tag = f'"{sha256(body).hexdigest()[:32]}"'
    headers = {"etag": tag, "cache-control": cache}
    wanted = [one.strip().removeprefix("W/") for one in request.headers.get("if-none-match", "").split(",")]
    if tag in wanted or wanted == ["*"]:
        return Response(status_code=304, headers=headers)
    return Response(body, headers={**headers, "content-type": kind})


STATUS = {NotFound: 404, WrongQuery: 400, ArchiveError: 503}
WORDS = {
    404: ("There is no such page.", "", pages.LISTED),
    405: ("This site can only be read.", "", "Ask with GET."),
    400: ("The server does not answer under this name.", "", "Use the address that it printed when it started."),
    500: ("The program met something that it does not know.", "", "Go back; the log of the server says more."),
}


def trouble(request: Request, error: TrackerError, status: int) -> Response:
    """An error as a page, or as JSON where JSON was asked for, that says what to do."""
    path = request.path_params.get("path", request.url.path.lstrip("/"))
    values = {
        "kind": "error",
        "title": error.what,
        "status": status,
        "where": error.where if status in (400, 404) else "",
        "remedy": error.remedy,
    }
    if path.endswith(".json"):
        return Response(render.twin(values), status, media_type=JSON)
    body = render.page("error", values, path[: path.rfind("/") + 1], live=True)
    return Response(body, status, headers={"content-type": HTML, "cache-control": "no-cache"})
