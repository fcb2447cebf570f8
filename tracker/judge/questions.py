"""What the texts of a platform in force say to the questions that readers ask, each with the clause that says so.

Silence is an answer of its own here: "silent" is neither yes nor no, and neither is "not-tracked", where no text of the
platform was ever read. An answer out of texts that nobody has seen for long is stale, and says so.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from tracker.judge.verdict import of_others
from tracker.model import Clause, Judgement, Window

SILENT, NOT_TRACKED = "silent", "not-tracked"


@dataclass(frozen=True, slots=True)
class Spoken:
    """A clause in force, what it says on AI, and the window in which it came (None where that is not known)."""

    clause: Clause
    judgement: Judgement
    since: Window | None = None


@dataclass(frozen=True, slots=True)
class InForce:
    """The text of a document in force: `version` is its address, `last_seen` the last time that it was in view."""

    document: str
    clauses: Sequence[Spoken]
    version: str = ""
    last_seen: datetime | None = None
    stale: bool = False


@dataclass(frozen=True, slots=True)
class Said:
    """One clause that answers a question, and how: `answer` is a stance, or "yes" where the question has none."""

    answer: str
    document: str
    clause: Clause
    quote: str
    version: str = ""
    since: Window | None = None
    stale: bool = False


@dataclass(frozen=True, slots=True)
class Answer:
    """What the texts of a platform say to a question.

    `answer` is a stance, "yes", "silent" or "not-tracked". `said` holds every clause that answers, the deciding one
    first; `contradicts` is True where two of them cannot both be so; `stale` where no fresh text gives the answer.
    """

    question: str
    title: str
    answer: str
    said: tuple[Said, ...] = ()
    contradicts: bool = False
    stale: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """A question in words, the topic that its quotes come from, and how a judgement answers it (None: it does not)."""

    id: str
    title: str
    short: str  # as the head of a column
    topics: tuple[str, ...]
    ask: Callable[[Judgement], str | None]


def _own_training(judgement: Judgement) -> str | None:
    return None if of_others(judgement.traits) else judgement.stance.get("training")


def _others(judgement: Judgement) -> str | None:
    stance = judgement.stance.get("third-party")
    return stance or (judgement.stance.get("training") if of_others(judgement.traits) else None)


def _offered(stance: str) -> Callable[[Judgement], str | None]:
    def ask(judgement: Judgement) -> str | None:
        return "yes" if stance in (judgement.stance.get("training"), judgement.stance.get("third-party")) else None

    return ask


def _topic(topic: str) -> Callable[[Judgement], str | None]:
    return lambda judgement: "yes" if topic in judgement.topics else None


def _backdated(judgement: Judgement) -> str | None:
    return "yes" if "retroactive" in judgement.traits and "training" in judgement.topics else None


_GIVEN = ("training", "third-party")
QUESTIONS = (
    Question("own-training", "May it train AI on what people give it?", "own AI", ("training",), _own_training),
    Question("third-parties", "May others use it for AI?", "others' AI", ("third-party", "training"), _others),
    Question("opt-out", "Is there a way to opt out?", "opt-out", _GIVEN, _offered("opt-out")),
    Question("opt-in", "Is consent asked first?", "opt-in", _GIVEN, _offered("opt-in")),
    Question(
        "likeness",
        "Does it speak of voices, faces or styles made by AI?",
        "likeness",
        ("likeness",),
        _topic("likeness"),
    ),
    Question(
        "scraping",
        "May others take its content for AI?",
        "scraping",
        ("scraping",),
        lambda judgement: judgement.stance.get("scraping"),
    ),
    Question(
        "outputs", "Does it say whose output is, and who answers for it?", "outputs", ("output",), _topic("output")
    ),
    Question("backdated", "Does it reach back to what was given before?", "backdated", ("training",), _backdated),
)
# Which answer decides where clauses differ: a way out that one text offers holds for the right that another claims;
# else the one that lets most happen. The others stand beside it.
_ORDER = ("opt-out", "permits", "opt-in", "prohibits", "allows", "forbids", "yes", "unclear")
_OPPOSED = ({"permits", "prohibits"}, {"permits", "opt-in"}, {"opt-out", "prohibits"}, {"allows", "forbids"})
# Each answer in a few words, after the question.
WORDS = {
    "permits": "yes",
    "opt-out": "yes, unless you opt out",
    "opt-in": "only with your consent",
    "prohibits": "no",
    "allows": "yes",
    "forbids": "no",
    "unclear": "unclear",
    "yes": "yes",
    SILENT: "silent",
    NOT_TRACKED: "not tracked",
}


def stance_of(texts: Iterable[InForce]) -> tuple[Answer, ...]:
    """The stance of a platform: the answers of all its texts in force, in the order of QUESTIONS. Pure."""
    known = list(texts)
    return tuple(_answer(question, known) for question in QUESTIONS)


def _answer(question: Question, texts: Sequence[InForce]) -> Answer:
    stale = bool(texts) and all(text.stale for text in texts)
    said = [
        Said(answer, text.document, one.clause, _quote(one, question.topics), text.version, one.since, text.stale)
        for text in texts
        for one in text.clauses
        if (answer := question.ask(one.judgement)) is not None
    ]
    if not said:
        return Answer(question.id, question.title, SILENT if texts else NOT_TRACKED, stale=stale)
    said.sort(key=lambda one: (_ORDER.index(one.answer), one.stale))
    answers = {one.answer for one in said}
    contradicts = any(pair <= answers for pair in _OPPOSED)
    return Answer(question.id, question.title, said[0].answer, tuple(said), contradicts, said[0].stale)


def _quote(spoken: Spoken, topics: Sequence[str]) -> str:
    """The words of the flag that speaks of the question's topic."""
    flags = sorted(
        (flag for flag in spoken.judgement.flags if flag.topic in topics), key=lambda flag: topics.index(flag.topic)
    )
    return flags[0].quote if flags else spoken.clause.text
