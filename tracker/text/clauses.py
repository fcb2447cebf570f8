"""A text, clause by clause: headings, paragraphs, list items, table rows, each with what governs it.

Read are the Markdown of our own extractor, that of Open Terms Archive (setext headings, wide bullets, hard breaks,
escapes) and plain text that people paste (soft-wrapped lines).

Most of a new version stands in the one before, and most of that nobody asks for. So a clause is read when it is asked
for, and `split` takes over the clauses of a text that it is shown where they stand in the new text too.
"""

from __future__ import annotations

import re
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import accumulate, pairwise
from threading import RLock
from typing import Any

from tracker.model import Clause
from tracker.text import keys, shared
from tracker.text.blocks import SHORT, Block, blocks
from tracker.text.keys import clause_key, read_piece, words_of
from tracker.text.links import SIGN_BEHIND
from tracker.text.place import Place
from tracker.text.sentences import LONGEST, portions, sentences
from tracker.text.shared import WORD_FIRST
from tracker.text.wording import DIVISIONS

_KEPT = 1_000_000  # characters: longer texts are not kept divided
_MOST = 50_000  # clauses of a text: the longest real ones have a tenth; what stands behind them is one clause
_TRIED = 8  # characters of a clause of which the rarest is looked for
_TEXTS = 4  # texts that are kept divided

SHARED = "shared"  # the kind of what stands for a stretch of text that another one has too: see `Clauses.apart`

_NUMBER_ALONE = re.compile(r"(?:\d{1,3}\.){1,5}\d{0,3}|\d{1,3}\)|\((?:\d{1,3}|[a-z]|[ivx]{1,5})\)")
_BOLD = re.compile(r"(?:\*\*|__)(?!\s)[^*]+(?:\*\*|__)[:.]?$")


# ---- clauses -----------------------------------------------------------------------------------------------------


@dataclass(slots=True)
class _Source:
    """What a clause was made from, and the place before it: see `Unread`."""

    marker: str
    indent: int
    body: str
    level: int  # of a heading
    place: Place | None = None  # None until the text in front is divided too
    owner: Clauses | None = field(default=None, compare=False)  # of a clause that has no place yet

    def read(self, clause: Clause, name: str) -> Mapping[str, object]:
        if name == "key":
            return {"key": clause_key(clause.text)}
        if name in ("heading", "level", "lead_in"):
            self.owner._divided()
            return {}
        text, numbering, links = read_piece(self.body)
        text = SIGN_BEHIND.sub("", text) if clause.kind == "heading" else text
        return {"text": text, "label": f"{self.marker} {numbering}".strip(), "links": links}

    def after(self, kind: str) -> tuple[Place, int, str]:
        """The place after a clause of a kind, and its level and lead-in."""
        if kind == "paragraph":
            after, lead_in = self.place.after_paragraph(self.body, self.indent, words_of)
            return after, self.level, lead_in
        if kind == "item":
            return self.place.after_item(self.marker, self.indent, self.body, words_of)
        if kind == "heading":
            return (
                self.place.after_heading(self.level, SIGN_BEHIND.sub("", words_of(self.body)), self.body),
                self.level,
                "",
            )
        return self.place, self.level, ""

    def settle(self, clause: Clause, place: Place) -> Place:
        """Say where a clause stands; the place after it."""
        self.place, self.owner = place, None
        after, level, lead_in = self.after(clause.kind)
        clause.settle(level, after.path[:-1] if clause.kind == "heading" else place.path, lead_in)
        return after


def split(text: str, like: Sequence[Clause] = ()) -> Clauses:
    """The clauses of a text in order. For every `str`, "".join(clause.raw for clause in split(text)) == text.

    Lines without words (rules, dividers of tables, empty lines) belong to the raw text of the clause above. `like`
    are the clauses of another text, as this function gave them: what both texts share is then taken over from there.
    The result is the same without it, only later.
    """
    found = _recent.get(text)
    if found is None:
        found = Clauses(text, like if isinstance(like, Clauses) else None)
        if len(text) <= _KEPT:
            # Who walks through versions divides each of them twice: as the text after, then as the one before.
            for oldest in list(_recent)[: 1 - _TEXTS]:
                _recent.pop(oldest, None)
            _recent[text] = found
    return found


_recent: dict[str, Clauses] = {}
_DIVIDING = RLock()  # readers of one text in several threads are given the same clauses


def forget() -> None:
    """Forget all readings, so that the next text is read as the first one is: for measuring."""
    _recent.clear()
    keys.forget()


class Clauses(Sequence[Clause]):
    """The clauses of a whole text in order, divided when somebody asks for them; a slice is a tuple.

    What stands between two cuts can be had before the rest is divided: see `shared`. `like` is another text: what both
    share is then taken over from there. What a clause says depends on neither.
    """

    __slots__ = ("_all", "_counted", "_gaps", "_given", "_like", "_starts", "text")

    def __init__(self, text: str, like: Clauses | None = None) -> None:
        self.text = text
        self._like = like
        self._gaps: list[shared.Gap] = []  # where this text differs from `like`, if known
        self._given: dict[tuple[int, int], Sequence[Clause]] = {}  # what was asked for before the rest, by its cuts
        self._counted: list[Sequence[Clause]] = []  # all clauses, not in place yet: what was divided to be counted
        self._all: tuple[Clause, ...] | None = None
        self._starts: list[int] = []  # where each clause starts in the text
        if like is not None and like._all is None:
            like._like = None  # who walks through versions does not hold them all

    def __len__(self) -> int:
        if self._all is None and self.text:
            with _DIVIDING:
                self._counted = self._counted or list(self._parts())
                return sum(map(len, self._counted)) or 1
        return len(self._divided())

    def __getitem__(self, at: Any) -> Any:
        return self._divided()[at]

    def __iter__(self) -> Iterator[Clause]:
        return iter(self._divided())

    def __eq__(self, other: object) -> bool:
        return self.text == other.text if isinstance(other, Clauses) else self._divided() == other

    def __hash__(self) -> int:
        return hash(self._divided())

    def __reduce__(self) -> tuple[Callable[..., Clauses], tuple[str, tuple[Clause, ...]]]:
        return _restored, (self.text, self._divided())

    def apart(self, after: Clauses) -> tuple[Sequence[Clause], Sequence[Clause], str]:
        """The clauses of both texts where they differ, with one of the kind `SHARED` for each long stretch between
        that they share; and the front and the back that they share. Where their headings differ they go on to the
        next one: what stands under a heading tells which it was."""
        if self.text == after.text:
            return (), (), self.text
        if not (_is_bounded(self.text) and _is_bounded(after.text)):
            return self._divided(), after._divided(), ""
        with _DIVIDING:
            gaps, own, others = self._to_headings(after, shared.apart(self.text, after.text))
            self._give([gap[:2] for gap in gaps], own)
            if after._give([gap[2:] for gap in gaps], others):
                after._like, after._gaps = self, gaps
        between = []
        for one, other in pairwise(gaps):
            stretch = self.text[one.end : other.start]
            between.append(Clause(SHARED, stretch, stretch, ""))
        outside = self.text[: gaps[0].start] + self.text[gaps[-1].end :]
        return _joined(own, between), _joined(others, between), outside

    def holding(self, words: Sequence[str], says_more: Callable[[str], bool]) -> list[Clause]:
        """The clauses that have these words in this order, from the passages between two breaks that have them; none
        with a line that says more."""
        found: list[Clause] = []
        text, rarest = self.text, max(words, key=len)
        if len(rarest) == 1:
            rarest = min(list(dict.fromkeys(words))[:_TRIED], key=text.count)
        at = text.find(rarest)
        while at >= 0:
            end = text.find("\n", at)
            if not says_more(text[text.rfind("\n", 0, at) + 1 : end if end >= 0 else len(text)]):
                start, end = shared.passage(text, at)
                if _has(text[start:end], words):
                    here = _unplaced(text[start:end], self) if self._all is None else self._inside(start, end)
                    found += [one for one in here if _has(one.raw, words) and not says_more(one.raw)]
            at = text.find(rarest, end) if end >= 0 else -1
        return found

    def _to_headings(
        self, after: Clauses, gaps: list[shared.Gap]
    ) -> tuple[list[shared.Gap], list[Sequence[Clause]], list[Sequence[Clause]]]:
        """Gaps with their clauses in both texts, those in which the headings differ as far as the next one."""
        found: list[shared.Gap] = []
        own: list[Sequence[Clause]] = []
        others: list[Sequence[Clause]] = []
        for gap, limit in zip(gaps, [*[gap.start for gap in gaps[1:]], len(self.text)], strict=True):
            left, right = self._between(*gap[:2]), after._between(*gap[2:])
            if _headings(left) != _headings(right):
                further = shared.next_heading(self.text, gap.end, limit) - gap.end
                left = [*left, *self._between(gap.end, gap.end + further)]
                right = [*right, *after._between(gap.end_after, gap.end_after + further)]
                gap = gap._replace(end=gap.end + further, end_after=gap.end_after + further)
            if found and found[-1].end == gap.start:
                gap = gap._replace(start=found[-1].start, start_after=found[-1].start_after)
                left, right = [*own.pop(), *left], [*others.pop(), *right]
                found.pop()
            found.append(gap)
            own.append(left)
            others.append(right)
        return found, own, others

    def _between(self, start: int, end: int) -> Sequence[Clause]:
        """The clauses between two cuts."""
        if (start, end) in self._given:
            return self._given[start, end]
        if self._given or self._counted or self._all is not None or end - start == len(self.text):
            return self._inside(start, end)
        return _unplaced(self.text[start:end], self)

    def _give(self, stretches: list[tuple[int, int]], clauses: list[Sequence[Clause]]) -> bool:
        """Keep what is given out, so that nobody gets other clauses in its place. False where that is needless."""
        if self._given or self._counted or self._all is not None:
            return False
        self._given = dict(zip(stretches, clauses, strict=True))
        return True

    def _inside(self, start: int, end: int) -> tuple[Clause, ...]:
        """The clauses that hold what stands between two places."""
        found = self._divided()
        if not self._starts:
            self._starts = list(accumulate([len(clause.raw) for clause in found], initial=0))
        return found[bisect_right(self._starts, start) - 1 : bisect_left(self._starts, end)]

    def _divided(self) -> tuple[Clause, ...]:
        if self._all is None:
            with _DIVIDING:
                self._all = self._all or tuple(self._in_place())
                self._like, self._gaps, self._given, self._counted = None, [], {}, []
        return self._all

    def _in_place(self) -> list[Clause]:
        """All clauses, each in its place, from the parts that are there already."""
        found: list[Clause] = []
        place = Place()
        for part in self._counted or self._parts():
            place = _place(part, place, found)
        if not found and self.text:
            return [Clause("paragraph", self.text, "", clause_key(""))]
        return found

    def _parts(self) -> Iterator[Sequence[Clause]]:
        """The clauses of this text part by part: given out before, taken over, or divided now."""
        text, like, gaps = self.text, self._like, self._gaps
        if like and (gaps or not self._given) and _is_bounded(text) and _is_bounded(like.text) and like._is_own():
            at = 0
            for gap in gaps or shared.apart(like.text, text):
                yield like._inside(at, gap.start)
                yield self._given.get(gap[2:]) or _unplaced(text[gap.start_after : gap.end_after], self)
                at = gap.end
            yield like._inside(at, len(like.text))
            return
        at = 0
        for (start, end), clauses in self._given.items():
            yield _unplaced(text[at:start], self)
            yield clauses
            at = end
        yield _unplaced(text[at:], self)

    def _is_own(self) -> bool:
        """Whether these clauses were divided here, so that others can take them over."""
        return bool(self) and self[0].source is not None


def _headings(clauses: Sequence[Clause]) -> list[str]:
    return [clause.raw.strip() for clause in clauses if clause.kind == "heading"]


def _joined(parts: list[Sequence[Clause]], between: list[Clause]) -> list[Clause]:
    """Clauses of several parts, with one for what stands between two of them."""
    found = [clause for part, shared in zip(parts, between, strict=False) for clause in (*part, shared)]
    return [*found, *parts[-1]]


def holding(clauses: Sequence[Clause], words: Sequence[str], says_more: Callable[[str], bool]) -> Sequence[Clause]:
    """The clauses that have these words in this order, and perhaps some beside them; none of which the raw text surely
    says more than what is looked for. What depends on their place is left open."""
    if isinstance(clauses, Clauses) and shared.is_simple(clauses.text):
        return clauses.holding(words, says_more)
    return [clause for clause in clauses if _has(clause.raw, words) and not says_more(clause.raw)]


def _has(text: str, words: Sequence[str]) -> bool:
    """Whether words stand in a text in this order."""
    at = 0
    for word in words:
        at = text.find(word, at)
        if at < 0:
            return False
        at += len(word)
    return True


def _restored(text: str, clauses: tuple[Clause, ...]) -> Clauses:
    """A copy of clauses that were divided elsewhere."""
    found = Clauses(text)
    found._all = clauses
    return found


def _is_bounded(text: str) -> bool:
    """Whether a text surely has no more clauses than one may have: each has a character and a line end, or ends a
    sentence of a long paragraph."""
    if len(text) < 2 * _MOST:
        return True
    return sum([text.count(mark) for mark in "\n\r.!?。！？；"]) + len(text) // 1500 < _MOST


def _unplaced(text: str, owner: Clauses) -> list[Clause]:
    """The clauses of a text, or of a part of it, without what depends on the place where they stand; of a text with too
    many the last one with all the rest."""
    pieces = _spoken(text)
    starts = [0, *[start for start, _, _ in pieces[1:]], len(text)]
    if len(pieces) > _MOST:
        start = starts[_MOST - 1]
        pieces[_MOST - 1 :] = [(start, Block("paragraph", start, []), text[start:])]
        starts[_MOST:] = [len(text)]
    found = []
    for (_, block, body), (start, end) in zip(pieces, pairwise(starts), strict=False):
        kind, level = _kind(block, body)
        source = _Source(block.marker, block.indent, body, level, None, owner)
        found.append(Clause.unread(kind, text[start:end], source))
    return found


def _place(clauses: Sequence[Clause], place: Place, found: list[Clause]) -> Place:
    """Put clauses in place one after the other, those that stand in the same place already as they are; the place
    after them."""
    for number, clause in enumerate(clauses):
        source = clause.source
        if source.place == place:
            found += clauses[number:]
            return clauses[-1].source.after(clauses[-1].kind)[0]
        if source.place is not None:
            clause = Clause.unread(clause.kind, clause.raw, replace(source))
        place = clause.source.settle(clause, place)
        found.append(clause)
    return place


def _spoken(text: str) -> list[tuple[int, Block, str]]:
    """The clauses to be: where each starts, its block, its body. What holds no letter and no digit belongs to the
    clause before it."""
    found: list[tuple[int, Block, str]] = []
    waiting: tuple[int, str] | None = None  # a number that stands alone on its line belongs to what follows
    bodies = _bodies(text)
    for number, (start, block, body) in enumerate(bodies, 1):
        if not shared.speaks(body, 0, len(body)):
            words = words_of(body)
            alone = block.kind == "paragraph" and len(body) < 16 and _NUMBER_ALONE.fullmatch(words)
            if alone and number < len(bodies):
                waiting = waiting or (start, words)
                continue
            if block.kind != "code" and not any(map(str.isalnum, words)):
                continue
        if waiting:
            start = waiting[0]
            block.marker = f"{waiting[1]} {block.marker}".strip()
            waiting = None
        found.append((start, block, body))
    return found


def _bodies(text: str) -> list[tuple[int, Block, str]]:
    """The blocks of a text with where they start and what they hold, very long ones divided."""
    found: list[tuple[int, Block, str]] = []
    for block in blocks(text):
        body = "\n".join(block.lines) if block.lines[1:] else block.lines[0]
        if len(body) <= LONGEST:
            found.append((block.start, block, body))
            continue
        start = block.start
        for number, portion in enumerate(portions(text[block.start : block.ends[-1]])):
            part = Block("paragraph", start, [], max(block.indent, 1)) if number else block
            found.append((start, part, portion if number else portion.lstrip()[len(block.marker) :]))
            start += len(portion)
    return found


def _kind(block: Block, body: str) -> tuple[str, int]:
    """The kind of a block and the level of a heading: short bold or capital lines are headings that do not say so."""
    if block.kind in ("heading", "row", "code") or len(body) >= SHORT or block.lines[1:]:
        return block.kind, block.level
    if block.kind == "item" and not block.marker[:1].isdigit():
        return block.kind, 0
    if body[:1] not in ("*", "_"):
        first = WORD_FIRST.match(body)
        if body.lower() == body or (first and not first[2].isupper() and first[2].casefold() not in DIVISIONS):
            return block.kind, 0
    words = words_of(body)
    if _BOLD.match(body) and not sentences(words)[1:] and not words.endswith(","):
        return "heading", 7
    if words.isupper() and len(words) > 3 and words[-1] not in ".,;" and sum(map(str.isalpha, words)) > 3:
        return "heading", 7
    return block.kind, 0
