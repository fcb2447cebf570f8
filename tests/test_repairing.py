"""A selection that matches nothing is noticed, replaced by one that finds the text, and kept for older captures."""

from dataclasses import replace

import pytest
from histories import LICENCE, TRAINING, Archive, page

from tracker import declarations, repairing
from tracker.errors import NotFound
from tracker.model import Declaration, Document, Outcome, Source

NAME = "tunely/terms-of-use"
DECLARED = Declaration(
    Document(NAME, "Tunely", "Terms of Use"), (Source("https://tunely.example/terms", select=("main",)),)
)


def redesigned(*clauses):
    return page(*clauses).replace("<main>", '<div id="legal-text">').replace("</main>", "</div>")


@pytest.fixture
def archive(tmp_path):
    found = Archive(tmp_path / "tracker.db")
    found.declared = DECLARED
    found.look(page(LICENCE))
    return found


def test_the_text_goes_on_and_the_remedy_is_named(archive):
    looked = archive.look(redesigned(LICENCE, TRAINING))
    assert looked.check.outcome is Outcome.CAPTURED
    assert "tracker repair" in looked.check.message
    assert looked.change.counts == {"added": 1}


def test_what_agrees_little_with_the_tracked_text_waits(archive):
    other = page("Buy two and get one for free.", filler=[f"Offer {n} of our shop ends on Sunday." for n in range(30)])
    looked = archive.look(other.replace("<main>", "<div>").replace("</main>", "</div>"))
    assert looked.version is None


def test_a_selection_is_proposed_that_finds_the_text(archive, tmp_path):
    archive.look(redesigned(LICENCE))
    with archive.read() as store:
        found = repairing.find(store, DECLARED)
    assert (found.declared, found.proposed) == ("“main”", "#legal-text")
    assert found.kept > 0.95
    path = declarations.write(found.mended, tmp_path / "mended")
    written = declarations.load(path.parent).declarations[NAME]
    assert written.sources[0].select == ("#legal-text",)
    with archive.read() as store:
        first = store.checks(NAME)[-1].at
    assert written.sources_at(first)[0].select == ("main",)


def test_a_selection_that_matches_is_left_alone(archive):
    with archive.read() as store, pytest.raises(NotFound, match="nothing to repair"):
        repairing.find(store, DECLARED)


def test_without_a_capture_there_is_nothing_to_read(archive):
    other = replace(DECLARED, document=Document("tunely/privacy", "Tunely", "Privacy"))
    with archive.read() as store, pytest.raises(NotFound, match="Nothing was captured"):
        repairing.find(store, other)
