"""What messages say: the same as text and as HTML, in four languages, by the receiver's clock."""

import re
import string
from html.parser import HTMLParser

import pytest
from test_alerts import WITH, WITHOUT, Desk, watch  # noqa: F401 - the fixture
from test_pipeline import LICENCE, TRAINING, page, ruleset  # noqa: F401 - the fixture

from tracker import alerts
from tracker.alerts.composing import compose
from tracker.alerts.telling import Site
from tracker.alerts.words import LANGUAGES, TABLE, verdict, words
from tracker.model import Stance, Topic
from tracker.store import outbox


@pytest.fixture
def told(watch):  # noqa: F811
    """An alert on a clause that was reworded."""
    desk = Desk(watch)
    prohibited = TRAINING.replace("may use", "will never use")
    desk.look(page(LICENCE, prohibited), WITH, WITH)
    with watch.read() as store:
        return outbox.due(store, watch.at)


class Words(HTMLParser):
    """The words that a reader of HTML sees."""

    def __init__(self):
        super().__init__()
        self.seen, self.hidden = [], 0

    def handle_starttag(self, tag, attrs):
        self.hidden += tag in ("style", "title")

    def handle_endtag(self, tag):
        self.hidden -= tag in ("style", "title")

    def handle_data(self, data):
        if not self.hidden:
            self.seen.append(data)


def seen(html):
    reader = Words()
    reader.feed(html.replace("</div>", " </div>").replace("</p>", " </p>").replace("</h1>", " </h1>"))
    return "".join(reader.seen).casefold().split()


def to(**fields):
    return alerts.subscriptions([{"to": "mailto:desk@example.org"} | fields])[0]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("most", [1, 10])
def test_text_and_html_say_the_same(told, language, most):
    message = compose("n", told * 3, to(language=language, most=most), Site("https://terms.example.org"))
    said = [word for word in message.text.casefold().split() if word != "--"]
    assert said == seen(message.html)
    assert f'<html lang="{language}">' in message.html


def test_every_language_has_the_same_words_with_the_same_places():
    def places(said):
        return [name for _, name, _, _ in string.Formatter().parse(said) if name is not None]

    for name, said in TABLE.items():
        assert len(said) == len(LANGUAGES)
        assert all(said), name
        assert all(places(one) == places(said[0]) for one in said), name


def test_every_topic_and_stance_can_be_said():
    for language in LANGUAGES:
        said = words(language)
        for name in (*Topic, *Stance):
            assert name in said
    assert verdict(words("de"), "added: output, training permits") == "Neu: erzeugte Inhalte, Training (erlaubt)"


def test_what_changed_is_marked_within_the_clause(told):
    html = compose("n", told, to()).html
    assert re.search(r"<del [^>]*>will never[^<]*</del>", html)
    assert re.search(r"<ins [^>]*>may[^<]*</ins>", html)


def test_a_clause_that_went_as_a_whole_can_be_read(watch):  # noqa: F811
    desk = Desk(watch)
    desk.look(WITH, WITHOUT, WITHOUT)
    desk.send()
    assert f"“{TRAINING}”" in desk.got[0].html
    assert "<del" not in desk.got[0].html


def test_times_are_those_of_the_receivers_clock(told):
    text = compose("n", told, to(time_zone="Europe/Berlin")).text
    assert "between 2024-02-02 07:00 CET and 2024-02-03 07:00 CET" in text


def test_clauses_of_any_script_and_markup_in_them_do_no_harm(told):
    hostile = '<script>alert(1)</script> </div> 🎵 شروط الخدمة "quoted" & more'
    told[0].alert.facts.update(before="", after=hostile, heading="<b>", title="<i>T</i>")
    message = compose("n", told, to())
    assert "<script>" not in message.html
    assert hostile in message.text
    assert 'dir="auto"' in message.html
