"""Secrets: from the environment, or from `tracker.secrets.toml` in the working directory, for its owner alone to read.

TRACKER_SMTP_PASSWORD = "…"
TRACKER_WEBHOOK_SECRET = "whsec_…"
DESK_CHAT = "slack://…"              # an address with a secret in it: to = "$DESK_CHAT" in tracker.toml

Nothing of them is ever logged, said in an error, or kept in the archive.
"""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Mapping
from pathlib import Path

from tracker.errors import SettingsError

FILE = "tracker.secrets.toml"
NAME = re.compile(r"[A-Z][A-Z0-9_]*")


def load(directory: Path = Path(), environment: Mapping[str, str] = os.environ) -> Mapping[str, str]:
    """All secrets by name; the environment is believed before the file.

    Raises SettingsError for a file that others may read, that is no TOML, or that holds anything but named texts.
    """
    path = directory / FILE
    try:
        with path.open("rb") as file:
            _refuse_shared(file.fileno(), path)
            found = tomllib.load(file)
    except FileNotFoundError:
        return environment
    except tomllib.TOMLDecodeError as error:
        raise SettingsError("The file of secrets is no TOML.", str(path), 'Write lines such as NAME = "…".') from error
    except (OSError, UnicodeDecodeError) as error:
        said = getattr(error, "strerror", "") or "it is no text"
        raise SettingsError(f"The file of secrets cannot be read: {said}.", str(path), "Mend the file.") from error
    for name, value in found.items():
        if not NAME.fullmatch(name) or not isinstance(value, str):
            said = f"`{name}` is no secret: names are in capitals, values are texts in quotes."
            raise SettingsError(said, str(path), 'Write lines such as NAME = "…".')
    return {**found, **environment}


def _refuse_shared(descriptor: int, path: Path) -> None:
    """Raises SettingsError where anybody but the owner may read or change an open file, or it is somebody else's."""
    found = os.fstat(descriptor)
    if found.st_uid not in (os.geteuid(), 0):
        raise SettingsError("The file of secrets belongs to somebody else.", str(path), f"Run: chown $USER {path}")
    if found.st_mode & 0o077:
        said = f"Others than its owner may read the file of secrets (its mode is {found.st_mode & 0o777:o})."
        raise SettingsError(said, str(path), f"Run: chmod 600 {path}")
