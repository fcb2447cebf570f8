"""How much alike two clauses must be to count as the same: little in the same place, much elsewhere."""

from __future__ import annotations

from rapidfuzz import fuzz

from tracker.compare.likeness import WordTable, contained

_FIELD = 120  # characters of a clause that is a name and a value: "Address: …"
_BRIEF = 30  # characters: what is shorter is no evidence away from its place
_TYPO = 80  # percent of the letters of a term from which it is the same
_PART = 3  # words that hardly stand at the end of another clause by chance
_CLAUSE = 12  # words of a clause that no other one holds by chance


def needed(table: WordTable, x: int, y: int) -> float:
    """The similarity that makes a pair inside a gap. From the similarity of clauses drawn by chance: at these values
    fewer than four in a hundred pass."""
    left, right = table.of(0, x), table.of(1, y)
    length = max(len(left), len(right))
    share = 0.40 + (0.10 if length < 15 else 0) + (0.10 if length < 6 else 0)
    one, other = table.clauses[0][x].text, table.clauses[1][y].text
    if _same_term(table, x, y):
        share = 0.05 if max(len(one), len(other)) <= _FIELD else share - 0.15
    elif defines_another(table, x, y):
        share += 0.2
    elif (length >= 6 and left[:4] == right[:4]) or _extends(*sorted((left, right), key=len)):
        share -= 0.15
    if (table.clauses[0][x].kind == "heading") != (table.clauses[1][y].kind == "heading"):
        share += 0.1
    return share


def needed_elsewhere(table: WordTable, x: int, y: int) -> float:
    """The similarity that makes a pair across the document: much, and nearly all of a short clause."""
    one, other = table.clauses[0][x].text, table.clauses[1][y].text
    if min(len(one), len(other)) < _BRIEF:
        return 0.7 if table.bare(0, x) == table.bare(1, y) != "" else 0.9
    left, right = table.of(0, x), table.of(1, y)
    if left[:8] == right[:8] or (min(len(one), len(other)) > _FIELD and _same_term(table, x, y)):
        return 0.5
    shorter, longer = sorted((len(left), len(right)))
    # A few words stand inside many a clause by chance.
    return 0.65 if shorter >= _CLAUSE or longer <= 2 * shorter or _is_part(table, x, y) else 0.7


def _extends(part: str, whole: str) -> bool:
    """Whether words stand at the beginning or at the end of more words: something was put behind or in front."""
    return len(part) >= _PART and (whole.startswith(part) or whole.endswith(part))


def defines_another(table: WordTable, x: int, y: int) -> bool:
    """Whether each clause says what a term in quotes means, and the terms differ."""
    term, own = table.terms(0, x)[1], table.terms(1, y)[1]
    return bool(term and own) and fuzz.ratio(term.casefold(), own.casefold()) < _TYPO


def _same_term(table: WordTable, x: int, y: int) -> bool:
    """Whether both clauses begin with the same term: "Fees: …", "Governing law. …", "Facebook (…", "“Fees” means …"."""
    for term, own in zip(table.terms(0, x), table.terms(1, y), strict=True):
        if term and own:
            return term.strip() == own.strip()
    return False


def _is_part(table: WordTable, x: int, y: int) -> bool:
    """Whether the clause before or behind the shorter of two stands in the longer one too: it broke up into a list."""
    side = 0 if len(table.of(0, x)) < len(table.of(1, y)) else 1
    at, whole = ((x, table.of(1, y)), (y, table.of(0, x)))[side]
    near = [table.of(side, one) for one in (at - 1, at + 1) if 0 <= one < len(table.clauses[side])]
    return any(len(words) > 2 and contained(words, whole) >= 0.8 for words in near)
