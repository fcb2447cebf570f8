"""Since when does it say that? Words, or what flags say, followed through all versions of all documents.

An answer is a window: between the last check that saw the text without the words and the first that saw it with them.
Words that stand in the first capture may be older: then the window has no start. What is wide is said in words.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from rapidfuzz import fuzz

from tracker.errors import WrongQuery
from tracker.model import Document, Version, Window
from tracker.model.texts import MARKDOWN
from tracker.search.query import Term, marks, words_of
from tracker.since.windows import remark
from tracker.store import Store, derived, fulltext, lineages, moments

EXACT = 100.0
# Of 100: measured on real terms, 0.1 % of clauses drawn by chance are so alike, and 90 % of rewordings of one clause.
LIKE = 78.0
LONGEST = 24  # words that the index is asked for in a row; longer texts are looked through afterwards
RAREST = 12  # words by which texts that are worded nearly so are looked for
CANDIDATES = 600


@dataclass(frozen=True, slots=True)
class Run:
    """A time in which a document held the words without a break.

    `came` is the window in which they came; without a start they stood in the first capture. `gone` is the window in
    which they went, None while they stand. `kind` says how they came (first, added, reworded, returned, …), `before`
    how the clause was worded then. `text` is the clause as it came, `last` as it was worded last. `clause` is its name.
    """

    came: Window
    gone: Window | None
    kind: str
    clause: str
    heading: tuple[str, ...]
    before: str | None
    text: str
    last: str
    marks: tuple[tuple[int, int], ...]
    version: Version  # the first that holds the words
    source: str  # live, wayback, published, ota, warc
    sha256: str  # of the raw bytes that showed them first
    fetched_at: datetime
    remark: str  # why the window is wide, in words; ""
    last_seen: datetime | None  # when they were last in view


@dataclass(frozen=True, slots=True)
class Found:
    """Where and since when the words stand in one document and language; `likeness` is 100 for the very words. `apart`
    says that it is the text as another tool read it, which is never compared with pages that we read."""

    document: Document
    language: str | None
    apart: bool
    likeness: float
    runs: tuple[Run, ...]

    @property
    def stands(self) -> bool:
        """Whether the version in view holds the words."""
        return self.runs[-1].gone is None


def since(
    store: Store, words: str = "", *, document: str = "", topic: str = "", stance: str = "", similar: bool = False
) -> list[Found]:
    """Where words stand or stood, and since when: who said it first comes first.

    `words` are looked for word for word (case, accents and punctuation do not count); with `similar`, or where they
    stand nowhere, also what is worded nearly so. Instead of words, `topic` and `stance` of flags may say what is meant.
    `document` is the id of a document or platform. Raises WrongQuery where nothing is asked.
    """
    wanted = words_of(words)
    if not wanted and not (topic or stance):
        how = "Name words in quotation marks, as they stand there, or --topic and --stance."
        raise WrongQuery("There are no words to look for.", words[:80], how)
    flagged = fulltext.flagged(store, topic, stance) if topic or stance else None
    scores = _exact(store, wanted) if wanted else dict.fromkeys(flagged or (), EXACT)
    if wanted and (similar or not _inside(store, scores, document, flagged)):
        scores = _alike(store, words, wanted) | scores
    scores = {clause: score for clause, score in scores.items() if flagged is None or clause in flagged}
    return _traced(store, scores, document.strip("/"), wanted)


def _inside(store: Store, scores: Mapping[int, float], document: str, flagged: set[int] | None) -> bool:
    kept = [clause for clause in scores if flagged is None or clause in flagged]
    return bool(fulltext.stands(store, kept, document.strip("/")))


def _exact(store: Store, wanted: Sequence[str]) -> dict[int, float]:
    found = fulltext.with_text(store, f"text : {Term(tuple(wanted[:LONGEST])).expression}")
    if len(wanted) > LONGEST:
        whole = Term(tuple(wanted))
        found = {clause: text for clause, text in found.items() if marks(text, [whole])}
    return dict.fromkeys(found, EXACT)


def _alike(store: Store, words: str, wanted: Sequence[str]) -> dict[int, float]:
    """Clauses that are worded nearly so, with how nearly; a clause much shorter than the words is no answer."""
    telling = sorted(dict.fromkeys(word.lower() for word in wanted), key=lambda word: (-len(word), word))[:RAREST]
    expression = "text : (" + " OR ".join(Term((word,)).expression for word in telling) + ")"
    asked = " ".join(wanted).lower()[:5000]
    found = {}
    for clause, text in fulltext.with_text(store, expression, CANDIDATES).items():
        said = " ".join(words_of(text)).lower()
        if len(said) < 0.6 * len(asked):
            continue
        score = max(fuzz.partial_ratio(asked, said, score_cutoff=LIKE), fuzz.token_sort_ratio(asked, said))
        if score >= LIKE:
            found[clause] = min(score, EXACT - 0.1)
    return found


# ---- from clauses to times ---------------------------------------------------------------------------------------


def _traced(store: Store, scores: Mapping[int, float], document: str, wanted: Sequence[str]) -> list[Found]:
    """Where these clauses stood, per document and language, the earliest first; what flags say, clause by clause."""
    places: dict[tuple[str, str | None, bool, int], list[dict[str, Any]]] = {}
    for row in fulltext.stands(store, scores, document):
        clause = 0 if wanted else row["lineage_id"]
        places.setdefault((row["document"], row["language"], row["method"] == MARKDOWN, clause), []).append(row)
    known = {one.id: one for one in store.documents()}
    tellings: dict[tuple[str, str | None, bool], _Telling] = {}
    found = []
    for (name, language, apart, _), rows in places.items():
        if (name, language, apart) not in tellings:
            tellings[name, language, apart] = _Telling(store, name, language, apart, wanted)
        told = tellings[name, language, apart]
        score = max(scores[row["clause_id"]] for row in rows)
        found.append(Found(known[name], language, apart, round(score, 1), tuple(told.runs(rows))))
    return sorted(found, key=lambda one: (one.likeness < EXACT, one.runs[0].came.end, one.document.id))


def in_strand(versions: Sequence[Version], language: str | None, apart: bool) -> list[Version]:
    """The versions that are compared with each other: in one language, read by us or (`apart`) by another tool."""
    return [one for one in versions if one.language == language and (one.method == MARKDOWN) == apart]


class _Telling:
    """What one document tells in one language, read once."""

    def __init__(self, store: Store, document: str, language: str | None, apart: bool, wanted: Sequence[str]) -> None:
        self.store, self.wanted = store, wanted
        self.versions = in_strand(derived.versions(store, document), language, apart)
        self.checks = [(check.at, check.outcome) for check in reversed(store.checks(document))]
        self.last_seen = moments.in_view_until(store, document)

    def runs(self, rows: Iterable[dict[str, Any]]) -> Iterable[Run]:
        """The runs of versions that hold one of some clauses; a row is a clause in a version."""
        held: dict[int, dict[str, Any]] = {}
        for row in rows:
            held.setdefault(row["version_id"], row)
        start = None
        for place, version in enumerate([*self.versions, None]):
            inside = version is not None and version.id in held
            if inside and start is None:
                start = place
            elif not inside and start is not None:
                yield self._run(start, place, held)
                start = None

    def _run(self, start: int, end: int, held: Mapping[int, dict[str, Any]]) -> Run:
        first, last = self.versions[start], self.versions[end - 1]
        came = moments.window_into(self.store, first.id)
        gone = moments.window_into(self.store, self.versions[end].id) if end < len(self.versions) else None
        row, latest = held[first.id], held[last.id]
        happened = lineages.event_in(self.store, row["lineage_id"], first.id)
        capture = self.store.capture(first.captures[0]) if first.captures else None
        return Run(
            came=came,
            gone=gone,
            kind=happened["kind"] if happened else "added",
            clause=row["name"] or row["key"],
            heading=tuple(json.loads(row["heading"])),
            before=happened["before"] if happened and happened["kind"] not in ("moved", "first") else None,
            text=row["text"],
            last=latest["text"],
            marks=tuple(marks(row["text"], [Term(tuple(self.wanted))])) if self.wanted else (),
            version=first,
            source=capture.source if capture else "",
            sha256=capture.sha256 if capture else "",
            fetched_at=capture.fetched_at if capture else first.at,
            remark=remark(came, self.checks),
            last_seen=self.last_seen.get(last.id),
        )


def days(run: Run) -> tuple[int, int | None]:
    """For how many whole days the words stood at least, and at most (None: nobody knows)."""
    end = run.gone.start if run.gone and run.gone.start else run.last_seen or run.came.end
    least = max(0, (end - run.came.end).days)
    return least, (run.gone.end - run.came.start).days if run.gone and run.came.start else None
