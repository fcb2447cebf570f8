"""In and out: what leaves the archive comes back the same, and nothing broken stops the rest."""

import csv
import gzip
import json
import os
import subprocess
from datetime import UTC, datetime, timedelta

import pytest
from histories import LICENCE, PROMISE, TRAINING, Archive, page, ruleset, sample
from test_again import everything

from tracker import engine
from tracker.datasets import ota, package, warc
from tracker.errors import NoSpace, NotFound
from tracker.model import Declaration, Document, Source
from tracker.past.taking import Taker, address_key
from tracker.past.warc import Broken
from tracker.past.warc import read as read_warc
from tracker.store import Store, derived

NOW = datetime(2026, 3, 1, 6, tzinfo=UTC)
NAME = "tunely/terms-of-use"
QUIET = lambda *_: None  # noqa: E731
LIMIT = 1 << 20


@pytest.fixture
def kept(tmp_path):
    """An archive of one document with three versions, the last like the first."""
    archive = Archive(tmp_path / "tracker.db")
    for served in (page(LICENCE), page(LICENCE, TRAINING), page(PROMISE), page(LICENCE)):
        archive.look(served)
    return archive.path


def declaration(path) -> Declaration:
    with Store.read(path) as store:
        url = store.rows("select url from capture limit 1")[0]["url"]
        return Declaration(store.documents()[0], (Source(url),))


def texts(path):
    with Store.read(path) as store:
        return [(one.at, derived.text_of(store, one.id)) for one in derived.versions(store, NAME)]


def taker(path) -> Taker:
    return Taker(path, ruleset(), lambda: NOW, LIMIT)


# ---- git ---------------------------------------------------------------------------------------------------------


def exported(path, target):
    with Store.read(path) as store:
        ota.write(store, store.documents(), target, QUIET)
    return target


def git(folder, *arguments, **environment) -> str:
    own = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"} | environment
    done = subprocess.run(["git", *arguments], cwd=folder, capture_output=True, check=True, env=os.environ | own)
    return done.stdout.decode()


class Clone:
    """A repository of versions as others keep it."""

    def __init__(self, folder) -> None:
        self.folder = folder
        folder.mkdir()
        git(folder, "init", "-q")

    def commit(self, subject: str, day: int, path: str = "Tunely/Terms of Use.md", text: str = "") -> None:
        file = self.folder / path
        file.parent.mkdir(parents=True, exist_ok=True)
        if text:
            file.write_text(text, "utf-8")
        at = f"{datetime(2024, 1, 1, tzinfo=UTC) + timedelta(days=day):%Y-%m-%dT%H:%M:%S+00:00}"
        who = {f"GIT_{role}_{what}": "x@localhost" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
        git(self.folder, "add", "-A", ".")
        git(self.folder, "commit", "-q", "-m", subject, **who, GIT_AUTHOR_DATE=at, GIT_COMMITTER_DATE=at)


def legal(*clauses: str) -> str:
    common = [f"Part {n} of these terms tells what you and we owe each other and how it can end." for n in range(12)]
    return "# Terms of Use\n\n" + "\n\n".join((*common, *clauses)) + "\n"


def test_versions_come_back_from_a_git_history_as_they_were(kept, tmp_path):
    repository = exported(kept, tmp_path / "out")
    own = declaration(kept)
    found, strangers = taker(tmp_path / "again.db").ota(repository, {NAME: own}, False, QUIET)
    assert (len(found), strangers) == (1, [])
    assert texts(tmp_path / "again.db") == texts(kept)
    again, _ = taker(tmp_path / "again.db").ota(repository, {NAME: own}, False, QUIET)
    assert (again[0].taken.new, again[0].taken.known) == (0, len(texts(kept)))


def test_what_many_hands_derive_of_an_import_is_the_same(tmp_path):
    archive = sample(tmp_path / "kept.db")
    repository = exported(archive.path, tmp_path / "out")
    paths = tmp_path / "one.db", tmp_path / "many.db"
    for path, crew in zip(paths, (engine.ALONE, engine.processes(2)), strict=True):
        found, _ = Taker(path, ruleset(), lambda: NOW, LIMIT, crew).ota(repository, {}, True, QUIET)
        assert [one.versions for one in found] == [(0, 1), (0, 3)]
    assert everything(paths[0]) == everything(paths[1])


def test_the_log_of_an_export_reads_as_theirs_and_is_the_same_each_time(kept, tmp_path):
    one, other = exported(kept, tmp_path / "a"), exported(kept, tmp_path / "b")
    subjects = git(one, "log", "--reverse", "--format=%s", "--", "Tunely").splitlines()
    assert subjects == ["First record of Tunely Terms of Use"] + ["Record new changes of Tunely Terms of Use"] * 3
    assert git(one, "rev-parse", "HEAD") == git(other, "rev-parse", "HEAD")
    dates = [int(line) for line in git(one, "log", "--reverse", "--format=%at", "--", "Tunely").split()]
    assert dates == [int(at.timestamp()) for at, _ in texts(kept)]
    assert (one / "Tunely" / "Terms of Use.md").read_text("utf-8").strip() == texts(kept)[-1][1].strip()


def test_an_upgrade_of_the_program_is_no_change_and_the_author_date_orders(tmp_path):
    clone = Clone(tmp_path / "clone")
    clone.commit("First record of Tunely Terms of Use", 0, text=legal(LICENCE))
    clone.commit("Record new changes of Tunely Terms of Use", 20, text=legal(LICENCE, TRAINING))
    clone.commit("Apply technical or declaration upgrade on Tunely Terms of Use", 10, text=legal("Menu", LICENCE))
    own = Declaration(Document(NAME, "Tunely", "Terms of Use"), (Source("https://tunely.example/terms"),))
    taker(tmp_path / "t.db").ota(clone.folder, {NAME: own}, False, QUIET)
    kept = texts(tmp_path / "t.db")
    assert [at.day for at, _ in kept] == [1, 21]
    assert "Menu" in kept[0][1]
    with Store.read(tmp_path / "t.db") as store:
        change = derived.changes(store)[0]
    assert change.ai_change
    assert change.window.start == datetime(2024, 1, 11, tzinfo=UTC)


def test_a_renamed_document_keeps_its_history_and_others_are_named(tmp_path):
    clone = Clone(tmp_path / "clone")
    clone.commit("First record of Tune Terms of Use", 0, "Tune/Terms of Use.md", legal(LICENCE))
    (clone.folder / "Tunely").mkdir()
    git(clone.folder, "mv", "Tune/Terms of Use.md", "Tunely/Terms of Use.md")
    clone.commit("Rename Tune to Tunely", 5)
    clone.commit("Record new changes of Tunely Terms of Use", 9, text=legal(TRAINING))
    clone.commit("First record of Other Privacy Policy", 10, "Other/Privacy Policy.md", legal(PROMISE))
    clone.commit("Update README", 11, "README.md", "Read me")
    own = Declaration(Document(NAME, "Tunely", "Terms of Use"), (Source("https://tunely.example/terms"),))
    found, strangers = taker(tmp_path / "t.db").ota(clone.folder, {NAME: own}, False, QUIET)
    assert found[0].versions == (0, 2)
    assert strangers == ["Other/Privacy Policy.md"]
    found, strangers = taker(tmp_path / "t.db").ota(clone.folder, {NAME: own}, True, QUIET)
    assert (len(found), strangers) == (2, [])
    with Store.read(tmp_path / "t.db") as store:
        assert [one.id for one in store.documents()] == ["other/privacy-policy", NAME]


def test_a_folder_that_is_no_repository_is_refused(tmp_path):
    (tmp_path / "plain").mkdir()
    for path in (tmp_path / "plain", tmp_path / "missing"):
        with pytest.raises(NotFound):
            taker(tmp_path / "t.db").ota(path, {}, True, QUIET)
    (tmp_path / "plain" / "objects").mkdir()
    (tmp_path / "plain" / "HEAD").write_text("rubbish")
    with pytest.raises(NotFound):
        taker(tmp_path / "t.db").ota(tmp_path / "plain", {}, True, QUIET)


@pytest.mark.parametrize("name", ["../../etc", "..", ".git", "a/../../b", "x\ny\x00", "GIT~1", ""])
def test_no_name_leads_out_of_the_folder(name):
    path = ota.path_of(Document("a/b", name, name))
    assert path.count("/") == 1
    assert not path.startswith((".", "/"))
    assert all(part not in ("", ".", "..", ".git") for part in path.split("/"))
    assert path.isprintable()


# ---- WARC --------------------------------------------------------------------------------------------------------


def packed(kept, target):
    with Store.read(kept) as store:
        warc.write(store, store.documents(), target, QUIET)
    return target


def hashes(path) -> list[str]:
    with Store.read(path) as store:
        return [store.capture(row["id"]).sha256 for row in store.rows("select id from capture order by at, id")]


@pytest.mark.parametrize("name", ["out.warc.gz", "out.warc"])
def test_captures_come_back_from_a_warc_file_with_their_hashes_and_moments(kept, tmp_path, name):
    file = packed(kept, tmp_path / name)
    found, broken, strange = taker(tmp_path / "again.db").warc([file], [declaration(kept)], QUIET)
    assert (broken, strange) == ([], 0)
    assert hashes(tmp_path / "again.db") == hashes(kept)
    assert texts(tmp_path / "again.db") == texts(kept)
    again, _, _ = taker(tmp_path / "again.db").warc([file], [declaration(kept)], QUIET)
    assert (again[0].taken.new, found[0].taken.new) == (0, len(hashes(kept)))


def test_a_warc_file_passes_the_check_of_others_and_repeats_no_payload(kept, tmp_path):
    from warcio.archiveiterator import ArchiveIterator
    from warcio.checker import Checker

    file = packed(kept, tmp_path / "out.warc.gz")
    assert file.read_bytes() == packed(kept, tmp_path / "b" / "out.warc.gz").read_bytes()
    checker = Checker(type("Arguments", (), {"inputs": [str(file)], "verbose": False}))
    checker.process_all()
    assert checker.exit_value == 0
    with file.open("rb") as stream:
        kinds = [record.rec_type for record in ArchiveIterator(stream)]
    assert kinds == ["warcinfo", *["response", "metadata"] * 3, "revisit", "metadata"]


def members(file) -> list[bytes]:
    """The records of a packed file, one by one."""
    raw, found = file.read_bytes(), []
    places = [n for n in range(len(raw)) if raw.startswith(b"\x1f\x8b\x08", n)] + [len(raw)]
    for start, end in zip(places, places[1:], strict=False):
        found.append(raw[start:end])
    return found


def test_broken_records_are_named_and_the_rest_is_read(kept, tmp_path):
    parts = members(packed(kept, tmp_path / "out.warc.gz"))
    torn = parts[1][:40] + b"\x00" * 60 + parts[1][100:]
    false = gzip.compress(gzip.decompress(parts[3]).replace(b"music", b"MUSIC"))
    file = tmp_path / "broken.warc.gz"
    file.write_bytes(b"".join([parts[0], torn, b"rubbish\x1f\x8b\x08rubbish", parts[2], false, *parts[5:]]))
    found = list(read_warc(file, NOW, LIMIT))
    good = [one for one in found if not isinstance(one, Broken)]
    assert [one.response.body for one in good][0].decode() == page(PROMISE)
    reasons = " ".join(one.reason for one in found if isinstance(one, Broken))
    assert "digest" in reasons
    assert "does not hold" in reasons  # the record that repeats the torn one
    (tmp_path / "noise.warc.gz").write_bytes(os.urandom(5000))
    assert all(isinstance(one, Broken) for one in read_warc(tmp_path / "noise.warc.gz", NOW, LIMIT))


def test_a_body_that_is_too_large_is_left_out(kept, tmp_path):
    found = list(read_warc(packed(kept, tmp_path / "out.warc.gz"), NOW, 100))
    assert all(isinstance(one, Broken) for one in found)
    assert "larger than 100 bytes" in found[0].reason


def test_addresses_are_the_same_without_scheme_and_closing_slash():
    assert address_key("http://www.Tunely.example/terms/#a") == address_key("https://tunely.example/terms")
    assert address_key("https://tunely.example/terms?a=1") != address_key("https://tunely.example/terms")


# ---- datasets ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("form", package.FORMATS)
def test_a_dataset_is_described_and_the_same_each_time(kept, tmp_path, form):
    with Store.read(kept) as store:
        counts = package.write(store, form, [NAME], None, tmp_path / "a", QUIET)
        package.write(store, form, [NAME], None, tmp_path / "b", QUIET)
    assert (counts["versions"], counts["changes"], counts["checks"]) == (4, 3, 4)
    assert counts["flags"]
    for file in (tmp_path / "a").iterdir():
        assert file.read_bytes() == (tmp_path / "b" / file.name).read_bytes(), file.name
    described = json.loads((tmp_path / "a" / "datapackage.json").read_text("utf-8"))
    for resource in described["resources"]:
        assert (tmp_path / "a" / resource["path"]).stat().st_size == resource["bytes"]
    assert {"LICENSE.txt", "CITATION.cff"} <= {file.name for file in (tmp_path / "a").iterdir()}


def test_a_researcher_finds_the_first_version_that_says_it(kept, tmp_path):
    duckdb = pytest.importorskip("duckdb")
    with Store.read(kept) as store:
        package.write(store, "parquet", [NAME], None, tmp_path / "p", QUIET)
        expected = derived.versions(store, NAME)[1].at
    table = f"'{tmp_path}/p/versions.parquet'"
    sql = f"select document, min(seen_at)::varchar from {table} where text ilike '%train artificial%' group by 1"
    with duckdb.connect() as db:
        db.execute("set timezone = 'UTC'")
        rows = db.execute(sql).fetchall()
    assert rows[0][0] == NAME
    assert rows[0][1].startswith(f"{expected:%Y-%m-%d %H:%M:%S}")


def test_words_before_and_after_stand_in_the_clause_changes(kept, tmp_path):
    with Store.read(kept) as store:
        package.write(store, "csv", [NAME], None, tmp_path / "c", QUIET)
    with (tmp_path / "c" / "clause_changes.csv").open(encoding="utf-8", newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["after"] for row in rows if row["kind"] == "added"][0] == TRAINING


@pytest.mark.parametrize("value", ["=1+1", "+1", "-1", "@x", "\t=1", " =1"])
def test_a_spreadsheet_takes_no_cell_for_a_formula(value):
    assert package.guarded(value) == f"'{value}"
    assert "\x00" not in package.guarded("a\x00b")


def test_a_taken_or_unwritable_place_is_refused_and_keeps_what_it_held(kept, tmp_path):
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "mine.txt").write_text("mine")
    with Store.read(kept) as store:
        for target in (tmp_path / "taken", tmp_path / "taken" / "mine.txt" / "below"):
            with pytest.raises(NoSpace):
                package.write(store, "csv", [NAME], None, target, QUIET)
            with pytest.raises(NoSpace):
                ota.write(store, store.documents(), target, QUIET)
    assert [file.name for file in (tmp_path / "taken").iterdir()] == ["mine.txt"]
