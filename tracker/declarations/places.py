"""JSON whose every value knows the line that it stands on, so that an error can point at it."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

Steps = tuple[str | int, ...]

DEPTH = 20  # objects and arrays inside each other; what we read needs 8

# Strings first, so that marks and line breaks inside them are not taken for structure. Possessive: linear time.
TOKEN = re.compile(r'"(?:[^"\\]++|\\.)*+"|[{}\[\],]|\n|[^\s{}\[\],:"]++', re.DOTALL)


@dataclass(frozen=True, slots=True)
class Place:
    """A value in a JSON text: its file, the keys and indexes that lead to it, and the lines of all values."""

    file: str = ""
    steps: Steps = ()
    lines: Mapping[Steps, int] = field(default_factory=dict)

    def at(self, *steps: str | int) -> Place:
        """The place of a value inside this one."""
        return Place(self.file, self.steps + steps, self.lines)

    def __str__(self) -> str:
        """In words: "SoundCloud.json, line 7: terms › Privacy Policy › combine[1] › select", as far as it is known."""
        way = ""
        for step in self.steps:
            way += f"[{step}]" if isinstance(step, int) else f" › {shown(step, 60)}"
        way = way.removeprefix(" › ")
        line = self.lines.get(self.steps)
        known = ", ".join(part for part in (self.file, f"line {line}" if line else "") if part)
        return ": ".join(part for part in (known, way) if part)


class RepeatedKey(ValueError):
    """One object holds a key twice: JSON does not say which of the two counts."""

    def __init__(self, place: Place) -> None:
        super().__init__(str(place))
        self.place = place


def parse(text: str, file: str = "") -> tuple[Any, Place]:
    """The value of a JSON text and its place; `file` is the name that the places shall carry.

    Raises `json.JSONDecodeError` with line and column where it is not JSON, `RepeatedKey`, and plain `ValueError` for
    NaN, Infinity, and for what nests deeper or counts further than Python reads.
    """
    try:
        value = json.loads(text, parse_constant=_refuse)
    except RecursionError:
        raise ValueError("it nests too deeply") from None
    lines: dict[Steps, int] = {(): 1}
    for steps, line in _walk(text):
        if steps in lines:
            raise RepeatedKey(Place(file, steps, {steps: line}))
        lines[steps] = line
    return value, Place(file, (), lines)


def shown(value: Any, width: int = 80) -> str:
    """A value as an error shows it: on one line, printable, cut to a width in characters."""
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    text = "".join(char if char.isprintable() else char.encode("unicode_escape").decode() for char in text[: width + 1])
    return text if len(text) <= width else text[: width - 1] + "…"


def _refuse(constant: str) -> None:
    raise ValueError(f"{constant} is not a JSON value")


def _walk(text: str) -> Iterator[tuple[Steps, int]]:
    """Every value below the top of a text known to be JSON, as (steps, line of its key or of its first character)."""
    line = 1
    stack: list[tuple[Steps, str | int | None]] = []  # each open object or array: steps to it; key or index we are at
    for token in TOKEN.finditer(text):
        mark = token.group()
        steps, step = stack[-1] if stack else ((), "")
        if mark == "\n":
            line += 1
        elif mark in "}]":
            stack.pop()
        elif mark == ",":
            stack[-1] = (steps, step + 1 if isinstance(step, int) else None)
        elif step is None:  # in an object, where a key comes next
            key = json.loads(mark)
            stack[-1] = (steps, key)
            yield (*steps, key), line
        else:
            inside = (*steps, step) if stack else ()
            if isinstance(step, int):
                yield inside, line
            if mark in "{[":
                stack.append((inside, None if mark == "{" else 0))
            if len(stack) > DEPTH:
                raise ValueError("it nests too deeply")
