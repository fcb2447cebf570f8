"""The demo tells its whole story, and the same one each time: what became a version, what was flagged, what was not."""

import asyncio
from collections import Counter
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tracker import declarations, demo, history
from tracker.errors import Blocked, Gone, Transient
from tracker.model import Kind, Verdict
from tracker.store import Store, derived

SILENT = True  # the wording changed and the date that the document states did not
TRAINING, THIRD_PARTY, SCRAPING = "training", "third-party", "scraping"

# For each document every change, in order: the day of the first check that showed it, whether it came silently, what
# it means for AI, and the stance of the changed words after it.
STORY = {
    "cumulocker/terms-of-service": [
        ("2023-09-06", False, None, {}),
        ("2025-03-21", False, "added", {TRAINING: "prohibits", THIRD_PARTY: "prohibits"}),
        ("2026-07-01", SILENT, "weakened", {TRAINING: "permits", THIRD_PARTY: "permits"}),
    ],
    "easelgarth/terms-of-service": [
        ("2023-11-23", False, "added", {TRAINING: "prohibits", THIRD_PARTY: "prohibits", SCRAPING: "forbids"}),
        ("2025-06-18", False, "added", {}),
        ("2026-04-02", False, None, {}),
    ],
    "flickerfold/terms-of-service": [
        ("2024-10-17", False, "added", {TRAINING: "permits", THIRD_PARTY: "permits"}),
        ("2025-04-09", False, "strengthened", {TRAINING: "opt-out", THIRD_PARTY: "opt-out"}),
        ("2026-05-20", False, "removed", {}),
    ],
    "huddlecote/terms-of-service": [
        ("2023-04-01", False, "added", {TRAINING: "permits"}),
        ("2023-08-08", False, "added", {TRAINING: "opt-in"}),
        ("2025-11-05", False, "added", {TRAINING: "prohibits", THIRD_PARTY: "prohibits"}),
    ],
    "notizanker/privacy-policy": [
        ("2025-02-12", False, "added", {TRAINING: "opt-out"}),
        ("2026-03-25", SILENT, None, {}),
    ],
    "pelliculette/terms-of-service": [
        ("2024-06-28", False, "added", {TRAINING: "permits"}),
        ("2025-10-15", False, "strengthened", {TRAINING: "opt-out"}),
    ],
    "quillmoor/terms-of-service": [
        ("2023-09-13", False, None, {}),
        ("2024-08-21", False, "weakened", {TRAINING: "opt-out"}),
        ("2025-01-15", False, "moved", {}),
        ("2025-06-01", False, None, {}),
        ("2026-03-10", False, "reworded", {TRAINING: "opt-out"}),
    ],
    "rooktalk/commercial-terms": [
        ("2023-11-28", SILENT, None, {}),
        ("2024-05-03", False, None, {}),
        ("2024-10-09", SILENT, None, {}),
        ("2024-10-11", SILENT, None, {}),
        ("2025-08-20", False, None, {}),
        ("2026-01-16", False, "added", {TRAINING: "opt-out"}),
    ],
    "tonewharf/community-guidelines": [("2025-11-19", False, "added", {})],
    "tonewharf/terms-of-service": [
        ("2023-06-21", False, None, {}),
        ("2024-02-13", SILENT, "added", {TRAINING: "permits"}),
        ("2025-05-16", False, "strengthened", {TRAINING: "opt-in"}),
        ("2025-09-11", False, "moved", {}),
    ],
}


# What the rules do not see yet in honest prose. Strict: a rule that learns it takes its line away.
class CutShort(Exception):
    pass


@pytest.fixture(scope="module")
def archive(tmp_path_factory) -> Path:
    """The demo, played in two halves: what was cut short goes on where it ended, and all the tests below hold."""

    def stop(done, total, what):
        if done == total // 2:
            raise CutShort

    path = tmp_path_factory.mktemp("demo") / "tracker.db"
    with pytest.raises(CutShort):
        demo.play(path, stop)
    demo.play(path)
    return path


@pytest.fixture
def store(archive):
    with Store.read(archive) as opened:
        yield opened


def changes_of(store, document):
    return [found for found in reversed(derived.changes(store)) if found.document.id == document]


def record(store, document, day):
    (found,) = [found for found in changes_of(store, document) if found.at.date().isoformat() == day]
    return found


def change(store, document, day):
    return history.change(store, record(store, document, day).id)


@pytest.mark.parametrize("document", STORY)
def test_every_change_is_found_on_its_day_and_no_other(store, document):
    found = [(record.at.date().isoformat(), record.silent) for record in changes_of(store, document)]

    assert found == [(day, silent) for day, silent, _, _ in STORY[document]]


def judged_rows():
    for document, rows in STORY.items():
        for day, _, kind, stance in rows:
            yield pytest.param(document, day, kind, stance, id=f"{document}/{day}")


@pytest.mark.parametrize(("document", "day", "kind", "stance"), list(judged_rows()))
def test_every_change_is_judged_for_what_it_means(store, document, day, kind, stance):
    judged = change(store, document, day).judgement

    assert (judged.ai_kind, dict(judged.stance_after)) == (kind, stance)
    assert judged.ai_change == (kind not in (None, "moved"))


def test_the_summary_counts_what_the_archive_holds(archive, store):
    played = demo.play(archive)

    changes = sum(len(rows) for rows in STORY.values())
    assert (played.documents, played.versions, played.changes) == (len(STORY), changes + len(STORY), changes)
    assert played.flagged == sum(found.ai_change for found in derived.changes(store))
    assert 120 <= played.checks <= 250


def test_a_second_play_changes_nothing(archive):
    def rows():
        with Store.read(archive) as store:
            tables = ("check", "capture", "blob", "version", "clause", "change", "reading", "judgement", "flag")
            return {table: store.rows(f'select * from "{table}"') for table in tables}

    before = rows()
    demo.play(archive)

    assert rows() == before


# ---- the cases that the demo is there to show --------------------------------------------------------------------


def test_a_training_right_is_slipped_into_a_clause_under_an_unmoved_date(store):
    found = change(store, "tonewharf/terms-of-service", "2024-02-13")
    window = record(store, "tonewharf/terms-of-service", "2024-02-13").window

    (clause,) = found.comparison.changes
    (sentence,) = [text for sign, text in clause.words if sign != "="]
    assert clause.kind is Kind.REWORDED
    assert sentence.startswith("You also agree that Your Content may serve as material")
    assert (window.start, window.end) == (
        datetime(2024, 2, 12, 6, tzinfo=UTC),
        datetime(2024, 2, 13, 6, tzinfo=UTC),
    )


def test_a_split_promise_under_new_numbers_is_no_change_of_words(store):
    counts = change(store, "tonewharf/terms-of-service", "2025-09-11").comparison.counts

    assert counts == {"split": 2, "form": 2}


def test_one_sentence_is_flagged_in_a_wholesale_rewrite(store):
    found = change(store, "huddlecote/terms-of-service", "2023-04-01")

    (place,) = found.judgement.flagged
    assert len(found.comparison.changes) > 100
    assert found.comparison.changes[place].after[0].label == "10.2"


def test_opt_in_turns_into_opt_out_without_a_word_on_ai_among_the_changed_ones(store):
    found = change(store, "quillmoor/terms-of-service", "2024-08-21")

    changed = [text for sign, text in found.comparison.changes[1].words if sign != "="]
    assert changed == ["only if", "unless", "on", "off"]


def test_a_ban_for_others_in_a_nested_list_keeps_the_sentence_that_governs_it(store):
    found = change(store, "easelgarth/terms-of-service", "2023-11-23")

    (item,) = [clause for row in found.comparison.changes for clause in row.after if clause.kind == "item"]
    assert "copy portfolios by automated means" in item.lead_in


@pytest.mark.parametrize(
    ("document", "day", "before", "after"),
    [
        ("rooktalk/commercial-terms", "2024-05-03", "6.80", "7.90"),
        ("easelgarth/terms-of-service", "2026-04-02", "12", "14"),
        ("cumulocker/terms-of-service", "2023-09-06", "30", "14"),
        ("notizanker/privacy-policy", "2026-03-25", "14", "90"),
    ],
)
def test_a_table_shows_the_cell_that_changed(store, document, day, before, after):
    (row,) = [row for row in change(store, document, day).comparison.changes if row.after[0].kind == "row"]

    assert [text for sign, text in row.words if sign != "="] == [before, after]


def test_a_text_that_comes_back_is_known(store):
    there, back = changes_of(store, "rooktalk/commercial-terms")[2:4]

    assert there.reverts_to is None
    assert back.reverts_to == there.before


def test_a_clause_that_moved_is_not_added_and_removed(store):
    counts = change(store, "quillmoor/terms-of-service", "2025-01-15").comparison.counts

    assert set(counts) == {"moved", "form"}


# ---- what must not become a version ------------------------------------------------------------------------------


def test_walls_and_error_pages_are_recorded_and_never_become_versions(store):
    bad = [check for check in store.checks("cumulocker/terms-of-service") if check.outcome in ("blocked", "failed")]

    reasons = Counter(check.reason.partition(",")[0] for check in bad)
    assert set(reasons) == {"bot-wall", "transient", "error-page", "shell", "blocked"}
    rows = store.rows("select version_id from reading where verdict != ?", Verdict.GOOD.value)
    assert rows
    assert all(row["version_id"] is None for row in rows)


def test_a_change_behind_a_closed_door_has_an_honest_window(store):
    window = record(store, "cumulocker/terms-of-service", "2025-03-21").window

    assert window.start == datetime(2025, 2, 24, 6, tzinfo=UTC)


@pytest.mark.parametrize("document", ["tonewharf/terms-of-service", "flickerfold/terms-of-service"])
def test_pages_that_differ_at_every_look_make_captures_and_no_versions(store, document):
    """Nonces, session ids in links, request numbers, the year at the foot."""
    captures = {number for check in store.checks(document) for number in check.captures}

    assert len(captures) == len(store.checks(document)) > 3 * len(derived.versions(store, document))


def test_a_new_layout_is_a_capture_and_no_version(store):
    checks = {check.at.date().isoformat(): check for check in store.checks("easelgarth/terms-of-service")}

    assert checks["2024-09-11"].outcome == "captured"
    assert checks["2024-09-11"].captures != checks["2024-09-10"].captures


# ---- the stage ---------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def stage():
    folder = demo.bundled("data") / "demo"
    with demo.staged(demo.read_script(folder), declarations.load(folder).declarations) as playing:
        yield playing


def ask(stage, url, at, *validators):
    async def asked():
        async with demo.StageFetcher(stage) as fetcher:
            return await fetcher.fetch(url, *validators)

    stage.clock = datetime.fromisoformat(at)
    return asyncio.run(asked())


CUMULOCKER = "https://www.cumulocker.example/terms"


def test_the_declarations_of_the_demo_have_no_fault():
    assert declarations.load(demo.bundled("data") / "demo").problems == ()


def test_the_stage_serves_what_a_platform_had_at_the_moment_of_its_clock(stage):
    old = ask(stage, "https://quillmoor.example/terms", "2024-08-20T17:14:59+00:00")
    new = ask(stage, "https://quillmoor.example/terms", "2024-08-20T17:15:00+00:00")

    assert b"only if you have turned on" in old.body
    assert b"unless you have turned off" in new.body
    assert new.url == new.final_url == "https://quillmoor.example/terms"


def test_a_page_that_stands_answers_not_modified(stage):
    first = ask(stage, CUMULOCKER, "2023-02-01T06:00:00+00:00")
    etag, date = first.header("etag"), first.header("last-modified")

    assert ask(stage, CUMULOCKER, "2023-05-01T06:00:00+00:00", etag, "").not_modified
    assert ask(stage, CUMULOCKER, "2023-05-01T06:00:00+00:00", "", date).not_modified
    assert not ask(stage, CUMULOCKER, "2023-10-01T06:00:00+00:00", etag, date).not_modified


def test_an_old_text_that_is_back_is_served_although_its_date_is_older(stage):
    url = "https://rooktalk.example/legal/customer-terms"
    other = ask(stage, url, "2024-10-09T06:00:00+00:00")

    again = ask(stage, url, "2024-10-11T06:00:00+00:00", other.header("etag"), other.header("last-modified"))

    assert not again.not_modified


@pytest.mark.parametrize(
    ("url", "at", "error"),
    [
        (CUMULOCKER, "2025-03-01T06:00:00+00:00", Blocked),
        (CUMULOCKER, "2024-07-19T06:00:00+00:00", Transient),
        ("https://nobody.example/terms", "2024-07-19T06:00:00+00:00", Gone),
    ],
)
def test_faults_are_named_with_the_address_of_the_platform(stage, url, at, error):
    with pytest.raises(error) as raised:
        ask(stage, url, at)

    assert raised.value.where == url


def test_stamps_differ_from_look_to_look_and_not_within_one():
    clock = datetime(2024, 5, 1, tzinfo=UTC)
    page = b"{{token:8}} {{token:8}} {{year}} {{seconds}} {{other}}"

    first, second = (demo.stamped(page, seed, clock).split() for seed in ("a", "b"))

    assert first[0] == first[1] != second[0]
    assert first[2:] == [b"2024", b"1714521600", b"{{other}}"]
