"""What one document costs does not grow with how many others there are, not even where they say the same: the steps
that SQLite takes, counted."""

from histories import LICENCE, TRAINING, Archive, page, ruleset

from tracker import timeline
from tracker.errors import FetchError
from tracker.model import Declaration, Document, Source
from tracker.store import Store, truths

READ_AGAIN = Declaration(
    Document("tunely/terms-of-use", "Tunely", "Terms of Use"), (Source("https://tunely.example/"),)
)
SERVED = {
    "a first look": page(LICENCE),
    "the same bytes": page(LICENCE),
    "other bytes, the same words": page(LICENCE) + "<!-- 2 -->",
    "other words": page(LICENCE, TRAINING),
    "words that were there before": page(LICENCE),
    "no answer": FetchError("It did not answer.", "https://tunely.example/", "The next check tries again."),
}


def spent(path, others, monkeypatch):
    """The steps that each look at one document takes, and all of it read again, beside so many others."""
    archive, steps = Archive(path), 0
    for served in (page(LICENCE), page(LICENCE, TRAINING)):
        for other in range(others):
            archive.look(served, platform=f"Other{other}")

    def step():
        nonlocal steps
        steps += 1

    def counted(path):
        db, lock = writing(path)
        db.conn.set_progress_handler(step, 1)
        return db, lock

    writing, found = truths.writing, {}
    with monkeypatch.context() as patched:
        patched.setattr(truths, "writing", counted)
        for what, served in SERVED.items():
            steps = 0
            archive.look(served)
            found[what] = steps
        with Store.write(path) as store:
            steps = 0
            timeline.read_again(store, READ_AGAIN, ruleset())
            found["read again"] = steps
    return found


def test_steps_do_not_grow_with_the_archive(tmp_path, monkeypatch):
    few, many = (spent(tmp_path / f"{others}.db", others, monkeypatch) for others in (1, 13))
    assert few.keys() == many.keys()
    assert min(few.values()) > 100
    assert {what: steps for what, steps in many.items() if steps > 1.02 * few[what]} == {}


def test_what_rests_on_a_row_that_may_go_is_found_by_an_index(tmp_path):
    slow = []
    with Store.write(tmp_path / "tracker.db") as store:
        for table in store.db.table_names():
            for row in store.rows(f"select *, \"from\" as name from pragma_foreign_key_list('{table}')"):
                if row["table"] not in ("version", "clause", "change", "lineage", "blob"):
                    continue
                plan = store.rows(f'explain query plan select 1 from "{table}" where {row["name"]} = 1')
                if not plan[0]["detail"].startswith("SEARCH"):
                    slow.append(f"{table}.{row['name']}")
    assert slow == []
