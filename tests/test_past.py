"""The past, from an archive over real HTTP: few downloads find every lasting change, and nothing breaks the run."""

import asyncio
import gzip
import itertools
import json
import os
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import loopback
import pytest
from histories import LICENCE, PROMISE, TRAINING, Archive, page, ruleset
from hypothesis import given
from hypothesis import strategies as st
from past_web import Archives

from tracker import derivation, history, records, timeline
from tracker.cli import printing
from tracker.errors import DeclarationError, FetchError, NotFound
from tracker.extract import prior
from tracker.fetch import Fetcher
from tracker.model import Declaration, Document, Memento, Page, PriorVersion, Response, Source, stamp
from tracker.past import backfill, bisect, keeping
from tracker.past.backfill import Filler
from tracker.past.wayback import Wayback
from tracker.settings import Settings
from tracker.store import Store, derived

NOW = datetime(2026, 3, 1, 6, tzinfo=UTC)
NAME = "tunely/terms-of-use"
URL = "https://tunely.example/terms"
OLD = "https://tunely.example/old-terms"
DOCUMENT = Document(NAME, "Tunely", "Terms of Use")


class Desk:
    """A document, the archive of the web that knows it, and our own archive."""

    def __init__(self, web, tmp_path) -> None:
        self.web, self.path = web, tmp_path / "tracker.db"
        self.past = web.pages = Archives()
        self.declaration = Declaration(DOCUMENT, (Source(URL),))
        self.slept: list[float] = []

    def fill(self, source="wayback", everything=False, start=None, end=None, discover=False):
        async def sleep(seconds: float) -> None:
            self.slept.append(seconds)

        async def run():
            settings = Settings(allow_loopback=True, timeout=2, delay=0, max_bytes=1 << 20)
            async with Fetcher(settings, lambda: NOW) as fetcher:
                filler = Filler(self.path, ruleset(), fetcher, lambda: NOW)
                quiet = lambda done, total, what: None  # noqa: E731
                if source == "wayback":
                    machine = Wayback(self.web.base, fetcher, sleep)
                    return await filler.wayback(self.declaration, machine, start, end, everything, quiet)
                return await filler.published(self.declaration, discover, quiet)

        return asyncio.run(run())

    def hold(self, day: int, body, url=URL, **said) -> str:
        at = f"{datetime(2024, 1, 1, tzinfo=UTC) + timedelta(days=day):%Y%m%d%H%M%S}"
        self.past.hold(url, at, body, **said)
        return at

    def read(self) -> Store:
        return Store.read(self.path)

    def changes(self):
        with self.read() as store:
            return derived.changes(store)


@pytest.fixture
def desk(web, tmp_path):
    return Desk(web, tmp_path)


def day(number: int) -> datetime:
    return datetime(2024, 1, 1, tzinfo=UTC) + timedelta(days=number)


def test_a_change_of_the_past_is_found_with_its_window_and_few_downloads(desk):
    for n in range(64):
        desk.hold(n, page(LICENCE, *([TRAINING] if n >= 37 else [])) + f"<!-- {n} -->")
    found = desk.fill()
    assert found.listed == 64
    assert found.taken.new <= 10
    change = desk.changes()[0]
    assert change.ai_change
    assert (change.window.start, change.window.end) == (day(36), day(37))
    with desk.read() as store:
        capture = store.capture(change.after.captures[0])
    assert (capture.source, capture.at, capture.fetched_at) == ("wayback", day(37), NOW)
    assert ("Server", "nginx") in [(name.title(), value) for name, value in capture.headers]


def test_bytes_that_the_archive_saw_again_narrow_the_window_without_a_download(desk):
    for n in range(40):
        desk.hold(n, page(LICENCE, *([TRAINING] if n >= 25 else [])))
    found = desk.fill()
    assert (found.listed, found.taken.new) == (2, 2)
    assert (desk.changes()[0].window.start, desk.changes()[0].window.end) == (day(24), day(25))
    desk.hold(40, page(LICENCE, TRAINING))
    assert desk.fill().taken.new == 0
    with desk.read() as store:
        assert store.checks(NAME, 1)[0].at == day(40)


def test_a_second_run_fetches_nothing_and_changes_nothing(desk):
    for n in range(9):
        desk.hold(n, page(LICENCE, *([TRAINING] if n >= 5 else [])) + f"<!-- {n} -->")
    desk.hold(9, "not there", status="404")
    desk.fill()
    with desk.read() as store:
        before = store.rows("select * from version"), store.rows('select * from "check"')
    desk.past.replayed.clear()
    assert desk.fill().taken.new == 0
    assert desk.past.replayed == []
    with desk.read() as store:
        assert (store.rows("select * from version"), store.rows('select * from "check"')) == before


def test_what_came_and_went_between_is_found_where_every_capture_is_wanted(desk):
    for n in range(16):
        desk.hold(n, page(LICENCE, *([TRAINING] if n == 5 else [])) + f"<!-- {n} -->")
    desk.fill()
    few = len(desk.changes())
    found = desk.fill(everything=True)
    assert found.taken.new + found.taken.known == 16
    assert (few, len(desk.changes())) == (0, 2)


def test_live_checks_and_the_past_are_one_timeline(desk, tmp_path):
    live = Archive(desk.path, "2024-03-01T06:00:00Z")
    live.look(page(LICENCE, TRAINING))
    assert desk.changes() == []
    live.look(page(LICENCE, PROMISE, stated="1 April 2024"))
    name = desk.changes()[0].id
    for n in (0, 10, 20, 30):
        desk.hold(n, page(LICENCE, *([TRAINING] if n >= 20 else [])))
    desk.fill(everything=True)
    found = desk.changes()
    assert [one.id for one in found][0] == name
    assert (found[1].window.start, found[1].window.end) == (day(10), day(20))
    with desk.read() as store:
        assert [one.at for one in derived.versions(store, NAME)][:2] == [day(0), day(20)]
        assert {check.source for check in store.checks(NAME)} == {"live", "wayback"}


def test_a_change_keeps_its_old_address_when_it_was_seen_earlier(desk):
    live = Archive(desk.path, "2024-03-01T06:00:00Z")
    live.look(page(LICENCE))
    name = live.look(page(LICENCE, TRAINING), days=30).change.id
    desk.hold(70, page(LICENCE, TRAINING))
    desk.fill()
    assert desk.changes()[0].id != name
    with desk.read() as store:
        assert history.change(store, name).record.id == desk.changes()[0].id
        with pytest.raises(NotFound):
            history.change(store, f"{NAME}/1999-01-01-000000")


def test_former_addresses_are_asked_for_too(desk):
    desk.declaration = Declaration(DOCUMENT, (Source(URL),), former=((day(50), (Source(OLD),)),))
    desk.hold(0, page(LICENCE), url=OLD)
    desk.hold(60, page(LICENCE, TRAINING))
    assert desk.fill().listed == 2
    assert desk.changes()[0].ai_change


def test_what_stands_at_an_address_after_the_document_left_it_is_no_part_of_it(desk):
    desk.declaration = Declaration(DOCUMENT, (Source(URL),), former=((day(5), (Source(OLD),)),))
    for n in (1, 4, 9):
        desk.hold(n, page(LICENCE), url=OLD)
    desk.hold(12, page(PROMISE), url=OLD)
    for n in (3, 8):
        desk.hold(n, page(LICENCE, *([TRAINING] if n == 8 else [])))
    found = desk.fill(everything=True)
    assert found.listed == 2
    (change,) = desk.changes()
    assert (change.at, change.window.start) == (day(8), day(4))


def test_only_the_time_that_is_wanted_is_fetched(desk):
    for n in range(0, 100, 10):
        desk.hold(n, page(LICENCE) + f"<!-- {n} -->")
    assert desk.fill(start=day(20), end=day(50)).listed == 4


def test_captures_that_are_no_text_of_then_are_named_and_left_out(desk):
    desk.hold(0, page(LICENCE))
    desk.hold(1, "moved", status="301")
    desk.hold(2, "gone", status="404")
    desk.hold(3, b"\x89PNG", mimetype="image/png")
    desk.hold(4, gzip.compress(page(LICENCE, TRAINING).encode()))
    desk.hold(5, "redirect", status="-", mimetype="warc/revisit")
    desk.past.held[URL][-1] = (desk.past.held[URL][-1][0], b"", "302", "warc/revisit")
    desk.past.answers["/web/20240107"] = loopback.status(404)
    found = desk.fill(everything=True)
    assert found.taken.new == 2
    assert len(desk.changes()) == 1


def test_a_wall_of_the_past_is_kept_and_no_version(desk):
    for n in range(4):
        desk.hold(n, page(LICENCE) + f"<!-- {n} -->")
    desk.hold(5, "<title>Just a moment...</title><h1>Checking your browser</h1><p>Enable JavaScript and cookies</p>")
    desk.fill(everything=True)
    with desk.read() as store:
        assert len(derived.versions(store, NAME)) == 1
        assert "blocked" in [check.outcome.value for check in store.checks(NAME)]


@pytest.mark.parametrize(
    ("answer", "says"),
    [
        (loopback.status(200), "did not answer with a listing"),
        ("<html>Down for maintenance", "Down for maintenance"),
        ('[["timestamp"], ["2024", 3], 7]', ""),
        ("[]", ""),
        ("", ""),
        ('[["timestamp","original","mimetype","statuscode","digest"],[],["%%%"]]', ""),
        (loopback.status(403), "did not answer"),
    ],
    ids=["html", "text", "rows", "empty list", "empty", "resume key", "refused"],
)
def test_what_is_no_listing_is_said(desk, answer, says):
    desk.past.answers["/cdx/"] = answer if callable(answer) else answer.encode()
    found = desk.fill()
    assert says in found.error
    assert (found.listed, found.taken.new) == (0, 0)


def test_an_excluded_address_names_another_way(desk):
    body = b"org.archive.util.io.RuntimeIOException: AdministrativeAccessControlException: Blocked Site Error"
    desk.past.answers["/cdx/"] = lambda request: loopback.answer(request, 403, body)
    assert "--source published" in desk.fill().error


def test_the_archives_word_to_wait_is_kept_and_the_run_goes_on(desk):
    answers = iter([loopback.status(429, Retry_After="7"), loopback.status(503)])
    desk.hold(0, page(LICENCE))
    normal = desk.past._replay

    def replay(request):
        answer = next(answers, None)
        answer(request) if answer else normal(request, "20240101000000", URL)

    desk.past.answers["/web/"] = replay
    assert desk.fill().taken.new == 1
    assert 7.0 in desk.slept


def test_an_archive_that_stays_closed_ends_the_run_and_keeps_what_came(desk):
    desk.hold(0, page(LICENCE))
    last = desk.hold(1, page(LICENCE, TRAINING))
    desk.past.answers[f"/web/{last}"] = loopback.status(429, Retry_After="100000")
    found = desk.fill()
    assert "goes on where it stopped" in found.error
    assert found.taken.new == 1
    del desk.past.answers[f"/web/{last}"]
    assert desk.fill().taken.new == 1
    assert len(desk.changes()) == 1


def test_a_replay_of_another_moment_is_left_out(desk):
    at = desk.hold(0, page(LICENCE))
    desk.past.answers[f"/web/{at}"] = lambda request: loopback.answer(
        request, 200, page(LICENCE).encode(), Memento_Datetime="Mon, 01 Jan 2018 00:00:00 GMT"
    )
    assert [reason for _, _, reason in desk.fill().taken.skipped] == [
        "The archive gave another moment (2018-01-01 00:00:00)."
    ]


def test_a_capture_of_the_future_is_left_out(desk):
    desk.hold(3000, page(LICENCE))
    found = desk.fill()
    assert [reason for _, _, reason in found.taken.skipped] == ["It lies in the future."]


def test_two_captures_of_one_second_are_two_checks(desk):
    desk.declaration = Declaration(DOCUMENT, (Source(URL),), former=((day(50), (Source(f"{URL}/"),)),))
    desk.hold(0, page(LICENCE))
    desk.hold(0, page(LICENCE, TRAINING), url=f"{URL}/")
    desk.fill()
    with desk.read() as store:
        moments = [check.at for check in store.checks(NAME)]
    assert len(set(moments)) == 2


def test_an_archive_without_search_is_read_by_its_time_map(desk):
    at = desk.hold(0, page(LICENCE))
    desk.past.answers["/cdx/"] = loopback.status(404)
    links = (
        f'<{URL}>; rel="original",\n<{desk.web.base}/web/{at}/{URL}>; rel="first memento"; '
        'datetime="Mon, 01 Jan 2024 00:00:00 GMT"'
    )
    desk.past.answers["/web/timemap/link/"] = links.encode()
    assert desk.fill().taken.new == 1


def test_a_document_of_several_pages_is_refused_with_a_remedy(desk):
    desk.declaration = Declaration(DOCUMENT, (Source(URL), Source(OLD)))
    with pytest.raises(DeclarationError, match="Several pages"):
        desk.fill()


def test_private_archives_are_refused(desk):
    async def run():
        async with Fetcher(Settings(timeout=2), lambda: NOW) as fetcher:
            return await Wayback(desk.web.base, fetcher, pace=0).listed(URL, None, None)

    with pytest.raises(FetchError, match="not a public one"):
        asyncio.run(run())


# ---- the publisher's own ---------------------------------------------------------------------------------------------


def test_a_publishers_former_texts_stand_at_the_dates_that_it_states(desk):
    base = desk.web.base
    desk.past |= {"/02-2024": page(LICENCE, TRAINING, stated="12 February 2024"), "/2023": page(LICENCE)}
    declared = (PriorVersion(f"{base}/02-2024"), PriorVersion(f"{base}/2023", date(2023, 5, 1)))
    desk.declaration = Declaration(DOCUMENT, (Source(f"{base}/terms"),), published=declared)
    found = desk.fill("published")
    assert found.taken.new == 2
    change = desk.changes()[0]
    assert change.window.end == datetime(2024, 2, 12, tzinfo=UTC)
    with desk.read() as store:
        captures = [store.capture(change.before.captures[0]), store.capture(change.after.captures[0])]
    assert [(one.source, one.fetched_at) for one in captures] == [("published", NOW)] * 2
    assert desk.fill("published").taken.known == 2


def test_links_to_former_texts_are_found_also_behind_a_list(desk):
    base = desk.web.base
    link = '</main><footer><a href="/versions">Link to prior versions</a></footer>'
    desk.past |= {
        "/terms": page(LICENCE).replace("</main>", link),
        "/versions": '<a href="/terms/02-2024">February 2024</a><a href="/terms/2023-05">May 2023</a><a href="/">x</a>',
        "/terms/02-2024": page(LICENCE, TRAINING),
        "/terms/2023-05": page(LICENCE),
    }
    desk.declaration = Declaration(DOCUMENT, (Source(f"{base}/terms"),))
    assert desk.fill("published", discover=True).taken.new == 2
    assert desk.changes()[0].window.end == datetime(2024, 2, 1, tzinfo=UTC)


def test_lists_that_lead_to_lists_set_off_no_flood_of_requests(desk, monkeypatch):
    monkeypatch.setattr(backfill, "MOST", 20)
    several = range(5)
    lists = "".join(f'<a href="/versions/{n}">Previous versions {n}</a>' for n in several)
    desk.past["/terms"] = page(LICENCE).replace("</main>", f"</main><footer>{lists}</footer>")
    for n in several:
        days = "".join(f'<a href="/terms/{1900 + n}-01-{day:02}">1 January {1900 + n}</a>' for day in range(1, 29))
        desk.past[f"/versions/{n}"] = f"<h1>Previous versions</h1>{days}"
    desk.declaration = Declaration(DOCUMENT, (Source(f"{desk.web.base}/terms"),))
    found = desk.fill("published", discover=True)
    assert found.listed == 20
    assert "further links were left out" in found.taken.skipped[0][2]


def test_a_former_text_without_a_date_is_named(desk):
    undated = page(LICENCE).replace("Last updated: 1 January 2024", "Terms")
    desk.past |= {"/old": undated, "/gone": loopback.status(404)}
    declared = tuple(PriorVersion(desk.web.base + path) for path in ("/old", "/gone"))
    desk.declaration = Declaration(DOCUMENT, (Source(f"{desk.web.base}/terms"),), published=declared)
    reasons = [reason for _, _, reason in desk.fill("published").taken.skipped]
    assert ["states no date" in reasons[0], "not there" in reasons[1]] == [True, True]


def test_nothing_declared_says_how_to_declare(desk):
    with pytest.raises(NotFound, match="No former text"):
        desk.fill("published")


@pytest.mark.parametrize(
    ("link", "stated"),
    [
        ('<a href="/terms/02-2024">Previous version</a>', date(2024, 2, 1)),
        ('<a href="/archive/terms-20240212">Archived terms</a>', date(2024, 2, 12)),
        ('<a href="/x">Frühere Fassung vom 3. Mai 2023</a>', date(2023, 5, 3)),
        ('<a href="/x">Versions précédentes</a>', None),
        ('<a href="/x">Versiones anteriores</a>', None),
        ('<a href="/x">See our prior Terms of Service</a>', None),
    ],
)
def test_links_that_say_so_lead_to_former_texts(link, stated):
    found = prior.find(Page("https://tunely.example/terms", "text/html", link.encode()))
    assert [one.stated for one in found] == [stated]


@pytest.mark.parametrize(
    "link",
    [
        '<a href="/songs/2024-02">Songs</a>',
        '<a href="https://other.example/old">Previous version</a>',
        '<a href="#">Old version</a>',
    ],
)
def test_other_links_do_not(link):
    assert prior.find(Page("https://tunely.example/terms", "text/html", link.encode())) == ()


# ---- halving -------------------------------------------------------------------------------------------------------


@given(st.lists(st.tuples(st.integers(1, 60), st.integers(0, 3)), min_size=1, max_size=60))
def test_halving_finds_a_change_between_all_unequal_ends(steps):
    """What was read, in order, changes wherever the true text does between two ends that differ."""
    moments, texts, at = [], [], datetime(2020, 1, 1, tzinfo=UTC)
    for gap, text in steps:
        at += timedelta(days=gap)
        moments.append(at)
        texts.append(str(text) if text else None)
    read: dict[int, str | None] = {}

    async def one(place: int) -> str | None:
        assert place not in read, "no capture is fetched twice"
        read[place] = texts[place]
        return texts[place]

    asyncio.run(bisect.changes(moments, one))
    places = sorted(read)
    for left, right in zip(places, places[1:], strict=False):
        assert read[left] == read[right] or right == left + 1 or None in (read[left], read[right])


@given(st.lists(st.integers(1, 200), max_size=80))
def test_stretches_cover_everything_and_share_their_ends(gaps):
    moments = [datetime(2020, 1, 1, tzinfo=UTC)]
    for gap in gaps:
        moments.append(moments[-1] + timedelta(days=gap))
    found = bisect.stretches(moments)
    assert found[0][0] == 0
    assert found[-1][1] == len(moments) - 1
    assert all(left[1] == right[0] for left, right in zip(found, found[1:], strict=False))


# ---- texts that others read ------------------------------------------------------------------------------------------


def test_a_text_read_by_another_tool_is_compared_with_its_own_kind_only():
    """The same page in two conversions differs where nothing changed."""
    state = derivation.State()
    declaration = Declaration(DOCUMENT, (Source(URL),))
    html = Page(URL, "text/html", page(LICENCE).encode())
    words = derivation.read([html], [Source(URL)]).text
    other = Page(URL, "text/markdown", f"{words}\n\nShare this page".encode())
    later = Page(URL, "text/markdown", f"{words}\n\n{TRAINING}\n\nShare this page".encode())
    for number, one in enumerate((html, other, html, other, later, html)):
        reading = derivation.read([one], [Source(URL)])
        derivation.settle(state, declaration, number, day(number), (stamp(day(number)),), reading)
    strands = [derivation.strand(one.reading.language, one.reading.method) for one in state.drafts]
    pairs = derivation.successions(
        state.drafts, lambda one: derivation.strand(one.reading.language, one.reading.method)
    )
    assert strands == [("en", False), ("en", True), ("en", True)]
    assert [(old.check, new.check) for old, new in pairs] == [(1, 4)]


# ---- sources that disagree, runs that are cut short ------------------------------------------------------------------


def live(desk, tmp_path, *looks):
    """Checks of our own: (day, what was served)."""
    archive = Archive(desk.path)
    archive.declared = desk.declaration
    found = []
    for number, served in looks:
        archive.at = day(number) - timedelta(days=1)
        found.append(archive.look(served))
    return found


def test_what_an_archive_shows_between_two_looks_of_a_day_is_a_conflict_and_no_change(desk, tmp_path):
    live(desk, tmp_path, (10, page(LICENCE)), (11, page(LICENCE)))
    stray = f"{day(10) + timedelta(hours=8):%Y%m%d%H%M%S}"
    desk.past.hold(URL, stray, page(LICENCE, TRAINING))
    desk.fill()
    assert desk.changes() == []
    with desk.read() as store:
        shown = [check for check in store.checks(NAME) if check.reason == "conflict"]
        assert [check.source for check in shown] == ["wayback"]
        assert "Two sources disagree: wayback" in shown[0].message
        assert store.raw(shown[0].captures[0]).decode() == page(LICENCE, TRAINING)  # never dropped


def test_what_an_archive_shows_for_longer_is_a_change_that_was_taken_back(desk, tmp_path):
    live(desk, tmp_path, (10, page(LICENCE)), (20, page(LICENCE)))
    desk.hold(15, page(LICENCE, TRAINING))
    desk.fill()
    assert [change.at for change in desk.changes()] == [day(20), day(15)]


def test_our_own_word_counts_more_than_an_archives(desk, tmp_path):
    """Two archived texts around one of our own looks do not make that look the stray one."""
    live(desk, tmp_path, (10, page(LICENCE, TRAINING)))
    desk.past.hold(URL, f"{day(10) - timedelta(hours=8):%Y%m%d%H%M%S}", page(LICENCE))
    desk.past.hold(URL, f"{day(10) + timedelta(hours=8):%Y%m%d%H%M%S}", page(LICENCE) + "<!-- again -->")
    desk.fill()
    with desk.read() as store:
        assert not [check for check in store.checks(NAME) if check.reason == "conflict"]


def test_a_look_that_brings_our_text_back_makes_no_change_of_what_an_archive_showed_meanwhile(desk, tmp_path):
    """An archive may be served another text than we are: the next look must not cry that it was taken back."""
    live(desk, tmp_path, (10, page(LICENCE)))
    desk.past.hold(URL, f"{day(10) + timedelta(hours=8):%Y%m%d%H%M%S}", page(LICENCE, TRAINING))
    desk.fill()
    assert len(desk.changes()) == 1
    (found,) = live(desk, tmp_path, (11, page(LICENCE)))
    assert (found.change, found.version, found.error) == (None, None, None)
    assert desk.changes() == []


def test_what_a_check_derives_after_other_sources_is_what_reading_again_derives(desk, tmp_path):
    for n in range(4):
        desk.hold(n, page(LICENCE, *([TRAINING] if n >= 2 else [])) + f"<!-- {n} -->")
    desk.fill()
    (found,) = live(desk, tmp_path, (10, page(LICENCE, PROMISE)))
    told = desk.changes()
    assert found.change == told[0]
    with Store.write(desk.path) as store:
        declared = {NAME: desk.declaration}
        assert timeline.refresh(store, declared, ruleset(), everything=True).differences == []
    assert [change.id for change in desk.changes()] == [change.id for change in told]


def test_a_run_that_dies_before_it_derives_is_finished_by_the_next(desk, monkeypatch):
    for n in range(4):
        desk.hold(n, page(LICENCE, *([TRAINING] if n >= 2 else [])))
    with monkeypatch.context() as patch:
        patch.setattr(timeline, "read_again", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            desk.fill()
    assert desk.changes() == []
    assert desk.fill().taken.new == 0
    assert len(desk.changes()) == 1


def test_a_capture_that_is_listed_under_two_addresses_is_kept_once(desk):
    """Archives take an address with a slash at its end, or with http, for the same."""
    bare, slashed = Source("https://tunely.example/terms"), Source("https://tunely.example/terms/")
    desk.declaration = Declaration(DOCUMENT, (bare,), former=((day(200), (slashed,)),))
    rows = [[f"{day(n):%Y%m%d%H%M%S}", bare.url, "text/html", "200", f"D{n}"] for n in range(2)]
    listing = json.dumps([["timestamp", "original", "mimetype", "statuscode", "digest"], *rows]).encode()
    desk.past.answers["/cdx/"] = lambda request: loopback.answer(request, 200, listing)
    desk.hold(0, page(LICENCE))
    desk.hold(1, page(LICENCE, TRAINING))
    assert (found := desk.fill()).listed == 2
    assert found.taken.new == 2
    assert (desk.changes()[0].window.start, desk.changes()[0].window.end) == (day(0), day(1))


def test_two_texts_of_one_second_are_both_kept_and_kept_once(desk):
    """Files of web archives hold several captures of a second."""
    answer = Response(URL, URL, 200, (("Content-Type", "text/html"),), b"", NOW)
    both = [Memento("warc", day(3), replace(answer, body=page(LICENCE, *more).encode())) for more in ((), (TRAINING,))]
    for kept in (2, 0):
        with Store.write(desk.path) as store:
            keeping.keep(store, desk.declaration, both, NOW, taken := keeping.Taken())
            keeping.derive(store, desk.declaration, ruleset())
        assert (taken.new, taken.known) == (kept, 2 - kept)
    assert len({check.at for check in desk.read().checks(NAME)}) == 2


def test_a_check_that_failed_meanwhile_does_not_hide_that_sources_disagree(desk, tmp_path):
    live(desk, tmp_path, (10, page(LICENCE)))
    desk.past.hold(URL, f"{day(10) + timedelta(hours=8):%Y%m%d%H%M%S}", page(LICENCE, TRAINING))
    desk.fill()
    archive = Archive(desk.path)
    archive.declared, archive.at = desk.declaration, day(10) + timedelta(hours=9)
    archive.look(FetchError("No connection.", URL, "Wait."), days=0)
    (found,) = live(desk, tmp_path, (11, page(LICENCE)))
    assert (found.change, desk.changes()) == (None, [])


def test_whose_word_a_change_rests_on_is_said(desk, tmp_path, capsys):
    desk.hold(1, page(LICENCE))
    desk.fill()
    live(desk, tmp_path, (10, page(LICENCE, TRAINING)))
    (found,) = desk.changes()
    assert records.change(found, lambda version: "")["sources"] == ["wayback", "live"]
    with desk.read() as store:
        printing.change(history.change(store, found.id), False, ("", ""))
    said = " ".join(capsys.readouterr().out.split())
    assert "Before: an archive of the web; after: our own check." in said


def test_a_run_that_is_killed_at_any_moment_can_be_repeated(desk, tmp_path):
    """By the system, in the middle of fetching: what is in the archive in the end is as if nothing had happened."""
    for n in range(40):
        desk.hold(n, page(LICENCE, *([TRAINING] if n % 20 >= 7 else [])) + f"<!-- {n} -->")
    declared = {"name": "Tunely", "terms": {"Terms of Use": {"fetch": URL}}}
    (tmp_path / "declared").mkdir()
    (tmp_path / "declared" / "Tunely.json").write_text(json.dumps(declared))
    (tmp_path / "tracker.toml").write_text("wayback_pace = 0.001\n")
    environment = {**os.environ, "TRACKER_WAYBACK_URL": desk.web.base, "TRACKER_ALLOW_LOOPBACK": "1"}

    def start(path) -> subprocess.Popen:
        command = [sys.executable, "-m", "tracker", "--archive", path, "--declarations", "declared", "backfill", NAME]
        return subprocess.Popen([*command, "--all-captures"], cwd=tmp_path, env=environment, stdout=subprocess.DEVNULL)

    assert start("whole.db").wait() == 0
    for served in (5, 27):
        desk.past.replayed.clear()
        run = start("tracker.db")
        while len(desk.past.replayed) < served and run.poll() is None:
            time.sleep(0.01)
        run.kill()
        run.wait()
    assert start("tracker.db").wait() == 0
    told = []
    for name in ("whole.db", "tracker.db"):
        with Store.read(tmp_path / name) as store:
            told.append([(one.id, one.window, one.summary, one.verdict) for one in derived.changes(store)])
            told.append([(check.at, check.outcome) for check in store.checks(NAME)])
    assert len(told[0]) == 3
    assert told[:2] == told[2:]


def test_a_capture_that_the_archive_cannot_give_stops_no_other(desk):
    broken = desk.hold(1, page(LICENCE) + "<!-- 1 -->")
    for n in (0, 2, 3, 4):
        desk.hold(n, page(LICENCE, *([TRAINING] if n >= 3 else [])) + f"<!-- {n} -->")
    desk.past.answers[f"/web/{broken}"] = loopback.status(503)
    found = desk.fill(everything=True)
    assert (found.error, found.taken.new) == ("", 4)
    assert [(at, "asks again" in reason) for at, _, reason in found.taken.skipped] == [(day(1), True)]
    del desk.past.answers[f"/web/{broken}"]
    assert desk.fill(everything=True).taken.new == 1


# ---- hostile listings ------------------------------------------------------------------------------------------------


def listing(*rows, key=None) -> bytes:
    head = ["timestamp", "original", "mimetype", "statuscode", "digest"]
    return json.dumps([head, *rows, *([[], [key]] if key else [])]).encode()


def test_a_sighting_in_the_future_is_none(desk):
    at = desk.hold(0, page(LICENCE))
    later = ["20990101000000", URL, "text/html", "200", "D"]
    desk.past.answers["/cdx/"] = listing([at, URL, "text/html", "200", "D"], later)
    desk.fill()
    with desk.read() as store:
        assert max(check.at for check in store.checks(NAME)) <= NOW


def test_a_listing_that_never_ends_is_ended(desk):
    keys = itertools.count()
    desk.past.answers["/cdx/"] = lambda request: loopback.answer(request, 200, listing(key=str(next(keys))))
    assert "more captures than were read" in desk.fill().taken.skipped[0][2]
    assert next(keys) <= 60


@pytest.mark.parametrize("hours", [1, 23])
def test_nothing_is_seen_before_its_time(desk, hours):
    """A capture or a sighting that lies ahead of our clock would move the windows of our own checks."""
    at = desk.hold(0, page(LICENCE))
    ahead = f"{NOW + timedelta(hours=hours):%Y%m%d%H%M%S}"
    desk.past.hold(URL, ahead, page(LICENCE, TRAINING))
    desk.past.answers["/cdx/"] = listing(*([one, URL, "text/html", "200", one] for one in (at, ahead)))
    assert desk.fill().taken.new == 1
    with desk.read() as store:
        assert max(check.at for check in store.checks(NAME)) <= NOW


def test_a_link_that_is_dead_hides_no_other(desk):
    base = desk.web.base
    links = '</main><a href="/gone">Prior versions</a><a href="/terms/02-2024">Previous version, February 2024</a>'
    desk.past |= {"/terms": page(LICENCE).replace("</main>", links), "/terms/02-2024": page(LICENCE)}
    desk.declaration = Declaration(DOCUMENT, (Source(f"{base}/terms"),))
    assert desk.fill("published", discover=True).taken.new == 1


@pytest.mark.parametrize(
    "answer", [b"[5,[1]]", b"[" * 200_000, listing(["20240101000000", "https://[x/", "text/html", "200", "D"])]
)
def test_a_hostile_listing_ends_in_words(desk, answer):
    desk.past.answers["/cdx/"] = answer
    found = desk.fill()
    assert found.error or found.taken.skipped


def test_what_we_would_not_take_is_no_trouble_of_the_archive(desk):
    for n in range(4):
        desk.hold(n, "x" * (1 << 20) + f" {n}")
    desk.hold(9, page(LICENCE))
    found = desk.fill(everything=True)
    assert (found.error, found.taken.new, len(found.taken.skipped)) == ("", 1, 4)


def test_half_a_compressed_capture_is_none(desk):
    packed = gzip.compress(page(LICENCE, TRAINING).encode())
    desk.hold(0, packed[: len(packed) // 2])
    assert "breaks off" in desk.fill().taken.skipped[0][2]


def test_a_moment_at_the_end_of_time_is_none(desk):
    at = desk.hold(0, page(LICENCE))
    desk.past.answers[f"/web/{at}"] = lambda request: loopback.answer(
        request, 200, b"x", Memento_Datetime="Fri, 31 Dec 9999 23:59:59 -0100"
    )
    assert "does not hold" in desk.fill().taken.skipped[0][2]
