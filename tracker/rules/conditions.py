"""Say whether vocabulary words stand in a clause as a rule wants them: together, near, in order, or not at all.

All work grows with the number of words found, not with its square, so a clause of a megabyte is judged like any other.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

from tracker.rules.matching import Span
from tracker.rules.words import Words

PLACES = ("text", "item", "opening", "lead-in", "heading", "near-heading", "last-heading", "anywhere", "matched")

Choice = tuple[str, ...]  # vocabulary names, any of which will do


@dataclass(frozen=True, slots=True)
class Test:
    """One condition of a rule.

    `all`: each must stand there; `any`: one of them; `none`: none of them. `within` is "clause", "sentence", or the
    number of words that may stand between neighbours; `ordered`: in the order written. With a number, `none` speaks
    of the words between. `where` is one of PLACES; "matched" are the sentences in which the topic was found.
    """

    all: tuple[Choice, ...] = ()
    any: tuple[Choice, ...] = ()
    none: tuple[Choice, ...] = ()
    within: str | int = "sentence"
    ordered: bool = False
    where: str = "text"
    needs: tuple[frozenset[str], ...] = field(init=False, default=())  # one of each must be found

    def __post_init__(self) -> None:
        either = frozenset(name for choice in self.any for name in choice)
        object.__setattr__(self, "needs", (*map(frozenset, self.all), *([either] if either else [])))


@dataclass(frozen=True, slots=True)
class Seen:
    """The words of a clause, where each vocabulary was found in it, and the sentences in which a topic was found."""

    words: Words
    found: Mapping[str, list[Span]]
    matched: frozenset[int] | None = None
    known: dict[tuple[Choice, str], list[Span]] = field(default_factory=dict, repr=False, compare=False)

    def spans(self, choice: Choice, where: str) -> list[Span]:
        """The sightings of any of these vocabularies in one place, in order. Many rules ask for the same."""
        asked = choice, where
        if asked not in self.known:
            self.known[asked] = self._spans(choice, where)
        return self.known[asked]

    def _spans(self, choice: Choice, where: str) -> list[Span]:
        low, high = self.words.zone(where)
        spans = [span for name in choice for span in self.found.get(name, ()) if low <= span[0] < high]
        if where == "matched" and self.matched is not None:
            spans = [span for span in spans if self.words.sentences[span[0]] in self.matched]
        return sorted(spans) if len(choice) > 1 else spans


@dataclass(frozen=True, slots=True)
class Spot:
    """Where a test holds: the sightings that decided it, and the sentences that they stand in."""

    spans: tuple[Span, ...] = ()
    sentences: frozenset[int] = frozenset()


def find_spot(test: Test, seen: Seen) -> Spot | None:
    """Where a test holds in a clause, or None. A test of absence alone holds with an empty spot."""
    wanted = [seen.spans(choice, test.where) for choice in test.all]
    if not all(wanted):
        return None
    if test.any:
        wanted.append(sorted(span for choice in test.any for span in seen.spans(choice, test.where)))
        if not wanted[-1]:
            return None
    unwanted = sorted(span for choice in test.none for span in seen.spans(choice, test.where))
    if not wanted:
        return None if unwanted else Spot()
    if isinstance(test.within, int):
        return _near(wanted, unwanted, test.within, test.ordered, seen)
    if test.within == "clause":
        return None if unwanted else _spot([spans[0] for spans in wanted], seen, wanted)
    return _same_sentence(wanted, unwanted, test.ordered, seen)


def _spot(spans: list[Span], seen: Seen, wanted: Collection[list[Span]] = ()) -> Spot:
    every = [span for group in wanted for span in group] or spans
    return Spot(tuple(sorted(set(spans))), frozenset(seen.words.sentences[start] for start, _ in every))


def _same_sentence(wanted: list[list[Span]], unwanted: list[Span], ordered: bool, seen: Seen) -> Spot | None:
    numbers = seen.words.sentences
    shared = set.intersection(*({numbers[start] for start, _ in spans} for spans in wanted))
    shared -= {numbers[start] for start, _ in unwanted}
    good: dict[int, list[Span]] = {}
    by_sentence: list[dict[int, list[Span]]] = []
    for spans in wanted:
        groups: dict[int, list[Span]] = {}
        for span in spans:
            groups.setdefault(numbers[span[0]], []).append(span)
        by_sentence.append(groups)
    for number in sorted(shared):
        chosen = (
            _in_order([groups[number] for groups in by_sentence]) if ordered else [g[number][0] for g in by_sentence]
        )
        if chosen:
            good[number] = chosen
    if not good:
        return None
    return Spot(tuple(span for spans in good.values() for span in sorted(set(spans))), frozenset(good))


def _in_order(groups: list[list[Span]]) -> list[Span]:
    """One sighting of each group, each after the one before; [] where there is no such row."""
    chosen: list[Span] = []
    at = -1
    for spans in groups:
        following = next((span for span in spans if span[0] >= at), None)
        if following is None:
            return []
        chosen.append(following)
        at = following[1]
    return chosen


def _near(wanted: list[list[Span]], unwanted: list[Span], limit: int, ordered: bool, seen: Seen) -> Spot | None:
    """Rows of sightings with at most `limit` words between neighbours (unordered: from the first kind to others)."""
    rows = _chains(wanted, limit, seen) if ordered else _clusters(wanted, limit, seen)
    stops = [start for start, _ in unwanted]
    good = []
    for row in rows:
        low, high = min(span[0] for span in row), max(span[1] for span in row)
        if bisect_left(stops, low) == bisect_left(stops, high):
            good.append(row)
    if not good:
        return None
    sentences = frozenset(seen.words.sentences[span[0]] for row in good for span in row)
    return Spot(tuple(sorted({span for row in good for span in row})), sentences)


def _chains(wanted: list[list[Span]], limit: int, seen: Seen) -> list[list[Span]]:
    numbers = seen.words.sentences
    rows = [[span] for span in wanted[0]]
    for spans in wanted[1:]:
        rows.sort(key=lambda row: row[-1][1])
        ends = [row[-1][1] for row in rows]
        longer = []
        for span in spans:
            place = bisect_right(ends, span[0]) - 1  # the nearest row that ends before this sighting
            if place >= 0 and span[0] - ends[place] <= limit and numbers[rows[place][-1][0]] == numbers[span[0]]:
                longer.append([*rows[place], span])
        rows = longer
    return rows


def _clusters(wanted: list[list[Span]], limit: int, seen: Seen) -> list[list[Span]]:
    numbers = seen.words.sentences
    rows = []
    starts = [[start for start, _ in spans] for spans in wanted]
    for anchor in wanted[0]:
        row = [anchor]
        for spans, begins in zip(wanted[1:], starts[1:], strict=True):
            place = bisect_left(begins, anchor[0])
            beside = [span for span in spans[max(0, place - 1) : place + 2] if span != anchor]
            gaps = [
                (max(span[0] - anchor[1], anchor[0] - span[1]), span)
                for span in beside
                if numbers[span[0]] == numbers[anchor[0]]
            ]
            if not gaps or min(gaps)[0] > limit:
                break
            row.append(min(gaps)[1])
        else:
            rows.append(row)
    return rows
