"""The numbers of list items as readers see them: "3.", "(b)", "iv."."""

from __future__ import annotations

import re
from dataclasses import dataclass

from bs4.element import Tag

STYLES = {
    "a": "a",
    "i": "i",
    "A": "A",
    "I": "I",
    "1": "1",
    "lower-alpha": "a",
    "lower-latin": "a",
    "upper-alpha": "A",
    "upper-latin": "A",
    "lower-roman": "i",
    "upper-roman": "I",
    "decimal": "1",
    "decimal-leading-zero": "1",
    "none": "",
    "disc": "-",
    "circle": "-",
    "square": "-",
}
STYLE = re.compile(r"list-style(?:-type)?\s{0,3}:\s{0,3}([a-z-]{1,30})", re.I)
LABEL = re.compile(
    r"^[\W_]{0,4}(?:(?:\d{1,3}|[a-zA-Z]|[ivxlcIVXLC]{1,6})[.)]|\d{1,3}(?:\.\d{1,3}){1,5}\.?|\((?:\d{1,3}|[a-zA-Z]{1,4})\)"
    r"|§\s?\d|(?:section|article|artikel|abschnitt)\s\d)(?=[\s*\u00a0]|$)",
    re.I,
)
ROMAN = (
    (1000, "m"), (900, "cm"), (500, "d"), (400, "cd"), (100, "c"), (90, "xc"),
    (50, "l"), (40, "xl"), (10, "x"), (9, "ix"), (5, "v"), (4, "iv"), (1, "i"),
)  # fmt: skip


def has_label(line: str) -> bool:
    """Whether a line begins with a number of its own: "1.", "(a)", "2.3", "iv)", "§ 5"."""
    return bool(LABEL.match(line[:40]))


@dataclass(slots=True)
class Numbering:
    """How one list counts, and how far it has come."""

    style: str = "-"  # "1", "a", "A", "i", "I"; "-" for bullets; "" for none
    following: int = 1
    step: int = 1

    @classmethod
    def of(cls, tag: Tag) -> Numbering:
        """The numbering of an `ol` or `ul` element, by its name, attributes and own style."""
        if tag.name != "ol":
            return cls("-")
        style = STYLES.get(str(tag.get("type") or "1"), "1")
        if match := STYLE.search(str(tag.get("style") or "")[:500]):
            style = STYLES.get(match.group(1).lower(), style)
        step = -1 if tag.has_attr("reversed") else 1
        first = len(tag.find_all("li", recursive=False)) if step < 0 else 1
        return cls(style, _number(tag.get("start"), first), step)

    @property
    def ordered(self) -> bool:
        """Whether the items have numbers or letters."""
        return self.style not in ("", "-")

    def marker(self, item: Tag) -> str:
        """The marker of the next item, with the space after it."""
        written = str(item.get("data-list-text") or "").strip()[:20]  # exports of word processors show this attribute
        number = self.following = _number(item.get("value"), self.following)
        self.following += self.step
        if written and written.isprintable() and has_label(written):
            return f"- {written} "
        if not self.ordered:
            return "- "
        return f"{number}. " if self.style == "1" and number >= 0 else f"- {counted(number, self.style)}. "


def _number(value: object, default: int) -> int:
    text = str(value if value is not None else "").strip()
    digits = text.removeprefix("-")
    return int(text) if digits.isascii() and digits.isdigit() and len(digits) < 7 else default


def counted(number: int, style: str) -> str:
    """A number in a list style: "1", "a", "A", "i" or "I"; numbers that have no such form stay decimal."""
    if style in ("a", "A") and number > 0:
        letters = ""
        while number:
            number, rest = divmod(number - 1, 26)
            letters = chr(97 + rest) + letters
        return letters if style == "a" else letters.upper()
    if style in ("i", "I") and 0 < number < 4000:
        roman = ""
        for value, sign in ROMAN:
            times, number = divmod(number, value)
            roman += sign * times
        return roman if style == "i" else roman.upper()
    return str(number)
