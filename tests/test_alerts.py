"""Alerts: once for each clause and verdict, confirmed by a second check, delivered over real servers at least once."""

import base64
import hashlib
import hmac
import json
import socket
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from aiosmtpd.controller import Controller
from test_pipeline import LICENCE, TRAINING, Watch, page, ruleset  # noqa: F401 - the fixture

from tracker import alerts
from tracker.alerts.channels import Undelivered, email
from tracker.alerts.composing import compose
from tracker.alerts.sending import BACK_OFF
from tracker.cli import main
from tracker.errors import SettingsError
from tracker.model import Document
from tracker.settings import Settings
from tracker.store import Store, outbox

KEY = bytes(range(32))
SECRET = f"whsec_{base64.b64encode(KEY).decode()}"
MORE = (
    "You may take your uploads down again whenever you like, and we then delete our copies within thirty days, but for "
    "those that a court or an authority has told us to keep until a case is closed, which we lock away until then."
)
ANYONE = alerts.subscriptions([{"to": "mailto:desk@example.org"}])[0]
WITH, WITHOUT = page(LICENCE, TRAINING), page(LICENCE)


class Desk:
    """A document that is watched and a receiver whose messages are kept; `fails` is raised while it is set."""

    def __init__(self, watch, *tables):
        self.watch, self.got, self.fails = watch, [], None
        self.subscribed = alerts.subscriptions(tables or [{"to": "mailto:desk@example.org"}])

    def look(self, *pages):
        for one in pages:
            looked = self.watch.look(one, alerts.recorder(self.subscribed))
            assert looked.error is None

    def send(self, after=timedelta()):
        return alerts.send(self.watch.path, self.subscribed, self.deliver, lambda: self.watch.at + after)

    def deliver(self, message, to):
        if self.fails:
            raise self.fails
        self.got.append(message)


@pytest.fixture
def watch(web, tmp_path, ruleset):  # noqa: F811
    return Watch(web, tmp_path / "a.db", ruleset)


def test_a_change_is_told_once_a_second_check_confirms_it(watch):
    desk = Desk(watch)
    desk.look(WITHOUT, WITH)
    desk.send()
    assert desk.got == []
    desk.look(WITH)
    assert desk.send().sent == 1
    (message,) = desk.got
    assert TRAINING in message.text
    assert TRAINING in message.html
    assert "Tunely" in message.subject
    desk.look(WITH, WITH)
    assert desk.send().sent == 0


@pytest.mark.parametrize(
    ("before", "after"),
    [((f"{LICENCE} {MORE}",), (LICENCE, f"{MORE} {TRAINING}")), ((LICENCE, MORE), (f"{LICENCE} {MORE} {TRAINING}",))],
    ids=["broken up", "grown together"],
)
def test_a_sentence_that_comes_where_paragraphs_break_up_or_grow_together_is_told(watch, before, after):
    desk = Desk(watch)
    desk.look(*[page(*before)] * 2, *[page(*after)] * 2)
    desk.send()
    (message,) = desk.got
    assert TRAINING in message.text


@pytest.mark.parametrize(("wanted", "told"), [([], 1), (["tunely/terms-eu"], 1), (["tunely/terms-of-use"], 1)])
def test_a_regional_copy_is_told_once_and_to_everybody_who_wants_either(watch, web, ruleset, wanted, told):  # noqa: F811
    """Whoever subscribed to the second copy alone hears of it, though the first was told to others."""
    desk = Desk(watch, {"to": "mailto:desk@example.org", **({"documents": wanted} if wanted else {})})
    copy = Watch(web, watch.path, ruleset)
    copy.declaration = replace(copy.declaration, document=Document("tunely/terms-eu", "Tunely", "Terms EU"))
    for one in (WITHOUT, WITH, WITH):
        desk.look(one)
        copy.look(one, alerts.recorder(desk.subscribed))
    desk.send()
    assert len(desk.got) == told


def test_receivers_of_what_is_not_confirmed_are_told_of_a_regional_copy_once(watch, web, ruleset):  # noqa: F811
    desk = Desk(watch, {"to": "mailto:desk@example.org", "confirmed": False})
    copy = Watch(web, watch.path, ruleset)
    copy.declaration = replace(copy.declaration, document=Document("tunely/terms-eu", "Tunely", "Terms EU"))
    for one in (WITHOUT, WITH, WITH):
        desk.look(one)
        desk.send()
        copy.look(one, alerts.recorder(desk.subscribed))
        desk.send()
    assert len(desk.got) == 1


def test_what_the_second_check_does_not_show_is_never_told(watch):
    desk = Desk(watch)
    desk.look(WITHOUT, WITH, WITHOUT, WITHOUT, WITHOUT)
    desk.send()
    assert desk.got == []


def test_a_slip_mended_before_confirmation_does_not_hide_the_change(watch):
    desk = Desk(watch)
    desk.look(WITHOUT, WITH, page(LICENCE, TRAINING.replace("uploads", "uploaded files")))
    desk.look(page(LICENCE, TRAINING.replace("uploads", "uploaded files")))
    desk.send()
    assert "uploaded files" in "".join(one.text for one in desk.got)


def test_whoever_asks_for_it_is_told_at_once_and_corrected_where_it_was_wrong(watch):
    desk = Desk(watch, {"to": "mailto:desk@example.org", "confirmed": False})
    desk.look(WITHOUT, WITH)
    desk.send()
    assert "UNCONFIRMED" in desk.got[0].text
    desk.look(WITHOUT)
    desk.send()
    assert desk.got[1].subject.startswith("[terms] Correction")
    assert desk.got[1].follows == (desk.got[0].name,)
    desk.look(WITHOUT, WITHOUT)
    assert desk.send().sent == 0


def test_a_crash_between_sending_and_marking_sends_the_same_message_again(watch, monkeypatch):
    desk = Desk(watch)
    desk.look(WITHOUT, WITH, WITH)
    with monkeypatch.context() as patch:
        patch.setattr(outbox, "mark", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt) if desk.got else None)
        with pytest.raises(KeyboardInterrupt):
            desk.send()
    desk.send()
    first, second = desk.got
    assert first == second
    assert desk.send().sent == 0


def test_a_crash_while_a_check_is_recorded_loses_neither_check_nor_alert(watch):
    desk = Desk(watch)
    desk.look(WITHOUT)

    def crash(store, looked):
        alerts.recorder(desk.subscribed)(store, looked)
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        watch.look(WITH, crash)
    desk.look(WITH, WITH)
    assert desk.send().sent == 1


def test_what_does_not_arrive_is_tried_again_and_at_last_given_up(watch):
    desk = Desk(watch)
    desk.look(WITHOUT, WITH, WITH)
    desk.fails = Undelivered("The mail server answered 451.")
    waited = timedelta()
    for wait in BACK_OFF:
        assert desk.send(waited).waiting == 1
        assert desk.send(waited).waiting == 0
        waited += wait
    assert desk.send(waited).dead == 1
    with watch.read() as store:
        assert outbox.counts(store) == {"dead": 1}


def test_one_receiver_that_fails_keeps_nothing_from_the_others(watch):
    desk = Desk(watch, {"to": "mailto:a@example.org"}, {"to": "mailto:b@example.org"})
    desk.look(WITHOUT, WITH, WITH)

    def deliver(message, to):
        if to.to.startswith("mailto:a"):
            raise RuntimeError("anything")

    found = alerts.send(watch.path, desk.subscribed, deliver, lambda: watch.at)
    assert (found.sent, found.waiting) == (1, 1)


def test_no_address_stands_in_the_archive(watch):
    desk = Desk(watch, {"to": "https://hooks.example.org/s3cr3t"})
    desk.look(WITHOUT, WITH, WITH)
    desk.send()
    with Store.write(watch.path) as store:
        store.db.execute("pragma wal_checkpoint(truncate)")
    assert b"s3cr3t" not in watch.path.read_bytes()


class Receiver:
    """A webhook on loopback that answers `status` and keeps what came with a right signature."""

    def __init__(self, status=200):
        self.got, self.wrong = [], 0
        receiver = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["Content-Length"]))
                signed = f"{self.headers['webhook-id']}.{self.headers['webhook-timestamp']}.".encode() + body
                digest = base64.b64encode(hmac.digest(KEY, signed, hashlib.sha256)).decode()
                if self.headers["webhook-signature"] == f"v1,{digest}":
                    receiver.got.append((self.headers["webhook-id"], json.loads(body)))
                else:
                    receiver.wrong += 1
                self.send_response(status)
                self.send_header("Location", "/elsewhere")
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()
        self.url = f"http://127.0.0.1:{self.server.server_address[1]}/hook"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()


def channels(**settings):
    environment = {"TRACKER_WEBHOOK_SECRET": SECRET}
    return alerts.Channels(Settings(**settings), environment, lambda: datetime.now(UTC))


def subscription(to):
    return alerts.subscriptions([{"to": to}])[0]


@pytest.fixture
def message(watch):
    desk = Desk(watch)
    desk.look(WITHOUT, WITH, WITH)
    desk.send()
    return desk.got[0]


def test_a_webhook_is_signed_as_the_specification_says(message):
    with Receiver() as receiver:
        channels(allow_loopback=True).deliver(message, subscription(receiver.url))
        assert receiver.wrong == 0
        assert receiver.got[0][0] == message.name
        assert receiver.got[0][1]["data"] == message.data


@pytest.mark.parametrize(("status", "final"), [(410, False), (302, False), (500, False)])
def test_a_webhook_that_refuses_is_said(message, status, final):
    with Receiver(status) as receiver:
        with pytest.raises(Undelivered) as caught:
            channels(allow_loopback=True).deliver(message, subscription(receiver.url))
        assert caught.value.final is final
        assert caught.value.gone is (status == 410)
        assert len(receiver.got) == 1


def test_a_webhook_at_a_private_address_is_not_dialled(message):
    with Receiver() as receiver, pytest.raises(Undelivered, match="not a public one"):
        channels().deliver(message, subscription(receiver.url))
    assert receiver.got == []


def test_mail_says_the_same_as_text_and_html_over_a_real_server(message):
    got = []

    class Handler:
        async def handle_RCPT(self, server, session, envelope, address, options):
            if address.startswith("nobody"):
                return "550 no such mailbox"
            envelope.rcpt_tos.append(address)
            return "250 OK"

        async def handle_DATA(self, server, session, envelope):
            got.append(envelope.content)
            return "250 OK"

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    server = Controller(Handler(), hostname="127.0.0.1", port=port)
    server.start()
    try:
        sending = channels(smtp=f"smtp://127.0.0.1:{port}", mail_from="terms@example.org")
        sending.deliver(message, subscription("mailto:desk@example.org"))
        with pytest.raises(Undelivered, match="refused the receiver") as caught:
            sending.deliver(message, subscription("mailto:nobody@example.org"))
    finally:
        server.stop()
    assert caught.value.final
    mail = message_from_bytes(got[0], policy=policy.default)
    assert mail["Message-ID"] == f"<{message.name}@example.org>"
    for kind in ("plain", "html"):
        assert TRAINING in mail.get_body((kind,)).get_content()


def test_nothing_in_a_title_makes_a_header_or_turns_a_subject_round(watch):
    desk = Desk(watch)
    desk.look(WITHOUT, WITH, WITH)
    with watch.read() as store:
        (one,) = outbox.due(store, watch.at)
    one.alert.facts["title"] = "Tune\r\nBcc: all@example.org\u202e🎵 شروط"
    found = compose("n", [one], ANYONE)
    mail = email(found, "terms@example.org", "desk@example.org", watch.at)
    assert mail["Bcc"] is None
    assert "🎵 شروط" in message_from_bytes(bytes(mail), policy=policy.default)["Subject"]
    assert "\u202e" not in found.subject


def test_many_alerts_are_one_message_that_says_how_many_more_there_are(watch):
    desk = Desk(watch)
    desk.look(WITHOUT, WITH, WITH)
    with watch.read() as store:
        (one,) = outbox.due(store, watch.at)
    assert "and 14 more" in compose("n", [one] * 24, ANYONE).text


@pytest.mark.parametrize(
    ("table", "field"),
    [
        ({"too": "x"}, "too"),
        ({"to": "desk"}, "to"),
        ({"to": "mailto:desk"}, "to"),
        ({"to": "mailto:a@b.org", "topics": ["traning"]}, "training"),
        ({"to": "mailto:a@b.org", "platforms": "x"}, "platforms"),
        ({"to": "mailto:a@b.org", "every": "hourly"}, "every"),
        ({"to": "mailto:a@b.org", "time_zone": "Mars/Base"}, "time_zone"),
        ({"to": "mailto:a@b.org", "quiet": [3]}, "quiet"),
        ("x", "alert"),
    ],
)
def test_a_wrong_subscription_is_said_with_its_field(table, field):
    with pytest.raises(SettingsError) as caught:
        alerts.subscriptions([table])
    assert field in str(caught.value)


@pytest.mark.parametrize(
    ("fields", "at", "due"),
    [
        ({}, "2024-02-12T03:00", "2024-02-12T03:00"),
        ({"quiet": [22, 7]}, "2024-02-12T23:00", "2024-02-13T07:00"),
        ({"every": "daily", "hour": 8}, "2024-02-12T09:00", "2024-02-13T08:00"),
        ({"every": "weekly", "hour": 8, "time_zone": "Europe/Berlin"}, "2024-02-12T09:00", "2024-02-19T07:00"),
    ],
)
def test_when_news_is_sent(fields, at, due):
    moments = [datetime.fromisoformat(one).replace(tzinfo=UTC) for one in (at, due)]
    assert alerts.subscriptions([{"to": "mailto:a@b.org"} | fields])[0].due(moments[0]) == moments[1]


def test_a_receiver_of_a_platform_that_nobody_watches_is_told_of_its_slip(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "tracker.toml").write_text('[[alert]]\nto = "mailto:desk@example.org"\nplatforms = ["soundclod"]\n')
    with pytest.raises(SystemExit):
        main(["alerts", "list"])
    said = capsys.readouterr()
    assert "soundclod is not watched" in said.err
    assert "did you mean soundcloud?" in said.err


def test_alerts_that_were_given_up_are_seen_in_the_status(watch, monkeypatch, tmp_path, capsys):
    desk = Desk(watch)
    desk.look(WITHOUT, WITH, WITH)
    desk.fails = Undelivered("The mailbox does not exist.", final=True)
    desk.send()
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("TRACKER_ARCHIVE", str(watch.path))
    with pytest.raises(SystemExit):
        main(["status"])
    assert "1 alerts could not be delivered" in capsys.readouterr().out
