"""Clauses as pieces: each side reads as its clause does."""

from hypothesis import given
from hypothesis import strategies as st

from tracker.compare import compare
from tracker.model import Kind
from tracker.text import split
from tracker.views.passages import pieces, sides


def changed(before: str, after: str):
    """The one clause change between two texts."""
    [found] = compare(before, after).changes
    return found


def words(found, *ops) -> str:
    return "".join(piece["text"] for piece in found if piece.get("op", "") in ops)


def test_a_reworded_clause_shows_what_was_struck_and_what_came():
    change = changed("We use **your** content to show it to you.", "We use **your** content to train models for you.")
    found = sides(change)
    assert words(found.before, "", "-") == "We use your content to show it to you."
    assert words(found.after, "", "+") == "We use your content to train models for you."
    assert "train models" in words(found.together, "+")
    assert "show it" in words(found.together, "-")


def test_no_mark_of_markdown_is_shown_and_a_new_emphasis_alone_is_no_change_of_words():
    change = changed("You may **opt out** of this in full at any time.", "You may opt out of this in full at once.")
    found = sides(change)
    assert "*" not in words(found.together, "", "+", "-")
    assert words(found.before, "-") == "any time"
    assert words(found.after, "+") == "once"


def test_a_target_of_a_link_is_never_part_of_the_words():
    change = changed(
        "See [our policy](https://a.example/one) for what we do with all of your data.",
        "See [our policy](https://a.example/two) for what we do with some of your data.",
    )
    assert "example" not in words(sides(change).together, "", "+", "-")


def test_a_letter_quote_or_dash_written_in_another_way_is_no_change_of_words():
    old = "L’atelier garde vos « re\u0301serves » – et l'entrée déjà payée – sous réserve de nos règles pour tous."
    new = "L'atelier garde vos “réserves” - et l’entre\u0301e déjà payée - sous re\u0301serve de nos tarifs pour tous."
    found = sides(changed(old, new))

    assert words(found.before, "-") == words(found.together, "-") == "règles"
    assert words(found.after, "+") == words(found.together, "+") == "tarifs"
    assert words(found.after, "", "+") == words(found.together, "", "+") == split(new)[0].text


def test_the_words_that_decided_are_marked_on_their_side_only():
    [clause] = split("4.2 You agree that **we may train** models.")
    start = clause.text.index("train")
    found = pieces(clause, "+", [(start, start + 5)])
    assert [piece["text"] for piece in found if piece.get("mark")] == ["train"]
    assert "".join(piece["text"] for piece in found) == "You agree that we may train models."
    assert all(piece["op"] == "+" for piece in found)


def test_white_space_stands_outside_of_what_is_struck_or_new():
    change = changed("We host your work and we show it.", "We host your work, train on it and we show it.")
    for piece in sides(change).together:
        if piece.get("op"):
            assert piece["text"] == piece["text"].strip() or piece["text"] == " "


TEXTS = st.lists(
    st.sampled_from(
        [
            "we",
            "may",
            "use",
            "**your**",
            "content",
            "to",
            "[train](https://a.example/x)",
            "models,",
            "4.2",
            "not",
            "—",
            "“here”",
            "\\*",
            "ü",
            "数据",
        ]
    ),
    min_size=3,
    max_size=14,
).map(" ".join)


@given(TEXTS, TEXTS)
def test_each_side_always_reads_as_its_clause_does(before, after):
    for change in compare(before, after).changes:
        found = sides(change)
        for side, clauses, ops in ((found.before, change.before, "-"), (found.after, change.after, "+")):
            text = " ".join(clause.text for clause in clauses)
            assert words(side, "", ops).replace(" ", "") == text.replace(" ", "")
        if change.before and change.after and change.kind is Kind.REWORDED:
            assert words(found.together, "", "+").replace(" ", "") == change.after[0].text.replace(" ", "")
