"""Copies while somebody writes, and take-downs that leave every other proof as it was."""

import random
import shutil
import sqlite3
from contextlib import closing
from datetime import UTC, datetime

import pytest
from histories import LICENCE, TRAINING, Archive, page, ruleset, sample
from test_again import declared
from test_store import NOON, keep

from tracker.errors import Corrupt, Foreign, NotFound
from tracker.evidence.expunge import expunge
from tracker.evidence.seal import seal
from tracker.evidence.verify import verify
from tracker.log.merkle import inclusion, root, root_from
from tracker.model import Outcome
from tracker.settings import Settings
from tracker.store import Store, derived, log
from tracker.store.backup import backup

NOW = datetime(2026, 1, 1, tzinfo=UTC)


@pytest.fixture
def archive(tmp_path):
    made = sample(tmp_path / "tracker.db")
    with Store.write(made.path) as store:
        seal(store, Settings())
    return made


def take_out(archive, capture):
    with Store.write(archive.path) as store:
        why = {"at": NOW, "by": "the editor", "why": "A court ordered it."}
        found = expunge(store, capture, declared(archive.path), ruleset(), **why)
        seal(store, Settings())
        return found


def damages(path):
    with Store.read(path) as store:
        return verify(store).damages


# ---- backup ------------------------------------------------------------------------------------------------------


def test_a_copy_is_taken_while_another_writes(archive, tmp_path):
    copy = tmp_path / "copies" / "tracker.db"
    with Store.write(archive.path) as writer, writer.transaction():
        writer.db.execute("update document set category = 'half done'")
        with archive.read() as reader:
            backup(reader, copy)
    assert damages(copy) == []
    with Store.read(copy) as store, archive.read() as original:
        assert store.row("select count(*) as n from document where category = 'half done'")["n"] == 0
        assert [one.id for one in derived.changes(store)] == [one.id for one in derived.changes(original)]
        assert list(log.leaves(store)) == list(log.leaves(original))
    assert list(copy.parent.iterdir()) == [copy]


def test_an_earlier_copy_is_replaced_only_by_a_sound_one(archive, tmp_path):
    copy = tmp_path / "copy.db"
    with archive.read() as store:
        backup(store, copy)
        before = copy.read_bytes()

        def unsound(path):
            raise Corrupt("It does not agree.")

        with pytest.raises(Corrupt):
            backup(store, copy, unsound)
        assert copy.read_bytes() == before
        backup(store, copy)
    assert sorted(path.name for path in tmp_path.iterdir() if "copy" in path.name) == ["copy.db"]


@pytest.mark.parametrize("what", ["a letter", "another database", "a folder", "the archive"])
def test_what_is_no_copy_of_an_archive_is_never_replaced(archive, tmp_path, what):
    target = tmp_path / "target"
    if what == "a letter":
        target.write_text("Dear all, " * 500)
    elif what == "another database":
        with closing(sqlite3.connect(target)) as connection:
            connection.execute("create table holiday (photo blob)")
    elif what == "a folder":
        target.mkdir()
    else:
        target = archive.path
    before = None if target.is_dir() else target.read_bytes()
    with archive.read() as store, pytest.raises(Foreign):
        backup(store, target)
    assert before is None or target.read_bytes() == before


# ---- take-downs --------------------------------------------------------------------------------------------------


def test_bytes_and_all_that_was_read_from_them_go_and_every_proof_stays(archive):
    with archive.read() as store:
        last = store.checks("tunely/terms-of-use", 1)[0]
        change = derived.changes(store, "tunely/terms-of-use")[0]
        digest = store.capture(last.captures[0]).sha256
        before = list(log.leaves(store))
        proof = inclusion(before, 0)
    found = take_out(archive, last.captures[0])
    assert ("change", "disappeared", change.id) in {(one.what, one.happened, one.name) for one in found.differences}
    assert damages(archive.path) == []
    with archive.read() as store:
        with pytest.raises(NotFound, match="court"):
            store.raw(last.captures[0])
        assert store.capture(last.captures[0]).sha256 == digest
        after = list(log.leaves(store))
        assert after[: len(before)] == before
        assert root_from(before[0], 0, len(before), proof) == root(after[: len(before)])
        told = store.checks("tunely/terms-of-use", 1)[0]
        assert (told.outcome, told.reason) == (Outcome.BLOCKED, "removed")
    assert b"not use your uploads to train" not in archive.path.read_bytes()


def test_captures_of_the_same_bytes_go_together(archive):
    with archive.read() as store:
        (first,) = store.checks("still/terms-of-use")[-1].captures
    found = take_out(archive, first)
    assert set(found.documents) == {"still/terms-of-use", "tunely/terms-of-use"}
    assert damages(archive.path) == []


def test_the_same_bytes_do_not_come_back_and_others_do(archive):
    served = page(LICENCE, "A clause that somebody wants to be gone.")
    archive.look(served)
    with archive.read() as store:
        (capture,) = store.checks("tunely/terms-of-use", 1)[0].captures
    take_out(archive, capture)
    again = archive.look(served)
    assert again.check.outcome is Outcome.FAILED
    assert "taken out" in again.check.message
    assert archive.look(page(LICENCE, TRAINING, "Another clause.")).version is not None
    assert damages(archive.path) == []


def test_bytes_are_taken_out_once(archive):
    take_out(archive, 1)
    with pytest.raises(NotFound, match="before"):
        take_out(archive, 1)
    with pytest.raises(NotFound, match="no such capture"):
        take_out(archive, 99)


def test_whatever_rested_on_the_bytes_is_still_read(tmp_path):
    """Any one of many contents that rest on each other is taken out; all others come back to the last byte."""
    chance, words, bodies = random.Random(5), [b"clause %d of the terms" % n for n in range(300)], []
    original = tmp_path / "original.db"
    with Store.write(original) as store:
        for n in range(45):
            words[chance.randrange(300)] = b"edited on day %d" % n
            bodies.append(b"\n".join(words))
            keep(store, bodies[-1], NOON.replace(day=1 + n // 2, hour=n % 24))
    for victim in (1, 2, 17, 33, 44):
        archive = Archive(tmp_path / f"{victim}.db")
        shutil.copy(original, archive.path)
        with Store.write(archive.path) as store:
            expunge(store, victim, {}, ruleset(), at=NOW, by="me", why="so")
            left = [n for n in range(1, 46) if n != victim]
            assert [store.raw(n) for n in left] == [bodies[n - 1] for n in left]
        assert damages(archive.path) == []
