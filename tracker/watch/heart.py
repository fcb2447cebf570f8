"""One watch for each archive, and the sign that it lives: a locked file beside the archive that holds its last beat."""

from __future__ import annotations

import fcntl
import json
import os
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import IO, Any

from tracker.errors import ArchiveError, Busy
from tracker.model import moment


class Heart:
    """Held for as long as a watch runs; `beat` says how it stands. Freed by the system when the process dies."""

    def __init__(self, archive: Path) -> None:
        """Raises Busy where another watch runs on this archive, ArchiveError where the file cannot be made."""
        place = beside(archive)
        try:
            place.parent.mkdir(parents=True, exist_ok=True)
            descriptor = os.open(place, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o644)
        except OSError as error:
            remedy = "Check the rights of the folder, or name another archive with --archive."
            raise ArchiveError(f"The watch cannot begin: {error.strerror}.", str(place), remedy) from error
        self._file: IO[str] = os.fdopen(descriptor, "r+", encoding="utf-8")
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            holder = _read(self._file).get("pid", "unknown")
            self._file.close()
            remedy = "Stop that one first; `tracker status` works while it runs."
            raise Busy(f"A watch runs on this archive already (process {holder}).", str(archive), remedy) from error

    def beat(self, values: Mapping[str, Any]) -> None:
        """Writes the present state, shorter than a disk block, so that readers never see half of it for long."""
        said = json.dumps({"pid": os.getpid(), **values})
        self._file.seek(0)
        self._file.write(said)
        self._file.truncate()
        self._file.flush()

    def stop(self) -> None:
        self._file.seek(0)
        self._file.truncate()
        self._file.close()


def beside(archive: Path) -> Path:
    """Where the sign of life of an archive's watch is."""
    return Path(f"{archive.resolve()}.watch")


def last_beat(archive: Path) -> dict[str, Any] | None:
    """What the running watch of an archive said last; None where none runs."""
    try:
        with beside(archive).open(encoding="utf-8") as file:
            try:
                fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
            except OSError:
                return _read(file)
    except OSError:
        pass
    return None


def age(beat: Mapping[str, Any]) -> float:
    """The seconds since a watch last showed that it lives."""
    try:
        return (datetime.now(UTC) - moment(str(beat["beat"]))).total_seconds()
    except (KeyError, ValueError):
        return float("inf")


def _read(file: IO[str]) -> dict[str, Any]:
    try:
        found = json.loads(file.read(4096))
    except (ValueError, OSError):
        return {}
    return found if isinstance(found, dict) else {}
