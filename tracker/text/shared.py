"""Where a text can be divided in two, and what two texts have in common in front of and behind such places.

A division may depend on the lines around it: an underline makes a heading of the paragraph above, a number alone on its
line belongs to what follows, lines without words to what stands before. None of that reaches across a cut: an empty
line between two lines that have a word in front.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from tracker.text.sentences import LONGEST
from tracker.text.wording import DIVISIONS

# A word in front, perhaps emphasised, linked or quoted, that is no numbering: what holds it says something.
WORD_FIRST = re.compile(r"""(\*\*|\[|["“]|)([A-Za-z]+)(?:[,:;]? |['’][A-Za-z]|\]\()""")
_OTHERS = "\u00c0-\u024f\u0370-\u0527\u05d0-\u05ea\u0620-\u064a\u3041-\u30ff\uac00-\ud7a3"  # letters beside A to Z
_SIGNS = "\u3400-\u9fff"
_LEADING = re.compile(
    rf"""([-*+]\ {{1,4}}|\d{{1,3}}[.)]\ {{1,4}}|\#{{1,6}}\ |)(?:\*\*|\[|["“]|)
    (?:([A-Za-z{_OTHERS}]+)(?:[,:;]?\ |['’][A-Za-z]|\]\()|[{_OTHERS}]|(?![第一二三四五六七八九十百零〇])[{_SIGNS}])""",
    re.VERBOSE,
)
_HEADING = re.compile(r"#{1,6} |[^\n]+\n(?:=+|-+)(?:\n|$)")


class Apart(NamedTuple):
    """Where two texts begin and cease to differ: in front of `start`, and behind the two ends, they are the same."""

    start: int
    end_before: int
    end_after: int


def apart(before: str, after: str) -> Apart:
    """The smallest stretch outside of which two texts are the same and are divided alike, whatever stands inside. It
    takes in the headings right above: they tell which clause it was that differs."""
    start, end_before, end_after = 0, len(before), len(after)
    if not (_is_simple(before) and _is_simple(after)):
        return Apart(start, end_before, end_after)
    head = _same_front(before, after)
    if head == end_before == end_after:
        return Apart(head, head, head)
    cut = head
    while (cut := before.rfind("\n\n", 0, cut) + 2) > 1:
        if begins(before, cut) and begins(after, cut) and _ends(before, cut - 2):
            start = _above_headings(before, cut)
            break
        cut -= 1
    tail = _same_back(before, after, start)
    cut = len(before) - tail - 2
    while (cut := before.find("\n\n", max(cut, start - 2, 0))) >= 0:
        there = cut + len(after) - len(before)
        found = there >= start - 2 and after.startswith("\n\n", there) and begins(before, cut + 2)
        if found and _ends(before, cut) and _ends(after, there):
            return Apart(start, cut + 2, there + 2)
        cut += 1
    return Apart(start, end_before, end_after)


def _above_headings(text: str, start: int) -> int:
    """The cut in front of the headings that stand right above a cut."""
    above = text.rfind("\n\n", 0, start - 2) + 2
    while above > 1 and _HEADING.match(text, above) and begins(text, above) and _ends(text, above - 2):
        start, above = above, text.rfind("\n\n", 0, above - 2) + 2
    return 0 if above < 2 and _HEADING.match(text) else start


def next_heading(text: str, start: int) -> int:
    """The first cut from `start` on with a heading behind it; the end of the text where there is none."""
    while not (_HEADING.match(text, start) and begins(text, start) and _ends(text, start - 2)):
        start = text.find("\n\n", start) + 2
        if start < 2:
            return len(text)
    return start


def begins(text: str, start: int) -> bool:
    """Whether a clause surely begins at this place, where an empty line stands before it."""
    found = _LEADING.match(text, start)
    return bool(found) and (found[2] or "").casefold() not in DIVISIONS


def _ends(text: str, end: int) -> bool:
    """Whether a clause surely ends at this place, where an empty line follows: with the last line of a paragraph that
    is read in one piece, or with a list item or heading."""
    start = text.rfind("\n", 0, end) + 1
    found = _LEADING.match(text, start, end)
    if not found or (found[2] or "").casefold() in DIVISIONS:
        return False
    if found[1] and not found[1][0].isdigit():
        return end - start <= LONGEST
    above = max(text.rfind("\n\n", 0, start), 0)
    return end - above <= LONGEST and "<" not in text[above:end]


def _is_simple(text: str) -> bool:
    """Whether a division never reaches across a cut: fences would, and so would a line that ends otherwise."""
    return "\r" not in text and not ("`" in text and "```" in text) and not ("~" in text and "~~~" in text)


def _same_front(one: str, other: str) -> int:
    """How many characters at the front are the same."""
    low, high = 0, min(len(one), len(other))
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if one.startswith(other[low:middle], low) else (low, middle - 1)
    return low


def _same_back(one: str, other: str, front: int) -> int:
    """How many characters at the back are the same, beside those at the front."""
    low, high = 0, min(len(one), len(other)) - front
    while low < high:
        middle = (low + high + 1) // 2
        piece = other[len(other) - middle : len(other) - low]
        low, high = (middle, high) if one.endswith(piece, 0, len(one) - low) else (low, middle - 1)
    return low
