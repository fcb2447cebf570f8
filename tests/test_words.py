"""What changed inside a clause, marked as a person would mark it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.compare.words import TURNING, words

ANY = st.one_of(st.text(), st.text(alphabet=st.characters(codec=None)), st.text(alphabet="ab .,\n"))


@given(ANY, ANY)
def test_the_pieces_of_words_give_both_texts(before, after):
    pieces = words(before, after)

    assert "".join(piece for operation, piece in pieces if operation != "+") == before
    assert "".join(piece for operation, piece in pieces if operation != "-") == after
    assert all(piece for _, piece in pieces)


@pytest.mark.parametrize(
    ("before", "after", "pieces"),
    [
        ("We may share it.", "We may not share it.", [("=", "We may "), ("+", "not "), ("=", "share it.")]),
        ("you and us", "you and you and us", [("+", "you and "), ("=", "you and us")]),
        ("Wir dürfen es.", "Wir dürfen es nicht.", [("=", "Wir dürfen es"), ("+", " nicht"), ("=", ".")]),
        ("数据用于训练", "数据不用于训练", [("=", "数据"), ("+", "不"), ("=", "用于训练")]),
        ("non-exclusive", "non-commercial", [("-", "non-exclusive"), ("+", "non-commercial")]),
        ("for 30 days", "for 14 days", [("=", "for "), ("-", "30"), ("+", "14"), ("=", " days")]),
        (
            "We don’t sell “notes”, and may share them.",
            'We don\'t sell "notes", and will share them.',
            [("=", "We "), ("-", "don’t"), ("+", "don't"), ("=", " sell "), ("-", "“"), ("+", '"'), ("=", "notes")]
            + [("-", "”"), ("+", '"'), ("=", ", and "), ("-", "may"), ("+", "will"), ("=", " share them.")],
        ),
        (
            "(Board Ltd., 4 Grand Canal Square, Harbour, Ireland)",
            "(Board Ltd., Dublin 4, D04 X2K5, Ireland)",
            [("=", "(Board Ltd., "), ("-", "4 Grand Canal Square, Harbour"), ("+", "Dublin 4, D04 X2K5")]
            + [("=", ", Ireland)")],
        ),
        (
            "for 30 days",
            "within 30 calendar days",
            [("-", "for"), ("+", "within"), ("=", " 30 "), ("+", "calendar "), ("=", "days")],
        ),
        ("", "a", [("+", "a")]),
        ("a", "", [("-", "a")]),
        ("", "", []),
    ],
)
def test_marks_stand_where_a_reader_expects_them(before, after, pieces):
    assert list(words(before, after)) == pieces


@given(st.lists(st.sampled_from([*"abcdefgh", "not", "may", "unless", "sauf", "nicht", "sin"]), max_size=30), st.data())
def test_a_turning_word_alone_is_never_common_ground_between_two_replacements(left, data):
    right = data.draw(st.permutations(left))
    pieces = words(" ".join(left), " ".join(right))
    signs = "".join(operation for operation, _ in pieces)

    for at, (_, piece) in enumerate(pieces):
        if signs[max(0, at - 2) : at + 3] == "-+=-+":
            assert not 0 < len(piece.split()) <= 2 or not set(piece.split()) <= TURNING


@given(st.text(alphabet="ab .,not'-\n", max_size=60), st.text(alphabet="ab .,not'-\n", max_size=60))
def test_no_mark_falls_inside_a_word(before, after):
    for side, other in ((before, "+"), (after, "-")):
        position = 0
        for operation, piece in words(before, after):
            if operation == other:
                continue
            position += len(piece)
            inside = position < len(side) and side[position - 1].isalnum() and side[position].isalnum()
            assert not inside
