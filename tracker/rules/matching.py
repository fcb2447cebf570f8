"""Find the words of named vocabularies in one clause, in time that grows with its length alone.

A clause is cut into words once; each distinct word is looked up once in the vocabulary of a language, and a phrase is
followed only where its first word stands. There are no regular expressions in a vocabulary, so nothing can run away.

How a word or phrase is written in a vocabulary:

    train            the word, in any case, with or without accents
    train*           every word that begins so; `*modell` every word that ends so; `*modell*` every word that holds it
    =AI              exactly so, case and all
    opt/opts out     either word in this place
    (the) model*     a word that may be missing
    use ... train*   up to four words of any kind between
    [no]             a sentence, a cell or a heading that holds these words and no other

Phrases stay within a sentence. Chinese and Japanese are matched sign by sign, so terms are written without spaces.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from tracker.rules.words import WORD, Words, fold

GAP = 4  # words that "..." may stand for
LONGEST_TERM = 14  # elements of a phrase: longer ones would be copied sentences, not vocabulary
WHOLE = "["  # before the name of a vocabulary, while it is not known whether a term of it is a whole sentence
MEMO = 200_000  # distinct words whose look-up is remembered

# Letters of other scripts that look like Latin ones: a word all of whose letters do is read as Latin as well.
_ALIKE = str.maketrans(
    "АВЕЅІЈКМНОРСТУХԌԚԜавеѕіјкмнорсԁԛԝтухһӏуΑΒΕΖΗΙΚΜΝΟΡΤΥΧαεικνορτυχɑıɩⅼ",
    "ABESIJKMHOPCTYXGQWabesijkmhopcdqwtyxhlyABEZHIKMNOPTYXaeikvoptyxaiil",
)
# Small words that a conversion runs together with the one after them: "totrain", "lesmodèles".
_GLUE = (
    "to",
    "our",
    "your",
    "the",
    "their",
    "any",
    "and",
    "for",
    "of",
    "les",
    "des",
    "nos",
    "vos",
    "aux",
    "und",
    "zum",
    "los",
    "las",
)
LEAST_GLUED = 5  # letters of the word after it


@dataclass(frozen=True, slots=True)
class Vocabulary:
    """Words and phrases under one name, and phrases that cancel them ("business model" is no model)."""

    name: str
    words: tuple[str, ...]
    exceptions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class _Element:
    """One place of a phrase: the patterns that may stand there, whether it may be missing, words skipped before it."""

    patterns: tuple[str, ...]
    optional: bool = False
    skip: int = 0


@lru_cache(maxsize=1 << 15)  # a term is met when it is read, in the vocabularies that include it, and at the gate
def parse_term(term: str) -> tuple[_Element, ...]:
    """The places of a phrase as a vocabulary writes it. Raises ValueError with a sentence that says what is wrong."""
    elements: list[_Element] = []
    skip = 0
    for part in _bare(term).split():
        if part == "...":
            skip = GAP
            continue
        optional = part.startswith("(") and part.endswith(")")
        for patterns in _places(part[1:-1] if optional else part):
            elements.append(_Element(patterns, optional, skip))
            skip = 0
    if not elements or all(element.optional for element in elements):
        raise ValueError(f"{term!r} holds no word")
    if elements[0].optional or elements[0].skip or skip:
        raise ValueError(f"{term!r} must begin with a word that is always there and end with a word")
    if len(elements) > LONGEST_TERM:
        raise ValueError(f"{term!r} has {len(elements)} places; a phrase may have {LONGEST_TERM}")
    return tuple(elements)


def _is_whole(term: str) -> bool:
    """True for a term that must be all that a sentence holds."""
    return term.startswith("[") and term.endswith("]")


def _bare(term: str) -> str:
    return term[1:-1] if _is_whole(term) else term


def _places(part: str) -> Iterable[tuple[str, ...]]:
    """The places that one written word takes: "opt-in" takes two, a Chinese term one for each sign."""
    alternatives = [_pieces(choice) for choice in part.split("/")]
    lengths = {len(pieces) for pieces in alternatives}
    if len(lengths) != 1 or lengths == {0}:
        raise ValueError(f"{part!r}: the words between / must be single words")
    return zip(*alternatives, strict=True)


def _pieces(choice: str) -> list[str]:
    if choice.isascii() and choice.isalpha():
        return [choice.lower()]
    exact, front, back = choice.startswith("="), choice.startswith("*"), choice.endswith("*")
    if choice.strip("*=") == "" or "*" in choice.strip("*") or "=" in choice[1:]:
        raise ValueError(f"{choice!r}: * may stand at the beginning or end of a word, = before it, and not alone")
    if (front or back) and len(fold(choice)) < 3:
        raise ValueError(f"{choice!r} matches too much: give at least three letters beside *")
    pieces = [match.group() for match in WORD.finditer(choice)]
    pieces = [f"={piece}" for piece in pieces] if exact else [fold(piece) for piece in pieces]
    if pieces and front:
        pieces[0] = "*" + pieces[0]
    if pieces and back:
        pieces[-1] += "*"
    return pieces


# Places of a phrase still to match: the patterns that may stand there, whether it may be missing, words skipped before.
_Rest = tuple[tuple[frozenset[int], bool, int], ...]
Span = tuple[int, int]  # first word and the one after the last


class Lexicon:
    """The vocabularies of one language, ready to be found."""

    def __init__(self, vocabularies: Iterable[Vocabulary]) -> None:
        self._exact: dict[str, int] = {}
        self._literal: dict[str, int] = {}
        self._prefix: dict[str, int] = {}
        self._loose: list[tuple[str, bool, int]] = []  # (ending or middle, only as ending, number)
        self._count = 0
        self._single: dict[int, list[str]] = {}
        self._pairs: dict[tuple[int, int], list[tuple[str, _Rest]]] = {}  # by the first two words
        self._apart: dict[tuple[int, int], list[tuple[str, _Rest]]] = {}  # the same, with words between the two
        self._reaching: set[int] = set()  # first words of those
        self._memo: dict[str, tuple[int, ...]] = {}
        for vocabulary in vocabularies:
            for term in vocabulary.words:
                self._add(WHOLE + vocabulary.name if _is_whole(term) else vocabulary.name, term)
            for term in vocabulary.exceptions:
                self._add("-" + vocabulary.name, term)
        self._lengths = sorted({len(prefix) for prefix in self._prefix})

    def _number(self, pattern: str) -> int:
        if pattern.startswith("="):
            table, key = self._exact, pattern[1:]
        elif pattern.startswith("*"):
            known = {(word, ending): number for word, ending, number in self._loose}
            key_loose = (pattern.strip("*"), not pattern.endswith("*"))
            if key_loose not in known:
                self._count += 1
                self._loose.append((*key_loose, self._count))
                return self._count
            return known[key_loose]
        elif pattern.endswith("*"):
            table, key = self._prefix, pattern[:-1]
        else:
            table, key = self._literal, pattern
        if key not in table:
            self._count += 1
            table[key] = self._count
        return table[key]

    def _add(self, name: str, term: str) -> None:
        places = [
            (frozenset(map(self._number, element.patterns)), element.optional, element.skip)
            for element in parse_term(term)
        ]
        for first in places[0][0]:
            self._file(name, first, tuple(places[1:]))

    def _file(self, name: str, first: int, rest: _Rest) -> None:
        """Keep a phrase under its first two words, so that it is only followed where both stand."""
        if not rest:
            self._single.setdefault(first, []).append(name)
            return
        seconds, optional, skip = rest[0]
        if optional:
            self._file(name, first, rest[1:])
        if skip:
            self._reaching.add(first)
        table = self._apart if skip else self._pairs
        for second in seconds:
            table.setdefault((first, second), []).append((name, rest[1:]))

    def _numbers(self, raw: str) -> tuple[int, ...]:
        """The patterns that a written word matches."""
        known = self._memo.get(raw)
        if known is not None:
            return known
        found = self._matched(raw)
        if not raw.isascii():
            plain = unicodedata.normalize("NFKC", raw).translate(_ALIKE)
            found |= self._matched(plain) if plain.isascii() else set()
        numbers = tuple(sorted(found or self._unglued(raw)))
        if len(self._memo) < MEMO:
            self._memo[raw] = numbers
        return numbers

    def _matched(self, raw: str) -> set[int]:
        word = fold(raw)
        found = {self._literal[word]} if word in self._literal else set()
        found |= {
            self._prefix[word[:size]] for size in self._lengths if word[:size] in self._prefix and size <= len(word)
        }
        plain = raw.replace(".", "")
        if plain in self._exact:
            found.add(self._exact[plain])
        return found | {
            number for part, ending, number in self._loose if (word.endswith(part) if ending else part in word)
        }

    def _unglued(self, raw: str) -> set[int]:
        """What a word matches without the small word that was run together with it: "totrain", "ourAI"."""
        glue = next((glue for glue in _GLUE if raw[: len(glue)].lower() == glue), "")
        rest = raw[len(glue) :]
        if glue and (len(rest) >= LEAST_GLUED or rest[:1].isupper()):
            return self._matched(rest)
        return set()

    def knows(self, raw: str) -> bool:
        """Does a written word match any place of any term?"""
        return bool(self._numbers(raw))

    def find(self, words: Words) -> dict[str, list[Span]]:
        """Where each vocabulary was found: name to spans of word indexes, in order; those not found are missing."""
        numbers = [self._numbers(raw) if raw else () for raw in words.raws]
        for half in words.halves:
            joined = self._numbers(words.raws[half - 1] + words.raws[half])
            numbers[half - 1] += joined
            numbers[half] += joined
        sentences = words.sentences
        found: dict[str, list[Span]] = {}
        for index, here in enumerate(numbers):
            for number in here:
                for name in self._single.get(number, ()):
                    found.setdefault(name, []).append((index, index + 1))
                self._follow_pairs(number, index, numbers, sentences, found)
        _settle_whole(found, sentences)
        return _without_exceptions(found, words.raws)

    def _follow_pairs(
        self,
        number: int,
        index: int,
        numbers: Sequence[tuple[int, ...]],
        sentences: Sequence[int],
        found: dict[str, list[Span]],
    ) -> None:
        """Add the phrases that begin at a word, where their second word follows or stands within reach."""
        reach = GAP + 1 if number in self._reaching else 1
        for step in range(index + 1, min(index + reach + 1, len(numbers))):
            if sentences[step] != sentences[index]:
                return
            for second in numbers[step]:
                begun = self._apart.get((number, second), ()) if reach > 1 else ()
                if step == index + 1:
                    begun = (*self._pairs.get((number, second), ()), *begun)
                for name, rest in begun:
                    end = _follow(rest, 0, step + 1, numbers, sentences, index) if rest else step + 1
                    if end:
                        found.setdefault(name, []).append((index, end))


def _follow(
    rest: _Rest,
    place: int,
    at: int,
    numbers: Sequence[tuple[int, ...]],
    sentences: Sequence[int],
    first: int,
) -> int:
    """The index after the last word of a phrase whose remaining places match from `at` on; 0 where they do not."""
    if place == len(rest):
        return at
    wanted, optional, skip = rest[place]
    for step in range(at, min(at + skip + 1, len(numbers))):
        if sentences[step] != sentences[first]:
            break
        if not wanted.isdisjoint(numbers[step]):
            end = _follow(rest, place + 1, step + 1, numbers, sentences, first)
            if end:
                return end
    return _follow(rest, place + 1, at, numbers, sentences, first) if optional else 0


def _settle_whole(found: dict[str, list[Span]], sentences: Sequence[int]) -> None:
    """Keep the sightings of terms that must be a whole sentence where they are one, under the vocabulary's name."""
    for name in [name for name in found if name.startswith(WHOLE)]:
        spans = [
            (start, end)
            for start, end in found.pop(name)
            if (not start or sentences[start - 1] != sentences[start])
            and (end == len(sentences) or sentences[end] != sentences[start])
        ]
        if spans:
            found.setdefault(name.removeprefix(WHOLE), []).extend(spans)


def _without_exceptions(found: Mapping[str, list[Span]], raws: Sequence[str]) -> dict[str, list[Span]]:
    """Drop every sighting that overlaps an exception of its vocabulary, and the doubles.

    A name is known once it is told: where "Acme AI Inc" is an exception, "Acme AI" is one in the same clause.
    """
    kept: dict[str, list[Span]] = {}
    for name, spans in found.items():
        if name.startswith("-"):
            continue
        covered = {index for start, end in found.get("-" + name, ()) for index in range(start, end)}
        if covered:
            names = {raws[start - 1 : end] for start, end in spans if start in covered and _is_name(raws, start)}
            spans = [span for span in spans if raws[max(0, span[0] - 1) : span[1]] not in names]
            spans = [span for span in spans if covered.isdisjoint(range(*span))]
        if spans:
            kept[name] = sorted(set(spans))
    return kept


def _is_name(raws: Sequence[str], index: int) -> bool:
    """True where the word before this one is written with a capital, as names are."""
    return index > 0 and raws[index - 1][:1].isupper()
