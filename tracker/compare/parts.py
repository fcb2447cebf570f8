"""Clauses that broke up or grew together: one before, several after, or the other way round."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping

from rapidfuzz.distance import LCSseq

from tracker.compare.likeness import WordTable, contained, pairs_of

Groups = dict[int, list[int]]  # position of the whole on its side: positions of its parts on the other, in order

_NEAR = 4  # clauses that may stand between two parts
_SENTENCE = 8  # words: what is shorter may stand in two places by chance
_COMMON = 40  # a run of words that stands in more clauses than this tells nothing


def parts(pairs: Mapping[int, int], table: WordTable) -> tuple[Groups, Groups]:
    """Clauses without a partner that are parts of a clause on the other side, which is paired with another part.

    `pairs` are positions (before, after). The result: splits {before: [after, …]} and merges {after: [before, …]},
    each with the partner among the parts.
    """
    partners = dict(pairs), {y: x for x, y in pairs.items()}
    taken = set(partners[0]), set(partners[1])
    found: tuple[Groups, Groups] = {}, {}
    sides = [side for side in (0, 1) if len(taken[1 - side]) < len(table.clauses[1 - side])]  # with an open part
    for side in sides:
        for whole, first in _changed(partners, table, found, side):
            group = _grown(table, side, whole, first, taken[1 - side])
            if len(group) > 1:
                found[side][whole] = group
                taken[1 - side].update(group)
    for side in sides:
        _gather(partners, table, found, taken, side)
    return found


def _changed(
    partners: tuple[dict[int, int], dict[int, int]], table: WordTable, found: tuple[Groups, Groups], side: int
) -> list[tuple[int, int]]:
    """The pairs of a side, in order, that are not equal and whose other end is no whole itself."""
    wholes, others = table.clauses[side], table.clauses[1 - side]
    return [
        (at, to)
        for at, to in sorted(partners[side].items())
        if wholes[at].raw != others[to].raw and wholes[at].key != others[to].key and to not in found[1 - side]
    ]


def _grown(table: WordTable, side: int, at_whole: int, first: int, taken: set[int]) -> list[int]:
    """The parts of a clause around position `first` of the other side: a neighbour joins while it explains words of
    the clause that are not yet explained."""
    whole, group = table.of(side, at_whole), [first]
    explained = LCSseq.similarity(whole, table.of(1 - side, first))
    for step in (1, -1):
        at, skipped = first + step, 0
        while 0 <= at < len(table.clauses[1 - side]) and skipped < _NEAR and at not in taken and explained < len(whole):
            more = table.of(1 - side, at)
            joint = "".join(table.of(1 - side, part) for part in sorted([*group, at]))
            gain = LCSseq.similarity(whole, joint) - explained
            entire = gain == len(more) and more in whole and (len(more) > 1 or more in (whole[:1], whole[-1:]))
            mostly = len(more) > 3 and gain >= 0.7 * len(more) and contained(more, whole) >= 0.6
            if more and (entire or mostly or (gain >= _SENTENCE and _holds_rest(table, side, whole, group, more))):
                group = sorted([*group, at])
                explained += gain
                skipped = 0
            else:
                skipped += 1
            at += step
    return _filled(table, side, whole, group, explained, taken)


def _filled(table: WordTable, side: int, whole: str, group: list[int], explained: int, taken: set[int]) -> list[int]:
    """The parts with what stands between them and is too short to be known by itself: single words of a list."""
    for at in range(group[0] + 1, group[-1]):
        words = table.of(1 - side, at)
        if at not in group and at not in taken and words:
            joint = "".join([table.of(1 - side, part) for part in sorted([*group, at])])
            reach = LCSseq.similarity(whole, joint)
            if reach == explained + len(words):
                group, explained = sorted([*group, at]), reach
    return group


def _holds_rest(table: WordTable, side: int, whole: str, group: list[int], more: str) -> bool:
    """Whether a neighbour holds, among new words, nearly all of a clause that its parts so far do not hold."""
    rest = pairs_of(whole).difference(*[pairs_of(table.of(1 - side, part)) for part in group])
    return len(rest) >= _SENTENCE and len(rest & pairs_of(more)) >= 0.8 * len(rest)


def _gather(
    partners: tuple[dict[int, int], dict[int, int]],
    table: WordTable,
    found: tuple[Groups, Groups],
    taken: tuple[set[int], set[int]],
    side: int,
) -> None:
    """Add the parts that stand far away: nearly word for word in the whole, and not in what is paired with it."""
    other = 1 - side
    open_parts = [at for at in range(len(table.clauses[other])) if at not in taken[other]]
    open_parts = [at for at in open_parts if table.long(other, at, _SENTENCE)]
    if not open_parts:
        return
    wanted = set().union(*[table.runs(other, part) for part in open_parts])
    places: dict[str, list[int]] = defaultdict(list)
    for at, _ in _changed(partners, table, found, side):
        for run in table.runs(side, at) & wanted:
            places[run].append(at)
    for part in open_parts:
        words, runs = table.of(other, part), table.runs(other, part)
        votes = Counter([at for run in sorted(runs & places.keys()) for at in places[run][:_COMMON]])
        for at, shared in votes.most_common(3):
            if 3 * shared < len(runs):  # runs of two words are looked up too, and are none of a long whole
                break
            group = found[side].get(at, [partners[side][at]])
            kept = "".join(table.of(other, one) for one in group)
            if contained(words, table.of(side, at)) >= 0.9 and contained(words, kept) < 0.5:
                found[side][at] = sorted([*group, part])
                taken[other].add(part)
                break
