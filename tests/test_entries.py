"""What several pages say in the same way: addresses, headlines, labels, which clause is quoted."""

import dataclasses
from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.model import ChangeRecord, Document, Version, Window, slug
from tracker.views import entries
from tracker.views.story import Quoted

AT = datetime(2024, 2, 5, 6, tzinfo=UTC)
VERSION = Version(1, "tunely/terms", AT, "a" * 64, "b" * 64, 100, 10, stated_date=date(2024, 1, 1))
RECORD = ChangeRecord(
    id="tunely/terms/2024-02-05-060000",
    document=Document("tunely/terms", "Tunely", "Terms"),
    at=AT,
    window=Window(None, AT),
    before=VERSION,
    after=VERSION,
    counts={"added": 1},
    unchanged=9,
    touched=0.1,
    summary="1 clause added; 9 unchanged",
    verdict="Adds a right to train AI on uploaded content",
    ai_change=True,
    ai_kind="added",
    topics=("feature", "training"),
    stance_before={},
    stance_after={"training": "permits"},
    silent=False,
)


def record(**values) -> ChangeRecord:
    return dataclasses.replace(RECORD, **values)


def quoted(**values) -> Quoted:
    usual = {
        "change": RECORD.id,
        "kind": "added",
        "clause_kind": "paragraph",
        "text": "We may train AI.",
        "lead_in": "",
        "key": "5f3a91b2ffff",
        "language": "en",
        "stances": (("training", "permits"),),
        "severity": 3,
        "spans": (),
    }
    return Quoted(**{**usual, **values})


# ---- addresses ---------------------------------------------------------------------------------------------------


def test_an_address_is_made_of_names_and_ends_with_a_slash():
    assert entries.change_page(RECORD.id) == "change/tunely/terms/2024-02-05-060000/"
    assert entries.anchor("5f3a91b2ffff0000") == "c-5f3a91b2"


@given(st.text(max_size=300))
def test_no_name_leads_out_of_the_site_or_is_too_long_for_a_file_system(name):
    for part in entries.address("platform", slug(name)).rstrip("/").split("/"):
        assert part not in ("", ".", "..")
        assert len(part.encode("utf-8")) <= entries.LONGEST_NAME


def test_two_long_names_that_begin_alike_have_different_addresses():
    assert entries.address("a" * 300 + "b") != entries.address("a" * 300 + "c")


# ---- headlines ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("verdict", "expected"),
    [
        ("Adds a right to train AI", "Tunely adds a right to train AI"),
        ("Promises not to train AI", "Tunely promises not to train AI"),
        ("Now it may train AI; before, it promised not to", "Tunely: now it may train AI; before, it promised not to"),
        ("Only the place of its words on AI changes", "Tunely: only the place of its words on AI changes"),
    ],
)
def test_a_verdict_becomes_a_sentence_about_the_platform(verdict, expected):
    assert entries.in_a_sentence(record(verdict=verdict)) == expected


def test_a_change_that_does_not_concern_ai_is_told_by_its_summary():
    assert entries.headline(record(ai_change=False, verdict="")) == "1 clause added; 9 unchanged"
    assert entries.in_a_sentence(record(ai_change=False)) == "Tunely: 1 clause added; 9 unchanged"


# ---- labels ------------------------------------------------------------------------------------------------------


def test_a_label_says_the_stance_and_how_it_falls_for_those_whose_work_it_is():
    assert entries.labels(RECORD) == [{"topic": "training", "text": "permits own training", "tone": "takes"}]


def test_a_promise_that_went_is_said_to_be_dropped():
    found = entries.labels(record(stance_before={"training": "prohibits"}, stance_after={}))
    assert found == [{"topic": "training", "text": "drops: promises no own training", "tone": "takes"}]


def test_where_nothing_is_said_on_training_the_topics_are_named():
    found = entries.labels(record(topics=("feature", "labelling"), stance_after={}))
    assert [one["text"] for one in found] == ["Labelling AI content", "AI features"]


def test_a_rewrite_is_known_by_the_share_of_its_words():
    assert entries.is_rewritten(record(touched=0.7))
    assert entries.is_rewritten(record(counts={"replaced": 1}))
    assert not entries.is_rewritten(RECORD)


# ---- quotes ------------------------------------------------------------------------------------------------------


def test_the_clause_of_the_topic_that_matters_most_is_quoted():
    feature = quoted(text="We have AI features.", stances=(("feature", None),), severity=1)
    assert entries.quote(RECORD, [feature, quoted()])["text"] == "We may train AI."


def test_a_clause_with_the_stance_of_the_verdict_goes_before_one_without():
    other = quoted(text="We build AI.", stances=(("training", None),))
    assert entries.quote(RECORD, [other, quoted()])["text"] == "We may train AI."


def test_running_text_goes_before_a_row_of_a_table():
    row = quoted(text="AI | We may train", clause_kind="row")
    assert entries.quote(RECORD, [row, quoted()])["text"] == "We may train AI."


def test_a_quote_of_a_list_item_carries_the_words_that_govern_it():
    """ "Train AI on it" means the opposite under "You agree not to:"."""
    found = entries.quote(RECORD, [quoted(text="train AI on it", lead_in="You agree not to:")])
    assert (found["lead_in"], found["text"]) == ("You agree not to:", "train AI on it")
    assert found["page"] == "change/tunely/terms/2024-02-05-060000/#c-5f3a91b2"


def test_a_change_without_flagged_clauses_has_no_quote():
    assert entries.quote(RECORD, []) is None
