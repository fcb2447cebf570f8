"""The static site: every page with its JSON twin, links that work from any folder, only changed files written."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tracker import derived, dossier, entries, exhibit, render, story, views
from tracker.errors import TrackerError
from tracker.model import ChangeRecord
from tracker.store import Store

MARKER = ".tracker-site.json"  # says that a folder is ours, and which files in it
Progress = Callable[[int, int, str], None]  # done, of how many, what
Page = tuple[str, str, Mapping[str, Any]]  # address, template, values


@dataclass(frozen=True, slots=True)
class Built:
    """What a build did: pages of the site, files written because they are new or changed, files removed."""

    pages: int
    written: int
    removed: int


def build(store: Store, out: Path, *, base_url: str = "", progress: Progress | None = None) -> Built:
    """Writes the site of an archive into a folder; the same archive gives the same bytes.

    `base_url` is where the site is published, for citations. A page of a change or version that the archive holds no
    longer is replaced by one that says so. Raises TrackerError for a folder that holds something else, or cannot be
    written, and Corrupt.
    """
    folder = _Folder(out)
    pages = 0
    for name, body in render.assets().items():
        folder.write(f"assets/{name}", body)
    for address, template, values in _pages(store, base_url, progress or (lambda done, total, what: None)):
        folder.write(f"{address}index.html", render.page(template, {**values, "base_url": base_url}, address))
        folder.write(f"{address}index.json", render.twin(values))
        pages += 1
    for address in folder.dissolved():
        values = {"kind": "dissolved", "title": "This page has been dissolved", "address": address}
        folder.write(f"{address}index.html", render.page("dissolved", {**values, "base_url": base_url}, address))
        folder.write(f"{address}index.json", render.twin(values))
    return Built(pages, folder.written, folder.finish())


def _pages(store: Store, base_url: str, progress: Progress) -> Iterator[Page]:
    """Every page of the site: address, template and values. Documents first, as the index sums them up."""
    changes = derived.changes(store)
    grouped: dict[str, list[ChangeRecord]] = {}
    for change in changes:
        grouped.setdefault(change.document.id, []).append(change)
    documents = store.documents()
    latest = views.latest_check(store)
    health: list[dict[str, Any]] = []
    platform: list[story.Story] = []
    for done, document in enumerate(documents):
        progress(done, len(documents), document.id)
        told = story.load(store, document, grouped.get(document.id, []))
        if platform and platform[0].document.platform_id != document.platform_id:
            yield _platform(store, platform, latest)
            platform = []
        platform.append(told)
        health.append(dossier.health(told, latest))
        yield from _document(store, told, latest, base_url)
    if platform:
        yield _platform(store, platform, latest)
    progress(len(documents), len(documents), "index")
    yield from _front(store, changes, health)


def _document(store: Store, told: story.Story, latest, base_url: str) -> Iterator[Page]:
    yield entries.document_page(told.document.id), "document", dossier.document_page(store, told, latest)
    for version in told.versions:
        yield entries.version_page(version), "version", dossier.version_page(store, told, version)
    for change in told.changes:
        yield entries.change_page(change.id), "change", exhibit.page(store, told, change, base_url)


def _platform(store: Store, stories: list[story.Story], latest) -> Page:
    return entries.platform_page(stories[0].document), "platform", dossier.platform_page(store, stories, latest)


def _front(store: Store, changes: list[ChangeRecord], health: list[dict[str, Any]]) -> Iterator[Page]:
    front = views.index(store, changes, health)
    for year in front["years"]:
        yield year["page"], "year", views.year_page(store, changes, year["year"])
    yield entries.address("coverage"), "coverage", views.coverage(store, health)
    yield entries.address("method"), "method", views.method()
    yield "", "index", front


# ---- files -------------------------------------------------------------------------------------------------------


class _Folder:
    """A folder of our own making: what it held before, what was written, what is left over."""

    def __init__(self, out: Path) -> None:
        self.out = out
        self.before = self._read_marker()
        self.files: set[str] = set()
        self.written = 0

    def _read_marker(self) -> set[str]:
        try:
            self.out.mkdir(parents=True, exist_ok=True)
            if not any(self.out.iterdir()):
                self._mark(set())
            return set(json.loads((self.out / MARKER).read_text("utf-8"))["files"])
        except FileNotFoundError:
            what = "The folder holds something that is not a site of ours; nothing was written."
            raise TrackerError(what, str(self.out), "Name an empty folder or a new one with --out.") from None
        except (ValueError, KeyError, TypeError) as error:
            remedy = "Name another folder with --out, or empty this one."
            raise TrackerError("The folder's mark is damaged.", str(self.out / MARKER), remedy) from error
        except OSError as error:
            raise _unwritable(self.out, error) from error

    def _mark(self, files: set[str]) -> None:
        body = json.dumps({"made by": "tracker", "files": sorted(files)}, indent=0, ensure_ascii=False)
        self._put(MARKER, body.encode())

    def write(self, name: str, body: bytes) -> None:
        """Puts a file in its place if it is not there with the same bytes."""
        self.files.add(name)
        try:
            if (self.out / name).read_bytes() == body:
                return
        except OSError:
            pass
        try:
            if not (self.out / name).resolve().is_relative_to(self.out.resolve()):
                raise TrackerError(
                    "A page would lie outside the folder.", name, "Look for a symbolic link in the folder."
                )
            self._put(name, body)
        except OSError as error:
            raise _unwritable(self.out / name, error) from error
        self.written += 1

    def _put(self, name: str, body: bytes) -> None:
        path = self.out / name
        path.parent.mkdir(parents=True, exist_ok=True)
        draft = path.with_name(f".{path.name[:100]}.draft")
        draft.write_bytes(body)
        os.replace(draft, path)

    def dissolved(self) -> list[str]:
        """Addresses of changes and versions that were published and are no longer in the archive."""
        lost = sorted(self.before - self.files)
        return [name.removesuffix("index.html") for name in lost
                if name.startswith(("change/", "version/")) and name.endswith("index.html")]  # fmt: skip

    def finish(self) -> int:
        """Removes what no page of the site is any longer; how many files."""
        removed = 0
        for name in sorted(self.before - self.files):
            path = self.out / name
            if path.is_file() and not path.is_symlink():
                path.unlink()
                removed += 1
            _prune(path.parent, self.out)
        self._mark(self.files)
        return removed


def _prune(folder: Path, root: Path) -> None:
    while folder != root and folder.is_dir() and not any(folder.iterdir()):
        folder.rmdir()
        folder = folder.parent


def _unwritable(path: Path, error: OSError) -> TrackerError:
    remedy = "Make room or name another folder; the archive is untouched, and the next build goes on."
    return TrackerError(f"The site cannot be written: {error.strerror or error}.", str(path), remedy)


# ---- looking at it -----------------------------------------------------------------------------------------------


class _Handler(SimpleHTTPRequestHandler):
    """Files of a built site, and nothing else: no lists of folders, no hidden files."""

    server_version, sys_version = "tracker", ""

    def end_headers(self) -> None:
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Content-Security-Policy", f"{render.POLICY}; frame-ancestors 'none'")
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("Cache-Control", "no-cache")
        super().end_headers()

    def list_directory(self, path: Any) -> None:
        self.send_error(404, "There is no such page")

    def translate_path(self, path: str) -> str:
        found = super().translate_path(path)
        hidden = any(part.startswith(".") for part in Path(found).relative_to(self.directory).parts)
        return os.path.join(self.directory, "no-such-page") if hidden else found

    def guess_type(self, path: Any) -> str:
        kind = super().guess_type(path)
        return f"{kind}; charset=utf-8" if kind.startswith("text/") or kind.endswith(("json", "javascript")) else kind

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing: the address stands on the terminal already."""


def serve(folder: Path, port: int) -> ThreadingHTTPServer:
    """A server of a built site on this machine alone, for looking at it; port 0 takes any free one. Call its
    `serve_forever`. Raises TrackerError where the port is taken or the folder is no site."""
    if not (folder / MARKER).is_file():
        raise TrackerError("There is no built site here.", str(folder), "Build it first: tracker build --out DIR")
    try:
        return ThreadingHTTPServer(("127.0.0.1", port), partial(_Handler, directory=str(folder.resolve())))
    except OSError as error:
        remedy = "Name another port with --port; 0 takes any free one."
        raise TrackerError(f"The port cannot be used: {error.strerror}.", f"127.0.0.1:{port}", remedy) from error
