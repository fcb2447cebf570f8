"""Sending what is due: at least once, under a name that stays, each receiver by itself."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from pathlib import Path
from queue import SimpleQueue

from tracker.alerts.channels import Undelivered
from tracker.alerts.composing import NOWHERE, Message, compose, name_of
from tracker.alerts.subscriptions import Subscription
from tracker.alerts.telling import Site
from tracker.errors import Busy
from tracker.store import Store, outbox
from tracker.store.connection import explained
from tracker.store.outbox import Delivery

Result = tuple[Sequence[Delivery], Undelivered | None]
Batch = tuple[str, list[Delivery]]  # the name of a message, and what it holds
Deliver = Callable[[Message, Subscription], None]
# After each failed attempt the next waits so long; after the last it is given up.
BACK_OFF = tuple(timedelta(seconds=wait) for wait in (5, 300, 1800, 7200, 18000, 36000, 50400))
AT_ONCE = 16  # receivers
GATHER = timedelta(
    minutes=10
)  # after a message what is new waits so long: a change on forty pages is no forty messages
PATIENCE = 60.0  # seconds that the mark of a sent message waits for whoever writes to the archive


@dataclass(frozen=True, slots=True)
class Sent:
    """What came of sending: messages that arrived, that wait for another attempt, that were given up, and why."""

    sent: int = 0
    waiting: int = 0
    dead: int = 0
    errors: tuple[str, ...] = ()


def send(
    archive: Path,
    subscribed: Sequence[Subscription],
    deliver: Deliver,
    now: Callable[[], datetime],
    site: Site = NOWHERE,
) -> Sent:
    """Sends all that is due. Raises Busy where another process sends, or writes at the beginning, and ArchiveError."""
    with _alone(archive):
        return _send(archive, {one.target: one for one in subscribed}, deliver, now, site)


@contextmanager
def _alone(archive: Path) -> Iterator[None]:
    """Held while a process sends, so that no two send the same; freed by the system when the process dies."""
    with explained(archive):
        archive.parent.mkdir(parents=True, exist_ok=True)
        place = f"{archive.resolve()}.sending"
        descriptor = os.open(place, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o644)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise Busy("Another process is sending alerts.", str(archive), "What is due is sent by it.") from error
        yield
    finally:
        os.close(descriptor)


def _send(
    archive: Path, receivers: Mapping[str, Subscription], deliver: Deliver, now: Callable[[], datetime], site: Site
) -> Sent:
    with Store.write(archive) as store, store.transaction():
        found = outbox.due(store, now(), GATHER)
        orphans = [one.id for one in found if one.target not in receivers]
        outbox.mark(store, orphans, "withdrawn", now(), "Nobody subscribes at this address any more.")
        batches = _batches(store, [one for one in found if one.target in receivers])
    if not batches:
        return Sent()

    came: SimpleQueue[Result] = SimpleQueue()

    def attempt(to: Subscription, messages: Sequence[Batch]) -> None:
        """Sends the messages of one receiver, one after the other: what follows an alert comes after it."""
        for name, deliveries in messages:
            error = None
            try:
                deliver(compose(name, deliveries, to, site), to)
            except Undelivered as found:
                error = found
            except Exception as found:  # a fault of ours with one message is no reason to leave the others
                error = Undelivered(f"The program could not send it: {type(found).__name__}.")
            came.put((deliveries, error))

    results: list[tuple[str, str]] = []
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for target, messages in groupby(batches, lambda one: one[1][0].target):
            pool.submit(attempt, receivers[target], list(messages))
        while len(results) < len(batches):
            done = [came.get()]
            while not came.empty():  # marks that have gathered are kept together
                done.append(came.get())
            results += _mark(archive, done, now())
    states = [state for state, _ in results]
    errors = tuple(dict.fromkeys(error for _, error in results if error))
    return Sent(states.count("sent"), states.count("waiting"), states.count("dead"), errors)


def _batches(store: Store, found: Sequence[Delivery]) -> list[Batch]:
    """Messages with what they hold, those of a receiver together, oldest first: what was put into one stays in it, all
    else of a receiver and a kind is a new one."""
    batches = []
    for (_, message, _), group in groupby(sorted(found, key=_place), _place):
        deliveries = list(group)
        name = message or name_of(deliveries)
        if not message:
            outbox.put_into(store, name, [one.id for one in deliveries])
        batches.append((name, deliveries))
    return sorted(batches, key=lambda one: (one[1][0].target, one[1][0].id))


def _place(one: Delivery) -> tuple[str, str, str]:
    return one.target, one.message, "" if one.message else one.kind


def _mark(archive: Path, done: Sequence[Result], at: datetime) -> list[tuple[str, str]]:
    """Records what came of messages, waiting for the archive where it must; of each the state and what went wrong."""
    end = time.monotonic() + PATIENCE
    while True:
        try:
            with Store.write(archive) as store, store.transaction():
                return [_mark_one(store, deliveries, error, at) for deliveries, error in done]
        except Busy:
            if time.monotonic() > end:
                raise
            time.sleep(0.1)


def _mark_one(store: Store, deliveries: Sequence[Delivery], error: Undelivered | None, at: datetime) -> tuple[str, str]:
    attempts = deliveries[0].attempts
    state, due = "sent", at
    if error and error.gone:
        state = "waiting"
        outbox.switch_off(store, deliveries[0].target, at, str(error))
    elif error:
        state = "dead" if error.final or attempts >= len(BACK_OFF) else "waiting"
        due = at + BACK_OFF[min(attempts, len(BACK_OFF) - 1)]
    outbox.mark(store, [one.id for one in deliveries], state, due, str(error or ""))
    return state, str(error or "")
