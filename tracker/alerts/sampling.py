"""A sample for a receiver: a real past change of the archive, told as its alert would tell it, marked as a test."""

from __future__ import annotations

from datetime import datetime
from hashlib import sha256

from tracker import history
from tracker.alerts import operating
from tracker.alerts.composing import NOWHERE, Message, compose
from tracker.alerts.deciding import news
from tracker.alerts.operating import Trouble
from tracker.alerts.subscriptions import Subscription
from tracker.alerts.telling import Site
from tracker.errors import NotFound
from tracker.model import stamp
from tracker.store import Store, derived
from tracker.store.outbox import Alert, Delivery

TRIED = 50  # changes, newest first, among which one that the receiver would be told of is looked for


def sample(store: Store, to: Subscription, at: datetime, site: Site = NOWHERE) -> tuple[Message, bool]:
    """The sample for a receiver, and whether it would be told of such a change: the newest that it would be, else the
    newest of all. An operator is told that nothing is wrong. Raises NotFound where the archive holds no change on AI.
    """
    name = sha256(f"test {to.target} {stamp(at)}".encode()).hexdigest()[:32]
    if to.operator:
        facts = operating.facts(Trouble("test", "", operating.WHOLE, at, ""), True, operating.WHOLE)
        alert = Alert(0, "", "watch:test", "", True, 0, "test", at, facts)
        return compose(name, [Delivery(0, alert, to.target, "trouble", 0, name, ())], to, site), True
    fitting, any_ = None, None
    for record in derived.changes(store, flagged=True)[:TRIED]:
        for one in news(history.change(store, record.id)):
            alert = Alert(0, record.document.id, one.clause, one.verdict, one.stands, 0, "test", record.at, one.facts)
            any_ = any_ or alert
            fitting = fitting or (alert if to.wants(one.facts) else None)
        if fitting:
            break
    found = fitting or any_
    if found is None:
        remedy = "Fill the past first (`tracker backfill`), or look at the demo's: tracker --archive demo/tracker.db"
        raise NotFound("The archive holds no change on AI that a test could show.", str(store.path), remedy)
    return compose(name, [Delivery(0, found, to.target, "test", 0, name, ())], to, site), fitting is not None
