"""Rules that were understood once are not read again, and nothing that is kept of them is trusted blindly."""

import os
import shutil

import pytest

from tracker import rules
from tracker.judge import judge
from tracker.rules import remembered
from tracker.settings import bundled

TEXT = "We may use your content to train our machine learning models."


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """Where rules are remembered, empty; and a copy of the rules."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    shutil.copytree(bundled("data") / "rules", tmp_path / "rules")
    return tmp_path / "rules"


@pytest.fixture
def understood(monkeypatch):
    """How often the files of rules were understood."""
    from tracker.rules import contents

    calls, understand = [], contents.understand
    monkeypatch.setattr(contents, "understand", lambda files: calls.append(1) or understand(files))
    return calls


def kept(folder):
    return sorted((folder.parent / "cache" / "tracker" / "rules").iterdir())


def test_a_second_start_judges_alike_without_reading_the_files_again(folder, understood):
    first, second = (judge(TEXT, rules.load(folder), language="en") for _ in range(2))
    assert first == second
    assert first.stance == {"training": "permits"}
    assert len(understood) == 1


def test_a_rule_that_changed_is_read(folder, understood):
    judge(TEXT, rules.load(folder))
    path = folder / "training.toml"
    path.write_text(path.read_text() + "\n# another word\n")
    judge(TEXT, rules.load(folder))
    assert len(understood) == 2


@pytest.mark.parametrize(
    "spoil",
    [
        lambda file: file.write_bytes(file.read_bytes()[:-100]),
        lambda file: file.write_bytes(b""),
        lambda file: file.chmod(0o666),
        lambda file: file.parent.chmod(0o777),
        lambda file: (shutil.move(file, file.parent.parent / "elsewhere"), file.symlink_to("../elsewhere")),
    ],
    ids=["cut short", "empty", "others may write it", "others may write the folder", "a link"],
)
def test_what_is_damaged_or_might_be_from_others_is_not_believed(folder, understood, spoil):
    judge(TEXT, rules.load(folder))
    spoil(kept(folder)[0])
    assert judge(TEXT, rules.load(folder)).stance == {"training": "permits"}
    assert len(understood) == 2


def test_faults_are_told_at_every_start(folder):
    (folder / "broken.toml").write_text("[[rule]\n")
    for _ in range(2):
        said = []
        judge(TEXT, rules.load(folder, said.append))
        assert len(said) == 1


def test_the_last_few_rule_sets_are_remembered(folder, monkeypatch):
    monkeypatch.setattr(remembered, "MOST", 2)
    for number in range(3):
        (folder / "own.toml").write_text(f"# {number}\n")
        judge(TEXT, rules.load(folder))
    assert len(kept(folder)) == 2


def test_without_a_place_to_write_rules_are_read_each_time(folder, understood, monkeypatch):
    monkeypatch.setenv("XDG_CACHE_HOME", os.devnull)
    for _ in range(2):
        assert judge(TEXT, rules.load(folder)).stance == {"training": "permits"}
    assert len(understood) == 2
