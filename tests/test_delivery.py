"""Delivery under trouble: two senders, servers that never finish, receivers that are gone, many changes in a row."""

import json
import socket
import threading
import time
from datetime import timedelta

import pytest
from test_alerts import ANYONE, WITH, WITHOUT, Desk, Receiver, channels, message, subscription, watch  # noqa: F401
from test_pipeline import ruleset  # noqa: F401 - the fixture
from test_subscribing import here, run  # noqa: F401 - the fixture

from tracker import alerts, server
from tracker.alerts import channels as ways
from tracker.alerts.channels import Undelivered
from tracker.alerts.sending import GATHER
from tracker.errors import Busy
from tracker.store import Store, outbox


def test_while_one_process_sends_another_sends_nothing(watch):  # noqa: F811
    desk = Desk(watch)
    desk.look(WITHOUT, WITH, WITH)
    refused = []

    def deliver(message, to):  # noqa: F811
        with pytest.raises(Busy) as caught:
            desk.send()
        refused.append(caught.value)
        desk.got.append(message)

    alerts.send(watch.path, desk.subscribed, deliver, lambda: watch.at)
    assert len(refused) == len(desk.got) == 1
    assert desk.send().sent == 0


class Dripping:
    """A server that sends a letter now and then, and never comes to an end."""

    def __init__(self, said=b"220-a\r\n"):
        self.said, self.over = said, threading.Event()
        self.server = socket.create_server(("127.0.0.1", 0))
        self.port = self.server.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                link, _ = self.server.accept()
            except OSError:
                return
            with link:
                while not self.over.wait(0.02):
                    try:
                        link.sendall(self.said)
                    except OSError:
                        break

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.over.set()
        self.server.close()


@pytest.mark.parametrize("said", [b"220-a\r\n", b"2"])
def test_a_mail_server_that_answers_for_ever_is_left(message, monkeypatch, said):  # noqa: F811
    monkeypatch.setattr(ways, "WHOLE", 0.3)
    with Dripping(said) as server:
        sending = channels(smtp=f"smtp://127.0.0.1:{server.port}", mail_from="terms@example.org")
        begin = time.monotonic()
        with pytest.raises(Undelivered, match="mail server"):
            sending.deliver(message, subscription("mailto:desk@example.org"))
    assert time.monotonic() - begin < 5


def test_a_webhook_that_answers_for_ever_is_left(message, monkeypatch):  # noqa: F811
    monkeypatch.setattr(ways, "TIME", 0.3)
    with Dripping(b"H") as server, pytest.raises(Undelivered, match="did not answer in time"):
        channels(allow_loopback=True).deliver(message, subscription(f"http://127.0.0.1:{server.port}/"))


def test_a_receiver_that_is_gone_is_sent_nothing_more_until_it_is_resumed(watch, here, capsys):  # noqa: F811
    desk = Desk(watch)
    desk.look(WITHOUT, WITH, WITH)
    desk.fails = Undelivered("The webhook is gone (410).", gone=True)
    assert desk.send().waiting == 1
    desk.fails = None
    desk.look(WITHOUT, WITHOUT)
    assert desk.send(timedelta(days=30)).sent == 0
    (here / "tracker.toml").write_text('[[alert]]\nto = "mailto:desk@example.org"\n', "utf-8")
    _, _, listed = run(capsys, "alerts", "list")
    assert "The webhook is gone (410). 2 alerts wait" in listed
    assert "alerts resume 1" in listed
    (listed,) = run(capsys, "alerts", "list", "--json")[1].splitlines()
    assert json.loads(listed)["alerts"] == {"waiting": 2}
    assert json.loads(listed)["off_since"] == "2024-02-04T06:00:00Z"
    assert json.loads(server.health(watch.path).body)["receivers_off"] == 1
    _, status, _ = run(capsys, "status")
    assert "1 receiver of alerts is switched off" in status
    code, out, _ = run(capsys, "alerts", "resume", "1")
    assert code == 0
    assert "2 alerts wait" in out
    desk.send(timedelta(days=30))
    assert [one["kind"] for got in desk.got for one in got.data["alerts"]] == ["added", "removed"]


def test_what_was_given_up_is_sent_once_it_is_mended_but_not_what_was_withdrawn(watch, here, capsys, monkeypatch):  # noqa: F811
    desk = Desk(watch)
    desk.look(WITHOUT, WITH, WITH, WITHOUT, WITHOUT)
    desk.fails = Undelivered("The mailbox does not exist.", final=True)
    assert desk.send().dead == 1
    with Store.write(watch.path) as store, store.transaction():
        first = store.row("select min(id) as id from alert")["id"]
        store.db.execute("update alert set state = 'withdrawn' where id = ?", (first,))
    (here / "tracker.toml").write_text('[[alert]]\nto = "mailto:desk@example.org"\n', "utf-8")
    assert "tracker alerts resume 1" in run(capsys, "alerts", "list")[2]
    assert "1 alerts wait" in run(capsys, "alerts", "resume", "desk@example.org")[1]
    desk.fails = None
    desk.send(timedelta(days=9999))
    assert [one["kind"] for got in desk.got for one in got.data["alerts"]] == ["removed"]


def test_what_comes_in_a_row_is_gathered_and_a_correction_is_not(watch):  # noqa: F811
    """The first is told at once; what follows within minutes is one message; what was wrong is said at once."""
    desk = Desk(watch)
    desk.look(WITHOUT, WITH, WITH)
    assert desk.send().sent == 1
    with watch.read() as store:
        found = store.row("select id, facts from alert")
    with Store.write(watch.path) as store, store.transaction():
        for number in range(40):
            at = watch.at
            one = outbox.keep_alert(store, f"tunely/{number}", "c", "v", True, "", at, json.loads(found["facts"]))
            outbox.enqueue(store, one.id, "news", [(desk.subscribed[0].target, at)])
        outbox.enqueue(store, found["id"], "correction", [(desk.subscribed[0].target, at)])
    assert desk.send(GATHER / 2).sent == 1
    assert (desk.got[-1].type, desk.got[-1].data["alerts"][0]["occasion"]) == ("terms.corrected", "correction")
    assert desk.send(GATHER / 2).sent == 0
    assert desk.send(2 * GATHER).sent == 1
    assert len(desk.got[-1].data["alerts"]) == 40
    assert "and 30 more" in desk.got[-1].text
