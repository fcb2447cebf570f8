"""What platforms say on AI now, question by question: for the page of a platform and for the matrix of all."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from tracker import history
from tracker.judge import Answer, InForce, Said, Spoken, stance_of
from tracker.judge.questions import NOT_TRACKED, QUESTIONS, SILENT, WORDS
from tracker.model import Clause, Judgement, Window, stamp
from tracker.store import Store
from tracker.views import entries, phrases
from tracker.views.quotes import excerpt, sentence, tail
from tracker.views.runs import visible
from tracker.views.story import Story, state

Values = dict[str, Any]

SHORT = {"opt-out": "yes, opt-out", "opt-in": "opt-in only"}  # where the matrix has less room than a page
COVERED = frozenset(topic for question in QUESTIONS for topic in question.topics)  # topics that a question asks for
STALE = ("stale", "blocked", "failed", "suspect")  # states of a document whose text may not be in force any more


def answers(store: Store, stories: Sequence[Story], latest: datetime | None) -> list[Values]:
    """The answers of a platform's latest texts to every question, each with its quotes and since when. Raises
    Corrupt."""
    told = {story.document.id: story for story in stories}
    judged: dict[int, Judgement] = {}
    texts = [text for story in stories if (text := _in_force(store, story, latest, judged))]
    return [_values(answer, told, judged) for answer in stance_of(texts)]


def _in_force(store: Store, story: Story, latest: datetime | None, judged: dict[int, Judgement]) -> InForce | None:
    if story.latest is None:
        return None
    standing = history.standing(store, story.latest)
    spoken = []
    for clause, judgement in zip(standing.clauses, standing.judgements, strict=True):
        judged[id(clause)] = judgement
        spoken.append(Spoken(clause, judgement, _since(story, clause, judgement) if judgement.flags else None))
    stale = state(story, latest) in STALE
    return InForce(story.document.id, spoken, story.latest.address, story.last_seen, stale)


def _since(story: Story, clause: Clause, judgement: Judgement) -> Window:
    """The window in which a clause came, or the sentence of it that decides; without a beginning where it stands in the
    first copy."""
    first = _first(story, clause, judgement)
    into = story.change_into(story.versions[first])
    return into.window if into else Window(None, story.versions[first].at)


def _first(story: Story, clause: Clause, judgement: Judgement) -> int:
    spans = tuple(sorted({span for flag in judgement.flags for span in flag.spans}))
    return story.stood_from(clause.key, sentence(clause.text, spans), len(story.versions) - 1)


def _values(answer: Answer, told: Mapping[str, Story], judged: Mapping[int, Judgement]) -> Values:
    question = next(one for one in QUESTIONS if one.id == answer.question)
    return {
        "question": answer.question,
        "title": answer.title,
        "short": question.short,
        "answer": answer.answer,
        "words": WORDS.get(answer.answer, answer.answer),
        "tone": tone(answer.question, answer.answer),
        "silent": answer.answer in (SILENT, NOT_TRACKED),
        "stale": answer.stale,
        "contradicts": answer.contradicts,
        "said": [_said(one, answer.question, told[one.document], judged[id(one.clause)]) for one in answer.said],
    }


def tone(question: str, answer: str) -> str:
    """How an answer falls for the people whose work it is: takes, keeps or open."""
    if question in ("own-training", "third-parties"):
        return {"permits": "takes", "opt-out": "takes", "opt-in": "keeps", "prohibits": "keeps"}.get(answer, "open")
    if question in ("opt-out", "opt-in") and answer == "yes":
        return "keeps"
    return "takes" if question == "backdated" and answer == "yes" else "open"


def _said(one: Said, question: str, story: Story, judgement: Judgement) -> Values:
    assert story.latest is not None
    spans = tuple(sorted({span for flag in judgement.flags for span in flag.spans}))
    text, shortened = excerpt(one.clause.text, spans)
    first = _first(story, one.clause, judgement)
    into = story.change_into(story.versions[first])
    return {
        "answer": one.answer,
        "words": WORDS.get(one.answer, one.answer),
        "tone": tone(question, one.answer),
        "lead_in": tail(one.clause.lead_in),
        "text": text,
        "shortened": shortened,
        "language": story.latest.language,
        "page": f"{entries.version_page(story.latest)}#{entries.anchor(one.clause.key)}",
        "document": entries.document(story.document),
        "stale": one.stale,
        "since": {
            "first_copy": first == 0,
            "window": entries.window(into.window) if into else None,
            "at": stamp(story.versions[first].at),
            "page": entries.change_page(into.id) if into else entries.version_page(story.versions[first]),
        },
        "checked": stamp(story.last_seen) if story.last_seen else None,
    }


def others(store: Store, stories: Sequence[Story]) -> list[Values]:
    """What a platform's latest texts say on AI that no question asks for: the clauses by topic."""
    found: dict[str, list[Values]] = {}
    for story in stories:
        if story.latest is None:
            continue
        standing = history.standing(store, story.latest)
        for clause, judgement in zip(standing.clauses, standing.judgements, strict=True):
            topics = {flag.topic for flag in judgement.flags}
            for topic in topics - COVERED if not topics & COVERED else ():
                one = Said("yes", story.document.id, clause, clause.text)
                found.setdefault(topic, []).append(_said(one, topic, story, judgement))
    return [
        {"topic": topic, "words": phrases.topic(topic), "said": found[topic]}
        for topic in sorted(found, key=lambda one: (phrases.rank(one), one))
    ]


# ---- the matrix --------------------------------------------------------------------------------------------------


def row(stories: Sequence[Story], answered: Sequence[Values]) -> Values:
    """A platform's row in the matrix, out of its answers."""
    document = stories[0].document
    seen = [story.last_seen for story in stories if story.last_seen]
    return {
        "platform": visible(document.platform),
        "id": document.platform_id,
        "page": entries.platform_page(document),
        "documents": len(stories),
        "checked": stamp(max(seen)) if seen else None,
        "cells": [_cell(one) for one in answered],
    }


def _cell(one: Values) -> Values:
    names = ("question", "short", "answer", "words", "tone", "silent", "stale", "contradicts")
    deciding = one["said"][0] if one["said"] else None
    quote = deciding and {name: deciding[name] for name in ("text", "language", "page", "document", "since")}
    words = SHORT.get(one["answer"], one["words"])
    return {**{name: one[name] for name in names}, "words": words, "quote": quote, "clauses": len(one["said"])}


def matrix(rows: Iterable[Values]) -> Values:
    """What every platform says to every question."""
    listed = sorted(rows, key=lambda one: (one["platform"].casefold(), one["id"]))
    return {
        "kind": "stance",
        "title": "Who says what on AI",
        "questions": [{"question": one.id, "title": one.title, "short": one.short} for one in QUESTIONS],
        "platforms": listed,
        "counts": [
            {
                "question": one.id,
                "title": one.title,
                "answers": _counted(row["cells"][place] for row in listed),
            }
            for place, one in enumerate(QUESTIONS)
        ],
    }


def _counted(cells: Iterable[Values]) -> list[Values]:
    counts: dict[str, int] = {}
    for cell in cells:
        counts[cell["words"]] = counts.get(cell["words"], 0) + 1
    return [{"words": words, "count": count} for words, count in sorted(counts.items(), key=lambda one: -one[1])]
