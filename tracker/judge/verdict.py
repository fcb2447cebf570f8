"""What one change means for AI: which sentences on AI came, went or were turned, and that in one plain line.

Works on the flags of the clauses on both sides: the sentences that hold words which decided are those on AI, and only
what happens to them counts. A sentence has come only where the text after holds it more often than the text before, and
gone where it holds it less often: that is how a paragraph that is split, merged or moved stays silent.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from tracker.model import Clause, ClauseChange, Judgement, Kind
from tracker.rules.matching import fold, read_words

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
QUIET = frozenset({Kind.MOVED, Kind.FORM, Kind.REPEATED})


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


_NEGATIONS = _set(
    "not no never neither nor without cannot prohibits prohibited unless exclude excluded refrain "
    "ne pas jamais aucun aucune sans ni sauf nicht kein keine keinen keiner nie ohne weder "
    "nunca ningun ninguna sin salvo"
)
_NARROWING = _set(
    "generative only solely certain some except unless exclusively limited generatif uniquement seulement certains "
    "certaines exclusivement nur lediglich bestimmte ausser generativ generativen solo solamente ciertos"
)
_DUTY = _set("must shall required require requires prohibited doit doivent muss mussen debe deben")
_LENIENT = _set("may might should can could encourage recommend please peut peuvent kann konnen soll puede")
_REACH = _set(
    "train training trained third party parties affiliates partners providers any all other others permit allow "
    "perpetual irrevocable sell license share entrainer former tiers partenaires trainieren dritte dritten entrenar "
    "terceros"
)


_CONDITIONS = _set("if when only unless except permits under si sauf lorsque wenn nur ausser solo")
_ALIKE = 4  # times that a statement may be longer than the one it took the place of
_STEM = 5  # letters that two forms of a word share


@dataclass(frozen=True, slots=True)
class Sentence:
    """A sentence of a clause: its words without numbers, and whether words in it decided a flag."""

    words: tuple[str, ...]
    on_ai: bool


@dataclass(frozen=True, slots=True)
class Effect:
    """What one clause change does to the statements on AI, and about which topics."""

    kind: str
    topics: tuple[str, ...]
    size: int  # words of the sentences on AI that came or went
    before: Mapping[str, str]
    after: Mapping[str, str]
    traits: tuple[str, ...] = ()
    beside: bool = False  # only headings speak of AI, no word of the clause does: counts beside other effects alone

    @property
    def weight(self) -> int:
        return max((WEIGHT.get(topic, 0) for topic in self.topics), default=0)


def sentences(clause: Clause, judgement: Judgement) -> list[Sentence]:
    """The sentences of a clause; numbers, single letters, case and punctuation do not enter (they are form)."""
    words = read_words(clause.text)
    spans = [span for flag in judgement.flags for span in flag.spans]
    marked = {
        number
        for number, start, end in zip(words.sentences, words.starts, words.ends, strict=True)
        if any(low < end and start < high for low, high in spans)
    }
    grouped: dict[int, list[str]] = {}
    for number, raw in zip(words.sentences, words.raws, strict=True):
        word = fold(raw)
        if len(word) > 1 and not word.isdigit():
            grouped.setdefault(number, []).append(word)
    everywhere = judgement.mentions_ai and not marked  # only its heading speaks of AI
    return [Sentence(tuple(found), everywhere or number in marked) for number, found in grouped.items()]


Judged = Callable[[Clause], Judgement]
Judgements = Sequence[Judgement]
Sentences = Sequence[Sentence]
Said = Mapping[tuple[str, ...], int]  # how often each sentence of a text stands in it


def effect(change: ClauseChange, judged: Judged, stood: Said, stands: Said) -> Effect | None:
    """What a clause change does to AI statements, or None. `stood` and `stands` are the sentences of the
    whole text before and after. A change of place or layout alone has the kind "moved"."""
    sides = [[(clause, judged(clause)) for clause in side] for side in (change.before, change.after)]
    before, after = ([judgement for _, judgement in side] for side in sides)
    if not any(judgement.mentions_ai for judgement in (*before, *after)):
        return None
    old, new = ([one for clause, judgement in side for one in sentences(clause, judgement)] for side in sides)
    gone = [one for one in old if one.on_ai and _less(one, stood, stands)]
    come = [one for one in new if one.on_ai and _less(one, stands, stood)]
    stance = _stances(before), _stances(after)
    topics = tuple(dict.fromkeys(topic for judgement in (*after, *before) for topic in judgement.topics))
    beside = not any(_speaks(judgement) for judgement in (*before, *after))
    turned = change.kind not in QUIET and _turned((before, after), (old, new), stood, stands)
    if change.kind in QUIET or not (gone or come or turned) or (beside and before and after):
        return Effect("moved", topics, 0, *stance)
    size = sum(len(one.words) for one in (*gone, *come))
    traits = tuple(dict.fromkeys(trait for judgement in (after or before) for trait in judgement.traits))
    return Effect(_kind(before, after, gone, come), topics, size, *stance, traits, beside)


def _speaks(judgement: Judgement) -> bool:
    """True where words of the clause itself decided, not its headings alone."""
    return judgement.mentions_ai and any(flag.spans for flag in judgement.flags)


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


def _kind(before: Judgements, after: Judgements, gone: Sentences, come: Sentences) -> str:
    """Added, removed, strengthened, weakened or reworded."""
    if not any(judgement.mentions_ai for judgement in before):
        return "added"
    if not any(judgement.mentions_ai for judgement in after):
        return "removed"
    shift = _shift(_stances(before), _stances(after))
    if shift:
        return "strengthened" if shift > 0 else "weakened"
    gained = {topic for one in after for topic in one.topics} - {topic for one in before for topic in one.topics}
    lost = {topic for one in before for topic in one.topics} - {topic for one in after for topic in one.topics}
    if come and not gone:
        return "added" if gained or not _says(come, _NEGATIONS) else "strengthened"
    if gone and not come:
        weaker = "weakened" if _says(gone, _NEGATIONS) else "strengthened" if _says(gone, _REACH) else "reworded"
        return "removed" if lost else weaker
    if gained - {"feature"} and not lost:
        return "added"
    return _by_words(_stances(after), gone, come)


def _shift(before: Mapping[str, str], after: Mapping[str, str]) -> int:
    for topic in ("training", "third-party", "scraping"):
        if topic in before and topic in after and before[topic] != after[topic]:
            if "unclear" in (before[topic], after[topic]):
                continue
            return STRENGTH[after[topic]] - STRENGTH[before[topic]]
    return 0


def _says(found: Sentences, words: frozenset[str]) -> bool:
    return any(not words.isdisjoint(one.words) for one in found)


def _by_words(stance: Mapping[str, str], gone: Sentences, come: Sentences) -> str:
    """The direction of a rewording whose stance stays: by the words that came and went.

    A promise or a ban is the stronger the more it reaches and the less it is narrowed; a right is the reverse. What has
    no stance (labels, outputs) goes by duties and conditions.
    """
    old = {word for one in gone for word in one.words}
    new = {word for one in come for word in one.words}
    plus, minus = _unlike(new - old, old - new), _unlike(old - new, new - old)

    def more(words: frozenset[str]) -> int:
        return len(plus & words) - len(minus & words)

    points = 2 * more(_DUTY) - more(_LENIENT)
    if any(value in ("prohibits", "opt-in", "forbids") for value in stance.values()):
        points += more(_NEGATIONS) + more(_REACH) - 2 * more(_NARROWING)
    elif stance:
        points -= 2 * more(_REACH)
    else:
        points -= 2 * more(_CONDITIONS)
    if points == 0:
        return "reworded"
    return "strengthened" if points > 0 else "weakened"


def _unlike(words: set[str], others: set[str]) -> set[str]:
    """The words whose beginning is not that of a word on the other side: "generation" and "generative" are one."""
    stems = {word[:_STEM] for word in others}
    return {word for word in words if len(word) < _STEM or word[:_STEM] not in stems}


# ---- the whole change ----------------------------------------------------------------------------------------------


def overall(effects: Sequence[Effect]) -> Effect | None:
    """The effect that names the change: of the weightiest topic, and of the most words among those. A statement that
    went where another on the same topic came was reworded, unless what it lets happen shifted."""
    real = [one for one in effects if one.kind != "moved"]
    if not real:
        return effects[0] if effects else None
    decisive = max(real, key=lambda one: (one.weight, one.kind != "reworded", one.size))
    counterpart = {"added": "removed", "removed": "added"}.get(decisive.kind)
    others = [one for one in real if one.kind == counterpart and one.weight == decisive.weight]
    if not others:
        return decisive
    other = max(others, key=lambda one: one.size)
    if max(other.size, decisive.size) > _ALIKE * max(1, min(other.size, decisive.size)):
        return decisive
    went, came = (decisive, other) if decisive.kind == "removed" else (other, decisive)
    shift = _shift(went.before, came.after)
    kind = "reworded" if shift == 0 else "strengthened" if shift > 0 else "weakened"
    return replace(came, kind=kind, before=went.before)


def everything_said(clauses: Sequence[Clause]) -> Said:
    """How often each sentence stands in a text."""
    return Counter(one.words for clause in clauses for one in sentences(clause, Judgement()))


def silences(effects: Sequence[Effect], clauses: Sequence[Clause], judged: Judged) -> tuple[str, ...]:
    """What the text after a change says nothing of: ("opt-out",) where training is permitted and no clause offers a
    way out or asks for consent."""
    permitted = any(one.after.get(topic) == "permits" for one in effects for topic in ("training", "third-party"))
    if not permitted:
        return ()
    offered = {judged(clause).stance.get(topic) for clause in clauses for topic in ("training", "third-party")}
    return () if offered & {"opt-out", "opt-in"} else ("opt-out",)


# ---- in words ------------------------------------------------------------------------------------------------------

_ACTS = {
    "training": "train {kind}AI on {object}",
    "third-party": "let others use {object} for AI",
}
_SUBJECTS = {
    "scraping": "a rule on taking content from the service for AI",
    "likeness": "a rule on voices, faces or styles made by AI",
    "automated-decision": "a statement on decisions made by machines",
    "labelling": "a rule on content made with AI",
    "output": "a statement on what AI puts out",
    "ai-use": "a rule for using its AI",
    "feature": "a statement on its use of AI",
}
_BANS = {"forbids": "a ban on taking content from the service for AI", "allows": "leave to take content for AI"}
_OBJECTS = {
    "object:content": "uploaded content",
    "object:messages": "messages and prompts",
    "object:public": "public posts",
    "object:personal-data": "personal data",
}
_STATES = {
    "permits": "it may {act}",
    "opt-out": "it may {act} unless you opt out",
    "opt-in": "it may {act} only with your consent",
    "prohibits": "it promises not to {act}",
    "unclear": "it does not say plainly whether it may {act}",
}


def line(decisive: Effect, silent_on: Sequence[str] = (), promised: bool = False, already: bool = False) -> str:
    """A change in one plain sentence without a full stop, neutral in wording. `promised`: the text after also holds a
    promise not to train AI, which a right beside it does not undo. `already`: the text before said the same elsewhere,
    so that what came is more words and no new right or promise."""
    if decisive.kind == "moved":
        return "Only the place or layout of its words on AI changes"
    topic = max(decisive.topics, key=lambda name: WEIGHT.get(name, 0), default="")
    if topic in _ACTS:
        objects = [words for trait, words in _OBJECTS.items() if trait in decisive.traits]
        kind = "generative " if "generative-only" in decisive.traits else ""
        act = _ACTS[topic].format(object=" and ".join(objects[:2]) or "what people give it", kind=kind)
        said = _act_line(decisive, topic, act, already)
    else:
        stance = decisive.after.get(topic) or decisive.before.get(topic)
        said = _plain_line(decisive.kind, _BANS.get(stance or "", _SUBJECTS.get(topic, "a statement on AI")))
    if topic not in _ACTS:
        return said
    said = f"{said}; no opt-out found" if "opt-out" in silent_on else said
    if "likeness-only" in decisive.traits and decisive.after.get(topic) in ("prohibits", "opt-in"):
        said = f"{said}; this speaks of models that replicate a person and says nothing of other models"
    permitted = decisive.after.get(topic) in ("permits", "opt-out")
    return f"{said}; elsewhere it promises not to train AI" if promised and permitted else said


def _act_line(decisive: Effect, topic: str, act: str, already: bool) -> str:
    before, after = decisive.before.get(topic), decisive.after.get(topic)
    if decisive.kind == "removed" or (before and not after):
        dropped = {
            "prohibits": f"Drops its promise not to {act}",
            "opt-in": f"Drops its promise not to {act} without your consent",
            "permits": f"Drops its right to {act}",
            "opt-out": f"Drops its words that it may {act} unless you opt out",
        }
        return dropped.get(before or "", f"Drops a statement on whether it may {act}")
    if decisive.kind == "added" and (not before or before == after):
        more = {
            "permits": f"Adds words to its right to {act}",
            "opt-out": f"Adds words to its right to {act} unless you opt out",
            "opt-in": f"Adds words to its promise not to {act} without your opt-in",
            "prohibits": f"Adds words to its promise not to {act}",
        }
        if already and after in more:
            return more[after]
        added = {
            "permits": f"Adds a right to {act}",
            "opt-out": f"Adds a right to {act} unless you opt out",
            "opt-in": f"Promises not to {act} without your opt-in",
            "prohibits": f"Promises not to {act}",
        }
        return added.get(after or "", f"Adds a statement on whether it may {act}")
    now = _STATES.get(after or "unclear", _STATES["unclear"]).format(act=act)
    if before and before != after:
        was = _STATES.get(before, _STATES["unclear"]).format(act=act)
        return f"Now {now}; before, {was}"
    verb = {"weakened": "Loosens", "strengthened": "Tightens"}.get(decisive.kind, "Rewords")
    return f"{verb} a clause on AI: {now}, as before"


def _plain_line(kind: str, subject: str) -> str:
    bare = subject.removeprefix("a ")
    return {
        "added": f"Adds {subject}",
        "removed": f"Drops {subject}",
        "weakened": f"Loosens its {bare}",
        "strengthened": f"Tightens its {bare}",
    }.get(kind, f"Rewords its {bare}")
