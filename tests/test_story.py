"""A document over time: how long words stood, runs of checks, and the gaps between them."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import histories
import pytest

from tracker.errors import FetchError
from tracker.model import Check, Outcome
from tracker.store import derived
from tracker.views import story

DAY = timedelta(days=1)
START = datetime(2024, 1, 1, tzinfo=UTC)


def check(day: float, outcome: Outcome = Outcome.UNCHANGED, reason: str = "") -> Check:
    return Check(0, "a/b", START + day * DAY, outcome, reason)


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    return histories.sample(tmp_path_factory.mktemp("story") / "tracker.db")


@pytest.fixture
def told(archive):
    with archive.read() as store:
        [document] = [one for one in store.documents() if one.id == "tunely/terms-of-use"]
        yield story.load(store, document)


# ---- runs of checks ----------------------------------------------------------------------------------------------


def test_checks_that_showed_the_same_are_one_stretch():
    found = story.streaks(
        [check(0, Outcome.CAPTURED), check(1), check(2), check(3, Outcome.BLOCKED, "http-403"), check(4)]
    )
    assert [(one.outcome, one.checks) for one in found] == [("seen", 3), ("blocked", 1), ("seen", 1)]


def test_a_time_in_which_nobody_looked_is_a_stretch_of_its_own():
    found = story.streaks([check(0), check(1), check(2), check(40), check(41)])
    assert [(one.outcome, one.checks) for one in found] == [("seen", 3), ("none", 0), ("seen", 2)]
    assert found[1].end - found[1].start == 38 * DAY


def test_a_document_that_is_looked_at_monthly_has_no_gap_in_a_month():
    assert [one.outcome for one in story.streaks([check(30 * n) for n in range(6)])] == ["seen"]


def test_no_check_is_no_stretch():
    assert story.streaks([]) == []


# ---- health ------------------------------------------------------------------------------------------------------


def test_health_is_what_the_last_check_says(told):
    latest = told.checks[-1].at
    assert story.state(told, latest) == "ok"
    blocked = replace(told, checks=(*told.checks, replace(told.checks[-1], outcome=Outcome.BLOCKED)))
    assert story.state(blocked, latest) == "blocked"
    assert story.state(replace(told, versions=()), latest) == "broken"


def test_a_document_that_is_looked_at_no_more_is_stale_by_the_archives_own_time(told):
    assert story.state(told, told.checks[-1].at + 13 * DAY) == "ok"
    assert story.state(told, told.checks[-1].at + 60 * DAY) == "stale"


# ---- how long words stood ----------------------------------------------------------------------------------------


def test_a_clause_is_followed_back_to_where_it_began_and_on_to_where_it_ended(told):
    [key] = told.keys(told.versions[1].id) - told.keys(told.versions[0].id)
    assert told.stood_from(key, histories.TRAINING, 1) == 1
    assert told.gone_in(key, histories.TRAINING, 1) == 2


def test_a_clause_that_never_left_stands_from_the_first_copy_to_this_day(told):
    key = min(told.keys(told.versions[0].id) & told.keys(told.versions[2].id))
    assert told.stood_from(key, "", 2) == 0
    assert told.gone_in(key, "", 0) is None


def test_a_paragraph_that_is_split_still_says_since_when_it_says_so(tmp_path):
    """A promise in a paragraph that broke in two is not a new promise."""
    archive = histories.Archive(tmp_path / "tracker.db")
    archive.look(histories.page(f"{histories.LICENCE} {histories.PROMISE}"))
    archive.look(histories.page(histories.LICENCE, histories.PROMISE))
    with archive.read() as store:
        told = story.load(store, store.documents()[0])
        key = next(iter(told.keys(told.versions[1].id) - told.keys(told.versions[0].id)))
        assert told.stood_from(key, histories.PROMISE, 1) == 0


def test_a_few_words_that_stand_anywhere_are_no_sentence_to_follow(told):
    assert not told.holds(0, "no-such-key", "of these terms")
    assert told.holds(0, "no-such-key", histories.LICENCE)


# ---- quotes ------------------------------------------------------------------------------------------------------


def test_a_list_quotes_the_flagged_clause_of_a_change(archive):
    with archive.read() as store:
        changes = derived.changes(store)
        found = story.quoted(store, changes)
    added = next(change for change in changes if change.ai_kind == "added")
    [one] = found[added.id]
    assert one.text == histories.TRAINING
    assert one.kind == "added"
    assert ("training", "permits") in one.stances
    assert any("train" in one.text[start:end] for start, end in one.spans)


def test_what_was_removed_is_quoted_from_the_text_before(tmp_path):
    archive = histories.Archive(tmp_path / "tracker.db")
    archive.look(histories.page(histories.LICENCE, histories.TRAINING))
    archive.look(FetchError("nothing", "there", "wait"))
    archive.look(histories.page(histories.LICENCE))
    with archive.read() as store:
        [[one]] = story.quoted(store, derived.changes(store)).values()
    assert (one.kind, one.text) == ("removed", histories.TRAINING)
