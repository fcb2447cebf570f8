"""The SQL of moments: in which window a version came, until when it was in view, and which dates it gave for itself."""

from __future__ import annotations

from datetime import date, datetime

from tracker.errors import NotFound
from tracker.model import Redating, Version, Window, moment
from tracker.store import rows
from tracker.store.truths import Store


def window_into(store: Store, version: int) -> Window:
    """The window in which a version (by row) came: that of the change into it. The first version of its language was
    there already when it was first seen, so its window has no start."""
    sql = "select c.window_from, v.at from version v left join change c on c.after_id = v.id where v.id = ?"
    row = store.row(sql, version)
    if row is None:
        raise NotFound("The archive holds no such version.", f"version {version}", "See `tracker history DOCUMENT`.")
    return Window(moment(row["window_from"]) if row["window_from"] else None, moment(row["at"]))


def in_view_until(store: Store, document: str) -> dict[int, datetime]:
    """When each version of a document (by row) was last in view."""
    rows = store.rows(
        'select r.version_id, max(c.at) as at from reading r join "check" c on c.id = r.check_id '
        "join document d on d.id = c.document_id where d.slug = ? and r.version_id is not null group by r.version_id",
        document,
    )
    return {row["version_id"]: moment(row["at"]) for row in rows}


def dates_seen_last(store: Store, found: Version) -> tuple[date | None, date | None]:
    """The dates, stated and effective, that a version gave when it was last in view."""
    row = store.row(
        'select r.stated_date, r.effective_date from reading r join "check" c on c.id = r.check_id '
        "where r.version_id = ? order by c.at desc, c.id desc limit 1",
        found.id,
    )
    return (rows.day(row["stated_date"]), rows.day(row["effective_date"])) if row else (None, None)


def redatings(store: Store, document: str) -> list[Redating]:
    """Where a document moved a date that it gives for itself while its words stayed, oldest first."""
    listed = store.rows(
        'select c.at, r.version_id, r.stated_date, r.effective_date from reading r join "check" c on c.id = r.check_id '
        "join document d on d.id = c.document_id where d.slug = ? and r.version_id is not null order by c.at, c.id",
        document,
    )
    found, last = [], {}
    for row in listed:
        before = last.get(row["version_id"])
        dates = tuple(rows.day(row[name]) for name in ("stated_date", "effective_date"))
        if before and any(old and new and old != new for old, new in zip(before[1], dates, strict=True)):
            window = Window(moment(before[0]), moment(row["at"]))
            found.append(Redating(row["version_id"], window, before[1], dates))
        last[row["version_id"]] = row["at"], dates
    return found
