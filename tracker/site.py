"""The static site: every page with its JSON twin, links that work from any folder, only changed files written."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial
from hashlib import sha256
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tracker import render
from tracker.errors import TrackerError
from tracker.model import ChangeRecord
from tracker.settings import bundled
from tracker.store import Store, derived
from tracker.views import dossier, entries, exhibit, front, story

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

    Pages whose makings are those of the last build (texts, judgements, templates, code) are not made again; a missing
    file is. `base_url` is where the site is published, for citations. A page of a change or version that the archive
    holds no longer is replaced by one that says so. Raises TrackerError for a folder that holds something else or
    cannot be written, and Corrupt.
    """
    folder = _Folder(out, f"{_code()} {base_url} {_rulings(store)}", base_url)
    for name, body in render.assets().items():
        folder.write(f"assets/{name}", body)
    changes = derived.changes(store)
    grouped: dict[str, list[ChangeRecord]] = {}
    for change in changes:
        grouped.setdefault(change.document.id, []).append(change)
    documents = store.documents()
    latest = front.latest_check(store)
    health: list[dict[str, Any]] = []
    stories: list[story.Story] = []
    for done, document in enumerate(documents):
        if progress:
            progress(done, len(documents), document.id)
        if stories and stories[0].document.platform_id != document.platform_id:
            _platform(folder, store, stories, latest)
            stories = []
        told = story.load(store, document, grouped.get(document.id, []))
        stories.append(told)
        health.append(dossier.health(told, latest))
        _document(folder, store, told, latest)
    if stories:
        _platform(folder, store, stories, latest)
    if progress:
        progress(len(documents), len(documents), "index")
    _front(folder, store, changes, health)
    return folder.finish()


def _document(folder: _Folder, store: Store, told: story.Story, latest: datetime | None) -> None:
    """The pages of a document: those of its past, which only a new version changes, and those that say how it stands
    today, which every check changes."""
    newest, change = told.latest, told.changes[0] if told.changes else None

    def past() -> Iterator[Page]:
        for version in told.versions[:-1]:
            yield entries.version_page(version), "version", dossier.version_page(store, told, version)
        for one in told.changes[1:]:
            yield from _change(folder, store, told, one)

    def present() -> Iterator[Page]:
        yield entries.document_page(told.document.id), "document", dossier.document_page(store, told, latest)
        if newest:
            yield entries.version_page(newest), "version", dossier.version_page(store, told, newest)
        if change:
            yield from _change(folder, store, told, change)

    folder.publish(f"past/{told.document.id}", _makings(told), past)
    folder.publish(f"present/{told.document.id}", f"{_makings(told)} {_looks(told, latest)}", present)


def _change(folder: _Folder, store: Store, told: story.Story, change: ChangeRecord) -> Iterator[Page]:
    values = exhibit.page(store, told, change, folder.base_url)
    yield entries.change_page(change.id), "change", values
    if whole := exhibit.whole_page(values):
        yield values["whole"], "whole", whole


def _platform(folder: _Folder, store: Store, stories: list[story.Story], latest: datetime | None) -> None:
    def pages() -> Iterator[Page]:
        values = dossier.platform_page(store, stories, latest)
        yield entries.platform_page(stories[0].document), "platform", values

    makings = " ".join(f"{_makings(told)} {_looks(told, latest)}" for told in stories)
    folder.publish(f"platform/{stories[0].document.platform_id}", makings, pages)


def _front(folder: _Folder, store: Store, changes: list[ChangeRecord], health: list[dict[str, Any]]) -> None:
    """The pages that span documents: made at every build."""

    def pages() -> Iterator[Page]:
        index = front.index(store, changes, health)
        for year in index["years"]:
            yield year["page"], "year", front.year_page(store, changes, year["year"])
        yield entries.address("coverage"), "coverage", front.coverage(store, health)
        yield entries.address("method"), "method", front.method()
        yield "", "index", index

    folder.publish("front", "", pages)


# ---- what pages are made of --------------------------------------------------------------------------------------


def _makings(told: story.Story) -> str:
    """What the pages of a document's past rest on, without the numbers of rows, which a second reading changes."""
    versions = [replace(version, id=0, check=0) for version in told.versions]
    changes = [
        replace(change, before=None, after=None, reverts_to=change.reverts_to and change.reverts_to.at)
        for change in told.changes
    ]
    return sha256(repr((told.document, told.url, versions, changes)).encode("utf-8", "backslashreplace")).hexdigest()


def _looks(told: story.Story, latest: datetime | None) -> str:
    """What the pages of today rest on besides: the checks."""
    last = replace(told.checks[-1], id=0) if told.checks else None
    return f"{len(told.checks)} {last!r} {story.state(told, latest)}"


def _rulings(store: Store) -> list[str]:
    return [row["rules"] for row in store.rows("select distinct rules from judgement order by rules")]


def _code() -> str:
    """Changes when the program or a template does: a page made by another program is made again."""
    digest = sha256()
    for folder, pattern in ((Path(__file__).parent, "*.py"), (bundled("templates"), "*")):
        for path in sorted(path for path in folder.rglob(pattern) if path.is_file()):
            digest.update(path.read_bytes())
    return digest.hexdigest()


# ---- files -------------------------------------------------------------------------------------------------------


class _Folder:
    """A folder of our own making: what it held before, what was written, what is left over.

    Its marker tells for each group of pages what it was made of and which files it has.
    """

    def __init__(self, out: Path, makings: str, base_url: str) -> None:
        self.out, self.makings, self.base_url = out, makings, base_url
        self.before = self._read_marker()
        self.groups: dict[str, dict[str, Any]] = {"assets": {"made of": "", "files": []}}
        self.group = "assets"
        self.written = 0

    def _read_marker(self) -> dict[str, dict[str, Any]]:
        try:
            self.out.mkdir(parents=True, exist_ok=True)
            if not any(self.out.iterdir()):
                self._mark({})
            groups = json.loads((self.out / MARKER).read_text("utf-8"))["groups"]
            return {name: {"made of": one["made of"], "files": list(one["files"])} for name, one in groups.items()}
        except FileNotFoundError:
            what = "The folder holds something that is not a site of ours; nothing was written."
            raise TrackerError(what, str(self.out), "Name an empty folder or a new one with --out.") from None
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            remedy = "Name another folder with --out, or empty this one."
            raise TrackerError("The folder's mark is damaged.", str(self.out / MARKER), remedy) from error
        except OSError as error:
            raise _unwritable(self.out, error) from error

    def _mark(self, groups: Mapping[str, Any]) -> None:
        body = json.dumps({"made by": "tracker", "groups": groups}, ensure_ascii=False, sort_keys=True)
        self._put(MARKER, body.encode())

    def publish(self, group: str, makings: str, pages: Callable[[], Iterator[Page]]) -> None:
        """Writes the pages of a group, unless they are all there and made of the same; "" is always made again."""
        made_of = sha256(f"{self.makings} {makings}".encode("utf-8", "backslashreplace")).hexdigest() if makings else ""
        known = self.before.get(group)
        if (
            known
            and made_of
            and known["made of"] == made_of
            and all((self.out / name).is_file() for name in known["files"])
        ):
            self.groups[group] = known
            return
        self.group, self.groups[group] = group, {"made of": made_of, "files": []}
        for address, template, values in pages():
            self._page(address, template, values)

    def _page(self, address: str, template: str, values: Mapping[str, Any]) -> None:
        self.write(f"{address}index.html", render.page(template, values, address))
        self.write(f"{address}index.json", render.twin(values))

    def write(self, name: str, body: bytes) -> None:
        """Puts a file in its place if it is not there with the same bytes."""
        self.groups[self.group]["files"].append(name)
        try:
            if (self.out / name).read_bytes() == body:
                return
        except OSError:
            pass
        try:
            if not (self.out / name).resolve().is_relative_to(self.out.resolve()):
                raise TrackerError("A page would lie outside the folder.", name, "Look for a symbolic link in it.")
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

    def finish(self) -> Built:
        """Puts a notice where a published page is gone, removes what no page needs, and writes the marker."""
        pages = sum(name.endswith("index.html") for name in self._files(self.groups))
        lost = self._files(self.before) - self._files(self.groups)
        self.group, self.groups["dissolved"] = "dissolved", {"made of": "", "files": []}
        for name in sorted(lost):
            if name.startswith(("change/", "version/")) and name.endswith("/index.html"):
                address = name.removesuffix("index.html")
                title = "This page has been dissolved"
                self._page(address, "dissolved", {"kind": "dissolved", "title": title, "address": address})
        removed = 0
        for name in sorted(self._files(self.before) - self._files(self.groups)):
            path = self.out / name
            if path.is_file() and not path.is_symlink() and path.resolve().is_relative_to(self.out.resolve()):
                path.unlink()
                removed += 1
                _prune(path.parent, self.out)
        self._mark(self.groups)
        return Built(pages, self.written, removed)

    @staticmethod
    def _files(groups: Mapping[str, Mapping[str, Any]]) -> set[str]:
        return {name for one in groups.values() for name in one["files"]}


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
        return os.path.join(self.directory, "no-such-page") if hidden or "\0" in found else found

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
