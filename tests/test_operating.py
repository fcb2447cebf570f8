"""What an operator is told of the watch: once a day for each cause, and once when it is over."""

from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import loopback
import pytest
from test_alerts import Desk, watch  # noqa: F401 - the fixture
from test_pipeline import LICENCE, WALL, page, ruleset  # noqa: F401 - the fixture

from tracker.alerts import operating
from tracker.alerts.composing import compose
from tracker.alerts.operating import Trouble, news, of_watch
from tracker.alerts.words import LANGUAGES
from tracker.model import Source
from tracker.store.troubles import Told

GIB = 1 << 30
NOW = datetime(2026, 3, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)


class Operator(Desk):
    """A document's operator, who is told after every look; `seen` are the subjects of what was sent."""

    def __init__(self, watch, *tables):  # noqa: F811
        super().__init__(watch, *(tables or [{"to": "mailto:me@example.org", "operator": True}]))

    def after(self, *pages, wait=timedelta()):
        begin = len(self.got)
        for one in pages:
            self.watch.look(one)
            self.look_after(wait)
        return [one.subject.removeprefix("[tracker] ") for one in self.got[begin:]]

    def look_after(self, wait=timedelta()):
        declared = {self.watch.name: self.watch.declaration}
        operating.look_after(self.watch.path, declared, self.subscribed, self.watch.at + wait)
        self.send(wait)


@pytest.fixture(autouse=True)
def plenty(monkeypatch):
    """A disk with room, whatever the machine of the tests has."""
    monkeypatch.setattr(operating.shutil, "disk_usage", lambda path: SimpleNamespace(free=900 * GIB, total=1000 * GIB))


@pytest.mark.parametrize(
    ("trouble", "after", "said"),
    [(loopback.status(404), 2, "Page gone"), (loopback.status(403), 4, "Blocked"), (WALL, 4, "Blocked")],
    ids=["gone", "refused", "wall"],
)
def test_a_page_that_cannot_be_seen_is_told_once_it_lasts_and_when_it_is_over(watch, trouble, after, said):  # noqa: F811
    operator = Operator(watch)
    watch.at -= timedelta(days=2)
    assert operator.after(page(LICENCE)) == []
    step = timedelta(hours=1) - timedelta(days=1)  # the watch looks once an hour

    def often(served, times):
        found = []
        for _ in range(times):
            watch.at += step
            found += operator.after(served)
        return found

    title = "Tunely Terms of Use"
    assert often(trouble, after - 1) == []
    assert often(trouble, 1) == [f"{said}: {title}"]
    assert often(trouble, 5) == []
    assert often(page(LICENCE), 2) == [f"Over: {said}: {title}"]
    assert operator.got[-1].follows == (operator.got[0].name,)


def test_what_lasts_is_told_again_once_a_day(watch):  # noqa: F811
    operator = Operator(watch)
    operator.after(page(LICENCE), *[loopback.status(404)] * 2)
    begin = len(operator.got)
    for hours in range(1, 73):
        operator.look_after(hours * HOUR)
    assert sum("Page gone" in one.text for one in operator.got[begin:]) == 3


def test_a_selection_that_matches_nothing_any_more_is_told_with_its_remedy(watch):  # noqa: F811
    source = Source(watch.declaration.sources[0].url, select=("#legal",))
    operator = Operator(watch)
    framed = page(LICENCE).replace("<main>", '<main id="legal">')
    watch.declaration = type(watch.declaration)(watch.declaration.document, (source,))
    assert operator.after(framed) == []
    (subject,) = operator.after(page(LICENCE), page(LICENCE))
    assert subject.startswith("Selection broken")
    assert "tracker repair tunely/terms-of-use" in operator.got[-1].text
    (subject,) = operator.after(framed)
    assert subject.startswith("Over: Selection broken")


def test_a_day_without_a_good_check_is_told(watch):  # noqa: F811
    operator = Operator(watch)
    operator.after(page(LICENCE))
    operator.look_after(23 * HOUR)
    assert operator.got == []
    operator.look_after(25 * HOUR)
    assert operator.got[0].subject == "[tracker] Nothing seen for a day: tracker"
    assert operator.after(page(LICENCE), wait=2 * HOUR)[-1] == "Over: Nothing seen for a day: tracker"


def test_a_disk_that_is_nearly_full_is_told_and_is_over_with_room_to_spare():
    def wrong(free, total=1000 * GIB, known=None):
        return [one.cause for one in of_watch(NOW, NOW, int(free * GIB), total, known or {})]

    told = {("disk", ""): Told(NOW, NOW, True)}
    assert wrong(4) == ["disk"]
    assert wrong(5.5) == []
    assert wrong(5.5, known=told) == ["disk"]
    assert wrong(9, known=told) == []
    assert wrong(1, total=10 * GIB) == []
    assert wrong(0.4, total=4 * GIB) == ["disk"]


def test_what_comes_and_goes_is_told_no_more_than_once_a_day():
    one, key = Trouble("blocked", "a/b", "A B", NOW, ""), ("blocked", "a/b")
    known, told = {}, []
    for hour in range(48):
        now = NOW + hour * HOUR
        for trouble, is_open in news([one] if hour % 2 == 0 else [], known, now):
            known[key] = Told(trouble.since, now, is_open)
            told.append((hour, is_open))
    assert len(told) <= 4
    assert told[:2] == [(0, True), (1, False)]


def test_nobody_but_an_operator_hears_of_it_and_only_of_what_is_his(watch):  # noqa: F811
    operator = Operator(
        watch,
        {"to": "mailto:desk@example.org"},
        {"to": "mailto:other@example.org", "operator": True, "platforms": ["other"]},
    )
    operator.after(page(LICENCE), *[loopback.status(404)] * 3)
    assert not any("gone" in one.subject for one in operator.got)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_trouble_can_be_told(watch, language):  # noqa: F811
    operator = Operator(watch, {"to": "mailto:me@example.org", "operator": True, "language": language})
    for cause in ("gone", "blocked", "selector", "disk", "silence"):
        for is_open in (True, False):
            facts = operating.facts(Trouble(cause, "a/b", "A B", NOW, "It says so."), is_open, "A B")
            alert = SimpleNamespace(id=1, document="a/b", verdict="", state="confirmed", facts=facts)
            delivery = SimpleNamespace(id=1, alert=alert, target="", kind="trouble", thread=(), message="")
            assert "It says so." in compose("n", [delivery], operator.subscribed[0]).text
