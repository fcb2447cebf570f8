"""A sample for a receiver: a real past change of the archive, told as its alert would tell it, marked as a test."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256

from tracker import history
from tracker.alerts import operating
from tracker.alerts.composing import NOWHERE, Message, compose
from tracker.alerts.deciding import news
from tracker.alerts.operating import Trouble
from tracker.alerts.recording import proof
from tracker.alerts.subscriptions import Subscription
from tracker.alerts.telling import Site
from tracker.model import stamp
from tracker.store import Store, derived
from tracker.store.outbox import Alert, Delivery

TRIED = 50  # changes, newest first, among which one that the receiver would be told of is looked for


def sample(store: Store, to: Subscription, at: datetime, site: Site = NOWHERE) -> tuple[Message, str]:
    """The sample for a receiver, and what is to be said of it, "" for nothing: the newest change that it would be told
    of, else the newest on AI, else that nothing happened; for an operator that nothing is wrong."""
    name = sha256(f"test {to.target} {stamp(at)}".encode()).hexdigest()[:32]
    found, fits = (None, True) if to.operator else _newest(store, to)
    if found:
        message = compose(name, [Delivery(0, found, to.target, "test", 0, name, ())], to, site)
        return message, "" if fits else "None of the newest changes is one that it would be told of: another was sent."
    facts = operating.facts(Trouble("test", "", operating.WHOLE, at, ""), True, operating.WHOLE)
    alert = Alert(0, "", "watch:test", "", True, 0, "test", at, facts)
    message = compose(name, [Delivery(0, alert, to.target, "trouble", 0, name, ())], to, site)
    return (
        message,
        "" if to.operator else "The archive holds no change on AI to show, so it says only that it is a test.",
    )


def _newest(store: Store, to: Subscription) -> tuple[Alert | None, bool]:
    """The newest news that a receiver would be told, else the newest of all, None where there is none; and which."""
    any_ = None
    for record in derived.changes(store, flagged=True)[:TRIED]:
        for one in news(history.change(store, record.id)):
            facts = one.facts | proof(store, record)
            alert = Alert(0, record.document.id, one.clause, one.verdict, one.stands, 0, "test", record.at, facts)
            if to.wants(facts):
                return alert, True
            any_ = any_ or alert
    return any_, False
