"""A folder of our own making: which pages it holds, what each was made of, what is left over."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from pathlib import Path
from typing import Any

from tracker import card, render
from tracker.errors import TrackerError
from tracker.pages import Page

File = tuple[str, bytes]  # its name from the folder, and what it holds
MOMENT = re.compile(r"\d{4}-\d\d-\d\d-\d{6}")  # in the address of a version or a change
MARKER = ".tracker-site.json"  # says that a folder is ours, and which files in it


@dataclass(frozen=True, slots=True)
class Built:
    """What a build did: pages of the site, files written because they are new or changed, files removed."""

    pages: int
    written: int
    removed: int


def files_of(pages: Iterable[Page]) -> Iterator[File]:
    """The files of some pages: each with its twin, and with its card where it has one."""
    for page in pages:
        if page.values.get("card"):
            yield page.values["card"], card.draw(page.values)
        yield f"{page.address}index.html", render.page(page.template, page.values, page.address)
        yield f"{page.address}index.json", render.twin(page.values)


class Folder:
    """What the folder held before, what was written, what is left over.

    Its marker tells for each group of files what it was made of, which files it has, and facts about it that whoever
    made it wants to know the next time. `makings` is what all groups are made of: code, rules, address.
    """

    def __init__(self, out: Path, makings: str) -> None:
        self.out, self.makings = out, makings
        self.before = self._read_marker()
        self.groups: dict[str, dict[str, Any]] = {}
        self.written = 0
        self.open("assets", "")

    def _read_marker(self) -> dict[str, dict[str, Any]]:
        try:
            self.out.mkdir(parents=True, exist_ok=True)
            if not any(self.out.iterdir()):
                self._mark({})
            groups = json.loads((self.out / MARKER).read_text("utf-8"))["groups"]
            return {
                name: {"made of": one["made of"], "files": list(one["files"]), "facts": one.get("facts")}
                for name, one in groups.items()
            }
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

    def facts(self, group: str) -> Any:
        """What was noted of a group when it was last made; None where it was not."""
        return (self.groups.get(group) or self.before.get(group) or {}).get("facts")

    def publish(
        self, group: str, makings: str, files: Callable[[], Iterable[File]], facts: Callable[[], Any] = lambda: None
    ) -> None:
        """Writes the files of a group, unless they are all there and made of the same; "" is always made again."""
        if self.stands(group, makings):
            return
        self.open(group, makings)
        for name, body in files():
            self.write(name, body)
        self.groups[group]["facts"] = facts()

    def stands(self, group: str, makings: str) -> bool:
        """Whether all files of a group are there and made of the same; then they are kept."""
        known = self.before.get(group)
        if not makings or not known or known["made of"] != self._made_of(makings):
            return False
        if not all((self.out / name).is_file() for name in known["files"]):
            return False
        self.groups[group] = known
        return True

    def open(self, group: str, makings: str) -> None:
        """Begins a group: what is written from here on belongs to it."""
        self.group, self.groups[group] = group, {"made of": self._made_of(makings), "files": [], "facts": None}

    def _made_of(self, makings: str) -> str:
        return sha256(f"{self.makings} {makings}".encode("utf-8", "backslashreplace")).hexdigest() if makings else ""

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

    def finish(self, until: datetime | None = None) -> Built:
        """Puts a notice where a published page is gone, removes what no page needs, and writes the marker. A page of a
        moment after `until` is only held back: it goes without a notice."""
        pages = sum(name.endswith("index.html") for name in self._files(self.groups))
        lost = self._files(self.before) - self._files(self.groups)
        self.open("dissolved", "")
        for name in sorted(lost):
            held_back = until and any(part > f"{until:%Y-%m-%d-%H%M%S}" for part in MOMENT.findall(name))
            if name.startswith(("change/", "version/")) and name.endswith("/index.html") and not held_back:
                address = name.removesuffix("index.html")
                title = "This page has been dissolved"
                page = Page(address, "dissolved", {"kind": "dissolved", "title": title, "address": address})
                for file in files_of([page]):
                    self.write(*file)
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
