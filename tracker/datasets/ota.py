"""The versions as a git history in the layout of Open Terms Archive: one commit for each, dated when it was seen.

The same archive gives the same commits, hash by hash.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import IO

from tracker.datasets import folder
from tracker.datasets.package import LICENCE
from tracker.errors import NoSpace, NotFound
from tracker.model import Document, Version
from tracker.store import Store, derived

WHO = "tracker <tracker@localhost>"
README = """# Versions

Legal texts of digital services over time, one commit for each version, in the layout of Open Terms Archive:
`Service/Terms type.md`. The author's date is the moment at which the version was first seen.
"""


def write(store: Store, documents: Iterable[Document], target: Path, step: Callable[[int, int, str], None]) -> int:
    """Writes a repository with its work tree to a new folder; gives the number of versions.

    Raises NotFound without git or without a version, NoSpace where the folder cannot be written.
    """
    found = [(version, document) for document in documents for version in derived.versions(store, document.id)]
    found.sort(key=lambda pair: (pair[0].at, pair[1].id, pair[0].id))
    if not found:
        raise NotFound("There is no version to export.", str(store.path), "Run `tracker check` or `tracker backfill`.")
    with folder.fresh(target) as made:
        _git(made, "init", "--quiet", "--initial-branch=main", "--template=")
        command = ["git", "fast-import", "--quiet", "--date-format=raw"]
        with subprocess.Popen(command, cwd=made, stdin=subprocess.PIPE, stderr=subprocess.PIPE, env=_clean()) as git:
            assert git.stdin
            assert git.stderr
            try:
                _stream(git.stdin, store, found, step)
                git.stdin.close()
            except BrokenPipeError:
                pass
            said = git.stderr.read().decode("utf-8", "replace").strip()
        if git.returncode:
            raise NoSpace(f"git could not keep it: {said[-200:]}", str(target), folder.REMEDY)
        _git(made, "reset", "--quiet", "--hard", "main")
    return len(found)


def path_of(document: Document) -> str:
    """Where a document's text stands; nothing in its names leads out of the folder.

    >>> path_of(Document("a/b", "../../etc", "Terms of Service"))
    '-..-etc/Terms of Service.md'
    """
    return f"{_safe(document.platform)}/{_safe(document.terms_type)}.md"


def _safe(name: str) -> str:
    plain = re.sub(r'[\x00-\x1f\x7f:/\\"*?<>|\ud800-\udfff]', "-", name).strip().lstrip(".").rstrip(". ")
    return (plain if plain and not plain.lower().startswith("git~") else f"-{plain}")[:120]


def _stream(out: IO[bytes], store: Store, found: list[tuple[Version, Document]], step: Callable[..., None]) -> None:
    begun = int(found[0][0].at.timestamp())
    files = {"README.md": README.encode(), "LICENSE": LICENCE.encode()}
    _commit(out, begun, "Describe the collection and its licence", files)
    seen = set()
    for done, (version, document) in enumerate(found, 1):
        path = path_of(document)
        verb = "Record new changes of" if path in seen else "First record of"
        seen.add(path)
        captures = [store.capture(one) for one in version.captures]
        said = "\n".join(f"- sha256:{one.sha256} {one.url}" for one in captures)
        subject = f"{verb} {' '.join(document.platform.split())} {' '.join(document.terms_type.split())}"
        body = f"{subject}\n\nThis version was recorded after extracting from these captures:\n{said}\n"
        text = derived.text_of(store, version.id).rstrip("\n") + "\n"
        _commit(out, int(version.at.timestamp()), body, {path: text.encode("utf-8", "replace")})
        step(done, len(found), document.id)


def _commit(out: IO[bytes], seconds: int, message: str, files: dict[str, bytes]) -> None:
    said = message.encode("utf-8", "replace")
    who = f"{WHO} {seconds} +0000"
    out.write(f"commit refs/heads/main\nauthor {who}\ncommitter {who}\ndata {len(said)}\n".encode() + said + b"\n")
    for path, body in files.items():
        out.write(f'M 100644 inline "{path}"\ndata {len(body)}\n'.encode() + body + b"\n")


def _git(where: Path, *arguments: str) -> None:
    try:
        done = subprocess.run(["git", *arguments], cwd=where, capture_output=True, env=_clean(), check=False)
    except FileNotFoundError:
        raise NotFound("The program `git` is not installed.", "git", "Install git and run it again.") from None
    if done.returncode:
        raise NoSpace(f"git: {done.stderr.decode('utf-8', 'replace').strip()[-200:]}", str(where), folder.REMEDY)


def _clean() -> dict[str, str]:
    own = {"GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull, "LC_ALL": "C"}
    return {name: value for name, value in os.environ.items() if not name.startswith("GIT_")} | own
