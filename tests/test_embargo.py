"""An embargo: the public is shown the archive as it stood some hours ago, in every form; private alerts do not wait."""

import shutil
from datetime import UTC, datetime, timedelta

import histories
import pytest
from histories import LICENCE, PROMISE, TRAINING, page
from test_alerts import SECRET, Receiver
from test_server import serving
from test_subscribing import here, run  # noqa: F401 - the fixture

from tracker import alerts, server, settings, site
from tracker.alerts.telling import Site
from tracker.cli import chores
from tracker.cli.workplace import Workplace
from tracker.datasets import ota, package, warc
from tracker.errors import FetchError
from tracker.model import moment, stamp
from tracker.store import Store
from tracker.store.embargo import OPEN, SHOWN

HIDDEN = "Zanzibar clauses let us train artificial intelligence models on everything that you ever upload here."
QUIET = lambda *_: None  # noqa: E731 - progress that nobody looks at
RETURNED = "The word of a stranger is worth an ounce of pepper to the keeper of these terms."


@pytest.fixture(scope="module")
def archives(tmp_path_factory):
    """An archive as it was at a moment, and the same one after much more was seen; and the moment."""
    folder = tmp_path_factory.mktemp("embargo")
    archive = histories.Archive(folder / "later.db")
    archive.look(page(LICENCE, RETURNED))
    archive.look(page(LICENCE), platform="Still")
    archive.look(page(LICENCE, TRAINING))
    archive.look(page(LICENCE, TRAINING))
    archive.look(page(LICENCE, TRAINING), platform="Still")
    shutil.copy(archive.path, folder / "then.db")
    until = archive.at
    archive.look(page(LICENCE, HIDDEN), headers=(("X-Hidden", "Zanzibar"),))
    archive.look(page(LICENCE, RETURNED, PROMISE, stated="2 May 2024"))
    archive.look(FetchError("Zanzibar turned it away.", "https://tunely.example/terms", "Wait."), platform="Still")
    archive.look(page(LICENCE), platform="Still")
    archive.look(page(LICENCE, HIDDEN), platform="Zanzibar")
    return folder / "then.db", archive.path, until


def files(folder):
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file() and path.name != ".tracker-site.json"
    }


def test_every_table_is_held_back_or_holds_nothing_that_was_seen(archives):
    with Store.read(archives[1]) as store:
        rows = store.rows("select name from main.sqlite_master where type = 'table'")
    tables = {row["name"] for row in rows if not row["name"].startswith(("clause_index", "sqlite_", "_sqlite"))}
    assert tables == SHOWN.keys() | set(OPEN)


def test_the_site_under_embargo_is_the_one_that_could_have_been_built_then(archives, tmp_path):
    """Page by page, feed by feed, table by table, card by card, byte by byte."""
    then, later, until = archives
    for name, path, moment_ in (("then", then, None), ("embargoed", later, until)):
        with Store.read(path, moment_) as store:
            site.build(store, tmp_path / name, histories.ruleset(), base_url="https://t.example", raw=True)
    was, now = files(tmp_path / "then"), files(tmp_path / "embargoed")
    assert was.keys() == now.keys()
    assert {name for name in was if was[name] != now[name]} == set()
    assert any(name.endswith("card.png") for name in now)
    marker = (tmp_path / "embargoed" / ".tracker-site.json").read_bytes()
    assert not any(b"zanzibar" in body.lower() for body in (*now.values(), marker))


def test_pages_that_were_public_before_there_was_an_embargo_go_without_a_word(archives, tmp_path):
    """A notice that a page is gone would say that it was an error of ours."""
    _, later, until = archives
    with Store.read(later) as store:
        site.build(store, tmp_path / "site", histories.ruleset())
        hidden = [row["slug"] for row in store.rows("select slug from change where at > ?", stamp(until))]
    with Store.read(later, until) as store:
        site.build(store, tmp_path / "site", histories.ruleset())
        site.build(store, tmp_path / "new", histories.ruleset())
    assert files(tmp_path / "site") == files(tmp_path / "new")
    assert not any((tmp_path / "site" / "change" / slug).exists() for slug in hidden)


@pytest.mark.parametrize(
    "export",
    [
        lambda store, out: package.write(store, "csv", [one.id for one in store.documents()], None, out, QUIET),
        lambda store, out: package.write(store, "jsonl", [one.id for one in store.documents()], None, out, QUIET),
        lambda store, out: ota.write(store, store.documents(), out, QUIET),
    ],
    ids=["csv", "jsonl", "ota"],
)
def test_a_dataset_under_embargo_is_the_one_of_then(archives, tmp_path, export):
    then, later, until = archives
    for name, path, moment_ in (("then", then, None), ("embargoed", later, until)):
        with Store.read(path, moment_) as store:
            export(store, tmp_path / name)
    was, now = files(tmp_path / "then"), files(tmp_path / "embargoed")
    assert was.keys() == now.keys()
    assert not any(b"Zanzibar" in body for body in now.values())
    differ = {name for name in was if was[name] != now[name]}  # a commit's own name tells all that it rests on
    assert {name for name in differ if not name.startswith((".git/logs/", ".git/index"))} <= {"datapackage.json"}


def test_captures_under_embargo_are_not_exported(archives, tmp_path):
    then, later, until = archives
    with Store.read(then) as store:
        count = warc.write(store, store.documents(), tmp_path / "then.warc", QUIET)
    with Store.read(later, until) as store:
        assert warc.write(store, store.documents(), tmp_path / "embargoed.warc", QUIET) == count
    assert b"Zanzibar" not in (tmp_path / "embargoed.warc").read_bytes()


def test_the_live_site_tells_nothing_of_what_is_held_back(archives, tmp_path):
    _, later, until = archives
    embargo = datetime.now(UTC) - until - timedelta(hours=1)
    with Store.read(later) as store:
        hidden = store.rows("select slug, after_id from change where at > ?", stamp(until))
        seen = store.rows("select slug from change where at <= ?", stamp(until))
        raw = store.row("select b.sha256 from blob b join capture c on c.blob_id = b.id where c.at > ?", stamp(until))
        lineage = store.rows("select name from lineage where id not in (select id from lineage where id < 0)")
    assert hidden
    assert seen
    with serving(later, embargo) as client:
        for change in seen:
            assert client.get(f"/change/{change['slug']}/").status_code == 200
        asked = [f"/change/{change['slug']}/{name}" for change in hidden for name in ("", "index.json", "card.png")]
        asked += [f"/version/{change['slug']}/" for change in hidden]
        asked += [f"/raw/{raw['sha256'].hex()}", f"/raw/{raw['sha256'].hex()}.txt", "/platform/zanzibar/"]
        for address in asked:
            assert client.get(address).status_code == 404, address
        for address in (
            *("/", "/index.json", "/changes/", "/coverage/", "/stance/", "/data/changes.csv", "/data/documents.csv"),
            *("/feeds/all/atom.xml", "/feeds/all/feed.json", "/search/?q=Zanzibar&all=1", "/search/?q=pepper"),
            *("/compare/?document=tunely/terms-of-use", "/compare/", "/document/tunely/terms-of-use/"),
            *(f"/clause/tunely/terms-of-use/{one['name']}/" for one in lineage),
        ):
            body = client.get(address).text.replace('value="Zanzibar"', "").replace("“Zanzibar”", "")
            assert "Zanzibar clauses" not in body, address
            assert PROMISE not in body, address
            assert "zanzibar/" not in body, address
    with serving(later, timedelta()) as client:
        assert client.get(asked[0]).status_code == 200


def test_what_is_held_back_becomes_public_by_time_alone(archives, monkeypatch):
    _, later, until = archives
    with Store.read(later) as store:
        (first, *_) = store.rows("select slug, at from change where at > ? order by at", stamp(until))
    moved = moment(first["at"])

    class Clock(datetime):
        @classmethod
        def now(cls, zone=None):
            return moved + timedelta(hours=48, minutes=Clock.minutes)

    Clock.minutes = -2
    monkeypatch.setattr(server, "datetime", Clock)
    with serving(later, timedelta(hours=48)) as client:
        assert client.get(f"/change/{first['slug']}/").status_code == 404
        assert first["slug"] not in client.get("/changes/").text
        Clock.minutes = 2
        assert client.get(f"/change/{first['slug']}/").status_code == 200
        assert first["slug"] in client.get("/changes/").text


def test_commands_hold_back_what_the_settings_say(archives, here, capsys, monkeypatch):  # noqa: F811
    _, later, until = archives
    monkeypatch.setenv("TRACKER_ARCHIVE", str(later))
    hours = (datetime.now(UTC) - until - timedelta(hours=1)).total_seconds() / 3600
    (here / "tracker.toml").write_text(f"publish_after = {hours}\n", "utf-8")
    for command in (["build", "--out", "site"], ["export", "csv", "--out", "csv"]):
        assert run(capsys, *command)[0] == 0
        assert not any(b"Zanzibar" in body for body in files(here / command[-1]).values())
    for command in (["build", "--embargoed", "--out", "all"], ["export", "csv", "--embargoed", "--out", "csv-all"]):
        assert run(capsys, *command)[0] == 0
        assert any(b"Zanzibar" in body for body in files(here / command[-1]).values())
    assert "zanzibar" in run(capsys, "changes", "--json")[1] + run(capsys, "status")[1]


def test_a_private_alert_is_not_held_back_and_says_when_the_page_is_public(archives, here, capsys, monkeypatch):  # noqa: F811
    monkeypatch.setenv("TRACKER_ARCHIVE", str(archives[1]))
    monkeypatch.setenv("TRACKER_ALLOW_LOOPBACK", "1")
    monkeypatch.setenv("TRACKER_WEBHOOK_SECRET", SECRET)
    with Receiver() as receiver:
        written = f'publish_after = 48\nsite_url = "https://t.example/"\n\n[[alert]]\nto = "{receiver.url}"\n'
        (here / "tracker.toml").write_text(written, "utf-8")
        assert run(capsys, "alerts", "test")[0] == 0
    ((_, body),) = receiver.got
    facts = body["data"]["alerts"][0]
    public = moment(facts["window"][1]) + timedelta(hours=48)
    from tracker.alerts import telling
    from tracker.store.outbox import Alert, Delivery

    alert = Alert(0, facts["document"], "", "added: training permits", True, 0, "confirmed", public, facts)
    to = alerts.subscriptions([{"to": "mailto:a@b.org"}])[0]
    told = telling.tell(Delivery(0, alert, "", "news", 0, "", ()), to, Site("https://t.example/", timedelta(hours=48)))
    (place,) = [part.text for part in told.parts if part.label == "Read"]
    assert f"public from {public:%Y-%m-%d %H:%M} UTC" in place
    assert place.startswith("tracker show")


@pytest.mark.parametrize("hours", [0, 24 * 365 * 99])
def test_the_watch_keeps_a_site_built_as_far_as_it_is_public(archives, here, hours):  # noqa: F811
    (here / "tracker.toml").write_text(f"publish_after = {hours}\n", "utf-8")
    place, options = Workplace(archives[1], None), settings.load()
    due = dict(chores.after_checks(place, histories.ruleset(), options, here / "site", False))
    due |= chores.always(place, histories.ruleset(), options, here / "site")
    assert "files written" in due["site"][1]()
    assert (here / "site" / "platform" / "zanzibar").exists() is (hours == 0)
