"""The card of a change: a picture of the right size, the same every time, that never shows half a sentence."""

import struct

import histories
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker import card, pages
from tracker.store import Store

pytest.importorskip("PIL")


@pytest.fixture(scope="module")
def values(tmp_path_factory):
    archive = histories.sample(tmp_path_factory.mktemp("card") / "tracker.db")
    with Store.read(archive.path) as store:
        edition = pages.Edition(store, histories.ruleset())
        return dict(pages.find(edition, "change/tunely/terms-of-use/2024-02-05-060000/").values)


def size(png: bytes) -> tuple[int, int]:
    assert png.startswith(b"\x89PNG\r\n")
    return struct.unpack(">II", png[16:24])


def test_a_change_on_ai_has_a_card_of_the_size_that_is_asked_for(values):
    assert values["card"] == "change/tunely/terms-of-use/2024-02-05-060000/card.png"
    picture = card.draw(values)
    assert size(picture) == (1200, 630)
    assert len(picture) < 60_000
    assert card.draw(values) == picture


def test_a_quote_that_has_no_room_is_left_out_and_not_cut(values):
    long = {**values, "quote": {**values["quote"], "text": "not without your consent " * 60}}
    assert card.draw(long) == card.draw({**values, "quote": None})


def test_a_quote_in_a_script_that_the_font_lacks_is_left_out(values):
    assert card.readable("Überall “ça” – straße… Ł")
    assert not card.readable("我们")
    assert card.draw({**values, "quote": {**values["quote"], "text": "我们"}}) == card.draw({**values, "quote": None})


@settings(max_examples=25, deadline=None)
@given(st.text(max_size=400))
def test_any_words_make_a_card(text):
    values = {
        "ai": True,
        "document": {"platform": text, "terms_type": text},
        "headline": text,
        "quote": {"text": text},
        "seen": "First seen by 1 Jan 2024",
    }
    assert size(card.draw(values)) == (1200, 630)
