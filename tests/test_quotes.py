"""Quotes are short where that is honest, and never turn a sentence round."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.views.quotes import excerpt, matched, sentence, tail


@given(st.text(max_size=300), st.integers(0, 300), st.integers(1, 40))
def test_any_text_can_be_quoted(text, start, length):
    found, _ = excerpt(text, [(start, start + length)])
    assert len(found) <= 40 * 60 + 900
    sentence(text, [(start, start + length)])
    tail(text)


def at(text: str, word: str) -> list[tuple[int, int]]:
    start = text.index(word)
    return [(start, start + len(word))]


def test_a_short_clause_is_quoted_whole():
    assert excerpt("We may train on it.", []) == ("We may train on it.", False)


def test_of_a_long_clause_the_sentence_that_decides_is_quoted_whole():
    text = f"{'This part says other things at length. ' * 9}We train AI on your posts. {'And so on it goes. ' * 9}"
    assert excerpt(text, at(text, "train")) == ("We train AI on your posts.", True)


@pytest.mark.parametrize(
    "ending",
    [
        "without first asking you for your express consent in writing",
        "unless you have switched the setting on yourself in your account",
        "except where a law that binds us leaves us no other way",
    ],
)
def test_a_quote_is_never_cut_between_a_claim_and_what_takes_it_back(ending):
    claim = "we may use what you upload to train models of any kind and of any size"
    text = f"In particular, {'subject to the other parts of these terms and ' * 4}{claim}, {ending}, {'and ' * 60}more."
    found, shortened = excerpt(text, at(text, "train"))
    assert shortened
    assert ending.split()[0] in found
    assert found.endswith(" …")


def test_a_not_before_the_window_belongs_to_the_quote():
    middle = "you must not in any way or by any means that there may be use our pages to train"
    text = f"{'Whereas this and that and more of it is so, ' * 6}{middle} {'models and ' * 30}."
    assert "must not" in excerpt(text, at(text, "train"))[0]


def test_signs_without_spaces_are_counted_as_words():
    text = "我们可能会使用您的内容来训练我们的人工智能模型，" * 12
    found, shortened = excerpt(text, at(text, "训练"))
    assert shortened
    assert len(found) < 200


def test_a_sentence_that_governs_a_list_is_quoted_by_its_end():
    assert tail("You agree not to:") == "You agree not to:"
    assert tail(f"{'very ' * 40}long: you agree not to:").startswith("… very")


def test_the_words_that_matched_are_named_once():
    text = "Train, train and model"
    assert list(matched(text, [(0, 5), (7, 12), (17, 22)])) == ["Train", "model"]
