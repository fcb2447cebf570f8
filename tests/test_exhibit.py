"""The page of a change: what a journalist reads first, and what stands up afterwards."""

import json

import histories
import pytest

from tracker.store import derived
from tracker.views import citing, exhibit, story

PARTS = (
    ("As we have told you in rule", "nobody who came to us by way of a friend need pay for what was used of the"),
    ("Whoever is bound by part", "must keep to it in good faith, for as long as these words stand between us on the"),
)
BEFORE, AFTER = "2024-02-05-060000", "2024-03-18-060000"


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """The pages of the sample platform's two changes, oldest first."""
    archive = histories.sample(tmp_path_factory.mktemp("exhibit") / "tracker.db")
    with archive.read() as store:
        document = next(one for one in store.documents() if one.platform == "Tunely")
        told = story.load(store, document)
        changes = reversed(derived.changes(store, document.id))
        return [exhibit.page(store, told, change, "https://log.example/terms") for change in changes]


def test_every_value_is_plain_json(pages):
    for page in pages:
        assert json.loads(json.dumps(page)) == page


def test_the_verdict_stands_first_with_the_platforms_name_in_the_sentence(pages):
    assert pages[0]["headline"].startswith("Adds a right to train AI")
    assert pages[0]["sentence"].startswith("Tunely adds a right to train AI")


def test_the_window_lies_between_the_last_check_without_and_the_first_with(pages):
    assert pages[0]["window"] == {"from": "2024-02-04T06:00:00Z", "to": "2024-02-05T06:00:00Z"}


def test_a_check_that_met_a_wall_does_not_narrow_the_window(pages):
    """Blocked on 6 February, seen again on 17 March: the second change may have come on any day after that."""
    assert pages[1]["window"]["from"] == "2024-03-17T06:00:00Z"


def test_the_three_dates_stand_beside_each_other(pages):
    assert pages[0]["stated"] == "2024-01-01"
    assert pages[0]["silent"]
    assert pages[0]["effective"] is None
    assert not pages[1]["silent"]


def test_a_flagged_clause_comes_in_full_with_rule_and_matched_words(pages):
    [clause] = pages[0]["flagged"]
    assert (clause["word"], clause["before"]) == ("Added", None)
    assert clause["after"]["text"] == histories.TRAINING
    [flag, *_] = clause["after"]["flags"]
    assert flag["rule"]
    assert any("train" in word for word in flag["matched"])
    assert any(piece.get("mark") for piece in clause["after"]["pieces"])
    assert clause["anchor"].startswith("c-")
    assert len(clause["anchor"]) == 10


def test_a_flagged_clause_tells_how_long_it_stood(pages):
    assert pages[0]["flagged"][0]["lineage"]["gone_in"]["page"].endswith(f"{AFTER}/")
    assert pages[1]["flagged"][0]["lineage"]["stands"]
    assert not pages[1]["flagged"][0]["lineage"]["stood_since"]["first_copy"]


def test_both_sides_of_a_reworded_clause_are_given_and_marked(pages):
    [clause] = pages[1]["flagged"]
    assert clause["before"]["text"] == histories.TRAINING
    assert clause["after"]["text"] == histories.PROMISE
    assert any(piece.get("op") == "-" for piece in clause["before"]["pieces"])
    assert any(piece.get("op") == "+" for piece in clause["after"]["pieces"])


def test_the_stance_is_said_before_and_after_and_silence_is_a_word(pages):
    [training] = [one for one in pages[0]["stances"] if one["topic"] == "training"]
    assert (training["before_words"], training["after"]) == ("silent", "permits")
    assert "opt-out" in pages[0]["silent_on"]


def test_the_proof_names_hashes_addresses_and_times_of_both_sides(pages):
    for side in ("before", "after"):
        [capture] = pages[0]["proof"][side]["captures"]
        assert len(capture["sha256"]) == 64
        assert capture["url"] == "https://tunely.example/terms"
        assert capture["fetched_at"].endswith("Z")
        assert capture["status"] == 200


def test_a_citation_holds_window_hashes_and_permalink(pages):
    plain, bibtex = pages[0]["citation"]["plain"], pages[0]["citation"]["bibtex"]
    sha256 = pages[0]["proof"]["after"]["captures"][0]["sha256"]
    assert "between 4 February 2024 06:00 and 5 February 2024 06:00 UTC" in plain
    assert sha256 in plain
    assert plain.endswith(f"https://log.example/terms/change/tunely/terms-of-use/{BEFORE}/")
    assert bibtex.startswith("@misc{tunely-terms-of-use-2024-02-05-060000,")
    assert sha256 in bibtex


def test_signs_that_tex_reads_are_escaped_in_bibtex():
    assert citing._tex(r"A&B_{100%}\x") == r"A\&B\_\{100\%\}\textbackslash{}x"


def test_a_change_says_whether_the_document_changed_again(pages):
    assert pages[0]["later"]["count"] == 1
    assert pages[1]["later"]["count"] == 0
    assert pages[1]["later"]["last_seen"]


def test_a_first_copy_has_no_earlier_check_to_name(tmp_path):
    archive = histories.Archive(tmp_path / "tracker.db")
    archive.look(histories.page(histories.LICENCE))
    archive.look(histories.page(histories.LICENCE, histories.TRAINING))
    with archive.read() as store:
        [change] = derived.changes(store)
        page = exhibit.page(store, story.load(store, change.document), change)
    assert page["citation"]["permalink"] == ""
    assert page["citation"]["plain"].endswith(f"Change {change.id}.")


def test_moves_and_changes_of_form_are_folded_with_counts(tmp_path):
    archive = histories.Archive(tmp_path / "tracker.db")
    archive.look(histories.page(histories.LICENCE))
    moved = (*histories.FILLER[3:], *histories.FILLER[:3])
    linked = histories.LICENCE.replace("licence", '<a href="https://tunely.example/new">licence</a>')
    archive.look(histories.page(linked, "One more clause on how long we keep your recordings.", filler=moved))
    with archive.read() as store:
        [change] = derived.changes(store)
        page = exhibit.page(store, story.load(store, change.document), change)
    assert {group["kind"] for group in page["folded"]} == {"moved", "form"}
    assert [one["kind"] for one in page["changed"]] == ["added"]
    [form] = [one for group in page["folded"] if group["kind"] == "form" for one in group["clauses"]]
    assert form["links"]["come"] == ["https://tunely.example/new"]


def test_of_a_replaced_document_only_the_clauses_on_ai_are_shown(tmp_path):
    """Both whole texts have pages of their own."""
    archive = histories.Archive(tmp_path / "tracker.db")
    archive.look(histories.page(histories.LICENCE))
    tail = "and whoever is bound by it must keep to it in good faith for as long as these terms are in force between us"
    other = [f"Under rule {n} of the {word}, {tail}, {tail}." for n in range(25) for word in histories.WORDS]
    for _ in range(2):  # what looks so unlike the text before must be seen twice
        archive.look(histories.page(histories.TRAINING, filler=other))
    with archive.read() as store:
        [change] = derived.changes(store)
        page = exhibit.page(store, story.load(store, change.document), change)
    assert page["replaced"]
    assert [(one["kind"], one["after"]["text"]) for one in page["flagged"]] == [("added", histories.TRAINING)]
    assert page["changed"] == []


def test_a_rewrite_lists_added_clauses_first_and_what_has_no_room_stands_on_a_page_of_its_own(tmp_path):
    archive = histories.Archive(tmp_path / "tracker.db")
    old, new = (
        [f"{start} {n}, {rest} {word}." for n in range(25) for word in histories.WORDS] for start, rest in PARTS
    )
    archive.look(histories.page(histories.LICENCE, filler=[*old, *histories.FILLER]))
    for _ in range(2):  # what looks so unlike the text before must be seen twice
        archive.look(histories.page(histories.TRAINING, filler=[*old[:90], *new[90:], *histories.FILLER]))
    with archive.read() as store:
        [change] = derived.changes(store)
        page = exhibit.page(store, story.load(store, change.document), change)
    assert page["rewritten"]
    assert page["changed"][0]["kind"] == "added"
    assert page["listed"] < len(page["changed"])
    assert len(exhibit.whole_page(page)["changed"]) == len(page["changed"])


def test_a_short_change_needs_no_second_page(pages):
    assert exhibit.whole_page(pages[0]) is None
