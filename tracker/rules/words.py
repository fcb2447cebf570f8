"""Cut a clause with its headings into words and sentences, in time that grows with its length alone."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

OPENING = 2  # words of three letters or more that count as the beginning of a clause
SHORT = 300  # characters of a heading or lead-in that is remembered
LONGEST_WORD = 60  # letters; what is longer is data or code

_SIGNS = "\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"
# What nobody sees inside a word: soft hyphens, joiners, marks of direction.
_UNSEEN = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufe00-\ufe0f\ufeff"
)
_LETTERS = rf"[^\W_{_SIGNS}]+"
WORD = re.compile(rf"(?:[^\W\d_]\.){{2,}}|[{_SIGNS}]|{_LETTERS}(?:[{_UNSEEN}]+{_LETTERS})*")
_HIDDEN = re.compile(rf"[{_UNSEEN}]")
HYPHENS = "-\u2010\u2011\u00ad"
_HYPHEN = re.compile(r"[-\u2010\u2011] ?")
_ADDRESS = re.compile(r"https?://[^\s|]+|www\.[^\s|]+")
_GLUED = re.compile(r"\w[.@]\w|https?://|www\.")
_STOPS = frozenset(".!?")
_ENUMERATED = re.compile(r" *; *\(")  # "(i) to train; (ii) to test": one sentence with parts
_JOINING = frozenset(("and", "or", "nor", "et", "ou", "ni", "und", "oder", "y", "o"))
_HARD_STOPS = frozenset("\n|;•。！？；")
# After these a full stop ends no sentence.
_SHORT = (
    "art arts inc ltd co corp vs sec sect cf mr mrs ms dr st al para p pp abs bzw ggf vgl z b d h u a s av "
    "ej num dna approx dept esp incl max min"
)
_ABBREVIATIONS = frozenset(_SHORT.split())
_NUMBER = frozenset(("no", "nos", "nr"))  # abbreviations before a figure only: "No. 5", but "No. We never do."


# Letters that are two, which decomposition leaves as they are: "œuvre" is found as "oeuvre".
_JOINED = str.maketrans({"œ": "oe", "æ": "ae", "ø": "o", "ł": "l", "đ": "d"})


@lru_cache(maxsize=1 << 16)
def fold(word: str) -> str:
    """A word as it is compared: lower case, without accents, dots or invisible signs.

    >>> fold("Entraîné")
    'entraine'
    """
    if word.isascii() and word.isalnum():
        return word.lower()
    plain = unicodedata.normalize("NFKD", word.casefold().translate(_JOINED))
    return "".join(char for char in plain if char.isalnum())


@dataclass(frozen=True, slots=True)
class Words:
    """A clause as words in order: those of its headings, then of its lead-in, then its own.

    `raws` are the words as written, `starts` and `ends` their positions in the string that they come from,
    `sentences` the number of the sentence of each. A word inside an address or a domain name is hidden: its raw form
    is "". Indexes of words: `near` is the first of the innermost two headings, `last` of the innermost one, `body`
    that of the lead-in, `own` that of the clause itself, `opened` the one after its opening words.
    """

    raws: tuple[str, ...]
    starts: tuple[int, ...]
    ends: tuple[int, ...]
    sentences: tuple[int, ...]
    near: int
    last: int
    body: int
    own: int
    opened: int
    halves: tuple[int, ...] = ()  # words that a hyphen joins to the one before: "tr-" and "ain", "re-" and "train"

    def zone(self, where: str) -> tuple[int, int]:
        """The range of words that a place names: "text" is the lead-in and the clause, "opening"
        the first words of the clause, "item" the clause alone."""
        match where:
            case "text":
                return self.body, len(self.raws)
            case "item":
                return self.own, len(self.raws)
            case "opening":
                return self.own, self.opened
            case "lead-in":
                return self.body, self.own
            case "heading":
                return 0, self.body
            case "near-heading":
                return self.near, self.body
            case "last-heading":
                return self.last, self.body
            case _:
                return 0, len(self.raws)


def _ends_sentence(gap: str, before: str, after: str) -> bool:
    """Does a sentence end between two neighbouring words?"""
    if not _HARD_STOPS.isdisjoint(gap):
        return not (_ENUMERATED.fullmatch(gap) or (";" in gap and "\n" not in gap and after.lower() in _JOINING))
    if _STOPS.isdisjoint(gap) or not any(char.isspace() for char in gap):
        return False
    word = fold(before)
    return not after[0].islower() and word not in _ABBREVIATIONS and not (word in _NUMBER and after[0].isdigit())


def _hidden(text: str, found: Sequence[re.Match[str]]) -> set[int]:
    """The words that stand inside a web address, a mail address or a domain name."""
    hidden: set[int] = set()
    if not _GLUED.search(text):
        return hidden
    spans = [match.span() for match in _ADDRESS.finditer(text)]
    starts = [start for start, _ in spans]
    for index, match in enumerate(found):
        place = bisect_left(starts, match.start() + 1) - 1
        if place >= 0 and match.start() < spans[place][1]:
            hidden.add(index)
        elif index and match.start() - found[index - 1].end() == 1 and text[match.start() - 1] in ".@":
            word = match.group()
            if not (len(word) > 1 and word[0].isupper() and word[1].islower()):  # "clauses.The next" is run together
                hidden |= {index - 1, index}
    return hidden


_Cut = tuple[tuple[str, ...], tuple[int, ...], tuple[int, ...], tuple[int, ...], tuple[int, ...]]


def _cut(part: str) -> _Cut:
    """The words of a text as written, where they start and end, in which of its sentences, from 0, each stands, and
    which of them a hyphen joins to the one before."""
    found = list(WORD.finditer(part))
    hidden = _hidden(part, found)
    unseen = bool(_HIDDEN.search(part))
    raws, starts, ends, sentences, halves = [], [], [], [], []
    number, end, before = 0, 0, ""
    for index, match in enumerate(found):
        word, (start, stop) = match.group(), match.span()
        gap = part[end:start]
        if index and gap != " " and _ends_sentence(gap, before, word):
            number += 1
        if gap and _HYPHEN.fullmatch(gap):
            halves.append(index)
        if unseen:
            word = _HIDDEN.sub("", word)
        end, before = stop, word
        raws.append("" if index in hidden or len(word) > LONGEST_WORD else word)
        starts.append(start)
        ends.append(stop)
        sentences.append(number)
    return tuple(raws), tuple(starts), tuple(ends), tuple(sentences), tuple(halves)


_cut_again = lru_cache(maxsize=4096)(_cut)  # neighbours share their headings


def read_words(text: str, heading: Sequence[str] = (), lead_in: str = "") -> Words:
    """Cut a clause with its headings and lead-in into words; time and memory grow with the length alone.

    The last sentence of a lead-in runs on into the clause: "You agree not to:" governs the item.
    """
    parts = [_cut_again(part) if len(part) <= SHORT else _cut(part) for part in (*heading, lead_in)]
    parts.append(_cut(text))
    raws: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    sentences: list[int] = []
    first: list[int] = []
    halves: list[int] = []
    number = 0
    for index, (words, begins, stops, numbers, joined) in enumerate(parts):
        halves += [len(raws) + each for each in joined]
        first.append(len(raws))
        raws += words
        starts += begins
        ends += stops
        sentences += [number + each for each in numbers] if number else numbers
        number += (numbers[-1] if numbers else 0) + (index < len(heading))
    near, last, (body, own) = first[max(0, len(heading) - 2)], first[max(0, len(heading) - 1)], first[-2:]
    long = [index for index in range(own, min(len(raws), own + 20)) if len(raws[index]) > 2]
    opened = long[OPENING - 1] + 1 if len(long) >= OPENING else len(raws)
    places = tuple(starts), tuple(ends), tuple(sentences)
    return Words(tuple(raws), *places, near, last, body, own, opened, tuple(halves))
