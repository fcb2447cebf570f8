"""Rules as they were understood at an earlier start, in this user's folder of such things: to understand their files
again takes ten times as long as all else that a start of the program does.

Like compiled Python it is a copy that may vanish at any time, made by this code from these files, and believed only
where nobody else could have written it.
"""

from __future__ import annotations

import os
import pickle
import stat
import sys
from contextlib import suppress
from functools import cache
from hashlib import sha256
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tracker.rules.contents import Contents

MOST = 8  # rule sets that are remembered, of one or two MB each
PROOF = 32  # bytes of the hash in front


def load(version: str) -> Contents | None:
    """What the rule set of a version says, if it is remembered. Never raises."""
    try:
        folder = _folder()
        if not _is_ours(os.lstat(folder)):
            return None
        descriptor = os.open(folder / _name(version), os.O_RDONLY | os.O_NOFOLLOW)
        with os.fdopen(descriptor, "rb") as file:
            if not _is_ours(os.fstat(file.fileno())):
                return None
            kept = file.read()
        proof, body = kept[:PROOF], kept[PROOF:]
        return pickle.loads(body) if sha256(body).digest() == proof else None
    except Exception:  # whatever it is: the files themselves are still there
        return None


def keep(version: str, contents: Contents) -> None:
    """Remembers what a rule set says, where there is room for it; forgets all but the last few. Never raises."""
    with suppress(OSError, RuntimeError):
        folder = _folder()
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if not _is_ours(os.lstat(folder)):
            return
        body = pickle.dumps(contents)
        with NamedTemporaryFile(dir=folder, delete=False) as file:
            file.write(sha256(body).digest() + body)
        os.replace(file.name, folder / _name(version))
        for old in sorted(folder.iterdir(), key=lambda one: one.stat().st_mtime)[:-MOST]:
            old.unlink()


def _folder() -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "tracker" / "rules"


@cache
def _name(version: str) -> str:
    """By the files of the rules, by the code that understands them, and by the Python that runs it."""
    digest = sha256(f"{version} {sys.version}".encode())
    for file in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(file.read_bytes())
    return digest.hexdigest()


def _is_ours(found: os.stat_result) -> bool:
    """Whether nobody but this user may have written a file or folder, which is no link."""
    shared = found.st_mode & (stat.S_IWGRP | stat.S_IWOTH)
    return not stat.S_ISLNK(found.st_mode) and found.st_uid == os.geteuid() and not shared
