"""What is news: once for each document, clause and verdict; its removal and return in the same thread."""

from datetime import timedelta

import pytest
from test_alerts import Desk
from test_pipeline import FILLER, LICENCE, TRAINING, Watch, page, ruleset  # noqa: F401 - the fixture

from tracker.store import outbox

OTHER = "We may let our partners use your uploads to train artificial intelligence models as well."
WITH, WITHOUT = page(LICENCE, TRAINING), page(LICENCE)
LONG = timedelta(days=120)


@pytest.fixture
def watch(web, tmp_path, ruleset):  # noqa: F811
    return Watch(web, tmp_path / "a.db", ruleset)


@pytest.fixture
def desk(watch):
    return Desk(watch)


def tell(desk, *pages):
    """What is told of each page in turn, seen by two checks."""
    heard = len(desk.got)
    for one in pages:
        desk.look(one, one)
        desk.send()
    return [alert["verdict"] for message in desk.got[heard:] for alert in message.data["alerts"]]


def whole(*clauses):
    """A page of these clauses alone."""
    body = "".join(f"<p>{clause}</p>" for clause in clauses)
    head = "<head><title>Terms of Use</title></head>"
    return f"<html lang='en'>{head}<body><main><h1>Terms of Use</h1>{body}</main></body></html>"


# ---- once ------------------------------------------------------------------------------------------------------------


def test_a_clause_that_flaps_is_told_as_it_comes_goes_and_returns_in_one_thread_and_then_no_more(desk):
    tell(desk, *[WITHOUT, WITH] * 6)
    assert [one["kind"] for message in desk.got for one in message.data["alerts"]] == ["added", "removed", "returned"]
    first, second = desk.got[0].name, desk.got[1].name
    assert [one.follows for one in desk.got] == [(), (first,), (first, second)]


def test_a_sentence_that_is_put_back_into_its_clause_is_told_as_a_return(desk):
    """Terms that are published, withdrawn and published again: whoever heard that they went hears that they came."""
    both = page(f"{LICENCE} {TRAINING}")
    tell(desk, *[WITHOUT, both] * 4)
    assert [one["kind"] for message in desk.got for one in message.data["alerts"]] == ["added", "removed", "returned"]


def test_what_changes_again_after_a_long_time_is_told_again_in_the_same_thread(desk):
    """A page that flips tells nothing new; a promise that stood for months and goes is a story."""
    tell(desk, *[WITHOUT, WITH] * 3)
    for one in (WITHOUT, WITH):
        desk.watch.at += LONG
        assert tell(desk, one)
        assert desk.got[-1].follows[0] == desk.got[0].name
    assert tell(desk, WITHOUT, WITH) == []


def test_a_return_after_months_is_told_as_a_return(desk):
    tell(desk, WITHOUT, WITH, WITHOUT)
    desk.watch.at += LONG
    tell(desk, WITH)
    assert "RETURNED" in desk.got[-1].text
    assert desk.got[-1].follows[0] == desk.got[0].name


@pytest.mark.parametrize(
    "after",
    [
        page(TRAINING, LICENCE),
        page(f"{LICENCE} {TRAINING}"),
        page(LICENCE, TRAINING, TRAINING),
        page(LICENCE, TRAINING, "You can end this agreement at any time by closing your account with us."),
        page(LICENCE, f"<b>{TRAINING}</b>"),
        page(LICENCE, f"17. {TRAINING}"),
    ],
    ids=["moved", "merged", "repeated", "another clause", "emphasis", "numbered"],
)
def test_a_clause_that_only_changes_its_place_or_form_is_no_news(desk, after):
    tell(desk, WITHOUT, WITH)
    assert tell(desk, after, WITH) == []


def test_a_paragraph_that_breaks_in_two_is_no_news(desk):
    tell(desk, WITHOUT, page(f"{LICENCE} {TRAINING}"))
    assert tell(desk, WITH) == []


def test_a_slip_that_is_mended_before_it_is_confirmed_is_one_alert_in_its_last_words(desk):
    mended = page(LICENCE, TRAINING.replace("uploads", "uploaded files"))
    desk.look(WITHOUT, WITH, mended, mended)
    desk.send()
    (alert,) = desk.got[0].data["alerts"]
    assert "uploaded files" in alert["after"]


@pytest.mark.parametrize(
    "confirming", [page(f"{LICENCE} {TRAINING}"), page(TRAINING, LICENCE)], ids=["merged", "moved"]
)
def test_a_clause_that_changed_its_place_meanwhile_is_confirmed(desk, confirming):
    desk.look(WITHOUT, WITH, confirming, confirming)
    desk.send()
    assert [len(one.data["alerts"]) for one in desk.got] == [1]


# ---- what is news ----------------------------------------------------------------------------------------------------


def test_a_statement_that_goes_from_within_a_clause_is_told_with_its_topic(watch):
    """The clause stays and says nothing on AI any more: what went decides who is told, and is quoted."""
    desk = Desk(watch, {"to": "mailto:desk@example.org", "topics": ["training"]})
    objection = "You have the right to object to the processing of your personal data."
    out = "You can opt out of the training of our AI models with your uploads in your settings."
    assert tell(desk, page(LICENCE, f"{objection} {out}"), page(LICENCE, objection))
    (alert,) = desk.got[0].data["alerts"]
    assert (alert["kind"], alert["topics"]) == ("removed", ["training"])
    assert out in desk.got[0].text


def test_an_item_that_comes_under_another_list_is_quoted_itself(desk):
    """Its words stayed, and the sentence over it turned: what is told is the item."""
    item = "train artificial intelligence models with your uploads"

    def listed(over):
        return page(LICENCE).replace(
            "</main>", f"<p>{over}</p><ul><li>{item};</li><li>sell your name.</li></ul></main>"
        )

    assert tell(desk, listed("We will never do the following:"), listed("We may do the following:"))
    assert item in desk.got[0].data["alerts"][0]["after"]


def test_a_document_that_was_replaced_is_told_by_its_clauses_on_ai(desk):
    new = [
        f"Whoever opens an account for {word} accepts rule {n} of this house." for n, word in enumerate("abcdefghijkl")
    ]
    tell(desk, WITHOUT, whole(*new, TRAINING, OTHER))
    told = [one["after"] for one in desk.got[0].data["alerts"]]
    assert sorted(told) == sorted([TRAINING, OTHER])


def test_the_clause_behind_the_verdict_leads(desk):
    minor = "Our support uses an AI assistant to sort your questions by their subject."
    tell(desk, WITHOUT, page(minor, LICENCE, TRAINING))
    alerts = desk.got[0].data["alerts"]
    assert [one["after"] for one in alerts] == [TRAINING, minor]
    assert alerts[0]["verdict"] == alerts[0]["headline"]
    assert alerts[0]["verdict"] != alerts[1]["verdict"]
    assert alerts[0]["verdict"] in desk.got[0].subject


def test_a_statement_that_took_the_place_of_another_is_told_with_it(desk):
    """The headline says what it could do before: these words are quoted too, and not told again as gone."""
    old = "We may train artificial intelligence models on your uploads only with your consent."
    new = "Uploads may be used by us for the training of artificial intelligence, in whichever form they come to us."
    tell(desk, page(LICENCE, old), page(new, LICENCE))
    (alert,) = desk.got[0].data["alerts"]
    assert (alert["before"], alert["after"]) == (old, new)


def test_a_heading_is_not_told_beside_what_stands_under_it(desk):
    headed = page(LICENCE, TRAINING).replace(
        f"<p>{TRAINING}", f"<h2>Training of artificial intelligence</h2><p>{TRAINING}"
    )
    tell(desk, WITHOUT, headed)
    assert [one["after"] for one in desk.got[0].data["alerts"]] == [TRAINING]


def test_a_page_in_another_language_neither_confirms_nor_withdraws(desk):
    german = "".join(
        f"<p>Teil {n} dieser Bedingungen sagt, was wir und Sie einander schulden und wie der Vertrag endet.</p>"
        for n in range(9)
    )
    flipped = (
        f"<html lang='de'><head><title>Nutzungsbedingungen</title></head><body><main>{german}</main></body></html>"
    )
    desk.look(flipped, flipped, WITHOUT, WITHOUT, WITH, flipped)
    desk.send()
    with desk.watch.read() as store:
        assert [one.state for one in outbox.held(store, desk.watch.name)] == ["held"]
    desk.look(WITH)
    assert desk.send().sent == 1


def test_a_clause_without_a_word_on_ai_is_never_told(desk):
    changed = page(LICENCE, TRAINING).replace(FILLER[0], FILLER[0].replace("tells", "says"))
    tell(desk, WITHOUT, WITH)
    assert tell(desk, changed) == []
