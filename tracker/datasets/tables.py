"""The tables of a dataset: what stands in each column, and where in the archive it comes from."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from tracker.model import stamp
from tracker.store import Store, derived


@dataclass(frozen=True, slots=True)
class Column:
    """A column: its name, its type as Frictionless names it, and what stands in it."""

    name: str
    type: str  # string, integer, number, boolean, datetime, date
    description: str


@dataclass(frozen=True, slots=True)
class Table:
    """A table, sorted by document and time. `sql` takes the ids of documents (JSON) and the moment it starts from."""

    name: str
    description: str
    columns: tuple[Column, ...]
    key: tuple[str, ...]
    sql: str

    def rows(self, store: Store, documents: Sequence[str], since: datetime | None) -> Iterator[dict[str, Any]]:
        """Its rows, one by one. Raises Corrupt."""
        start = stamp(since or datetime(1, 1, 1, tzinfo=UTC))
        for row in store.rows(self.sql, json.dumps(sorted(documents)), start):
            if self.name == "versions":
                row["text"] = derived.text_of(store, row.pop("id"))
            yield {column.name: _value(column, row[column.name]) for column in self.columns}


def _value(column: Column, value: Any) -> Any:
    if column.type == "boolean" and value is not None:
        return bool(value)
    return value


DOCUMENT = Column("document", "string", "The document's id: platform and terms type.")
VERSION_AT = Column("seen_at", "datetime", "The moment of the first check that showed this version (UTC).")
IN = "d.slug in (select value from json_each(?1))"
SIDE = (
    "(select group_concat(text, char(10)) from (select c.text from json_each(x.{0}_clauses) p "
    "join version_clause w on w.version_id = k.{0}_id and w.position = p.value "
    "join clause c on c.id = w.clause_id order by p.key))"
)

TABLES = (
    Table(
        "documents",
        "The documents that are watched.",
        (
            DOCUMENT,
            Column("platform", "string", "The platform's name."),
            Column("terms_type", "string", "What sort of text it is, in the vocabulary of Open Terms Archive."),
            Column("category", "string", "What the platform is for, where its declaration says it."),
        ),
        ("document",),
        f"select d.slug as document, platform, terms_type, category from document d where {IN} and ?2 = ?2 order by 1",
    ),
    Table(
        "checks",
        "Every attempt to look, whatever came of it: unchanged and not looked are not the same.",
        (
            DOCUMENT,
            Column("checked_at", "datetime", "When it was looked (UTC)."),
            Column("source", "string", "Who looked: live, or the archive that the past came from."),
            Column("outcome", "string", "unchanged, captured, suspect, blocked or failed."),
            Column("reason", "string", "A short code of why."),
            Column("message", "string", "A sentence of why."),
        ),
        (),
        "select d.slug as document, c.at as checked_at, c.source, c.outcome, c.reason, c.message from check_outcome c "
        f"join document d on d.id = c.document_id where {IN} and c.at >= ?2 order by 1, 2, c.id",
    ),
    Table(
        "captures",
        "The raw bytes that were kept: where they came from and their hashes.",
        (
            DOCUMENT,
            Column("shown_at", "datetime", "The moment that the bytes show (UTC)."),
            Column("fetched_at", "datetime", "When they were received (UTC)."),
            Column("source", "string", "live, wayback, published, ota or warc."),
            Column("url", "string", "The address that was asked for."),
            Column("final_url", "string", "The address that answered, after redirects."),
            Column("status", "integer", "The HTTP status."),
            Column("content_type", "string", "The Content-Type of the answer."),
            Column("size", "integer", "Bytes of the body, decoded."),
            Column("sha256", "string", "SHA-256 of the body."),
        ),
        (),
        "select d.slug as document, c.at as shown_at, c.fetched_at, c.source, c.url, c.final_url, c.status, "
        "c.content_type, b.size, lower(hex(b.sha256)) as sha256 from capture c join document d on d.id = c.document_id "
        f"join blob b on b.id = c.blob_id where {IN} and c.at >= ?2 order by 1, 2, c.id",
    ),
    Table(
        "versions",
        "The legal texts: a version for each time that the words were other ones.",
        (
            DOCUMENT,
            VERSION_AT,
            Column("source", "string", "Where the first capture of it came from."),
            Column("language", "string", "The language of the text (ISO 639-1)."),
            Column("title", "string", "The text's title."),
            Column("stated_date", "date", "The date that the document states for itself."),
            Column("effective_date", "date", "The date from which it says that it applies."),
            Column("words", "integer", "How many words it has."),
            Column("clauses", "integer", "How many clauses it has."),
            Column("sha256", "string", "SHA-256 of the text (UTF-8)."),
            Column("text", "string", "The text, as Markdown."),
        ),
        ("document", "seen_at"),
        "select v.id, d.slug as document, v.at as seen_at, k.source, v.language, v.title, v.stated_date, "
        "v.effective_date, v.words, v.clauses, v.text_sha256 as sha256 from version v "
        f'join document d on d.id = v.document_id join "check" k on k.id = v.check_id '
        f"where {IN} and v.at >= ?2 order by 2, 3, 1",
    ),
    Table(
        "changes",
        "A version against the one before it.",
        (
            Column("change", "string", "The change's id: the document and the moment of the version after."),
            DOCUMENT,
            Column("seen_at", "datetime", "The moment of the version after (UTC)."),
            Column("window_from", "datetime", "The last check that showed the version before (UTC)."),
            Column("window_to", "datetime", "The first check that showed the version after (UTC)."),
            Column("summary", "string", "What happened, counted."),
            Column("touched", "number", "Share of the words in clauses that changed, 0 to 1."),
            Column("silent", "boolean", "Whether words changed under an unmoved date."),
            Column("ai_change", "boolean", "Whether it concerns AI, by the rules."),
            Column("ai_kind", "string", "added, removed, strengthened, weakened, reworded or moved."),
            Column("topics", "string", "Topics that it concerns, as JSON."),
            Column("stance_before", "string", "Stance by topic before, as JSON."),
            Column("stance_after", "string", "Stance by topic after, as JSON."),
            Column("verdict", "string", "The verdict in words."),
        ),
        ("change",),
        "select c.slug as change, d.slug as document, c.at as seen_at, c.* from change c "
        f"join document d on d.id = c.document_id where {IN} and c.at >= ?2 order by 2, c.at, c.id",
    ),
    Table(
        "clause_changes",
        "What happened to each clause, with its words before and after.",
        (
            Column("change", "string", "The change's id."),
            DOCUMENT,
            Column("position", "integer", "Its place in reading order."),
            Column("kind", "string", "added, removed, reworded, moved, split, merged, repeated, returned, form, …"),
            Column("detail", "string", "More on it, in a word."),
            Column("flagged", "boolean", "Whether it is why the change concerns AI."),
            Column("before", "string", "Its words before; none where it was added."),
            Column("after", "string", "Its words after; none where it was removed."),
        ),
        ("change", "position"),
        "select k.slug as change, d.slug as document, x.position, x.kind, x.detail, x.flagged, "
        f'{SIDE.format("before")} as "before", {SIDE.format("after")} as "after" '
        "from clause_change x join change k on k.id = x.change_id join document d on d.id = k.document_id "
        f"where {IN} and k.at >= ?2 order by 2, k.at, k.id, x.position",
    ),
    Table(
        "flags",
        "Clauses for which a rule holds, with the first and last version that have them.",
        (
            DOCUMENT,
            Column("first_at", "datetime", "The first version with this clause (UTC)."),
            Column("last_at", "datetime", "The last version with it (UTC)."),
            Column("rule", "string", "The rule that holds."),
            Column("topic", "string", "What it is on."),
            Column("stance", "string", "permits, prohibits, opt-in, opt-out or unclear."),
            Column("quote", "string", "The words that decided."),
            Column("clause", "string", "The whole clause."),
            Column("heading", "string", "The headings above it, as JSON."),
        ),
        (),
        "select d.slug as document, min(v.at) as first_at, max(v.at) as last_at, f.rule, f.topic, f.stance, f.quote, "
        "c.text as clause, c.heading from flag f join clause c on c.id = f.clause_id "
        "join version_clause w on w.clause_id = c.id join version v on v.id = w.version_id "
        f"join document d on d.id = v.document_id where {IN} group by d.id, f.id having last_at >= ?2 "
        "order by 1, 2, f.rule, c.key, f.id",
    ),
)
