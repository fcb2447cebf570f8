"""The watch over real HTTP and a clock of its own; and `tracker run` as a process that is stopped and killed."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.request
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import loopback
import pytest
from histories import LICENCE, TRAINING, page, ruleset

from tracker import declarations, overview
from tracker.cli.workplace import Workplace
from tracker.declarations import Catalogue, Shard
from tracker.errors import Busy
from tracker.fetch import Fetcher
from tracker.model import Declaration, Document, Outcome, Source, Turn
from tracker.settings import Settings
from tracker.store import Store, turns
from tracker.watch import Watch, heart
from tracker.watch.due import Pace
from tracker.watch.heart import Heart

START = datetime(2026, 3, 1, 6, tzinfo=UTC)
HOUR = timedelta(hours=1)


class Desk:
    """A watch over pages of a loopback server, tick by tick, on a clock that tests set."""

    def __init__(self, web, path) -> None:
        self.web, self.path, self.at = web, path, START
        self.declared: dict[str, Declaration] = {}
        self.events = []
        self.recorded = lambda store, looked: None

    def declare(self, name: str, served, host: str = "127.0.0.1", every=None) -> None:
        self.web.pages[f"/{name}"] = served
        document = Document(f"{name}/terms-of-use", name.title(), "Terms of Use")
        url = f"{self.web.base.replace('127.0.0.1', host)}/{name}"
        self.declared[document.id] = Declaration(document, (Source(url),), every=every)

    def run(self, *hours: float, fresh: bool = True) -> list[str]:
        """Ticks at these hours from the start until nothing is due; the documents that were looked at, in order."""
        looked: list[str] = []

        def recorded(store, one):
            looked.append(one.document.id.partition("/")[0])
            self.recorded(store, one)

        async def go():
            settings = Settings(allow_loopback=True, timeout=2, delay=0)
            async with Fetcher(settings, lambda: self.at) as fetcher:
                watch = Watch(
                    self.path,
                    ruleset(),
                    fetcher,
                    pace=Pace(),
                    parallel=4,
                    now=lambda: self.at,
                    say=self.events.append,
                    record=recorded,
                )
                watch.begin(self.declared)
                for hour in hours:
                    self.at = START + hour * HOUR
                    while watch.tick():
                        await watch.settled()
                await watch.end(1)

        asyncio.run(go())
        return looked

    def turn(self, name: str):
        with Store.read(self.path) as store:
            return turns.turn(store, f"{name}/terms-of-use")

    def checks(self, name: str):
        with Store.read(self.path) as store:
            return store.checks(f"{name}/terms-of-use")


@pytest.fixture
def desk(web, tmp_path):
    return Desk(web, tmp_path / "tracker.db")


def test_everything_declared_is_looked_at_once_and_then_when_it_is_due(desk):
    desk.declare("one", page(LICENCE))
    desk.declare("two", page(LICENCE), every=1)
    assert sorted(desk.run(0, 0.5)) == ["one", "two"]
    assert desk.run(1.2) == ["two"]
    assert sorted(desk.run(30)) == ["one", "two"]


def test_a_restart_forgets_nothing_and_looks_at_nothing_twice(desk):
    desk.declare("one", page(LICENCE))
    assert desk.run(0) == ["one"]
    due = desk.turn("one").due_at
    assert desk.run(0.1) == []
    assert desk.turn("one").due_at == due


def test_a_manual_archive_is_taken_up_where_it_stands(desk):
    desk.declare("one", page(LICENCE))
    desk.run(0)
    with Store.write(desk.path) as store, store.transaction():
        turns.drop(store, ["one/terms-of-use"])
    assert desk.run(0.1) == []
    assert desk.turn("one").due_at > START + 5 * HOUR


def test_a_find_on_ai_is_confirmed_within_the_hour(desk):
    desk.declare("one", page(LICENCE), every=6)
    desk.run(0)
    desk.web.pages["/one"] = page(LICENCE, TRAINING)
    assert desk.run(7) == ["one"]
    assert desk.turn("one").confirms
    assert [event.name for event in desk.events if event.document][-2:] == ["checked", "ai-change"]
    assert desk.run(7.5) == ["one"]
    assert not desk.turn("one").confirms


def test_one_failing_document_stops_no_other_and_waits_longer_each_time(desk):
    desk.declare("bad", loopback.status(503))
    desk.declare("good", page(LICENCE))
    assert sorted(desk.run(0)) == ["bad", "good"]
    assert desk.run(0.2) == []
    assert desk.run(0.3) == ["bad"]
    assert desk.turn("bad").failures == 2
    assert desk.turn("good").failures == 0


def test_a_site_that_says_when_is_asked_no_sooner(desk):
    desk.declare("busy", loopback.status(429, Retry_After="7200"))
    desk.run(0)
    assert desk.turn("busy").due_at >= START + 2 * HOUR
    assert "left alone until" in desk.turn("busy").note


def test_failures_everywhere_at_once_are_not_held_against_the_documents(desk):
    for n in range(6):
        desk.declare(f"s{n}", loopback.reset, host=f"127.0.0.{n + 2}")
    desk.run(0)
    assert all(desk.turn(f"s{n}").failures <= 1 for n in range(6))
    assert any("This machine" in desk.turn(f"s{n}").note for n in range(6))


def test_what_could_not_be_recorded_is_tried_again(desk):
    desk.declare("one", page(LICENCE))

    def broken(store, looked):
        raise Busy("The archive is held.", "here", "Wait.")

    desk.recorded = broken
    assert desk.run(0) == ["one"]
    assert desk.checks("one") == []
    desk.recorded = lambda store, looked: None
    assert desk.run(0.2) == ["one"]
    assert [check.outcome for check in desk.checks("one")] == [Outcome.CAPTURED]


def test_a_clock_that_was_ahead_and_is_put_right_stops_nothing(desk):
    desk.declare("one", page(LICENCE), every=6)
    desk.run(0)
    assert desk.run(365 * 24) == ["one"]
    assert desk.run(1) == ["one"]
    assert desk.run(1.1) == []
    assert START + 6 * HOUR < desk.turn("one").due_at < START + 8 * HOUR


def test_a_clock_that_is_put_back_while_it_watches_stops_nothing(desk):
    desk.declare("one", page(LICENCE), every=6)
    assert desk.run(0, 365 * 24, 1, 8, 40) == ["one"] * 5


def test_a_clock_that_was_some_days_ahead_keeps_no_document_waiting(desk):
    desk.declare("one", page(LICENCE), every=6)
    desk.declare("two", page(LICENCE), host="localhost", every=6)
    desk.run(0)
    desk.run(5 * 24)
    assert sorted(desk.run(1)) == ["one", "two"]
    assert desk.run(2) == []
    assert START + 6 * HOUR < desk.turn("one").due_at < START + 8 * HOUR


def test_a_check_that_must_be_dated_after_one_of_the_future_says_so(desk):
    desk.declare("one", page(LICENCE), every=6)
    desk.run(5 * 24)
    desk.run(1)
    late, early = desk.checks("one")
    assert late.at - early.at == timedelta(seconds=1)
    assert "made at 2026-03-01T07:00:00Z" in late.message
    assert "clock" in late.message
    assert early.message == ""


def test_after_a_sleep_every_document_is_looked_at_once(desk):
    for n in range(6):
        desk.declare(f"s{n}", page(LICENCE), every=1)
    desk.run(0)
    assert len(desk.run(100)) == 6


def test_a_document_that_is_declared_no_longer_leaves_the_schedule(desk):
    desk.declare("one", page(LICENCE))
    desk.declare("two", page(LICENCE))
    desk.run(0)
    del desk.declared["two/terms-of-use"]
    desk.run(0.1)
    assert desk.turn("two") is None
    assert len(desk.checks("two")) == 1


def test_one_host_is_asked_one_thing_at_a_time(desk, web):
    for n in range(4):
        desk.declare(f"s{n}", loopback.slow(0.2))
    desk.run(0)
    assert web.most_busy == 1


def test_what_a_site_asks_of_machines_is_read_once_a_day_and_shown(desk, web):
    web.pages["/robots.txt"] = "User-agent: *\nDisallow: /one"
    for name in ("one", "two"):
        desk.declare(name, page(LICENCE), every=1)
    desk.run(0)
    assert [path for path, _ in web.requests].count("/robots.txt") == 1
    with Store.read(desk.path) as store:
        rows = overview.status(store, Catalogue(desk.declared, ()))
    assert [row["robots"] for row in rows] == ["disallows", "allows"]


def test_the_pause_that_a_site_asks_for_outlives_a_restart(desk, web, monkeypatch):
    """It was read less than a day ago, so it is not asked for again: what it says holds all the same."""
    monkeypatch.setattr("tracker.fetch.fetcher._is_loopback", lambda host: False)
    web.pages["/robots.txt"] = "User-agent: *\nCrawl-delay: 0.4"
    for name in ("one", "two"):
        desk.declare(name, page(LICENCE), every=1)
    desk.run(0)
    began = time.monotonic()
    assert sorted(desk.run(3)) == ["one", "two"]
    assert time.monotonic() - began > 0.4
    assert [path for path, _ in web.requests].count("/robots.txt") == 1


def test_leases_of_a_dead_watch_are_free_at_once(desk):
    desk.declare("one", page(LICENCE))
    desk.run()
    with Store.write(desk.path) as store, store.transaction():
        assert turns.claim(store, START, START + HOUR, 5, (), START + 500 * HOUR) == ["one/terms-of-use"]
        assert turns.claim(store, START, START + HOUR, 5, (), START + 500 * HOUR) == []
    assert desk.run(0) == ["one"]


def test_a_lease_that_was_never_given_back_ends_by_itself(tmp_path):
    with Store.write(tmp_path / "tracker.db") as store, store.transaction():
        for name in ("one", "two"):
            turns.keep_turn(store, Turn(name, name, START))
        assert turns.claim(store, START, START + HOUR, 1, (), START + 100 * HOUR)
        assert turns.next_due(store) == START
        assert turns.claim(store, START, START + 2 * HOUR, 1, (), START + 100 * HOUR)
        assert turns.next_due(store) == START + HOUR


def test_an_empty_schedule_leaves_the_archive_alone(desk, monkeypatch):
    opened, write = [], Store.write
    monkeypatch.setattr(Store, "write", lambda path: opened.append(path) or write(path))
    assert desk.run(*(second / 3600 for second in range(100))) == []
    assert len(opened) <= 2


def test_there_is_one_watch_for_each_archive(tmp_path):
    first = Heart(tmp_path / "tracker.db")
    first.beat({"status": "ok"})
    assert heart.last_beat(tmp_path / "tracker.db") == {"pid": os.getpid(), "status": "ok"}
    with pytest.raises(Busy, match="already"):
        Heart(tmp_path / "tracker.db")
    first.stop()
    assert heart.last_beat(tmp_path / "tracker.db") is None


# ---- as a process --------------------------------------------------------------------------------------------------


@pytest.fixture
def daemon(web, tmp_path):
    """Starts `tracker run` on pages of the loopback server; gives the process and a function that waits for a line."""
    terms = {f"Terms {n}": {"fetch": f"{web.base}/{n}"} for n in range(3)}
    (tmp_path / "declared").mkdir()
    (tmp_path / "declared" / "Tunely.json").write_text(json.dumps({"name": "Tunely", "terms": terms}))
    for n in range(3):
        web.pages[f"/{n}"] = page(LICENCE)
    (tmp_path / "tracker.toml").write_text("delay = 0\n")
    running = []

    def start(*arguments):
        environment = {
            **os.environ,
            "TRACKER_ALLOW_LOOPBACK": "1",
            "TRACKER_DECLARATIONS": str(tmp_path / "declared"),
            "TRACKER_ARCHIVE": str(tmp_path / "tracker.db"),
        }
        command = [sys.executable, "-m", "tracker", "run", "--log", "json", *arguments]
        process = subprocess.Popen(
            command, cwd=tmp_path, env=environment | {"PYTHONPATH": os.getcwd()}, stdout=subprocess.PIPE, text=True
        )
        running.append(process)
        return process

    yield start
    for process in running:
        process.kill()
        process.wait()
        process.stdout.close()


def events(process, until, count=1):
    """The events up to and with the `count`th called `until`."""
    seen = []
    alarm = threading.Timer(20, process.kill)
    alarm.start()
    try:
        for text in process.stdout:
            seen.append(json.loads(text))
            if [event["event"] for event in seen].count(until) == count:
                return seen
    finally:
        alarm.cancel()
    raise AssertionError(f"{until} did not come: {seen}")


def test_a_stopped_watch_lets_checks_in_flight_finish(daemon, web, tmp_path):
    web.pages["/0"] = loopback.slow(1.5)
    process = daemon()
    events(process, "checked", 2)
    process.send_signal(signal.SIGTERM)
    ended = events(process, "stopped")
    assert process.wait(10) == 0
    assert {event["document"] for event in ended if event["event"] == "checked"} <= {"tunely/terms-0", "tunely/terms-2"}
    with Store.read(tmp_path / "tracker.db") as store:
        assert not store.rows("select * from turn where leased_until is not null")


def test_a_second_signal_does_not_wait_and_gives_back_what_is_in_flight(daemon, web, tmp_path):
    def hang(request):
        time.sleep(30)

    web.pages["/0"] = hang
    process = daemon()
    deadline = time.monotonic() + 15
    while not any(path == "/0" for path, _ in web.requests):
        assert time.monotonic() < deadline
        time.sleep(0.05)
    process.send_signal(signal.SIGTERM)
    events(process, "stopping")
    process.send_signal(signal.SIGTERM)
    assert "given-back" in [event["event"] for event in events(process, "stopped")]
    assert process.wait(10) == 0


def test_a_killed_watch_goes_on_where_it_was(daemon, tmp_path):
    process = daemon()
    events(process, "checked")
    process.kill()
    process.wait()
    process = daemon()
    events(process, "checked", 1)
    time.sleep(3)
    process.send_signal(signal.SIGTERM)
    events(process, "stopped")
    with Store.read(tmp_path / "tracker.db") as store:
        assert [len(store.checks(f"tunely/terms-{n}")) for n in range(3)] == [1, 1, 1]


def test_monitors_ask_whether_it_lives(daemon, tmp_path):
    process = daemon("--serve", "0")
    address = next(event["text"] for event in events(process, "serving"))
    events(process, "checked", 3)

    def status() -> int:
        try:
            with urllib.request.urlopen(f"{address}healthz", timeout=5) as answer:
                assert json.load(answer)["status"] == "ok"
                return answer.status
        except urllib.error.HTTPError as error:
            return error.code

    assert status() == 200
    with urllib.request.urlopen(address, timeout=5) as answer:
        assert b"Tunely" in answer.read()
    process.send_signal(signal.SIGTERM)
    assert process.wait(15) == 0


def test_a_second_watch_on_the_same_archive_says_who_runs(daemon):
    first = daemon()
    events(first, "started")
    second = daemon()
    assert second.wait(20) == 1


def test_of_a_long_schedule_no_more_is_read_than_is_taken(tmp_path):
    with Store.write(tmp_path / "tracker.db") as store:
        with store.transaction():
            for n in range(400):
                turns.keep_turn(store, Turn(f"p{n:03}/terms", f"h{n // 2}.example", START + n * timedelta(seconds=1)))
            turns.keep_turn(store, Turn("odd/terms", "odd.example", START + timedelta(days=900)))
        steps = []
        store.db.conn.set_progress_handler(lambda: steps.append(1), 10)  # called every ten steps of SQLite's machine
        late = START + 300 * timedelta(seconds=1)
        with store.transaction():
            chosen = turns.claim(store, late, late + HOUR, 3, ["h0.example"], late + timedelta(days=14))
        assert chosen == ["p002/terms", "p004/terms", "p006/terms"]
        assert len(steps) < 60
        steps.clear()
        assert turns.next_due(store) == START
        assert len(steps) < 60
        with store.transaction():
            rest = turns.claim(store, late, late + HOUR, 999, (), late + timedelta(days=14))
        assert rest[-1] == "odd/terms"  # a clock that was ahead set it
        assert len(rest) == len({*rest}) == 152


def test_declarations_are_read_again_only_where_a_file_was_touched(tmp_path, monkeypatch):
    folder = tmp_path / "declared"
    one = Declaration(Document("tunely/terms", "Tunely", "Terms"), (Source("https://tunely.example/terms"),))
    declarations.write(one, folder)
    declared = Workplace(tmp_path / "tracker.db", folder).following()
    first = declared()
    assert list(first) == ["tunely/terms"]
    assert declared() is first
    declarations.write(replace(one, document=Document("tunely/privacy", "Tunely", "Privacy")), folder)
    assert list(declared()) == ["tunely/privacy", "tunely/terms"]
    (folder / "Tunely.json").unlink()
    assert declared() == {}


def test_a_watch_looks_at_its_part_of_the_documents_alone(tmp_path):
    folder = tmp_path / "declared"
    for n in range(8):
        document = Document(f"p{n}/terms", f"P{n}", "Terms")
        declarations.write(Declaration(document, (Source(f"https://h{n}.example/terms"),)), folder)
    parts = [Workplace(tmp_path / "tracker.db", folder, Shard(part, 2)).following()() for part in (1, 2)]
    assert all(parts)
    assert sorted(name for part in parts for name in part) == [f"p{n}/terms" for n in range(8)]
