"""The SQL of the third witness: which captures another archive was asked to keep, and what it said."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from tracker.model import moment, stamp
from tracker.store.truths import Store

KEPT, REFUSED, LATER = "kept", "refused", "later"


@dataclass(frozen=True, slots=True)
class Witness:
    """What another archive said of a page: `kept` at `url`, `refused` for a reason, or `later`: to be asked again."""

    capture: int
    asked_at: datetime
    state: str
    url: str = ""
    reason: str = ""

    def __str__(self) -> str:
        if self.state == KEPT:
            return f"archived copy: {self.url}"
        return f"asked, {self.state if self.state == REFUSED else 'not yet kept'}: {self.reason}"


def waiting(store: Store, documents: Iterable[str], since: datetime) -> list[tuple[int, str]]:
    """Our own captures that began a version since a moment and that nobody else was yet got to keep, newest first and
    only the newest of an address: (capture, address)."""
    rows = store.rows(
        "select n.id, n.url from (select max(c.id) as id, c.url from version v "
        "join check_capture k on k.check_id = v.check_id "
        "join capture c on c.id = k.capture_id join document d on d.id = c.document_id "
        "where c.source = 'live' and c.at >= ? and d.slug in (select value from json_each(?)) group by c.url) n "
        "left join witness w on w.capture_id = n.id where w.state is null or w.state = 'later' order by 1 desc",
        *(stamp(since), json.dumps(list(documents))),
    )
    return [(row["id"], row["url"]) for row in rows]


def keep(store: Store, said: Witness) -> None:
    """Records what was said; inside a transaction."""
    store.add(
        "witness",
        replace=True,
        capture_id=said.capture,
        asked_at=stamp(said.asked_at),
        state=said.state,
        url=said.url,
        reason=said.reason,
    )


def of(store: Store, capture: int) -> Witness | None:
    """What another archive said of a capture; None where none was asked."""
    row = store.row("select * from witness where capture_id = ?", capture)
    if row is None:
        return None
    return Witness(row["capture_id"], moment(row["asked_at"]), row["state"], row["url"], row["reason"])
