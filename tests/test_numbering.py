"""List items keep the numbers that readers see."""

import pytest
from bs4 import BeautifulSoup

from tracker.extract.numbering import Numbering, counted, has_label


@pytest.mark.parametrize(
    ("number", "style", "expected"),
    [
        (1, "1", "1"),
        (3, "a", "c"),
        (28, "a", "ab"),
        (4, "i", "iv"),
        (1994, "I", "MCMXCIV"),
        (0, "i", "0"),
        (-2, "a", "-2"),
    ],
)
def test_numbers_are_written_in_the_style_of_the_list(number, style, expected):
    assert counted(number, style) == expected


@pytest.mark.parametrize(
    "line", ["1. Scope", "(a) you", "2.3 Fees", "iv) we", "§ 5 Haftung", "Article 3 Rights", "**2.** x"]
)
def test_a_line_may_bring_its_own_number(line):
    assert has_label(line)


@pytest.mark.parametrize("line", ["You agree", "A service", "2024 was", "", "(and more)x", "I agree"])
def test_other_lines_bring_none(line):
    assert not has_label(line)


@pytest.mark.parametrize(
    ("html", "expected"),
    [
        ("<ol><li>x<li>y</ol>", ["1. ", "2. "]),
        ("<ol start=4 type=i><li>x<li>y</ol>", ["- iv. ", "- v. "]),
        ("<ol reversed><li>x<li>y</ol>", ["2. ", "1. "]),
        ("<ol><li value=7>x<li>y</ol>", ["7. ", "8. "]),
        ("<ol style='list-style-type: lower-alpha'><li>x</ol>", ["- a. "]),
        ("<ol style='list-style: none'><li>x</ol>", ["- "]),
        ("<ol start='999999999999' ><li>x</ol>", ["1. "]),
        ("<ul><li>x</ul>", ["- "]),
        ("<ul><li data-list-text='(b)'>x</ul>", ["- (b) "]),
    ],
)
def test_markers_follow_the_list(html, expected):
    soup = BeautifulSoup(html, "lxml")
    numbering = Numbering.of(soup.find(["ol", "ul"]))

    assert [numbering.marker(item) for item in soup.find_all("li")] == expected
