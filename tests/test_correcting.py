"""After the archive was read again: what was sent and does not hold is corrected, and nothing becomes news."""

import shutil
from dataclasses import replace

import pytest
from test_alerts import WITH, WITHOUT, Desk, watch  # noqa: F401 - the fixture
from test_pipeline import LICENCE, TRAINING, page, ruleset  # noqa: F401 - the fixture

from tracker import rules, timeline
from tracker.alerts import correcting
from tracker.alerts.correcting import correct
from tracker.cli import main
from tracker.evidence.expunge import expunge
from tracker.model import Source
from tracker.settings import bundled
from tracker.store import Store, outbox
from tracker.store.removal import sharing


def read_again(watch, ruleset=None, declaration=None):  # noqa: F811
    """The archive read again by other rules, or by another declaration."""
    declared = {watch.name: declaration or watch.declaration}
    with Store.write(watch.path) as store:
        timeline.refresh(store, declared, ruleset or watch.rules)


@pytest.fixture
def without_training(tmp_path):
    """The bundled rules without those that know of training."""
    folder = tmp_path / "rules"
    shutil.copytree(bundled("data") / "rules", folder)
    for path in folder.glob("*.toml"):
        if path.name != "scraping.toml":
            path.unlink()
    found = rules.load(folder)
    assert not found.problems
    return found


def test_an_alert_that_no_rule_would_make_any_more_is_corrected_for_who_got_it(watch, without_training):  # noqa: F811
    desk = Desk(watch, {"to": "mailto:desk@example.org"}, {"to": "mailto:late@example.org", "every": "weekly"})
    desk.look(WITHOUT, WITH, WITH)
    desk.send()
    assert len(desk.got) == 1
    assert correct(watch.path, watch.at) == 0
    read_again(watch, without_training)
    assert correct(watch.path, watch.at) == 1
    assert correct(watch.path, watch.at) == 0
    desk.send()
    correction = desk.got[1]
    assert correction.subject.startswith("[terms] Correction: Tunely")
    assert "What we sent was our error" in correction.text
    assert correction.follows == (desk.got[0].name,)
    assert len(desk.got) == 2


def test_a_clause_that_is_read_otherwise_now_is_corrected_with_what_it_says(watch, monkeypatch):  # noqa: F811
    desk = Desk(watch)
    desk.look(WITHOUT, WITH, WITH)
    desk.send()
    otherwise = correcting.news

    def read_now(change):
        return [replace(one, verdict="added: training prohibits") for one in otherwise(change)]

    monkeypatch.setattr(correcting, "news", read_now)
    with Store.write(watch.path) as store, store.transaction():
        store.db.execute("update alert set read_with = 'an older program'")
    assert correct(watch.path, watch.at) == 1
    desk.send()
    assert "the clause is read as “Added: training (prohibited)” now" in desk.got[1].text


@pytest.mark.parametrize(
    "other",
    [WITHOUT, page(f"{LICENCE} {TRAINING.replace('uploads', 'messages')}")],
    ids=["taken out", "reworded"],
)
def test_what_came_and_went_and_returned_needs_no_correction(watch, other):  # noqa: F811
    desk = Desk(watch)
    both = page(f"{LICENCE} {TRAINING}")
    for one in (WITHOUT, both, other, both, other, both):
        desk.look(one, one)
        desk.send()
    assert "returned" in [alert["kind"] for one in desk.got for alert in one.data["alerts"]]
    with Store.write(watch.path) as store, store.transaction():
        store.db.execute("update alert set read_with = 'an older program'")
    assert correct(watch.path, watch.at) == 0


def test_what_the_declaration_hid_was_no_change(watch):  # noqa: F811
    """The clause stood in a sidebar that a better selection leaves out: its alert was an error."""
    desk = Desk(watch)
    without = page(LICENCE).replace("</main>", "</main><div id='side'><p>Read our help pages first.</p></div>")
    with_ = page(LICENCE).replace("</main>", f"</main><div id='side'><p>{TRAINING}</p></div>")
    whole = replace(watch.declaration, sources=(Source(watch.declaration.sources[0].url, select=("body",)),))
    watch.declaration = whole
    desk.look(without, with_, with_)
    desk.send()
    assert len(desk.got) == 1
    narrow = replace(whole, sources=(replace(whole.sources[0], select=("main",)),))
    read_again(watch, declaration=narrow)
    assert correct(watch.path, watch.at) == 1
    desk.send()
    assert "there was no such change" in desk.got[1].text


def test_a_text_that_is_read_a_little_differently_needs_no_correction(watch):  # noqa: F811
    desk = Desk(watch)
    desk.look(WITHOUT, WITH, WITH)
    desk.send()
    with Store.write(watch.path) as store, store.transaction():
        store.db.execute("update alert set clause = 'another key', read_with = 'an older program'")
    assert correct(watch.path, watch.at) == 0


def test_what_was_taken_out_of_the_archive_was_no_error(watch, tmp_path):  # noqa: F811
    desk = Desk(watch)
    desk.look(WITHOUT, WITH, WITH)
    desk.send()
    correct(watch.path, watch.at)
    with Store.write(watch.path) as store:
        capture = store.checks(watch.name)[0].captures[0]
        assert sharing(store, capture)
        expunge(store, capture, {watch.name: watch.declaration}, watch.rules, at=watch.at, by="desk", why="asked to")
    assert correct(watch.path, watch.at) == 0


def test_what_is_flagged_only_since_the_rules_know_it_is_never_news(watch, without_training, capsys, monkeypatch):  # noqa: F811
    better, watch.rules = watch.rules, without_training
    desk = Desk(watch)
    desk.look(WITHOUT, WITH, WITH)
    watch.rules = better
    read_again(watch)
    desk.look(WITH, WITH)
    assert desk.send().sent == 0
    with watch.read() as store:
        assert outbox.counts(store) == {}
        assert store.row("select ai_change from change")["ai_change"] == 1


def test_reanalyse_says_what_is_flagged_only_now_and_that_nobody_is_told(watch, without_training, capsys, monkeypatch):  # noqa: F811
    better, watch.rules = watch.rules, without_training
    Desk(watch).look(WITHOUT, WITH, WITH)
    folder = watch.path.parent / "declared"
    folder.mkdir()
    (folder / "Tunely.json").write_text(
        f'{{"name": "Tunely", "terms": {{"Terms of Use": {{"fetch": "{watch.declaration.sources[0].url}"}}}}}}', "utf-8"
    )
    monkeypatch.setenv("TRACKER_ARCHIVE", str(watch.path))
    monkeypatch.setenv("TRACKER_DECLARATIONS", str(folder))
    with pytest.raises(SystemExit):
        main(["reanalyse", "--workers", "1"])
    assert "1 change concerns AI only by the new reading: nobody is alerted to it." in capsys.readouterr().out
    assert better


@pytest.mark.parametrize(
    ("told", "now", "holds"),
    [
        ("added: training permits", ["added: feature, training permits"], True),
        ("added: training permits", ["returned: training permits"], True),
        ("added: training permits", ["reworded: training permits"], False),
        ("added: training permits", ["added: training opt-out"], False),
        ("added: training permits", ["removed: output", "added: training permits"], True),
        ("added: training permits", [], False),
        ("removed: training opt-in", ["reworded: training permits"], False),
        ("reworded: training permits", ["added: training permits"], True),
        ("added: feature", ["added: ai-use"], True),
        ("added: feature", [], False),
        ("added: feature, third-party permits", ["added: feature"], False),
    ],
)
def test_a_correction_is_for_a_grave_statement_that_came_or_went_and_did_not(told, now, holds):
    """That a clause is read more exactly, or the one beside it, is no error that anyone must be told."""
    assert correcting._holds(told, now) is holds
