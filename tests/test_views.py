"""The index and its companions: what comes first, what is folded, what is said where there is nothing yet."""

import dataclasses
import json
from datetime import UTC, date, datetime, timedelta

import histories
import pytest
from test_entries import RECORD, VERSION

from tracker.errors import FetchError
from tracker.model import Document
from tracker.store import Store, derived
from tracker.views import dossier, front, listing, story

NOW = datetime(2024, 6, 1, tzinfo=UTC)


def record(number: int = 0, **values):
    at = NOW - timedelta(days=number)
    usual = {"id": f"tunely/terms/{at:%Y-%m-%d-%H%M%S}", "at": at, "ai_change": False, "verdict": "", "topics": ()}
    return dataclasses.replace(RECORD, **{**usual, **values})


def health(store: Store):
    latest = front.latest_check(store)
    return [dossier.health(story.load(store, document), latest) for document in store.documents()]


def index(path):
    with Store.read(path) as store:
        return front.index(store, derived.changes(store), health(store))


@pytest.fixture(scope="module")
def page(tmp_path_factory):
    path = tmp_path_factory.mktemp("views") / "tracker.db"
    histories.sample(path)
    return index(path)


# ---- the index ---------------------------------------------------------------------------------------------------


def test_every_value_is_plain_json(page):
    assert json.loads(json.dumps(page)) == page


def test_the_funnel_leads_from_everything_to_what_matters(page):
    funnel = page["funnel"]
    assert [funnel[name] for name in ("platforms", "documents", "checks", "changes", "on_ai", "training")] == [
        2,
        2,
        8,
        2,
        2,
        2,
    ]
    assert funnel["from"] == "2024-02-02T06:00:00Z"


def test_flagged_changes_come_first_newest_first_each_with_its_quote(page):
    assert [one["at"][:10] for one in page["flagged"]] == ["2024-03-18", "2024-02-05"]
    assert page["flagged"][1]["quote"]["text"] == histories.TRAINING
    assert page["flagged"][1]["silent"]


def test_every_platform_is_reached_from_the_index(page):
    assert [(one["name"], one["page"]) for one in page["platforms"]] == [
        ("Still", "platform/still/"),
        ("Tunely", "platform/tunely/"),
    ]


def test_documents_in_trouble_are_named_with_what_to_do(tmp_path):
    archive = histories.Archive(tmp_path / "tracker.db")
    archive.look(histories.page(histories.LICENCE))
    archive.look(FetchError("The site cannot be reached.", "https://tunely.example/terms", "Wait."))
    found = index(archive.path)["health"]
    assert found["ok"] == 0
    [one] = found["troubled"]
    assert (one["state"], one["document"]["platform"]) == ("failed", "Tunely")
    assert one["command"] == "tracker check tunely/terms-of-use"


# ---- noise -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("counts", "kind"),
    [
        ({"form": 3}, "form"),
        ({"moved": 2, "form": 1}, "moved"),
        ({"split": 1}, "moved"),
        ({"repeated": 4}, "moved"),
        ({"reworded": 1, "form": 9}, ""),
        ({"added": 1}, ""),
        ({"returned": 1}, ""),
    ],
)
def test_changes_without_new_words_are_noise(counts, kind):
    assert listing.noise(record(counts=counts)) == kind


def test_a_return_to_an_earlier_text_is_noise():
    assert listing.noise(record(reverts_to=VERSION)) == "returned"


def test_noise_is_folded_with_its_count_and_nothing_is_lost():
    changes = [record(0), record(1, counts={"form": 1}), record(2, reverts_to=VERSION), record(3, ai_change=True)]
    flagged, others, folded = listing.sorted_out(changes)
    assert [len(flagged), len(others), len(folded["form"]), len(folded["returned"])] == [1, 1, 1, 1]


def test_a_page_that_flips_to_and_fro_is_told_once():
    flips = [
        record(0, ai_change=True, verdict="Adds it", reverts_to=VERSION),
        record(1, ai_change=True, verdict="Drops it", reverts_to=VERSION),
        record(2, ai_change=True, verdict="Adds it", reverts_to=VERSION),
        record(3, ai_change=True, verdict="Drops it", reverts_to=VERSION),
        record(4, ai_change=True, verdict="Adds it"),
    ]
    flagged, _, folded = listing.sorted_out(flips)
    assert [one.verdict for one in flagged] == ["Drops it", "Adds it"]
    assert [one.at for one in flagged] == [flips[3].at, flips[4].at]
    assert len(folded["returned"]) == 3


# ---- months, years, coming ---------------------------------------------------------------------------------------


def test_other_changes_are_grouped_by_month():
    assert [(one["month"], len(one["changes"])) for one in front.months([record(0), record(3), record(10)])] == [
        ("2024-06", 1),
        ("2024-05", 2),
    ]


def test_changes_that_have_no_room_on_the_index_stand_on_the_pages_of_their_months(page, tmp_path):
    histories.sample(tmp_path / "tracker.db")
    many = [record(number) for number in range(front.LISTED + 60)]
    with Store.read(tmp_path / "tracker.db") as store:
        found = front.index(store, many, [])
        year = listing.year_page(store, many, 2023)
        months = [listing.month_page(store, many, one["month"]) for one in year["months"]]
    assert found["others_more"] == 60
    assert [(one["year"], one["page"]) for one in found["years"]] == [(2024, "changes/2024/"), (2023, "changes/2023/")]
    assert sum(len(month["others"]) for month in months) == found["years"][1]["count"]
    assert page["years"] == []


def test_what_is_coming_into_force_is_named_soonest_first():
    def due(number, day, name):
        after = dataclasses.replace(VERSION, effective_date=day)
        return record(number, after=after, document=Document(name, name, "Terms"))

    changes = [due(0, date(2024, 8, 1), "late"), due(1, date(2024, 6, 11), "soon"), due(2, date(2024, 5, 1), "past")]
    assert [(one["document"]["id"], one["days"]) for one in front.coming(changes, NOW)] == [("soon", 10), ("late", 61)]


def test_a_later_text_of_a_document_replaces_what_was_coming():
    after = dataclasses.replace(VERSION, effective_date=date(2024, 8, 1))
    assert front.coming([record(0), record(1, after=after)], NOW) == []


# ---- nothing yet -------------------------------------------------------------------------------------------------


def test_an_empty_archive_teaches_the_first_commands(tmp_path):
    Store.write(tmp_path / "tracker.db").close()
    found = index(tmp_path / "tracker.db")
    assert found["empty"]["stage"] == "nothing"
    assert "tracker demo" in found["empty"]["commands"]


def test_first_copies_without_a_change_say_what_they_hold(tmp_path):
    archive = histories.Archive(tmp_path / "tracker.db")
    archive.look(histories.page(histories.LICENCE, histories.TRAINING))
    found = index(archive.path)["empty"]
    assert (found["stage"], found["documents"], found["on_ai"]) == ("no-change", 1, 1)
    assert found["clauses"] > 10


def test_an_archive_with_changes_has_no_empty_state(page):
    assert page["empty"] is None


# ---- coverage and method -----------------------------------------------------------------------------------------


def test_coverage_lists_troubled_documents_before_those_that_are_well(tmp_path):
    archive = histories.Archive(tmp_path / "tracker.db")
    archive.look(histories.page(histories.LICENCE), platform="Alpha")
    archive.look(FetchError("There is no such page.", "https://b.example", "Mend it."), platform="Beta")
    with Store.read(archive.path) as store:
        found = front.coverage(store, health(store))
    assert [(one["document"]["platform"], one["state"]) for one in found["documents"]] == [
        ("Beta", "broken"),
        ("Alpha", "ok"),
    ]


def test_the_method_says_what_is_not_proved():
    words = json.dumps(front.method())
    assert "does not show what the platform did" in words
    assert "It is not a no" in words
