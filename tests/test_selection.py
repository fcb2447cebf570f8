"""Declarations of Open Terms Archive mean here what they mean there."""

import pytest
from bs4 import BeautifulSoup

from tracker.extract.selection import remove, select
from tracker.model import Range

PAGE = """<html><body><h1>Terms</h1><div id=a><p>one</p><p id=s>start</p><ul><li>x</li><li>y</li></ul></div>
<div><p>middle</p><h2 id=e>End</h2><p>after</p></div></body></html>"""


def soup() -> BeautifulSoup:
    return BeautifulSoup(PAGE, "lxml")


def words(parts) -> list[str]:
    return [" ".join(part.get_text(" ").split()) for part in parts]


def test_every_match_of_every_selector_in_the_order_of_the_declaration():
    parts, complaints = select(soup(), ("#e", "li"))

    assert words(parts) == ["End", "x", "y"]
    assert complaints == []


def test_of_matches_inside_each_other_only_the_outermost_counts():
    parts, _ = select(soup(), ("li", "div", "p"))

    assert words(parts) == ["one start x y", "middle End after"]


@pytest.mark.parametrize(
    ("after_start", "after_end", "expected"),
    [
        (False, False, "start x y middle"),
        (False, True, "start x y middle End"),
        (True, False, "x y middle"),
        (True, True, "x y middle End"),
    ],
)
def test_a_range_runs_from_the_first_match_to_the_first_match(after_start, after_end, expected):
    parts, complaints = select(soup(), (Range("#s", "#e", after_start, after_end),))

    assert words(parts) == [expected]
    assert complaints == []


def test_a_range_keeps_the_elements_that_it_only_partly_covers():
    parts, _ = select(soup(), (Range("li + li", "#e", False, False),))

    assert [item.get_text() for item in parts[0].select("ul > li")] == ["y"]


def test_a_range_that_is_removed_takes_all_between_its_ends():
    page = soup()

    assert remove(page, (Range("#s", "#e", False, False),)) == []
    assert words([page]) == ["Terms one End after"]


def test_ranges_are_found_before_anything_is_deleted():
    page = soup()
    remove(page, ("#s", Range("#s", "#e", True, False)))

    assert words([page]) == ["Terms one End after"]


@pytest.mark.parametrize(
    ("selector", "says"),
    [
        (".none", "matches nothing"),
        ("div >", "not valid CSS"),
        ("$$", "not valid CSS"),
        ("a" * 3000, "too long"),
        (Range("#s", ".none", False, False), "no such end"),
        (Range("#e", "#s", True, False), "ends before it begins"),
    ],
)
def test_a_selector_that_gives_nothing_says_which_and_why(selector, says):
    parts, complaints = select(soup(), (selector,))

    assert parts == []
    assert says in complaints[0]


def test_a_selector_that_matches_everything_says_so():
    page = BeautifulSoup("<p>x</p>" * 10_001, "lxml")
    _, complaints = select(page, ("p",))

    assert "10000 elements or more" in complaints[0]


def test_a_range_to_remove_without_its_end_removes_nothing():
    page = soup()

    assert "no such end" in remove(page, (Range("#s", ".none", False, False),))[0]
    assert "start" in page.get_text()


def test_removals_that_only_work_around_hidden_addresses_are_not_needed():
    cipher = bytes([7, *(byte ^ 7 for byte in b"privacy@example.org")]).hex()
    page = BeautifulSoup(f"<p>Write to <a href='/cdn-cgi/l/email-protection#{cipher}'>us</a></p>", "lxml")
    remove(page, ("a[href^='/cdn-cgi/l/email-protection']",))

    assert page.a is not None
