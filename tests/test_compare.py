"""Two texts compared clause by clause: exact, symmetric, and in the words that a person would use."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.compare import REWRITTEN, Past, compare, rebuild, summarise
from tracker.model import Kind
from tracker.text import split, substance_hash

A = "We collect the name and the address that you give us when you open an account."
B = "You may close your account at any time and we will then delete all of your content."
C = "Our partners help us to run the service and they see no more than they need for it."
D = "Disputes are settled by the courts of Berlin under the laws of the Federal Republic."
E = "We may use the content that you upload to train models of artificial intelligence."
MIRRORED = {"added": "removed", "removed": "added", "split": "merged", "merged": "split"}
MIRRORED |= {"split-reworded": "merged-reworded", "merged-reworded": "split-reworded"}


def text(*clauses):
    return "\n\n".join(clauses) + "\n"


def kinds(before, after, history=()):
    return compare(before, after, history).counts


def only(before, after, history=()):
    (change,) = compare(before, after, history).changes
    return change


def past(*clauses):
    found = split(text(*clauses))
    return Past(substance_hash(found), frozenset(clause.key for clause in found))


# ---- what always holds -------------------------------------------------------------------------------------------

SENTENCES = st.sampled_from(
    [A, B, C, D, E, "- " + A, "1. " + B, "# Fees", "## Fees", "Yes", "| a | b |", A + " " + B, B + " " + C]
    + [A.replace("name", "e-mail"), B.replace("may", "may not"), C + " " + D + " " + E, "**Fees**", "Fees", "\x00"]
)
DOCUMENTS = st.lists(SENTENCES, max_size=12).map(lambda clauses: "\n\n".join(clauses))
ANY = st.one_of(DOCUMENTS, st.text(), st.text(alphabet=st.characters(codec=None)))


@given(ANY, ANY)
@settings(max_examples=200)
def test_both_texts_are_rebuilt_from_the_result(before, after):
    comparison = compare(before, after)

    assert rebuild(comparison) == (before, after)
    assert comparison == compare(before, after)


@given(DOCUMENTS, DOCUMENTS)
@settings(max_examples=200)
def test_swapping_the_texts_swaps_the_kinds(before, after):
    swapped = {MIRRORED.get(kind, kind): count for kind, count in kinds(after, before).items()}

    assert swapped == kinds(before, after)


def test_a_heading_on_one_side_alone_does_not_make_the_other_direction_another_change():
    before, after = text(A, "Fees", A), text("# Fees", A, A)

    assert kinds(before, after) == kinds(after, before) == {"repeated": 2}


@given(DOCUMENTS, DOCUMENTS)
def test_what_no_change_names_is_equal_and_in_the_same_order(before, after):
    comparison = compare(before, after)
    named = [
        {id(c) for change in comparison.changes for c in side(change)}
        for side in (lambda c: c.before, lambda c: c.after)
    ]
    kept = [
        [clause.raw.strip() for clause in clauses if id(clause) not in names]
        for clauses, names in zip((comparison.before, comparison.after), named, strict=True)
    ]

    assert kept[0] == kept[1]
    assert len(kept[0]) == comparison.unchanged


@given(ANY)
def test_a_text_does_not_differ_from_itself(same):
    comparison = compare(same, same)

    assert comparison.changes == ()
    assert comparison.touched == 0
    assert summarise(comparison) == "nothing changed"


# ---- kinds -------------------------------------------------------------------------------------------------------


def test_an_added_and_a_removed_clause():
    assert kinds(text(A, B), text(A, E, B)) == {"added": 1}
    assert kinds(text(A, E, B), text(A, B)) == {"removed": 1}
    assert only(text(A, B), text(A, E, B)).after[0].text == E


def test_one_side_may_be_empty():
    assert kinds("", text(A, B)) == {"added": 2}
    assert kinds(text(A, B), "") == {"removed": 2}
    assert kinds("", "") == {}


def test_a_reworded_clause_says_which_words():
    change = only(text(A, B, C), text(A, B.replace("may close", "may not close"), C))

    assert change.kind == Kind.REWORDED
    assert ("+", "not ") in change.words
    assert 0.9 < change.similarity < 1


def test_a_moved_clause_is_neither_added_nor_removed():
    assert kinds(text(A, B, C, D), text(B, C, D, A)) == {"moved": 1}
    assert kinds(text(A, B, C, D), text(B, C, D, A.replace("name", "e-mail"))) == {"moved-reworded": 1}


def test_a_split_and_a_merged_paragraph():
    split_up = only(text(A, B + " " + E, C), text(A, B, E, C))

    assert split_up.kind == Kind.SPLIT
    assert [clause.text for clause in split_up.after] == [B, E]
    assert kinds(text(A, B, E, C), text(A, B + " " + E, C)) == {"merged": 1}


def test_a_paragraph_that_became_a_list_is_split():
    before = "You agree not to scrape the site, to harass the other users or to sell your own account."
    after = "You agree not to:\n\n- scrape the site,\n- harass the other users or\n- sell your own account."

    assert kinds(text(A, before, C), text(A, after, C)) == {"split": 1}


@pytest.mark.parametrize(
    ("before", "after", "kind"),
    [
        ([A + " " + B], [A + " " + E, B], "split-reworded"),
        ([A + " " + B], [A, B.replace("may", "may not")], "split-reworded"),
        ([A + " " + B], [A, B.replace("delete all of", "keep")], "split-reworded"),
        ([A, B], [A + " " + B + " " + E], "merged-reworded"),
        ([A + " " + B], [A.upper(), "(b) " + B], "split"),
        ([A + " 7. " + B], [A, "7. " + B], "split"),
        ([A + " ### 8. " + B], [A, "### 8. " + B[:-1]], "split"),
    ],
)
def test_a_split_that_changes_words_says_so(before, after, kind):
    assert kinds(text(C, *before, D), text(C, *after, D)) == {kind: 1}


LONG = [f"Rule {name} holds for everybody: you do not {name * 5} on the service, not even once." for name in "fghijklm"]


def test_a_clause_that_crossed_a_long_stretch_has_moved():
    assert kinds(text(A, *LONG, B, C), text(*LONG, A, B, C)) == {"moved": 1}
    assert kinds(text(A, *LONG, B, C), text(*LONG, A.replace("name", "e-mail"), B, C)) == {"moved-reworded": 1}


def test_a_stretch_that_moved_is_told_clause_by_clause():
    long = text(*[LONG[0] + " " + A + " " + B + " " + letter for letter in "nopqrstuvwxyz"])

    assert kinds(text(*LONG) + long + text(C), long + text(*LONG, C)) == {"moved": len(LONG)}


def test_a_part_that_went_elsewhere_is_part_of_a_split():
    assert kinds(text(A + " " + E, B, C, D, "# Fees", "None."), text(A, B, C, D, E, "# Fees", "None.")) == {"split": 1}


def test_renumbering_is_form():
    before = "1. " + A + "\n2. " + B + "\n3. " + C + "\n"
    after = "1. " + A + "\n2. " + E + "\n3. " + B + "\n4. " + C + "\n"
    comparison = compare(before, after)

    assert comparison.counts == {"added": 1, "form": 2}
    assert {change.detail for change in comparison.changes if change.kind == Kind.FORM} == {"numbering"}


@pytest.mark.parametrize(
    ("before", "after", "detail"),
    [
        ("See [it](http://a.example).", "See [it](http://b.example).", "links"),
        ("4.1 We keep it.", "5.1 We keep it.", "numbering"),
        ("We keep “it”.", 'We keep "it".', "punctuation"),
        ("We keep it, always.", "We keep it always.", "punctuation"),
        ("The Services are free.", "The services are free.", "case"),
        ("We **keep** it.", "We keep it.", "emphasis"),
        ("We keep  it.", "We keep it.", "whitespace"),
        ("Updated 3 days ago", "Updated 4 days ago", "volatile"),
        ("From May 3, 2026 on.", "From 3 May 2026 on.", "dates"),
    ],
)
def test_form_says_what_differs(before, after, detail):
    change = only(text(A, before, B), text(A, after, B))

    assert (change.kind, change.detail) == (Kind.FORM, detail)


def test_a_renamed_heading_is_a_reworded_clause_and_what_stands_under_it_is_unchanged():
    change = only(text("# Your data", A, B), text("# Your personal data", A, B))

    assert change.kind == Kind.REWORDED
    assert change.before[0].kind == "heading"


def test_a_new_name_for_a_section_is_found_by_what_stands_under_it():
    change = only(text("# Copyright", A, B, "# End", C), text("# Who owns what you make", A, B, "# End", C))

    assert change.kind == Kind.REWORDED


def test_a_date_or_a_value_that_changed_is_the_same_clause():
    assert kinds(text("Updated: May 4, 2024", A), text("Updated: 4 June 2026", A)) == {"reworded": 1}
    assert kinds(text(A, "Company: Lee & Sons LLC"), text(A, "Company: Example Trading Private Limited")) == {
        "reworded": 1
    }


def test_a_changed_cell_rewords_its_row():
    before = "| Data | Kept for |\n|---|---|\n| Name | 30 days |\n| Address | 60 days |\n"

    assert kinds(before, before.replace("60 days", "90 days")) == {"reworded": 1}


def test_a_clause_that_stands_there_once_more_is_repeated_and_a_copy_less_is_no_removal():
    assert kinds(text(A, B, C), text(A, B, C, B)) == {"repeated": 1}
    dropped = only(text(A, B, C, B), text(A, B, C))
    assert (dropped.kind, dropped.detail) == (Kind.REPEATED, "dropped")


@pytest.mark.parametrize(
    ("stands", "copy"),
    [
        ("我们**不会**出售您的信息，也不会与他人分享。", "我们不会出售您的信息，也不会与他人分享。"),
        ("Last changed on 20 December 2024", "Last changed on December 20, 2024"),
        ("The *first* name", "The first name"),
        ("Our [site](https://example.org/a/long/way/to/go)", "Our site"),
    ],
)
def test_a_copy_is_known_in_whatever_form_it_stands_there(stands, copy):
    # Hard breaks, and a line that says more around the same words: what is looked for is one of many lines.
    more = f"{A} Our own site, the last and the first name, have changed on a day of December 2024. {B} {C}"
    old = "  \n".join([A, more, stands, B]) + "\n\n" + C + "\n"

    assert kinds(old, old + "\n" + copy + "\n") == {"repeated": 1}
    assert kinds(old + "\n" + copy + "\n", old) == {"repeated": 1}


def test_where_a_link_leads_is_form():
    before = text(A, "See [the rules](https://example.org/a) and [more](https://example.org/b).", B)

    change = only(before, before.replace("org/b", "net/c"))
    assert (change.kind, change.detail) == (Kind.FORM, "links")


def test_a_sentence_of_another_clause_that_stands_alone_as_well_is_repeated():
    assert kinds(text(A + " " + E, B), text(A + " " + E, B, E)) == {"repeated": 1}
    assert kinds(text(A + " " + E, B, E), text(A + " " + E, B)) == {"repeated": 1}


def test_two_editions_on_one_page_add_only_what_is_new():
    edition = [f"{A} Under number {n} there is more to say on matter {n}." for n in range(12)]

    assert kinds(text(*edition), text(*edition, *edition[:6], E, *edition[6:])) == {"repeated": 12, "added": 1}


def test_a_clause_that_was_gone_and_is_back_has_returned():
    change = only(text(A, B), text(A, E, B), [past(A, E), past(A, E, B), past(A)])

    assert (change.kind, change.until) == (Kind.RETURNED, 1)


def test_a_return_to_an_earlier_version_is_recognised():
    comparison = compare(text(A, B), text(A, E, B), [past(A, E, B), past(A)])

    assert comparison.reverts_to == 0
    assert compare(text(A, B), text(A, B), [past(A, B)]).reverts_to is None


def test_a_document_swapped_whole_is_one_entry():
    french = [
        f"Nous conservons vos données pendant la durée numéro {n} du contrat conclu avec la société." for n in range(30)
    ]
    english = [
        f"Whatever else you upload here remains yours, says paragraph {n} of these long terms." for n in range(30)
    ]
    comparison = compare(text(*english), text(*french))

    assert comparison.counts == {"replaced": 1}
    assert comparison.touched == 1
    assert summarise(comparison) == "the whole document replaced: 30 clauses before, 30 after"


# ---- the words of a summary --------------------------------------------------------------------------------------


def test_the_summary_counts_in_words():
    before = text(A, B, C, D)
    after = text(B, C.replace("partners", "friends"), E, D, "Yes, all of it is free of charge for you.", A)

    assert summarise(compare(before, after)) == "2 clauses added; 1 reworded; 1 moved; 2 unchanged"


def test_the_summary_says_how_many_of_a_kind_concern_ai():
    comparison = compare(text(A, C, D, D + A), text(A, B, C.replace("partners", "friends"), E, D, D + A))
    places = {change.kind.value: at for at, change in enumerate(comparison.changes)}

    assert summarise(comparison, [places["added"]]) == "2 clauses added, 1 on AI; 1 reworded; 3 unchanged"
    assert summarise(comparison, [places["reworded"]]) == "2 clauses added; 1 reworded, on AI; 3 unchanged"


def test_a_summary_says_rewritten_above_the_stated_share():
    comparison = compare(text(A, B), text(A, C, D, E))

    assert comparison.touched > REWRITTEN
    assert summarise(comparison).startswith("rewritten (")


# ---- the real thing ----------------------------------------------------------------------------------------------


@pytest.mark.corpus
def test_every_judged_change_is_rebuilt_and_no_ai_clause_is_new_that_stood_there_before(corpus):
    """A paragraph that was split, moved or renumbered must never be reported as added or removed."""
    for folder in sorted((corpus / "gold/changes").iterdir()):
        before, after = ((folder / name).read_bytes().decode() for name in ("before.md", "after.md"))
        comparison = compare(before, after)
        assert rebuild(comparison) == (before, after)
        for change in comparison.changes:
            if change.kind in (Kind.ADDED, Kind.REMOVED):
                clause, others = (
                    (*change.before, *change.after)[0],
                    comparison.before if change.after else comparison.after,
                )
                stood = " ".join(other.text for other in others)
                assert len(clause.text) < 60 or clause.text not in stood, (folder.name, clause.text)


# ---- bad input and worst cases -----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("a" * 1_000_000, "a" * 999_999 + "b"),
        ("a " * 100_000, "a b " * 50_000),
        ("\ud800" * 1000, "\udfff" * 900),
        ("".join(map(chr, range(256))) * 100, "".join(map(chr, range(255, -1, -1))) * 100),
        ("شروط الخدمة " * 5000, "شروط الخدمة الجديدة " * 4000),
        ("数据" * 50_000, "数据训练" * 20_000),
        ("Same clause for all.\n\n" * 5000, "Same clause for all.\n\n" * 4900 + "One more, new.\n"),
    ],
    ids=["no spaces", "two words", "surrogates", "binary", "right to left", "Chinese", "identical clauses"],
)
def test_bad_input_gives_an_exact_result(before, after):
    assert rebuild(compare(before, after)) == (before, after)


# ---- rewordings that are easily missed ---------------------------------------------------------------------------


def test_the_only_clause_left_between_two_others_is_the_same_clause_on_little_evidence():
    """Its neighbours are paired by their own similarity, so the gap is seen only afterwards."""
    before = text(A, "Technical information through cookies.", B, D)
    after = text(
        A.replace("name", "e-mail"),
        "Technical information such as, for instance, your address.",
        B.replace("close", "shut"),
        E,
    )

    changes = compare(before, after).changes

    assert "Technical information through cookies." in [
        change.before[0].text for change in changes if change.kind is Kind.REWORDED
    ]


def test_a_clause_that_moved_and_explains_the_same_term_is_the_same_clause():
    old = (
        "Exclusive Deviation: whoever buys it may show it to others at home, in a gallery or on a page of their own, "
        "and the artist keeps all other rights."
    )
    new = (
        "Exclusive Deviation: a buyer may show it to others at home, in a school or on a wall, and must keep it safe, "
        "as the artist may want to borrow it again."
    )
    assert kinds(text(old, A, B, C), text(A, B, C, new)) == {"moved-reworded": 1}
