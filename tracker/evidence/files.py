"""Writing evidence out: a new folder or a zip, whole or not at all."""

from __future__ import annotations

import os
import zipfile
from collections.abc import Mapping
from pathlib import Path

from tracker.errors import NoSpace, NotFound

MADE = (1980, 1, 1, 0, 0, 0)  # the same evidence is the same zip


def write(files: Mapping[str, bytes], target: Path) -> None:
    """Writes files to a folder, or to a zip where the name ends so. Raises NotFound where something is there, NoSpace
    where nothing can be written; then nothing was."""
    if target.exists():
        raise NotFound("Something is there already.", str(target), "Name another place with --out.")
    part = target.with_name(f".{target.name}.part")
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        (_zip if target.suffix == ".zip" else _folder)(files, part)
        os.replace(part, target)
    except OSError as error:
        remedy = "Check free space and the rights of the folder, or name another place with --out."
        raise NoSpace(f"The evidence cannot be written: {error.strerror}.", str(target), remedy) from error


def _zip(files: Mapping[str, bytes], part: Path) -> None:
    with zipfile.ZipFile(part, "w", zipfile.ZIP_DEFLATED) as packed:
        for name in sorted(files):
            packed.writestr(zipfile.ZipInfo(name, MADE), files[name], zipfile.ZIP_DEFLATED)


def _folder(files: Mapping[str, bytes], part: Path) -> None:
    for name in sorted(files):
        path = part / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(files[name])
