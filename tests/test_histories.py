"""Histories that are hard to tell: each is two texts, and the words in which a person would tell what happened."""

import pytest

from tracker.compare import compare
from tracker.model import Kind

A = "We collect the name and the address that you give us when you open an account with the workshop."
B = "Our partners see no more than they need for their work, and they delete it when the work is done."
C = "Drawings that break the law are taken down as soon as somebody has told us of them in writing."
D = "You may end the contract at any time with one click in the settings of your account."
E = "Robots may draw on the board as long as somebody has told the others that they are robots."


def text(*clauses):
    return "\n\n".join(clauses) + "\n"


def told(before, after):
    """What happened, in order: the kind, and the words of the clauses before and after."""
    return [
        (change.kind.value, *(" / ".join(clause.text for clause in side) for side in (change.before, change.after)))
        for change in compare(before, after).changes
    ]


def kinds(before, after):
    return compare(before, after).counts


def marks(before, after):
    """The words that are marked in the only clause that changed, those that stayed left out."""
    (change,) = compare(text(A, before, B), text(A, after, B)).changes
    assert change.kind in (Kind.REWORDED, Kind.FORM)
    return " ".join(f"{operation}{piece.strip()}" for operation, piece in change.words if operation != "=")


# ---- sections ----------------------------------------------------------------------------------------------------

SECTIONS = {
    "Accounts": ("You must be thirteen years old to open an account.", "You tell your password to nobody else."),
    "Fees": ("The monthly fee is 9.90 euro, due on the first day.", "We may raise the fee once in each year."),
    "Drawings": ("What you upload to the board stays yours for ever.", C),
    "Robots": ("We train an assistant with the drawings of those who agreed.", "Tell us to stop, and we stop."),
}


def numbered(*names):
    return text(
        *(
            f"## {n}. {name}\n\n" + "\n\n".join(f"{n}.{m}. {clause}" for m, clause in enumerate(SECTIONS[name], 1))
            for n, name in enumerate(names, 1)
        )
    )


def test_a_section_put_in_between_renumbers_the_others_and_changes_none_of_them():
    counts = kinds(numbered("Accounts", "Fees", "Drawings"), numbered("Accounts", "Robots", "Fees", "Drawings"))

    assert counts == {"added": 3, "form": 6}


def test_a_heading_with_a_new_name_over_the_same_clauses_is_all_that_changed():
    before = numbered("Accounts", "Fees", "Drawings")

    assert told(before, before.replace("3. Drawings", "3. What you make")) == [
        ("reworded", "Drawings", "What you make")
    ]


def test_a_heading_stays_with_its_clauses_where_another_one_takes_its_name():
    before = text("# Terms", "## Courts for guests", A, "## Courts", B, "## End", D)
    after = text("# Terms", "## Courts for members", A, C, "## Courts for guests", B, "## End", D)

    assert told(before, after) == [
        ("reworded", "Courts for guests", "Courts for members"),
        ("added", "", C),
        ("reworded", "Courts", "Courts for guests"),
    ]


def test_a_heading_that_moved_without_its_clauses_has_moved():
    before, after = text("## Old", A, "## End of it", B, C), text("## End of it", A, "## New", B, C)

    assert "added" not in [kind for kind, _, new in told(before, after) if new == "End of it"]


def test_a_line_of_a_list_is_not_the_heading_of_the_same_name():
    before = text("## Payments made by other people", A, "## End", B, C)
    after = text("## Other things", A, "## End", B, "- Payments made by other people", C)

    assert "moved" not in kinds(before, after)


def test_the_same_closing_line_of_every_section_is_reworded_where_it_stands():
    """Three equal lines became three equal lines: each is that of its own section, and none has moved."""

    def page(basis, aim, *sections):
        return text(
            *(
                f"## {name}\n\nThis is what we do {aim} {name}, and it takes {n} days.\n\n{basis}"
                for n, name in enumerate(sections, 2)
            )
        )

    gone = text("## Guests", A, B, C, D, "They are welcome here.", "They bring their own pencils.")
    before = page("Basis: our interest in running the workshop for guests.", "for", "orders", "parcels", "letters")
    after = page("Basis: our interest in providing a workshop to members.", "with all", "calls", "boxes", "mails")

    changes = compare(text("# Terms", gone, before), text("# Terms", after)).changes
    assert [change.kind for change in changes if change.after and "Basis" in change.after[0].text] == ["reworded"] * 3


def test_thirty_sections_in_the_same_words_and_one_that_differs():
    def page(odd):
        return text(
            *(
                f"## Product {n}\n\nThe provider reads the {odd if n == 17 else 'data'} named above and keeps it."
                for n in range(30)
            )
        )

    assert told(page("data"), page("data and the drawings")) == [
        (
            "reworded",
            "The provider reads the data named above and keeps it.",
            "The provider reads the data and the drawings named above and keeps it.",
        )
    ]


# ---- lists, tables, terms ----------------------------------------------------------------------------------------


def test_a_list_that_became_a_sentence_is_merged():
    before = "You agree not to:\n\n- copy the drawings of others,\n- sell your account, or\n- send spam."
    after = "You agree not to copy the drawings of others, to sell your account, or to send spam."

    assert kinds(text(A, before, B), text(A, after, B)) == {"merged": 1}
    assert kinds(text(A, before, B), text(A, after.replace("of others", "of all"), B)) == {"merged-reworded": 1}


ROWS = ("| Name | to greet you | 30 days |", "| Address | to send parcels | 60 days |", "| Logs | to mend | 14 days |")


def test_rows_in_another_order_moved_and_a_changed_cell_rewords_its_row():
    before = "\n".join(("| Data | Purpose | Kept |", "|---|---|---|", *ROWS)) + "\n"
    after = "\n".join(("| Data | Purpose | Kept |", "|---|---|---|", ROWS[2], ROWS[0], ROWS[1])) + "\n"

    assert kinds(before, after) == {"moved": 1}
    assert told(before, after.replace("60 days", "90 days"))[1][0] == "reworded"


def test_a_term_keeps_its_explanation_where_another_term_comes_behind_it():
    before = text("**Content**\n: Whatever you upload to the board.", "**Shop**\n: The company that runs it all.")
    after = text(
        "**Content**\n: Whatever you upload or type, prompts included.",
        "**Helper**\n: A program that draws for you.",
        "**Shop**\n: The company that runs it all.",
    )

    assert kinds(before, after) == {"reworded": 1, "added": 2}


def test_each_definition_explains_its_own_term():
    before = "- “Guest” has the meaning given in Section 12 (Guests) of these rules."
    after = "- “Term” means the term of this contract as set forth in Section 13 (Term) of these rules."
    reworded = "- “Guest”: somebody who looks at the drawings and has not opened an account with us so far."

    assert kinds(text(A, before, B), text(A, after, B)) == {"removed": 1, "added": 1}
    assert kinds(text(A, before, B), text(A, reworded, B)) == {"reworded": 1}


def test_a_short_line_that_something_was_put_in_front_of_is_reworded():
    before = text(A, "- Complete your orders", "- Answer your letters", B)
    after = text(A, "- Set prices by what you bought so far, and complete your orders", "- Hold races", "- Sing", B)

    assert kinds(before, after) == {"reworded": 1, "removed": 1, "added": 2}


def test_a_short_line_of_an_entry_that_went_is_not_that_of_one_that_came():
    entry = "#### {}\n\nPurpose: {}\n\nLocation: {}\n\nWebsite: https://{}.example/"
    before = text(*(entry.format(*one) for one in (("Ark", "mail", "USA", "ark"), ("Bow", "logs", "Chile", "bow"))))
    after = text(*(entry.format(*one) for one in (("Ark", "mail", "USA", "ark"), ("Elm", "clocks", "Peru", "elm"))))
    extra = text(*(entry.format(*one) for one in (("Fir", "trees", "Chile", "fir"), ("Ark", "mail", "USA", "ark"))))

    assert "moved" not in kinds(before, after)
    assert "moved" not in kinds(before, extra)


def test_a_list_of_short_items_moves_with_its_heading():
    moved = "## Kept\n\n- Name\n- Street\n- Town"

    assert kinds(text(moved, "## Other", A, B, C), text("## Other", A, B, C, moved)) == {"moved": 4}


def test_a_field_is_known_by_its_name_however_its_colon_is_set():
    before = text(
        A, "Photoboard : https://photoboard.example/notes/privacy/8123", "Pinwall : https://pinwall.example/p", B
    )
    after = text(A, "Photoboard: How Photoboard uses data", "Pinwall: How Pinwall uses data", "Q: https://q.example", B)

    assert kinds(before, after) == {"reworded": 2, "added": 1}


def test_an_entry_that_became_a_list_of_its_own_is_known_by_its_name():
    before = text(
        A, "- Lark: to send the bills. Lark is based in France.", "- Owl: to keep logs. Owl is based in Peru.", B
    )
    after = text(A, "- **Lark:**\n  - **Purpose:** Bills\n- **Owl:**\n  - **Purpose:** Guarding the logs", B)

    assert kinds(before, after) == {"reworded": 2, "added": 2}


def test_a_sentence_that_became_a_list_elsewhere_is_split():
    parts = "the number that is printed on its front", "the day on which you paid", "the amount that you paid in all"
    items = "\n".join(f"- {part.capitalize()}" for part in parts)
    before = text("## Cards", f"Of your card we see {parts[0]}, {parts[1]} and {parts[2]}.", "## End", A, B, C, D)

    assert "split-reworded" in kinds(before, text("## End", A, B, C, D, "## Data", items))


def test_a_few_words_that_stand_inside_a_new_clause_elsewhere_are_not_that_clause():
    before = text("To train and improve our models", A, B, C, D)
    after = text(A, B, C, "We use what you tell the assistant to run it, to train and improve our models and more.", D)

    assert "moved-reworded" not in kinds(before, after)


def test_a_count_that_stands_in_many_places_is_reworded_in_each_of_them():
    page = text(A, "Members who agreed: {}", B, "Members who agreed: {}", C, "Members who agreed: {}", D)

    assert kinds(page.format(42, 43, 44), page.format(41, 44, 43)) == {"reworded": 3}


@pytest.mark.parametrize(
    ("lines", "others"),
    [
        (["By letter:"], ["By post:"]),
        (["By letter:", "Data officer"], ["By post:", "Data guardian"]),
        (["- Photographs;"], ["- Photos;"]),
        (["Workshop, Office of Data"], ["Workshop, Guardian"]),
        (["## Children's privacy"], ["## Children under the age of twelve"]),
    ],
)
def test_short_clauses_in_the_place_of_others_are_reworded(lines, others):
    assert kinds(text(A, *lines, B), text(A, *others, B)) == {"reworded": len(lines)}


@pytest.mark.parametrize(
    ("lines", "others"),
    [
        (["- Photographs;"], ["- Browsing history;"]),
        (["- Photographs;", "- Letters;"], ["- Browsing history;", "- Robots;"]),
        (["By letter:"], ["Only on weekdays."]),
    ],
)
def test_short_clauses_that_have_only_their_place_in_common_are_others(lines, others):
    assert kinds(text(A, *lines, B), text(A, *others, B)) == {"removed": len(lines), "added": len(lines)}


def test_a_clause_that_moved_with_its_neighbour_needs_no_more_in_common_than_one_that_stayed():
    before = text("## Fees", A, "Show you what you wrote to the board.", B, "## Ending", C, D, C + D)
    after = text("## Ending", C, D, C + D, "## Fees", A, "Show you the letters that you wrote;", B)

    assert kinds(before, after) == {"moved": 3, "moved-reworded": 1}


def test_one_and_many_of_the_same_are_the_same_word():
    before = "- Showing drawings and letters on the board, also in the histories"
    after = "- Showing the drawing, letter and photo history on the board;"

    assert kinds(text(A, B, before, "- Answering questions"), text(A, B, after, "- Keeping order")) == {
        "reworded": 1,
        "removed": 1,
        "added": 1,
    }


def test_a_title_in_a_table_of_contents_stays_there_when_all_titles_are_written_in_another_way():
    before = text(*(f"{part} {A}" for part in "ABCDEFGH"), "1. [WHO WE ARE](#a)", "## WHO WE ARE", C, D)
    after = text("1. [Who we are](#a)", B, B + "!", B + "?", E, "## Who we are?", C, D)

    assert kinds(before, after) == {"removed": 8, "added": 4, "form": 2}


def test_a_list_with_single_words_that_became_a_cell_is_merged_with_all_of_them():
    before = text("To keep your account open\n\n- Name and address\n- Letters\n- Drawings and plans", B)
    after = text("| To keep your account open | Name and address Letters Drawings and plans |", B)

    assert kinds(before, after) == {"merged": 1}


def test_a_row_whose_first_cell_is_a_sentence_is_known_when_that_is_written_anew():
    before = "| To answer the letters and requests that you send to us, by pigeon too | Name, street | Our duty |"
    after = "| To reply to your letters and your requests, also by pigeon | Name, street, town | Our duty |"
    other = "| Drawings of the members who agreed, with the day on which they were made | Name, street | Our duty |"

    assert kinds(text(A, before, "| Letters | 2 |"), text(A, after, "| Notes | 3 |", B))["reworded"] == 1
    assert "reworded" not in kinds(text(A, before, "| Letters | 2 |"), text(A, other, "| Notes | 3 |", B))


# ---- sentences ---------------------------------------------------------------------------------------------------


def test_a_sentence_that_went_from_one_paragraph_to_another_is_marked_in_both():
    counts = kinds(text(f"{A} {C}", B, D), text(A, B, f"{D} {C}"))

    assert counts == {"reworded": 2}


def test_a_page_that_showed_its_text_twice_and_now_shows_it_once_in_shorter_paragraphs_lost_nothing():
    other = "Guests of the workshop bring their own pencils and leave the tables as they found them."

    counts = kinds(text(f"{A} {B} {C}", other, D, f"{A} {B} {C}", other, D), text(A, B, C, other, D))
    assert counts == {"split": 1, "repeated": 3}
    counts = kinds(text(A, B, C, other, D), text(f"{A} {B} {C}", other, D, f"{A} {B} {C}", other, D))
    assert counts == {"merged": 1, "repeated": 3}


def test_a_paragraph_broken_in_two_with_one_word_changed_is_no_mere_split():
    assert kinds(text(A, f"{B} {C}", D), text(A, B, C.replace("taken down", "kept"), D)) == {"split-reworded": 1}


def test_a_clause_that_took_in_a_title_is_the_clause_and_not_the_title():
    old = f"{A} We pay what a court says that we owe, as long as you told us at once, and you let us speak for you."
    new = (
        f"Members are told by letter. {A} The workshop pays what courts award, provided that you call us without delay."
    )
    title = "Our right to end or change the board."

    assert kinds(text(C, old, title, D), text(C, f"{new} {title}", D)) == {"merged-reworded": 1}


def test_paragraphs_that_grew_together_with_words_run_together_say_the_same():
    before = text(C, A.removesuffix("."), "and we keep it for as long as you are a member of the board.", D)
    after = text(C, A.removesuffix(".") + "and we keepit for as long as you are a member of the board.", D)

    assert kinds(before, after) == {"merged": 1}


def test_a_copy_of_a_clause_that_is_still_there_did_not_become_a_part_of_it():
    whole = f"{A} {B} {C}"

    assert kinds(text(whole, D, E, whole), text(whole.replace("name", "e-mail"), B, D, E)) == {
        "reworded": 1,
        "repeated": 2,
    }


def test_a_clause_that_was_reworded_has_moved_rather_than_those_that_nobody_touched():
    small = ("Guests may draw.", "Guests may look at it all.", "Guests may go home.")
    before = text("# Board", f"{B} {C}", *small, "# End", "Bye.")
    after = text("# Board", *small, f"{B} {C}".replace("no more", "much more"), "# End", "Bye.")

    assert kinds(before, after) == {"moved-reworded": 1}


# ---- words -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "marked"),
    [
        ("We do share your drawings.", "We do not share your drawings.", "+not"),
        ("We may delete your drawings.", "We will delete your drawings.", "-may +will"),
        ("Training is opt-in for all.", "Training is opt-out for all.", "-opt-in +opt-out"),
        ("You have 14 days and pay €5.00.", "You have 7 days and pay €15.00.", "-14 +7 -5.00 +15.00"),
        ("From 1 May 2026 on, all pay.", "From 1 June 2026 on, all pay.", "-May +June"),
        ("Up to five (5) boards.", "Up to three (3) boards.", "-five +three -5 +3"),
        ("Files of 25 MB (megabytes) each.", "Files of 25 GB (gigabytes) each.", "-MB +GB -megabytes +gigabytes"),
        ("We never sell it, unless you agree.", "We sell it, unless you disagree.", "-never -agree +disagree"),
        ("Only with your consent.", "Only without your consent.", "-with +without"),
        ("我们不会将您的内容用于训练模型。", "我们会将您的内容用于训练模型。", "-不"),
        ("我们在七日内删除您的数据。", "我们在三十日内删除您的数据。", "-七 +三十"),
        ("لن نستخدم المحتوى الخاص بك.", "قد نستخدم المحتوى الخاص بك.", "-لن +قد"),
        ("เราจะไม่ใช้เนื้อหาของคุณเพื่อฝึกโมเดล", "เราอาจใช้เนื้อหาของคุณเพื่อฝึกโมเดล", "-จะไม่ +อาจ"),
        (
            "当社は投稿を学習に使用しません。",
            "当社は投稿を学習に使用することがあります。",
            "-しません +することがあります",
        ),
    ],
)
def test_the_words_that_turn_a_clause_are_the_ones_that_are_marked(before, after, marked):
    assert marks(before, after) == marked


# ---- what no reader calls a change of words ----------------------------------------------------------------------


@pytest.mark.parametrize("sign", ["[#](#fees)", "[¶](https://board.example/terms#fees)", '[\\#](#fees "Link")'])
@pytest.mark.parametrize("other", ["", " [Link to this section](#fees)", " [Permalink](#fees)", " [🔗](#f)"])
def test_a_sign_that_links_a_heading_to_itself_is_no_word_of_it(sign, other):
    before, after = f"## Fees {sign}", f"## Fees{other}"

    assert set(kinds(text(A, before, B), text(A, after, B))) == {"form"}


@pytest.mark.parametrize(
    "signed", ["## Fees \\#", "[Fees #](#fees)\n---------", "## Fees Link to this section", "## Fees ¶"]
)
def test_a_sign_behind_a_heading_that_is_no_link_any_more_is_no_word_of_it_either(signed):
    assert set(kinds(text(A, signed, B), text(A, "## Fees", B))) == {"form"}
    assert kinds(text(A, "## C#", B), text(A, "## C", B)) == {"reworded": 1}


def test_a_link_to_another_section_is_words():
    assert kinds(text(A, "See [Fees](#fees)."), text(A, "See [Prices](#fees).")) == {"reworded": 1}


HIDDEN = "[\\[email\xa0protected\\]](https://board.example/cdn-cgi/l/email-protection)"


def test_words_that_a_converter_ran_together_are_the_same_words():
    before = text(A, "You close your accountwhen you like, in the settings of theboard, and we keep nothing.", B)
    after = text(A, "You close youraccount when you like, in the settings of the board, and we keep nothing.", B)
    (change,) = compare(before, after).changes

    assert (change.kind, change.detail) == (Kind.FORM, "whitespace")


def test_a_word_that_was_divided_at_the_end_of_a_line_is_the_same_word():
    before, after = (
        "You may end the con-tract when you like, with co-owners.",
        "You may end the contract when you like, with coowners.",
    )
    (change,) = compare(text(A, before, B), text(A, after, B)).changes

    assert (change.kind, change.detail) == (Kind.FORM, "punctuation")
    assert kinds(text(A, "It costs 10-15 euro in all.", B), text(A, "It costs 1015 euro in all.", B)) == {"reworded": 1}


def test_an_address_that_was_hidden_from_robots_is_the_same_clause_in_other_form():
    before, shown = f"Write to {HIDDEN} for help.", "Write to [help@board.example](mailto:help@board.example) for help."
    (change,) = compare(text(A, before, B), text(A, shown, B)).changes

    assert (change.kind, change.detail) == (Kind.FORM, "address")
    assert kinds(text(A, shown, B), text(A, before, B)) == {"form": 1}
    assert kinds(text(A, before, B), text(A, shown.replace("help.", "advice."), B)) == {"reworded": 1}
    assert kinds(text(A, shown, B), text(A, shown.replace("help@", "sales@"), B)) == {"reworded": 1}
