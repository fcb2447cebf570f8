"""A process that dies between any two steps of record, enqueue, send and mark: no alert is lost, and a receiver that
honours the id of a message is told once. Each crash is a real one: a child process ends at that step, unasked."""

import os
import sys
import traceback
from datetime import timedelta
from functools import partial

import pytest
from test_alerts import WITH, WITHOUT, Desk, Receiver, channels
from test_pipeline import Watch, ruleset  # noqa: F401 - the fixture

from tracker import alerts
from tracker.alerts import recording
from tracker.store import outbox

DIED = 9
STEPS = [
    ("before", recording, "news"),
    ("before", outbox, "keep_alert"),
    ("before", outbox, "settle"),
    ("before", outbox, "enqueue"),
    ("after", outbox, "enqueue"),
    ("before", outbox, "due"),
    ("before", outbox, "put_into"),
    ("after", outbox, "put_into"),
    ("before", alerts.Channels, "deliver"),
    ("after", alerts.Channels, "deliver"),
    ("after", outbox, "mark"),
]

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="forks")


@pytest.fixture
def watch(web, tmp_path, ruleset):  # noqa: F811
    return Watch(web, tmp_path / "a.db", ruleset)


def dies(monkeypatch, place, name, when, act):
    """Does something in a child process that ends just before or after a step; whether it came to the step."""
    step = getattr(place, name)

    def last(*arguments, **named):
        if when == "after":
            step(*arguments, **named)
        os._exit(DIED)

    child = os.fork()
    if child == 0:
        monkeypatch.setattr(place, name, last)
        try:
            act()
        except BaseException:
            traceback.print_exc()
            os._exit(1)
        os._exit(0)
    code = os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])
    assert code in (0, DIED)
    return code == DIED


@pytest.mark.parametrize(("when", "place", "name"), STEPS, ids=[f"{when} {name}" for when, _, name in STEPS])
def test_whoever_dies_at_a_step_loses_nothing_and_tells_nobody_twice(watch, monkeypatch, when, place, name):
    with Receiver() as receiver:
        channel = channels(allow_loopback=True)
        desk = Desk(watch, {"to": receiver.url})

        def send():
            alerts.send(watch.path, desk.subscribed, channel.deliver, lambda: watch.at)

        died = 0
        for one in (WITHOUT, WITH, WITH, None):
            watch.web.pages["/terms"] = one or WITH  # served by this process, also to the one that dies
            act = send if one is None else partial(desk.look, one)
            if dies(monkeypatch, place, name, when, act):
                died += 1
                act()
            else:
                watch.at += timedelta(days=1)  # it was done, in another process
        assert died
        send()
        assert len({name for name, _ in receiver.got}) == 1
        told = [one["kind"] for _, body in receiver.got[:1] for one in body["data"]["alerts"]]
        assert told == ["added"]
    with watch.read() as store:
        assert outbox.counts(store) == {"sent": 1}
