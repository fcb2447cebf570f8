"""The SQL of reading again: what goes out to be derived anew, and how what came back differs from what was there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from tracker.model import Document
from tracker.store import fulltext
from tracker.store.truths import Store


@dataclass(frozen=True, slots=True)
class Difference:
    """How a document differs after it was read again, because of our code, rules or declarations.

    `what` is "version" or "change", `name` its address; `happened` is "appeared", "disappeared", "text" (a version
    reads otherwise) or "verdict" (a change means something else); `before` and `after` say it in a word or a line.
    """

    document: str
    what: str
    name: str
    happened: str
    before: str = ""
    after: str = ""


# A version's text by its hash; a change by what it is said to mean.
TELLING = (
    (
        "version",
        "text",
        "select d.slug || '@' || v.at as name, v.text_sha256 as told from version v "
        "join document d on d.id = v.document_id where d.slug = ? order by v.at",
    ),
    (
        "change",
        "verdict",
        "select c.slug as name, trim(case when c.ai_change then c.ai_kind || ': ' || c.verdict else c.summary end) "
        "as told from change c join document d on d.id = c.document_id where d.slug = ? order by c.at",
    ),
)
Telling = Mapping[str, Mapping[str, str]]


def telling(store: Store, document: str) -> Telling:
    """What the archive tells of a document now, to be held against later: by kind, the hash or words of each item."""
    return {what: {row["name"]: row["told"] for row in store.rows(query, document)} for what, _, query in TELLING}


def differences(document: str, before: Telling, after: Telling) -> Iterator[Difference]:
    """What is different between two tellings of a document, in order of time."""
    for what, happened, _ in TELLING:
        old, new = before[what], after[what]
        for name in sorted(old.keys() | new.keys()):
            if name not in new:
                yield Difference(document, what, name, "disappeared", old[name])
            elif name not in old:
                yield Difference(document, what, name, "appeared", "", new[name])
            elif old[name] != new[name]:
                yield Difference(document, what, name, happened, old[name], new[name])


def looks(store: Store, document: str) -> list[dict[str, Any]]:
    """The checks of a document that have captures in view, oldest first, a row for each capture."""
    return store.rows(
        "select k.id as check_id, k.at, k.source, c.url, c.final_url, c.content_type, c.blob_id, b.sha256 "
        'from "check" k '
        "join document d on d.id = k.document_id join check_capture v on v.check_id = k.id "
        "join capture c on c.id = v.capture_id join blob b on b.id = c.blob_id "
        f"where d.slug = ? and k.id not in ({GONE}) order by k.at, k.id, v.position",
        document,
    )


# Checks that had bytes in view that were taken out since.
GONE = (  # begun at what was taken out, which is little; SQLite would begin at all that was ever in view
    "select v.check_id from removal r cross join capture c on c.blob_id = r.blob_id "
    "cross join check_capture v on v.capture_id = c.id"
)


def blinded(store: Store, document: str) -> list[int]:
    """The checks of a document of which nothing can be read any more, because bytes were taken out."""
    sql = f'select k.id from "check" k join document d on d.id = k.document_id where d.slug = ? and k.id in ({GONE})'
    return [row["id"] for row in store.rows(sql, document)]


def texts(store: Store, document: str) -> list[tuple[int, str | None, str, int]]:
    """The versions of a document, oldest first: check, language, how the text was read, row of its bytes."""
    listed = store.rows(
        "select v.check_id, v.language, v.method, v.blob_id from version v join document d on d.id = v.document_id "
        "where d.slug = ? order by v.at, v.id",
        document,
    )
    return [(row["check_id"], row["language"], row["method"], row["blob_id"]) for row in listed]


def judged_otherwise(store: Store, rules: str) -> list[Document]:
    """Documents with clauses or changes that were not judged under these rules, in order of id."""
    listed = store.rows(
        "with unruled(id) as (select c.id from clause c left join judgement j on j.clause_id = c.id and j.rules = ? "
        "where j.clause_id is null and c.kind <> 'code') "
        "select slug, platform, terms_type from document where id in (select v.document_id from unruled "
        "join version_clause w on w.clause_id = unruled.id join version v on v.id = w.version_id) "
        "or id in (select document_id from change where rules <> ?) order by slug",
        *(rules, rules),
    )
    return [Document(row["slug"], row["platform"], row["terms_type"]) for row in listed]


def sweep(store: Store) -> None:
    """Drops clauses and texts that no version holds any more; inside a transaction."""
    fulltext.drop(store, "id not in (select clause_id from version_clause)")
    orphans = "clause_id in (select id from clause where id not in (select clause_id from version_clause))"
    for sql in (
        f"delete from flag where {orphans}",
        f"delete from judgement where {orphans}",
        "delete from clause where id not in (select clause_id from version_clause)",
    ):
        store.db.execute(sql)
    unused = (
        "delete from blob where id not in (select blob_id from capture) and id not in (select blob_id from version) "
        "and id not in (select base_id from blob where base_id is not null)"
    )
    while store.db.execute(unused).rowcount:  # what rested on nothing else may have carried another
        pass
    store.forget_bodies()
