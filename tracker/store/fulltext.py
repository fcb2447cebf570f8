"""The SQL of full-text search: an index over the words of every distinct clause, and what of it stands where and when.

The index (FTS5) holds no text of its own: its rows are those of `clause`, written with them in one transaction.
Scripts without spaces between words go into it sign by sign, so that a phrase of signs finds them wherever they stand.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import datetime
from typing import Any

from tracker.model import stamp
from tracker.store.signs import indexed
from tracker.store.truths import Store

DEEPEST = 20_000  # matching clauses that are ranked; a search for "the" over many years would have far more


def index(store: Store, clause: int) -> None:
    """Makes a clause findable by its text, and less so by its headings and lead-in; inside a transaction."""
    row = store.row("select text, heading, lead_in from clause where id = ?", clause)
    assert row
    store.add("clause_index", rowid=clause, **dict(zip(("text", "around"), indexed(**row), strict=True)))


def drop(store: Store, clauses: str) -> None:
    """Takes clauses out of the index before they go; `clauses` is a condition on `clause`. Inside a transaction."""
    # An index without text of its own has to be told the words that it is to forget.
    for row in store.rows(f"select id, text, heading, lead_in from clause where {clauses}"):
        number = row.pop("id")
        words = dict(zip(("text", "around"), indexed(**row), strict=True))
        store.add("clause_index", clause_index="delete", rowid=number, **words)


# The versions in view: the last of each document and language at a moment ("now" where none is given).
_IN_VIEW = (
    "select id from (select v.id, row_number() over (partition by v.document_id, v.language order by v.at desc, "
    "v.id desc) as place from version v where v.at <= ?) where place = 1"
)
_FAR = "9999"


def matching(
    store: Store,
    expression: str,
    *,
    document: str = "",
    topic: str = "",
    stance: str = "",
    language: str = "",
    at: datetime | None = None,
    everything: bool = False,
) -> list[dict[str, Any]]:
    """Where the clauses that an FTS5 expression finds stand: a row per document, language and substance, best first.

    `expression` "" takes every clause that the other conditions leave. A row names the last version that holds the
    clause (`version_id`, `position`, `last_at`), its words, and whether it is in view.
    """
    found, values = ["select rowid as clause_id, rank from clause_index where clause_index match ?"], [expression]
    if not expression:
        found, values = ["select id as clause_id, 0.0 as rank from clause where kind <> 'heading'"], []
    inside = f"select clause_id from version_clause where version_id in ({_IN_VIEW})"
    # The plus keeps FTS5 from being asked anew for each row of the list.
    name = "+rowid" if expression else "id"
    if not everything:
        found.append(f"and {name} in ({inside})")
        values.append(stamp(at) if at else _FAR)
    if topic or stance:
        found.append(
            f"and {name} in (select clause_id from flag where ? in ('', topic) and ? in ('', coalesce(stance, '')))"
        )
        values += [topic, stance]
    found.append(f"order by rank limit {DEEPEST}")
    where, more = ["1"], []
    if document:
        where.append("(d.slug = ? or d.platform_slug = ?)")
        more += [document, document]
    if language:
        where.append("v.language = ?")
        more.append(language)
    if not everything:
        where.append("v.id in view")
    return store.rows(
        f"with hit as materialized ({' '.join(found)}), view as materialized ({_IN_VIEW}) "
        "select d.slug as document, d.platform, d.terms_type, v.language, c.key, c.id as clause_id, c.kind, c.text, "
        "c.heading, c.lead_in, w.version_id, w.position, max(v.at) as last_at, "
        "min(hit.rank) as rank, max(v.id in view) as in_view from hit "
        "join clause c on c.id = hit.clause_id join version_clause w on w.clause_id = c.id "
        "join version v on v.id = w.version_id join document d on d.id = v.document_id "
        f"where {' and '.join(where)} group by d.id, v.language, c.key order by min(hit.rank), d.slug, w.position",
        *values,
        stamp(at) if at else _FAR,
        *more,
    )


def first_version(store: Store, document: str, language: str | None, key: str) -> int:
    """The row of the first version of a document, in one language, that holds a clause of this substance."""
    row = store.row(
        "select v.id from clause c cross join version_clause w on w.clause_id = c.id "
        "cross join version v on v.id = w.version_id join document d on d.id = v.document_id "
        "where d.slug = ? and v.language is ? and c.key = ? order by v.at, v.id limit 1",
        *(document, language, key),
    )
    return int(row["id"]) if row else 0


def flags_of(store: Store, clauses: Iterable[int]) -> dict[int, dict[str, str | None]]:
    """Topics and stances of clauses, by the row of the clause."""
    found: dict[int, dict[str, str | None]] = {}
    for row in store.rows(
        "select clause_id, topic, stance from flag where clause_id in (select value from json_each(?)) order by id",
        json.dumps(list(clauses)),
    ):
        found.setdefault(row["clause_id"], {}).setdefault(row["topic"], row["stance"])
    return found


# ---- for following words through time ----------------------------------------------------------------------------


def with_text(store: Store, expression: str, most: int = DEEPEST) -> dict[int, str]:
    """The clauses that an expression finds, best first, with their text, by row."""
    sql = (
        "select c.id, c.text from (select rowid as number, rank from clause_index where clause_index match ? "
        "order by rank limit ?) join clause c on c.id = number"
    )
    return {row["id"]: row["text"] for row in store.rows(sql, expression, most)}


def flagged(store: Store, topic: str, stance: str) -> set[int]:
    """The clauses, by row, that are flagged with a topic or a stance ("" for any)."""
    sql = "select distinct clause_id from flag where ? in ('', topic) and ? in ('', coalesce(stance, ''))"
    return {row["clause_id"] for row in store.rows(sql, topic, stance)}


def stands(store: Store, clauses: Iterable[int], document: str = "") -> list[dict[str, Any]]:
    """Every place in every version where some clauses (by row) stand, in order of time and place; narrowed to a
    document or platform. A row has the clause, its name, and where it stands."""
    return store.rows(
        "select d.slug as document, v.language, v.method, v.id as version_id, w.position, c.id as clause_id, c.text, "
        "c.heading, c.key, w.lineage_id, l.name from version_clause w join clause c on c.id = w.clause_id "
        "join version v on v.id = w.version_id join document d on d.id = v.document_id "
        "left join lineage l on l.id = w.lineage_id where c.id in (select value from json_each(?)) "
        "and ? in ('', d.slug, d.platform_slug) order by v.at, v.id, w.position",
        *(json.dumps(list(clauses)), document),
    )
