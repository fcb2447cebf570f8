"""A text divided into clauses: nothing lost, form told from substance."""

import copy
import pickle

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.model import Clause
from tracker.text import clause_key, plain, sentences, split, substance, substance_hash
from tracker.text.clauses import SHARED, forget
from tracker.text.links import without_targets
from tracker.text.wording import NOISE, label

LINES = st.sampled_from(
    ["# Terms", "Terms\n=====", "- item", "*   item:", "1. one", "    * deep", "(a) alpha", "(b) beta", "", "| a | b |"]
    + ["|---|---|", "**Bold**", "```", "> quoted", "* * *", "a line that goes on  ", "[x](http://a.b/c)", "NOTICE"]
    + [
        "We may share it.",
        "And keep it, not:",
        "- no item of it",
        "* A point, then",
        "12.",
        "----",
        "Title here",
        "第一条",
    ]
    + [
        "您可以使用",
        "Über uns",
        "[Copy link](#a)",
        "§",
        "1. [Link to this section](#b)",
        '<a title="x',
        'long words here">',
        "Section 3. On it",
        "1. Fees are due",
        "| open row of words",
        "    - deep item of words",
        "#### Further heading",
        "+ 12.",
    ]
)
TEXTS = st.one_of(
    st.text(),
    st.text(alphabet=st.characters(codec=None)),
    st.lists(LINES).flatmap(
        lambda lines: st.sampled_from(["\n", "\r\n", "\r", "\n\n", "  \n"]).map(lambda end: end.join(lines))
    ),
)


def texts(markdown):
    return [clause.text for clause in split(markdown)]


def kinds(markdown):
    return [(clause.kind, clause.text) for clause in split(markdown)]


def the(markdown):
    (clause,) = split(markdown)
    return clause


# ---- nothing is lost ---------------------------------------------------------------------------------------------


@given(TEXTS)
def test_the_raw_pieces_give_every_text_back(text):
    assert "".join(clause.raw for clause in split(text)) == text


@pytest.mark.parametrize(
    "text", ["", "\n\n", "\x00", "\ud800", "a\r\nb\rc\nd", "* * *", "| |\n", "```\nx", "\ufeff# a"]
)
def test_odd_texts_are_given_back_too(text):
    assert "".join(clause.raw for clause in split(text)) == text


@pytest.mark.parametrize(
    "bomb",
    [
        "[",
        "![](",
        "***",
        "\\\\",
        "](",
        "|",
        "> ",
        "- ",
        "1. ",
        "a",
        "a ",
        "_a",
        "&#",
        "<br",
        "\u200b",
        "# ",
        "#",
        "|-x",
    ],
)
def test_hostile_text_takes_time_in_proportion_to_its_length(bomb):
    text = bomb * (300_000 // len(bomb))

    assert "".join(clause.raw for clause in split(text)) == text


def test_a_text_of_very_many_lines_has_a_bounded_number_of_clauses_and_loses_no_word():
    text = "- a\n" * 60_000 + "- the end\n"
    clauses = split(text, split("- a\n" * 40_000))

    assert len(clauses) == 50_000
    assert "".join(clause.raw for clause in clauses) == text
    assert clauses[-1].text.endswith("the end")
    assert split(text + "- more\n", clauses)[-1].key != clauses[-1].key


def whole(clauses):
    """Everything that clauses say, read or not."""
    return [(*pickle.loads(pickle.dumps(clause)).__reduce__()[1], clause.source) for clause in clauses]


@given(TEXTS, TEXTS, TEXTS, TEXTS)
def test_a_text_divided_beside_another_one_is_divided_as_if_it_were_alone(head, middle, other, tail):
    """What two texts share is taken over from the one to the other: the saving must not show."""
    for gap in ("", "\n\n"):
        before, after = gap.join([head, middle, tail]), gap.join([head, other, tail])
        forget()
        known = split(before)
        forget()
        beside = split(after, known)
        forget()

        assert whole(beside) == whole(split(after))


@given(st.lists(TEXTS, min_size=8, max_size=8), st.sampled_from([None, len, list]))
def test_what_two_texts_do_not_share_are_clauses_of_either(parts, looked):
    front, gone, come, island, lost, won, back, gap = parts
    gap = "\n\n" if len(gap) % 2 else "\n"
    island = gap.join([island, "A stretch that both texts have, and it is long enough. " * 8])
    before, after = gap.join([front, gone, island, lost, back]), gap.join([front, come, island, won, back])
    forget()
    old, new = split(before), split(after)
    if looked:
        looked(new)
    open_old, open_new, outside = old.apart(new)

    rest = []
    for clauses, own in ((old, open_old), (new, open_new)):
        given_out = {id(clause) for clause in own if clause.kind != SHARED}
        assert [c for c in clauses if id(c) in given_out] == [c for c in own if c.kind != SHARED]
        between = sum(len(clause.raw) for clause in own if clause.kind == SHARED)
        rest.append("".join(clause.raw for clause in clauses if id(clause) not in given_out))
        assert len(rest[-1]) == len(outside) + between
    assert rest[0] == rest[1]
    counted = len(old)
    forget()
    assert whole(old) == whole(split(before))
    assert counted == len(old)


LINKED = st.lists(
    st.sampled_from(
        ["[", "]", "](", ")", "\\", "!", "word ", "*", "<", "&amp;", "[a](http://a.b/c)", "](https://x.y/z?_=1)"]
        + ["#a", "![seen](https://a.b)", "\n", "[Copy link](http://a.b#c)"]
    )
).map("".join)


@given(LINKED)
def test_pieces_that_are_equal_but_for_where_links_lead_say_the_same(markdown):
    elsewhere = without_targets(markdown).replace("]()", "](http://else.where/)")

    if without_targets(elsewhere) == without_targets(markdown):
        assert plain(elsewhere) == plain(markdown)


def test_only_what_lies_between_is_divided():
    text = "".join(f"Rule {name} is that you do not {name * 5}.\n\n" for name in "abcdefgh")
    old, new, outside = split(text).apart(split(text.replace("ddddd", "do not")))

    assert [clause.raw for clause in old] == ["Rule d is that you do not ddddd.\n\n"]
    assert [clause.raw for clause in new] == ["Rule d is that you do not do not.\n\n"]
    assert len(outside) == len(text) - len(old[0].raw)


@pytest.mark.parametrize("line", ["Rule {} is here.  \n", "- Rule {} is here.\n", "| Rule | {} is here |\n"])
def test_lines_that_are_clauses_are_divided_one_by_one(line):
    text = "".join(line.format(name * 5) for name in "abcdefgh")
    old, new, _ = split(text).apart(split(text.replace("ddddd", "do not")))

    assert [clause.raw for clause in old] == [line.format("ddddd")]
    assert [clause.raw for clause in new] == [line.format("do not")]


def test_a_long_stretch_between_two_changes_is_not_divided():
    text = "".join(f"Rule {name} is that you do not {name * 5}.\n\n" for name in "abcdefghijklmnopqrstuvwxyz")
    old, new, _ = split(text).apart(split(text.replace("bbbbb", "do not").replace("yyyyy", "try it")))

    assert [clause.kind for clause in old] == [clause.kind for clause in new] == ["paragraph", SHARED, "paragraph"]
    assert new[1].raw == text[text.index("Rule c") : text.index("Rule y")]


def test_a_clause_is_taken_over_where_two_texts_share_it():
    before = "".join(f"Rule {name}.\n\n" for name in "abcdefgh")
    known = split(before)
    beside = split(before.replace("Rule d", "Another d"), known)

    assert [one is other for one, other in zip(known, beside, strict=True)] == [
        True, True, True, False, True, True, True, True
    ]  # fmt: skip


def test_some_clauses_of_a_text_are_no_text_to_take_over_from():
    known = split("# Terms\n\nOne.\n\nTwo.\n\nThree.\n\nFour.\n")

    assert split("One.\n\nTwo.\n\nThree.\n\n", known[1:])[0].heading == ()


def test_a_clause_is_frozen_and_equal_to_its_copy_whether_it_was_read_or_not():
    (clause,) = split("(a) You **may** [ask](/a).")

    assert pickle.loads(pickle.dumps(clause)) == clause == Clause(*clause.__reduce__()[1])
    assert hash(copy.copy(clause)) == hash(clause)
    with pytest.raises(AttributeError):
        clause.text = "You may not."
    with pytest.raises(AttributeError):
        clause.words  # noqa: B018


# ---- blocks ------------------------------------------------------------------------------------------------------


def test_headings_of_both_kinds_make_the_path_of_what_follows():
    clauses = split(
        "Terms\n=====\n\n1\\. Data\n-------\n\nWe keep it.\n\n### Logs\n\nThree days.\n\n## Fees\n\nNone.\n"
    )

    assert [(c.kind, c.level, c.text, c.heading) for c in clauses] == [
        ("heading", 1, "Terms", ()),
        ("heading", 2, "Data", ("Terms",)),
        ("paragraph", 0, "We keep it.", ("Terms", "Data")),
        ("heading", 3, "Logs", ("Terms", "Data")),
        ("paragraph", 0, "Three days.", ("Terms", "Data", "Logs")),
        ("heading", 2, "Fees", ("Terms",)),
        ("paragraph", 0, "None.", ("Terms", "Fees")),
    ]


def test_the_marks_that_close_a_heading_stand_alone():
    assert texts("# Terms ##\n\n## C#\n\n### Fees #1") == ["Terms", "C#", "Fees #1"]


def test_a_short_bold_line_and_a_line_in_capitals_are_headings_that_do_not_say_so():
    assert [c.kind for c in split("**Your content**\n\nIt is yours.\n\nIMPORTANT NOTICE\n\nRead it.")] == [
        "heading", "paragraph", "heading", "paragraph",
    ]  # fmt: skip


def test_lists_of_all_writers_become_items_with_their_depth():
    clauses = split("- one\n- two\n    1. deep\n    2. deeper\n- three\n\n*   wide\n\n    * below\n\n• dot")

    assert [(c.text, c.level, c.label) for c in clauses] == [
        ("one", 0, "-"), ("two", 0, "-"), ("deep", 1, "1."), ("deeper", 1, "2."), ("three", 0, "-"),
        ("wide", 0, "*"), ("below", 1, "*"), ("dot", 0, "•"),
    ]  # fmt: skip


def test_the_unfinished_sentence_above_governs_a_list_and_the_lists_inside():
    clauses = split(
        "Be fair. You agree not to:\n\n- scrape the site;\n- use our content to:\n    - train models,\n"
        "    - resell it;\n- harass others.\n\nWe are kind.\n\n- free"
    )

    assert [c.lead_in for c in clauses] == [
        "", "You agree not to:", "You agree not to:", "You agree not to: use our content to:",
        "You agree not to: use our content to:", "You agree not to:", "", "",
    ]  # fmt: skip


def test_an_item_that_ends_in_a_colon_governs_those_that_follow_it_as_far_as_they_are_listed():
    clauses = split(
        "4. Be fair.\n5. You will NOT:\n6. scrape the site;\n7. train AI on it; or\n8. sell it.\n9. We may do so."
    )

    assert [c.lead_in for c in clauses] == ["", "", "You will NOT:", "You will NOT:", "You will NOT:", ""]


def test_an_item_that_has_its_own_list_below_governs_no_other_item():
    clauses = split("1. You will NOT:\n    - scrape the site;\n    - sell it;\n2. We may train AI on it.")

    assert [c.lead_in for c in clauses] == ["", "You will NOT:", "You will NOT:", ""]


def test_a_title_governs_no_list_but_a_sentence_without_a_colon_does():
    assert [c.lead_in for c in split("Your Privacy Rights\n\n- One right")] == ["", ""]
    assert split("You agree that you will never ever\n\n- scrape it")[1].lead_in == "You agree that you will never ever"


def test_a_number_alone_on_its_line_belongs_to_what_follows():
    (clause,) = split("4.2.\n\nWe may use it.")

    assert (clause.label, clause.text) == ("4.2.", "We may use it.")


def test_lettered_paragraphs_are_items_and_a_later_letter_goes_on_after_an_aside():
    clauses = split("You may not:\n\n(a) copy;\n\n(i) by hand;\n\n(b) sell;\n\nThis is an aside.\n\n(c) train AI.")

    assert [(c.kind, c.label, c.level) for c in clauses[1:5]] == [
        ("item", "(a)", 0), ("item", "(i)", 1), ("item", "(b)", 0), ("paragraph", "", 0),
    ]  # fmt: skip
    assert clauses[5].lead_in == "You may not:"


def test_a_count_that_begins_anew_under_an_unfinished_item_is_a_list_in_a_list():
    """Pages often show such a list on the same level as the item that governs it."""
    lines = ["1. Be kind.", "2. You agree that you will not:", "1. scrape it;", "2. train on it; or", "3. sell it."]
    clauses = split("\n".join([*lines, "3. We may close your account.", "4. Courts:", "1. Berlin", "2. Bonn"]))

    governed = "You agree that you will not:"
    assert [clause.lead_in for clause in clauses[:6]] == ["", "", governed, governed, governed, ""]
    assert [clause.lead_in for clause in clauses[6:]] == ["", "Courts:", "Courts:"]


def test_table_rows_are_clauses_and_their_divider_is_none():
    assert kinds("| Data | Use |\n|---|---|\n| **Name** | [shown](/x) |\n") == [
        ("row", "Data | Use"),
        ("row", "Name | shown"),
    ]


def test_soft_wrapped_lines_are_joined_and_breaks_that_somebody_meant_are_kept():
    wrapped = "We may use what you upload to improve our\nservices, and for nothing else in the world,\nexcept backups."
    pasted = "We keep your data.\nYou may ask us for it.\nWe will answer within a month of your request."

    assert texts(wrapped) == [" ".join(wrapped.split())]
    assert texts(pasted) == pasted.split("\n")


def test_a_hard_break_ends_a_clause():
    assert texts("Hetzner  \nStreet 1  \nGermany") == ["Hetzner", "Street 1", "Germany"]


def test_a_very_long_paragraph_is_divided_into_sentences():
    text = "We use your data for it. " * 400

    assert texts(text) == ["We use your data for it."] * 400


def test_a_fence_that_nothing_closes_is_no_fence():
    assert [c.kind for c in split("```\ncode\n```\n\ntext")] == ["code", "paragraph"]
    assert [c.kind for c in split("```\ntext\n\nmore")] == ["paragraph", "paragraph"]


def test_links_are_kept_beside_the_text():
    clause = the('See [our [full] policy](https://a.example/p_(1) "title") and ![logo](x.png).')

    assert clause.text == "See our [full] policy and logo."
    assert clause.links == ("https://a.example/p_(1)", "x.png")


def test_links_side_by_side_are_two_words_and_an_underscore_in_a_word_stays():
    assert plain("[Terms](/a)[Privacy](/b) snake_case _so_") == "Terms Privacy snake_case so"


@pytest.mark.parametrize(
    "text",
    [
        "[may](not)",
        "[note](we may share it.)",
        "We store it. <b We may share it>",
        "<a = we may share it>",
        "<p>/share",
    ],
)
def test_what_only_looks_like_a_link_or_a_tag_is_text(text):
    assert plain(text) == text.replace("<p>", "")


def test_sentences_know_common_abbreviations():
    assert sentences("Use it, e.g. Logs. See No. 5. 他们。好。") == [
        "Use it, e.g. Logs. ",
        "See No. 5. ",
        "他们。",
        "好。",
    ]


# ---- what is form and what is substance --------------------------------------------------------------------------

SAME = {
    "quotes": ("the “Services”", 'the "Services"'),
    "apostrophes": ("we’ll", "we'll"),
    "dashes": ("data — all of it", "data - all of it"),
    "soft hyphens": ("Daten\u00adschutz", "Datenschutz"),
    "zero width": ("data\u200b base", "data base"),
    "no-break spaces": ("30\u00a0days", "30 days"),
    "emphasis": ("**You** may _not_ copy", "You may not copy"),
    "link targets": ("[policy](https://a.example/?s=1)", "[policy](https://b.example)"),
    "bullets": ("- copy it", "*   copy it"),
    "numbers of clauses": ("3.1 You may copy it", "4.1 You may copy it"),
    "letters of clauses": ("(a) copy", "(b) copy"),
    "headings and bold lines": ("## Your content", "**Your content**"),
    "space before a point": ("Vos données !", "Vos données!"),
    "escapes": ("2\\. Fees", "2. Fees"),
    "dates, month first": ("Effective March 25, 2026", "Effective 25 March 2026"),
    "dates in French": ("le 1er mars 2026", "le 2026-03-01"),
    "dates in German": ("vom 3. Mai 2026", "vom 2026-05-03"),
    "dates in Spanish": ("el 3 de mayo de 2026", "el 2026-05-03"),
    "relative dates": ("Updated 3 days ago", "Updated today"),
    "relative dates alone": ("6 days ago", "2 weeks ago"),
    "trace ids": ("This is the Trace Id: 5f1c0e22ab", "This is the Trace Id: 77aa0e22ab"),
    "UUIDs": ("ref 8f14e45f-ceea-467f-a0e6-1b2c3d4e5f60", "ref 00000000-ceea-467f-a0e6-1b2c3d4e5f60"),
    "long hexadecimal": ("build d41d8cd98f00b204e9800998", "build a41d8cd98f00b204e9800998"),
    "cache busters": ("https://a.example/x?utm_source=a&p=1", "https://a.example/x?p=1"),
    "time stamps in front": ("Last updated 3 days ago.", "Last updated: 2 weeks ago."),
    "time stamps of a page": ("This page was last modified 3 days ago", "This page was last modified today"),
    "joiners": ("tr\u200cain", "train"),
    "tags": ("tra\U000e0041in", "train"),
    "marks on nothing": ("we \u0301may", "we may"),
    "numbered headings alone": ("## Article 4", "## Article 5"),
}
OTHER = {
    "words": ("We may share it", "We may not share it"),
    "case": ("the services", "the Services"),
    "days": ("within 30 days", "within 14 days"),
    "a number in front": ("30 days of notice", "60 days of notice"),
    "a date in front": ("30. Juni ist der Tag", "29. Juni ist der Tag"),
    "fees": ("a fee of 1.50 €", "a fee of 1.55 €"),
    "dates": ("Effective March 25, 2026", "Effective March 26, 2026"),
    "years": ("© 2025 Example", "© 2026 Example"),
    "long plain numbers": ("IBAN 1234567890123456", "IBAN 1234567890123457"),
    "time limits": ("if you signed up 30 days ago", "if you signed up 60 days ago"),
    "time limits of posts": ("content posted 30 days ago", "content posted 90 days ago"),
    "time limits in front": ("Published one month ago, posts are ours", "Published one year ago, posts are ours"),
    "words in an address": ("https://a.b/?v=we,may,sell&p=1", "https://a.b/?v=we,may,not,sell&p=1"),
    "words that look like a parameter": ("you?v=pay now", "you?v=win now"),
    "words for an id": ("Session ID: 5-years-retention", "Session ID: 9-years-retention"),
    "raised numbers": ("10² euro", "102 euro"),
    "lowered numbers": ("10₂ euro", "102 euro"),
    "fractions": ("1½ months", "11/2 months"),
    "circled numbers": ("10① euro", "101 euro"),
    "amounts in front": ("4.2 Million euro is the cap", "5.2 Million euro is the cap"),
    "days in front": ("1.5 Days of notice", "2.5 Days of notice"),
    "words that are struck out": ("We will ~~not~~ train", "We will not train"),
    "percentages": ("5 %", "6 %"),
    "sections meant": ("see Section 5 for more", "see Section 6 for more"),
}


@pytest.mark.parametrize("pair", SAME.values(), ids=SAME)
def test_form_does_not_change_the_key(pair):
    assert the(pair[0]).key == the(pair[1]).key


@pytest.mark.parametrize("pair", OTHER.values(), ids=OTHER)
def test_substance_changes_the_key(pair):
    assert the(pair[0]).key != the(pair[1]).key


def test_every_noise_rule_has_a_case_here():
    assert set(NOISE) == {"relative-date", "trace-id", "uuid", "hex-id", "cache-buster"}


@pytest.mark.parametrize(
    ("text", "numbering", "rest"),
    [
        ("1.2 Foo", "1.2", "Foo"), ("1.2.3. foo", "1.2.3.", "foo"), ("(iv) foo", "(iv)", "foo"),
        ("a) foo", "a)", "foo"),
        ("Section 3. Fees", "Section 3.", "Fees"), ("§ 4 Haftung", "§ 4", "Haftung"), ("第三条 数据", "第三条", "数据"),
        ("一、总则", "一、", "总则"), ("- 1. foo", "- 1.", "foo"), ("Section 3 applies", "", "Section 3 applies"),
        ("1.5 million users", "", "1.5 million users"), ("e.g. this", "", "e.g. this"), ("1.", "", "1."), ("", "", ""),
    ],
)  # fmt: skip
def test_numbering_is_cut_and_bare_numbers_are_not(text, numbering, rest):
    assert label(text) == (numbering, rest)


@given(st.text(alphabet=st.characters(codec=None)))
def test_any_text_has_a_substance_and_invisible_characters_are_no_part_of_it(text):
    assert substance(f"a{text}z") == substance(f"a\u00ad{text}\u200bz")


def test_a_text_without_changes_in_substance_has_the_same_hash():
    before, after = "# 1. Fees\n\nWe “never” charge.\n", '**Fees**\n\n*We* "never"  charge.'

    assert substance_hash(split(before)) == substance_hash(split(after))
    assert substance_hash(split(before)) != substance_hash(split("# Fees\n\nWe charge."))
    assert len(substance_hash(())) == 64
    assert len(clause_key("a")) == 16


def test_plain_reads_what_a_person_reads():
    assert plain("**You**\u00ad own\u200b `it` &amp; snake_case <br>") == "You own it & snake_case"
