"""Pages of a platform, a document and a version."""

import json
from datetime import timedelta

import histories
import pytest

from tracker.errors import FetchError
from tracker.views import dossier, front, story


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    return histories.sample(tmp_path_factory.mktemp("dossier") / "tracker.db")


@pytest.fixture
def store(archive):
    with archive.read() as found:
        yield found


def told(store, platform="Tunely"):
    return story.load(store, next(one for one in store.documents() if one.platform == platform))


# ---- a document --------------------------------------------------------------------------------------------------


def test_a_document_lists_its_versions_newest_first_with_what_changed(store):
    page = dossier.document_page(store, told(store), front.latest_check(store))
    assert json.loads(json.dumps(page)) == page
    assert [one["at"][:10] for one in page["versions"]] == ["2024-03-18", "2024-02-05", "2024-02-02"]
    assert page["versions"][-1]["change"] is None
    assert page["versions"][0]["change"]["page"] == "change/tunely/terms-of-use/2024-03-18-060000/"


def test_every_check_is_shown_with_what_came_of_it_and_gaps_are_shown_as_gaps(store):
    checks = dossier.document_page(store, told(store), front.latest_check(store))["checks"]
    assert checks["total"] == 6
    assert checks["outcomes"] == {"captured": 3, "failed": 1, "unchanged": 2}
    assert [one["outcome"] for one in checks["streaks"]] == ["seen", "none", "failed", "seen"]
    assert [change for _, _, change in checks["moments"]] == ["", "", "flagged", "", "", "flagged"]


def test_a_troubled_document_says_what_is_wrong_and_what_to_do(tmp_path):
    archive = histories.Archive(tmp_path / "tracker.db")
    archive.look(histories.page(histories.LICENCE))
    archive.look(FetchError("The site cannot be reached.", "https://tunely.example/terms", "Wait."))
    with archive.read() as store:
        health = dossier.health(told(store), front.latest_check(store))
    assert health["state"] == "failed"
    assert "cannot be reached" in health["message"]
    assert health["command"] == "tracker check tunely/terms-of-use"
    assert health["last_seen"] == "2024-02-02T06:00:00Z"


def test_a_document_that_was_never_read_is_broken_and_has_a_page(tmp_path):
    archive = histories.Archive(tmp_path / "tracker.db")
    archive.look(FetchError("There is no such page.", "https://tunely.example/terms", "Mend the address."))
    with archive.read() as store:
        page = dossier.document_page(store, told(store), front.latest_check(store))
    assert page["health"]["state"] == "broken"
    assert page["versions"] == page["changes"] == []


def test_a_document_without_trouble_says_so_in_one_word(store):
    latest = front.latest_check(store)
    assert dossier.health(told(store), latest)["words"] == "ok"
    assert dossier.health(told(store), latest + timedelta(days=900))["state"] == "stale"


# ---- a version ---------------------------------------------------------------------------------------------------


def test_a_version_holds_every_clause_with_an_anchor_and_flags_in_place(store):
    found = told(store)
    page = dossier.version_page(store, found, found.versions[1])
    assert json.loads(json.dumps(page)) == page
    anchors = [one["anchor"] for one in page["clauses"]]
    assert len(anchors) == len(set(anchors)) == found.versions[1].clauses
    [flagged] = [one for one in page["clauses"] if one["flags"]]
    assert flagged["text"] == histories.TRAINING
    assert page["on_ai"] == [flagged["anchor"]]
    assert flagged["since"]["page"] == "version/tunely/terms-of-use/2024-02-05-060000/"


def test_a_version_leads_to_its_neighbours_and_says_whether_it_is_the_latest(store):
    found = told(store)
    page = dossier.version_page(store, found, found.versions[1])
    assert page["previous"]["page"].endswith("2024-02-02-060000/")
    assert page["next"]["page"].endswith("2024-03-18-060000/")
    assert not page["is_latest"]
    assert dossier.version_page(store, found, found.versions[2])["is_latest"]


def test_clauses_that_say_the_same_have_different_anchors(tmp_path):
    archive = histories.Archive(tmp_path / "tracker.db")
    archive.look(histories.page(histories.LICENCE, histories.LICENCE))
    with archive.read() as store:
        found = told(store)
        anchors = [one["anchor"] for one in dossier.version_page(store, found, found.versions[0])["clauses"]]
    assert len(anchors) == len(set(anchors))
    assert sum(anchor.endswith("-2") for anchor in anchors) == 1


def test_a_block_of_code_loses_its_fences_and_keeps_its_lines():
    assert dossier.visible_code("```py\nif x:\n    y\u202e\n```\n") == "if x:\n    y⟨U+202E⟩"


# ---- a platform --------------------------------------------------------------------------------------------------


def test_a_platform_answers_each_question_with_quote_and_since_when(store):
    page = dossier.platform_page(store, [told(store)], front.latest_check(store))
    assert json.loads(json.dumps(page)) == page
    training = next(one for one in page["stance"] if one["question"] == "own-training")
    assert training["words"] == "only with your consent"
    [answer] = training["said"]
    assert answer["text"] == histories.PROMISE
    assert answer["since"]["window"] == {"from": "2024-03-17T06:00:00Z", "to": "2024-03-18T06:00:00Z"}
    assert answer["page"].startswith("version/tunely/terms-of-use/2024-03-18-060000/#c-")


def test_silence_is_an_answer_and_not_a_no(store):
    page = dossier.platform_page(store, [told(store, "Still")], front.latest_check(store))
    assert {one["words"] for one in page["stance"]} == {"silent"}
    assert len(page["stance"]) == 8


def test_the_timeline_has_a_lane_for_each_document_with_its_changes(store):
    [lane] = dossier.platform_page(store, [told(store)], front.latest_check(store))["timeline"]
    assert [change["at"][:10] for change in lane["changes"]] == ["2024-02-05", "2024-03-18"]
    assert all(change["ai"] for change in lane["changes"])
