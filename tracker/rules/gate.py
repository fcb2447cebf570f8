"""Turn away, in passing, the clauses for which no rule can hold: most clauses of a text say nothing of AI.

A rule can only hold where each of its conditions finds a word. So for each rule one condition is chosen, and for each
term of its vocabularies one word that is always there: a long one that does not stand in every contract. A clause
without any of these words in any language is silent. Every distinct word is looked up once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import cache

from tracker.rules.conditions import Choice
from tracker.rules.matching import Lexicon, Vocabulary, parse_term
from tracker.rules.rulebook import Rule
from tracker.rules.words import HYPHENS, LONGEST_WORD, WORD

EVERYWHERE = 1.0  # how common a word of every contract is
MEMO = 200_000  # distinct written words whose look-up is remembered

# Words of which every contract is full, as they are compared.
_CONTRACT = (
    "a about acces access account additional against age agreement all allow also an and any applicable apply are "
    "article as ask at auf aus automatically aux available avec based basis be been before bei being "
    "between both business but by can ces client clients como company con conditions conduct connection contact "
    "contenido content contenu contenus contract controls cookies create created customer customers dans data "
    "date daten datos decide del der derecho derechos des device die dienst dienste disclose does donnees droit "
    "droits du durch each ein eine einer el email en es est esta et even event features following for "
    "fournir from fur general haben has have how human if ihre ihrer im include including individuals informacion "
    "information informations inputs into is ist it its kann konnen las law laws learn legal les license los made "
    "make makes may mit more must name new nicht no nor nos not notre nous nuestro nuestros nur nutzer nutzung o "
    "oder of offer on only or order other others our out output outputs over own par para part parties partners "
    "party pas payment person personal platform please plus policy por possible pour privacy process processed "
    "processes processing product products produits prohibit protect provide provided provider providers purpose "
    "purposes que qui receive rechte related request respect responsible review right rights sale same sans se "
    "see send service services servicio servicios ses set settings share shared sharing sie sin sind site so "
    "sobre societe societes software sont specific stored su submit such support sur sus terceros term terms than that "
    "the their them then there these they third this through tiers time to toute transfer un una und under une unless "
    "uns unsere unserer use used user users uses using uso usted usuario usuarios utilisateur utilisateurs "
    "utilisation utiliser via video von vos votre vous want way website werden when where whether which while who "
    "will wir wird with without work written y you your zu zum zur "
)
_EVERYDAY = frozenset(_CONTRACT.split())
_BEGINNINGS = frozenset(word[:size] for word in _EVERYDAY for size in range(len(word) + 1))

_Languages = Sequence[Mapping[str, Vocabulary]]


class Gate:
    """The words of which a clause must hold one, if any rule is to hold."""

    def __init__(self, rules: Iterable[Rule], languages: _Languages) -> None:
        """`languages` gives the vocabularies of each language by name."""
        self._open = False  # a rule that holds without any word leaves the gate open
        self._memo: dict[str, bool] = {}
        wanted: list[set[str]] = [set() for _ in languages]
        for rule in rules:
            if rule.basis == "ai":
                continue  # it holds only where another rule names AI
            choices = [choice for test in rule.when for choice in (*test.all, *_alternatives(test.any))]
            if not choices:
                self._open = True
                continue
            chosen = min(choices, key=lambda choice: _cost(_keys(choice, languages)))
            for keys, vocabularies in zip(wanted, languages, strict=True):
                keys |= _keys(chosen, [vocabularies])
        self._lexicons = [Lexicon([Vocabulary("gate", tuple(sorted(keys)))]) for keys in wanted if keys]

    def is_silent(self, text: str, heading: Sequence[str] = (), lead_in: str = "") -> bool:
        """True where no rule can hold for a clause. False says nothing."""
        return not self._open and not any(map(self._knocks, (text, lead_in, *heading)))

    def _knocks(self, part: str) -> bool:
        """Does a text hold a word that opens the gate?"""
        for token in set(part.split()):
            known = self._memo.get(token)
            if known is None:
                known = self._opens(token)
                if len(self._memo) < MEMO and len(token) <= LONGEST_WORD:
                    self._memo[token] = known
            if known:
                return True
        return False

    def _opens(self, token: str) -> bool:
        if token[-1] in HYPHENS:
            return True  # the word may go on in the next line
        words = WORD.findall(token)
        pairs = (first + second for first, second in zip(words, words[1:], strict=False))
        return any(lexicon.knows(word) for word in (*words, *pairs) for lexicon in self._lexicons)


def _alternatives(choices: Sequence[Choice]) -> tuple[Choice, ...]:
    """Any of several choices, as one choice."""
    return (tuple(name for choice in choices for name in choice),) if choices else ()


def _keys(choice: Choice, languages: _Languages) -> set[str]:
    """For each term of some vocabularies the patterns of one place that is always there."""
    known = [vocabularies[name] for vocabularies in languages for name in choice if name in vocabularies]
    return {pattern for vocabulary in known for term in vocabulary.words for pattern in _key(term)}


def _cost(keys: Iterable[str]) -> tuple[bool, float]:
    """How many clauses come in by these words: one word of every contract lets in more than all rare ones together."""
    each = [_commonness(key) for key in keys]
    return EVERYWHERE in each, sum(each)


@cache
def _key(term: str) -> tuple[str, ...]:
    fixed = [element.patterns for element in parse_term(term) if not element.optional]
    return min(fixed, key=lambda patterns: (max(map(_commonness, patterns)), -min(map(len, patterns))))


@cache
def _commonness(pattern: str) -> float:
    """A guess at how many clauses hold a word of this pattern: the shorter the more, and everyday words in most."""
    if pattern.startswith("="):
        return 0.01  # fixed capitals
    bare = pattern.strip("*")
    if bare in (_BEGINNINGS if pattern.endswith("*") else _EVERYDAY):
        return EVERYWHERE
    return 0.5 ** min(len(bare), 8)
