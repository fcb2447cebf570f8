"""Which clause of a text before became which clause of the text after.

In this order, each step on what the one before left open: equal raw text, equal but for where links lead, equal key,
equal key elsewhere (moved), similar words in the same gap, similar words elsewhere, then clauses that hold parts of one
another (split, merged).
The work is bounded by the steps themselves: candidates come from rare runs of words, at most eight for each clause.
"""

from __future__ import annotations

from collections import Counter, defaultdict, deque
from collections.abc import Container, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import chain

from tracker.compare.evidence import needed, needed_elsewhere
from tracker.compare.likeness import WordTable, rank, similarity
from tracker.compare.order import heaviest
from tracker.compare.parts import parts
from tracker.compare.places import Span, beside, in_place, is_torn, open_spans, recounted
from tracker.model import Clause
from tracker.text.clauses import SHARED
from tracker.text.links import without_targets
from tracker.text.shared import in_common

_ALL_PAIRS = 400  # product of the sides of a gap up to which every pair is looked at
_ENTRY = 60  # characters that one more moved clause costs a reader
_SURE = 0.88  # the similarity to a neighbour that makes it needless to look further away
_CANDIDATES = 8
_COMMON = 40  # a run of words that stands in more clauses than this tells nothing
_TOO_MANY = 4_000  # open clauses on both sides beyond which short ones are not searched for
_SENTENCE = 6  # words: what is shorter is short
_SHORTEST = 25  # characters of a clause that says something by itself

_UNLIKE = {"heading", "item"}  # a section and the line of a list that names it


@dataclass(slots=True)
class Alignment:
    """Pairs of positions (before, after) with their similarity from 0 to 1, in order of the text before; `parts`
    names further clauses that belong to one of a pair: {before: [after, …]} split, {after: [before, …]} merged. Of
    the pairs `linked` differ only in where links lead."""

    pairs: dict[int, int] = field(default_factory=dict)
    similarity: dict[int, float] = field(default_factory=dict)
    split: dict[int, list[int]] = field(default_factory=dict)
    merged: dict[int, list[int]] = field(default_factory=dict)
    moved: set[int] = field(default_factory=set)
    linked: set[int] = field(default_factory=set)


def align(before: Sequence[Clause], after: Sequence[Clause]) -> Alignment:
    """Align two texts, clause by clause. The same input gives the same result everywhere: no clock, no chance."""
    found = Alignment()
    trunks = [clause.raw.strip() for clause in before], [clause.raw.strip() for clause in after]
    spans = _equal(found, *trunks, [(0, len(before), 0, len(after))], before)
    if any("](" in raw for a, b, _, _ in spans for raw in trunks[0][a:b]):
        for a, b, c, d in spans:
            trunks[0][a:b] = map(without_targets, trunks[0][a:b])
            trunks[1][c:d] = map(without_targets, trunks[1][c:d])
        known = set(found.pairs)
        spans = _equal(found, *trunks, spans, before)
        found.linked = found.pairs.keys() - known
    if not spans:
        return found
    keys: tuple[list[str], list[str]] = [""] * len(before), [""] * len(after)  # read where the text is open only
    for a, b, c, d in spans:
        keys[0][a:b] = [clause.key for clause in before[a:b]]
        keys[1][c:d] = [clause.key for clause in after[c:d]]
    spans = _equal(found, *keys, spans, before)
    if spans:
        table = WordTable(before, after)
        for x, y in recounted(spans, before, after):
            found.pairs[x] = y
            found.similarity[x] = similarity(table, x, y)
        _equal_elsewhere(found, before, after)
        if len(found.pairs) < len(before) and len(found.pairs) < len(after):
            _similar(found, table, open_spans(found.pairs, len(before), len(after)))
            _headings_left(found, before, after)
        if len(found.pairs) < max(len(before), len(after)):
            found.split, found.merged = parts(found.pairs, table)
        _mark_moved(found, before)
    return found


# ---- equal clauses -----------------------------------------------------------------------------------------------


def _equal(
    found: Alignment,
    left: Sequence[Hashable],
    right: Sequence[Hashable],
    spans: Iterable[Span],
    before: Sequence[Clause],
) -> list[Span]:
    """Pair what is equal and in order inside each span; the spans that stay open."""
    left_over: list[Span] = []
    for a, b, c, d in spans:
        while a < b and c < d and left[a] == right[c]:
            found.pairs[a] = c
            a, c = a + 1, c + 1
        while a < b and c < d and left[b - 1] == right[d - 1]:
            b, d = b - 1, d - 1
            found.pairs[b] = d
        last = (a, c)
        for x, y in _in_order(left, right, (a, b, c, d), before):
            found.pairs[x] = y
            if x > last[0] or y > last[1]:
                left_over.append((last[0], x, last[1], y))
            last = (x + 1, y + 1)
        if last[0] < b or last[1] < d:
            left_over.append((last[0], b, last[1], d))
    return left_over


def _in_order(
    left: Sequence[Hashable], right: Sequence[Hashable], span: Span, before: Sequence[Clause]
) -> list[tuple[int, int]]:
    """The pairs of equal clauses inside a span that keep their order: first those that are unique, then the others."""
    a, b, c, d = span
    if set(left[a:b]).isdisjoint(right[c:d]):
        return []
    times_left, times_right = Counter(left[a:b]), Counter(right[c:d])
    place = {key: at for at, key in enumerate(right[c:d], c) if times_right[key] == 1}
    unique = [(x, place[left[x]]) for x in range(a, b) if times_left[left[x]] == 1 and left[x] in place]
    chain = heaviest(unique, lambda x: len(before[x].text) + 1)
    result: list[tuple[int, int]] = []
    last = (a - 1, c - 1)
    for x, y in [*chain, (b, d)]:
        result += _common(left, right, (last[0] + 1, x, last[1] + 1, y))
        if x < b:
            result.append((x, y))
        last = (x, y)
    return result


def _common(left: Sequence[Hashable], right: Sequence[Hashable], span: Span) -> list[tuple[int, int]]:
    """The longest common subsequence inside a span, of clauses that need not be unique."""
    a, b, c, d = span
    if a == b or c == d:
        return []
    runs = in_common(left[a:b], right[c:d])
    return [(a + at, c + at + y - x) for x, to, y, _ in runs for at in range(x, to)]


def _equal_elsewhere(found: Alignment, before: Sequence[Clause], after: Sequence[Clause]) -> None:
    """Pair equal keys wherever they stand: under the same headings first, then in order. Short texts ("Yes", "Name")
    are the same clause only under the same headings, beside another one that moved, or as a heading."""
    taken = set(found.pairs.values())
    lefts = [x for x in range(len(before)) if x not in found.pairs]
    rights = [y for y in range(len(after)) if y not in taken]
    times_before, times_after = Counter([before[x].key for x in lefts]), Counter([after[y].key for y in rights])
    common = times_before.keys() & times_after.keys()
    if not common:
        return
    once = {key for key in common if times_before[key] == times_after[key] == 1}
    lefts = [x for x in lefts if before[x].key in common]
    rights = [y for y in rights if after[y].key in common]
    for strict in (True, False):
        waiting: dict[Hashable, deque[int]] = defaultdict(deque)
        for y in rights:
            if y not in taken:
                waiting[(after[y].key, _under(after[y], once) if strict else ())].append(y)
        lefts = [x for x in lefts if x not in found.pairs]
        groups = {x: (before[x].key, _under(before[x], once) if strict else ()) for x in lefts}
        times = Counter(groups.values())
        as_often = {group for group, number in times.items() if number == len(waiting[group])}
        for x, group in groups.items():
            there = waiting[group]
            while there and there[0] in taken:
                there.popleft()
            if not there:
                continue
            y = there[0]
            alone = group in as_often and (strict or times[group] == 1)
            if not _is_telling(before[x], after[y], strict, alone):
                y = _beside_neighbour(found, taken, after, x, before[x].key)
            if y >= 0 and not is_torn(found.pairs, taken, before, after, x, y):
                found.pairs[x] = y
                taken.add(y)


def _under(clause: Clause, once: set[str]) -> tuple[str, ...]:
    """The headings above a clause where they matter: for them the whole text is divided. Keys of which there is only
    one on either side (`once`) need them only to be sure of a short clause."""
    needless = clause.key in once and clause.kind != "heading" and len(clause.text) >= _SHORTEST
    return () if needless else clause.heading


def _is_telling(one: Clause, other: Clause, strict: bool, alone: bool) -> bool:
    """Whether equal clauses are one that moved whatever stands beside them: under the same headings (`strict`) or not,
    and `alone` where neither text has more of them to choose from."""
    if {one.kind, other.kind} == _UNLIKE:
        return False
    return len(one.text) >= _SHORTEST or (alone and (strict or one.kind == other.kind == "heading"))


def _headings_left(found: Alignment, before: Sequence[Clause], after: Sequence[Clause]) -> None:
    """Pair the headings of the same name that nothing else was found for, whatever stands under them."""
    taken = set(found.pairs.values())
    names: dict[str, deque[int]] = defaultdict(deque)
    for y, clause in enumerate(after):
        if clause.kind == "heading" and y not in taken:
            names[clause.key].append(y)
    for x, clause in enumerate(before):
        if names and clause.kind == "heading" and x not in found.pairs and names.get(clause.key):
            found.pairs[x] = names[clause.key].popleft()


def _beside_neighbour(found: Alignment, taken: set[int], after: Sequence[Clause], x: int, key: str) -> int:
    """Where a clause that has this key stands open beside the partner of its neighbour; -1 for nowhere."""
    for y in (found.pairs.get(x - 1, -2) + 1, found.pairs.get(x + 1, 0) - 1):
        if 0 <= y < len(after) and y not in taken and after[y].key == key:
            return y
    return -1


# ---- similar clauses ---------------------------------------------------------------------------------------------


def _similar(found: Alignment, table: WordTable, spans: Sequence[Span]) -> None:
    """Pair similar clauses, the most similar first: in the same gap on little evidence, elsewhere on much."""
    gap_of: tuple[dict[int, int], dict[int, int]] = {}, {}
    open_in: list[tuple[list[int], list[int]]] = []
    taken = set(found.pairs.values())
    for number, (a, b, c, d) in enumerate(spans):
        sides = [x for x in range(a, b) if x not in found.pairs], [y for y in range(c, d) if y not in taken]
        open_in.append(sides)
        for side in (0, 1):
            gap_of[side].update(dict.fromkeys(sides[side], number))
    scored: list[tuple[float, int, float, int, int, int]] = []
    settled: tuple[set[int], set[int]] = set(), set()
    for x, y in _candidates(table, open_in, settled):
        same_gap = gap_of[0][x] == gap_of[1][y]
        score = similarity(table, x, y)
        enough = needed(table, x, y) if same_gap else needed_elsewhere(table, x, y)
        if same_gap and found.pairs.get(x - 1) == y - 1 and table.clauses[0][x - 1].kind == "heading":
            enough -= 0.1  # what stands right under the same heading
        if same_gap and score >= _SURE:
            settled[0].add(x)
            settled[1].add(y)
        torn = not same_gap and is_torn(found.pairs, taken, *table.clauses, x, y)
        if score >= enough and not torn and (same_gap or _may_move(found, table, x, y)):
            one, other = table.clauses[0][x], table.clauses[1][y]
            unlike = (one.kind != other.kind) + (bool(one.links) != bool(other.links))
            scored.append((-rank(table, x, y, score) - 0.1 * same_gap, unlike, -score, abs(x - y), x, y))
    scored.sort()
    parted: dict[tuple[int, str], int] = {}
    said: set[tuple[int, str]] = set()
    for *_, score, _, x, y in scored:
        if x in found.pairs or y in taken:
            continue
        if not _is_first(table, x, y, parted, () if gap_of[0][x] == gap_of[1][y] else said):
            continue
        found.pairs[x] = y
        found.similarity[x] = -score
        taken.add(y)
        said |= {(0, table.clauses[0][x].key), (1, table.clauses[1][y].key)}
    _in_turn(found, table)
    _headings(found, table, taken)
    for step in (beside, in_place):
        for x, y, score in step(found.pairs, taken, table):
            found.pairs[x] = y
            found.similarity[x] = score
            taken.add(y)


def _is_first(
    table: WordTable, x: int, y: int, parted: dict[tuple[int, str], int], said: Container[tuple[int, str]]
) -> bool:
    """Whether a clause may be paired with a part of it: of several equal ones the first that is, and no other, and
    none of those that are `said` elsewhere. `parted` remembers which by side and key."""
    sizes = len(table.of(0, x)), len(table.of(1, y))
    if max(sizes) <= 2 * min(sizes):
        return True
    side, at = (0, x) if sizes[0] > sizes[1] else (1, y)
    own = side, table.clauses[side][at].key
    return own not in said and parted.setdefault(own, at) == at


def _in_turn(found: Alignment, table: WordTable) -> None:
    """Where equal clauses became other ones that are equal too, the first became the first, the second the second."""
    groups: dict[tuple[str, str], list[int]] = defaultdict(list)
    for x in sorted(found.similarity):
        groups[table.clauses[0][x].key, table.clauses[1][found.pairs[x]].key].append(x)
    for xs in groups.values():
        found.pairs.update(zip(xs, sorted([found.pairs[x] for x in xs]), strict=True))


def _headings(found: Alignment, table: WordTable, taken: set[int]) -> None:
    """A heading without a partner was renamed where most of what stands right under it is paired with what stands
    right under a heading that has no partner either."""
    above: list[list[int]] = [[], []]
    nameless = [x for x, clause in enumerate(table.clauses[0]) if clause.kind == "heading" and x not in found.pairs]
    if not nameless:
        return
    for side in (0, 1):
        last = -1
        for at, clause in enumerate(table.clauses[side]):
            last = at if clause.kind in ("heading", SHARED) else last
            above[side].append(last)
    sizes = Counter(above[0]), Counter(above[1])
    votes = Counter((above[0][x], above[1][y]) for x, y in found.pairs.items())
    for (x, y), count in sorted(votes.items(), key=lambda vote: (-vote[1], vote[0])):
        if x < 0 or y < 0 or x in found.pairs or y in taken:
            continue
        score = similarity(table, x, y)
        if 2 * count > max(sizes[0][x], sizes[1][y]) - 1 or (score >= 0.75 and 2 * count >= sizes[0][x] - 1):
            found.pairs[x] = y
            found.similarity[x] = score
            taken.add(y)


def _candidates(
    table: WordTable, open_in: Sequence[tuple[list[int], list[int]]], settled: tuple[set[int], set[int]]
) -> Iterator[tuple[int, int]]:
    """Pairs worth a look: all of a small gap, neighbours of a large one, and those that share rare runs of words;
    not those that the caller has put among the `settled` ones of either side when it saw the pairs before. Among very
    many open clauses the short ones are left alone: they are a list that changed as a whole."""
    lefts = [x for left, _ in open_in for x in left]
    rights = [y for _, right in open_in for y in right]
    if len(lefts) > _TOO_MANY and len(rights) > _TOO_MANY:
        lefts = [x for x in lefts if table.long(0, x, _SENTENCE)]
        rights = [y for y in rights if table.long(1, y, _SENTENCE)]
        kept = set(lefts), set(rights)
        open_in = [([x for x in left if x in kept[0]], [y for y in right if y in kept[1]]) for left, right in open_in]
    seen: set[tuple[int, int]] = set()
    for left, right in open_in:
        small = len(left) * len(right) <= _ALL_PAIRS
        for place, x in enumerate(left):
            seen.update([(x, y) for y in (right if small else _beside(place, left, right))])
    if len(seen) < len(lefts) * len(rights):
        seen.update(_numbered(table, lefts, rights))
    yield from seen
    lefts, rights = [x for x in lefts if x not in settled[0]], [y for y in rights if y not in settled[1]]
    if all((x, y) in seen for x in lefts for y in rights):
        return
    for pair in _by_runs(table, lefts, rights):
        if pair not in seen:
            yield pair


def _by_runs(table: WordTable, lefts: Sequence[int], rights: Sequence[int]) -> Iterator[tuple[int, int]]:
    """For each clause before, the clauses after that share most rare runs of words with it."""
    wanted = set().union(*[table.runs(0, x) for x in lefts])
    places: dict[str, list[int]] = defaultdict(list)
    for y in rights:
        for run in table.runs(1, y) & wanted:
            places[run].append(y)
    telling = {run for run, at in places.items() if len(at) <= _COMMON}
    for x in lefts:
        shared = Counter(chain.from_iterable([places[run] for run in table.runs(0, x) & telling]))
        for y, _ in sorted(shared.items(), key=lambda item: (-item[1], abs(item[0] - x), item[0]))[:_CANDIDATES]:
            yield x, y


def _numbered(table: WordTable, lefts: Sequence[int], rights: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Short clauses that differ in their numbers alone, where there is only one such on either side."""
    sides = []
    for side, places in ((0, lefts), (1, rights)):
        forms = [(table.bare(side, at), at) for at in places]
        times = Counter(form for form, _ in forms)
        sides.append({form: at for form, at in forms if form and times[form] == 1})
    for form, x in sides[0].items():
        if form in sides[1]:
            yield x, sides[1][form]


def _beside(place: int, left: Sequence[int], right: Sequence[int]) -> Sequence[int]:
    """The three clauses of the right side that stand about as far down their gap."""
    middle = place * len(right) // len(left)
    return right[max(0, middle - 1) : middle + 2]


def _may_move(found: Alignment, table: WordTable, x: int, y: int) -> bool:
    """Whether similar clauses can be one that moved: short ones only as headings, or together with a neighbour. Others
    ("Location: USA") are said again of something else."""
    one, other = table.clauses[0][x], table.clauses[1][y]
    long = min(len(one.text), len(other.text)) >= _SHORTEST
    if (long and {one.kind, other.kind} != _UNLIKE) or one.kind == other.kind == "heading":
        return True
    return found.pairs.get(x - 1) == y - 1 or found.pairs.get(x + 1) == y + 1


# ---- order -------------------------------------------------------------------------------------------------------


def _mark_moved(found: Alignment, before: Sequence[Clause]) -> None:
    """Moved are the pairs that do not belong to the heaviest part of the text that kept its order. What is unchanged
    weighs twice as much as what was reworded, and each clause something by itself: it would be one entry more."""
    pairs = sorted(found.pairs.items())

    def weight(x: int) -> int:
        entries = before[x].text.count("\n\n") + 1 if before[x].kind == SHARED else 1
        return (len(before[x].text) + entries * _ENTRY) * (1 if x in found.similarity else 2)

    kept = heaviest(pairs, weight)
    found.moved = set(found.pairs) - {x for x, _ in kept}
