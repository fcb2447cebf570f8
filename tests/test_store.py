"""The archive survives what happens to files: a second writer, another program's file, damage, a full disk, a kill."""

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from hashlib import sha256

import pytest

from tracker.errors import ArchiveError, Busy, Corrupt, Foreign, NoSpace, NotFound
from tracker.model import Check, Document, Outcome, Response, stamp
from tracker.store import Store
from tracker.store.archive import DEPTH

NOON = datetime(2024, 2, 12, 12, tzinfo=UTC)
DECLARED = sha256(b"{}").hexdigest()
DOCUMENT = Document("tunely/terms-of-service", "Tunely", "Terms of Service")


def page(body: bytes, at: datetime = NOON, url: str = "https://tunely.example/terms") -> Response:
    headers = (("Content-Type", "text/html"), ("ETag", '"v1"'))
    return Response(url, url, 200, headers, body, at, redirects=((301, "https://tunely.example/tos"),))


def keep(store: Store, body: bytes, at: datetime = NOON) -> tuple[int, bool]:
    with store.transaction():
        row = store.keep_document(DOCUMENT)
        declaration = store.keep_declaration(row, DECLARED, "{}", at)
        kept = store.keep_capture(row, declaration, page(body, at))
        store.keep_check(row, Check(0, DOCUMENT.id, at, Outcome.CAPTURED, captures=(kept[0],)))
    return kept


@pytest.fixture
def path(tmp_path):
    return tmp_path / "data" / "tracker.db"


def test_a_capture_comes_back_with_its_provenance(path):
    with Store.write(path) as store:
        number, new = keep(store, b"<p>Terms</p>")
    assert new
    with Store.read(path) as store:
        capture = store.capture(number)
        assert store.raw(number) == b"<p>Terms</p>"
    assert capture.fetched_at == NOON
    assert capture.redirects == ((301, "https://tunely.example/tos"),)
    assert ("ETag", '"v1"') in capture.headers
    assert capture.declaration == DECLARED


def test_the_same_bytes_are_one_capture_and_every_look_is_a_check(path):
    with Store.write(path) as store:
        first = keep(store, b"same", NOON)
        second = keep(store, b"same", NOON + timedelta(days=1))
        assert second == (first[0], False)
        assert [check.captures for check in store.checks(DOCUMENT.id)] == [(first[0],), (first[0],)]
        assert store.outcome_counts(DOCUMENT.id) == {"captured": 2}


def test_bytes_that_were_there_before_take_no_room_again(path):
    with Store.write(path) as store:
        for n, body in enumerate((b"one" * 500, b"two" * 500, b"one" * 500)):
            keep(store, body, NOON + timedelta(days=n))
        assert store.row("select count(*) as n from capture")["n"] == 3
        assert store.row("select count(*) as n from blob")["n"] == 2


def test_hundreds_of_captures_of_one_page_stay_small_and_readable(path):
    chance = random.Random(7)
    words = [b"clause %d of the terms says %d things" % (n, chance.randrange(10**9)) for n in range(800)]
    bodies = []
    with Store.write(path) as store:
        for n in range(60):
            words[chance.randrange(len(words))] = b"edited on day %d" % n
            bodies.append(b"\n".join(words))
            keep(store, bodies[-1], NOON + timedelta(days=n))
        store._bodies.clear()
        assert [store.raw(n + 1) for n in range(60)] == bodies
        size = store.row("select sum(length(data)) as n, max(depth) as depth from blob")
    assert size["n"] < sum(map(len, bodies)) / 20
    assert size["depth"] <= DEPTH


def test_one_writer_at_a_time_and_readers_do_not_mind(path):
    with Store.write(path) as store:
        keep(store, b"one")
        with pytest.raises(Busy, match=str(os.getpid())):
            Store.write(path)
        with Store.read(path) as reader:
            assert reader.documents() == [DOCUMENT]
    Store.write(path).close()


def test_another_name_of_the_archive_is_the_same_archive(path, tmp_path):
    with Store.write(path):
        (tmp_path / "other.db").symlink_to(path)
        with pytest.raises(Busy):
            Store.write(tmp_path / "other.db")


def test_a_lock_that_is_a_link_is_not_followed(path, tmp_path):
    precious = tmp_path / "precious.txt"
    precious.write_text("mine")
    path.parent.mkdir()
    (path.parent / f"{path.name}.lock").symlink_to(precious)
    with pytest.raises(ArchiveError):
        Store.write(path)
    assert precious.read_text() == "mine"


def test_an_empty_file_is_no_archive_yet(path):
    path.parent.mkdir()
    path.touch()
    with pytest.raises(NotFound, match="empty"):
        Store.read(path)


def test_reading_never_makes_an_archive(path):
    with pytest.raises(NotFound, match="no archive yet"):
        Store.read(path)
    assert not path.parent.exists()


@pytest.mark.parametrize("content", [b"%PDF-1.7 not a database at all", b"x" * 5000])
def test_a_file_that_is_no_database_is_left_alone(tmp_path, content):
    path = tmp_path / "letter.txt"
    path.write_bytes(content)
    for opening in (Store.write, Store.read):
        with pytest.raises(Foreign):
            opening(path)
    assert path.read_bytes() == content


def test_another_programs_database_is_left_alone(tmp_path):
    path = tmp_path / "other.db"
    with sqlite3.connect(path) as connection:
        connection.execute("create table holiday (photo blob)")
    connection.close()
    before = path.read_bytes()
    for opening in (Store.write, Store.read):
        with pytest.raises(Foreign, match="not an archive"):
            opening(path)
    assert path.read_bytes() == before


def test_an_archive_of_a_newer_program_is_left_alone(path):
    with Store.write(path) as store, store.transaction():
        store.add("_sqlite_migrations", migration_set="tracker", name="999_future", applied_at=stamp(NOON))
    for opening in (Store.write, Store.read):
        with pytest.raises(Foreign, match="999_future"):
            opening(path)


def test_damaged_bytes_are_named_and_never_returned(path):
    with Store.write(path) as store:
        keep(store, b"terms " * 500)
        with store.transaction():
            store.db.execute("update blob set data = cast(substr(data, 1, length(data) - 4) || x'00000000' as blob)")
        store._bodies.clear()
        with pytest.raises(Corrupt):
            store.raw(1)


def test_swapped_bytes_are_noticed(path):
    with Store.write(path) as store:
        keep(store, b"terms " * 500)
        with store.transaction():
            other = store.keep_bytes(b"other " * 500)
            store.db.execute("update blob set data = (select data from blob where id = ?) where id = 1", (other,))
        store._bodies.clear()
        with pytest.raises(Corrupt, match="hash"):
            store.raw(1)


def read_everything(path):
    with Store.write(path) as store:
        for n in range(1, 41):
            store.raw(n)


def test_a_damaged_file_says_so(path):
    with Store.write(path) as store:
        for n in range(40):
            keep(store, random.Random(n).randbytes(3000), NOON + timedelta(hours=n))
    content = bytearray(path.read_bytes())
    content[4096 * 3 : -4096] = b"\xa5" * (len(content) - 4096 * 4)
    path.write_bytes(content)
    with pytest.raises((Corrupt, Foreign)):
        read_everything(path)


def test_a_full_disk_loses_nothing_that_was_kept(path):
    with Store.write(path) as store:
        keep(store, b"kept")
        pages = store.db.conn.execute("pragma page_count").fetchone()[0]
        store.db.conn.execute(f"pragma max_page_count = {pages}").fetchall()
        with pytest.raises(NoSpace, match="full"):
            keep(store, random.Random(1).randbytes(200_000), NOON + timedelta(days=1))
        assert len(store.checks(DOCUMENT.id)) == 1
        assert store.raw(1) == b"kept"


@pytest.mark.skipif(os.getuid() == 0, reason="root may write everywhere")
def test_a_read_only_folder_says_what_to_do(tmp_path):
    tmp_path.chmod(0o500)
    with pytest.raises(NoSpace):
        Store.write(tmp_path / "tracker.db")


KEEPER = """
import sys
sys.path.insert(0, {tests!r})
from datetime import timedelta
from pathlib import Path
from test_store import NOON, keep
from tracker.store import Store
with Store.write(Path({path!r})) as store:
    start = len(store.checks("tunely/terms-of-service")) if store.documents() else 0
    for n in range(start, 100000):
        keep(store, b"capture %d " % n * 200, NOON + timedelta(minutes=n))
        print(n, flush=True)
"""


def test_killed_at_any_moment_nothing_acknowledged_is_lost(path):
    """Ten kills at random moments: the file opens, is sound, and goes on where it stood."""
    chance = random.Random(3)
    program = KEEPER.format(tests=os.path.dirname(__file__), path=str(path))
    acknowledged = 0
    for _ in range(10):
        writer = subprocess.Popen([sys.executable, "-c", program], stdout=subprocess.PIPE)
        writer.stdout.readline()
        time.sleep(chance.random() * 0.15)
        writer.send_signal(signal.SIGKILL)
        lines = writer.communicate()[0].split()
        acknowledged = max(acknowledged, int(lines[-1]) + 1 if lines else 0)
        with Store.write(path) as store:
            assert store.row("pragma integrity_check") == {"integrity_check": "ok"}
            assert store.rows("pragma foreign_key_check") == []
            checks = store.checks(DOCUMENT.id)
            assert len(checks) >= acknowledged
            assert all(len(check.captures) == 1 for check in checks)
            assert store.raw(checks[0].captures[0]).startswith(b"capture %d " % (len(checks) - 1))
