"""The words of the pages: what each kind, topic, stance and outcome is called. One place, so that they agree."""

from __future__ import annotations

from collections.abc import Mapping

# Kind of clause change -> (word, sign). The word is always shown; sign and colour only repeat it.
KINDS: Mapping[str, tuple[str, str]] = {
    "added": ("Added", "+"),
    "removed": ("Removed", "−"),
    "reworded": ("Reworded", "~"),
    "moved": ("Moved", "→"),
    "moved-reworded": ("Moved and reworded", "→~"),
    "split": ("Split", "÷"),
    "split-reworded": ("Split and reworded", "÷~"),
    "merged": ("Merged", "∪"),
    "merged-reworded": ("Merged and reworded", "∪~"),
    "repeated": ("Repeated", "×2"),
    "returned": ("Returned", "↺"),
    "form": ("Form only", "·"),
    "replaced": ("Replaced", "⇄"),
}

# Whose word a version rests on, where it is not our own.
SOURCES: Mapping[str, str] = {
    "wayback": "an archive of the web",
    "published": "the publisher’s own former text, at the date that it states",
    "ota": "a text that Open Terms Archive read from the page",
    "warc": "a file of a web archive",
}

# What the folded groups of a change page hold.
FOLDED: Mapping[str, str] = {
    "moved": "Moved to another place, same words",
    "split": "One paragraph broken into several, same words",
    "merged": "Several paragraphs joined into one, same words",
    "repeated": "A clause that stood there already stands there once more",
    "returned": "Stood in an earlier version, was gone, and is back",
    "form": "Only links, numbering, punctuation, case or emphasis",
}

# In the order in which they matter to people whose work is online.
TOPICS: Mapping[str, str] = {
    "training": "Own AI training",
    "third-party": "AI training by others",
    "likeness": "Voice, face and style",
    "scraping": "Scraping and text mining",
    "automated-decision": "Automated decisions",
    "labelling": "Labelling AI content",
    "output": "AI output",
    "ai-use": "Using its AI",
    "feature": "AI features",
}
# What each topic takes in, for the page of the topic.
ABOUT: Mapping[str, str] = {
    "training": "What the platform may itself do with what people give it, to train or improve AI.",
    "third-party": "What others may do with it: buyers of data, partners, suppliers of AI.",
    "likeness": "AI that imitates voices, faces or styles.",
    "scraping": "Whether anybody may take what stands on the platform, to train AI or to mine it.",
    "automated-decision": "Decisions on people that AI makes or prepares.",
    "labelling": "Whether what AI made must be named as such.",
    "output": "Whose the output of AI is, and who answers for it.",
    "ai-use": "What users must and must not do with the platform's AI.",
    "feature": "Features that work with AI; the text says no more than that.",
}
# The questions that a platform page and a change page answer even where the text says nothing.
QUESTIONS = ("training", "third-party", "scraping")

STANCES: Mapping[tuple[str, str], str] = {
    ("training", "permits"): "permits itself to train on it",
    ("training", "opt-out"): "permits itself to train, unless you opt out",
    ("training", "opt-in"): "only if you opt in",
    ("training", "prohibits"): "promises not to",
    ("training", "unclear"): "speaks of it, but leaves it open",
    ("third-party", "permits"): "permits others to train on it",
    ("third-party", "opt-out"): "permits others, unless you opt out",
    ("third-party", "opt-in"): "others only if you opt in",
    ("third-party", "prohibits"): "promises not to let others",
    ("third-party", "unclear"): "speaks of it, but leaves it open",
    ("scraping", "forbids"): "forbids users and robots to take content",
    ("scraping", "allows"): "allows it",
    ("scraping", "unclear"): "speaks of it, but leaves it open",
}
# Short forms for labels; the tone says how it falls for the people whose work it is.
LABELS: Mapping[tuple[str, str], tuple[str, str]] = {
    ("training", "permits"): ("permits own training", "takes"),
    ("training", "opt-out"): ("own training, opt-out", "takes"),
    ("training", "opt-in"): ("own training, opt-in only", "keeps"),
    ("training", "prohibits"): ("promises no own training", "keeps"),
    ("training", "unclear"): ("own training left open", "open"),
    ("third-party", "permits"): ("permits training by others", "takes"),
    ("third-party", "opt-out"): ("training by others, opt-out", "takes"),
    ("third-party", "opt-in"): ("training by others, opt-in only", "keeps"),
    ("third-party", "prohibits"): ("promises no training by others", "keeps"),
    ("third-party", "unclear"): ("training by others left open", "open"),
    ("scraping", "forbids"): ("forbids scraping", "open"),
    ("scraping", "allows"): ("allows scraping", "open"),
    ("scraping", "unclear"): ("scraping left open", "open"),
}
SILENT = "silent"

OUTCOMES: Mapping[str, str] = {
    "unchanged": "Seen, unchanged",
    "captured": "Seen, captured",
    "suspect": "Suspect, waiting to be confirmed",
    "blocked": "Blocked",
    "failed": "Failed",
}

STATES: Mapping[str, str] = {
    "ok": "ok",
    "blocked": "blocked",
    "failed": "not reached",
    "suspect": "suspect",
    "broken": "never read",
    "stale": "stale",
}

METHODS: Mapping[str, str] = {
    "selectors": "the declared part of the page",
    "main": "the main part of the page, found by itself",
    "pdf": "the text of a PDF",
    "plain": "plain text",
}


def stance(topic: str, value: str | None) -> str:
    """A stance in words: "promises not to"; "silent" where there is none."""
    return STANCES.get((topic, value), value.replace("-", " ")) if value else SILENT


def label(topic: str, value: str) -> tuple[str, str]:
    """A stance as a short label, and its tone: takes, keeps or open."""
    return LABELS.get((topic, value), (f"{topic.replace('-', ' ')}: {value.replace('-', ' ')}", "open"))


def topic(name: str) -> str:
    """A topic in words."""
    return TOPICS.get(name, name.replace("-", " ").capitalize())


def rank(topic: str) -> int:
    """The place of a topic in the order in which they matter to people whose work is online."""
    return list(TOPICS).index(topic) if topic in TOPICS else len(TOPICS)


def kind(name: str) -> tuple[str, str]:
    """The word and the sign of a kind of clause change."""
    return KINDS.get(name, (name.replace("-", " ").capitalize(), "·"))


def number(count: int, one: str, many: str = "") -> str:
    """A count with its noun.

    >>> number(1, "clause"), number(2_000, "clause")
    ('1 clause', '2,000 clauses')
    """
    return f"{count:,} {one if count == 1 else many or one + 's'}"


def attested(*sources: str) -> str:
    """Whose word a window rests on where it is not ours alone, as a sentence; "" where it is ours."""
    if set(sources) <= {"live"}:
        return ""
    named = [SOURCES.get(source, "our own check") for source in dict.fromkeys(sources)]
    if len(named) == 1:
        return f"Known from {named[0]}, not from our own checks."
    return f"Before: {named[0]}; after: {named[1]}. A page may be served otherwise to another reader."
