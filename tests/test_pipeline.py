"""The story of a document over real HTTP: what becomes a version, what does not; and the past can be read again."""

import asyncio
import json
import os
import subprocess
import sys
from collections import Counter
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import loopback
import pytest
from histories import Shelf

from tracker import derivation, history, pipeline, rules, timeline
from tracker.errors import NoSpace
from tracker.fetch import Fetcher
from tracker.model import Declaration, Document, Outcome, Source
from tracker.settings import Settings, bundled
from tracker.store import Store, derived

START = datetime(2024, 2, 1, 6, tzinfo=UTC)
LICENCE = "You keep all rights in the music that you upload, and you grant us a licence to host it and to play it."
TRAINING = "You agree that we may use your uploads to train artificial intelligence models."
FILLER = [
    f"Part {n} of these terms tells what you and we owe each other under heading {word}, and how it can be ended."
    for n, word in enumerate(("access", "billing", "conduct", "disputes", "fees", "guests", "hosting", "liability"))
]


def page(*clauses: str, stated: str = "1 January 2024", nonce: int = 0) -> str:
    body = "".join(f"<p>{clause}</p>" for clause in (*FILLER, *clauses))
    return (
        f'<html lang="en"><head><title>Terms of Use</title><script nonce="{nonce}">var n = {nonce};</script></head>'
        f"<body><nav><a href='/'>Home</a><a href='/x'>Songs</a></nav><main><h1>Terms of Use</h1>"
        f"<p>Last updated: {stated}</p>{body}</main></body></html>"
    )


WALL = (
    "<html><head><title>Just a moment...</title></head><body><h1>Checking your browser</h1>"
    "<p>Enable JavaScript and cookies to continue</p></body></html>"
)


@pytest.fixture(scope="session")
def ruleset():
    return rules.load(bundled("data") / "rules")


class Watch:
    """One document that is looked at day after day; `look(page)` serves the page and checks once."""

    def __init__(self, web, path, ruleset) -> None:
        self.web, self.path, self.rules = web, path, ruleset
        self.at = START
        document = Document("tunely/terms-of-use", "Tunely", "Terms of Use")
        self.declaration = Declaration(document, (Source(f"{web.base}/terms"),))
        self.name = document.id

    def look(self, served, record=lambda store, looked: None) -> pipeline.Looked:
        self.web.pages["/terms"] = served
        self.at += timedelta(days=1)

        async def run():
            async with Fetcher(Settings(allow_loopback=True, timeout=2), lambda: self.at) as fetcher:
                with Store.write(self.path) as store:
                    return await pipeline.check(
                        [self.declaration], store, self.rules, fetcher=fetcher, now=lambda: self.at, record=record
                    )

        return asyncio.run(run())[0]

    def read(self) -> Store:
        return Store.read(self.path)


@pytest.fixture
def watch(web, tmp_path, ruleset):
    return Watch(web, tmp_path / "tracker.db", ruleset)


def test_the_first_look_takes_the_first_copy(watch):
    found = watch.look(page(LICENCE))
    assert found.check.outcome is Outcome.CAPTURED
    assert found.version.words > 150
    assert found.change is None


def test_a_training_right_slipped_in_is_found_with_its_window(watch):
    watch.look(page(LICENCE))
    watch.look(page(LICENCE, nonce=1))
    found = watch.look(page(LICENCE, TRAINING)).change
    assert found.ai_change
    assert found.ai_kind == "added"
    assert found.stance_after["training"] == "permits"
    assert (found.window.start, found.window.end) == (START + timedelta(days=2), START + timedelta(days=3))
    assert found.silent
    with watch.read() as store:
        change = history.change(store, found.id)
    added = [one for one in change.comparison.changes if one.kind == "added"]
    assert [clause.text for one in added for clause in one.after] == [TRAINING]


def test_a_date_that_moves_with_the_text_is_not_silent(watch):
    watch.look(page(LICENCE))
    found = watch.look(page(LICENCE, TRAINING, stated="2 February 2024")).change
    assert not found.silent
    assert found.after.stated_date.isoformat() == "2024-02-02"


@pytest.mark.parametrize("served", [page(LICENCE, TRAINING), loopback.status(503)], ids=["page", "failure"])
def test_what_is_recorded_beside_a_check_is_kept_with_it_or_not_at_all(watch, served):
    watch.look(page(LICENCE))

    def no_space(store, looked):
        store.add("document", slug="x/y", platform_slug="x", platform="X", terms_type="Y")
        raise NoSpace("The disk is full.")

    assert watch.look(served, no_space).error.what == "The disk is full."
    with watch.read() as store:
        assert [document.id for document in store.documents()] == [watch.name]
        assert len(store.checks(watch.name)) == 1


def test_not_modified_is_not_believed_for_ever(watch):
    """A server that answers 304 whatever changed is asked for the whole page once a week."""
    body = page(LICENCE).encode()
    for _ in range(10):
        watch.look(loopback.conditional(body, '"same"'))
    conditions = ["If-None-Match" in headers for _, headers in watch.web.requests]
    assert conditions == [False] + [True] * 7 + [False, True]


def test_the_wait_that_a_site_asks_for_is_handed_on(watch):
    assert watch.look(loopback.status(503, Retry_After="90")).retry_after == 90


@pytest.mark.parametrize(("served", "answered"), [(loopback.status(503), True), (loopback.reset, False)])
def test_a_site_in_trouble_was_reached_one_that_breaks_off_was_not(watch, served, answered):
    """Only the latter, at several sites at once, is trouble of this machine."""
    found = watch.look(served)
    assert (found.check.reason, found.answered) == ("transient", answered)


def test_the_same_bytes_are_no_news(watch):
    watch.look(page(LICENCE))
    found = watch.look(page(LICENCE))
    assert found.check.outcome is Outcome.UNCHANGED
    assert (found.version, found.change) == (None, None)


def test_a_304_is_no_news(watch):
    body = page(LICENCE).encode()
    watch.look(loopback.conditional(body, '"v1"'))
    found = watch.look(loopback.conditional(body, '"v1"'))
    assert found.check.outcome is Outcome.UNCHANGED
    assert watch.web.requests[-1][1]["If-None-Match"] == '"v1"'


def test_new_bytes_with_the_same_text_are_kept_but_are_no_version(watch):
    watch.look(page(LICENCE))
    found = watch.look(page(LICENCE, nonce=7))
    assert found.check.outcome is Outcome.CAPTURED
    assert found.version is None
    with watch.read() as store:
        assert len(derived.versions(store, watch.name)) == 1


def long(*clauses: str, nonce: int) -> str:
    return page(*clauses, nonce=nonce) + f"<!-- {'as long as pages are ' * 300} {nonce} -->"


def test_what_must_read_the_same_is_not_read(watch, monkeypatch):
    watch.look(long(LICENCE, nonce=1))
    with monkeypatch.context() as patched:
        patched.setattr(derivation, "read", lambda *_: pytest.fail("it was read"))
        for nonce in (2, 3):
            found = watch.look(long(LICENCE, nonce=nonce))
            assert found.check.outcome is Outcome.CAPTURED
            assert (found.version, found.change, found.error) == (None, None, None)
    shown = "select verdict, reasons, message, version_id, stated_date from reading order by check_id"
    with Store.write(watch.path) as store:
        before = store.rows(shown)
        found = timeline.refresh(store, {watch.name: watch.declaration}, watch.rules, everything=True)
        assert (found.faults, found.differences) == ([], [])
        assert store.rows(shown) == before  # as if it had been read
    assert watch.look(long(LICENCE, TRAINING, nonce=4)).change.window.start == START + timedelta(days=3)


def test_by_another_declaration_it_is_read(watch, monkeypatch):
    watch.look(long(LICENCE, nonce=1))
    watch.declaration = replace(watch.declaration, sources=(Source(f"{watch.web.base}/terms", ("main",)),))
    read, seen = derivation.read, []
    monkeypatch.setattr(derivation, "read", lambda pages, sources: seen.append(sources) or read(pages, sources))
    assert watch.look(long(LICENCE, nonce=2)).check.outcome is Outcome.CAPTURED
    assert seen == [watch.declaration.sources]


def test_a_page_that_waits_to_be_confirmed_is_read_though_nothing_else_came(watch):
    watch.look(long(LICENCE, *FILLER * 3, nonce=1))
    assert watch.look(long(nonce=2)).check.outcome is Outcome.SUSPECT
    assert watch.look(long(nonce=3)).version is not None


def test_a_round_without_news_loads_nothing_that_reads_or_judges(web, tmp_path):
    web.pages["/terms"] = page(LICENCE)
    declared = {"name": "Tunely", "terms": {"Terms": {"fetch": f"{web.base}/terms"}}}
    (tmp_path / "Tunely.json").write_text(json.dumps(declared))
    command = (
        "import sys, tracker.cli\n"
        "try: tracker.cli.main(['check'])\nexcept SystemExit: pass\n"
        "print(sorted({'bs4', 'lxml', 'tracker.compare', 'tracker.judge', 'tracker.derivation'} & set(sys.modules)))"
    )
    said = [
        subprocess.run(
            [sys.executable, "-c", command],
            cwd=tmp_path,
            env={
                **os.environ,
                "TRACKER_ALLOW_LOOPBACK": "1",
                "TRACKER_ARCHIVE": str(tmp_path / "t.db"),
                "TRACKER_DECLARATIONS": str(tmp_path),
            },
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for _ in range(2)
    ]
    assert "1 captured" in said[0]
    assert "bs4" in said[0].splitlines()[-1]
    assert "1 unchanged" in said[1]
    assert said[1].splitlines()[-1] == "[]"


@pytest.mark.parametrize(
    ("served", "outcome"),
    [
        (WALL, Outcome.BLOCKED),
        (b"", Outcome.BLOCKED),
        (b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20, Outcome.BLOCKED),
        (b'{"error": "not here"}', Outcome.BLOCKED),
        (loopback.status(403), Outcome.BLOCKED),
        (loopback.status(404), Outcome.FAILED),
        (loopback.status(503), Outcome.FAILED),
        (loopback.reset, Outcome.FAILED),
        (loopback.endless, Outcome.FAILED),
        (loopback.redirect("/terms"), Outcome.FAILED),
    ],
)
def test_what_is_not_the_document_never_becomes_a_version(watch, served, outcome):
    watch.look(page(LICENCE))
    for _ in range(3):
        found = watch.look(served)
        assert found.check.outcome is outcome
        assert found.check.message
    back = watch.look(page(LICENCE))
    assert back.check.outcome in (Outcome.CAPTURED, Outcome.UNCHANGED)
    with watch.read() as store:
        assert len(derived.versions(store, watch.name)) == 1
        assert store.outcome_counts(watch.name)[outcome.value] == 3


def test_days_without_a_sight_of_the_document_widen_the_window(watch):
    watch.look(page(LICENCE))
    for _ in range(3):
        watch.look(WALL)
    found = watch.look(page(LICENCE, TRAINING)).change
    assert found.window.start == START + timedelta(days=1)
    assert found.window.end == START + timedelta(days=5)


def test_a_text_that_collapsed_waits_for_the_next_look(watch):
    watch.look(page(LICENCE, TRAINING))
    short = (
        "<html><body><main><h1>Terms of Use</h1>" + "".join(f"<p>{x}</p>" for x in FILLER[:3]) + "</main></body></html>"
    )
    first = watch.look(short)
    assert first.check.outcome is Outcome.SUSPECT
    assert first.version is None
    second = watch.look(short.replace("</main>", "</main><!-- again -->"))
    assert second.version is not None
    assert second.version.at == first.check.at


def test_a_collapse_that_passes_leaves_no_trace_among_the_versions(watch):
    watch.look(page(LICENCE, TRAINING))
    watch.look("<html><body><main><h1>Terms of Use</h1>" + f"<p>{FILLER[0]}</p>" * 2 + "</main></body></html>")
    watch.look(page(LICENCE, TRAINING, nonce=3))
    with watch.read() as store:
        assert len(derived.versions(store, watch.name)) == 1


def test_a_text_that_returns_says_since_when(watch):
    first = watch.look(page(LICENCE)).version
    watch.look(page(LICENCE, TRAINING))
    back = watch.look(page(LICENCE)).change
    assert back.reverts_to.at == first.at
    assert back.ai_kind == "removed"


def everything_derived(store):
    tables = ("version", "reading", "change", "clause_change", "version_clause")
    found = {}
    for table in tables:
        rows = store.rows(f"select * from {table}")
        found[table] = sorted(
            str(
                {
                    k: v
                    for k, v in row.items()
                    if k not in ("id", "version_id", "before_id", "after_id", "change_id", "reverts_to")
                }
            )
            for row in rows
        )
    return found


def test_the_past_read_again_is_the_same(watch):
    for served in (page(LICENCE), WALL, page(LICENCE, nonce=2), page(LICENCE, TRAINING), page(LICENCE, TRAINING)):
        watch.look(served)
    with Store.write(watch.path) as store:
        before = everything_derived(store)
        again = timeline.refresh(store, {watch.name: watch.declaration}, watch.rules, everything=True)
        assert again == (1, [], [])
        assert everything_derived(store) == before
        assert timeline.refresh(store, {watch.name: watch.declaration}, watch.rules).read == 0


def test_a_fault_of_ours_keeps_the_capture_and_is_mended_by_reading_again(watch, monkeypatch):
    watch.look(page(LICENCE))
    with monkeypatch.context() as broken:
        broken.setattr(derivation, "compare", lambda *_: 1 / 0)
        found = watch.look(page(LICENCE, TRAINING))
    assert found.check.outcome is Outcome.CAPTURED
    assert "ZeroDivisionError" in found.error.what
    assert found.error.where == watch.name
    with Store.write(watch.path) as store:
        assert timeline.refresh(store, {watch.name: watch.declaration}, watch.rules).faults == []
        assert [change.ai_kind for change in derived.changes(store)] == ["added"]


def test_one_failing_document_stops_no_other(web, tmp_path, ruleset):
    web.pages |= {"/a": loopback.reset, "/b": page(LICENCE)}
    declarations = [
        Declaration(Document(f"p{n}/terms", f"P{n}", "Terms"), (Source(url),))
        for n, url in enumerate((f"{web.base}/a", "http://10.0.0.1/", f"{web.base}/b"))
    ]

    async def run(store):
        async with Fetcher(Settings(allow_loopback=True, timeout=2), lambda: START) as fetcher:
            return await pipeline.check(declarations, store, ruleset, fetcher=fetcher, now=lambda: START)

    with Store.write(tmp_path / "tracker.db") as store:
        found = asyncio.run(run(store))
        assert [one.check.outcome for one in found] == [Outcome.FAILED, Outcome.FAILED, Outcome.CAPTURED]
        assert "10.0.0.1" in found[1].check.message


def test_several_sources_make_one_document_and_all_must_be_there(watch):
    sources = tuple(Source(f"{watch.web.base}/{part}") for part in ("one", "two"))
    watch.declaration = Declaration(watch.declaration.document, sources)
    watch.web.pages |= {"/one": page(LICENCE), "/two": page(TRAINING)}
    found = watch.look("unused")
    assert len(found.check.captures) == 2
    with watch.read() as store:
        text = derived.text_of(store, found.version.id)
    assert LICENCE in text
    assert TRAINING in text
    watch.web.pages["/two"] = loopback.status(503)
    assert watch.look("unused").check.outcome is Outcome.FAILED


def test_a_selector_that_matches_nothing_is_said_at_every_check_and_costs_no_text(watch):
    watch.look(page(LICENCE))
    watch.declaration = Declaration(watch.declaration.document, (Source(f"{watch.web.base}/terms", ("#gone",)),))
    found = watch.look(page(LICENCE, nonce=1))
    assert found.version is None
    for check in (found.check, watch.look(page(LICENCE, nonce=1)).check):
        assert check.outcome in (Outcome.CAPTURED, Outcome.UNCHANGED)
        assert "#gone" in check.message


FRENCH = "".join(
    f"<p>La partie {n} de ces conditions dit ce que nous nous devons au titre de {word}, et comment y mettre fin "
    "lorsque vous ne souhaitez plus que nous conservions votre compte et vos morceaux sur notre service.</p>"
    for n, word in enumerate(["l’accès", "la facturation", "la conduite", "les litiges", "les frais", "l’avis"])
)


def french(*clauses: str) -> str:
    body = FRENCH + "".join(f"<p>{clause}</p>" for clause in clauses)
    return f'<html lang="fr"><body><main><h1>Conditions d’utilisation</h1>{body}</main></body></html>'


def test_a_page_that_comes_in_another_language_once_is_not_a_change(watch):
    watch.look(page(LICENCE))
    assert watch.look(french()).check.outcome is Outcome.BLOCKED
    assert watch.look(page(LICENCE, nonce=4)).version is None
    with watch.read() as store:
        assert len(derived.versions(store, watch.name)) == 1


def test_editions_in_two_languages_are_never_compared_with_each_other(watch):
    watch.look(page(LICENCE))
    watch.look(french())
    assert watch.look(french() + "<!-- again -->").version.language == "fr"
    assert watch.look(page(LICENCE, nonce=9)).version is None
    training = "Vous acceptez que nous utilisions vos morceaux pour entraîner des modèles d’intelligence artificielle."
    found = watch.look(french(training))
    assert found.change.before.language == "fr"
    assert found.change.stance_after == {"training": "permits"}
    with watch.read() as store:
        assert [version.language for version in derived.versions(store, watch.name)] == ["en", "fr", "fr"]
        assert len(derived.changes(store)) == 1


def test_a_round_asks_a_site_for_one_thing_at_a_time_and_holds_few_pages(ruleset, tmp_path, monkeypatch):
    monkeypatch.setattr(pipeline, "AT_HAND", 3)
    now, most = Counter(), Counter()

    class Crowd(Shelf):
        async def fetch(self, url, etag="", last_modified=""):
            host = url.split("/")[2]
            for name in (host, "all"):
                now[name] += 1
                most[name] = max(most[name], now[name])
            await asyncio.sleep(0.001)
            for name in (host, "all"):
                now[name] -= 1
            return await super().fetch(url)

    crowd = Crowd()
    crowd.served, crowd.at = page(LICENCE), START
    wanted = [
        Declaration(Document(f"p{n}/terms", f"P{n}", "Terms"), (Source(f"https://h{n % 8}.example/{n}"),))
        for n in range(24)
    ]
    with Store.write(tmp_path / "tracker.db") as store:
        looked = asyncio.run(pipeline.check(wanted, store, ruleset, fetcher=crowd, now=lambda: START))
    assert [one.document.id for one in looked] == [one.document.id for one in wanted]
    assert most.pop("all") == 3
    assert set(most.values()) == {1}
