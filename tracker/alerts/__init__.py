"""Alerts: who wants to know what, what is news, how it is said, and how it reaches them.

    recording   beside a check: what it brought that is news, and what an earlier alert turned out to be
    sending     what is due, to each channel by itself, until it arrives or is given up

An alert is sent once for each document, clause and verdict.
"""

from tracker.alerts.channels import Channels
from tracker.alerts.recording import recorder
from tracker.alerts.sending import Sent, send
from tracker.alerts.subscriptions import Subscription, subscriptions

__all__ = ["Channels", "Sent", "Subscription", "recorder", "send", "subscriptions"]
