"""Archives of every schema that there ever was open, are whole, and tell the same story as when they were made.

`tests/schemas/` holds one archive of each as SQL, made by the program of its day: five looks at a document that slips a
training clause in and turns it into a promise later.
"""

import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
from histories import LICENCE, TRAINING, Archive, page, ruleset

from tracker import timeline
from tracker.errors import Foreign
from tracker.evidence.verify import verify
from tracker.model import Declaration, Document, Source
from tracker.store import Store, derived

SCHEMAS = sorted((Path(__file__).parent / "schemas").glob("*.sql"))
NAME = "tunely/terms-of-use"
DECLARED = {NAME: Declaration(Document(NAME, "Tunely", "Terms of Use"), (Source("https://tunely.example/terms"),))}


@pytest.fixture(params=SCHEMAS, ids=lambda path: path.stem)
def path(request, tmp_path):
    with closing(sqlite3.connect(tmp_path / "tracker.db")) as connection:
        connection.executescript(request.param.read_text("utf-8"))
    return tmp_path / "tracker.db"


def test_it_opens_and_is_whole(path):
    with pytest.raises(Foreign, match="older program"):
        Store.read(path)
    Store.write(path).close()
    with Store.read(path) as store:
        seen = verify(store)
        assert seen.damages == []
        assert seen.leaves == sum(
            store.row(f'select count(*) as n from "{table}"')["n"] for table in ("capture", "check")
        )
        assert len(store.checks(NAME)) == 5
        assert [change.ai_kind for change in reversed(derived.changes(store))] == ["added", "strengthened"]


def test_it_is_read_again_and_goes_on(path):
    with Store.write(path) as store:
        before = [change.id for change in derived.changes(store)]
        assert timeline.refresh(store, DECLARED, ruleset()).faults == []
        assert [change.id for change in derived.changes(store)] == before
        at = store.checks(NAME, 1)[0].at
    archive = Archive(path)
    archive.at = at
    assert archive.look(page(LICENCE, TRAINING)).change.ai_change
    with Store.read(path) as store:
        assert verify(store).damages == []
