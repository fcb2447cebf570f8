"""Channels against real servers on this machine that do all that goes wrong: each trouble is said in plain words, what
arrived arrived, and no receiver keeps another waiting."""

import socket
import ssl
import subprocess
import threading
import time
from email import message_from_bytes, policy

import pytest
from aiosmtpd.controller import Controller
from test_alerts import WITH, WITHOUT, Desk, Receiver, channels, subscription
from test_pipeline import LICENCE, TRAINING, Watch, page, ruleset  # noqa: F401 - the fixture

from tracker import alerts
from tracker.alerts import channels as channels_room
from tracker.alerts.channels import Undelivered
from tracker.alerts.composing import Message
from tracker.store import outbox

MESSAGE = Message("0123", (), "[terms] Tunely: + Adds a right 🎵 شروط", "text", "<p>html</p>", {"alerts": []})


@pytest.fixture
def watch(web, tmp_path, ruleset):  # noqa: F811
    return Watch(web, tmp_path / "a.db", ruleset)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate that nobody has reason to trust."""
    folder = tmp_path_factory.mktemp("tls")
    command = "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=127.0.0.1"
    paths = [str(folder / name) for name in ("key.pem", "cert.pem")]
    subprocess.run([*command.split(), "-keyout", paths[0], "-out", paths[1]], check=True, capture_output=True)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(paths[1], paths[0])
    return context


def free_port():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return free.getsockname()[1]


class Mailbox:
    """A real mail server that answers as told: `rcpt` to an address, `data` to a message."""

    def __init__(self, rcpt="250 OK", data="250 OK", **settings):
        self.got, mailbox, self.port = [], self, free_port()

        class Handler:
            async def handle_RCPT(self, server, session, envelope, address, options):
                if rcpt.startswith("2"):
                    envelope.rcpt_tos.append(address)
                return rcpt

            async def handle_DATA(self, server, session, envelope):
                mailbox.got.append(envelope.content)
                return data

        self.server = Controller(Handler(), hostname="127.0.0.1", port=self.port, **settings)

    def __enter__(self):
        self.server.start()
        return self

    def __exit__(self, *_):
        self.server.stop()

    def channel(self, scheme="smtp"):
        return channels(smtp=f"{scheme}://127.0.0.1:{self.port}", mail_from="terms@example.org", allow_loopback=True)


class Slow:
    """A server that takes a connection, and then says a letter now and then, for ever."""

    def __init__(self, letters=b"."):
        self.letters, self.over = letters, threading.Event()
        self.listening = socket.create_server(("127.0.0.1", 0))
        self.port = self.listening.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while not self.over.is_set():
            try:
                link, _ = self.listening.accept()
            except OSError:
                return
            threading.Thread(target=self.drip, args=(link,), daemon=True).start()

    def drip(self, link):
        with link:
            for letter in self.letters * 1000:
                if self.over.wait(0.05):
                    return
                try:
                    link.send(bytes([letter]))
                except OSError:
                    return

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.over.set()
        self.listening.close()


def trouble(channel, to):
    """What is said where a message does not arrive."""
    with pytest.raises(Undelivered) as caught:
        channel.deliver(MESSAGE, subscription(to))
    return caught.value


# ---- mail ------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("rcpt", "data", "said", "final"),
    [
        ("550 no such mailbox", "250 OK", "refused the receiver (550)", True),
        ("450 try later", "250 OK", "refused the receiver (450)", False),
        ("250 OK", "452 the disk is full", "answered 452", False),
        ("250 OK", "554 this looks like spam", "answered 554", True),
    ],
)
def test_what_a_mail_server_answers_is_said_and_only_the_final_is_final(rcpt, data, said, final):
    with Mailbox(rcpt, data) as mailbox:
        found = trouble(mailbox.channel(), "mailto:desk@example.org")
    assert said in str(found)
    assert found.final is final


def test_a_mail_server_without_a_certificate_to_trust_gets_nothing(certificate):
    with Mailbox(tls_context=certificate, require_starttls=True) as mailbox:
        found = trouble(mailbox.channel(), "mailto:desk@example.org")
    assert "certificate" in str(found)
    assert not found.final
    assert mailbox.got == []


def test_a_mail_server_that_is_not_there_is_said():
    channel = channels(smtp=f"smtp://127.0.0.1:{free_port()}", mail_from="terms@example.org")
    assert "refused the connection" in str(trouble(channel, "mailto:desk@example.org"))
    channel = channels(smtp="smtp://mail.nowhere.invalid", mail_from="terms@example.org")
    assert "no such host" in str(trouble(channel, "mailto:desk@example.org"))


@pytest.mark.parametrize("letters", [b"2", b"220 hello\r\n"], ids=["no line ever", "a line a second"])
def test_a_mail_server_that_answers_for_ever_is_left(monkeypatch, letters):
    monkeypatch.setattr(channels_room, "WHOLE", 0.6)
    with Slow(letters) as slow:
        start = time.monotonic()
        trouble(channels(smtp=f"smtp://127.0.0.1:{slow.port}", mail_from="t@example.org"), "mailto:desk@example.org")
    assert time.monotonic() - start < 10


# ---- webhooks --------------------------------------------------------------------------------------------------------


def test_a_webhook_without_a_certificate_to_trust_gets_nothing(certificate):
    with Receiver() as receiver:
        receiver.server.socket = certificate.wrap_socket(receiver.server.socket, server_side=True)
        found = trouble(channels(allow_loopback=True), receiver.url.replace("http:", "https:"))
    assert "certificate" in str(found)
    assert receiver.got == []


def test_a_webhook_that_is_not_there_is_said():
    channel = channels(allow_loopback=True)
    assert "refused the connection" in str(trouble(channel, f"http://127.0.0.1:{free_port()}/hook"))
    assert "no such host" in str(trouble(channel, "https://hooks.nowhere.invalid/terms"))


@pytest.mark.parametrize("letters", [b"H", b"HTTP/1.1 200 OK\r\nX: y\r\nX: y\r\nX: y\r\n"], ids=["no line", "no end"])
def test_a_webhook_that_answers_for_ever_is_left(monkeypatch, letters):
    monkeypatch.setattr(channels_room, "TIME", 0.6)
    with Slow(letters) as slow:
        start = time.monotonic()
        found = trouble(channels(allow_loopback=True), f"http://127.0.0.1:{slow.port}/hook")
    assert "did not answer" in str(found)
    assert time.monotonic() - start < 10


@pytest.mark.parametrize("status", [404, 429, 500, 503])
def test_a_webhook_that_refuses_now_is_asked_again(status):
    with Receiver(status) as receiver:
        found = trouble(channels(allow_loopback=True), receiver.url)
    assert f"answered {status}" in str(found)
    assert not found.final


# ---- all at once -----------------------------------------------------------------------------------------------------


def test_whatever_is_wrong_with_some_the_others_get_theirs_and_nothing_is_lost(watch, monkeypatch, certificate):
    monkeypatch.setattr(channels_room, "TIME", 0.6)
    with Mailbox() as mailbox, Receiver() as good, Receiver(500) as ill, Receiver(302) as elsewhere, Slow() as slow:
        reached = ["mailto:desk@example.org", good.url]
        failing = [
            ill.url, elsewhere.url, f"http://127.0.0.1:{slow.port}/h", f"http://127.0.0.1:{free_port()}/h",
            "https://hooks.nowhere.invalid/h", "https://10.0.0.1/h", "unheardof://x",
        ]  # fmt: skip
        desk = Desk(watch, *[{"to": to} for to in (*failing[:3], *reached, *failing[3:])])
        desk.look(WITHOUT, WITH, WITH)
        found = alerts.send(watch.path, desk.subscribed, mailbox.channel().deliver, lambda: watch.at)
    assert found.sent == len(reached)
    assert found.waiting + found.dead == len(failing)
    assert (len(mailbox.got), len(good.got)) == (1, 1)
    with watch.read() as store:
        assert sum(outbox.counts(store).values()) == len(reached) + len(failing)


def test_of_a_clause_of_two_megabytes_the_piece_on_ai_is_told(watch):
    desk = Desk(watch)
    giant = TRAINING.removesuffix(".") + ", whoever plays a song pays for it" * 60_000
    desk.look(WITHOUT, page(LICENCE, giant), page(LICENCE, giant))
    with Mailbox() as mailbox:
        found = alerts.send(watch.path, desk.subscribed, mailbox.channel().deliver, lambda: watch.at)
    assert found.sent == 1
    text = message_from_bytes(mailbox.got[0], policy=policy.default).get_body(("plain",)).get_content()
    assert TRAINING.removesuffix(".") in text
    assert len(mailbox.got[0]) < 100_000
