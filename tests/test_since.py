"""Since when does it say that: the window is honest, the gaps are said, and nothing that is asked breaks it."""

from datetime import timedelta

import pytest
from click.testing import CliRunner
from histories import LICENCE, PROMISE, TRAINING, Archive, page, ruleset, sample

from tracker import pages, render
from tracker.cli import cli
from tracker.errors import FetchError, NotFound, WrongQuery
from tracker.model import Outcome, Window, moment, stamp
from tracker.since import clauses, days, is_name, since
from tracker.since.windows import remark
from tracker.text import split
from tracker.views import clause as view

NOON = moment("2024-02-15T12:00:00Z")


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    with sample(tmp_path_factory.mktemp("archive") / "tracker.db").read() as store:
        yield store


def window(found: Window) -> tuple[str | None, str]:
    return (stamp(found.start) if found.start else None, stamp(found.end))


def test_the_window_lies_between_the_last_check_without_and_the_first_with(store):
    (found,) = since(store, "may use your uploads to train")
    (run,) = found.runs
    assert window(run.came) == ("2024-02-04T06:00:00Z", "2024-02-05T06:00:00Z")
    assert (run.kind, run.text, found.stands) == ("added", TRAINING, False)
    assert window(run.gone) == ("2024-03-17T06:00:00Z", "2024-03-18T06:00:00Z")
    assert days(run) == (41, 43)
    assert run.source == "live"
    assert len(run.sha256) == 64


def test_words_that_stand_in_the_first_copy_may_be_older(store):
    (run,) = since(store, "grant us a licence to host it", document="tunely/terms-of-use")[0].runs
    assert run.came.start is None
    assert "was before is unknown" in run.remark
    assert "backfill" in run.remark


def test_what_a_clause_was_worded_like_before_is_told(store):
    (found,) = since(store, "without your consent")
    assert (found.runs[0].kind, found.runs[0].before) == ("reworded", TRAINING)
    assert found.stands


def test_who_said_it_first_comes_first(store):
    found = since(store, "You keep all rights in the music")
    assert [one.document.id for one in found] == ["tunely/terms-of-use", "still/terms-of-use"]


def test_case_accents_and_punctuation_do_not_count(store):
    assert since(store, "TRAIN, ARTIFICIÀL: intelligence")[0].likeness == 100


def test_words_that_stand_nowhere_are_looked_for_as_worded_nearly_so(store):
    found = since(store, "We will never use your uploads to train artificial intelligence models without consent")
    assert found[0].likeness < 100
    assert {run.text for one in found for run in one.runs} & {PROMISE, TRAINING}
    assert not since(store, "the moon is made of green cheese and mice")


def test_similar_words_are_added_on_demand(store):
    asked = "may use your uploads to train artificial intelligence models"
    assert len(since(store, asked)[0].runs[0].text) == len(TRAINING)
    runs = since(store, asked, similar=True)[0].runs
    assert runs[-1].gone is None, "the promise that followed is worded nearly so"


def test_flags_are_followed_clause_by_clause(store):
    (found,) = since(store, topic="training", stance="permits")
    assert found.runs[0].text == TRAINING
    assert not since(store, topic="training", stance="permits", document="still")


def test_a_clause_is_named_by_any_of_its_wordings(store):
    name = f"tunely/terms-of-use#{split(PROMISE)[0].key}"
    (told,) = clauses(store, name)
    assert [step.kind for step in told.steps] == ["added", "reworded"]
    assert told.text == PROMISE
    assert told.stands
    assert ("+", "will not") in [(op, text.strip()) for op, text in told.steps[1].words] or told.steps[1].words
    assert told.steps[0].stances == {"training": "permits"}
    assert clauses(store, told.name) == [told]


def test_since_when_a_clause_says_on_ai_what_it_says_outlives_a_rewording(tmp_path):
    archive = Archive(tmp_path / "tracker.db")
    for clause in (LICENCE, TRAINING, TRAINING.replace("You agree", "You hereby agree"), LICENCE, TRAINING):
        archive.look(page(clause))
    with archive.read() as store:
        (told,) = clauses(store, f"tunely/terms-of-use#{split(TRAINING)[0].key}")
    assert [step.kind for step in told.steps][-1] == "returned"
    assert told.spoken is told.steps[-1], "what was gone in between is a break"
    archive.look(page(TRAINING.replace("You agree", "You hereby agree")))
    with archive.read() as store:
        (told,) = clauses(store, f"tunely/terms-of-use#{split(TRAINING)[0].key}")
    assert told.spoken is told.steps[-2]
    assert told.worded is told.steps[-1]


@pytest.mark.parametrize("name", ["tunely/terms-of-use#0000000000000000", "#", "nosuch#1234567890abcdef"])
def test_a_name_of_no_clause_is_said(store, name):
    with pytest.raises((NotFound, WrongQuery)):
        clauses(store, name)


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("tunely/terms#11ca6b71e4d26f7e", True),
        ("11ca6b71e4d26f7e-2", True),
        ("#c-11ca6b71", True),
        ("facade", False),
        ("deadbeef", False),
        ("to train our models", False),
        ("clause #5", False),
    ],
)
def test_names_of_clauses_are_told_from_words(text, name):
    assert is_name(text) is name


@pytest.mark.parametrize("asked", ["", "   ", "!?…", "()"])
def test_asking_for_nothing_says_how_to_ask(store, asked):
    with pytest.raises(WrongQuery, match="no words"):
        since(store, asked)


def test_ten_kilobytes_of_words_are_looked_for(store):
    assert not since(store, "word " * 2000)
    found = since(store, f"{LICENCE} {TRAINING} " * 60)
    assert not found or found[0].likeness < 100


def test_words_of_which_every_text_is_full_are_found(store):
    assert len(since(store, "and")) == 2


def test_an_archive_without_versions_finds_nothing(tmp_path):
    archive = Archive(tmp_path / "tracker.db")
    archive.look(FetchError("The site turned the request away.", "https://tunely.example/terms", "Wait."))
    with archive.read() as store:
        assert not since(store, "train")


def test_a_clause_that_flaps_is_told_in_runs_and_its_page_is_bounded(tmp_path, monkeypatch):
    monkeypatch.setattr(view, "MOST", 20)
    archive = Archive(tmp_path / "tracker.db")
    for n in range(30):
        archive.look(page(LICENCE, *((TRAINING,) if n % 2 else ())))
    with archive.read() as store:
        (found,) = since(store, "train artificial intelligence")
        assert len(found.runs) == 15
        (told,) = clauses(store, found.runs[0].clause)
        values = view.page(told)
        assert len(values["steps"]) == view.MOST
        assert sum(one["count"] for one in values["left_out"]) == 29 - view.MOST
    run = CliRunner().invoke(cli, ["--archive", str(archive.path), "since", told.id])
    assert "× back" in run.output


# ---- windows in words --------------------------------------------------------------------------------------------


def checks(*steps: tuple[int, Outcome]):
    return [(NOON + timedelta(days=day), outcome) for day, outcome in steps]


def test_a_narrow_window_needs_no_remark():
    daily = checks(*((n, Outcome.UNCHANGED) for n in range(5)))
    assert remark(Window(NOON + timedelta(days=1), NOON + timedelta(days=2)), daily) == ""


def test_a_time_without_captures_is_said():
    seen = checks((-1, Outcome.UNCHANGED), (0, Outcome.UNCHANGED), (169, Outcome.CAPTURED), (170, Outcome.UNCHANGED))
    said = remark(Window(NOON, NOON + timedelta(days=169)), seen)
    assert said == "A wide window: there is no capture between 15 February and 2 August 2024."


def test_checks_that_did_not_show_the_text_are_counted():
    seen = checks(
        *((n, Outcome.UNCHANGED) for n in range(4)), (8, Outcome.BLOCKED), (9, Outcome.FAILED), (12, Outcome.CAPTURED)
    )
    said = remark(Window(NOON + timedelta(days=3), NOON + timedelta(days=12)), seen)
    assert "was not in view between 18 February and 27 February 2024 (2 checks: 1 blocked, 1 failed)" in said


# ---- what is printed and shown -----------------------------------------------------------------------------------


def run(store, *arguments):
    return CliRunner().invoke(cli, ["--archive", str(store.path), "since", *arguments]).output


def test_the_command_answers_to_the_day(store):
    said = run(store, "may use your uploads to train")
    assert "Came between 4 Feb 2024 06:00 and 5 Feb 2024 06:00 UTC  Added." in said
    assert "Gone between 17 Mar 2024 06:00 and 18 Mar 2024 06:00 UTC; it stood for 41 to 43 days." in said


def test_the_command_takes_a_document_beside_flags(store):
    assert TRAINING in run(store, "--topic", "training", "--stance", "permits", "tunely")
    assert "stand nowhere" in run(store, "--topic", "training", "--stance", "permits", "still")


def test_the_command_says_where_older_texts_may_be_found(store):
    assert "tracker backfill" in run(store, "moonlight sonata in green cheese")


def test_the_page_of_a_clause_says_what_the_command_says(store):
    (told,) = clauses(store, f"tunely/terms-of-use#{split(TRAINING)[0].key}")
    values = view.page(told, since(store, "rights in the music"))
    assert values["came"] == {
        "from": "2024-02-04T06:00:00Z",
        "to": "2024-02-05T06:00:00Z",
        "first_copy": False,
        "remark": "",
    }
    assert values["spoken"] == values["worded"], "it became a promise then"
    assert values["worded"] == {"from": "2024-03-17T06:00:00Z", "to": "2024-03-18T06:00:00Z"}
    assert [(step["word"], step["page"]) for step in values["steps"]] == [
        ("Added", "version/tunely/terms-of-use/2024-02-05-060000/"),
        ("Reworded", "version/tunely/terms-of-use/2024-03-18-060000/"),
    ]
    assert any(piece.get("op") == "-" for piece in values["steps"][1]["pieces"])
    assert [one["document"]["id"] for one in values["elsewhere"]] == ["still/terms-of-use"]


def test_the_live_site_has_a_page_for_every_clause_by_any_of_its_wordings(store):
    edition = pages.Edition(store, ruleset(), live=True)
    for wording in (TRAINING, PROMISE, LICENCE):
        found = pages.find(edition, view.address("tunely/terms-of-use", split(wording)[0].key))
        assert b"Since when does it say that?" in render.page(found.template, found.values, found.address, live=True)
    for name in ("0000000000000000", "nonsense", "..."):
        with pytest.raises(NotFound):
            pages.find(edition, view.address("tunely/terms-of-use", name))
    hits = pages.find(edition, "search/", {"q": "consent"}).values["result"]["hits"]
    assert pages.find(edition, hits[0]["history"]).values["text"] == PROMISE


def test_the_text_of_a_version_leads_to_the_history_of_its_clauses(store):
    edition = pages.Edition(store, ruleset())
    version = pages.find(edition, "version/tunely/terms-of-use/2024-02-05-060000/")
    (flagged,) = [one for one in version.values["clauses"] if one["flags"]]
    assert pages.find(edition, flagged["history"]).values["steps"][0]["word"] == "Added"
