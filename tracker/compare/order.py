"""What kept its order: of pairs that cross, those that weigh most."""

from __future__ import annotations

from collections.abc import Callable, Sequence


def heaviest(pairs: Sequence[tuple[int, int]], weight: Callable[[int], int]) -> list[tuple[int, int]]:
    """The heaviest subsequence of pairs (rising in the first) that rises in the second; O(n log n), Fenwick tree.
    `weight` says how much the pair with this first position weighs, more than 0."""
    rising = sorted([y for _, y in pairs])
    if [y for _, y in pairs] == rising:
        return list(pairs)
    rank = {y: at for at, y in enumerate(rising, 1)}
    best: list[tuple[int, int]] = [(0, -1)] * (len(rank) + 1)
    before: list[int] = []
    top = (0, -1)
    for index, (x, y) in enumerate(pairs):
        at, reach = rank[y] - 1, (0, -1)
        while at:
            reach = max(reach, best[at])
            at &= at - 1
        before.append(reach[1])
        reach = (reach[0] + weight(x), index)
        top = max(top, reach)
        at = rank[y]
        while at < len(best):
            best[at] = max(best[at], reach)
            at += at & -at
    chain, index = [], top[1]
    while index >= 0:
        chain.append(pairs[index])
        index = before[index]
    return chain[::-1]
