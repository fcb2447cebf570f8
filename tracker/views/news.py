"""What the feeds say: each change as news, with its window and the clauses before and after. Plain values only."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from tracker.compare.words import words
from tracker.model import ChangeRecord
from tracker.store import Store
from tracker.views import entries, phrases
from tracker.views.runs import visible

Values = dict[str, Any]

NEWEST = 60  # entries of a feed
CLAUSES = 6  # clauses that an entry quotes
LONGEST = 4_000  # characters of a clause in an entry; the page of the change has it in full


def feed_address(*scope: str) -> str:
    """Where a feed stands: "all", "flagged", or "platform", "document" or "topic" with its id."""
    return entries.address("feeds", *scope)


def feed(title: str, address: str, page: str, found: Sequence[Values], updated: str | None) -> Values:
    """A feed: `address` is its own folder, `page` the page that it goes with, `found` its news, newest first."""
    return {
        "title": title,
        "address": address,
        "page": page,
        "updated": found[0]["at"] if found else updated or "1970-01-01T00:00:00Z",
        "entries": list(found),
    }


def news(store: Store, change: ChangeRecord) -> Values:
    """A change as an entry of a feed. Raises NotFound or Corrupt."""
    values = entries.entry(change)
    names = ("id", "page", "document", "at", "window", "stated", "effective", "headline", "sentence", "ai", "ai_kind")
    last = store.row(
        "select c.url, b.sha256 from check_capture k join capture c on c.id = k.capture_id "
        "join blob b on b.id = c.blob_id where k.check_id = ? order by k.position limit 1",
        change.after.check,
    )
    clauses, more = _clauses(store, change)
    return {
        **{name: values[name] for name in names},
        "summary": change.summary,
        "silent": change.silent,
        "topics": list(change.topics) if change.ai_change else [],
        "stance_before": dict(change.stance_before),
        "stance_after": dict(change.stance_after),
        "labels": values["labels"],
        "clauses": clauses,
        "more": more,
        "url": visible(last["url"]) if last else "",
        "sha256": last["sha256"].hex() if last else "",
        "text_sha256": {"before": change.before.text_sha256, "after": change.after.text_sha256},
    }


def _clauses(store: Store, change: ChangeRecord) -> tuple[list[Values], int]:
    """The flagged clauses of a change, or the first of those whose words changed; and how many more there are."""
    listed = store.rows(
        "select x.* from clause_change x join change c on c.id = x.change_id where c.slug = ? order by x.position",
        change.id,
    )
    flagged = [row for row in listed if row["flagged"]]
    telling = flagged or [row for row in listed if row["kind"] not in entries.QUIET]
    found = [one for row in telling[:CLAUSES] if (one := _clause(store, change, row))]
    return found, len(listed) - len(found)


def _clause(store: Store, change: ChangeRecord, row: dict[str, Any]) -> Values | None:
    before, key = _text(store, change.before.id, row["before_clauses"])
    after, own = _text(store, change.after.id, row["after_clauses"])
    if not before and not after:
        return None
    whole = len(before) <= LONGEST and len(after) <= LONGEST
    before, after = before[:LONGEST], after[:LONGEST]
    marks = words(before, after) if before and after else [("+", after)] if after else [("-", before)]
    word, sign = phrases.kind(row["kind"])
    return {
        "kind": row["kind"],
        "word": word,
        "sign": sign,
        "flagged": bool(row["flagged"]),
        "anchor": entries.anchor(own or key),
        "before": visible(before),
        "after": visible(after),
        "pieces": [{"op": op if op in "+-" else "", "text": visible(text)} for op, text in marks],
        "whole": whole,
        "language_before": change.before.language,
        "language_after": change.after.language,
    }


def _text(store: Store, version: int, places: str) -> tuple[str, str]:
    """The words of some clauses of a version, and the key of the first."""
    wanted = [place for place in json.loads(places) if place is not None]
    if not wanted:
        return "", ""
    rows = store.rows(
        "select k.text, k.key from version_clause w join clause k on k.id = w.clause_id "
        "where w.version_id = ? and w.position in (select value from json_each(?)) order by w.position limit 20",
        *(version, json.dumps(wanted)),
    )
    return "\n\n".join(row["text"] for row in rows), rows[0]["key"] if rows else ""


def record(one: Values) -> Values:
    """What programs want of an entry besides its words: the `_tracker` object of JSON Feed."""
    names = ("id", "window", "stated", "effective", "silent", "ai", "ai_kind", "topics", "stance_before")
    more = ("stance_after", "summary", "sha256", "text_sha256")
    return {
        **{name: one[name] for name in (*names, *more)},
        "document": one["document"]["id"],
        "clauses": [
            {name: clause[name] for name in ("kind", "flagged", "anchor", "before", "after", "whole")}
            for clause in one["clauses"]
        ],
    }


def feeds_page(platforms: Sequence[Values], topics: Sequence[Values], documents: Sequence[Values]) -> Values:
    """The list of all feeds."""
    return {
        "kind": "feeds",
        "title": "Feeds",
        "general": [
            {"words": "Changes on AI", "feed": feed_address("flagged"), "page": ""},
            {"words": "All changes", "feed": feed_address("all"), "page": entries.address("changes")},
        ],
        "groups": [
            {
                "words": "By topic",
                "feeds": [
                    {"words": one["words"], "feed": feed_address("topic", one["topic"]), "page": one["page"]}
                    for one in topics
                ],
            },
            {
                "words": "By platform",
                "feeds": [
                    {"words": one["name"], "feed": feed_address("platform", one["id"]), "page": one["page"]}
                    for one in platforms
                ],
            },
            {
                "words": "By document",
                "feeds": [
                    {
                        "words": f"{one['platform']}: {one['terms_type']}",
                        "feed": feed_address("document", one["id"]),
                        "page": one["page"],
                    }
                    for one in documents
                ],
            },
        ],
    }
