"""What the data page says, and the rows of its tables."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from tracker.model import ChangeRecord, stamp
from tracker.views import citing, entries
from tracker.views.runs import visible

Values = dict[str, Any]

TABLES: Mapping[str, Mapping[str, str]] = {
    "changes.csv": {
        "change": "its id: platform, document, moment",
        "page": "its page, from the root of this site",
        "platform": "the platform's name",
        "document": "the document's id",
        "terms_type": "what kind of terms it is",
        "window_from": "the last check without; empty where nobody had looked before",
        "window_to": "the first check with",
        "stated_date": "the date that the document states for itself",
        "effective_date": "the date from which it says that it applies",
        "silent": "1 where words changed under an unmoved date",
        "ai_change": "1 where it concerns AI",
        "ai_kind": "added, removed, strengthened, weakened, reworded or moved",
        "topics": "of the clauses on AI, with spaces between",
        "stance_before": "topic:stance of the changed clauses before",
        "stance_after": "the same after",
        "verdict": "in words, where it concerns AI",
        "summary": "clauses by kind of change",
        "text_before": "SHA-256 of the text before",
        "text_after": "SHA-256 of the text after",
    },
    "documents.csv": {
        "document": "its id",
        "page": "its page, from the root of this site",
        "platform": "the platform's name",
        "terms_type": "what kind of terms it is",
        "state": "ok, stale, suspect, blocked, failed or broken",
        "last_seen": "the last check that brought it into view",
        "unchanged_since": "when its latest version was first seen",
        "checks": "how often anybody looked",
        "versions": "how many different texts were seen",
    },
}
WHAT = {"changes.csv": "Every change", "documents.csv": "Every document and how it stands"}


def page(changes: Sequence[ChangeRecord], documents: int, latest: datetime | None, base_url: str) -> Values:
    """The data page: what can be taken away, in which form, and how to cite it."""
    return {
        "kind": "data",
        "title": "Data",
        "tables": [
            {
                "file": f"data/{name}",
                "name": name,
                "words": WHAT[name],
                "columns": [{"name": column, "words": words} for column, words in columns.items()],
            }
            for name, columns in TABLES.items()
        ],
        "changes": len(changes),
        "documents": documents,
        "citation": citing.everything(len(changes), documents, latest, base_url),
    }


def rows(name: str, changes: Sequence[ChangeRecord], health: Sequence[Values]) -> Iterator[list[object]]:
    """The rows of a table of TABLES, its head first."""
    yield list(TABLES[name])
    yield from map(_change, changes) if name == "changes.csv" else map(_document, health)


def _change(one: ChangeRecord) -> list[object]:
    start, after = one.window.start, one.after
    return [
        one.id,
        entries.change_page(one.id),
        visible(one.document.platform),
        one.document.id,
        visible(one.document.terms_type),
        stamp(start) if start else "",
        stamp(one.window.end),
        entries.day(after.stated_date) or "",
        entries.day(after.effective_date) or "",
        int(one.silent),
        int(one.ai_change),
        one.ai_kind or "",
        " ".join(one.topics),
        _pairs(one.stance_before),
        _pairs(one.stance_after),
        one.verdict if one.ai_change else "",
        one.summary,
        one.before.text_sha256,
        after.text_sha256,
    ]


def _pairs(stances: Mapping[str, str]) -> str:
    return " ".join(f"{topic}:{stance}" for topic, stance in sorted(stances.items()))


def _document(one: Values) -> list[object]:
    document = one["document"]
    named = [document["id"], document["page"], document["platform"], document["terms_type"]]
    return [*named, one["state"], one["last_seen"] or "", one["unchanged_since"] or "", one["checks"], one["versions"]]
