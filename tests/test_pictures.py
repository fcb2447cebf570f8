"""Pictures say what the words say: a check is a cell, a time without one is not."""

from tracker.views import pictures


def checks(*moments):
    return {"first": moments[0][0], "last": moments[-1][0], "moments": [list(one) for one in moments]}


def test_unchanged_and_not_looked_never_look_alike():
    found = pictures.strip(
        checks(("2024-01-01T00:00:00Z", "captured", ""), ("2024-01-02T00:00:00Z", "unchanged", ""),
               ("2024-03-01T00:00:00Z", "blocked", ""))
    )  # fmt: skip
    states = [cell["state"] for cell in found["cells"]]
    assert states[0] == "seen"
    assert "none" in states
    assert states[-1] == "blocked"


def test_a_flagged_change_outshines_what_shares_its_cell():
    moments = [("2020-01-01T00:00:00Z", "captured", ""), ("2024-01-01T01:00:00Z", "captured", "flagged")]
    moments += [(f"2024-01-01T{hour:02}:00:00Z", "unchanged", "") for hour in range(2, 9)]
    assert pictures.strip(checks(*moments))["cells"][-1]["state"] == "flagged"


def test_one_check_or_none_is_a_picture_too():
    assert pictures.strip({"moments": [], "first": None, "last": None})["cells"] == []
    assert len(pictures.strip(checks(("2024-01-01T00:00:00Z", "failed", "")))["cells"]) == 1
    assert pictures.timeline([])["lanes"] == []


def test_more_words_touched_make_a_larger_circle_on_the_timeline():
    change = {"at": "2024-06-01T00:00:00Z", "page": "change/x/", "ai": True, "headline": "x"}
    streak = {"outcome": "seen", "from": "2024-01-01T00:00:00Z", "to": "2025-01-01T00:00:00Z"}
    lane = {
        "document": {"terms_type": "Terms"},
        "streaks": [streak],
        "changes": [{**change, "touched": 0.01}, {**change, "touched": 0.9, "at": "2024-07-01T00:00:00Z"}],
    }
    small, large = pictures.timeline([lane])["lanes"][0]["points"]
    assert small["r"] < large["r"]
    assert small["x"] < large["x"] < pictures.WIDTH


def test_years_are_marked_on_long_pictures_and_months_on_short_ones():
    long = pictures.strip(checks(("2020-05-01T00:00:00Z", "captured", ""), ("2024-01-01T00:00:00Z", "unchanged", "")))
    short = pictures.strip(checks(("2024-01-20T00:00:00Z", "captured", ""), ("2024-03-20T00:00:00Z", "unchanged", "")))
    assert [tick["words"] for tick in long["ticks"]] == ["2021", "2022", "2023"]
    assert [tick["words"] for tick in short["ticks"]] == ["Feb 2024", "Mar 2024"]
