"""Beside a check, in its transaction: what is news is kept, what was held is confirmed or withdrawn."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

from tracker import history
from tracker.alerts.deciding import News, carried, news, repeats, returned, undoes
from tracker.alerts.subscriptions import Subscription
from tracker.model import ChangeRecord, stamp
from tracker.pipeline import Looked
from tracker.store import Store, derived, outbox
from tracker.store.outbox import Alert
from tracker.views import citing

COPIES = timedelta(days=30)  # within which the same clause in another document of a platform is the same news
SETTLED = timedelta(days=30)  # what stood so long, or was gone so long, does not flap when it changes again


def record(
    store: Store, looked: Looked, waiting: Sequence[Alert], is_news: bool, subscribed: Sequence[Subscription]
) -> None:
    """Settles what waited for a check, and keeps what is news; inside the transaction that records the check."""
    withdrawn = _settle(store, looked, waiting, subscribed) if waiting else []
    if is_news:
        _keep_news(store, looked, waiting, withdrawn, subscribed)


def _settle(store: Store, looked: Looked, waiting: Sequence[Alert], subscribed: Sequence[Subscription]) -> list[Alert]:
    """Confirms or withdraws what waited for this check; what was withdrawn."""
    assert looked.check is not None
    at, withdrawn = looked.check.at, []
    seen = derived.last_seen(store, looked.document.id)
    assert seen is not None
    standing = next(keys for number, _, keys in derived.keys_of(store, looked.document.id) if number == seen.id)
    change = history.change(store, looked.change.id) if looked.change else None
    for alert in waiting:
        if alert.facts.get("language", seen.language) != seen.language:
            continue  # the page came in another language: that says nothing of this one
        kept = (alert.clause in standing) is alert.stands
        again = carried(change, alert.clause, alert.verdict) if change and alert.stands and not kept else None
        if kept or again:
            facts = alert.facts | (again or {}) | {"confirmed": stamp(at)}
            _confirm(store, replace(alert, facts=facts), subscribed, at)
        else:
            withdrawn.append(alert)
            outbox.withdraw(store, alert, at)
    return withdrawn


def _confirm(store: Store, alert: Alert, subscribed: Sequence[Subscription], at: datetime) -> None:
    outbox.settle(store, alert.id, "confirmed", alert.facts)
    _enqueue(store, alert, subscribed, at)  # whoever was told before the confirmation is not told again


def _keep_news(
    store: Store,
    looked: Looked,
    waited: Sequence[Alert],
    withdrawn: Sequence[Alert],
    subscribed: Sequence[Subscription],
) -> None:
    assert looked.change is not None
    assert looked.check is not None
    document, at = looked.document.id, looked.check.at
    # A text that was first seen as a suspect became a version because a second check showed it too.
    twice = looked.change.after.check != looked.check.id
    proved = proof(store, looked.change)
    for one in news(history.change(store, looked.change.id)):
        undone = any(undoes(one, alert.clause, alert.stands, alert.facts["earlier"]) for alert in withdrawn)
        again = any(repeats(one, alert.clause, alert.verdict) for alert in waited if alert not in withdrawn)
        if undone or again:
            continue
        if outbox.known(store, document, one.clause, one.verdict) and _flaps(store, looked.change, one):
            happened, one = one.facts["kind"], returned(one)
            if happened == "removed" or outbox.known(store, document, one.clause, one.verdict):
                continue
        facts = one.facts | proved | ({"confirmed": stamp(at)} if twice else {})
        alert = outbox.keep_alert(store, document, one.clause, one.verdict, one.stands, one.earlier, at, facts)
        if twice:
            _confirm(store, alert, subscribed, at)
        else:
            _enqueue(store, alert, [one for one in subscribed if not one.confirmed], at)


def proof(store: Store, change: ChangeRecord) -> dict[str, Any]:
    """The page that changed, and how the change is cited, with the hashes of its captures."""
    captures = [store.capture(version.captures[0]) for version in (change.before, change.after)]
    cited = citing.change(change, "", *(capture.sha256 for capture in captures))
    return {"page": captures[1].final_url, "cite": cited["plain"]}


def _flaps(store: Store, change: ChangeRecord, one: News) -> bool:
    """Whether a clause came or went again so soon that it says nothing new: until the change it had not been there, or
    been there, for long."""
    keys = {number: held for number, _, held in derived.keys_of(store, change.document.id)}
    since = change.at
    for version in reversed(derived.versions(store, change.document.id)):
        if version.at < change.at and version.language == change.after.language:
            if (one.clause in keys[version.id]) is one.stands:
                break
            since = version.at
    return change.at - since < SETTLED


def _enqueue(store: Store, alert: Alert, subscribed: Sequence[Subscription], at: datetime) -> None:
    told = outbox.told_elsewhere(store, alert, at - COPIES)
    wanted = [one for one in subscribed if one.wants(alert.facts) and one.target not in told]
    outbox.enqueue(store, alert.id, "news", [(one.target, one.due(at)) for one in wanted])
