"""Search finds clauses by their words, says where and since when they stand, and nothing that people type breaks it."""

import sqlite3

import pytest
from click.testing import CliRunner
from histories import LICENCE, PROMISE, TRAINING, Archive, page, sample
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.cli import cli
from tracker.errors import WrongQuery
from tracker.model import moment, stamp
from tracker.search import search
from tracker.search.query import marks, parse
from tracker.store import Store, again, derived


@pytest.fixture(scope="module")
def store(tmp_path_factory):
    with sample(tmp_path_factory.mktemp("archive") / "tracker.db").read() as store:
        yield store


def texts(found):
    return [(hit.document.id, hit.text) for hit in found.hits]


def test_what_is_in_force_is_found_and_what_is_gone_only_on_demand(store):
    assert texts(search(store, "uploads train models")) == [("tunely/terms-of-use", PROMISE)]
    ever = search(store, "uploads train models", everything=True)
    assert {(hit.text, hit.in_view) for hit in ever.hits} == {(PROMISE, True), (TRAINING, False)}


def test_a_hit_says_in_which_window_its_words_came(store):
    (hit,) = [hit for hit in search(store, '"may use your uploads"', everything=True).hits if hit.text == TRAINING]
    assert (stamp(hit.since.start), stamp(hit.since.end)) == ("2024-02-04T06:00:00Z", "2024-02-05T06:00:00Z")


def test_what_stood_there_from_the_start_has_no_lower_bound(store):
    (hit,) = search(store, "licence host play", document="still").hits
    assert hit.since.start is None


def test_what_stood_at_a_date_is_found_as_it_was(store):
    assert texts(search(store, "uploads train", at=moment("2024-03-01"))) == [("tunely/terms-of-use", TRAINING)]
    assert not search(store, "uploads train", at=moment("2024-02-04T12:00")).hits


def test_one_clause_in_two_documents_is_two_hits_and_a_platform_narrows_them(store):
    found = search(store, "grant licence host")
    assert (found.total, found.documents) == (2, 2)
    assert search(store, "grant licence host", document="tunely").total == 1


def test_flags_narrow_a_search_and_need_no_words(store):
    assert texts(search(store, "", topic="training", everything=True, stance="permits")) == [
        ("tunely/terms-of-use", TRAINING)
    ]
    assert not search(store, "", topic="training", stance="permits").hits


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ('"train artificial intelligence"', True),
        ('"intelligence artificial"', False),
        ("artific*", True),
        ('"train artif"*', True),
        ("artific", False),
        ("TRAIN", True),
        ("nowhere OR train", True),
        ("train NOT consent", False),
        ("train -consent", False),
        ("train AND (nowhere OR models)", True),
        ("train ) models", True),
        ('train "artificial intelligence', True),
        ("AND train OR", True),
        ("train NOT (NOT models)", True),
        ("((((((((((((((((((train))))) models", True),
        ("train'; drop table clause; --", False),
    ],
)
def test_operators_phrases_and_beginnings(store, query, found):
    assert (("tunely/terms-of-use", PROMISE) in texts(search(store, query))) is found


@pytest.mark.parametrize("query", ["", "   ", "!!! ??? ---", "(((", "-train", "NOT train", "AND OR NOT"])
def test_a_query_without_a_word_to_look_for_says_how_to_write_one(store, query):
    with pytest.raises(WrongQuery, match="query"):
        search(store, query)


def test_a_query_of_ten_kilobytes_is_declined_or_found_nowhere(store):
    with pytest.raises(WrongQuery, match="5,000 words"):
        search(store, "a " * 5000)
    assert not search(store, "a" * 10_000).hits


@settings(max_examples=200, deadline=None)
@given(st.text(st.sampled_from("ab\"()*-+:^{}\x00\ud800 \u0301訓練ANDORNOTNEAR,;'%"), max_size=40))
def test_no_query_ever_fails_in_the_database(expression):
    db = sqlite3.connect(":memory:")
    db.execute("create virtual table t using fts5(text, around)")
    try:
        query = parse(expression).expression
    except WrongQuery:
        return
    db.execute("select * from t where t match ?", (query,)).fetchall()


def test_words_are_marked_where_they_stand_whatever_their_accents(store):
    text = "Nous entraînons des modèles, et entraîner n'est pas tout."
    found = [text[start:end] for start, end in marks(text, parse("entrain* OR modeles").terms)]
    assert found == ["entraînons", "modèles", "entraîner"]


def test_chinese_is_found_by_any_stretch_of_signs(tmp_path):
    archive = Archive(tmp_path / "tracker.db")
    archive.look(page(LICENCE, "我们可能会将你的数据用于模型训练，以优化产品体验。"))
    with archive.read() as store:
        for query in ("训练", "模型训练", "数据 优化", "型训", "训"):
            (hit,) = search(store, query).hits
            assert all(hit.text[start:end] in query for start, end in hit.marks)
        assert not search(store, "练训").hits


def test_an_archive_of_before_is_indexed_when_it_is_opened(tmp_path):
    archive = sample(tmp_path / "tracker.db")
    db = sqlite3.connect(archive.path)
    db.execute("drop table clause_index")
    db.execute("delete from _sqlite_migrations where name = '006_search'")
    db.commit()
    db.close()
    archive.look(page(LICENCE, PROMISE))
    with archive.read() as store:
        assert search(store, "licence host").total == 2


def test_the_command_marks_words_in_a_pipe_and_says_what_to_try_where_nothing_is_found(store):
    run = CliRunner().invoke(cli, ["--archive", str(store.path), "search", "consent"])
    assert "without your «consent»." in run.output
    run = CliRunner().invoke(cli, ["--archive", str(store.path), "search", "nowhereatall"])
    assert "--all" in run.output


def test_words_of_a_search_need_no_quotes(store):
    apart, quoted = (
        CliRunner().invoke(cli, ["--archive", str(store.path), "search", *words, "--json"]).output
        for words in (("without", "consent"), ("without consent",))
    )
    assert apart == quoted
    assert "consent" in apart


def test_what_no_version_holds_any_more_is_found_no_more(tmp_path):
    archive = sample(tmp_path / "tracker.db")
    with Store.write(archive.path) as store:
        with store.transaction():
            derived.forget(store, store.document_id("tunely/terms-of-use"))
            again.sweep(store)
        assert not search(store, "uploads", everything=True).hits
        assert search(store, "licence host").total == 1
        store.db.execute("insert into clause_index (clause_index) values ('integrity-check')")
        assert store.row("select count(*) as n from clause_index('uploads')") == {"n": 0}
