"""A clause keeps its identity through rewording, moving, splitting and coming back; steps equal the whole story."""

import json
import tempfile
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest
from click.testing import CliRunner
from histories import LICENCE, PROMISE, TRAINING, Archive, page, ruleset, sample
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tracker import timeline
from tracker.cli import cli
from tracker.errors import NotFound
from tracker.lineage import Stand, follow
from tracker.model import (
    Check,
    ClausePlaces,
    Declaration,
    Document,
    Outcome,
    Quality,
    Reading,
    Shown,
    Source,
    Verdict,
    Version,
    VersionDraft,
    Window,
    under_unmoved_dates,
)
from tracker.store import Store, derived, lineages, moments
from tracker.text import split, substance_hash

DOCUMENT = Document("tunely/terms", "Tunely", "Terms")
NOON = datetime(2024, 1, 1, 12, tzinfo=UTC)


class Told:
    """Versions of a document, put into an archive one after the other as a watch does."""

    def __init__(self, path: Path) -> None:
        self.store = Store.write(path)
        self.count = 0

    def next(self, *clauses: str, language: str = "en", at: datetime | None = None) -> None:
        store, text = self.store, "\n\n".join(clauses)
        self.count += 1
        at = at or NOON + timedelta(days=self.count)
        with store.transaction():
            row = store.keep_document(DOCUMENT)
            check = store.keep_check(row, Check(0, DOCUMENT.id, at, Outcome.CAPTURED))
            found = split(text)
            reading = Reading(text, language=language)
            derived.keep_version(store, row, VersionDraft(check, at, reading, found, substance_hash(found), None, None))
            derived.keep_reading(store, Shown(check, Quality(Verdict.GOOD), check))
            timeline.keep_changes(store, DOCUMENT, ruleset())

    def stands(self, words: str) -> list[str]:
        """The names of the clauses that ever held some words, in the order of their beginning."""
        sql = (
            "select distinct l.id, l.name from lineage l join version_clause w on w.lineage_id = l.id "
            "join clause c on c.id = w.clause_id where c.text like ? order by l.id"
        )
        return [row["name"] for row in self.store.rows(sql, f"%{words}%")]

    def kinds(self, words: str) -> list[list[str]]:
        """What happened to each of these clauses, in order."""
        named = [lineages.named(self.store, DOCUMENT.id, name)[0]["id"] for name in self.stands(words)]
        return [[event["kind"] for event in lineages.events(self.store, number)] for number in named]

    def everything(self) -> list:
        """All that lineage says, without the numbers of rows."""
        placed = self.store.rows(
            "select v.at, w.position, l.name from version_clause w join version v on v.id = w.version_id "
            "join lineage l on l.id = w.lineage_id order by v.at, w.position"
        )
        happened = self.store.rows(
            "select v.at, l.name, e.kind, e.before_id, e.after_id, (select group_concat(name, ' ') from lineage where "
            "id in (select value from json_each(e.related))) as related from lineage_event e "
            "join version v on v.id = e.version_id join lineage l on l.id = e.lineage_id order by e.id"
        )
        return [placed, happened]

    def again(self) -> None:
        with self.store.transaction():
            lineages.forget(self.store, self.store.document_id(DOCUMENT.id))
            lineages.keep(self.store, DOCUMENT.id)


@pytest.fixture
def told(tmp_path):
    told = Told(tmp_path / "tracker.db")
    yield told
    told.store.close()


A = "You keep all rights in the music that you upload to the service and in its recordings."
B = "We may use your uploads to train artificial intelligence models of ours and of our partners."
B2 = "We may use your uploads to train artificial intelligence models of ours, unless you opt out in the settings."
C = "You must be sixteen years old to open an account, or have the consent of your parents."
D = "Disputes are heard by the courts of Ireland, and by no others, under the laws of that country."

CLAUSES = st.sampled_from([A, B, B2, C, D, f"{B} {C}", "# Rights", "Rights"])


def test_a_clause_is_followed_through_rewording_moving_removal_and_return(told):
    told.next(A, C, D)
    told.next(A, C, B, D)
    told.next(A, C, B2, D)
    told.next(B2, A, C, D)
    told.next(A, C, D)
    told.next(A, B2, C, D)
    assert told.kinds("train artificial") == [["added", "reworded", "moved", "removed", "returned"]]
    assert told.kinds("sixteen") == [["first"]]


def test_a_paragraph_that_breaks_in_two_goes_on_in_its_longer_part_and_takes_the_other_back(told):
    told.next(A, f"{B} {C}", D)
    told.next(A, B, C, D)
    told.next(A, f"{B} {C}", D)
    told.next(A, B, C, D)
    assert told.kinds("train artificial") == [["first", "split", "merged", "split"]]
    (_, part) = told.kinds("sixteen")
    assert part == ["split", "merged", "returned"]


def test_a_text_that_flaps_two_hundred_times_has_no_more_clauses_than_it_shows(told):
    for n in range(200):
        told.next(A, C, *((B,) if n % 2 else ()), D)
    assert len(told.stands("")) == 4
    assert told.kinds("train artificial")[0][:3] == ["added", "removed", "returned"]


def test_a_swapped_document_that_comes_back_brings_its_clauses_with_it(told):
    long = [f"{A} Number {n} of the many parts that there are in {word}." for n, word in enumerate("abcdefghijkl" * 2)]
    other = [f"Cookies of kind {n}: what they do, how long they last, who sets them, and why." for n in range(24)]
    told.next(*long)
    told.next(*other)
    told.next(*long)
    assert told.kinds("Number 3 of") == [["first", "removed", "returned"]]


def test_words_that_came_back_in_the_place_of_others_say_where_they_stood(told):
    told.next(A, B, D)
    told.next(A, C, D)
    told.next(A, B, C, D)
    assert told.kinds("train artificial") == [["first", "removed", "returned"]]


def test_a_further_copy_is_a_clause_of_its_own_and_says_what_it_repeats(told):
    told.next(A, B, D)
    told.next(A, B, C, D, B)
    assert [kinds[-1] for kinds in told.kinds("train artificial")] == ["first", "repeated"]
    first, copy = told.stands("train artificial")
    assert copy == f"{first}-2"
    event = lineages.events(told.store, lineages.named(told.store, DOCUMENT.id, copy)[0]["id"])[0]
    assert first in event["related"]


def test_editions_in_two_languages_are_followed_apart(told):
    told.next(A, B)
    told.next(A, "Wir nutzen Ihre Inhalte nicht, um Modelle zu trainieren.", language="de")
    told.next(A, B, C)
    assert told.kinds("You keep all rights") == [["first"], ["first"]]


def test_a_clause_is_found_by_the_key_of_any_wording(told):
    told.next(A, B)
    told.next(A, B2)
    first = told.stands("train artificial")[0]
    for wording in (B, B2):
        key = split(wording)[0].key
        assert [row["name"] for row in lineages.named(told.store, DOCUMENT.id, key)] == [first]
        assert [row["name"] for row in lineages.named(told.store, "", key[:8])] == [first]
    with pytest.raises(NotFound, match="no such clause"):
        lineages.named(told.store, DOCUMENT.id, "0123456789abcdef")


def test_a_name_holds_when_an_earlier_wording_turns_up(told):
    told.next(A, B2, at=NOON + timedelta(days=100))
    cited = told.stands("train artificial")[0]
    told.store.close()
    earlier = Told(told.store.path.with_name("earlier.db"))
    earlier.next(A, B)
    earlier.next(A, B2)
    assert lineages.named(earlier.store, DOCUMENT.id, cited)[0]["name"] == split(B)[0].key
    earlier.store.close()
    told.store = Store.read(told.store.path)


def test_a_version_that_came_in_between_later_has_the_story_told_again(told):
    told.next(A, at=NOON + timedelta(days=10))
    told.next(A, B, at=NOON + timedelta(days=30))
    with told.store.transaction():
        told.store.db.execute("delete from clause_change")
        told.store.db.execute("delete from change")
    told.next(A, B, C, at=NOON + timedelta(days=20))
    assert told.kinds("train artificial") == [["added"]]
    stored = told.everything()
    told.again()
    assert told.everything() == stored


def test_two_versions_in_the_same_second_are_followed_in_the_order_of_their_coming(told):
    told.next(A, at=NOON)
    told.next(A, B, at=NOON)
    assert told.kinds("train artificial") == [["added"]]


def test_an_archive_from_before_lineage_is_followed_when_it_is_refreshed(tmp_path):
    archive = sample(tmp_path / "tracker.db")
    with Store.write(archive.path) as store:
        with store.transaction():
            lineages.forget(store, store.document_id("tunely/terms-of-use"))
        assert lineages.unfollowed(store) == ["tunely/terms-of-use"]
        timeline.refresh(store, {}, ruleset())
        assert not lineages.unfollowed(store)


def test_the_pipeline_follows_what_it_brings(tmp_path):
    with sample(tmp_path / "tracker.db").read() as store:
        key = split(TRAINING)[0].key
        (row,) = lineages.named(store, "tunely/terms-of-use", key)
        assert [(event["kind"], event["after"]) for event in lineages.events(store, row["id"])] == [
            ("added", TRAINING),
            ("reworded", PROMISE),
        ]
        (licence,) = lineages.named(store, "tunely/terms-of-use", split(LICENCE)[0].key)
        assert [event["kind"] for event in lineages.events(store, licence["id"])] == ["first"]


def test_reading_an_archive_again_tells_the_same_story(tmp_path):
    archive = sample(tmp_path / "tracker.db")
    document = Document("tunely/terms-of-use", "Tunely", "Terms of Use")
    declaration = Declaration(document, (Source("https://tunely.example/terms"),))
    with Store.write(archive.path) as store:
        before = story_of(store)
        found = timeline.refresh(store, {document.id: declaration}, ruleset(), everything=True)
        assert (found.read, found.faults) == (1, [])
        assert story_of(store) == before
        assert {row["kind"] for row in before} >= {"first", "added", "reworded"}


def story_of(store):
    return store.rows(
        "select v.at, l.name, e.kind, a.text from lineage_event e join version v on v.id = e.version_id "
        "join lineage l on l.id = e.lineage_id left join clause a on a.id = e.after_id order by v.at, l.name, e.kind"
    )


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.lists(st.lists(CLAUSES, min_size=1), min_size=1, max_size=7))
def test_step_by_step_and_all_at_once_tell_the_same(texts):
    with tempfile.TemporaryDirectory() as folder:
        told = Told(Path(folder) / "tracker.db")
        for text in texts:
            told.next(*text)
        stored = told.everything()
        told.again()
        assert told.everything() == stored
        for version in derived.versions(told.store, DOCUMENT.id):
            numbers = told.store.rows("select lineage_id as n from version_clause where version_id = ?", version.id)
            assert len({row["n"] for row in numbers}) == len(numbers), "no clause stands twice in one version"
            assert all(row["n"] for row in numbers)
        told.store.close()


def test_changes_that_do_not_fit_the_versions_are_no_lineage():
    with pytest.raises(ValueError, match="argument"):
        follow([1, 2], [Stand("a", 1)] * 2, [Stand("a", 1)], [ClausePlaces("form", "", (0,), (0,))], {})


# ---- the dates that a text gives for itself ----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "silent"),
    [
        (("2024-01-01", None), ("2024-01-01", None), True),
        (("2024-01-01", None), ("2024-02-01", None), False),
        (("2024-01-01", "2024-02-01"), ("2024-01-01", "2024-03-01"), False),
        ((None, "2024-02-01"), (None, "2024-02-01"), True),
        ((None, "2024-02-01"), (None, "2024-03-01"), False),
        ((None, None), (None, None), False),
        (("2024-01-01", None), (None, None), False),
        ((None, None), ("2024-01-01", None), False),
    ],
)
def test_a_change_is_silent_where_no_date_that_the_text_gives_moved(before, after, silent):
    versions = [
        Version(1, DOCUMENT.id, NOON, "", "", 9, 1, stated_date=_day(stated), effective_date=_day(effective))
        for stated, effective in (before, after)
    ]
    assert under_unmoved_dates(*versions) is silent


def _day(text):
    return date.fromisoformat(text) if text else None


@pytest.mark.parametrize(
    ("before", "after", "only"),
    [
        ("Last updated: 1 January 2024", "Last updated: 9 March 2024", True),
        ("These terms were last updated on January 1, 2024.", "These terms were last updated on March 9, 2024.", True),
        ("Effective date: 2024-01-01", "Effective date: 2024-03-09", True),
        ("Last updated: 1 January 2024", "Last updated: 9 March 2024 by us", False),
        ("Who joined before 1 January 2024 keeps the old price.", "Who joined before 9 March 2024 keeps it.", False),
        ("You may object until 1 January 2024.", "You may object until 9 March 2024.", False),
        ("Last updated: 1 January 2024", "Last updated: 1 January 2024", False),
    ],
)
def test_only_the_dates_that_a_text_gives_for_itself_are_no_change_of_words(tmp_path, before, after, only):
    archive = Archive(tmp_path / "tracker.db")
    archive.look(page(LICENCE, before, stated="soon"))
    archive.look(page(LICENCE, after, stated="soon"))
    with archive.read() as store:
        changes = derived.changes(store)
    assert [(change.redated, change.silent) for change in changes if change.redated] == [(True, False)] * only
    assert all(change.substantive is not change.redated for change in changes)


def test_a_date_that_moves_where_it_is_no_clause_is_told_and_is_no_version(told):
    for n, stated in enumerate(("2024-01-01", "2024-01-01", "2024-03-09", "2024-03-09")):
        with told.store.transaction():
            row = told.store.keep_document(DOCUMENT)
            at = NOON + timedelta(days=n)
            check = told.store.keep_check(row, Check(0, DOCUMENT.id, at, Outcome.CAPTURED))
            if not n:
                first, clauses = check, split(A)
                reading = Reading(A, language="en")
                draft = VersionDraft(check, at, reading, clauses, substance_hash(clauses), None, None)
                derived.keep_version(told.store, row, draft)
            shown = Shown(check, Quality(Verdict.GOOD), first, date.fromisoformat(stated))
            derived.keep_reading(told.store, shown)
    (moved,) = moments.redatings(told.store, DOCUMENT.id)
    assert (moved.before[0], moved.after[0]) == (date(2024, 1, 1), date(2024, 3, 9))
    assert moved.window == Window(NOON + timedelta(days=1), NOON + timedelta(days=2))
    run = CliRunner().invoke(cli, ["--archive", str(told.store.path), "history", DOCUMENT.id])
    assert "Dates moved, the words did not: “last changed” from 1 January 2024 to 9 March 2024" in run.output
    run = CliRunner().invoke(cli, ["--archive", str(told.store.path), "history", "tunely", "--json"])
    assert json.loads(run.output)["redated"][0]["stated_date"] == ["2024-01-01", "2024-03-09"]


def test_dates_are_kept_with_every_check(tmp_path):
    archive = Archive(tmp_path / "tracker.db")
    for _ in range(2):
        archive.look(page(LICENCE, stated="1 January 2024"))
    with archive.read() as store:
        assert [row["stated_date"] for row in store.rows("select stated_date from reading")] == ["2024-01-01"] * 2


def test_a_history_says_which_change_was_silent_and_which_window_is_wide(tmp_path):
    archive = sample(tmp_path / "tracker.db")
    run = CliRunner().invoke(cli, ["--archive", str(archive.path), "history", "tunely/terms-of-use"])
    assert "Silent: no date that it gives moved." in run.output
    assert "came between 4 Feb 2024 06:00 and 5 Feb 2024 06:00 UTC" in run.output
    assert "blocked" in run.output or "failed" in run.output


def test_a_new_version_costs_the_database_as_much_after_a_long_history_as_after_a_short_one(tmp_path):
    told, steps = Told(tmp_path / "tracker.db"), []
    told.store.db.conn.set_progress_handler(lambda: steps.append(1) and None, 100)
    clauses = [f"Section {number} is about the {number * 7919} ways of it." for number in range(120)]
    costs = []
    for version in range(40):
        steps.clear()
        clauses[version] = f"Section {version} was put in other words, {version * 104729} of them."
        told.next(*clauses)
        costs.append(len(steps))
    told.store.close()
    assert max(costs[-5:]) < 1.5 * max(costs[5:10])
