"""What changed inside a clause, word by word.

Words are mapped to code points, one each, and compared with diff-match-patch without a time limit. The work is bounded
by dividing first: equal words at both ends, then words that occur once on both sides, then (rapidfuzz) long runs in
common. The pieces are cleaned up while they are still words, so no mark ever falls inside one.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections import Counter
from collections.abc import Callable, Sequence

from diff_match_patch import diff_match_patch
from rapidfuzz.distance import LCSseq

from tracker.text.shared import CHARACTERS, coded
from tracker.text.wording import folded

Pieces = tuple[tuple[str, str], ...]
_Edit = tuple[int, int, int, int]  # from, to in the words before; from, to in the words after

# A link target is one token, so that a changed address never looks like changed words; a hyphenated word is one word.
_ALONE = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\U00020000-\U0002ffff"  # written without spaces
_SOUTH = "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"  # the same, and with marks on the letters
_MARKS = "\u0300-\u036f\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u0900-\u0dff\u00ad\u200b-\u200d\u2060"
_TOKEN = re.compile(
    rf"""(
      [A-Za-z]+(?=[ \n])  # most words, and found in a third less time than by the rule for all
    | \]\([^()\s]{{0,2000}}\)
    | (?:https?://|www\.)[^\s()\[\]<>"|]{{1,2000}}(?<![.,;:!?*_'’”])
    | \d+(?:[-.,:/]\d+)*%?
    | [{_ALONE}]
    | [{_SOUTH}][\u0e31\u0e34-\u0e3a\u0e47-\u0e4e\u0eb1\u0eb4-\u0ebc\u0ec8-\u0ecd\u102b-\u103e\u17b4-\u17d3]*
    | [^\W_{_ALONE}{_SOUTH}](?:[^\W{_ALONE}{_SOUTH}]|[{_MARKS}])*
      (?:[-‐‑'’.][^\W_{_ALONE}{_SOUTH}](?:[^\W{_ALONE}{_SOUTH}]|[{_MARKS}])*)*
    | \*+ | _+ | \#+ | \|
    | \S
    )""",
    re.VERBOSE,
)
_COARSE = re.compile(r"(\S+)")
_TURNING_WORDS = """
    not no nor never neither none without unless except cannot can can't don't won't may might must shall should
    will would only ne n' pas ni non jamais aucun aucune sans sauf peut peuvent pouvons pouvez doit doivent devons
    devez seulement nicht kein keine keinen keiner keines keinem nie niemals ohne außer darf dürfen dürfe kann
    können muss müssen soll sollen wird werden nur nunca jamás ningún ninguna ninguno sin salvo excepto puede
    pueden podemos podrá podrán debe deben debemos deberá solo sólo y'a sí
"""
_SMALL_WORDS = """
    a an and any as at be by for from in is it of on or our that the their these this to us we with you your à au
    aux avec ce ces dans de des du en et la le les leur nos notre nous ou par pour que qui se ses sur un une vos
    votre vous auf bei das dem den der des die ein eine einer es für im in ist mit oder sie und uns unser von zu
    zur al con del e el en los las lo nuestra nuestro o para por su sus un una y
"""
# Words that turn a sentence round: English, French, German, Spanish.
TURNING = frozenset(_TURNING_WORDS.split())
_SMALL = frozenset(_SMALL_WORDS.split())
_BOUND = re.compile(rf"[\u3041-\u309f{_SOUTH}]")  # begins a token that is hardly ever a word by itself
_DIRECT = 6_000  # product of two lengths in words up to which diff-match-patch works directly
_LARGEST = 60_000_000  # product of two lengths up to which long common runs are sought
_LONG = 100_000  # characters of a clause from which words are what stands between spaces
_CONTEXT = 200  # characters around the first and the last difference that are looked at
_FAR = 5  # words around a number that make it another number
_RUN = 3  # words: a shorter common run is no place to divide

_ENGINE = diff_match_patch()
_ENGINE.Diff_Timeout = 0


def words(before: str, after: str) -> Pieces:
    """The pieces of two texts in order, as (operation, text): "=" in both, "-" only before, "+" only after.

    "=" and "-" joined give `before`, "=" and "+" joined give `after`, to the last character. No piece ends inside a
    word; "-" stands before "+". A word that turns a sentence round ("not", "may", "sauf", "nicht") is never left
    standing as common ground between two replacements.

    >>> words("We may share it.", "We may not share it.")
    (('=', 'We may '), ('+', 'not '), ('=', 'share it.'))
    """
    if before == after:
        return (("=", before),) if before else ()
    if not before or not after:
        return (("-", before),) if before else (("+", after),)
    for context in (0, _CONTEXT):
        head, tail = _alike(before, after, context)
        left, right = (_tokens(text[head : len(text) - tail]) for text in (before, after))
        few = len(left) + len(right) <= 2 * CHARACTERS
        edits = _edits(*coded(_forms(left), _forms(right))) if few else [(0, len(left) // 2, 0, len(right) // 2)]
        if not head + tail or not any(_may_slide(edit, len(left) // 2, len(right) // 2) for edit in edits):
            break
    edits = _tidied(edits, left, right)
    return _pieces(edits, left, right, before[:head], before[len(before) - tail :] if tail else "")


def _may_slide(edit: _Edit, left: int, right: int) -> bool:
    """Whether an edit is a lone insertion or deletion at the edge of what was looked at."""
    a, b, c, d = edit
    return (a == b or c == d) and (a == 0 or b == left or c == 0 or d == right)


def _alike(before: str, after: str, context: int) -> tuple[int, int]:
    """Characters at the beginning and at the end that are the same, up to a space and some way from the difference:
    a lone insertion may be moved to where it reads best."""
    limit = min(len(before), len(after))
    head = _longest(limit, lambda size: before.startswith(after[:size])) - context
    head = before.rfind(" ", 0, head) + 1 if head > 0 else 0
    tail = _longest(limit - head, lambda size: before.endswith(after[len(after) - size :])) - context
    space = before.find(" ", len(before) - tail) if tail > 0 else -1
    return head, len(before) - space if space >= 0 else 0


def _longest(limit: int, holds: Callable[[int], bool]) -> int:
    """The largest size up to `limit` that holds, where all smaller ones do."""
    low, high = 0, limit
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (middle, high) if holds(middle) else (low, middle - 1)
    return low


def _tokens(text: str) -> list[str]:
    """The words of a text and between them its white space; at even places words, at odd ones (perhaps no) space."""
    found = (_TOKEN if len(text) < _LONG else _COARSE).split(text)
    # Words first: white space in front of the first word counts as a word of its own.
    return found[1:] if not found[0] else ["", *found]


def _forms(tokens: Sequence[str]) -> list[str]:
    """The words among tokens, in whatever form their letters and quotes are written."""
    words = tokens[::2]
    forms = {word: folded(word) for word in set(words) if not word.isascii()}
    return [forms.get(word, word) for word in words] if forms else list(words)


# ---- edits: stretches of words that differ -----------------------------------------------------------------------


def _edits(left: str, right: str) -> list[_Edit]:
    """The stretches that differ, in order. Each step divides what the step before left open."""
    start = 0
    shorter = min(len(left), len(right))
    while start < shorter and left[start] == right[start]:
        start += 1
    tail = 0
    while tail < shorter - start and left[-1 - tail] == right[-1 - tail]:
        tail += 1
    found: list[_Edit] = []
    for a, b, c, d in _between(_unique(left, right, start, len(left) - tail, start, len(right) - tail)):
        found += _within(left, right, a, b, c, d)
    return found


def _unique(left: str, right: str, a: int, b: int, c: int, d: int) -> list[_Edit]:
    """Runs in common around words that occur once on either side (patience), as (a, b, c, d), with the outer bounds."""
    once = Counter(left[a:b])
    twice = Counter(right[c:d])
    at = {word: place for place, word in enumerate(right[c:d], c) if twice[word] == 1}
    pairs = [(x, at[left[x]]) for x in range(a, b) if once[left[x]] == 1 and left[x] in at]
    runs = [(a, a, c, c)]
    for x, y in _rising(pairs):
        _, last_x, _, last_y = runs[-1]
        if x < last_x or y < last_y:
            continue
        from_x, from_y, to_x, to_y = x, y, x + 1, y + 1
        while from_x > last_x and from_y > last_y and left[from_x - 1] == right[from_y - 1]:
            from_x, from_y = from_x - 1, from_y - 1
        while to_x < b and to_y < d and left[to_x] == right[to_y]:
            to_x, to_y = to_x + 1, to_y + 1
        runs.append((from_x, to_x, from_y, to_y))
    return [*runs, (b, b, d, d)]


def _rising(pairs: Sequence[tuple[int, int]]) -> list[tuple[int, int]]:
    """The longest subsequence of pairs (rising in the first) that rises in the second."""
    tops: list[int] = []
    ends: list[int] = []
    before: list[int] = []
    for index, (_, y) in enumerate(pairs):
        place = bisect_left(tops, y)
        before.append(ends[place - 1] if place else -1)
        if place == len(tops):
            tops.append(y)
            ends.append(index)
        else:
            tops[place], ends[place] = y, index
    chain, index = [], ends[-1] if ends else -1
    while index >= 0:
        chain.append(pairs[index])
        index = before[index]
    return chain[::-1]


def _between(runs: Sequence[_Edit]) -> list[_Edit]:
    """The stretches between runs in common that are not empty."""
    gaps = []
    for (_, a, _, c), (b, _, d, _) in zip(runs, runs[1:], strict=False):
        if a < b or c < d:
            gaps.append((a, b, c, d))
    return gaps


def _within(left: str, right: str, a: int, b: int, c: int, d: int) -> list[_Edit]:
    """The edits inside one stretch: directly where it is small, else divided at long common runs."""
    if a == b or c == d:
        return [(a, b, c, d)]
    size = (b - a) * (d - c)
    if size == max(b - a, d - c) and left[a:b] not in right[c:d] and right[c:d] not in left[a:b]:
        return [(a, b, c, d)]  # one word on a side, and not on the other
    if size <= _DIRECT:
        return _direct(left, right, a, b, c, d)
    if size > _LARGEST:
        return [(a, b, c, d)]
    blocks = LCSseq.opcodes(left[a:b], right[c:d])
    runs = [(a, a, c, c)]
    runs += [
        (a + op.src_start, a + op.src_end, c + op.dest_start, c + op.dest_end)
        for op in blocks
        if op.tag == "equal" and op.src_end - op.src_start >= _RUN
    ]
    found = []
    for gap in _between([*runs, (b, b, d, d)]):
        small = (gap[1] - gap[0]) * (gap[3] - gap[2]) <= _DIRECT
        found += _direct(left, right, *gap) if small else [gap]
    return found


def _direct(left: str, right: str, a: int, b: int, c: int, d: int) -> list[_Edit]:
    """diff-match-patch over the words of one stretch."""
    if a == b or c == d:
        return [(a, b, c, d)]
    found: list[_Edit] = []
    x, y, open_x, open_y = a, c, a, c
    for operation, run in _ENGINE.diff_main(left[a:b], right[c:d], False):
        if operation == 0:
            if x > open_x or y > open_y:
                found.append((open_x, x, open_y, y))
            x, y = x + len(run), y + len(run)
            open_x, open_y = x, y
        elif operation < 0:
            x += len(run)
        else:
            y += len(run)
    if x > open_x or y > open_y:
        found.append((open_x, x, open_y, y))
    return found


# ---- clean-up ----------------------------------------------------------------------------------------------------


def _tidied(edits: list[_Edit], left: Sequence[str], right: Sequence[str]) -> list[_Edit]:
    """Edits as a person would mark them: small common ground between two edits joins them, lone insertions and
    deletions begin where a phrase begins."""
    joined: list[_Edit] = []
    for edit in edits:
        while joined and _swallows(joined[-1], edit, left, right):
            a, _, c, _ = joined.pop()
            edit = (a, edit[1], c, edit[3])
        joined.append(edit)
    slid: list[_Edit] = []
    for number, edit in enumerate(joined):
        floor = slid[-1] if slid else (0, 0, 0, 0)
        ceiling = joined[number + 1] if number + 1 < len(joined) else (len(left) // 2, 0, len(right) // 2, 0)
        slid.append(_slid(edit, floor, ceiling, left, right))
    return slid


def _swallows(first: _Edit, second: _Edit, left: Sequence[str], right: Sequence[str]) -> bool:
    """Whether the common words between two edits are too few to help a reader."""
    common = [left[2 * at] for at in range(first[1], second[0])]
    if common and len(common) <= 2 and all(map(_BOUND.match, common)):
        return True
    spoken = [word.casefold() for word in common if word[:1].isalnum()]
    one = max(first[1] - first[0], first[3] - first[2])
    other = max(second[1] - second[0], second[3] - second[2])
    both = first[1] > first[0] and first[3] > first[2] and second[1] > second[0] and second[3] > second[2]
    if len(spoken) <= 2 and any(word in TURNING for word in spoken):
        # "we [do+must] not [sell+expect]": the "not" is another one, do not let it stand as unchanged.
        return both or (len(spoken) == 1 and one + other >= 4)
    if len(spoken) > 3:
        return False
    if len(spoken) == 1 and spoken[0].isdecimal() and one + other >= _FAR:
        # A house number, a day: another one that happens to be the same. In a list of numbers it is the same.
        return all(_speaks(left[2 * a : 2 * b]) or _speaks(right[2 * c : 2 * d]) for a, b, c, d in (first, second))
    if not spoken or all(word in _SMALL for word in spoken):
        return min(one, other) >= max(len(common), 2) or (both and one + other > 2 * len(common))
    return min(one, other) > 2 * len(common) or (len(spoken) == 1 and both and min(one, other) >= 3)


def _speaks(words: Sequence[str]) -> bool:
    return any(word[:1].isalpha() for word in words)


def _slid(edit: _Edit, floor: _Edit, ceiling: _Edit, left: Sequence[str], right: Sequence[str]) -> _Edit:
    """A lone insertion or deletion moved to where it reads best: "[you and ]us" rather than "you[ and you]"."""
    a, b, c, d = edit
    if (b > a) == (d > c):
        return edit
    tokens, start, end = (left, a, b) if b > a else (right, c, d)
    lowest = max(floor[1] - a, floor[3] - c)
    highest = min(ceiling[0] - b, ceiling[2] - d)
    best, best_score = 0, _break(tokens, start, end)
    shift = 0
    while shift > lowest and tokens[2 * (start + shift - 1)] == tokens[2 * (end + shift - 1)]:
        shift -= 1
        score = _break(tokens, start + shift, end + shift)
        if score > best_score:
            best, best_score = shift, score
    shift = 0
    while shift < highest and tokens[2 * (start + shift)] == tokens[2 * (end + shift)]:
        shift += 1
        score = _break(tokens, start + shift, end + shift)
        if score >= best_score:
            best, best_score = shift, score
    return a + best, b + best, c + best, d + best


def _break(tokens: Sequence[str], start: int, end: int) -> int:
    """How well a stretch begins and ends: at the edge of a text, after a sentence, after a comma, anywhere."""
    score = 0
    for at in (start, end):
        if at == 0 or 2 * at >= len(tokens):
            score += 5
            continue
        word, space = tokens[2 * at - 2], tokens[2 * at - 1]
        if "\n" in space:
            score += 4
        elif word[-1:] in ".!?。":
            score += 3 if space else 0
        elif word[-1:] in ",;:)":
            score += 2
        elif space:
            score += 1
    return score


def _pieces(edits: Sequence[_Edit], left: Sequence[str], right: Sequence[str], head: str, tail: str) -> Pieces:
    """Edits as pieces of text, with what is the same before and after them. Words that are equal but for their form,
    and the white space between equal ones, may differ: then they are edits of their own."""
    found = _Writer()
    found.keep(head)
    x = y = 0
    for a, b, c, d in [*edits, (len(left) // 2, len(left) // 2, len(right) // 2, len(right) // 2)]:
        common, others = left[2 * x : 2 * a], right[2 * y : 2 * (y + a - x)]
        if common[:-1] == others[:-1]:  # the white space in front of an edit may be another
            found.keep("".join(common[:-1]))
            common, others = common[-1:], others[-1:]
        for one, other in zip(common, others, strict=True):
            if one == other:
                found.keep(one)
            else:
                found.edit(one, other)
        found.edit("".join(left[2 * a : 2 * b]), "".join(right[2 * c : 2 * d]))
        x, y = b, d
    found.keep(tail)
    return found.finish()


class _Writer:
    """Collects pieces, so that equal ones are joined and "-" stands before "+"."""

    def __init__(self) -> None:
        self.pieces: list[tuple[str, str]] = []
        self._kept: list[str] = []
        self._lost: list[str] = []
        self._won: list[str] = []

    def keep(self, text: str) -> None:
        """Text that stands on both sides."""
        if not text:
            return
        if self._lost or self._won:
            self._settle()
        self._kept.append(text)

    def edit(self, lost: str, won: str) -> None:
        """Text that stands on one side only."""
        self._lost += [lost] if lost else []
        self._won += [won] if won else []

    def finish(self) -> Pieces:
        """All pieces."""
        self._settle()
        self._settle()
        return tuple(self.pieces)

    def _settle(self) -> None:
        lost, won = "".join(self._lost), "".join(self._won)
        end = 0  # white space at the end of both is no edit
        while end < min(len(lost), len(won)) and lost[-1 - end] == won[-1 - end] and lost[-1 - end].isspace():
            end += 1
        pieces = ("=", "".join(self._kept)), ("-", lost[: len(lost) - end]), ("+", won[: len(won) - end])
        self.pieces += [piece for piece in pieces if piece[1]]
        self._lost, self._won = [], []
        self._kept = [lost[len(lost) - end :]]
