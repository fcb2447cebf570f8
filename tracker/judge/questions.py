"""What the texts in force say to the questions that readers ask, each with the clause that says so.

Silence is an answer of its own here: "silent" is neither yes nor no.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from tracker.model import Clause, Judgement

SILENT = "silent"

Pair = tuple[Clause, Judgement]


@dataclass(frozen=True, slots=True)
class Said:
    """One clause that answers a question, and how: `answer` is a stance, or "yes" where the question has none."""

    answer: str
    clause: Clause
    quote: str


@dataclass(frozen=True, slots=True)
class Answer:
    """What a text says to a question. `said` holds every clause that answers, the deciding one first;
    `contradicts` is True where clauses answer in ways that cannot both be so."""

    question: str
    title: str
    answer: str = SILENT
    said: tuple[Said, ...] = ()
    contradicts: bool = False


@dataclass(frozen=True, slots=True)
class Question:
    """A question in words and how a judgement answers it (None: it does not)."""

    id: str
    title: str
    ask: Callable[[Judgement], str | None]


def _stance(topic: str) -> Callable[[Judgement], str | None]:
    return lambda judgement: judgement.stance.get(topic)


def _only(stance: str) -> Callable[[Judgement], str | None]:
    def ask(judgement: Judgement) -> str | None:
        return "yes" if stance in (judgement.stance.get("training"), judgement.stance.get("third-party")) else None

    return ask


def _topic(topic: str) -> Callable[[Judgement], str | None]:
    return lambda judgement: "yes" if topic in judgement.topics else None


def _trait(trait: str) -> Callable[[Judgement], str | None]:
    return lambda judgement: "yes" if trait in judgement.traits and "training" in judgement.topics else None


QUESTIONS = (
    Question("own-training", "May it train AI on what people give it?", _stance("training")),
    Question("third-parties", "May others use it for AI?", _stance("third-party")),
    Question("opt-out", "Is there a way to opt out?", _only("opt-out")),
    Question("opt-in", "Is consent asked first?", _only("opt-in")),
    Question("likeness", "Does it speak of voices, faces or styles made by AI?", _topic("likeness")),
    Question("scraping", "May others take its content for AI?", _stance("scraping")),
    Question("outputs", "Does it say whose output is, and who answers for it?", _topic("output")),
    Question("backdated", "Does it reach back to what was given before?", _trait("retroactive")),
)
# Where several clauses answer, the one that lets most happen decides: the others stand beside it.
_ORDER = ("permits", "opt-out", "opt-in", "prohibits", "allows", "forbids", "yes", "unclear")
_OPPOSED = ({"permits", "prohibits"}, {"permits", "opt-in"}, {"opt-out", "prohibits"}, {"allows", "forbids"})


def standing(judged: Sequence[Pair]) -> tuple[Answer, ...]:
    """The answers of one text to all questions, in the order of QUESTIONS. Give the clauses of several documents to
    have the stance of a platform, contradictions between them shown."""
    return tuple(_answer(question, judged) for question in QUESTIONS)


def _answer(question: Question, judged: Sequence[Pair]) -> Answer:
    said = [
        Said(answer, clause, _quote(judgement, clause))
        for clause, judgement in judged
        if (answer := question.ask(judgement)) is not None
    ]
    if not said:
        return Answer(question.id, question.title)
    said.sort(key=lambda one: _ORDER.index(one.answer))
    answers = {one.answer for one in said}
    contradicts = any(pair <= answers for pair in _OPPOSED)
    return Answer(question.id, question.title, said[0].answer, tuple(said), contradicts)


def _quote(judgement: Judgement, clause: Clause) -> str:
    return judgement.flags[0].quote if judgement.flags else clause.text
