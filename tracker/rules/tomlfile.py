"""One TOML file of rules while it is read: its values, and in words what is wrong with it and on which line."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from pathlib import Path

from tracker.errors import RuleError

LARGEST_FILE = 4_000_000  # bytes


def nearest(word: str, known: Iterable[str], otherwise: str = "") -> str:
    """A remedy for a word that is not known: the one that it may have meant, else all there are."""
    names = list(known)
    close = get_close_matches(word, names, 1)
    return f"Did you mean {close[0]!r}?" if close else otherwise or f"Known are: {', '.join(names)}."


@dataclass(frozen=True, slots=True)
class RuleFile:
    """The bytes of a file of rules as they were at one moment, or why there are none; `name` is its path within the
    folder of rules."""

    name: str
    raw: bytes
    trouble: RuleError | None = None


def open_file(path: Path, folder: Path) -> RuleFile:
    """A file of a folder of rules. Never raises: what hinders it is in `trouble`."""
    name = path.relative_to(folder).as_posix()
    try:
        return RuleFile(name, path.read_bytes())
    except OSError as error:
        what = f"The file cannot be read: {error.strerror}."
        return RuleFile(name, b"", RuleError(what, name, "Check its permissions."))


class Page:
    """One TOML file while it is read: gives values of the right type, and gathers what is wrong with the line."""

    def __init__(self, file: RuleFile) -> None:
        self.shown, self.problems = file.name, list[RuleError]()
        self.table: dict[str, object] = {}
        self._lines: list[str] = []
        shown, raw = file.name, file.raw
        if file.trouble:
            self.problems.append(file.trouble)
            return
        try:
            if len(raw) > LARGEST_FILE:
                self.fault("The file is too large to be rules.", "", f"Keep it under {LARGEST_FILE} bytes.")
                return
            text = raw.decode("utf-8")
            self._lines = text.splitlines()
            self.table = tomllib.loads(text)
        except UnicodeDecodeError as error:
            line = raw[: error.start].count(b"\n") + 1
            self.problems.append(RuleError("The file is not UTF-8.", f"{shown}, line {line}", "Save it as UTF-8."))
        except tomllib.TOMLDecodeError as error:
            place = re.search(r"line \d+", str(error))
            remedy = "Mend the TOML at this place: quotes, brackets and commas must close."
            where = f"{shown}, {place[0]}" if place else shown
            self.problems.append(RuleError(f"The file is not TOML: {error}.", where, remedy))

    def fault(self, what: str, near: str, remedy: str) -> None:
        """Note a fault; `near` is a word of the file whose first line is named."""
        self.problems.append(RuleError(what, self.place(near), remedy))

    def place(self, near: str) -> str:
        """The file and the first line that holds a word; the file alone where none does."""
        line = next((number for number, text in enumerate(self._lines, 1) if near and near in text), 0)
        return f"{self.shown}, line {line}" if line else self.shown

    def check_keys(self, table: Mapping[str, object], known: Sequence[str], place: str, near: str = "") -> bool:
        """True where every key is known; otherwise the fault names the nearest key there is."""
        for key in table:
            if key not in known:
                self.fault(f"{place}: the key {key!r} is not known.", near or key, nearest(key, known))
                return False
        return True

    def strings(self, value: object, place: str, near: str) -> tuple[str, ...] | None:
        """A list of strings, or None and a fault."""
        if isinstance(value, list) and all(isinstance(part, str) for part in value):
            return tuple(value)
        self.fault(f"{place} must be a list of strings.", near, 'Write it as ["one", "two"].')
        return None
