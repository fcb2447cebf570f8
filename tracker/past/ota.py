"""Histories of Open Terms Archive: git repositories with a commit for each version of `Service/Terms type.md`.

The path names the document, the author's date the moment; a commit that only read an old capture anew (a technical or
declaration upgrade) is a better rendering of the record before it, and no change. The program `git` reads the
repository; nothing that stands in it is run, and nothing is fetched for it.
"""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO

from tracker.errors import NotFound
from tracker.model import Memento, Response

RECORDS = ("First record of ", "Record new changes of ", "Start tracking ", "Update ")
UPGRADES = ("Apply technical or declaration upgrade on ", "Apply technical upgrade", "Refilter ")
QUIET = {
    "GIT_CONFIG_NOSYSTEM": "1",
    "GIT_CONFIG_GLOBAL": os.devnull,
    "GIT_NO_LAZY_FETCH": "1",
    "GIT_ALLOW_PROTOCOL": "none",
    "GIT_TERMINAL_PROMPT": "0",
    "GIT_OPTIONAL_LOCKS": "0",
    "LC_ALL": "C",
}
INERT = ("core.fsmonitor=false", "log.showSignature=false", "core.hooksPath=/dev/null", "core.pager=cat")


@dataclass(frozen=True, slots=True)
class Record:
    """One version: its moment, its blob and the commit; `until` is the moment of the last upgrade that rendered it."""

    at: datetime
    blob: str
    commit: str
    until: datetime | None = None


@dataclass(slots=True)
class History:
    """What a repository holds: the records of each path in order of time, and how many commits were of what sort."""

    records: dict[str, list[Record]] = field(default_factory=dict)
    commits: int = 0
    upgrades: int = 0
    others: int = 0  # commits that are no record: of a README, merges, removals


def repository(path: Path) -> Path:
    """The git directory of a bare clone or a work tree. Raises NotFound where it is none."""
    for folder in (path / ".git", path):
        if (folder / "HEAD").is_file() and (folder / "objects").is_dir():
            return folder
        if folder.is_file() and folder.name == ".git":  # a linked work tree
            return folder
    what = "This is no git repository." if path.exists() else "There is no such folder."
    raise NotFound(what, str(path), "Give a clone of a versions repository: a bare one, or its work tree.")


def history(path: Path) -> History:
    """The history of all documents in a repository. Raises NotFound where it cannot be read."""
    arguments = ("log", "--first-parent", "--reverse", "--raw", "-z", "-M", "--no-abbrev", "--no-ext-diff")
    arguments = (*arguments, "--no-textconv", "--format=%x01%H%x00%at%x00%s")
    with TemporaryFile() as complaints:
        with _git(path, *arguments, complaints=complaints) as process:
            assert process.stdout
            found = _told(_tokens(process.stdout))
        complaints.seek(0)
        complaint = complaints.read(10_000).decode("utf-8", "replace").strip()
    if process.returncode and not found.commits:
        said = complaint.splitlines()[-1] if complaint else f"git ended with {process.returncode}"
        raise NotFound(f"The repository cannot be read: {said}", str(path), "Check the clone with `git log`.")
    return found


def mementos(path: Path, records: Iterable[Record], url: str, now: datetime, limit: int) -> Iterator[Memento | Record]:
    """The texts of records as mementos of the address `url`; a record whose text is missing or larger than `limit`
    bytes is given back as it is."""
    with _git(path, "cat-file", "--batch") as process:
        assert process.stdin
        assert process.stdout
        for record in records:
            process.stdin.write(record.blob.encode() + b"\n")
            process.stdin.flush()
            header = process.stdout.readline().split()
            if len(header) != 3:
                yield record
                continue
            body, left = b"", int(header[2])
            if left <= limit:
                body = process.stdout.read(left)
            else:
                for start in range(0, left, 1 << 20):
                    process.stdout.read(min(1 << 20, left - start))
            process.stdout.read(1)
            if left > limit or len(body) < left:
                yield record
                continue
            headers = (("Content-Type", "text/markdown; charset=utf-8"), ("X-Git-Commit", record.commit))
            yield Memento("ota", record.at, Response(url, url, 200, headers, body, now), record.until)
        process.stdin.close()


def _git(path: Path, *arguments: str, complaints: IO[bytes] | int = subprocess.DEVNULL) -> subprocess.Popen[bytes]:
    settings = [part for one in INERT for part in ("-c", one)]
    command = ["git", *settings, "--no-pager", f"--git-dir={repository(path)}", *arguments]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")} | QUIET
    pipe = subprocess.PIPE
    try:
        return subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=complaints, env=environment)
    except FileNotFoundError:
        raise NotFound("The program `git` is not installed.", "git", "Install git and run it again.") from None


def _tokens(stream: Iterable[bytes]) -> Iterator[str]:
    """The parts of git's output between NULs; a stretch without any is bounded by what git writes in a line."""
    rest = b""
    while chunk := stream.read(1 << 16):  # type: ignore[attr-defined]
        *whole, rest = (rest + chunk).split(b"\0")
        yield from (one.decode("utf-8", "surrogateescape") for one in whole)
    if rest:
        yield rest.decode("utf-8", "surrogateescape")


def _told(tokens: Iterator[str]) -> History:
    found, moved = History(), dict[str, str]()
    seen: dict[str, list[tuple[datetime, bool, str, str]]] = {}
    commit, at, subject = "", datetime.min.replace(tzinfo=UTC), ""
    for token in tokens:
        token = token.lstrip("\n")
        if token.startswith("\x01"):
            commit, at, subject = token[1:], _moment(next(tokens, "")), next(tokens, "")
            found.commits += 1
            found.upgrades += subject.startswith(UPGRADES)
            found.others += not subject.startswith(RECORDS + UPGRADES)
        elif token.startswith(":"):
            *_, blob, status = token.split()
            path = next(tokens, "")
            if status[0] in "RC":
                old, path = path, next(tokens, "")
                if status[0] == "R":
                    moved[old] = path
                    moved.pop(path, None)
            known = subject.startswith(RECORDS + UPGRADES)
            if known and status[0] != "D" and path.endswith(".md") and path.count("/") == 1:
                seen.setdefault(path, []).append((at, subject.startswith(UPGRADES), blob, commit))
    for path, entries in seen.items():
        while path in moved:
            path = moved[path]
        found.records.setdefault(path, []).extend(_records(entries))
    for records in found.records.values():
        records.sort(key=lambda one: one.at)
    return found


def _moment(seconds: str) -> datetime:
    try:
        return datetime.fromtimestamp(int(seconds), UTC)
    except (ValueError, OverflowError, OSError):
        return datetime.fromtimestamp(0, UTC)


def _records(entries: Iterable[tuple[datetime, bool, str, str]]) -> list[Record]:
    """Records in order of time, each as its last upgrade rendered it."""
    found: list[Record] = []
    for at, upgrade, blob, commit in sorted(entries, key=lambda entry: entry[:2]):
        if upgrade and found:
            found[-1] = replace(found[-1], blob=blob, commit=commit, until=at if at > found[-1].at else None)
        else:
            found.append(Record(at, blob, commit))
    return found
