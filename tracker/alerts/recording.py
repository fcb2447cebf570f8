"""Beside a check, in its transaction: what is news is kept, what was held is confirmed or withdrawn."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from tracker import history
from tracker.alerts.deciding import carried, news, undoes
from tracker.alerts.subscriptions import Subscription
from tracker.model import Outcome, stamp
from tracker.pipeline import Looked, Record
from tracker.store import Store, derived, outbox
from tracker.store.outbox import Alert

COPIES = timedelta(days=30)  # within which the same clause in another document of a platform is the same news


def recorder(subscribed: Sequence[Subscription]) -> Record:
    """What `pipeline.check` calls inside the transaction that records a check."""

    def record(store: Store, looked: Looked) -> None:
        check = looked.check
        if check is None or looked.error or check.outcome not in (Outcome.CAPTURED, Outcome.UNCHANGED):
            return
        waiting = outbox.held(store, looked.document.id)
        withdrawn = _settle(store, looked, waiting, subscribed) if waiting else []
        change = looked.change
        # What changed since a capture of another source happened at some time before we looked: no news of today.
        if change and change.ai_change and change.before.source == "live":
            _keep_news(store, looked, withdrawn, subscribed)

    return record


def _settle(store: Store, looked: Looked, waiting: Sequence[Alert], subscribed: Sequence[Subscription]) -> list[Alert]:
    """Confirms or withdraws what waited for this check; what was withdrawn."""
    assert looked.check is not None
    at, withdrawn = looked.check.at, []
    standing = derived.keys_of(store, looked.document.id)[-1][2]
    change = history.change(store, looked.change.id) if looked.change else None
    for alert in waiting:
        kept = (alert.clause in standing) is alert.stands
        again = carried(change, alert.clause, alert.verdict) if change and alert.stands and not kept else None
        if kept or again:
            facts = alert.facts | (again or {}) | {"confirmed": stamp(at)}
            outbox.settle(store, alert.id, "confirmed", facts)
            told = outbox.told_elsewhere(store, alert, at - COPIES)
            _enqueue(store, alert, [one for one in subscribed if one.confirmed and one.target not in told], at)
        else:
            withdrawn.append(alert)
            outbox.settle(store, alert.id, "withdrawn", alert.facts)
            told = set(outbox.recall(store, alert.id))
            # A correction waits neither for a digest nor for the end of quiet hours.
            outbox.enqueue(store, alert.id, "correction", [(target, at) for target in sorted(told)])
    return withdrawn


def _keep_news(store: Store, looked: Looked, withdrawn: Sequence[Alert], subscribed: Sequence[Subscription]) -> None:
    assert looked.change is not None
    assert looked.check is not None
    document, at = looked.document.id, looked.check.at
    for one in news(history.change(store, looked.change.id)):
        undone = any(undoes(one, alert.clause, alert.facts["earlier"]) for alert in withdrawn)
        if not undone and not outbox.known(store, document, one.clause, one.verdict):
            alert = outbox.keep_alert(store, document, one.clause, one.verdict, one.stands, one.earlier, at, one.facts)
            _enqueue(store, alert, [one for one in subscribed if not one.confirmed], at)


def _enqueue(store: Store, alert: Alert, subscribed: Sequence[Subscription], at: datetime) -> None:
    outbox.enqueue(store, alert.id, "news", [(one.target, one.due(at)) for one in subscribed if one.wants(alert.facts)])
