"""Two texts, clause by clause: what was added, removed, reworded, moved, split, merged, repeated, or is form only.

`compare` aligns the clauses and names what happened to each; `words` (see there) marks the words inside one;
`rebuild` proves that nothing was lost. The result depends on the two texts and the history alone.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Sequence
from dataclasses import dataclass, replace

from tracker.compare.align import Alignment, align
from tracker.compare.copies import copies_of
from tracker.compare.words import words
from tracker.model import Clause, ClauseChange, Comparison, Kind
from tracker.text import Clauses, split, substance, substance_hash
from tracker.text.clauses import SHARED
from tracker.text.wording import dated, folded

REWRITTEN = 0.5  # share of the text touched from which a text counts as rewritten
_REPLACED = 0.1  # share of the smaller text found again below which the document was swapped
_WHOLE = 20  # clauses or, times sixty, characters that make a text too large to be swapped by single edits

_WORD = re.compile(r"\w+")
_TARGET = re.compile(r"!?\[?\]\([^()]*\)|\[")  # of links in the lines without words that belong to a clause
_FORM_WORD = re.compile(r"\d+(?:[.,:]\d+)*|\w+|[^\w\s]")
_COUNTED = re.compile(r"\((?:\d{1,2}|[a-z]|[ivx]{1,5})\)|(?<!\S)#{1,6}(?!\S)")  # counts or titles
_JOINING = frozenset(["and", "or", "to", "und", "oder", "et", "ou", "y", "o", "e", "sowie"])
_HYPHEN = re.compile(r"(?<=[^\W\d_])-(?=[^\W\d_])")
_HIDDEN = re.compile(r"\[email\s?protected\]", re.IGNORECASE)  # what Cloudflare shows in place of an address
_STAND_IN = "\ufffc"
_KEPT_MARKS = frozenset("%&@#§‰/")  # punctuation by Unicode that means something in a legal text


@dataclass(frozen=True, slots=True)
class Past:
    """An earlier version, as far as a comparison needs to know it: the hash of its substance and its clause keys."""

    substance: str
    keys: Container[str]


def compare(before: str | Sequence[Clause], after: str | Sequence[Clause], history: Sequence[Past] = ()) -> Comparison:
    """What happened between two texts (or their clauses, as `split` gives them).

    `history` are the versions before `before`, oldest first. The changes are in reading order of the text after, with
    removed clauses where they stood; clauses that no change names are equal but for the empty lines around them.
    Swapping the two texts swaps the kinds: added and removed, split and merged; all others stay.
    """
    old = split(before) if isinstance(before, str) else before
    new = split(after, old) if isinstance(after, str) else after
    reverts_to = _reverts_to(old, new, history)
    whole = isinstance(old, Clauses) and isinstance(new, Clauses)
    open_old, open_new, same = old.apart(new) if whole else (tuple(old), tuple(new), "")
    found = _aligned(open_old, open_new)
    if not _keeps(found, open_old, open_new):
        open_old, open_new, same = tuple(old), tuple(new), ""
        found = _aligned(open_old, open_new)
    shared = _length(same)
    sizes = shared + _size(open_old), shared + _size(open_new)
    if _is_replaced(found, shared, sizes, open_old, open_new):
        change = ClauseChange(Kind.REPLACED, tuple(old), tuple(new))
        return Comparison(old, new, (change,), 1.0, reverts_to)
    placed = [*_joined(found, open_old, open_new), *_paired(found, open_old, open_new, history)]
    placed += _come(found, open_new, old, history) + _gone(found, open_old, new)
    placed.sort(key=lambda item: item[0])
    changes = tuple([change for _, change in placed])
    return Comparison(old, new, changes, _touched(changes) / (sum(sizes) or 1), reverts_to)


def _keeps(found: Alignment, old: Sequence[Clause], new: Sequence[Clause]) -> bool:
    """Whether every stretch that both texts share is the same one in the alignment, and has not moved."""
    shared = [x for x, clause in enumerate(old) if clause.kind == SHARED]
    return all(x in found.pairs and new[found.pairs[x]].kind == SHARED and x not in found.moved for x in shared)


def _aligned(old: Sequence[Clause], new: Sequence[Clause]) -> Alignment:
    """The alignment, always computed in one direction and mirrored where needed: so swapping cannot change it."""
    if [clause.raw for clause in old] <= [clause.raw for clause in new]:
        return align(old, new)
    turned = align(new, old)
    return Alignment(
        pairs={x: y for y, x in turned.pairs.items()},
        similarity={turned.pairs[y]: score for y, score in turned.similarity.items()},
        split=turned.merged,
        merged=turned.split,
        moved={turned.pairs[y] for y in turned.moved},
        linked={turned.pairs[y] for y in turned.linked},
    )


def _reverts_to(old: Sequence[Clause], new: Sequence[Clause], history: Sequence[Past]) -> int | None:
    if not history or not new:
        return None
    mark = substance_hash(new)
    if mark == substance_hash(old):
        return None
    return next((at for at in range(len(history) - 1, -1, -1) if history[at].substance == mark), None)


def _size(clauses: Iterable[Clause]) -> int:
    return sum([_length(clause.raw) for clause in clauses])


def _length(text: str) -> int:
    """How much text there is: characters, so that scripts without spaces weigh the same; no link targets and no line
    ends, so that it does not matter how a text is divided."""
    targets, at = 0, text.find("]")
    while at >= 0:  # one character at a time is found many times faster than two
        if text.startswith("(", at + 1):
            opening = text.find("(", at + 2)
            closing = text.find(")", at + 2, opening if opening >= 0 else len(text))
            targets += closing - at + 1 if closing >= 0 else 0
        at = text.find("]", at + 1)
    return len(text) - targets - text.count("\n")


def _is_replaced(
    found: Alignment, shared: int, sizes: tuple[int, int], old: Sequence[Clause], new: Sequence[Clause]
) -> bool:
    """Whether a whole document that is not tiny was swapped: hardly a word of the smaller text is found again in the
    larger one. `sizes` are those of the texts, `shared` that of the front and the back that both have."""
    needed = _REPLACED * min(sizes)
    if shared >= needed or not min(sizes) or (max(sizes) < 60 * _WHOLE and max(len(old), len(new)) < _WHOLE):
        return False
    for x, y in found.pairs.items():
        shared += min(_size((old[x],)), _size((new[y],))) * found.similarity.get(x, 1.0)
        if shared >= needed:
            return False
    return True


# ---- changes, each with its place in reading order ---------------------------------------------------------------

_Place = tuple[float, int]


def _joined(found: Alignment, old: Sequence[Clause], new: Sequence[Clause]) -> list[tuple[_Place, ClauseChange]]:
    """Splits and merges."""
    placed = []
    for x, parts in found.split.items():
        placed.append(((parts[0], 1), _join("split", (old[x],), tuple(new[y] for y in parts))))
    for y, parts in found.merged.items():
        placed.append(((y, 1), _join("merged", tuple(old[x] for x in parts), (new[y],))))
    return placed


def _join(kind: str, before: tuple[Clause, ...], after: tuple[Clause, ...]) -> ClauseChange:
    """A split or a merge; its similarity is the share of both texts that stands on both sides."""
    named = Kind(kind if _same_words(before, after) else f"{kind}-reworded")
    change = ClauseChange(named, before, after, marks=words)
    sizes = [(operation, len("".join(piece.split()))) for operation, piece in change.words]
    same = 2 * sum(size for operation, size in sizes if operation == "=")
    changed = sum(size for operation, size in sizes if operation != "=")
    return replace(change, similarity=same / ((same + changed) or 1))


def _same_words(before: Sequence[Clause], after: Sequence[Clause]) -> bool:
    """Whether clauses that broke up or grew together say the same: in any order, numbering aside. Words that join
    ("to sell, or to copy") may come where a list becomes a sentence, or go where a sentence becomes a list."""
    if _letters(_said(before, False)) == _letters(_said(after, False)):
        return True
    for numbered in (False, True):  # numbering inside a paragraph is text, in front of one it is none
        one, other = (
            Counter(_bare(_COUNTED.sub(" ", folded(_said(side, numbered)).casefold()))) for side in (before, after)
        )
        lost, won = one - other, other - one
        if not (lost and won) and _JOINING.issuperset(lost or won):
            return True
    return False


def _said(clauses: Sequence[Clause], numbered: bool) -> str:
    return " ".join([f"{clause.label} {clause.text}" if numbered else clause.text for clause in clauses])


def _paired(
    found: Alignment, old: Sequence[Clause], new: Sequence[Clause], history: Sequence[Past]
) -> list[tuple[_Place, ClauseChange]]:
    """Clauses that stand on both sides: reworded, moved, form only. Unchanged ones give nothing."""
    placed = []
    for x, y in found.pairs.items():
        if x in found.split or y in found.merged:
            continue
        one, other = old[x], new[y]
        moved = x in found.moved
        if one.raw == other.raw and not moved:
            continue
        detail = "links" if x in found.linked else _form(one, other)
        if detail == "" and not moved:
            continue
        if detail is None:
            kind = Kind.MOVED_REWORDED if moved else Kind.REWORDED
        else:
            kind = Kind.MOVED if moved else Kind.FORM
        change = ClauseChange(kind, (one,), (other,), detail or "", found.similarity.get(x, 1.0), marks=words)
        if detail is None and history:
            change = replace(change, until=_last_with(other.key, history))
        placed.append(((y, 1), change))
    return placed


def _come(
    found: Alignment, new: Sequence[Clause], before: Sequence[Clause], history: Sequence[Past]
) -> list[tuple[_Place, ClauseChange]]:
    """Clauses that stand on the new side only: added, returned, or one copy more of the same. `before` is the whole
    text before."""
    come = set(found.pairs.values()).union(*found.split.values())
    placed: list[tuple[_Place, ClauseChange]] = []
    come_anew = [y for y in range(len(new)) if y not in come]
    copies = copies_of(new, come_anew, before)
    for y in come_anew:
        clause, kind, detail = new[y], Kind.ADDED, ""
        until = None if y in copies else _last_with(clause.key, history) if history else None
        if y in copies:
            kind = Kind.REPEATED
        elif not clause.text:
            kind, detail = Kind.FORM, "whitespace"
        elif until is not None:
            kind = Kind.RETURNED
        placed.append(((y, 1), ClauseChange(kind, (), (clause,), detail, until=until)))
    return placed


def _gone(found: Alignment, old: Sequence[Clause], after: Sequence[Clause]) -> list[tuple[_Place, ClauseChange]]:
    """Clauses that stand on the old side only, placed after the clause that stood before them: removed, or one copy
    fewer of the same. `after` is the whole text after."""
    gone = set(found.pairs).union(*found.merged.values())
    if len(gone) == len(old):
        return []
    partner = dict(found.pairs)
    for y, parts in found.merged.items():
        partner.update(dict.fromkeys(parts, y))
    placed: list[tuple[_Place, ClauseChange]] = []
    copies = copies_of(old, [x for x in range(len(old)) if x not in gone], after)
    above = -1.0
    for x, clause in enumerate(old):
        if x in gone:
            if x not in found.moved:
                above = max(above, float(partner[x]))
            continue
        kind, detail = Kind.REMOVED, ""
        if x in copies:
            kind, detail = Kind.REPEATED, "dropped"
        elif not clause.text:
            kind, detail = Kind.FORM, "whitespace"
        placed.append(((above + 0.5, x), ClauseChange(kind, (clause,), (), detail)))
    return placed


def _last_with(key: str, history: Sequence[Past]) -> int | None:
    return next((at for at in range(len(history) - 1, -1, -1) if key in history[at].keys), None)


# ---- form --------------------------------------------------------------------------------------------------------


def _form(one: Clause, other: Clause) -> str | None:
    """What differs where two clauses differ in form only, in one word; "" for nothing, None where words differ."""
    if one.raw.strip() == other.raw.strip():
        return ""
    if one.key == other.key:
        if one.links != other.links:
            return "links"
        if one.label != other.label:
            return "numbering"
        if one.text == other.text:
            if _letters(one.raw) == _letters(other.raw):
                return "whitespace"
            same_marks = _letters(_TARGET.sub("", one.raw)) == _letters(_TARGET.sub("", other.raw))
            return "links" if same_marks else "emphasis"
        if " ".join(_FORM_WORD.findall(one.text)) == " ".join(_FORM_WORD.findall(other.text)):
            return "whitespace"
        left, right = folded(one.text), folded(other.text)
        if _bare(left) == _bare(right):
            return "punctuation"
        return "dates" if _bare(dated(left)) == _bare(dated(right)) else "volatile"
    if _WORD.findall(one.text.casefold()) != _WORD.findall(other.text.casefold()):
        left, right = _letters(one.text), _letters(other.text)
        if left == right:
            return "whitespace"
        if left.replace("-", "") == right.replace("-", "") and _HYPHEN.sub("", left) == _HYPHEN.sub("", right):
            return "punctuation"
        return "address" if _hides_address(one.text, other.text) else None
    left, right = _bare(substance(one.text)), _bare(substance(other.text))
    if left == right:
        return "punctuation"
    if "".join(left).casefold() == "".join(right).casefold() and [w.casefold() for w in left] == [
        w.casefold() for w in right
    ]:
        return "case"
    return None


def _hides_address(one: str, other: str) -> bool:
    """Whether texts differ only in e-mail addresses that one of them hides from robots."""
    if not (_HIDDEN.search(one) or _HIDDEN.search(other)):
        return False
    sides = [_HIDDEN.sub(_STAND_IN, folded(text)).split() for text in (one, other)]
    return len(sides[0]) == len(sides[1]) and all(map(_may_be_same, *sides))


def _may_be_same(one: str, other: str) -> bool:
    """Whether two words are the same, or one is the stand-in of an address and the other an address."""
    hiding, shown = (one, other) if _STAND_IN in one else (other, one)
    front, hidden, back = hiding.partition(_STAND_IN)
    if one == other or not hidden:
        return one == other
    address = shown[len(front) : len(shown) - len(back)]
    return shown == front + address + back and address.strip("@").count("@") == 1


def _letters(raw: str) -> str:
    return "".join(raw.split())


def _bare(text: str) -> list[str]:
    """The words and the meaning marks of a text, in order: no quotes, points, brackets, dashes."""
    return [
        word
        for word in _FORM_WORD.findall(text)
        if word[0].isalnum() or word[0] in _KEPT_MARKS or not unicodedata.category(word[0]).startswith(("P", "Z", "C"))
    ]


# ---- the whole ---------------------------------------------------------------------------------------------------

_TOUCHING = frozenset(
    {Kind.ADDED, Kind.REMOVED, Kind.REWORDED, Kind.MOVED_REWORDED, Kind.SPLIT_REWORDED, Kind.MERGED_REWORDED}
    | {Kind.RETURNED, Kind.REPLACED}
)


def _touched(changes: Sequence[ClauseChange]) -> int:
    return sum([_size(change.before) + _size(change.after) for change in changes if change.kind in _TOUCHING])


def rebuild(comparison: Comparison) -> tuple[str, str]:
    """Both texts, from the pieces of the changes and the clauses that no change names.

    Raises ValueError where the comparison does not hold together.
    """
    texts = []
    for clauses, keep, side in ((comparison.before, "-", 0), (comparison.after, "+", 1)):
        pieces: dict[Clause, list[str]] = defaultdict(list)
        for change in comparison.changes:
            named = change.after if side else change.before
            text = "".join(piece for operation, piece in change.words if operation in ("=", keep))
            for clause in named:
                pieces[clause].append(text[: len(clause.raw)])
                text = text[len(clause.raw) :]
            if text:
                raise ValueError("a change holds more text than its clauses")
        # Equal clauses have equal raw text, so it does not matter which of them a change names.
        texts.append("".join(pieces[c].pop(0) if pieces.get(c) else c.raw for c in clauses))
    return texts[0], texts[1]
