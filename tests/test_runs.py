"""What a reader sees of raw Markdown: marks and targets hidden, hidden characters shown."""

import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tracker.text import split
from tracker.views import runs


def seen(markdown: str, row: bool = False) -> str:
    return "".join(run.text for run in runs.read(markdown, row))


def letters(text: str) -> str:
    return "".join(filter(str.isalnum, text))


@pytest.mark.parametrize(
    ("markdown", "expected"),
    [
        ("We **may** train.\n\n", "We may train.\n\n"),
        ("- first item\n", "first item\n"),
        ("## 4. Your content\n", "4. Your content\n"),
        ("See [the policy](https://a.example/p_(1)) now", "See the policy now"),
        ("![logo](https://a.example/l.png) Terms", "logo Terms"),
        ("2 \\* 3, snake_case and _so_", "2 * 3, snake_case and so"),
        ("Title\n=====\n", "Title\n\n"),
        ("Tom &amp; Ana &lt;b&gt;", "Tom & Ana <b>"),
        ("[a](unclosed and [b] alone", "[a](unclosed and [b] alone"),
        ("\u5341\u4e00 [\u6761\u6b3e](https://a.example)", "\u5341\u4e00 \u6761\u6b3e"),
    ],
)
def test_marks_of_markdown_are_not_shown_as_such(markdown, expected):
    assert seen(markdown) == expected


def test_the_cells_of_a_row_are_divided_by_bars():
    assert seen("| Data | Use |\n| --- | --- |\n", row=True).split("\n")[0].split() == ["Data", "|", "Use"]


def test_styles_and_links_are_kept_with_their_words():
    found = {run.text: run for run in runs.read("**Bold** and *soft* [link](https://a.example/x) end")}
    assert found["Bold"].strong
    assert found["soft"].emphasis
    assert found["link"].link == "https://a.example/x"
    assert not found[" end"].link


def test_characters_that_nobody_sees_are_shown():
    """A right-to-left override can make a text read as its opposite."""
    assert seen("we will \u202enever\u202c train\u200b") == "we will ⟨U+202E⟩never⟨U+202C⟩ train⟨U+200B⟩"
    assert runs.visible("a\x00b\ud800\U000e0041") == "a⟨U+0000⟩b⟨U+D800⟩⟨U+E0041⟩"


@given(st.text(alphabet="ab [](){}*_`~\\<>&#|!-+\n\u202e;:/1.", max_size=60), st.booleans())
def test_any_text_can_be_read_and_every_run_stands_for_its_place(markdown, row):
    place = 0
    for run in runs.read(markdown, row):
        assert place <= run.start < run.end <= len(markdown)
        assert not run.exact or run.text == markdown[run.start : run.end]
        place = run.end


@given(st.text(alphabet="abc .,*[]()\\\n-#", max_size=80))
@example("](()a)")
@example("](.a)")
@example("a\\](.b)a")
@example("[a\\\\](b.c)")
def test_what_is_seen_holds_the_words_that_clauses_hold(markdown):
    """Two readers of Markdown, one for words and one for pages, must not see different words."""
    for clause in split(markdown):
        if clause.kind != "code":
            assert letters(clause.text) in letters(seen(clause.raw, clause.kind == "row"))


@pytest.mark.parametrize("piece", ["[", "[a](", "![](", "*", "_a", "<", "`", "&#", "(", "a\n", "[a](b)", "\\", "> "])
def test_a_megabyte_of_anything_takes_no_longer_than_it_should(piece):
    started = time.process_time()
    runs.read(piece * (300_000 // len(piece)))
    assert time.process_time() - started < 3
