"""Lineage: every clause followed through the versions of a document, as `git blame` follows lines, but by meaning.

A clause keeps its number while it is reworded, moved, renumbered or joined with others; one that was gone and comes
back with words that it ever had takes its old number again, so a page that flips between two texts gives each clause
one history and not a new one at every visit. Pure: numbers of clauses are given by the archive.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from tracker.model import ClausePlaces, Kind

FIRST = "first"  # it stood in the first version that was ever seen
DROPPED = "dropped"  # one copy fewer of what stands elsewhere too
SPLIT = frozenset({Kind.SPLIT, Kind.SPLIT_REWORDED})
MERGED = frozenset({Kind.MERGED, Kind.MERGED_REWORDED})
PAIRED = frozenset({Kind.REWORDED, Kind.MOVED, Kind.MOVED_REWORDED, Kind.FORM})


@dataclass(frozen=True, slots=True)
class Stand:
    """A clause in a version, as far as following it needs to know: the key of its substance, its size in characters."""

    key: str
    size: int


@dataclass(frozen=True, slots=True)
class Event:
    """What happened to a clause in a version. `clause` is its number, negative for one that is new: -1, -2, …

    `kind` is "first", a kind of clause change, or "dropped". `before` and `after` are its places in the version before
    and in this one; `after` is None where it is gone. `related` are the clauses that a split or a merge concerns, or
    that a copy repeats, or that had these words before.
    """

    clause: int
    kind: str
    before: int | None
    after: int | None
    related: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Step:
    """What a version means for the clauses of its document: their numbers in its order, and what happened to them.

    `begun` are the keys of the clauses that are new: -1, -2, … in this order.
    """

    numbers: tuple[int, ...]
    events: tuple[Event, ...]
    begun: tuple[str, ...]


def coming(places: Iterable[ClausePlaces]) -> list[int]:
    """The places after of clauses that may have had another number before, or none: for these `follow` asks who ever
    held their words."""
    return [y for one in places if one.kind not in PAIRED or not one.before for y in one.after if y is not None]


def follow(
    numbers: Sequence[int],
    before: Sequence[Stand],
    after: Sequence[Stand],
    places: Sequence[ClausePlaces] | None,
    held: Mapping[str, Sequence[int]],
) -> Step:
    """Follows clauses from one version of a text into the next.

    `numbers` are those of the clauses before, in order; `places` the clause changes between the two versions, None for
    the first version of a text. `held` names for a key all clauses that ever had it, in order of their numbers; keys of
    the places that `coming` gives are enough. Raises ValueError where the changes do not fit the two versions.
    """
    step = _Step(numbers, before, after, held)
    if places is None:
        for y in range(len(after)):
            step.come(y, FIRST)
        return step.done()
    _carry_on(step, places)
    for one in places:
        xs = [x for x in one.before if x is not None]
        ys = [y for y in one.after if y is not None]
        if one.kind == Kind.REPLACED:
            xs, ys = _kept(step, xs, ys)
        if one.kind in PAIRED and xs and ys:
            step.stay(xs[0], ys[0], one.kind)
        elif one.kind in SPLIT and xs and ys:
            _split(step, xs[0], ys, one.kind)
        elif one.kind in MERGED and xs and ys:
            _merge(step, xs, ys[0], one.kind)
        else:
            for x in xs:
                step.go(x, DROPPED if one.kind == Kind.REPEATED else Kind.REMOVED)
            for y in ys:
                step.come(y, one.kind if one.kind in (Kind.RETURNED, Kind.REPEATED) else Kind.ADDED)
    return step.done()


@dataclass(slots=True)
class _Step:
    """A step in the making."""

    numbers: Sequence[int]
    before: Sequence[Stand]
    stands: Sequence[Stand]
    held: Mapping[str, Sequence[int]]
    found: dict[int, int] = field(default_factory=dict)  # place after -> number
    events: list[Event] = field(default_factory=list)
    begun: list[str] = field(default_factory=list)
    alive: set[int] = field(default_factory=set)

    def __post_init__(self) -> None:
        self.alive = set(self.numbers)  # also those that go in this step: what goes and what comes are two clauses

    def stay(self, x: int, y: int, kind: str, related: tuple[int, ...] = ()) -> None:
        self.found[y] = self.numbers[x]
        if kind and kind != Kind.FORM:
            self.events.append(Event(self.numbers[x], str(kind), x, y, related))

    def go(self, x: int, kind: str, related: tuple[int, ...] = ()) -> None:
        self.events.append(Event(self.numbers[x], str(kind), x, None, related))

    def come(self, y: int, kind: str, related: tuple[int, ...] = ()) -> int:
        holders = self.held.get(self.stands[y].key, ())
        number = next((one for one in holders if one not in self.alive), None)
        if number is not None:
            kind = Kind.RETURNED
        else:
            self.begun.append(self.stands[y].key)
            number = -len(self.begun)
            if not related and kind in (Kind.RETURNED, Kind.REPEATED):
                related = tuple(holders[:1])
        self.alive.add(number)
        self.found[y] = number
        self.events.append(Event(number, str(kind), None, y, related))
        return number

    def done(self) -> Step:
        if len(self.found) != len(self.stands):
            raise ValueError("the changes do not fit the two versions")
        numbers = tuple(self.found[y] for y in range(len(self.stands)))
        return Step(numbers, tuple(self.events), tuple(self.begun))


def _carry_on(step: _Step, places: Sequence[ClausePlaces]) -> None:
    """What no change names stands in the same order on both sides."""
    old = {x for one in places for x in one.before}
    new = {y for one in places for y in one.after}
    rest = [x for x in range(len(step.numbers)) if x not in old], [y for y in range(len(step.stands)) if y not in new]
    for x, y in zip(*rest, strict=True):
        step.found[y] = step.numbers[x]


def _split(step: _Step, x: int, ys: Sequence[int], kind: str) -> None:
    """The longest part goes on as the clause; the others begin, or are back."""
    heir = max(ys, key=lambda y: (step.stands[y].size, -y))
    number = step.numbers[x]
    parts = tuple(step.come(y, Kind.SPLIT, (number,)) for y in ys if y != heir)
    step.stay(x, heir, kind, parts)


def _merge(step: _Step, xs: Sequence[int], y: int, kind: str) -> None:
    """The longest clause goes on; the others go into it."""
    heir = max(xs, key=lambda x: (step.before[x].size, -x))
    others = [x for x in xs if x != heir]
    for x in others:
        step.go(x, Kind.MERGED, (step.numbers[heir],))
    step.stay(heir, y, kind, tuple(step.numbers[x] for x in others))


def _kept(step: _Step, xs: Sequence[int], ys: Sequence[int]) -> tuple[list[int], list[int]]:
    """Where a whole document was swapped: clauses that stand in both go on; the others are given back."""
    waiting: dict[str, deque[int]] = defaultdict(deque)
    for x in xs:
        waiting[step.before[x].key].append(x)
    new = []
    for y in ys:
        same = waiting.get(step.stands[y].key)
        if same:
            step.stay(same.popleft(), y, "")
        else:
            new.append(y)
    return sorted(x for left in waiting.values() for x in left), new
