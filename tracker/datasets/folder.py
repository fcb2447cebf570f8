"""Folders and files that are written whole or not at all."""

from __future__ import annotations

import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tracker.errors import NoSpace

REMEDY = "Free some space or check the rights, and run it again; nothing was left half written."


@contextmanager
def fresh(target: Path) -> Iterator[Path]:
    """A folder to write to, which takes its place at `target` in the end; an existing one must be empty.

    Raises NoSpace where it cannot be written; then there is no trace of it.
    """
    made = None
    try:
        if target.exists() and (not target.is_dir() or any(target.iterdir())):
            raise NoSpace("This place is taken.", str(target), "Name an empty folder, or one that does not exist yet.")
        target.parent.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(prefix=f".{target.name}-", dir=target.resolve().parent))
        yield made
        made.chmod(0o755)
        os.replace(made, target)
    except OSError as error:
        raise NoSpace(f"It cannot be written: {error.strerror or error}.", str(target), REMEDY) from error
    finally:
        if made and made.exists():
            shutil.rmtree(made, ignore_errors=True)


@contextmanager
def file(target: Path) -> Iterator[Path]:
    """A file to write to, which replaces `target` in the end. Raises NoSpace where it cannot be written."""
    made = None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        descriptor, name = tempfile.mkstemp(prefix=f".{target.name}-", dir=target.resolve().parent)
        os.close(descriptor)
        made = Path(name)
        yield made
        made.chmod(0o644)
        os.replace(made, target)
    except OSError as error:
        raise NoSpace(f"It cannot be written: {error.strerror or error}.", str(target), REMEDY) from error
    finally:
        if made:
            made.unlink(missing_ok=True)
