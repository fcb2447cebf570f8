"""Invisible characters go; words stay; hard-wrapped lines become paragraphs."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.extract.characters import clean, escape, paragraphs


@pytest.mark.parametrize(
    ("rule", "text", "expected"),
    [
        ("zero width", "con\u200btent\u2060s", "contents"),
        ("soft hyphen", "condi\u00adtions", "conditions"),
        ("direction", "\u202aterms\u202c", "terms"),
        ("spaces", "a\u00a0b\u2003c\t\n d", "a b c d"),
        ("icon fonts", "\ue912 Menu", " Menu"),
        ("controls", "a\x07b\x1bc", "abc"),
        ("surrogates", "a\ud800b", "ab"),
        ("composition", "e\u0301", "é"),
    ],
)
def test_what_nobody_sees_is_dropped(rule, text, expected):
    assert clean(text) == expected, rule


@given(st.text(max_size=200))
def test_cleaning_is_idempotent_and_safe(text):
    once = clean(text)

    assert clean(once) == once
    assert unicodedata.is_normalized("NFC", once)
    once.encode("utf-8")


def test_lines_can_be_kept():
    assert clean("a\r\nb\rc\u2028d", keep_lines=True) == "a\nb\nc\nd"


@pytest.mark.parametrize(
    ("text", "escaped"),
    [
        ("5* hotels", r"5\* hotels"),
        ("<b We may share it>", r"\<b We may share it>"),
        ("[note](a sentence)", r"[note\](a sentence)"),
        ("```", r"\`\`\`"),
        ("C:\\", "C:\\\\"),
        ("&lt; AT&T here", r"\&lt; AT&T here"),
        ("AT&T", r"AT\&T"),  # the next piece of the line may complete it
        ("# one", r"\# one"),
        ("snake_case _so", r"snake_case \_so"),
        ("1. one [2] a < b, #3 - four", "1. one [2] a < b, #3 - four"),
    ],
)
def test_characters_that_markdown_would_swallow_are_text(text, escaped):
    assert escape(text) == escaped


def test_hard_wrapped_lines_are_joined_and_lists_are_not():
    text = (
        "TERMS\n\nYou agree that we may use the content that\nyou upload for the purposes that are named below\n"
        "(a) to run the service for all of its many users\n(b) to tell you of news about the service\n\nThe end."
    )

    assert paragraphs(text) == [
        "TERMS",
        "You agree that we may use the content that you upload for the purposes that are named below",
        "(a) to run the service for all of its many users",
        "(b) to tell you of news about the service",
        "The end.",
    ]


def test_short_lines_are_lines():
    assert paragraphs("Example Ltd\n1 High Street\nLondon") == ["Example Ltd", "1 High Street", "London"]
