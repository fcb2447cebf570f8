"""Beside a check, in its transaction: whether it concerns an alert at all. Most do not, and load nothing more."""

from __future__ import annotations

from collections.abc import Sequence

from tracker.alerts.subscriptions import Subscription
from tracker.model import Outcome
from tracker.pipeline import Looked, Record
from tracker.store import Store, outbox


def recorder(subscribed: Sequence[Subscription]) -> Record:
    """What `pipeline.check` calls inside the transaction that records a check."""

    def record(store: Store, looked: Looked) -> None:
        check = looked.check
        if check is None or looked.error or check.outcome not in (Outcome.CAPTURED, Outcome.UNCHANGED):
            return
        waiting = outbox.held(store, looked.document.id)
        change = looked.change
        # What changed since a capture of another source happened at some time before we looked: no news of today.
        is_news = change is not None and change.ai_change and change.before.source == "live"
        if waiting or is_news:
            from tracker.alerts import recording

            recording.record(store, looked, waiting, is_news, subscribed)

    return record
