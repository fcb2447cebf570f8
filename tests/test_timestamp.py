"""Time-stamps by a real authority on loopback: kept with the checkpoint, checked, and no hindrance where none comes."""

import shutil
import sqlite3
import subprocess
from contextlib import closing

import pytest
from authority import Authority
from histories import LICENCE, Archive, page

from tracker.errors import FetchError, SettingsError, Transient
from tracker.evidence.seal import seal
from tracker.evidence.verify import verify
from tracker.settings import Settings
from tracker.store import Store, log

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl")


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    found = Authority(tmp_path_factory.mktemp("authority"))
    yield found
    found.close()


@pytest.fixture
def archive(tmp_path):
    made = Archive(tmp_path / "tracker.db")
    made.look(page(LICENCE))
    return made


def options(authority, **others) -> Settings:
    return Settings(**{"timestamp_url": authority.url, "timestamp_root": str(authority.root), **others})


def sealed(archive, settings):
    with Store.write(archive.path) as store:
        seal(store, settings)
        return log.last_checkpoint(store)


def test_a_checkpoint_is_time_stamped_and_openssl_agrees(archive, authority, tmp_path):
    kept = sealed(archive, options(authority))
    (tmp_path / "note").write_text(kept.note)
    (tmp_path / "reply").write_bytes(kept.reply)
    command = ["openssl", "ts", "-verify", "-data", "note", "-in", "reply", "-CAfile", str(authority.root)]
    assert b"OK" in subprocess.run(command, cwd=tmp_path, check=True, capture_output=True).stdout
    with archive.read() as store:
        seen = verify(store)
    assert (seen.damages, seen.stamped) == ([], 1)


@pytest.mark.parametrize("column", ["reply", "trusted"])
def test_a_time_stamp_that_was_altered_is_found(archive, authority, column):
    sealed(archive, options(authority))
    with closing(sqlite3.connect(archive.path)) as connection:
        value = connection.execute(f"select {column} from timestamp").fetchone()[0]
        middle = len(value) // 2
        swapped = value[middle : middle + 1]
        other = bytes([swapped[0] ^ 1]) if isinstance(value, bytes) else ("B" if swapped != "B" else "C")
        connection.execute(f"update timestamp set {column} = ?", (value[:middle] + other + value[middle + 1 :],))
        connection.commit()
    with archive.read() as store:
        assert [damage.table for damage in verify(store).damages] == ["timestamp"]


def test_a_signature_is_kept_where_no_time_stamp_comes_and_the_next_run_asks_again(archive, authority):
    silent = options(authority, timestamp_url="http://127.0.0.1:9/")
    with Store.write(archive.path) as store:
        with pytest.raises(Transient, match="did not answer"):
            seal(store, silent)
        assert log.last_checkpoint(store).reply is None
    assert sealed(archive, options(authority)).reply is not None


@pytest.mark.parametrize("answer", [b"", b"<html>Sign in</html>", b"0\x03\x02\x01\x02"])
def test_an_answer_that_is_no_time_stamp_is_not_kept(archive, authority, answer, monkeypatch):
    monkeypatch.setattr(authority, "answer", answer)
    with Store.write(archive.path) as store:
        with pytest.raises(FetchError, match="no time-stamp"):
            seal(store, options(authority))
        assert log.last_checkpoint(store).reply is None


def test_an_answer_to_another_question_is_not_kept(archive, authority, monkeypatch):
    sealed(archive, options(authority))
    with archive.read() as store:
        monkeypatch.setattr(authority, "answer", log.last_checkpoint(store).reply)
    archive.look(page(LICENCE, "More."))
    with Store.write(archive.path) as store, pytest.raises(FetchError, match="no time-stamp"):
        seal(store, options(authority))


def test_whom_to_trust_must_be_said(archive, authority):
    with Store.write(archive.path) as store:
        with pytest.raises(SettingsError, match="timestamp_root"):
            seal(store, options(authority, timestamp_root=""))
        with pytest.raises(SettingsError, match="cannot be read"):
            seal(store, options(authority, timestamp_root="/nowhere.pem"))
