"""What a change means for AI, in one plain line: of the publisher, or of others where only they are spoken of."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from tracker.judge.verdict import NAMED, Effect, main_topic, of_others

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
_NAMES = {
    "added": "Names a company that processes data with AI",
    "removed": "No longer names a company that processes data with AI",
}


@dataclass(frozen=True, slots=True)
class _Phrases:
    """How each stance is said of the publisher or of others. {act} is what is done: "train AI on public posts"."""

    now: Mapping[str, str]
    was: Mapping[str, str]  # where the act is the same as now
    added: Mapping[str, str]
    more: Mapping[str, str]  # where the text said so before
    dropped: Mapping[str, str]
    fewer: Mapping[str, str]  # where the text still says so
    unclear: str


_OWN = _Phrases(
    now={
        "permits": "it may {act}",
        "opt-out": "it may {act} unless you opt out",
        "opt-in": "it may {act} only with your consent",
        "prohibits": "it promises not to {act}",
    },
    was={
        "opt-out": "you could opt out",
        "opt-in": "only with your consent",
        "prohibits": "it promised not to",
    },
    added={
        "permits": "Adds a right to {act}",
        "opt-out": "Adds a right to {act} unless you opt out",
        "opt-in": "Promises not to {act} without your opt-in",
        "prohibits": "Promises not to {act}",
    },
    more={
        "permits": "Adds words to its right to {act}",
        "opt-out": "Adds words to its right to {act} unless you opt out",
        "opt-in": "Adds words to its promise not to {act} without your opt-in",
        "prohibits": "Adds words to its promise not to {act}",
    },
    dropped={
        "permits": "Drops its right to {act}",
        "opt-out": "Drops its words that it may {act} unless you opt out",
        "opt-in": "Drops its promise not to {act} without your consent",
        "prohibits": "Drops its promise not to {act}",
    },
    fewer={
        "permits": "Drops words on its right to {act}; other clauses still permit it",
        "opt-in": "Drops words on its promise not to {act} without your consent; other clauses keep it",
        "prohibits": "Drops words on its promise not to {act}; other clauses keep it",
    },
    unclear="whether it may {act}",
)
_OTHERS = _Phrases(
    now={
        "permits": "others may {act}",
        "opt-out": "others may {act} unless you opt out",
        "opt-in": "others may {act} only with your consent",
        "prohibits": "others may not {act}",
    },
    was={
        "opt-out": "you could opt out",
        "opt-in": "only with your consent",
        "prohibits": "they could not",
    },
    added={
        "permits": "Lets others {act}",
        "opt-out": "Lets others {act} unless you opt out",
        "opt-in": "Promises that others may {act} only with your consent",
        "prohibits": "Promises that others may not {act}",
    },
    more={
        "permits": "Adds words to its right to let others {act}",
        "opt-out": "Adds words to its right to let others {act} unless you opt out",
        "opt-in": "Adds words to its promise that others may {act} only with your consent",
        "prohibits": "Adds words to its promise that others may not {act}",
    },
    dropped={
        "permits": "Drops its words that others may {act}",
        "opt-out": "Drops its words that others may {act} unless you opt out",
        "opt-in": "Drops its words that others may {act} only with your consent",
        "prohibits": "Drops its words that others may not {act}",
    },
    fewer={
        "permits": "Drops words that others may {act}; other clauses still permit it",
        "opt-in": "Drops words that others may {act} only with your consent; other clauses keep them",
        "prohibits": "Drops words that others may not {act}; other clauses keep them",
    },
    unclear="whether others may {act}",
)


def line(decisive: Effect, silent_on: Sequence[str] = (), promised: bool = False, already: bool = False) -> str:
    """A change in one plain sentence without a full stop, neutral in wording. `promised`: the text after also holds a
    promise not to train AI, which a right beside it does not undo. `already`: the other text says the same elsewhere,
    so that what came or went is words and no new or lost right or promise."""
    if decisive.kind == "moved":
        return "Only the place or layout of its words on AI changes"
    topic = main_topic(decisive)
    if NAMED in decisive.traits:
        return _NAMES.get(decisive.kind, "Changes how it names a company that processes data with AI")
    if topic not in ("training", "third-party"):
        stance = decisive.after.get(topic) or decisive.before.get(topic)
        return _plain_line(decisive.kind, _BANS.get(stance or "", _SUBJECTS.get(topic, "a statement on AI")))
    said, after = _act_line(decisive, topic, already), decisive.after.get(topic)
    if "opt-out" in silent_on and after == "permits":
        said = f"{said}; no opt-out found"
    if "likeness-only" in decisive.traits and after in ("prohibits", "opt-in"):
        said = f"{said}; this speaks of models that replicate a person and says nothing of other models"
    if promised and after in ("permits", "opt-out"):
        itself = " itself" if topic == "third-party" or of_others(decisive.traits) else ""
        said = f"{said}; elsewhere it promises not to train AI{itself}"
    return said


def _said_of(traits: Sequence[str], topic: str) -> tuple[_Phrases, str]:
    """Of whom a clause speaks, and what is done."""
    objects = [words for trait, words in _OBJECTS.items() if trait in traits]
    what = " and ".join(objects[:2]) or "what people give it"
    if topic == "third-party":
        return _OWN, f"let others use {what} for AI"
    kind = "generative " if "generative-only" in traits else ""
    return (_OTHERS if of_others(traits) else _OWN), f"train {kind}AI on {what}"


def _act_line(decisive: Effect, topic: str, already: bool) -> str:
    before, after = decisive.before.get(topic), decisive.after.get(topic)
    if decisive.vague:
        return f"No longer says plainly that {_was_right(decisive, before or '')}; the new words may still mean it"
    phrases, act = _said_of(decisive.traits, topic)
    others, was_act = _said_of(decisive.were, topic)
    if decisive.kind == "removed" or (before and not after):
        if already and before in others.fewer:
            return others.fewer[before].format(act=was_act)
        return others.dropped.get(before or "", f"Drops a statement on {others.unclear}").format(act=was_act)
    if not before or (decisive.kind == "added" and before == after):
        if already and after in phrases.more:
            return phrases.more[after].format(act=act)
        return phrases.added.get(after or "", f"Adds a statement on {phrases.unclear}").format(act=act)
    now = phrases.now.get(after or "", f"it does not say plainly {phrases.unclear}").format(act=act)
    if before != after or phrases is not others:
        short = others.was.get(before) if (phrases, act) == (others, was_act) else None
        bare, _, what = was_act.partition(" on ")
        if what and what == act.partition(" on ")[2]:
            was_act = f"{bare} on that"  # said once is enough
        return f"Now {now}; before, {short or _was(before, others, was_act)}"
    verb = {"weakened": "Loosens", "strengthened": "Tightens"}.get(decisive.kind, "Rewords")
    return f"{verb} a clause on AI: {now}{', as before' if act == was_act else ''}"


def _was_right(decisive: Effect, stance: str) -> str:
    """The right of a text before, as it is said of now."""
    phrases, act = _said_of(decisive.were, "training")
    return phrases.now[stance].format(act=act)


def _was(stance: str, phrases: _Phrases, act: str) -> str:
    """What a text said before, in the past."""
    plain = phrases.now.get(stance, f"it did not say plainly {phrases.unclear}").format(act=act)
    return plain.replace("it promises", "it promised").replace(" may ", " could ", 1)


def _plain_line(kind: str, subject: str) -> str:
    bare = subject.removeprefix("a ")
    return {
        "added": f"Adds {subject}",
        "removed": f"Drops {subject}",
        "weakened": f"Loosens its {bare}",
        "strengthened": f"Tightens its {bare}",
    }.get(kind, f"Rewords its {bare}")
