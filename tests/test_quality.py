"""Is this the document? Walls never become it; rewrites do, once they are seen twice."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tracker.extract.quality import SENTENCES, assess
from tracker.model import Reading, Verdict


def reading(text: str, **more) -> Reading:
    return Reading(text, words=len(text.split()), language=more.pop("language", "en"), **more)


def terms(name: str, count: int = 40) -> Reading:
    return reading(
        "\n\n".join(
            f"{n}. The {name} user agrees that the service may process personal {name} {n} data." for n in range(count)
        )
    )


ACCEPTED = terms("first")
REWRITE = terms("second")
NEWS = reading(" ".join(f"Team {n} won match {n} after a goal in minute {n} before a loud crowd." for n in range(40)))


def test_the_same_text_is_good():
    assert assess(ACCEPTED, ACCEPTED, None).verdict is Verdict.GOOD


def test_an_edit_is_good():
    assert assess(reading(ACCEPTED.text.replace("3. The", "3. No")), ACCEPTED, None).verdict is Verdict.GOOD


@pytest.mark.parametrize(
    "signal", ["bot-wall", "error-page", "login", "consent", "shell", "redirect", "empty", "image"]
)
def test_walls_are_not_the_document_however_often_they_come(signal):
    wall = reading("Please wait while we look at you.", signals=(signal,))

    assert assess(wall, None, None).verdict is Verdict.NOT_DOCUMENT
    assert assess(wall, ACCEPTED, wall).verdict is Verdict.NOT_DOCUMENT
    assert assess(wall, ACCEPTED, wall).reasons[0] == signal


def test_a_rewrite_waits_for_the_next_check_and_then_is_good():
    first = assess(REWRITE, ACCEPTED, None)
    second = assess(REWRITE, ACCEPTED, REWRITE)

    assert (first.verdict, first.reasons) == (Verdict.SUSPECT, ("unrelated",))
    assert (second.verdict, second.reasons) == (Verdict.GOOD, ("unrelated", "confirmed"))


def test_a_rewrite_with_a_small_edit_in_between_is_still_confirmed():
    again = reading(REWRITE.text.replace("7. The", "7. Any"))

    assert assess(again, ACCEPTED, REWRITE).verdict is Verdict.GOOD


def test_two_different_suspects_confirm_nothing():
    assert assess(terms("third"), ACCEPTED, REWRITE).verdict is Verdict.SUSPECT


def test_less_than_half_of_the_text_is_suspect():
    half = terms("first", 15)

    assert assess(half, ACCEPTED, None).reasons == ("collapse",)
    assert assess(half, ACCEPTED, half).verdict is Verdict.GOOD


def test_a_body_that_was_cut_is_suspect():
    cut = replace(terms("first", 35), signals=("truncated",))

    assert assess(cut, ACCEPTED, None).reasons == ("truncated",)
    assert assess(
        replace(ACCEPTED, text=ACCEPTED.text + "\n\nMore.", signals=("truncated",)), ACCEPTED, None
    ).verdict is (Verdict.GOOD)


def test_another_language_is_not_the_document():
    assert assess(replace(REWRITE, language="fr"), ACCEPTED, None).reasons == ("language",)
    assert assess(replace(ACCEPTED, text=ACCEPTED.text + " x", language=None), ACCEPTED, None).verdict is Verdict.GOOD


def test_another_language_that_stays_is_a_new_edition():
    french = replace(REWRITE, language="fr")
    quality = assess(french, ACCEPTED, french)

    assert (quality.verdict, quality.reasons) == (Verdict.GOOD, ("language", "confirmed"))
    assert assess(replace(NEWS, language="fr"), ACCEPTED, replace(NEWS, language="fr")).reasons == ("other-page",)


def test_another_document_of_the_same_kind_waits():
    shared = ACCEPTED.text.split("\n\n")[:16]
    other = reading("\n\n".join(shared) + "\n\n" + terms("member", 30).text, title="Privacy Policy (members)")

    assert assess(other, replace(ACCEPTED, title="Privacy Policy"), None).reasons == ("other-document",)
    assert assess(other, replace(ACCEPTED, title="privacy policy (Members)"), None).verdict is Verdict.GOOD


def test_a_page_of_news_is_not_the_document():
    quality = assess(NEWS, ACCEPTED, NEWS)

    assert (quality.verdict, quality.reasons[0]) == (Verdict.NOT_DOCUMENT, "other-page")


def test_the_first_capture_is_judged_by_itself_alone():
    assert assess(terms("short", 8), None, None).verdict is Verdict.GOOD
    assert assess(terms("short", 3), None, None).reasons == ("short",)
    assert assess(reading("Too little."), None, None).reasons == ("tiny",)


def test_every_verdict_but_good_says_why_in_a_sentence():
    assert all(sentence.endswith(".") for sentence in SENTENCES.values())
    assert assess(REWRITE, ACCEPTED, None).message == f"{SENTENCES['unrelated']} The next check decides."


READINGS = st.builds(
    Reading,
    text=st.text(max_size=80),
    words=st.integers(0, 500),
    language=st.sampled_from([None, "en", "fr"]),
    signals=st.lists(st.sampled_from([*SENTENCES, "selector-empty", "unreadable"]), max_size=2).map(tuple),
)


@given(READINGS, st.none() | READINGS, st.none() | READINGS)
def test_there_is_always_a_verdict_with_a_reason(one, accepted, pending):
    quality = assess(one, accepted, pending)

    assert quality.verdict is Verdict.GOOD or (quality.reasons and quality.message)
