"""Every value of a JSON text knows its line."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.declarations.places import Place, RepeatedKey, parse, shown

values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=15,
)


def paths(value, steps=()):
    pairs = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    for key, inner in pairs:
        yield (*steps, key)
        yield from paths(inner, (*steps, key))


def test_a_place_names_file_line_and_way():
    _, place = parse('{\n"terms": {\n\n"Privacy Policy": {"combine": [1,\n{"selct": 2}]}}}', "X.json")

    there = place.at("terms", "Privacy Policy", "combine", 1, "selct")

    assert str(there) == "X.json, line 5: terms › Privacy Policy › combine[1] › selct"


def test_a_value_that_does_not_stand_in_the_text_has_no_line():
    assert str(Place("X.json").at("terms")) == "X.json: terms"


def test_marks_and_line_breaks_inside_strings_are_text():
    _, place = parse('{"a": "}\\n]{,:\\"",\n"b": 1}')

    assert place.at("b").lines[("b",)] == 2


def test_a_key_that_stands_in_one_object_twice_is_refused_where_it_stands_again():
    with pytest.raises(RepeatedKey) as caught:
        parse('{"a": 1,\n"b": {"a": 1},\n"a": 2}')

    assert str(caught.value.place) == "line 3: a"


@pytest.mark.parametrize(
    "text", ["[" * 100_000, "[" * 30 + "]" * 30, '{"a": NaN}', "1" * 5_000, "", "{'a': 1}", "[1,]"]
)
def test_what_is_no_usable_json_is_a_value_error(text):
    with pytest.raises(ValueError, match="."):
        parse(text)


@given(values, st.sampled_from([None, 0, 2]))
def test_every_value_below_the_top_has_a_line(value, indent):
    text = json.dumps(value, indent=indent)

    read, place = parse(text)

    assert read == value
    assert set(place.lines) == {(), *paths(value)}
    assert all(1 <= line <= text.count("\n") + 1 for line in place.lines.values())


def test_lines_are_those_of_the_keys():
    value = {"a": {"b": [1, {"c": None}]}, "d": "x"}
    text = json.dumps(value, indent=1)

    _, place = parse(text)

    for steps, line in place.lines.items():
        if steps and isinstance(steps[-1], str):
            assert f'"{steps[-1]}"' in text.splitlines()[line - 1]


@given(st.text(max_size=200))
def test_what_is_shown_fits_on_one_line_and_can_be_printed(text):
    out = shown(text, 40)

    assert out.isprintable()
    assert len(out.encode("utf-8")) <= 4 * 40


def test_half_a_character_is_shown_escaped():
    assert shown("a\ud800b\n") == "a\\ud800b\\n"
