"""Where a text can be divided in two, and what two texts have in common in front of and behind such places.

A division may depend on the lines around it: an underline makes a heading of the paragraph above, a number alone on its
line belongs to what follows, lines without words to what stands before. None of that reaches across a cut: the break
between two blocks (an empty line, a hard break, or a line that begins a list item, a row or a heading) of which both
surely say something.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Hashable, Iterator, Sequence
from itertools import chain, cycle, pairwise
from typing import NamedTuple

from rapidfuzz.distance import LCSseq

from tracker.text.links import is_sign
from tracker.text.sentences import LONGEST
from tracker.text.wording import DIVISIONS

# A word in front, perhaps emphasised, linked or quoted, that is no numbering: what holds it says something.
WORD_FIRST = re.compile(r"""(\*\*|\[|["“]|)([A-Za-z]+)(?:[,:;]? |['’][A-Za-z]|\]\()""")
_LETTERS = "A-Za-z\u00c0-\u024f\u0370-\u0527\u05d0-\u05ea\u0620-\u064a\u3041-\u30ff\uac00-\ud7a3"
# A word that no numbering and no mark of Markdown uses up, after at most what a numbering may be.
_SPEAKS = re.compile(
    rf"""(?:\[\]\([^()\s]{{0,300}}\))?[^\n<&\[\]`!?。！？；]{{0,40}}?(?:(\[)[^\n<&\[\]`!?。！？；]{{0,20}}?)?(?:
      (?<![{_LETTERS}])(?!(?:{"|".join(sorted(DIVISIONS))}|[ivxlc]+)(?![{_LETTERS}]))[{_LETTERS}]{{3,}}
    | (?![第条條章节節款编編部一二三四五六七八九十百零〇])[\u3400-\u9fff])""",
    re.VERBOSE | re.IGNORECASE,
)
_ITEM = re.compile(r"(?:[-*+]|\d{1,3}[.)]) {1,4}|#{1,6} ")
_BLOCK = re.compile(r"[ \t]*(?:[-*+•●▪◦‣○■□][ \t]|#{1,6}[ \t]|(\|))")  # what a block begins with, whatever stands above
_BREAK = re.compile(r"\n(?:\n|(?<=  \n)|(?=[ \t]*[-*+•●▪◦‣○■□#|]))")  # where a block may begin: at the end of the match
_OWN = re.compile(r"[-*+] |#{1,6} ")  # lines that never belong to the one above
_UNDERLINE = re.compile(r"(?:=+|-+) *$")
_ISLAND = 400  # characters: a shorter stretch that is the same is read with what differs around it
_BLANK = 200  # characters of white space behind a block beyond which it is not looked for
_LCS_LARGEST = 200_000_000  # product of two lengths up to which a longest common subsequence is sought
CHARACTERS = 1_112_063  # that are no surrogates, and not the first one
_HEADING = re.compile(
    r"#{1,6} |[^\n]+\n(?:=+|-+)(?:\n|$)|\*\*(?!\s)(?:\d{1,3}\\?[.、]){0,4}[^*\n.!?,。！？；]{2,90}\*\*(?=\n\n|  \n)"
)


class Gap(NamedTuple):
    """A stretch of one text and of another one; both begin and end at cuts, or at the ends of the texts."""

    start: int
    end: int
    start_after: int
    end_after: int


def apart(before: str, after: str) -> list[Gap]:
    """The stretches in which two texts differ, in order. What stands outside of them is the same in both, and is
    divided alike whatever stands inside."""
    whole = Gap(0, len(before), 0, len(after))
    if before == after:
        return []
    if not (is_simple(before) and is_simple(after)):
        return [whole]
    middle = _middle(before, after)
    if max(middle.end - middle.start, middle.end_after - middle.start_after) < 2 * _ISLAND:
        return [middle]
    gaps = []
    start, start_after = middle.start, middle.start_after
    for island in _islands(before, after, middle):
        gaps.append(Gap(start, island.start, start_after, island.start_after))
        start, start_after = island.end, island.end_after
    return [*gaps, Gap(start, middle.end, start_after, middle.end_after)]


def _middle(before: str, after: str) -> Gap:
    """The stretch between the front and the back that two texts share. It takes in the headings right above: they tell
    which clause it was that differs."""
    start = 0
    cut = _same_front(before, after) + 1
    while (cut := before.rfind("\n", 0, cut - 1) + 1) > 0:
        if _is_cut_behind(before, after, cut, cut):
            start = _above_headings(before, cut, 0)
            break
    cut = len(before) - _same_back(before, after, start)
    shift = len(after) - len(before)
    while (cut := before.find("\n", max(cut, start, 1) - 1) + 1) > 0:
        if _is_cut_before(before, after, cut, cut + shift):
            return Gap(start, cut, start, cut + shift)
        cut += 1
    return Gap(start, len(before), start, len(after))


def _islands(before: str, after: str, middle: Gap) -> Iterator[Gap]:
    """Long stretches inside of a gap that are the same on both sides, in order, between cuts."""
    starts = _breaks(before, middle.start, middle.end)
    starts_after = _breaks(after, middle.start_after, middle.end_after)
    passages = [before[one:two] for one, two in pairwise(starts)]
    passages_after = [after[one:two] for one, two in pairwise(starts_after)]
    for a, b, c, d in in_common(passages, passages_after):
        while starts[b] - starts[a] >= _ISLAND and not _is_cut_before(before, after, starts[a], starts_after[c]):
            a, c = a + 1, c + 1
        while starts[b] - starts[a] >= _ISLAND and not _is_cut_behind(before, after, starts[b], starts_after[d]):
            b, d = b - 1, d - 1
        if starts[b] - starts[a] < _ISLAND:
            continue
        end = _above_headings(before, starts[b], starts[a])
        if end - starts[a] >= _ISLAND:
            yield Gap(starts[a], end, starts_after[c], starts_after[d] - starts[b] + end)


def _breaks(text: str, start: int, end: int) -> list[int]:
    """Where blocks may begin between two places, and these places."""
    return [start, *[at.end() for at in _BREAK.finditer(text, start, end)], end]


def _is_cut_before(before: str, after: str, at: int, there: int) -> bool:
    """Whether both texts can be divided at these places, behind which they are the same."""
    return _is_break(after, there) and begins(before, at) and _ends(before, at) and _ends(after, there)


def _is_cut_behind(before: str, after: str, at: int, there: int) -> bool:
    """Whether both texts can be divided at these places, above which they are the same."""
    return begins(before, at) and begins(after, there) and _ends(before, at)


def in_common(left: Sequence[Hashable], right: Sequence[Hashable]) -> list[tuple[int, int, int, int]]:
    """The runs that make up the longest common subsequence: from, to on the left; from, to on the right. None where
    that would take too long."""
    if len(left) * len(right) > _LCS_LARGEST or len(left) + len(right) > CHARACTERS or set(left).isdisjoint(right):
        return []
    found = LCSseq.opcodes(*coded(left, right))
    return [(op.src_start, op.src_end, op.dest_start, op.dest_end) for op in found if op.tag == "equal"]


def coded(left: Sequence[Hashable], right: Sequence[Hashable]) -> tuple[str, str]:
    """Two sequences with one character for each distinct thing in them."""
    code = characters()
    return "".join(map(code.__getitem__, left)), "".join(map(code.__getitem__, right))


def characters() -> defaultdict[Hashable, str]:
    """A distinct character, and no surrogate, for whatever is asked for. Of more than `CHARACTERS` things some share
    theirs, which only blurs how far two sequences are the same."""
    return defaultdict(cycle(map(chr, chain(range(1, 0xD800), range(0xE000, 0x110000)))).__next__)


def _above_headings(text: str, start: int, floor: int) -> int:
    """The cut in front of the headings that stand right above a cut, as far back as `floor` at least."""
    while start > floor:
        above, _ = _line_above(text, start)
        if not _HEADING.match(text, above) or (above and not (begins(text, above) and _ends(text, above))):
            break
        start = above
    return start


def next_heading(text: str, start: int, end: int) -> int:
    """The first cut from `start` on with a heading behind it; `end` where there is none before."""
    for at in chain([start], map(re.Match.end, _BREAK.finditer(text, start, end))):
        if _HEADING.match(text, at) and begins(text, at) and _ends(text, at):
            return min(at, end)
    return end


def begins(text: str, start: int) -> bool:
    """Whether a clause surely begins at this place."""
    if not _is_break(text, start):
        return False
    item = _ITEM.match(text, start)
    if _says(text, item.end() if item else start, len(text)):
        return True
    return _holds_word(text, start, len(text)) and not _is_long(text, start)


def _is_long(text: str, start: int) -> bool:
    """Whether the block that begins here may be divided in front of its first word, as long paragraphs are."""
    end = text.find("\n", start)
    if 0 <= end <= start + LONGEST and _is_break(text, end + 1):
        return False
    return len(text) - start > LONGEST and text.find("\n\n", start, start + LONGEST) < 0


def _is_break(text: str, start: int) -> bool:
    """Whether a block ends above this line: at an empty line, at a hard break, or because this line begins another."""
    if _is_broken(text, start):
        return True
    block = _BLOCK.match(text, start)
    if not block or text[start - 1] != "\n":
        return False
    if not block[1]:
        return True
    end = text.find("\n", start)
    row = text[start : end if end >= 0 else len(text)].strip()
    return row[-1] == "|" and row.count("|") > 1


def _is_broken(text: str, start: int) -> bool:
    """Whether an empty line or a hard break stands above a line."""
    return not start or text[start - 2 : start] == "\n\n" or text[start - 3 : start] == "  \n"


def passage(text: str, at: int) -> tuple[int, int]:
    """Where what stands between two empty lines or hard breaks begins and ends, around a place."""
    start, end = text.rfind("\n", 0, at) + 1, text.find("\n", at) + 1
    while not _is_broken(text, start):
        start = text.rfind("\n", 0, start - 1) + 1
    while end and not _is_broken(text, end):
        end = text.find("\n", end) + 1
    return start, end or len(text)


def speaks(text: str, start: int, end: int) -> bool:
    """Whether what stands between two places, list markers aside, surely holds a word that is no numbering."""
    return _says(text, start, end) or _holds_word(text, start, end)


def _ends(text: str, at: int) -> bool:
    """Whether a clause surely ends above this place, where a block ends: with the last line of a paragraph that is read
    in one piece, or with a list item or heading."""
    start, end = _line_above(text, at)
    own = _OWN.match(text, start, end)
    if own:
        return end - start <= LONGEST and speaks(text, own.end(), end)
    above = start
    if not _is_break(text, start):
        above = text.rfind("\n\n", max(start - LONGEST, 0), start)
        if above < 0 < start - LONGEST:
            return False
    return _holds_word(text, start, end) and end - above <= LONGEST and "<" not in text[max(above, 0) : end]


def _line_above(text: str, at: int) -> tuple[int, int]:
    """Where the last line above a place begins and ends that is not empty and no underline."""
    first = max(at - _BLANK, 0)
    end = first + len(text[first:at].rstrip())
    start = text.rfind("\n", 0, end) + 1
    if _UNDERLINE.match(text, start, end):
        return text.rfind("\n", 0, max(start - 1, 0)) + 1, start - 1
    return start, end


def _says(text: str, start: int, end: int) -> bool:
    """Whether what is read from a place on has a word in front that is no numbering."""
    first = WORD_FIRST.match(text, start, end)
    return first is not None and first[2].casefold() not in DIVISIONS


def _holds_word(text: str, start: int, end: int) -> bool:
    found = _SPEAKS.match(text, start, end)
    if found and found[1]:
        close = text.find("]", found.end(), end)
        return close < 0 or not is_sign(text[found.end(1) : close])
    return found is not None


def is_simple(text: str) -> bool:
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
