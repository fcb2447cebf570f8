"""The past read again: the same whoever reads it, on where it was stopped, and plain on what is different."""

import shutil

import pytest
from histories import LICENCE, TRAINING, Archive, page, ruleset, sample

from tracker import engine, recipes, rules, timeline
from tracker.declarations import fingerprint
from tracker.model import Declaration, Document, Source
from tracker.settings import bundled
from tracker.store import Store, derived

NARROW = Source("https://tunely.example/terms", ("main",), ("p:nth-of-type(n+8)",))  # the first paragraphs alone
DERIVED = ("version", "reading", "clause", "version_clause", "judgement", "flag", "change", "clause_change", "blob")


def declared(path) -> dict[str, Declaration]:
    with Store.read(path) as store:
        url = (Source("https://tunely.example/terms"),)
        return {document.id: Declaration(document, url) for document in store.documents()}


def everything(path) -> dict[str, list]:
    with Store.read(path) as store:
        return {table: store.db.conn.execute(f"select * from {table} order by 1, 2").fetchall() for table in DERIVED}


def again(path, crew=engine.ALONE, rules=None, declarations=None):
    with Store.write(path) as store:
        return timeline.refresh(store, declarations or declared(path), rules or ruleset(), everything=True, crew=crew)


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    path = tmp_path_factory.mktemp("again") / "tracker.db"
    archive = sample(path)
    for name in ("Loud", "Quiet"):
        archive.look(page(LICENCE), platform=name)
        archive.look(page(LICENCE, TRAINING), platform=name)
    return path


@pytest.fixture
def path(kept, tmp_path):
    return shutil.copy(kept, tmp_path / "tracker.db")


def test_how_many_workers_read_is_not_to_be_seen_in_the_archive(path, tmp_path):
    other = shutil.copy(path, tmp_path / "other.db")
    assert again(path).faults == []
    assert again(other, engine.processes(2)).faults == []
    assert everything(path) == everything(other)


def test_what_is_the_same_is_not_called_different(path):
    assert again(path).differences == []


def test_a_run_that_was_stopped_goes_on_where_it_stood(path, monkeypatch):
    done = []

    def stop(number, total, what):
        if number == 2:
            raise KeyboardInterrupt
        done.append(what)

    with pytest.raises(KeyboardInterrupt), Store.write(path) as store:
        timeline.refresh(store, declared(path), ruleset(), stop, everything=True)
    found = again(path)
    assert found.read == len(declared(path)) - len(done)
    assert again(path).read == len(declared(path))


def test_another_declaration_shows_in_versions_and_changes_by_name(path):
    name = "loud/terms-of-use"
    wider = Declaration(Document(name, "Loud", "Terms of Use"), (NARROW,))
    found = again(path, declarations={**declared(path), name: wider})
    told = {(one.what, one.happened) for one in found.differences}
    assert {one.document for one in found.differences} == {name}
    assert ("change", "disappeared") in told
    with Store.read(path) as store:
        assert derived.changes(store, name) == []


def test_other_rules_change_verdicts_and_nothing_else(path, tmp_path):
    shutil.copytree(bundled("data") / "rules" / "vocabulary", tmp_path / "rules" / "vocabulary")  # words, but no rule
    with Store.write(path) as store:
        before = [change.id for change in derived.changes(store)]
        found = timeline.refresh(store, declared(path), rules.load(tmp_path / "rules"))
        assert found.read == 0
        assert [change.id for change in derived.changes(store)] == before
        assert derived.changes(store, flagged=True) == []
    assert {(one.what, one.happened) for one in found.differences} == {("change", "verdict")}
    assert "added: Adds a right to train" in {one.before[:28] for one in found.differences}


def test_texts_and_clauses_that_no_version_holds_any_more_are_dropped(path):
    whole = again(path)
    assert whole.faults == []
    narrow = {name: Declaration(one.document, (NARROW,)) for name, one in declared(path).items()}
    before = len(everything(path)["clause"])
    again(path, declarations=narrow)
    assert len(everything(path)["clause"]) < before
    with Store.read(path) as store:
        used = "select id from blob where id not in (select blob_id from capture union select blob_id from version)"
        assert store.rows(used + " and id not in (select base_id from blob where base_id is not null)") == []


def test_a_recipe_names_the_declaration(path):
    one, other = list(declared(path).values())[:2]
    assert fingerprint(one) != fingerprint(other)
    assert recipes.recipe(one) != timeline.recipe(other)


def test_a_new_archive_has_nothing_to_read_again(tmp_path):
    archive = Archive(tmp_path / "tracker.db")
    archive.look(page(LICENCE))
    with Store.write(archive.path) as store:
        assert timeline.refresh(store, declared(archive.path), ruleset()).read == 0
