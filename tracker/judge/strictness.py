"""Whether a statement on AI grew stricter or looser, told by the words that came and went alone."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Set


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


NEGATIONS = _set(
    "not no never neither nor without cannot prohibits prohibited unless exclude excluded refrain "
    "ne pas jamais aucun aucune sans ni sauf nicht kein keine keinen keiner nie ohne weder "
    "nunca ningun ninguna sin salvo"
)
REACH = _set(
    "train training trained third party parties affiliates partners providers any all other others permit allow "
    "perpetual irrevocable sell license share entrainer former tiers partenaires trainieren dritte dritten entrenar "
    "terceros"
)
_NARROWING = _set(
    "generative only solely certain some except unless exclusively limited generatif uniquement seulement certains "
    "certaines exclusivement nur lediglich bestimmte ausser generativ generativen solo solamente ciertos"
)
_BANS = _set(
    "prohibited forbidden banned interdit interdite interdits interdites verboten untersagt prohibido prohibida"
)
_MODALS = _set("must shall may might can could doit doivent peut peuvent muss mussen kann konnen debe deben puede")
_DUTY = _set("must shall required require requires prohibited doit doivent muss mussen debe deben")
_LENIENT = _set("may might should can could encourage recommend please peut peuvent kann konnen soll puede")
_CONDITIONS = _set("if when only unless except permits under si sauf lorsque wenn nur ausser solo")
_JOINING = _set("or and nor as ou et ni oder und sowie o y")
# What is done to data before they are used.
_VEILED = _set("anonymised anonymized anonymous aggregated deidentified pseudonymised pseudonymized identified")
_TRAINING = _set("train training trained trains entrainer entrainement trainieren entrenar")
_BETTERING = _set("develop developing improve improving build building teach teaching learning")
_STEM = 5  # letters that two forms of a word share
_LONG = 4  # letters of a word that says something


def by_words(stance: Mapping[str, str], old: Set[str], new: Set[str]) -> str:
    """The direction of a rewording whose stance stays: "strengthened", "weakened" or "reworded".

    `old` and `new` are the words before and after. A promise or a ban is the stronger the more it reaches and the less
    it is narrowed; a right is the reverse. What has no stance (labels, outputs) goes by bans, duties and conditions.
    """
    plus, minus = _unlike(new - old, old - new), _unlike(old - new, new - old)
    for same in _alike(old, new, plus, minus):
        plus, minus = plus - same, minus - same

    def more(words: frozenset[str]) -> int:
        return len(plus & words) - len(minus & words)

    def sign(words: frozenset[str]) -> int:
        return bool(plus & words) - bool(minus & words)

    if minus & _BANS and plus & _MODALS:  # what was forbidden is allowed under a duty
        return "weakened"
    if plus & _BANS and minus & _MODALS:
        return "strengthened"
    joined = bool(plus & _JOINING) and not minus  # the same, and something beside
    points = 2 * more(_DUTY)
    if any(value in ("prohibits", "opt-in", "forbids") for value in stance.values()):
        points += more(NEGATIONS) + more(REACH) - 2 * more(_NARROWING) - more(_LENIENT) + joined
        if points == 0 and bool(plus) != bool(minus):  # words that only came narrow a promise
            points = -1 if plus else 1
    elif stance:  # who may do it is no measure: "you can stop this" is no leave to train
        points += 2 * (more(_VEILED) - more(REACH)) - joined
    else:
        points -= 2 * sign(_CONDITIONS) + more(_LENIENT)
        if not (plus and minus) and (plus | minus) <= NEGATIONS:  # a bare "not" forbids
            points += len(plus) - len(minus)
    if points == 0:
        return "reworded"
    return "strengthened" if points > 0 else "weakened"


def _alike(old: Set[str], new: Set[str], plus: Set[str], minus: Set[str]) -> Iterator[frozenset[str]]:
    """The words whose coming or going changes nothing, because others took their place."""
    if old & NEGATIONS and new & NEGATIONS and plus & _MODALS and minus & _MODALS:
        yield _MODALS  # "must not" and "may not" forbid alike
    if "time" in old ^ new:
        yield frozenset({"any"})  # "at any time" reaches no further
    if (minus & _TRAINING and plus & _BETTERING) or (plus & _TRAINING and minus & _BETTERING):
        yield _TRAINING


def stems(words: Iterable[str]) -> set[str]:
    """The beginnings of the words that are long enough to say something."""
    return {word[:_STEM] for word in words if len(word) >= _LONG}


def _unlike(words: Set[str], others: Set[str]) -> Set[str]:
    """The words whose beginning is not that of a word on the other side: "generation" and "generative" are one."""
    beginnings = {word[:_STEM] for word in others}
    return {word for word in words if len(word) < _STEM or word[:_STEM] not in beginnings}
