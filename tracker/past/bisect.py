"""Finding where a text changed among many captures with few downloads. Pure but for the reading it is given.

The captures of a page are cut into stretches; of each its two ends are read, and a stretch is halved as long as its
ends read differently. What came and went between two equal ends is not seen: stretches are short for that reason.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta

STRETCH = timedelta(days=90)
INWARD = 4  # captures that are tried in place of an end that cannot be read

Substance = str | None  # of the text; None where the capture is not the document


async def changes(moments: Sequence[datetime], read: Callable[[int], Awaitable[Substance]]) -> None:
    """Reads as few captures as find every change between unequal ends. `moments` are those of the captures, in order;
    `read` fetches the capture of an index, keeps it, and gives the hash of its text."""
    known: dict[int, Substance] = {}

    async def at(place: int) -> Substance:
        if place not in known:
            known[place] = await read(place)
        return known[place]

    for first, last in stretches(moments):
        low = await _readable(first, last, 1, at)
        high = await _readable(last, low, -1, at)
        pending = [(low, high)]
        while pending:
            low, high = pending.pop()
            if high - low > 1 and await at(low) != await at(high):
                middle = (low + high) // 2
                await at(middle)
                pending += [(middle, high), (low, middle)]


async def _readable(start: int, end: int, step: int, at: Callable[[int], Awaitable[Substance]]) -> int:
    """The first capture from one end of a stretch that is the document, among a few."""
    for place in range(start, end + step if abs(end - start) < INWARD else start + step * INWARD, step):
        if await at(place) is not None:
            return place
    return start


def stretches(moments: Sequence[datetime]) -> list[tuple[int, int]]:
    """Neighbouring stretches that share their ends, each as (first, last) index and at most `STRETCH` long where the
    captures are not further apart."""
    found, first = [], 0
    for place in range(1, len(moments)):
        if place == len(moments) - 1 or moments[place + 1] - moments[first] > STRETCH:
            found.append((first, place))
            first = place
    return found or ([(0, 0)] if moments else [])
