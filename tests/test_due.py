"""When a document is looked at next: sooner where it changes often, later where it fails, never in a burst."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.model import Check, Outcome, Turn
from tracker.watch import due
from tracker.watch.due import Pace

NOW = datetime(2026, 3, 1, 6, tzinfo=UTC)
PACE = Pace()
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)


def turn(failures=0, confirms=False):
    return Turn("tunely/terms-of-use", "tunely.example", NOW, failures, confirms)


def check(outcome, reason="", captures=()):
    return Check(1, "tunely/terms-of-use", NOW, outcome, reason, captures=captures)


def following(outcome=Outcome.UNCHANGED, reason="", failures=0, every=12 * HOUR, captures=(), **said):
    return due.after_look(turn(failures), check(outcome, reason, captures), now=NOW, every=every, pace=PACE, **said)


def test_a_document_that_changes_often_is_looked_at_more_often():
    waits = [due.interval(changes, 365 * DAY, PACE) for changes in (0, 2, 8, 40, 400)]
    assert waits == sorted(waits, reverse=True)
    assert waits[0] == PACE.longest
    assert waits[-1] == PACE.shortest


def test_the_wait_halves_where_the_rate_is_four_times_as_high():
    open_pace = Pace(timedelta(0), 365 * DAY)
    often, seldom = (due.interval(changes, 100_000 * DAY, open_pace) for changes in (4_000, 1_000))
    assert seldom / often == pytest.approx(2, rel=0.01)


@given(st.integers(0, 10**6), st.floats(0, 10**5))
def test_no_history_leads_out_of_the_bounds(changes, days):
    assert PACE.shortest <= due.interval(changes, days * DAY, PACE) <= PACE.longest


@given(st.text(min_size=1, max_size=20), st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1)))
def test_documents_drift_apart_by_a_tenth_at_most(name, at):
    looked = Check(1, name, at.replace(tzinfo=UTC), Outcome.UNCHANGED)
    found = due.after_look(Turn(name, "h", looked.at), looked, now=looked.at, every=10 * HOUR, pace=PACE)
    assert 9 * HOUR <= found.due_at - looked.at <= 11 * HOUR
    assert found == due.after_look(Turn(name, "h", looked.at), looked, now=looked.at, every=10 * HOUR, pace=PACE)


def test_a_find_on_ai_is_looked_at_again_within_minutes():
    found = following(Outcome.CAPTURED, flagged=True)
    assert (found.due_at - NOW, found.confirms) == (PACE.confirm, True)


def test_a_text_that_may_not_be_the_document_is_looked_at_again_within_minutes():
    assert following(Outcome.SUSPECT).due_at - NOW == PACE.confirm


def test_what_was_confirmed_goes_back_to_its_rhythm():
    found = due.after_look(turn(confirms=True), check(Outcome.UNCHANGED), now=NOW, every=12 * HOUR, pace=PACE)
    assert not found.confirms
    assert found.due_at - NOW > 10 * HOUR


def test_failures_wait_twice_as_long_each_time_and_a_day_at_most():
    waits = [following(Outcome.FAILED, "transient", failures).due_at - NOW for failures in range(12)]
    assert timedelta(minutes=15) <= waits[0] <= timedelta(minutes=17)
    assert waits == sorted(waits)
    assert waits[-1] <= 1.1 * DAY


def test_after_failures_in_a_row_a_document_rests_and_says_so():
    found = following(Outcome.BLOCKED, "blocked", failures=due.RESTS_AFTER - 1)
    assert "Rests after 8 failures" in found.note
    assert found.due_at - NOW >= DAY


def test_one_good_look_ends_the_rest():
    found = following(Outcome.UNCHANGED, failures=30)
    assert (found.failures, found.note) == (0, "")


@pytest.mark.parametrize(("seconds", "least", "most"), [(7200, 2 * HOUR, 2.3 * HOUR), (10**8, 7 * DAY, 7.8 * DAY)])
def test_a_site_that_asks_to_be_left_alone_is_left_alone(seconds, least, most):
    found = following(Outcome.FAILED, "transient", retry_after=seconds)
    assert least <= found.due_at - NOW <= most
    assert "left alone" in found.note


def test_a_short_wait_does_not_shorten_ours():
    assert following(Outcome.FAILED, "transient", retry_after=1).due_at - NOW >= timedelta(minutes=15)


def test_trouble_of_this_machine_is_not_held_against_a_document():
    found = following(Outcome.FAILED, "transient", failures=2, ours=True)
    assert found.failures == 2
    assert found.due_at - NOW == due.NETWORK_RETRY
    assert "This machine" in found.note


def test_failures_at_many_hosts_at_once_are_ours():
    failing = [(f"host{n}", False) for n in range(due.TOGETHER)]
    assert due.is_ours([("a", True), *failing])
    assert not due.is_ours(failing[1:])
    assert not due.is_ours([*failing, ("b", True)])
    assert not due.is_ours([("one", False)] * 30)


def test_a_site_that_says_when_is_asked_no_sooner_though_the_trouble_is_ours():
    found = following(Outcome.FAILED, "transient", ours=True, retry_after=7200)
    assert found.due_at - NOW == 2 * HOUR
