"""What one change means for AI: which sentences on AI came, went or were turned.

Works on the flags of the clauses on both sides: the sentences that hold words which decided are those on AI, and only
what happens to them counts. A sentence has come only where the text after holds it more often than the text before, and
gone where it holds it less often: that is how a paragraph that is split, merged or moved stays silent.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

from tracker.judge.strictness import NEGATIONS, REACH, by_words, stems
from tracker.model import Clause, ClauseChange, Judgement, Kind
from tracker.rules.words import fold, read_words

# The more of somebody's content is spared, the higher.
STRENGTH = {"permits": 0, "opt-out": 1, "unclear": 1, "opt-in": 2, "prohibits": 3, "allows": 0, "forbids": 3}
# What a reader wants to know first.
WEIGHT = {
    "training": 9,
    "third-party": 8,
    "likeness": 6,
    "scraping": 5,
    "automated-decision": 4,
    "labelling": 3,
    "output": 2,
    "ai-use": 2,
    "feature": 1,
}
NAMED, _NAMING = "names-supplier", 3  # a line of a list that names a supplier of AI, and its weight
QUIET = frozenset({Kind.MOVED, Kind.FORM, Kind.REPEATED})


_ALIKE = 4  # times that a statement may be longer than the one it took the place of
_LATIN = "\u2e80"  # characters from here on are words by themselves, as in Chinese
_LEAST_SHARED, _SAME = 3, 0.6  # longer words that two statements share, and their part of the shorter one's
_SHARED = 0.4  # of the pairs of words of the shorter of two statements that are one


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a clause: its words without numbers, whether words in it decided a flag, and on which topics."""

    words: tuple[str, ...]
    on_ai: bool
    topics: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Effect:
    """What one clause change does to the statements on AI, and about which topics."""

    kind: str
    topics: tuple[str, ...]
    size: int  # words of the sentences on AI that came or went
    before: Mapping[str, str]
    after: Mapping[str, str]
    traits: tuple[str, ...] = ()  # of the clauses that stand after; where there are none, of those that went
    were: tuple[str, ...] = ()  # of the clauses before
    beside: bool = False  # only headings speak of AI, no word of the clause does: no effect to report
    at_stake: tuple[str, ...] = ()  # of the topics, those that came, went or were turned; none where all stay
    old: tuple[Clause, ...] = ()  # the clauses that it speaks of
    new: tuple[Clause, ...] = ()
    vague: bool = False  # what was plainly said of training is now put in words that may still mean it
    number: int = -1  # the index of the clause change

    @property
    def weight(self) -> int:
        topics = self.at_stake or self.topics
        return _NAMING if NAMED in self.traits else max((WEIGHT.get(topic, 0) for topic in topics), default=0)


def sentences(clause: Clause, judgement: Judgement) -> list[Sentence]:
    """The sentences of a clause; numbers, single letters, case and punctuation do not enter (they are form). Where
    words are not set apart, each character is a word."""
    words = read_words(clause.text)
    spans = [(low, high, flag.topic) for flag in judgement.flags for low, high in flag.spans]
    marked: dict[int, set[str]] = {}
    for number, start, end in zip(words.sentences, words.starts, words.ends, strict=True):
        if found := {topic for low, high, topic in spans if low < end and start < high}:
            marked.setdefault(number, set()).update(found)
    grouped: dict[int, list[str]] = {}
    for number, raw in zip(words.sentences, words.raws, strict=True):
        word = fold(raw)
        if (len(word) > 1 or word > _LATIN) and not word.isdigit():
            grouped.setdefault(number, []).append(word)
    everywhere = judgement.mentions_ai and not marked  # only its heading speaks of AI
    return [
        Sentence(tuple(said), everywhere or number in marked, frozenset(marked.get(number, ())))
        for number, said in grouped.items()
    ]


Judged = Callable[[Clause], Judgement]
Judgements = Sequence[Judgement]
Sentences = Sequence[Sentence]
Said = Mapping[tuple[str, ...], int]  # how often each sentence of a text stands in it, beside another text


def effect(change: ClauseChange, judged: Judged, stood: Said, stands: Said) -> Effect | None:
    """What a clause change does to AI statements, or None. `stood` and `stands` are the sentences of the
    text before and after, see `said_apart`. A change of place or layout alone has the kind "moved"."""
    sides = [[(clause, judged(clause)) for clause in side] for side in (change.before, change.after)]
    before, after = ([judgement for _, judgement in side] for side in sides)
    if not any(judgement.mentions_ai for judgement in (*before, *after)):
        return None
    old, new = ([one for clause, judgement in side for one in sentences(clause, judgement)] for side in sides)
    gone = [one for one in old if one.on_ai and _less(one, stood, stands)]
    come = [one for one in new if one.on_ai and _less(one, stands, stood)]
    stance = _stances(before), _stances(after)
    topics = tuple(dict.fromkeys(topic for judgement in (*after, *before) for topic in judgement.topics))
    beside = not any(_speaks(judgement) for judgement in (*before, *after)) or _title_went(change, before)
    turned = change.kind not in QUIET and _turned((before, after), (old, new), stood, stands)
    if change.kind in QUIET or not (gone or come or turned) or (beside and before and after):
        return Effect("moved", topics, 0, *stance)
    size = sum(len(one.words) for one in (*gone, *come))
    were, traits = _traits(before), _traits(after)
    traits, stake = traits if after else were, _at_stake(before, after, (*gone, *come))
    pair = change.before, change.after
    if _vague(before, after):
        return Effect("reworded", topics, size, *stance, traits, were, beside, stake, *pair, vague=True)
    turns = [one for one in old if _less(one, stood, stands)], [one for one in new if _less(one, stands, stood)]
    return Effect(_kind(before, after, (gone, come), turns), topics, size, *stance, traits, were, beside, stake, *pair)


def _at_stake(before: Judgements, after: Judgements, changed: Sentences) -> tuple[str, ...]:
    """The topics on which something else is said: those that came, went or were turned, else those of the sentences
    that changed."""
    was, now = _stances(before), _stances(after)
    old, new = ({topic for one in side for topic in one.topics} for side in (before, after))
    turned = (old ^ new) | {topic for topic in old & new if was.get(topic) != now.get(topic)}
    if before and after and of_others(_traits(before)) != of_others(_traits(after)):
        turned |= old & new  # another than before may do it
    return tuple(sorted(turned or {topic for one in changed for topic in one.topics}))


def _vague(before: Judgements, after: Judgements) -> bool:
    """True where a right to train was put in other words, which may mean training and do not say so."""
    rights = {judgement.stance.get("training") for judgement in before} & {"permits", "opt-out"}
    return bool(rights) and any(one.possibly for one in after) and not any(one.mentions_ai for one in after)


def _traits(judgements: Sequence[Judgement]) -> tuple[str, ...]:
    """The traits of several clauses; that one of them merely names a supplier counts where none says more."""
    found = dict.fromkeys(trait for each in judgements for trait in each.traits)
    if any(each.mentions_ai and NAMED not in each.traits for each in judgements):
        found.pop(NAMED, None)
    return tuple(found)


def of_others(traits: Sequence[str]) -> bool:
    """True where only others train AI, or may not: the publisher's own training is not spoken of."""
    return "act:others" in traits and "act:platform" not in traits


def _speaks(judgement: Judgement) -> bool:
    """True where words of the clause itself decided, not its headings alone."""
    return judgement.mentions_ai and any(flag.spans for flag in judgement.flags)


def _title_went(change: ClauseChange, before: Judgements) -> bool:
    """True where only a heading went that takes no stance: what stood under it speaks for itself."""
    titles = all(clause.kind == "heading" for clause in change.before)
    return not change.after and titles and not any(one.stance for one in before)


def _less(one: Sentence, there: Said, here: Said) -> bool:
    """True where a sentence stands less often in the second text than in the first."""
    return here.get(one.words, 0) < there.get(one.words, 0)


def _turned(
    judged: tuple[Judgements, Judgements], found: tuple[Sentences, Sentences], stood: Said, stands: Said
) -> bool:
    """True where a sentence beside the one on AI came or went and turned what the clause lets happen."""
    before, after = judged
    if not before or not after or _stances(before) == _stances(after):
        return False
    return any(_less(one, stood, stands) for one in found[0]) or any(_less(one, stands, stood) for one in found[1])


def _stances(judgements: Sequence[Judgement]) -> dict[str, str]:
    """The stance of each topic in several clauses: the least protective one is what counts."""
    found: dict[str, str] = {}
    for judgement in judgements:
        for topic, stance in judgement.stance.items():
            if topic not in found or STRENGTH.get(stance, 0) < STRENGTH.get(found[topic], 0):
                found[topic] = stance
    return found


def _kind(
    before: Judgements, after: Judgements, on_ai: tuple[Sentences, Sentences], turns: tuple[Sentences, Sentences]
) -> str:
    """Added, removed, strengthened, weakened or reworded. `on_ai` are the sentences on AI that went and that came,
    `turns` those with what stands beside them in the same clause."""
    gone, come = on_ai
    if not any(judgement.mentions_ai for judgement in before):
        return "added"
    if not any(judgement.mentions_ai for judgement in after):
        return "removed"
    way = shift(_stances(before), _stances(after))
    if way:
        return "strengthened" if way > 0 else "weakened"
    gained = {topic for one in after for topic in one.topics} - {topic for one in before for topic in one.topics}
    lost = {topic for one in before for topic in one.topics} - {topic for one in after for topic in one.topics}
    if come and not gone:
        return "added" if gained or not _says(come, NEGATIONS) else "strengthened"
    if gone and not come:
        weaker = "weakened" if _says(gone, NEGATIONS) else "strengthened" if _says(gone, REACH) else "reworded"
        return "removed" if lost else weaker
    if gained - {"feature"} and not lost:
        return "added"
    was = {_stances(before).get(topic) for topic in lost} - {None, "unclear"}
    if was and not gained:
        return "strengthened" if was <= {"permits", "opt-out", "allows"} else "weakened"
    if "training" in gained:
        return "weakened" if _stances(after).get("training") in ("permits", "opt-out") else "strengthened"
    words = ({word for one in side for word in one.words} for side in turns)
    return by_words(_stances(after), *words)


def shift(before: Mapping[str, str], after: Mapping[str, str]) -> int:
    """How far the weightiest topic with a stance on both sides moved: above 0 more protective, below 0 less."""
    for topic in ("training", "third-party", "scraping"):
        if topic in before and topic in after and before[topic] != after[topic]:
            if "unclear" in (before[topic], after[topic]):
                continue
            return STRENGTH[after[topic]] - STRENGTH[before[topic]]
    return 0


def _says(found: Sentences, words: frozenset[str]) -> bool:
    return any(not words.isdisjoint(one.words) for one in found)


# ---- the whole change ----------------------------------------------------------------------------------------------


def overall(effects: Sequence[Effect]) -> Effect | None:
    """The effect that names the change: of the weightiest topic, and of the most words among those. A statement that
    went where one in like words came was reworded, unless what it lets happen shifted; a promise that went where a
    right came was weakened, and a right without a way out that went where consent or a promise came strengthened, in
    whatever words."""
    real = [one for one in effects if one.kind != "moved"]
    if not real:
        return effects[0] if effects else None
    decisive = max(real, key=_rank)
    counterpart = {"added": "removed", "removed": "added"}.get(decisive.kind)
    others = [one for one in real if one.kind == counterpart and one.weight == decisive.weight]
    if not others:
        return decisive
    other = max(others, key=lambda one: one.size)
    if max(other.size, decisive.size) > _ALIKE * max(1, min(other.size, decisive.size)):
        return decisive
    went, came = (decisive, other) if decisive.kind == "removed" else (other, decisive)
    way = shift(went.before, came.after)
    if way >= 0 and not _gives_up(went.before, came.after) and not _akin(went.old, came.new):
        return decisive
    kind = "reworded" if way == 0 else "strengthened" if way > 0 else "weakened"
    return replace(came, kind=kind, before=went.before, were=went.were, old=went.old)


def _gives_up(before: Mapping[str, str], after: Mapping[str, str]) -> bool:
    """Whether a right without a way out stood where now consent is asked for or nothing is done."""
    return any(before.get(topic) == "permits" and after.get(topic) in ("opt-in", "prohibits") for topic in before)


def _akin(old: Sequence[Clause], new: Sequence[Clause]) -> bool:
    """Whether clauses share so many pairs of words, or so many of their longer words, that they are the same statement,
    put otherwise."""
    pairs = [_neighbours(clauses) for clauses in (old, new)]
    if len(pairs[0] & pairs[1]) >= _SHARED * min(map(len, pairs)):
        return True
    said = [stems(word for pair in side for word in pair) for side in pairs]
    return len(said[0] & said[1]) >= max(_LEAST_SHARED, _SAME * min(map(len, said)))


def _neighbours(clauses: Sequence[Clause]) -> set[tuple[str, str]]:
    words = [[fold(raw) for raw in read_words(clause.text).raws] for clause in clauses]
    return {pair for one in words for pair in pairwise(one)}


def in_order(effects: Sequence[Effect], decisive: Effect | None) -> list[Effect]:
    """Effects with the decisive one first, in the words of the whole change, then by weight."""
    if decisive is None or decisive.kind == "moved":
        return list(effects)
    others = [
        one
        for one in effects
        if not (one.old and one.old == decisive.old) and not (one.new and one.new == decisive.new)
    ]
    return [decisive, *sorted(others, key=_rank, reverse=True)]


def _rank(one: Effect) -> tuple[int, bool, bool, bool, bool, bool, int]:
    """What decides between effects: a statement before a mere heading, a right that comes or a promise that goes before
    words of comfort, a promise that became a right before all, and the publisher's own doing before that of others."""
    topic = main_topic(one)
    now, was = one.after.get(topic), one.before.get(topic)
    alarming = now in ("permits", "opt-out") or one.kind == "weakened" or (not now and was in ("prohibits", "opt-in"))
    said = any(clause.kind != "heading" for clause in (*one.old, *one.new))
    freed = now in ("permits", "opt-out") and was in ("prohibits", "opt-in")
    return one.weight, said, one.kind != "reworded", alarming, freed, alarming and not of_others(one.traits), one.size


def main_topic(one: Effect) -> str:
    """The weightiest topic of an effect, of those at stake."""
    return max(one.at_stake or one.topics, key=lambda name: WEIGHT.get(name, 0), default="")


def said_apart(before: Sequence[Clause], after: Sequence[Clause]) -> tuple[Said, Said]:
    """How often each sentence stands in two texts, apart from the clauses that stand in both: which of them has more of
    a sentence does not depend on those, and they are nearly all."""
    texts = [Counter(clause.text for clause in side) for side in (before, after)]
    clauses = {clause.text: clause for clause in (*before, *after)}

    def said(alone: Mapping[str, int]) -> Said:
        found: Counter[tuple[str, ...]] = Counter()
        for text, times in alone.items():
            for one in sentences(clauses[text], Judgement()):
                found[one.words] += times
        return found

    return said(texts[0] - texts[1]), said(texts[1] - texts[0])


def silences(effects: Sequence[Effect], clauses: Sequence[Clause], judged: Judged) -> tuple[str, ...]:
    """What the text after a change says nothing of: ("opt-out",) where training is permitted and no clause offers a
    way out or asks for consent."""
    permitted = any(one.after.get(topic) == "permits" for one in effects for topic in ("training", "third-party"))
    if not permitted:
        return ()
    offered = {judged(clause).stance.get(topic) for clause in clauses for topic in ("training", "third-party")}
    return () if offered & {"opt-out", "opt-in"} else ("opt-out",)
