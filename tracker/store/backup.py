"""A copy of the archive while others write to it: consistent, in one file, there whole or not at all."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from tracker.errors import Foreign
from tracker.store.connection import explained
from tracker.store.schema import APPLICATION_ID
from tracker.store.truths import Store


def backup(store: Store, target: Path, proved: Callable[[Path], None] = lambda copy: None) -> int:
    """Copies an open archive to a file and gives its size in bytes; an earlier backup there is replaced.

    `proved` is called with the copy before it takes its place, and raises what it finds wrong. Raises Foreign where
    something else is at the target, NoSpace or ArchiveError where it cannot be written: then what was there still is.
    """
    _refuse(store, target)
    part = target.with_name(f".{target.name}.part")
    with explained(target):
        target.parent.mkdir(parents=True, exist_ok=True)
        part.unlink(missing_ok=True)  # of a run that was cut short
    try:
        with explained(target):
            store.db.conn.execute("vacuum into ?", (str(part),))
        proved(part)
        with explained(target):
            _settle(part)
            for left in ("-wal", "-shm"):  # of an earlier copy that was opened: they are not this one's
                target.with_name(f"{target.name}{left}").unlink(missing_ok=True)
            os.replace(part, target)
            _settle(target.parent)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    return target.stat().st_size


def _refuse(store: Store, target: Path) -> None:
    remedy = "Name another file; this one was not touched."
    if target.is_dir():
        raise Foreign("This is a folder.", str(target), "Name a file in it.")
    if not target.exists():
        return
    if target.resolve() == store.path.resolve():
        raise Foreign("This is the archive itself.", str(target), remedy)
    with explained(target), target.open("rb") as file:
        head = file.read(72)  # by its bytes: opening it as a database would leave files beside it
    if not head.startswith(b"SQLite format 3\0") or int.from_bytes(head[68:72], "big") != APPLICATION_ID:
        raise Foreign("Something else is there.", str(target), remedy)


def _settle(path: Path) -> None:
    """Sees to it that a file, or what a folder lists, is on the disk and not on its way there."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
