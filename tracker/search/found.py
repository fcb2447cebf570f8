"""What a search finds: clauses, best first, each with where it stands, since when, and what it says on AI."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tracker.model import Document, Window, moment
from tracker.search.query import marks, parse
from tracker.store import Store, fulltext, moments

SHOWN = 360  # characters of a clause that a list shows


@dataclass(frozen=True, slots=True)
class Hit:
    """A clause that a search found, in one document and language.

    `version` is the address of the last version that holds it and `position` its place there. `since` is the window in
    which its substance first came into the document, `until` the moment at which it was last first seen in a version,
    and `in_view` says whether it stands in the version in view. `marks` are the (start, end) positions in `text` of
    the words that were looked for.
    """

    document: Document
    language: str | None
    version: str
    position: int
    kind: str
    text: str
    heading: tuple[str, ...]
    lead_in: str
    key: str
    marks: tuple[tuple[int, int], ...]
    since: Window
    in_view: bool
    stances: Mapping[str, str | None]  # topic -> stance; {} where it does not speak of AI

    @property
    def snippet(self) -> tuple[str, tuple[tuple[int, int], ...]]:
        """The part of the text around the first words that were found, with the marks in it; "…" where it is cut."""
        return cut(self.text, self.marks)


@dataclass(frozen=True, slots=True)
class Found:
    """What a search found: the best hits, and how many clauses there are in all, in how many documents."""

    hits: tuple[Hit, ...]
    total: int
    documents: int


def search(
    store: Store,
    query: str,
    *,
    document: str = "",
    topic: str = "",
    stance: str = "",
    language: str = "",
    at: datetime | None = None,
    everything: bool = False,
    limit: int = 20,
    offset: int = 0,
) -> Found:
    """The clauses that hold the words of a query, best first.

    `query` is what a person writes (words, "phrases", prefix*, AND, OR, NOT, -word, brackets); any text is safe. It may
    be "" where `topic` or `stance` says what is wanted. `document` is the id of a document or of a platform. Looked
    through are the versions in view now; with `at` those that were in view then; with `everything` all there ever were.
    Raises WrongQuery where the query names nothing to look for. An archive without such clauses gives no hits.
    """
    asked = parse(query) if query.strip() or not (topic or stance) else None
    rows = fulltext.matching(
        store,
        asked.expression if asked else "",
        document=document.strip("/"),
        topic=topic,
        stance=stance,
        language=language,
        at=at,
        everything=everything,
    )
    shown = rows[offset : offset + limit]
    stances = fulltext.flags_of(store, [row["clause_id"] for row in shown])
    terms = asked.terms if asked else ()
    hits = tuple(_hit(store, row, terms, stances.get(row["clause_id"], {})) for row in shown)
    return Found(hits, len(rows), len({row["document"] for row in rows}))


def cut(text: str, marks: Sequence[tuple[int, int]]) -> tuple[str, tuple[tuple[int, int], ...]]:
    """A part of a long text around its first mark, and the marks moved with it."""
    if len(text) <= SHOWN:
        return text, tuple(marks)
    first = marks[0][0] if marks else 0
    start = max(0, min(first - SHOWN // 4, len(text) - SHOWN))
    while start and not text[start - 1].isspace() and start < first:
        start += 1
    end = min(len(text), start + SHOWN)
    left, right = "… " if start else "", " …" if end < len(text) else ""
    shift = len(left) - start
    inside = tuple((low + shift, high + shift) for low, high in marks if start <= low and high <= end)
    return f"{left}{text[start:end].rstrip()}{right}", inside


def _hit(store: Store, row: dict[str, Any], terms: tuple, stances: Mapping[str, str | None]) -> Hit:
    first = fulltext.first_version(store, row["document"], row["language"], row["key"])
    return Hit(
        document=Document(row["document"], row["platform"], row["terms_type"]),
        language=row["language"],
        version=moment(row["last_at"]).strftime("%Y-%m-%d-%H%M%S"),
        position=row["position"],
        kind=row["kind"],
        text=row["text"],
        heading=tuple(json.loads(row["heading"])),
        lead_in=row["lead_in"],
        key=row["key"],
        marks=tuple(marks(row["text"], terms)),
        since=moments.window_into(store, first),
        in_view=bool(row["in_view"]),
        stances=stances,
    )
