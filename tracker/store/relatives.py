"""The SQL of links to other legal texts that watched pages held, and when each was first seen there."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from tracker.model import Relative, moment, stamp
from tracker.store.truths import Store

SEEN = (
    "select max(r.document_id = ?) as here, count(*) as n from relative r join document d on d.id = r.document_id "
    "where r.page = ? and d.platform_slug = (select platform_slug from document where id = ?)"
)


def keep_relatives(store: Store, document: int, at: datetime, found: Iterable[tuple[str, Relative]]) -> list[Relative]:
    """Keeps links, each with what identifies its page, and gives those that are new; inside a transaction.

    Those of the first look are what there always was; and a link that another page of the platform held is not new.
    """
    found = list(found)
    known = store.row("select count(*) as n from relative where document_id = ?", document)
    is_first = not known or not known["n"]
    fresh = []
    for page, one in found:
        seen = store.row(SEEN, document, page, document)
        if seen and seen["here"]:
            continue
        is_new = not is_first and not (seen and seen["n"])
        fresh += [one] if is_new else []
        store.add(
            "relative",
            document_id=document,
            page=page,
            url=one.url,
            text=one.text,
            terms_type=one.terms_type,
            first_seen=stamp(at),
            is_new=int(is_new),
        )
    return fresh


def new_relatives(store: Store) -> list[tuple[str, datetime, Relative]]:
    """Every link that was new at some check: the document that holds it, when it was first seen, and the link."""
    rows = store.rows(
        "select d.slug, r.* from relative r join document d on d.id = r.document_id where r.is_new order by first_seen"
    )
    return [
        (row["slug"], moment(row["first_seen"]), Relative(row["url"], row["text"], row["terms_type"])) for row in rows
    ]
