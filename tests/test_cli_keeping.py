"""Keeping an archive by the command line: what verify, evidence, backup and expunge say, and how they end."""

import json
import os
import shutil
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest
from test_cli import run, story  # noqa: F401 - fixtures
from test_store import keep

from tracker.store import Store


def test_a_run_signs_the_log_and_verify_agrees(run, story):  # noqa: F811
    said = run("verify")
    assert said.startswith("All agrees: ")
    assert "2 checkpoints" in said
    assert stat.S_IMODE(os.stat("data/tracker.db.key").st_mode) == 0o600
    assert json.loads(run("verify", "--json"))["unsealed"] == 0


def test_damage_is_named_with_its_place_and_what_to_do(run, story):  # noqa: F811
    with closing(sqlite3.connect("data/tracker.db")) as connection:
        connection.execute("update capture set final_url = 'https://other.example/' where id = 1")
        connection.commit()
    said = run("verify", code=1)
    assert "capture 1 (tunely/terms-of-use)" in said
    assert "Restore a backup" in said


def test_a_file_that_was_cut_short_is_damage_and_no_traceback(run, story):  # noqa: F811
    content = Path("data/tracker.db").read_bytes()
    for part in (0.3, 0.6, 0.9):
        Path("data/tracker.db").write_bytes(content[: int(len(content) * part)])
        for left in ("-wal", "-shm"):
            Path(f"data/tracker.db{left}").unlink(missing_ok=True)
        assert "Traceback" not in run("verify", code=1)


def test_evidence_is_written_and_checks_itself(run, story, tmp_path):  # noqa: F811
    change = json.loads(run("changes", "--json").splitlines()[0])["id"]
    assert "sh verify.sh" in run("evidence", change, "--out", "proof")
    if all(map(shutil.which, ("openssl", "sha256sum"))):
        done = subprocess.run(["sh", "proof/verify.sh"], capture_output=True, text=True, check=True)
        assert done.stdout.endswith("Everything agrees.\n")
    assert ".zip" in run("evidence", change)
    assert "already" in run("evidence", change, code=1)


def test_a_backup_is_verified_and_is_an_archive(run, story, tmp_path):  # noqa: F811
    said = run("backup", "copies/today.db")
    assert "verified" in said
    assert "tracker.db.key" in said
    assert run("--archive", "copies/today.db", "changes", "--json") == run("changes", "--json")


def test_a_take_down_asks_first_and_says_what_goes(run, story, monkeypatch):  # noqa: F811
    with Store.read(Path("data/tracker.db")) as store:
        (capture,) = store.checks("tunely/terms-of-use", 1)[0].captures
    arguments = ("expunge", str(capture), "--by", "the editor", "--why", "A court ordered it.")
    monkeypatch.setattr("click.confirm", lambda *_, **__: (_ for _ in ()).throw(KeyboardInterrupt))
    run(*arguments, code=130)
    said = run(*arguments, "--yes")
    assert "is no change any more" in said
    assert "Backups" in said
    assert run("verify").startswith("All agrees: ")
    assert "taken out before" in run(*arguments, "--yes", code=1)
    assert run("changes", "--json") == ""


FULL = """
import resource, sys
from pathlib import Path
sys.path.insert(0, {tests!r})
from tracker.errors import ArchiveError
from tracker.store import Store
from tracker.store.backup import backup
store = Store.read(Path({archive!r}))
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
import signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
try:
    backup(store, Path({target!r}))
except ArchiveError as error:
    print(type(error).__name__, error.remedy)
"""


def test_a_backup_that_finds_no_room_leaves_the_earlier_one(tmp_path):
    archive, target = tmp_path / "tracker.db", tmp_path / "copy.db"
    with Store.write(archive) as store:
        keep(store, os.urandom(100_000))
    program = FULL.format(tests=os.path.dirname(__file__), archive=str(archive), target=str(target))
    shutil.copy(archive, target)
    before = target.read_bytes()
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.startswith("NoSpace"), done
    assert target.read_bytes() == before
    assert sorted(path.name for path in tmp_path.glob("*copy*")) == ["copy.db"]


@pytest.mark.skipif(os.getuid() == 0, reason="root may write everywhere")
def test_a_backup_into_a_folder_that_cannot_be_written_says_so(run, story, tmp_path):  # noqa: F811
    (tmp_path / "shut").mkdir(mode=0o500)
    assert "cannot" in run("backup", "shut/copy.db", code=1)


def test_a_cluster_that_is_not_there_is_said_and_leaves_all_as_it_is(run, story, monkeypatch):  # noqa: F811
    monkeypatch.setattr("tracker.cluster.CONNECT", 0.5)
    before = run("changes", "--json")
    for command in ("reanalyse", "verify"):
        assert "The scheduler does not answer" in run(command, "--cluster", "tcp://127.0.0.1:9", code=1)
        assert "give one of them" in run(command, "--cluster", "tcp://127.0.0.1:9", "--workers", "2", code=2)
    assert run("changes", "--json") == before
