"""Settings say what they mean, and a slip names the nearest."""

import pytest

from tracker.errors import SettingsError
from tracker.settings import Settings, load


def written(tmp_path, text):
    (tmp_path / "tracker.toml").write_text(text, "utf-8")
    return tmp_path


def test_without_a_file_everything_has_a_default(tmp_path):
    assert load(tmp_path, {}) == Settings()
    assert "not given" in Settings().user_agent


def test_the_file_and_the_environment_are_read(tmp_path):
    folder = written(tmp_path, 'contact = "desk@example.org"\ndelay = 2\n')
    found = load(folder, {"TRACKER_ALLOW_LOOPBACK": "1", "TRACKER_CONTACT": "other@example.org"})
    assert (found.contact, found.delay, found.allow_loopback) == ("other@example.org", 2, True)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ('contcat = "x"', "Did you mean `contact`"),
        ("allow_loopback = true", "Known are"),
        ('timeout = "long"', "must be a number"),
        ("parallel = true", "must be a whole number"),
        ("delay = -1", "cannot be less than 0"),
        ('contact = "a\\nHost: b"', "plain ASCII"),
        ('language = "ж"', "plain ASCII"),
        ("contact = ", "cannot be read"),
        ("parallel = 0", "less than 1"),
        ('site_url = "nowhere"', "must be an address"),
    ],
)
def test_a_slip_names_the_file_and_the_remedy(tmp_path, text, says):
    with pytest.raises(SettingsError) as caught:
        load(written(tmp_path, text), {})
    assert says in str(caught.value)
    assert "tracker.toml" in caught.value.where


def test_a_file_that_is_not_text(tmp_path):
    (tmp_path / "tracker.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(SettingsError, match="cannot be read"):
        load(tmp_path, {})
