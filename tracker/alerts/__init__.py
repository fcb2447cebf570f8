"""Alerts: who wants to know what, what is news, how it is said, and how it reaches them.

    subscriptions  who is told of what; `subscribing` reads and writes them in tracker.toml
    noticing       beside a check: whether it concerns an alert
    recording      what it brought that is news (`deciding`), and what an earlier alert turned out to be
    correcting     after the archive was read again: alerts that do not hold any more
    operating      what is wrong with the watch itself
    telling        an alert in `words` of four languages; `composing` makes a message of several
    sending        what is due, by each of the `channels` by itself, until it arrives or is given up
    sampling       a real past change, to try a channel with

An alert is sent once for each document, clause and verdict.

What sends is loaded where something is sent.
"""

from importlib import import_module

from tracker.alerts.noticing import recorder
from tracker.alerts.subscriptions import Subscription, subscriptions

__all__ = ["Channels", "Sent", "Subscription", "recorder", "send", "subscriptions"]
_HOMES = {"Channels": "channels", "Sent": "sending", "send": "sending"}


def __getattr__(name: str) -> object:
    if name in _HOMES:
        return getattr(import_module(f"tracker.alerts.{_HOMES[name]}"), name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
