"""The SQL of what is derived: versions, clauses, judgements, flags, changes. It can be forgotten and rebuilt."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from tracker.errors import NotFound
from tracker.model import (
    ChangeDraft,
    ChangeJudgement,
    ChangeRecord,
    Clause,
    Document,
    Flag,
    Judgement,
    Shown,
    Version,
    VersionDraft,
    stamp,
    under_unmoved_dates,
)
from tracker.model.compared import FORMAL
from tracker.store import fulltext, lineages, rows
from tracker.store.archive import CANDIDATES
from tracker.store.truths import Store
from tracker.text import identity

VERSION = (
    "select v.*, d.slug as document, (select json_group_array(capture_id) from (select capture_id from check_capture "
    "where check_id = v.check_id order by position)) as captures, "
    '(select k.source from "check" k where k.id = v.check_id) as source from version v '
    "join document d on d.id = v.document_id "
)


# ---- versions ----------------------------------------------------------------------------------------------------


def versions(store: Store, document: str) -> list[Version]:
    """All versions of a document, oldest first."""
    return [rows.version(row) for row in store.rows(f"{VERSION} where d.slug = ? order by v.at, v.id", document)]


def version(store: Store, number: int) -> Version:
    """One version by its row. Raises NotFound."""
    row = store.row(f"{VERSION} where v.id = ?", number)
    if row is None:
        raise NotFound("The archive holds no such version.", f"version {number}", "See `tracker history DOCUMENT`.")
    return rows.version(row)


def version_at(store: Store, document: str, at: datetime) -> Version:
    """The version of a document in view at a moment. Raises NotFound where its first version is later."""
    found = [one for one in versions(store, document) if one.at <= at]
    if not found:
        remedy = "`tracker history` lists the versions that there are."
        raise NotFound(f"There is no version of {document} at {stamp(at)}.", document, remedy)
    return found[-1]


def text_of(store: Store, number: int) -> str:
    """The whole text of a version. Raises NotFound or Corrupt."""
    row = store.row("select blob_id from version where id = ?", number)
    if row is None:
        raise NotFound("The archive holds no such version.", f"version {number}", "See `tracker history DOCUMENT`.")
    return store.bytes_of(row["blob_id"]).decode("utf-8", "surrogatepass")


def last_seen(store: Store, document: str) -> Version | None:
    """The version that the last good check of a document showed."""
    row = store.row(
        'select r.version_id as id from reading r join "check" c on c.id = r.check_id '
        "join document d on d.id = c.document_id where d.slug = ? and r.version_id is not null "
        "order by c.at desc, c.id desc limit 1",
        document,
    )
    return version(store, row["id"]) if row else None


def keep_version(store: Store, document: int, draft: VersionDraft) -> int:
    """Records a version with its clauses and gives its row; inside a transaction."""
    reading = draft.reading
    raw = reading.text.encode("utf-8", "surrogatepass")
    relatives = store.rows(
        "select blob_id from version where document_id = ? order by id desc limit ?", document, CANDIDATES
    )
    blob = store.keep_bytes(raw, store.with_keyframe([row["blob_id"] for row in relatives]))
    number = store.add(
        "version",
        document_id=document,
        check_id=draft.check,
        at=stamp(draft.at),
        blob_id=blob,
        text_sha256=sha256(raw).hexdigest(),
        substance_sha256=draft.substance,
        words=reading.words,
        clauses=len(draft.clauses),
        title=reading.title,
        language=reading.language,
        stated_date=draft.stated.isoformat() if draft.stated else None,
        effective_date=draft.effective.isoformat() if draft.effective else None,
        method=reading.method,
        confidence=reading.confidence,
        warnings=json.dumps(reading.warnings),
    )
    ids = _clause_rows(store, draft.clauses, reading.language)
    placed = ((number, position, clause) for position, clause in enumerate(ids))
    store.db.conn.executemany("insert into version_clause (version_id, position, clause_id) values (?, ?, ?)", placed)
    return number


def keep_reading(store: Store, shown: Shown) -> None:
    """Records what a check showed; a later confirmation replaces it. Inside a transaction."""
    store.add(
        "reading",
        replace=True,
        check_id=shown.check,
        verdict=shown.quality.verdict.value,
        reasons=", ".join(shown.quality.reasons),
        message=shown.quality.message,
        version_id=_row_at(store, shown.version) if shown.version is not None else None,
        stated_date=shown.stated.isoformat() if shown.stated else None,
        effective_date=shown.effective.isoformat() if shown.effective else None,
    )


def _row_at(store: Store, check: int) -> int:
    """The row of the version that a check first showed. Raises NotFound."""
    row = store.row("select id from version where check_id = ?", check)
    if row is None:
        raise NotFound("The archive holds no such version.", f"check {check}", "See `tracker history DOCUMENT`.")
    return int(row["id"])


def keys_of(store: Store, document: str) -> list[tuple[int, str, frozenset[str]]]:
    """For every version of a document, oldest first: its row, the hash of its substance, and its clauses' keys."""
    listed = store.rows(
        "select v.id, v.substance_sha256 as substance, json_group_array(c.key) as keys from version v "
        "join document d on d.id = v.document_id left join version_clause w on w.version_id = v.id "
        "left join clause c on c.id = w.clause_id where d.slug = ? group by v.id order by v.at, v.id",
        document,
    )
    return [(row["id"], row["substance"], frozenset(key for key in json.loads(row["keys"]) if key)) for row in listed]


# ---- clauses and what they say -----------------------------------------------------------------------------------


def _clause_rows(store: Store, clauses: Sequence[Clause], language: str | None) -> list[int]:
    """The rows of clauses, in order, added where they are new."""
    named = [identity(clause, language) for clause in clauses]
    wanted = dict(zip(named, clauses, strict=True))
    known = _rows_of(store, wanted)
    for name, clause in wanted.items():
        if name not in known:
            known[name] = store.add(
                "clause",
                hash=name,
                key=clause.key,
                kind=clause.kind,
                text=clause.text,
                heading=json.dumps(clause.heading),
                lead_in=clause.lead_in,
                language=language,
            )
            fulltext.index(store, known[name])
    return [known[name] for name in named]


def _rows_of(store: Store, names: Iterable[bytes]) -> dict[bytes, int]:
    """The rows of clauses by their identity, those that there are."""
    found: dict[bytes, int] = {}
    listed = list(names)
    for start in range(0, len(listed), 500):
        some = listed[start : start + 500]
        sql = f"select hash, id from clause where hash in ({', '.join('?' * len(some))})"
        found.update(store.db.conn.execute(sql, some))
    return found


def unjudged(store: Store, rules: str, versions: Iterable[int]) -> list[tuple[int, Clause, str | None]]:
    """Clauses of some versions without a judgement under these rules: row, clause and language."""
    listed = store.rows(
        "select c.* from clause c left join judgement j on j.clause_id = c.id and j.rules = ? "
        "where j.clause_id is null and c.kind <> 'code' and c.id in (select clause_id from version_clause "
        "where version_id in (select value from json_each(?))) order by c.id",
        *(rules, json.dumps(list(versions))),
    )
    return [(row["id"], rows.clause(row), row["language"]) for row in listed]


def keep_judgements(store: Store, judgements: Mapping[bytes, Judgement], rules: str) -> None:
    """Records judgements, by the identity of the clause, where there is none under these rules; in a transaction."""
    known = _rows_of(store, judgements)
    for name, judgement in judgements.items():
        ruled = store.row("select 1 from judgement where clause_id = ? and rules = ?", known[name], rules)
        if not ruled:
            keep_judgement(store, known[name], rules, judgement)


def keep_judgement(store: Store, clause: int, rules: str, judgement: Judgement) -> None:
    """Records what a clause says on AI and its flags, in place of what earlier rules said; inside a transaction."""
    store.add(
        "judgement",
        replace=True,
        clause_id=clause,
        rules=rules,
        mentions_ai=int(judgement.mentions_ai),
        topics=json.dumps(judgement.topics),
        stance=json.dumps(dict(judgement.stance)),
        possibly=json.dumps(judgement.possibly),
        traits=json.dumps(judgement.traits),
    )
    store.db.execute("delete from flag where clause_id = ?", (clause,))
    for flag in judgement.flags:
        store.add(
            "flag",
            clause_id=clause,
            rule=flag.rule,
            topic=flag.topic,
            stance=flag.stance,
            quote=flag.quote,
            spans=json.dumps(flag.spans),
            why=flag.why,
            severity=flag.severity,
        )


def judgements(store: Store, versions: Iterable[int]) -> dict[bytes, Judgement]:
    """The judgements of all clauses of some versions, by clause identity."""
    marks = json.dumps(list(versions))
    flags: dict[int, list[Flag]] = {}
    for row in store.rows(
        "select distinct f.* from flag f join version_clause w on w.clause_id = f.clause_id "
        "where w.version_id in (select value from json_each(?)) order by f.id",
        marks,
    ):
        flags.setdefault(row["clause_id"], []).append(rows.flag(row))
    listed = store.rows(
        "select distinct c.hash, j.* from judgement j join clause c on c.id = j.clause_id "
        "join version_clause w on w.clause_id = c.id where w.version_id in (select value from json_each(?))",
        marks,
    )
    return {row["hash"]: rows.judgement(row, flags.get(row["clause_id"], ())) for row in listed}


# ---- changes -----------------------------------------------------------------------------------------------------

CHANGE = (
    "select c.*, d.slug as document, d.platform, d.terms_type from change c join document d on d.id = c.document_id"
)


def keep_change(store: Store, document: Document, draft: ChangeDraft, rules: str) -> ChangeRecord:
    """Records the change between two versions; inside a transaction."""
    old, new = (version(store, _row_at(store, check)) for check in (draft.before, draft.after))
    start = store.row(
        'select max(c.at) as at from "check" c join reading r on r.check_id = c.id where c.at < ? and r.version_id = ?',
        *(stamp(new.at), old.id),
    )
    silent = not FORMAL.issuperset(draft.counts) and under_unmoved_dates(old, new)
    name = f"{document.id}/{new.address}"
    number = store.add(
        "change",
        document_id=store.document_id(document.id),
        slug=name,
        before_id=old.id,
        after_id=new.id,
        at=stamp(new.at),
        window_from=start["at"] if start else None,
        window_to=stamp(new.at),
        counts=json.dumps(draft.counts),
        unchanged=draft.unchanged,
        touched=draft.touched,
        reverts_to=_row_at(store, draft.reverts_to) if draft.reverts_to is not None else None,
        summary=draft.summary,
        silent=int(silent),
        redated=int(draft.redated),
        rules=rules,
        **_judged_columns(draft.judgement),
    )
    for position, one in enumerate(draft.clauses):
        store.add(
            "clause_change",
            change_id=number,
            position=position,
            kind=one.kind,
            detail=one.detail,
            flagged=int(position in draft.judgement.flagged),
            before_clauses=json.dumps(one.before),
            after_clauses=json.dumps(one.after),
        )
    return change(store, name)


def keep_change_judgement(store: Store, draft: ChangeDraft, rules: str) -> None:
    """Replaces what a change was said to mean, after the rules changed; inside a transaction."""
    columns = {**_judged_columns(draft.judgement), "rules": rules}
    assignments = ", ".join(f"{name} = ?" for name in columns)
    after = _row_at(store, draft.after)
    store.db.execute(f"update change set {assignments} where after_id = ?", (*columns.values(), after))
    place = "change_id = (select id from change where after_id = ?)"
    store.db.execute(f"update clause_change set flagged = 0 where {place}", (after,))
    for position in draft.judgement.flagged:
        store.db.execute(f"update clause_change set flagged = 1 where {place} and position = ?", (after, position))


def _judged_columns(judgement: ChangeJudgement) -> dict[str, Any]:
    return {
        "verdict": judgement.verdict,
        "ai_change": int(judgement.ai_change),
        "ai_kind": judgement.ai_kind,
        "topics": json.dumps(judgement.topics),
        "stance_before": json.dumps(dict(judgement.stance_before)),
        "stance_after": json.dumps(dict(judgement.stance_after)),
    }


def changes(
    store: Store,
    document: str = "",
    flagged: bool = False,
    since: datetime | None = None,
    until: datetime | None = None,
) -> list[ChangeRecord]:
    """Changes, newest first. `document` is a document's or a platform's id; `flagged` keeps those that concern AI."""
    conditions, values = ["1"], []
    if document:
        conditions.append("(d.slug = ? or d.platform_slug = ?)")
        values += [document, document]
    if flagged:
        conditions.append("c.ai_change")
    for limit, sign in ((since, ">="), (until, "<=")):
        if limit:
            conditions.append(f"c.at {sign} ?")
            values.append(stamp(limit))
    listed = store.rows(f"{CHANGE} where {' and '.join(conditions)} order by c.at desc, c.id desc", *values)
    sides = json.dumps([row[side] for row in listed for side in ("before_id", "after_id", "reverts_to") if row[side]])
    wanted = store.rows(f"{VERSION} where v.id in (select value from json_each(?))", sides)
    found = {row["id"]: rows.version(row) for row in wanted}
    return [rows.record(row, found) for row in listed]


def _moved(store: Store, name: str) -> dict[str, Any] | None:
    """The change that a name meant before older captures told when its text was first seen: the one that brought the
    version which the check of that name showed."""
    document, _, address = name.rpartition("/")
    try:
        at = datetime.strptime(address, "%Y-%m-%d-%H%M%S").replace(tzinfo=UTC)
    except ValueError:
        return None
    return store.row(
        f'{CHANGE} join reading r on r.version_id = c.after_id join "check" k on k.id = r.check_id '
        "where d.slug = ? and k.at = ?",
        *(document, stamp(at)),
    )


def change(store: Store, name: str) -> ChangeRecord:
    """One change by its id. Raises NotFound, naming the nearest."""
    row = store.row(f"{CHANGE} where c.slug = ?", name.strip("/")) or _moved(store, name.strip("/"))
    if row is None:
        near = store.rows("select slug from change where slug like ? limit 3", f"{name.strip('/')[:40]}%")
        listed = ", ".join(one["slug"] for one in near)
        remedy = f"Did you mean {listed}?" if near else "`tracker changes` lists them."
        raise NotFound("The archive holds no such change.", name, remedy)
    found = {
        number: version(store, number) for number in (row["before_id"], row["after_id"], row["reverts_to"]) if number
    }
    return rows.record(row, found)


def forget(store: Store, document: int) -> None:
    """Drops everything derived of a document, to be read again from its captures; inside a transaction."""
    lineages.forget(store, document)
    for sql in (
        "delete from clause_change where change_id in (select id from change where document_id = ?)",
        "delete from change where document_id = ?",
        'delete from reading where check_id in (select id from "check" where document_id = ?)',
        "delete from version_clause where version_id in (select id from version where document_id = ?)",
        "delete from version where document_id = ?",
    ):
        store.db.execute(sql, (document,))
