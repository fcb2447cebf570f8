"""Clauses as pieces of readable text with their marks: what was struck, what came, which words decided.

A piece is a plain dictionary: `text`, and where they apply `op` ("-" struck, "+" new), `mark` (a word that decided a
flag), `strong`, `emphasis`, `link`. The texts of the pieces, joined, read as the clause does.
"""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
from typing import Any

from tracker.model import Clause, ClauseChange
from tracker.text.wording import folded
from tracker.views import runs
from tracker.views.runs import Run

Piece = dict[str, Any]
Spans = Sequence[tuple[int, int]]

_SHOWN_MARK = re.compile(r"⟨U\+[0-9A-F]{4,6}⟩")
_SPACE = re.compile(r"\s+")
# Shown by `runs`, or dropped by the reader of plain text: neither counts when two readings are laid side by side.
_DROPPED = re.compile(r"[\s\u00ad\u2060]")


# ---- one clause --------------------------------------------------------------------------------------------------


def readable(clause: Clause) -> list[Run]:
    """What a reader sees of a clause, without the numbering in front, which is `clause.label`."""
    return _unlabelled(runs.read(clause.raw, clause.kind == "row"), clause.text)


def pieces(clause: Clause, op: str = "", spans: Spans = ()) -> list[Piece]:
    """A whole clause; `op` marks all of it, `spans` are positions in `clause.text` of the words that decided."""
    found = readable(clause)
    return _tidy(_marked([_Cut(op, run.text, run) for run in found], clause.text, spans))


def _unlabelled(found: list[Run], text: str) -> list[Run]:
    """Runs without what stands before the first character of the plain text: numbering is shown apart."""
    surplus = sum(len(_solid(run.text)) for run in found) - len(_solid(text))
    kept = []
    for run in found:
        if surplus <= 0:
            kept.append(run)
            continue
        size = len(_solid(run.text))
        if size <= surplus or not run.exact:
            surplus -= size
            continue
        cut = _position(run.text, surplus)
        surplus = 0
        kept.append(Run(run.text[cut:], run.start + cut, run.end, run.strong, run.emphasis, run.link))
    joined = "".join(run.text for run in kept)
    return kept if _solid(joined) == _solid(text) else found


def _solid(text: str) -> str:
    """The characters by which two readings of one clause are laid side by side."""
    return _DROPPED.sub("", _SHOWN_MARK.sub("", text))


def _position(text: str, solid: int) -> int:
    """The place in a text behind so many of its solid characters and the spaces after them."""
    seen = 0
    for place, character in enumerate(text):
        if not _DROPPED.match(character):
            if seen == solid:
                return place
            seen += 1
    return len(text)


# ---- a change ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Sides:
    """A clause change to be shown: each side by itself with its marks, and both in one line."""

    before: list[Piece]
    after: list[Piece]
    together: list[Piece]


def sides(change: ClauseChange, before: Spans = (), after: Spans = ()) -> Sides:
    """A clause change as pieces; `before` and `after` are positions of deciding words in the texts of the clauses,
    joined by one space where there are several."""
    if not change.words or not change.before or not change.after:
        old = [piece for clause in change.before for piece in [*pieces(clause, "-"), {"text": " "}]]
        new = [piece for clause in change.after for piece in [*pieces(clause, "+"), {"text": " "}]]
        if len(change.before) == 1:
            old = pieces(change.before[0], "-", before)
        if len(change.after) == 1:
            new = pieces(change.after[0], "+", after)
        return Sides(_tidy(old), _tidy(new), _tidy([*old, *new]))
    same = _same_words(change.words)
    old_cuts = _cuts(change.words, "-", change.before, same)
    new_cuts = _cuts(change.words, "+", change.after, same)
    old_text = " ".join(clause.text for clause in change.before)
    new_text = " ".join(clause.text for clause in change.after)
    old = _marked([cut for one in old_cuts for cut in one], old_text, before)
    new = _marked([cut for one in new_cuts for cut in one], new_text, after)
    together = [
        piece
        for number, (op, _) in enumerate(change.words)
        if op != "-" or number not in same
        for piece in _bare(old_cuts[number] if op == "-" else new_cuts[number])
    ]
    return Sides(_tidy(_settled(old)), _tidy(_settled(new)), _tidy(_settled(together)))


def clipped(found: Sequence[Piece], room: int = 12_000, around: int = 400) -> tuple[list[Piece], bool]:
    """Pieces that take about `room` characters at most, and whether anything was left out.

    What was struck, came or decided stays, with `around` characters on either side of it; "[…]" stands where something
    is left out. A clause of ordinary length stays whole.
    """
    if sum(len(piece["text"]) for piece in found) <= room:
        return list(found), False
    telling = [bool(piece.get("op") or piece.get("mark")) for piece in found]
    each = max(around, room // (2 * max(1, sum(telling))))
    kept: list[Piece] = []
    for number, piece in enumerate(found):
        text = piece["text"]
        if telling[number]:
            text = _shortened(text, each, each)
        else:
            near = [telling[place] if 0 <= place < len(found) else False for place in (number - 1, number + 1)]
            text = _shortened(text, around if near[0] or number == 0 else 0, around if near[1] else 0)
        room -= len(text)
        kept.append({**piece, "text": text})
        if room < 0:
            return [*kept, {"text": " […]"}], True
    return kept, True


def _shortened(text: str, start: int, end: int) -> str:
    """The beginning and the end of a text, whole words where there are any."""
    if len(text) <= start + end + 20:
        return text
    left, right = text[:start], text[len(text) - end :]
    left, right = left.rpartition(" ")[0] or left, right.partition(" ")[2] or right
    return f"{left} […] {right}"


@dataclass(frozen=True, slots=True)
class _Cut:
    """A stretch of a run that lies within one piece of a comparison."""

    op: str
    text: str
    run: Run


def _cuts(
    words: Sequence[tuple[str, str]], own: str, clauses: Sequence[Clause], same: Container[int]
) -> list[list[_Cut]]:
    """For each piece of a comparison, what a reader sees of it on one side (the side of "-" or of "+"); those at the
    places in `same` as unchanged."""
    raw = "".join(text for op, text in words if op in ("=", own))
    row = all(clause.kind == "row" for clause in clauses)
    shown = _unlabelled(runs.read(raw, row), " ".join(clause.text for clause in clauses))
    lengths = [len(text) if op in ("=", own) else 0 for op, text in words]
    ends = list(accumulate(lengths))
    found: list[list[_Cut]] = [[] for _ in words]
    number = 0
    for run in shown:
        while number < len(ends) - 1 and ends[number] <= run.start:
            number += 1
        at, start = number, run.start
        while start < run.end and at < len(ends):
            stop = min(run.end, ends[at])
            if stop > start:
                op = own if words[at][0] == own and at not in same else ""
                text = run.text[start - run.start : stop - run.start] if run.exact else run.text
                found[at].append(_Cut(op, text, run))
                start = stop if run.exact else run.end
            at += 1
    return found


def _same_words(words: Sequence[tuple[str, str]]) -> set[int]:
    """The places of those pieces that differ from the one beside them in form alone: other quotes, dashes or spaces,
    the same letters composed in another way."""
    found: set[int] = set()
    for at, ((gone, lost), (come, won)) in enumerate(pairwise(words)):
        if (gone, come) == ("-", "+") and "".join(folded(lost).split()) == "".join(folded(won).split()):
            found |= {at, at + 1}
    return found


def _marked(cuts: Sequence[_Cut], text: str, spans: Spans) -> list[Piece]:
    """Cuts as pieces, with the words that decided marked where the readings lie side by side."""
    if not spans or _solid("".join(cut.text for cut in cuts)) != _solid(text):
        return _bare(cuts)
    marks = _solid_spans(text, spans)
    found: list[Piece] = []
    place = 0
    for cut in cuts:
        stretch, marked = "", False
        for token in re.split(r"(⟨U\+[0-9A-F]{4,6}⟩)", cut.text):
            shown = _SHOWN_MARK.fullmatch(token)
            for character in [token] if shown else token:
                solid = not shown and not _DROPPED.match(character)
                now = _within(marks, place) if solid else marked and _within(marks, place) and _within(marks, place - 1)
                if now != marked and stretch:
                    found.append(_piece(cut, stretch, marked))
                    stretch = ""
                marked = now
                stretch += character
                place += solid
        if stretch:
            found.append(_piece(cut, stretch, marked))
    return found


def _solid_spans(text: str, spans: Spans) -> list[tuple[int, int]]:
    """Spans counted in solid characters, in order and joined where they meet."""
    solid = [0, *accumulate(0 if _DROPPED.match(character) else 1 for character in text)]
    length = len(text)
    merged: list[tuple[int, int]] = []
    for start, end in sorted((solid[min(start, length)], solid[min(end, length)]) for start, end in spans):
        if merged and start <= merged[-1][1]:
            merged[-1] = merged[-1][0], max(end, merged[-1][1])
        else:
            merged.append((start, end))
    return merged


def _within(spans: Sequence[tuple[int, int]], place: int) -> bool:
    return any(start <= place < end for start, end in spans)


def _bare(cuts: Iterable[_Cut]) -> list[Piece]:
    return [_piece(cut, cut.text, False) for cut in cuts]


def _piece(cut: _Cut, text: str, marked: bool) -> Piece:
    values = {
        "op": cut.op,
        "mark": marked,
        "strong": cut.run.strong,
        "emphasis": cut.run.emphasis,
        "link": cut.run.link,
    }
    return {"text": text, **{name: value for name, value in values.items() if value}}


def _settled(found: list[Piece]) -> list[Piece]:
    """A struck and a new piece that read the same differ in marks of Markdown alone: shown as unchanged text."""
    settled: list[Piece] = []
    for piece in found:
        last = settled[-1] if settled else None
        if last and piece.get("op") == "+" and last.get("op") == "-" and last["text"] == piece["text"]:
            settled[-1] = {name: value for name, value in piece.items() if name != "op"}
        elif not piece["text"].strip() and piece.get("op"):
            settled += [{"text": " "}] if piece["op"] == "+" else []
        else:
            settled.append(piece)
    return settled


def _aired(found: Iterable[Piece]) -> Iterator[Piece]:
    """Pieces with white space collapsed, and none at the ends of a stretch that is struck, new or marked."""
    parts = [(piece, _SPACE.sub(" ", piece["text"])) for piece in found]
    for number, (piece, text) in enumerate(parts):
        bare = text.strip(" ")
        if len(piece) == 1 or not bare:
            yield {"text": text, **({"op": piece["op"]} if bare and "op" in piece else {})}
            continue
        neighbours = [
            parts[place][0].get("op") if 0 <= place < len(parts) else None for place in (number - 1, number + 1)
        ]
        spaces = [{"text": " ", **({"op": op} if op and op == piece.get("op") else {})} for op in neighbours]
        if text[0] == " ":
            yield spaces[0]
        yield {**piece, "text": bare}
        if text[-1] == " ":
            yield spaces[1]


def _tidy(found: Iterable[Piece]) -> list[Piece]:
    """White space collapsed, empty pieces gone, neighbours of the same style joined, nothing but words at the ends."""
    joined: list[Piece] = []
    styles: list[dict[str, Any]] = []
    for piece in _aired(found):
        text = piece["text"]
        if joined and joined[-1]["text"].endswith(" "):
            text = text.lstrip(" ")
        if not text:
            continue
        style = {name: value for name, value in piece.items() if name != "text"}
        if joined and styles[-1] == style:
            joined[-1]["text"] += text
        else:
            joined.append({**piece, "text": text})
            styles.append(style)
    if joined:
        joined[0]["text"] = joined[0]["text"].lstrip()
        joined[-1]["text"] = joined[-1]["text"].rstrip()
    return [piece for piece in joined if piece["text"]]
