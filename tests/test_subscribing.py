"""Who is told of what: written, read, listed, tried; secrets stay secrets."""

import os
import tomllib
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_alerts import SECRET, WITH, WITHOUT, Desk, Receiver, watch  # noqa: F401 - the fixture
from test_pipeline import LICENCE, TRAINING, page, ruleset  # noqa: F401 - the fixture

from tracker import alerts, secrets
from tracker.alerts import subscribing
from tracker.cli import main
from tracker.errors import SettingsError
from tracker.store import Store


@pytest.fixture
def here(tmp_path, monkeypatch):
    """An empty working directory, with an archive beside it."""
    folder = tmp_path / "here"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("TRACKER_ARCHIVE", str(tmp_path / "a.db"))
    return folder


def run(capsys, *arguments):
    """A command's code, output and complaints."""
    with pytest.raises(SystemExit) as end:
        main(arguments)
    said = capsys.readouterr()
    return int(end.value.code or 0), said.out, said.err


@pytest.mark.parametrize(
    "before",
    ["", "# mine\n", 'contact = "x"   # keep', '[[alert]]\nto = "mailto:a@b.org" # d\n\n\n# end\n'],
)
def test_a_subscription_is_written_beside_what_stands_there(here, capsys, before):
    (here / "tracker.toml").write_text(before, "utf-8")
    code, out, _ = run(capsys, "alerts", "add", "desk@b.org", "--topic", "training", "--quiet", "22-7")
    written = (here / "tracker.toml").read_text("utf-8")
    assert code == 0
    assert "desk@b.org: training" in out
    assert written.startswith(before.rstrip())
    assert tomllib.loads(written)["alert"][-1] == {
        "to": "mailto:desk@b.org",
        "topics": ["training"],
        "quiet": [22, 7],
    }


def test_a_digest_may_come_at_midnight(here, capsys):
    code, _, _ = run(capsys, "alerts", "add", "desk@b.org", "--every", "daily", "--hour", "0")
    assert code == 0
    assert tomllib.loads((here / "tracker.toml").read_text("utf-8"))["alert"][-1]["hour"] == 0


@pytest.mark.parametrize(
    ("before", "arguments", "says"),
    [
        ("", ["desk@b.org", "--topic", "traning"], "Did you mean `training`"),
        ("", ["desk"], "whole address"),
        ("", ["desk@b.org", "--language", "it"], "language"),
        ("", ["desk@b.org", "--most", "1000"], "`most`"),
        ("", ["desk@b.org", "--most", "0"], "`most`"),
        ("", ["$low"], "names no secret"),
        ('[[alert]]\nto = "mailto:desk@b.org"\n', ["desk@b.org"], "there already"),
        ('alert = [{to = "mailto:a@b.org"}]\n', ["desk@b.org"], "[[alert]] on a line of its own"),
        ("contact = ", ["desk@b.org"], "cannot be read"),
    ],
)
def test_what_cannot_be_added_is_said_and_changes_nothing(here, capsys, before, arguments, says):
    (here / "tracker.toml").write_text(before, "utf-8")
    code, _, err = run(capsys, "alerts", "add", *arguments)
    assert code == 1
    assert says in err
    assert (here / "tracker.toml").read_text("utf-8") == before


THREE = """contact = "x"  # keep

# the desk
[[alert]]
to = "mailto:a@b.org"  # d
quiet = [
  22, 7,
]

# the night desk
[[alert]]
to = "mailto:a@b.org"
topics = ["training"]
# end
[[ alert ]]
to = "https://c.org/hook"
"""


@pytest.mark.parametrize(
    ("name", "left", "gone"),
    [
        ("1", ["mailto:a@b.org", "https://c.org/hook"], ["22, 7"]),
        ("a@b.org", ["https://c.org/hook"], ["22, 7", "training"]),
        ("3", ["mailto:a@b.org", "mailto:a@b.org"], ["c.org"]),
    ],
)
def test_a_receiver_is_removed_and_all_else_stays(here, capsys, name, left, gone):
    (here / "tracker.toml").write_text(THREE, "utf-8")
    code, out, _ = run(capsys, "alerts", "remove", name)
    written = (here / "tracker.toml").read_text("utf-8")
    assert code == 0
    assert out.count("Told no more") == len(gone)
    assert [table["to"] for table in tomllib.loads(written)["alert"]] == left
    assert all(comment in written for comment in ("# keep", "# the desk", "# the night desk", "# end"))
    assert not any(words in written for words in gone)


def test_the_last_receiver_leaves_a_file_without_receivers(here, capsys):
    run(capsys, "alerts", "add", "desk@b.org")
    assert run(capsys, "alerts", "remove", "desk@b.org")[0] == 0
    assert "Nobody is told yet" in run(capsys, "alerts", "list")[1]


@pytest.mark.parametrize(
    ("before", "name", "says"),
    [
        ('alert = [{to = "mailto:a@b.org"}]\n', "1", "editor"),
        ('[[alert]]\nto = "mailto:a@b.org"\ntopics = [\n"training",\n]\n[odd]\n', "1", "odd"),
        ('[[alert]]\nto = "mailto:a@b.org"\n', "c@d.org", "alerts list"),
        ("", "1", "alerts add"),
        ("contact = ", "1", "cannot be read"),
    ],
)
def test_what_cannot_be_removed_is_said_and_changes_nothing(here, capsys, before, name, says):
    (here / "tracker.toml").write_text(before, "utf-8")
    code, _, err = run(capsys, "alerts", "remove", name)
    assert code == 1
    assert says in err
    assert (here / "tracker.toml").read_text("utf-8") == before


def test_an_address_with_a_secret_makes_the_file_the_owners_alone(here, capsys):
    run(capsys, "alerts", "add", "slack://a/b/c")
    assert (here / "tracker.toml").stat().st_mode & 0o777 == 0o600
    (here / "tracker.toml").chmod(0o644)
    code, out, err = run(capsys, "alerts", "list")
    assert code == 1
    assert "chmod 600" in err
    assert "a/b/c" not in out + err


@pytest.mark.parametrize(
    ("mode", "text", "says"),
    [
        (0o644, 'NAME = "x"', "chmod 600"),
        (0o640, 'NAME = "x"', "chmod 600"),
        (0o600, "NAME = s3cr3t", "no TOML"),
        (0o600, "NAME = 3", "texts in quotes"),
        (0o600, 'name = "s3cr3t"', "in capitals"),
    ],
)
def test_a_file_of_secrets_that_is_not_one_is_refused_without_saying_them(tmp_path, mode, text, says):
    path = tmp_path / secrets.FILE
    path.write_text(text, "utf-8")
    path.chmod(mode)
    with pytest.raises(SettingsError) as caught:
        secrets.load(tmp_path, {})
    assert says in str(caught.value)
    assert "s3cr3t" not in str(caught.value)


def test_secrets_come_from_the_environment_before_the_file(tmp_path):
    path = tmp_path / secrets.FILE
    path.write_text('ONE = "file"\nTWO = "file"\n', "utf-8")
    path.chmod(0o600)
    assert secrets.load(tmp_path, {"ONE": "environment"}) == {"ONE": "environment", "TWO": "file"}


def test_a_password_in_the_address_of_the_mail_server_is_refused_and_not_said(here, capsys):
    (here / "tracker.toml").write_text('smtp = "smtps://me:s3cr3t@mail.example.org"\n', "utf-8")
    code, _, err = run(capsys, "alerts", "list")
    assert code == 1
    assert "TRACKER_SMTP_PASSWORD" in err
    assert "s3cr3t" not in err


def test_a_test_shows_a_real_past_change_and_says_what_each_channel_did(here, capsys, watch, monkeypatch):  # noqa: F811
    Desk(watch).look(WITHOUT, WITH, WITH)
    monkeypatch.setenv("TRACKER_ALLOW_LOOPBACK", "1")
    monkeypatch.setenv("TRACKER_WEBHOOK_SECRET", SECRET)
    with Receiver() as works, Receiver(500) as broken:
        monkeypatch.setenv("HOOK", works.url)
        written = f'[[alert]]\nto = "$HOOK"\n\n[[alert]]\nto = "{broken.url}"\n\n[[alert]]\nto = "$NOWHERE"\n'
        (here / "tracker.toml").write_text(written, "utf-8")
        code, out, err = run(capsys, "alerts", "test")
    assert code == 1
    assert "$HOOK: sent. [terms] Test: Tunely" in out
    assert "answered 500" in err
    assert "$NOWHERE is set neither" in err
    ((_, body),) = works.got
    assert body["type"] == "terms.test"
    assert body["data"]["alerts"][0]["after"] == TRAINING
    with Store.read(watch.path) as store:
        assert store.row("select count(*) as n from delivery where state = 'sent'")["n"] == 0


def test_a_test_without_any_change_on_ai_says_so(here, capsys, watch, monkeypatch):  # noqa: F811
    Desk(watch).look(WITHOUT)
    monkeypatch.setenv("TRACKER_ALLOW_LOOPBACK", "1")
    monkeypatch.setenv("TRACKER_WEBHOOK_SECRET", SECRET)
    with Receiver() as receiver:
        (here / "tracker.toml").write_text(f'[[alert]]\nto = "{receiver.url}"\n', "utf-8")
        code, _, err = run(capsys, "alerts", "test")
    assert code == 0
    assert "no change on AI to show" in err
    ((_, body),) = receiver.got
    assert [one["cause"] for one in body["data"]["alerts"]] == ["test"]


def test_an_unknown_receiver_is_said(here, capsys):
    code, _, err = run(capsys, "alerts", "test", "nobody@b.org")
    assert code == 1
    assert "tracker alerts add" in err


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        ({"stances": ["permits"]}, True),
        ({"stances": ["prohibits"]}, False),
        ({"kinds": ["added"]}, True),
        ({"kinds": ["removed"]}, False),
        ({"silent": True}, True),
        ({"promises": True}, False),
        ({"operator": True}, False),
    ],
)
def test_only_what_was_asked_for_is_told(watch, wanted, told):  # noqa: F811
    desk = Desk(watch, {"to": "mailto:desk@example.org"} | wanted)
    desk.look(WITHOUT, WITH, WITH)
    desk.send()
    assert bool(desk.got) is told


def test_a_promise_that_goes_is_told_to_whoever_asked_for_promises(watch):  # noqa: F811
    desk = Desk(watch, {"to": "mailto:desk@example.org", "promises": True})
    promise = "We will never use your uploads to train artificial intelligence models."
    desk.look(page(LICENCE, promise), WITHOUT, WITHOUT)
    desk.send()
    (message,) = desk.got
    assert promise in message.text


def test_whoever_joins_while_the_watch_runs_is_told_and_a_broken_file_tells_those_of_before(here):
    current = subscribing.Followed(here)
    assert current() == ()
    subscribing.add({"to": "mailto:desk@b.org"}, here)
    assert [one.shown for one in current()] == ["desk@b.org"]
    (here / "tracker.toml").write_text("[[alert]]\nto = 3\n", "utf-8")
    assert [one.shown for one in current()] == ["desk@b.org"]
    (here / "tracker.toml").unlink()
    assert current() == ()


def test_no_secret_stands_in_the_archive_or_in_what_is_said(here, capsys, watch, monkeypatch):  # noqa: F811
    """Address, password and key of webhooks: after alerts that failed they are in no file but the one of secrets."""
    secret = here / secrets.FILE
    secret.write_text(
        f'HOOK = "http://127.0.0.1:9/s3cr3t-address"\nTRACKER_WEBHOOK_SECRET = "{SECRET}"\n'
        'TRACKER_SMTP_PASSWORD = "s3cr3t-password"\n',
        "utf-8",
    )
    secret.chmod(0o600)
    tables = '[[alert]]\nto = "$HOOK"\n\n[[alert]]\nto = "mailto:desk@b.org"\n'
    (here / "tracker.toml").write_text(f'smtp = "smtp://me@127.0.0.1:9"\nmail_from = "t@b.org"\n\n{tables}', "utf-8")
    desk = Desk(watch)
    desk.subscribed = subscribing.subscribed(here)
    desk.look(WITHOUT, WITH, WITH)
    said = [run(capsys, "alerts", command) for command in ("send", "list", "test", "send")]
    words = "".join(out + err for _, out, err in said)
    for one in (b"s3cr3t-address", b"s3cr3t-password", SECRET.encode()):
        assert one.decode() not in words
        for path in watch.path.parent.rglob("*"):
            if path.is_file() and path != secret:
                assert one not in path.read_bytes(), path
    assert "could not be reached" in words or "not a public one" in words


def test_a_receiver_is_shown_without_what_may_be_secret():
    shown = [alerts.subscriptions([{"to": to}])[0].shown for to in ("https://h.org/x?k=1", "slack://a/b/c", "$DESK")]
    assert shown[0].startswith("https h.org ")
    assert "x?k" not in shown[0]
    assert "a/b" not in shown[1]
    assert shown[2] == "$DESK"
    assert os.sep not in shown[0]


HOURS = st.integers(0, 23)
ZONES = st.sampled_from(["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Australia/Lord_Howe"])
MOMENTS = st.datetimes(datetime(2024, 1, 1), datetime(2026, 12, 31), timezones=st.just(UTC))


@given(MOMENTS, ZONES, st.tuples(HOURS, HOURS).map(list).filter(lambda quiet: (quiet[0] - quiet[1]) % 24 >= 4))
def test_what_comes_in_quiet_hours_is_sent_as_soon_as_they_are_over(at, zone, quiet):
    """Through every change of the clocks: never before it is known, never in those hours, never a day late."""
    one = alerts.subscriptions([{"to": "mailto:a@b.org", "time_zone": zone, "quiet": quiet}])[0]
    due = one.due(at)
    begin, end = quiet
    hour = due.astimezone(ZoneInfo(zone)).hour
    assert at <= due <= at + timedelta(hours=25)
    assert not (begin <= hour < end if begin < end else hour >= begin or hour < end)


@given(MOMENTS, ZONES, HOURS, st.sampled_from(["daily", "weekly"]))
def test_a_digest_comes_at_its_hour_within_a_day_or_a_week(at, zone, hour, every):
    one = alerts.subscriptions([{"to": "mailto:a@b.org", "time_zone": zone, "hour": hour, "every": every}])[0]
    due = one.due(at)
    local = due.astimezone(ZoneInfo(zone))
    assert at <= due <= at + timedelta(days=1 if every == "daily" else 7, hours=1)
    assert every == "daily" or local.weekday() == 0
    assert local.hour == hour or local.utcoffset() != (local - timedelta(hours=3)).utcoffset()
