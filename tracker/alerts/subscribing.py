"""The subscriptions of a working directory: read out of its tracker.toml, and written there beside all else in it."""

from __future__ import annotations

import os
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Any
from urllib.parse import urlsplit

from tracker import secrets, settings
from tracker.alerts.subscriptions import Subscription, read, subscriptions
from tracker.errors import NotFound, SettingsError

HARMLESS = ("mailto", "http", "https")  # kinds of addresses that hold no secret; Apprise's hold tokens and passwords


def subscribed(directory: Path = Path()) -> tuple[Subscription, ...]:
    """All subscriptions of a working directory.

    Raises SettingsError, naming table and field, also for an address with a secret in a file that others may read.
    """
    found = subscriptions(settings.load(directory).alert)
    path = directory / settings.FILE
    for number, one in enumerate(found, 1):
        if holds_secret(one.to) and path.stat().st_mode & 0o077:
            said = f"Others than its owner may read this file, and a {urlsplit(one.to).scheme} address holds a secret."
            remedy = f'Run: chmod 600 {path}. Or write to = "$NAME", and the address as NAME into {secrets.FILE}.'
            raise SettingsError(said, f"{path}, alert {number}", remedy)
    return found


class Followed:
    """The subscriptions of a working directory as they are whenever they are asked for; while the file is broken, as
    they were before."""

    def __init__(self, directory: Path = Path()) -> None:
        """Raises as `subscribed`."""
        self._directory, self._found, self._mark = directory, subscribed(directory), self._now(directory)

    def __call__(self) -> tuple[Subscription, ...]:
        mark = self._now(self._directory)
        if mark != self._mark:
            self._mark = mark
            with suppress(SettingsError):  # whoever sends says what is wrong
                self._found = subscribed(self._directory)
        return self._found

    @staticmethod
    def _now(directory: Path) -> tuple[int, int, int] | None:
        try:
            found = (directory / settings.FILE).stat()
        except OSError:
            return None
        return found.st_mtime_ns, found.st_size, found.st_mode


def holds_secret(to: str) -> bool:
    """Whether an address must not be seen by others."""
    return not to.startswith("$") and urlsplit(to).scheme not in HARMLESS


def add(table: Mapping[str, Any], directory: Path = Path()) -> Subscription:
    """Writes a subscription into tracker.toml; comments, order and all else in it stay as they are. A file that is made
    or gets an address with a secret in it is for its owner alone.

    Raises SettingsError for a field that is wrong, a file that cannot be read or written, or one that has it already.
    """
    import tomlkit  # here: a round of checks only reads

    found = read(table, "this subscription")
    path = directory / settings.FILE
    if found in subscriptions(settings.load(directory).alert):
        raise SettingsError("This subscription is there already.", str(path), "`tracker alerts list` lists them all.")
    with _written(path):
        before = path.read_text("utf-8") if path.exists() else ""
        mode = path.stat().st_mode & 0o777 if path.exists() else 0o644
        text = f"{before.rstrip()}\n\n[[alert]]\n{tomlkit.dumps(dict(table))}".lstrip()
        _refuse_broken(text, path)
        _replace(path, text, 0o600 if holds_secret(found.to) else mode)
    return found


def remove(name: str, directory: Path = Path()) -> list[Subscription]:
    """Takes the subscriptions of a receiver out of tracker.toml, all else in it stays as it is; those that went.

    name: as `named` has it. Raises NotFound, and SettingsError for a file that cannot be read or written.
    """
    found = subscribed(directory)
    gone = named(found, name)
    path = directory / settings.FILE
    with _written(path):
        before = path.read_text("utf-8")
        text = _without(before, [one in gone for one in found])
        wanted = tomllib.loads(before)
        wanted["alert"] = [table for table, one in zip(wanted["alert"], found, strict=True) if one not in gone]
        if _read_back(text) not in (wanted, {key: value for key, value in wanted.items() if key != "alert" or value}):
            said = "This subscription cannot be told from the rest of the file."
            raise SettingsError(said, str(path), f"Take it out with an editor: {gone[0].shown}.")
        _replace(path, text, path.stat().st_mode & 0o777)
    return gone


def _without(text: str, gone: Sequence[bool]) -> str:
    """The file without some of its [[alert]] tables; comments after a table's last line stay, as they may be the next
    one's."""
    lines = text.splitlines(keepends=True)
    heads = [number for number, line in enumerate(lines) if line.lstrip().startswith("[")]
    alerts = [number for number in heads if re.match(r"\s*\[\[\s*alert\s*\]\]", lines[number])]
    for head, goes in reversed(list(zip(alerts, gone, strict=False))):
        end = next((number for number in heads if number > head), len(lines))
        while not lines[end - 1].strip() or lines[end - 1].lstrip().startswith("#"):
            end -= 1
        if goes:
            del lines[head:end]
            lines[head:] = ["".join(lines[head:]).lstrip("\n")]
    return "".join(lines)


def _read_back(text: str) -> dict[str, Any] | None:
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError:
        return None


@contextmanager
def _written(path: Path) -> Iterator[None]:
    """Raises SettingsError for whatever the system refuses."""
    try:
        yield
    except OSError as error:
        remedy = "Check the rights of the file and its folder; nothing was changed."
        raise SettingsError(f"The settings cannot be written: {error.strerror}.", str(path), remedy) from error


def _refuse_broken(text: str, path: Path) -> None:
    try:
        subscriptions(tomllib.loads(text)["alert"])
    except tomllib.TOMLDecodeError as error:
        said = "No [[alert]] can be added to this file: `alert` is written in one line there."
        raise SettingsError(
            said, str(path), "Write each as [[alert]] on a line of its own, its fields below."
        ) from error


def _replace(path: Path, text: str, mode: int) -> None:
    """Puts a whole new file in the place of an old one, or leaves the old one."""
    target = path.resolve()
    with NamedTemporaryFile("w", encoding="utf-8", dir=target.parent, prefix=f".{target.name}.", delete=False) as file:
        try:
            file.write(text)
            file.flush()
            os.fchmod(file.fileno(), mode)
            os.fsync(file.fileno())
            os.replace(file.name, target)
        except BaseException:
            Path(file.name).unlink(missing_ok=True)
            raise


def named(found: tuple[Subscription, ...], name: str) -> list[Subscription]:
    """The subscriptions of a receiver, as `alerts list` shows or numbers it; all for "". Raises NotFound."""
    wanted = [
        one for number, one in enumerate(found, 1) if name in ("", str(number), one.shown, one.to, one.target[:8])
    ]
    if not wanted:
        what = f"Nobody is told under {name!r}." if found else "Nobody is told yet."
        remedy = "`tracker alerts list` lists the receivers." if found else "Begin with: tracker alerts add ADDRESS"
        raise NotFound(what, settings.FILE, remedy)
    return wanted
