"""The SQL of lineage: every clause of a document with its number and name, and what happened to it in which version.

As texts are compared, so are clauses followed: in each language, and apart where another tool read the text.

A clause's name is the key of its first wording, with "-2", "-3" for further clauses that began with the same words. It
is found by the key of any wording that it ever had, so a citation holds when an earlier wording turns up later.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any

from tracker.errors import NotFound
from tracker.lineage import Event, Stand, Step, coming, follow
from tracker.model import ClausePlaces
from tracker.model.texts import MARKDOWN
from tracker.store.truths import Store

_UNFOLLOWED = (
    "select v.* from version v where v.document_id = ? and exists (select 1 from version_clause w "
    "where w.version_id = v.id and w.position = 0 and w.lineage_id is null) order by v.at, v.id"
)


def keep(store: Store, document: str) -> None:
    """Follows the clauses of a document into its versions that are not followed yet; inside a transaction."""
    number = store.document_id(document)
    waiting = store.rows(_UNFOLLOWED, number)
    if any(_has_later(store, version) for version in waiting):  # the past came in later: tell it all again
        forget(store, number)
        waiting = store.rows(_UNFOLLOWED, number)
    for version in waiting:
        _follow_into(store, version)


def unfollowed(store: Store) -> list[str]:
    """The documents with versions that are not followed yet."""
    sql = (
        "select distinct d.slug from version v join document d on d.id = v.document_id where exists (select 1 from "
        "version_clause w where w.version_id = v.id and w.position = 0 and w.lineage_id is null) order by d.slug"
    )
    return [row["slug"] for row in store.rows(sql)]


def forget(store: Store, document: int) -> None:
    """Drops the lineage of a document (by row), to be told again from its versions; inside a transaction."""
    for sql in (
        "delete from lineage_event where lineage_id in (select id from lineage where document_id = ?)",
        "update version_clause set lineage_id = null "
        "where version_id in (select id from version where document_id = ?)",
        "delete from lineage where document_id = ?",
    ):
        store.db.execute(sql, (document,))


def _has_later(store: Store, version: dict[str, Any]) -> bool:
    sql = (
        "select 1 from version v join version_clause w on w.version_id = v.id and w.position = 0 "
        "where v.document_id = ? and v.language is ? and (v.method = ?) = ? and (v.at, v.id) > (?, ?) "
        "and w.lineage_id is not null"
    )
    strand = version["document_id"], version["language"], MARKDOWN, version["method"] == MARKDOWN
    return store.row(sql, *strand, version["at"], version["id"]) is not None


def _follow_into(store: Store, version: dict[str, Any]) -> None:
    change = store.row("select id, before_id from change where after_id = ?", version["id"])
    places = _places(store, change["id"]) if change else None
    old = _stands(store, change["before_id"]) if change else []
    new = _stands(store, version["id"])
    numbers = [row["lineage_id"] for row in old]
    after = [Stand(row["key"], row["size"]) for row in new]
    wanted = {after[y].key for y in (coming(places) if places is not None else range(len(after)))}
    held = _held(store, version, wanted)
    step = follow(numbers, [Stand(row["key"], row["size"]) for row in old], after, places, held)
    _keep_step(store, version, step, [row["clause_id"] for row in old], [row["clause_id"] for row in new])


def _places(store: Store, change: int) -> list[ClausePlaces]:
    rows = store.rows("select * from clause_change where change_id = ? order by position", change)
    sides = ("before_clauses", "after_clauses")
    return [ClausePlaces(row["kind"], row["detail"], *(tuple(json.loads(row[side])) for side in sides)) for row in rows]


def _stands(store: Store, version: int) -> list[dict[str, Any]]:
    sql = (
        "select w.lineage_id, w.clause_id, c.key, length(c.text) as size from version_clause w "
        "join clause c on c.id = w.clause_id where w.version_id = ? order by w.position"
    )
    return store.rows(sql, version)


def _held(store: Store, version: dict[str, Any], keys: Iterable[str]) -> dict[str, list[int]]:
    """Who ever held these keys in this document and language, in order of their numbers."""
    found: dict[str, list[int]] = {}
    # The cross joins begin at the few keys and stay within the document: SQLite would begin at all of its lineages,
    # or go through all documents in which the same words stand.
    sql = (
        "select distinct c.key, l.id from clause c cross join version v cross join version_clause w "
        "on w.clause_id = c.id and w.version_id = v.id cross join lineage l on l.id = w.lineage_id "
        "where c.key in (select value from json_each(?)) and v.document_id = ? and l.language is ? and l.apart = ? "
        "order by l.id"
    )
    strand = version["document_id"], version["language"], int(version["method"] == MARKDOWN)
    for row in store.rows(sql, json.dumps(sorted(keys)), *strand):
        found.setdefault(row["key"], []).append(row["id"])
    return found


def _keep_step(store: Store, version: dict[str, Any], step: Step, old: Sequence[int], new: Sequence[int]) -> None:
    begun = [_begin(store, version, key) for key in step.begun]
    number = {one: begun[-one - 1] if one < 0 else one for one in step.numbers}
    number |= {event.clause: begun[-event.clause - 1] if event.clause < 0 else event.clause for event in step.events}
    placed = ((number[one], version["id"], position) for position, one in enumerate(step.numbers))
    sql = "update version_clause set lineage_id = ? where version_id = ? and position = ?"
    store.db.conn.executemany(sql, placed)
    rows = (_event_row(version["id"], event, number, old, new) for event in step.events)
    store.db.conn.executemany("insert into lineage_event values (null, ?, ?, ?, ?, ?, ?)", rows)


def _event_row(version: int, event: Event, number: dict[int, int], old: Sequence[int], new: Sequence[int]) -> tuple:
    before = old[event.before] if event.before is not None else None
    after = new[event.after] if event.after is not None else None
    related = json.dumps([number.get(one, one) for one in event.related])
    return number[event.clause], version, event.kind, before, after, related


def _begin(store: Store, version: dict[str, Any], key: str) -> int:
    sql = "select count(*) as n from lineage where document_id = ? and key = ?"
    row = store.row(sql, version["document_id"], key)
    count = row["n"] if row else 0
    name = f"{key}-{count + 1}" if count else key
    return store.add(
        "lineage",
        document_id=version["document_id"],
        language=version["language"],
        apart=int(version["method"] == MARKDOWN),
        key=key,
        name=name,
    )


# ---- reading -----------------------------------------------------------------------------------------------------


def named(store: Store, document: str, name: str) -> list[dict[str, Any]]:
    """The clauses of a document ("" for all) that go by a name, or that ever had a wording whose key it begins.

    A row has `id`, `name`, `language`, `apart` (of a text that another tool read), `document`, `platform`,
    `terms_type`. Exact names come first. Raises NotFound.
    """
    columns = "select distinct l.id, l.name, l.language, l.apart, d.slug as document, d.platform, d.terms_type "
    tables = "from lineage l join document d on d.id = l.document_id "
    found = store.rows(f"{columns}{tables} where l.name = ? and ? in ('', d.slug) order by l.id", name, document)
    if not found and len(name) >= 8:
        found = store.rows(
            f"{columns}{tables} join version_clause w on w.lineage_id = l.id join clause c on c.id = w.clause_id "
            "where c.key >= ? and c.key < ? and ? in ('', d.slug) order by l.id",
            *(name, name + "g", document),
        )
    if not found:
        remedy = "`tracker search WORDS --all` names the clauses that hold them."
        raise NotFound("The archive holds no such clause.", f"{document}#{name}", remedy)
    return found


def events(store: Store, lineage: int) -> list[dict[str, Any]]:
    """What happened to a clause, oldest first: `kind`, `version_id`, `at`, rows of the clause `before` and `after` with
    their `text`, `related` names."""
    return store.rows(
        "select e.kind, e.version_id, v.at, v.check_id, e.before_id, e.after_id, b.text as before, a.text as after, "
        "coalesce(a.heading, b.heading) as heading, coalesce(a.lead_in, b.lead_in) as lead_in, "
        "(select json_group_array(name) from lineage where id in (select value from json_each(e.related))) as related "
        "from lineage_event e join version v on v.id = e.version_id left join clause b on b.id = e.before_id "
        "left join clause a on a.id = e.after_id where e.lineage_id = ? order by v.at, v.id, e.id",
        lineage,
    )


def event_in(store: Store, lineage: int | None, version: int) -> dict[str, Any] | None:
    """What happened to a clause in a version, None where nothing did."""
    found = [event for event in events(store, lineage) if event["version_id"] == version] if lineage else []
    return found[-1] if found else None


def last_version(store: Store, lineage: int) -> int | None:
    """The last version (by row) that holds a clause."""
    row = store.row(
        "select v.id from version_clause w join version v on v.id = w.version_id where w.lineage_id = ? "
        "order by v.at desc, v.id desc limit 1",
        lineage,
    )
    return row["id"] if row else None


def flagged(store: Store, document: str) -> list[str]:
    """The names of the clauses of a document that ever spoke of AI, in order of their beginning."""
    rows = store.rows(
        "select l.name from lineage l join document d on d.id = l.document_id where d.slug = ? and exists (select 1 "
        "from version_clause w join flag f on f.clause_id = w.clause_id where w.lineage_id = l.id) order by l.id",
        document,
    )
    return [row["name"] for row in rows]


def names_in(store: Store, version: int) -> dict[int, str]:
    """The names of the clauses of a version, by their place in it."""
    rows = store.rows(
        "select w.position, l.name from version_clause w join lineage l on l.id = w.lineage_id where w.version_id = ?",
        version,
    )
    return {row["position"]: row["name"] for row in rows}
