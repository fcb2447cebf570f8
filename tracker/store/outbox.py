"""The SQL of alerts: what is news, and who is still to be told. An alert lives beside what is derived and outlives it:
what was sent was sent, whatever the archive is read as later."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from tracker.model import moment, stamp
from tracker.store.truths import Store

# What an alert's change is read with: program and declaration by the document, rules by the change.
READ_WITH = (
    "coalesce((select derived_by from document where slug = a.document), '') || ' ' || "
    "coalesce((select rules from change where slug = json_extract(a.facts, '$.change')), '')"
)


@dataclass(frozen=True, slots=True)
class Alert:
    """What is news. `state` is held (one check saw it), confirmed or withdrawn; `thread` the alert that it follows."""

    id: int
    document: str
    clause: str
    verdict: str
    stands: bool
    thread: int
    state: str
    at: datetime
    facts: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Delivery:
    """An alert on its way to one receiver. `kind` is news, correction, trouble or test; `message` names what it is sent
    in, once it was put into one; `thread` the messages in which this receiver was told of the same matter before,
    oldest first."""

    id: int
    alert: Alert
    target: str
    kind: str
    attempts: int
    message: str
    thread: tuple[str, ...]


def known(store: Store, document: str, clause: str, verdict: str) -> bool:
    """Whether this was news before."""
    return store.row(
        "select 1 from alert where document = ? and clause = ? and verdict = ? and state <> 'withdrawn'",
        document, clause, verdict,
    ) is not None  # fmt: skip


def told_elsewhere(store: Store, alert: Alert, since: datetime) -> set[str]:
    """Who was told since, or is about to be, that another document of the platform brought the same clause and verdict:
    a regional copy. Whoever did not want that one is not among them."""
    platform = alert.document.partition("/")[0]
    rows = store.rows(
        "select distinct y.target from delivery y join alert a on a.id = y.alert_id where a.clause = ? "
        "and a.verdict = ? and a.document <> ? and a.document like ? || '/%' and a.state <> 'withdrawn' and a.at >= ?",
        *(alert.clause, alert.verdict, alert.document, platform, stamp(since)),
    )
    return {row["target"] for row in rows}


def keep_alert(
    store: Store,
    document: str,
    clause: str,
    verdict: str,
    stands: bool,
    earlier: str,
    at: datetime,
    facts: dict[str, Any],
) -> Alert:
    """Keeps what is news, held until it is confirmed; inside a transaction."""
    former = store.row(
        "select thread from alert where document = ? and clause in (?, ?) order by id limit 1",
        document,
        clause,
        earlier,
    )
    body = json.dumps(facts, ensure_ascii=False)
    # What was withdrawn and came again after all is news again, and so is what came again after a long time.
    store.db.execute(
        "update alert set clause = clause || '#' || id where document = ? and clause = ? and verdict = ?",
        (document, clause, verdict),
    )
    number = store.add(
        "alert", document=document, clause=clause, verdict=verdict, stands=int(stands), thread=0, state="held",
        at=stamp(at), facts=body,
    )  # fmt: skip
    thread = former["thread"] if former else number
    store.db.execute(f"update alert as a set thread = ?, read_with = ({READ_WITH}) where id = ?", (thread, number))
    return Alert(number, document, clause, verdict, stands, thread, "held", at, facts)


def held(store: Store, document: str) -> list[Alert]:
    """The alerts of a document that wait for a second check."""
    rows = store.rows("select * from alert where document = ? and state = 'held' order by id", document)
    return [_alert(row) for row in rows]


def settle(store: Store, alert: int, state: str, facts: dict[str, Any]) -> None:
    """Says what became of a held alert, confirmed or withdrawn, and what is known of it now; inside a transaction."""
    body = json.dumps(facts, ensure_ascii=False)
    store.db.execute("update alert set state = ?, facts = ? where id = ?", (state, body, alert))


def enqueue(store: Store, alert: int, kind: str, receivers: Iterable[tuple[str, datetime]]) -> None:
    """Puts an alert on its way to receivers, each (target, when), once; inside a transaction."""
    store.db.conn.executemany(
        "insert into delivery (alert_id, target, kind, due_at, attempts, state, message, error) "
        "values (?, ?, ?, ?, 0, 'waiting', '', '') on conflict do nothing",
        [(alert, target, kind, stamp(due)) for target, due in receivers],
    )


def recall(store: Store, alert: int) -> list[str]:
    """Stops what was not sent, and gives the targets that may have got an alert already; inside a transaction."""
    found = store.rows("select target from delivery where alert_id = ? and kind = 'news' and message <> ''", alert)
    store.db.execute(
        "update delivery set state = 'withdrawn' where alert_id = ? and kind = 'news' and state = 'waiting'", (alert,)
    )
    return [row["target"] for row in found]


def withdraw(store: Store, alert: Alert, at: datetime) -> None:
    """Takes an alert back: what was not sent stops, and whoever may have got it gets a correction, which waits neither
    for a digest nor for the end of quiet hours. Inside a transaction."""
    settle(store, alert.id, "withdrawn", alert.facts)
    told = set(recall(store, alert.id))
    enqueue(store, alert.id, "correction", [(target, at) for target in sorted(told)])


def read_otherwise(store: Store) -> list[tuple[Alert, str]]:
    """Alerts that hold and were read with something else when they were last looked at; each with what they are read
    with now. Documents that wait to be read again are left until they were."""
    rows = store.rows(
        f"select * from (select a.*, ({READ_WITH}) as mark from alert a join document d on d.slug = a.document "
        "where a.state in ('held', 'confirmed') and a.clause not like 'watch:%' "
        "and d.derived_by not in ('', 'again', 'grown', 'failed')) where mark <> read_with order by id"
    )
    return [(_alert(row), row["mark"]) for row in rows]


def note_reading(store: Store, alert: int, mark: str) -> None:
    """Notes what an alert was read with when it was last looked at; inside a transaction."""
    store.db.execute("update alert set read_with = ? where id = ?", (mark, alert))


def due(store: Store, now: datetime, gather: timedelta = timedelta()) -> list[Delivery]:
    """All deliveries whose time has come, those of one target together, oldest first. What is new for a receiver to
    whom something was sent less than `gather` ago waits, so that what comes in a row is one message; corrections and
    what is sent again wait for nothing. Nothing is due for a receiver that was switched off."""
    rows = store.rows(
        "select d.id as delivery, d.target, d.kind, d.attempts, d.message, a.*, "
        "(select json_group_array(message) from (select o.message from delivery o "
        "join alert b on b.id = o.alert_id where b.thread = a.thread and o.target = d.target and o.message <> '' "
        "and o.id < d.id group by o.message order by min(o.id))) as told "
        "from delivery d join alert a on a.id = d.alert_id "
        "where d.state = 'waiting' and d.due_at <= ? and d.target not in (select target from receiver) "
        "and (d.message <> '' or d.kind = 'correction' or d.target not in "
        "(select target from delivery where state = 'sent' and due_at > ?)) order by d.target, d.id",
        *(stamp(now), stamp(now - gather)),
    )
    return [
        Delivery(
            row["delivery"], _alert(row), row["target"], row["kind"], row["attempts"], row["message"],
            tuple(json.loads(row["told"])),
        )
        for row in rows
    ]  # fmt: skip


def put_into(store: Store, message: str, deliveries: Sequence[int]) -> None:
    """Fixes in which message deliveries go, so that one sent again has the same name; inside a transaction."""
    store.db.conn.executemany("update delivery set message = ? where id = ?", [(message, one) for one in deliveries])


def mark(store: Store, deliveries: Sequence[int], state: str, due_at: datetime, error: str = "") -> None:
    """Says what came of an attempt: sent, waiting (until `due_at`) or dead; inside a transaction."""
    store.db.conn.executemany(
        "update delivery set state = ?, due_at = ?, error = ?, attempts = attempts + 1 where id = ?",
        [(state, stamp(due_at), error[:500], one) for one in deliveries],
    )


def counts_by_target(store: Store) -> dict[str, dict[str, int]]:
    """The same for each receiver, by target."""
    found: dict[str, dict[str, int]] = {}
    for row in store.rows("select target, state, count(*) as n from delivery group by target, state order by state"):
        found.setdefault(row["target"], {})[row["state"]] = row["n"]
    return found


def switch_off(store: Store, target: str, at: datetime, why: str) -> None:
    """Sends a receiver nothing more until it is switched on: what is for it waits. Inside a transaction."""
    store.add("receiver", replace=True, target=target, off_since=stamp(at), why=why[:500])


def switch_on(store: Store, target: str, at: datetime) -> int:
    """Sends a receiver what comes, what waits for it, and once more what was given up and still holds; how many go out.
    Inside a transaction."""
    store.db.execute("delete from receiver where target = ?", (target,))
    store.db.execute(
        "update delivery set state = 'waiting', due_at = min(due_at, ?), attempts = 0 "
        "where target = ? and (state = 'waiting' and "
        "message <> '' or state = 'dead' and (kind <> 'news' or alert_id in (select id from alert "
        "where state <> 'withdrawn')))",
        (stamp(at), target),
    )
    row = store.row("select count(*) as n from delivery where target = ? and state = 'waiting'", target)
    return int(row["n"]) if row else 0


def switched_off(store: Store) -> dict[str, tuple[datetime, str, int]]:
    """The receivers that are switched off, by target: since when, why, and how much waits for each."""
    rows = store.rows(
        "select r.*, (select count(*) from delivery d where d.target = r.target and d.state = 'waiting') as n "
        "from receiver r order by r.off_since"
    )
    return {row["target"]: (moment(row["off_since"]), row["why"], row["n"]) for row in rows}


def counts(store: Store) -> dict[str, int]:
    """How many deliveries are waiting, sent, dead and withdrawn."""
    return {row["state"]: row["n"] for row in store.rows("select state, count(*) as n from delivery group by state")}


def _alert(row: dict[str, Any]) -> Alert:
    return Alert(
        row["id"], row["document"], row["clause"], row["verdict"], bool(row["stands"]), row["thread"], row["state"],
        moment(row["at"]), json.loads(row["facts"]),
    )  # fmt: skip
