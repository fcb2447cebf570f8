"""A page that ends whoever reads it takes nothing else with it, and not twice."""

import json
import os
import signal
import subprocess
import sys

import pytest
from test_pipeline import LICENCE, TRAINING, page

from tracker.model import Outcome
from tracker.store import Store

POISON = "<!-- ends whoever reads it -->"
TOXIC = "toxic/terms-of-use"


@pytest.fixture
def check(web, tmp_path, deadly):
    """`tracker check` over two documents, one of which may be served with poison; how it ended and what it said."""
    folder = tmp_path / "declared"
    folder.mkdir()
    for name in ("Still", "Toxic"):
        terms = {"Terms of Use": {"fetch": f"{web.base}/{name}"}}
        (folder / f"{name}.json").write_text(json.dumps({"name": name, "terms": terms}))
    own = {"TRACKER_ALLOW_LOOPBACK": "1", "TRACKER_DECLARATIONS": str(folder), "TRACKER_ARCHIVE": "tracker.db"}

    def run(poisoned: bool, *clauses: str, nonce: int = 0) -> tuple[int, dict[str, dict]]:
        web.pages |= {"/Still": page(LICENCE, nonce=nonce), "/Toxic": page(*clauses, nonce=nonce) + POISON * poisoned}
        command = [sys.executable, "-m", "tracker", "check", "--json"]
        environment = {**os.environ, **own, "PYTHONPATH": deadly}
        done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
        said = [json.loads(line) for line in done.stdout.splitlines()]
        return done.returncode, {one["document"]: one for one in said}

    return run


def outcomes(path):
    with Store.read(path / "tracker.db") as store:
        return [one.outcome for one in reversed(store.checks(TOXIC))]


def test_what_ended_the_program_is_read_apart_and_set_aside(check, tmp_path):
    assert check(False, LICENCE)[0] == 0
    assert check(True, LICENCE, TRAINING)[0] == -signal.SIGKILL
    code, said = check(True, LICENCE, TRAINING, nonce=1)
    assert (code, said["still/terms-of-use"]["outcome"]) == (0, "captured")
    assert said[TOXIC]["outcome"] == "blocked"
    assert "ended each time that it read" in said[TOXIC]["message"]
    assert check(True, LICENCE, TRAINING, nonce=2)[1][TOXIC]["outcome"] == "blocked"
    code, said = check(False, LICENCE, TRAINING, nonce=3)
    assert (code, said[TOXIC]["outcome"], said[TOXIC]["ai_change"]) == (0, "captured", True)
    assert outcomes(tmp_path) == [Outcome.CAPTURED, Outcome.BLOCKED, Outcome.BLOCKED, Outcome.CAPTURED]


def test_a_death_for_another_reason_is_forgotten_once_the_page_was_read(check, tmp_path):
    assert check(True, LICENCE)[0] == -signal.SIGKILL
    assert check(False, LICENCE)[1][TOXIC]["outcome"] == "captured"
    with Store.read(tmp_path / "tracker.db") as store:
        assert not store.rows("select * from begun")


def test_an_archive_that_must_be_read_again_outlives_what_is_deadly_in_it(check, tmp_path):
    """As after an update of the program, which then reads all captures again before it looks at anything."""
    check(False, LICENCE)
    check(True, LICENCE, TRAINING)
    check(True, LICENCE, TRAINING)
    with Store.write(tmp_path / "tracker.db") as store, store.transaction():
        store.db.execute("update document set derived_by = 'other' where slug = ?", [TOXIC])
    for _ in range(2):
        code, said = check(True, LICENCE, TRAINING)
        if code == 0:
            break
        assert code == -signal.SIGKILL
    assert said[TOXIC]["outcome"] == "blocked"
