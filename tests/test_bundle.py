"""Evidence to hand out: whoever gets it checks it without us, and any byte that was altered shows."""

import shutil
import subprocess
import zipfile

import pytest
from authority import Authority
from histories import ruleset, sample

from tracker.errors import NotFound
from tracker.evidence import bundle, files
from tracker.evidence.seal import seal
from tracker.settings import Settings
from tracker.store import Store, derived

pytestmark = pytest.mark.skipif(
    not all(map(shutil.which, ("openssl", "sha256sum", "sh"))), reason="needs openssl, sha256sum and sh"
)


@pytest.fixture(scope="module")
def evidence(tmp_path_factory):
    """The files of the evidence of a change whose checkpoint is time-stamped."""
    authority = Authority(tmp_path_factory.mktemp("authority"))
    archive = sample(tmp_path_factory.mktemp("archive") / "tracker.db")
    with Store.write(archive.path) as store:
        seal(store, Settings(timestamp_url=authority.url, timestamp_root=str(authority.root)))
    authority.close()
    with archive.read() as store:
        return bundle.bundle(store, derived.changes(store, flagged=True)[-1].id, ruleset())


@pytest.fixture
def folder(evidence, tmp_path):
    files.write(evidence, tmp_path / "evidence")
    return tmp_path / "evidence"


def checked(folder) -> subprocess.CompletedProcess:
    return subprocess.run(["env", "-i", "sh", "verify.sh"], cwd=folder, capture_output=True, text=True, check=False)


def test_whoever_gets_it_can_check_it(folder):
    said = checked(folder)
    assert said.returncode == 0, said.stderr
    assert said.stdout.endswith("Everything agrees.\n")
    for what in ("before-capture-1", "after-capture-1", "before-check", "after-check", "signed with", "authority"):
        assert what in said.stdout


def test_any_byte_that_was_altered_shows(folder, evidence):
    for name in sorted(evidence):
        content = evidence[name]
        for place in {len(content) // 3, len(content) - 2}:
            altered = content[:place] + bytes([content[place] ^ 1]) + content[place + 1 :]
            (folder / name).write_bytes(altered)
            said = checked(folder)
            assert said.returncode != 0 or "Everything agrees." not in said.stdout, f"{name} at {place}"
        (folder / name).write_bytes(content)


def test_a_file_that_was_added_or_taken_away_shows(folder):
    (folder / "more.txt").write_text("more")
    assert checked(folder).returncode != 0
    (folder / "more.txt").unlink()
    (folder / "before" / "text.md").unlink()
    assert checked(folder).returncode != 0


def test_it_says_what_it_proves_and_what_it_does_not(evidence):
    said = evidence["README.md"].decode()
    assert "What it does not prove" in said
    assert "{" not in said
    assert said.split("page/")[1].split(")")[0].split("]")[0].rstrip("`") in "".join(evidence)


def test_the_page_of_the_change_is_among_it_with_its_style(evidence):
    pages = [name for name in evidence if name.endswith("index.html")]
    assert len(pages) == 1
    assert "page/assets/site.css" in evidence
    assert "../assets/site.css" in evidence[pages[0]].decode()


def test_the_same_evidence_is_the_same_zip(evidence, tmp_path):
    for name in ("one.zip", "two.zip"):
        files.write(evidence, tmp_path / name)
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()
    with zipfile.ZipFile(tmp_path / "one.zip") as packed:
        assert sorted(packed.namelist()) == sorted(evidence)


def test_what_is_there_already_is_left_alone(evidence, folder):
    with pytest.raises(NotFound, match="already"):
        files.write(evidence, folder)


def test_what_was_never_signed_proves_nothing_yet(tmp_path):
    archive = sample(tmp_path / "tracker.db")
    with archive.read() as store, pytest.raises(NotFound, match="not signed"):
        bundle.bundle(store, derived.changes(store)[0].id, ruleset())
