"""What stands in whose place: clauses without a partner, beside clauses or between clauses that have one."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from rapidfuzz import fuzz

from tracker.compare.evidence import defines_another, needed
from tracker.compare.likeness import WordTable, similarity, without_numbers
from tracker.compare.order import heaviest
from tracker.model import Clause

Pairs = dict[int, int]  # positions before: positions after
Span = tuple[int, int, int, int]  # from, to before; from, to after

_OWN = 60  # characters of a clause that stands under no second heading by chance
_FEW = 3  # clauses in a row that can stand in the place of as many others
_BRIEF = 60  # characters of a clause of which hardly a word needs to stay
_ALIKE = 60  # percent of the letters
_SHORT = 6  # words: what is shorter than this is a field perhaps
_FIELD = 0.6  # the similarity that short clauses need whatever their first word is
_LONG = 12  # words of a clause of which a part may stand alone
_END = re.compile(r"\W*$")
_NAME = re.compile(r"[^\W\d_]{4,}")
_NAMING = (":", "：")


def open_spans(pairs: Pairs, before: int, after: int) -> list[Span]:
    """The stretches of open clauses between pairs that keep the order; open on one side at least. `before` and `after`
    are the numbers of clauses."""
    chain = heaviest(sorted(pairs.items()), lambda _: 1)
    spans, last = [], (-1, -1)
    for x, y in [*chain, (before, after)]:
        if x > last[0] + 1 or y > last[1] + 1:
            spans.append((last[0] + 1, x, last[1] + 1, y))
        last = (x, y)
    return spans


def is_torn(pairs: Pairs, taken: set[int], before: Sequence[Clause], after: Sequence[Clause], x: int, y: int) -> bool:
    """Whether two headings stand over clauses that are known to be others: another heading has taken the name. `taken`
    are the positions after that have a partner."""
    if before[x].kind != "heading" or x + 1 not in pairs or y + 1 not in taken or pairs[x + 1] == y + 1:
        return False
    return min(len(before[x + 1].text), len(after[y + 1].text)) >= _OWN


def recounted(spans: Sequence[Span], before: Sequence[Clause], after: Sequence[Clause]) -> Iterator[tuple[int, int]]:
    """Clauses that stand alone in the same place and differ in their numbers and dates alone, whatever stands
    elsewhere in the numbers that they had: a count that is kept in several places."""
    for a, b, c, d in spans:
        if b - a == d - c == 1:
            form = without_numbers(before[a].text)
            if form and form == without_numbers(after[c].text):
                yield a, c


def beside(pairs: Pairs, taken: set[int], table: WordTable) -> Iterator[tuple[int, int, float]]:
    """Clauses beside a pair, wherever that stands, that are as similar as in a gap: a clause goes with its neighbours.
    Each with its similarity; it counts as a pair for those after it, so the caller adds it to both."""
    sizes = [len(clauses) for clauses in table.clauses]
    waiting = sorted(pairs.items(), reverse=True)
    while waiting:
        at = waiting.pop()
        for x, y in ((at[0] + 1, at[1] + 1), (at[0] - 1, at[1] - 1)):
            if x in pairs or y in taken or not (0 <= x < sizes[0] and 0 <= y < sizes[1]):
                continue
            score = similarity(table, x, y)
            if score >= _needed_beside(table, x, y) and not is_torn(pairs, taken, *table.clauses, x, y):
                yield x, y, score
                waiting.append((x, y))


def _needed_beside(table: WordTable, x: int, y: int) -> float:
    """As in a gap; but the name of a field that many entries have ("Purpose: …") tells nothing here, and neither does
    a part from the midst of a long clause: other copies of that may hold it too."""
    left, right = table.of(0, x), table.of(1, y)
    shorter, longer = sorted((len(left), len(right)))
    if longer > max(2 * shorter, _LONG) and left[:4] != right[:4]:
        return 1.0
    return max(needed(table, x, y), _FIELD if longer < _SHORT else 0.0)


def in_place(pairs: Pairs, taken: set[int], table: WordTable) -> Iterator[tuple[int, int, float]]:
    """Clauses without a partner that stand between two pairs in the place of each other, with their similarity: the
    only ones on less evidence still, short ones of the same form on hardly any."""
    old, new = table.clauses
    for a, b, c, d in open_spans(pairs, len(old), len(new)):
        xs, ys = [x for x in range(a, b) if x not in pairs], [y for y in range(c, d) if y not in taken]
        if len(xs) == len(ys) == 1 and _is_lone(table, xs[0], ys[0]):
            yield xs[0], ys[0], similarity(table, xs[0], ys[0])
        elif b - a == d - c == len(xs) == len(ys) <= _FEW:
            for x, y in zip(xs, ys, strict=True):
                split = _opens(old, x, new, y + 1) or _opens(new, y, old, x + 1)
                if not split and _of_one_form(old[x], new[y]) and _of_one_use(old[x].text, new[y].text):
                    yield x, y, similarity(table, x, y)


def _is_lone(table: WordTable, x: int, y: int) -> bool:
    """Whether the only clauses left between two pairs are one."""
    one, other = table.clauses[0][x], table.clauses[1][y]
    if defines_another(table, x, y):
        return False
    typo = len(one.text) < 200 and one.kind == other.kind and fuzz.ratio(one.text, other.text) >= 70
    return typo or (similarity(table, x, y) >= 0.3 and max(len(table.of(0, x)), len(table.of(1, y))) > 2)


def _opens(clauses: Sequence[Clause], at: int, others: Sequence[Clause], to: int) -> bool:
    """Whether the words of a clause are the first ones of a longer one on the other side."""
    return to < len(others) and others[to].text.startswith(clauses[at].text)


def _of_one_form(one: Clause, other: Clause) -> bool:
    """Whether two clauses are short, of one kind, and end alike."""
    return (
        one.kind == other.kind != "row"
        and max(len(one.text), len(other.text)) <= _BRIEF
        and bool(one.label) == bool(other.label)
        and _END.search(one.text)[0] == _END.search(other.text)[0]
    )


def _of_one_use(one: str, other: str) -> bool:
    """Whether short clauses of one form have a little in common: what they are for ("By letter:", "By post:"), the
    first word, or most letters."""
    if one.endswith(_NAMING):
        return True
    first, own = _NAME.match(one), _NAME.match(other)
    if first and own and first[0] == own[0]:
        return True
    return fuzz.ratio(one.casefold(), other.casefold()) >= _ALIKE
