"""What the log proves: nothing is altered, taken away or put in between without being found, and by name."""

import hashlib
import json
import shutil
import sqlite3
import stat
import tracemalloc
from contextlib import closing
from datetime import timedelta

import pytest
from histories import LICENCE, Archive, page, ruleset, sample
from test_server import serving

from tracker.errors import SettingsError
from tracker.evidence.key import key_file
from tracker.evidence.seal import seal
from tracker.evidence.verify import verify
from tracker.log import checkpoint
from tracker.log.merkle import root
from tracker.model import Check, Document, Outcome, moment
from tracker.settings import Settings
from tracker.site import build
from tracker.store import Store, archive, check, log


@pytest.fixture(scope="module")
def sealed(tmp_path_factory):
    """An archive whose log was signed twice."""
    path = tmp_path_factory.mktemp("sealed") / "tracker.db"
    archive = sample(path)
    with Store.write(path) as store:
        seal(store, Settings())
    archive.look(page(LICENCE, "Another clause that nobody had seen before stands here now."))
    with Store.write(path) as store:
        seal(store, Settings())
    return path


@pytest.fixture
def path(sealed, tmp_path):
    shutil.copy(key_file(sealed), tmp_path / "tracker.db.key")
    return shutil.copy(sealed, tmp_path / "tracker.db")


def found(path, **options):
    with Store.read(path) as store:
        return verify(store, **options)


def alter(path, sql, *values):
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute(sql, values).rowcount > 0
        connection.commit()


def test_an_archive_that_nobody_touched_agrees(path):
    seen = found(path)
    assert seen.damages == []
    assert (seen.checkpoints, seen.unsealed) == (2, 0)
    with Store.read(path) as store:
        captures, checks = (store.row(f'select count(*) as n from "{name}"')["n"] for name in ("capture", "check"))
    assert seen.leaves == captures + checks


def test_checkpoints_are_notes_that_other_tools_read(path):
    with Store.read(path) as store:
        last = log.last_checkpoint(store)
        said = checkpoint.parse(last.note)
        published = log.published(store)
        assert said.root == root(list(log.leaves(store)))
    body, signature = last.note.split("\n\n")
    assert body.split("\n")[:2] == [said.origin, str(said.size)]
    assert signature.startswith(f"\u2014 {said.origin} ")
    name, number, _ = published.keys[0].split("+", 2)
    assert (name, bytes.fromhex(number)) == (said.origin, said.signatures[0][1])


ALTERED = {
    "the bytes of a capture": ("update blob set data = zeroblob(length(data)) where id = 1", "blob 1"),
    "a hash": ("update blob set sha256 = randomblob(32) where id = 1", "blob 1"),
    "a size": ("update blob set size = size + 1 where id = 2", "blob 2"),
    "where a capture came from": ("update capture set final_url = 'https://other.example/' where id = 2", "capture 2"),
    "a header": ("update capture set headers = replace(headers, 'html', 'htm') where id = 1", "capture 1"),
    "when it was fetched": ("update capture set fetched_at = '2020-01-01T00:00:00Z' where id = 1", "capture 1"),
    "a moment that is none": ("update capture set at = 'yesterday' where id = 1", "capture 1"),
    "headers that are none": ("update capture set headers = '7' where id = 1", "capture 1"),
    "what came of a check": ("""update "check" set outcome = 'unchanged' where id = 1""", "check 1"),
    "an outcome that is none": ("""update "check" set outcome = 'perhaps' where id = 1""", "check 1"),
    "what a check had in view": ("update check_capture set capture_id = 2 where check_id = 1", "check 1"),
    "a leaf": ("update log_leaf set hash = randomblob(32) where seq = 3", "capture"),
    "a checkpoint": ("update checkpoint set note = replace(note, 'tracker/', 'tricker/') where id = 1", "checkpoint 1"),
    "its size": ("update checkpoint set size = size - 1 where id = 2", "checkpoint 2"),
    "the roots beside it": ("update checkpoint set roots = randomblob(length(roots)) where id = 1", "checkpoint 1"),
    "a key": ("update log_key set public = randomblob(32)", "checkpoint 1"),
    "a declaration": ("update declaration set body = replace(body, 'Tunely', 'Tonely') where id = 1", "declaration 1"),
    "the hash of a text": ("update version set text_sha256 = hex(randomblob(32)) where id = 1", "version 1"),
    "when a version began": ("update version set at = '2020-01-01T00:00:00Z' where id = 1", "version 1"),
    "a clause": ("update clause set text = text || ' not' where id = 2", "clause 2"),
}


@pytest.mark.parametrize("what", ALTERED)
def test_what_was_altered_is_named(path, what):
    sql, place = ALTERED[what]
    alter(path, sql)
    damages = found(path).damages
    assert damages
    assert any(str(damage).startswith(place) for damage in damages), damages


def test_a_capture_that_was_taken_away_is_missed(path):
    alter(path, "delete from check_capture where capture_id = 1")
    alter(path, "delete from validator")
    alter(path, "delete from capture where id = 1")
    assert any("the archive does not" in damage.what for damage in found(path).damages)


def test_a_log_that_was_rewritten_to_fit_is_found_by_its_checkpoints(path):
    alter(path, "update capture set url = 'https://other.example/' where id = 1")
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("delete from log_leaf where kind = 'capture' and row = 1")
        connection.commit()
    damages = found(path).damages
    assert any("leaf" in damage.what or "log" in damage.what for damage in damages)


def test_a_log_that_was_made_anew_with_another_key_is_found_by_a_checkpoint_kept_elsewhere(path):
    with Store.read(path) as store:
        kept = log.published(store).note
    assert found(path, against=kept).damages == []
    with closing(sqlite3.connect(path)) as connection:
        for table in ("checkpoint", "log_key"):
            connection.execute(f"delete from {table}")
        connection.execute("update log_leaf set hash = randomblob(32) where seq = 1")
        connection.commit()
    key_file(path).unlink()
    with Store.write(path) as store:
        seal(store, Settings())
    said = [str(damage) for damage in found(path, against=kept).damages]
    assert any("not those that were signed" in one for one in said)
    assert any("no key of this archive" in one for one in said)


def test_a_checkpoint_that_is_none_is_called_so(path):
    assert "cannot be read" in found(path, against="nothing of the kind").damages[0].what


def test_a_key_that_was_lost_is_replaced_and_that_is_said(path):
    key_file(path).unlink()
    with Store.write(path) as store:
        assert not seal(store, Settings())  # nothing new, nothing to sign
        with store.transaction():
            store.append("check", 999, b"x")
        seal(store, Settings())
        assert len(log.keys(store)) == 2
        assert len({checkpoint.parse(one.note).origin for one in log.checkpoints(store)}) == 1
    assert "a key was replaced" in found(path).notices[0]


def test_the_key_is_for_its_owner_alone(path):
    assert stat.S_IMODE(key_file(path).stat().st_mode) == 0o600
    key_file(path).chmod(0o644)
    with Store.write(path) as store:
        with store.transaction():
            store.append("check", 999, b"x")
        with pytest.raises(SettingsError, match="chmod 600"):
            seal(store, Settings())


def test_what_is_not_signed_yet_is_counted(path):
    archive = sample(path.with_name("other.db"))
    seen = found(archive.path)
    assert seen.damages == []
    assert seen.unsealed == seen.leaves > 0


def test_verified_values_can_be_written_as_json(path):
    from dataclasses import asdict

    alter(path, "update clause set text = text || ' not' where id = 2")
    assert json.loads(json.dumps(asdict(found(path))))["damages"][0]["table"] == "clause"


def test_the_newest_checkpoint_stands_on_the_site_and_is_answered_live(path, tmp_path):
    archive = Archive(path)
    with Store.read(path) as store:
        note = log.published(store).note
        build(store, tmp_path / "site", ruleset())
    assert (tmp_path / "site/log/checkpoint.txt").read_text("utf-8") == note
    with serving(archive) as client:
        assert client.get("/log/checkpoint.txt").text == note
        assert client.get("/log/keys.txt").text.startswith(checkpoint.parse(note).origin + "+")
        assert client.get("/log/nothing.txt").status_code == 404


def test_what_others_write_meanwhile_is_neither_seen_nor_missed(path):
    other, steps = Archive(path, start="2031-01-01T00:00:00Z"), []

    def writing(done, of, what):
        if not done:  # nothing was read yet
            return
        steps.append(what)
        other.look(page(LICENCE, f"Clause number {len(steps)} came while others looked at the archive."))
        with Store.write(path) as store:
            seal(store, Settings())

    seen = found(path, progress=writing)
    assert seen.damages == []
    assert seen.checkpoints == 2


def test_frames_that_rest_on_each_other_are_named(path):
    Archive(path, start="2031-01-01T00:00:00Z").look(page(LICENCE, "A third clause."))
    with closing(sqlite3.connect(path)) as connection:
        first, second = (row for (row,) in connection.execute("select id from blob order by id limit 2"))
        connection.execute("update blob set base_id = ?, depth = 1 where id = ?", (second, first))
        connection.execute("update blob set base_id = ?, depth = 2 where id = ?", (first, second))
        connection.commit()
        contents = connection.execute("select count(*) from blob").fetchone()[0]
    seen = found(path)
    assert {("blob", first), ("blob", second)} <= {(one.table, one.row) for one in seen.damages}
    assert seen.contents == contents


def many(path, number):
    """An archive of so many contents and checks, in which all agrees."""
    with Store.write(path) as store, store.transaction():
        row = store.keep_document(Document("tunely/terms", "Tunely", "Terms"), "")
        for n in range(number):
            body = f"content {n}".encode()
            digest = hashlib.sha256(body).digest()
            store.add("blob", sha256=digest, size=len(body), depth=0, data=archive.compress(body).data)
            at = moment("2026-01-01T00:00:00Z") + timedelta(hours=n)
            store.keep_check(row, Check(0, "tunely/terms", at, Outcome.FAILED, "timeout", "It did not answer."))
    return path


def test_memory_does_not_grow_with_the_archive(tmp_path, monkeypatch):
    monkeypatch.setattr(check, "GROUP", 1000)

    def most(number):
        path = many(tmp_path / f"{number}.db", number)
        tracemalloc.start()
        try:
            seen = found(path)
            return seen, tracemalloc.get_traced_memory()[1]
        finally:
            tracemalloc.stop()

    most(10)  # what is loaded once is loaded
    (few, small), (much, large) = most(200), most(2000)
    assert few.damages == much.damages == []
    assert (much.contents, much.leaves) == (2000, 2000)
    assert large < small + 50_000
