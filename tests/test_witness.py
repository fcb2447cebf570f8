"""The third witness, over real HTTP: it keeps a copy or says why not, and its troubles are not ours."""

import asyncio
import json
from datetime import timedelta

import pytest
from histories import LICENCE, TRAINING, Archive, page
from loopback import answer

from tracker.errors import SettingsError
from tracker.fetch import Fetcher
from tracker.settings import Settings
from tracker.store import Store, witnesses
from tracker.witness import SavePageNow, witness

NAME = "tunely/terms-of-use"
URL = "https://tunely.example/terms"


class Desk:
    """An archive with a page that changed, and the other archive that is asked."""

    def __init__(self, web, path) -> None:
        self.web, self.archive = web, Archive(path)
        self.archive.look(page(LICENCE))
        self.archive.look(page(LICENCE, TRAINING))
        self.slept: list[float] = []

    def says(self, path: str, *answers, status: int = 200, **headers: str) -> None:
        left = list(answers)

        def give(request) -> None:
            said = left.pop(0) if len(left) > 1 else left[0]
            body = said if isinstance(said, bytes) else json.dumps(said).encode()
            answer(request, status, body, Content_Type="application/json", **headers)

        self.web.pages[path] = give

    def ask(self):
        async def sleep(seconds: float) -> None:
            self.slept.append(seconds)

        async def run():
            settings = Settings(allow_loopback=True, timeout=2, delay=0)
            now = lambda: self.archive.at + timedelta(hours=1)  # noqa: E731
            async with Fetcher(settings, now) as fetcher:
                machine = SavePageNow(self.web.base, "key:secret", fetcher, 9.0, sleep)
                return await witness(self.archive.path, [NAME], machine, now)

        return [said for _, said in asyncio.run(run())]

    def kept(self):
        with Store.read(self.archive.path) as store:
            newest = store.rows("select max(id) as id from capture")[0]["id"]
            return witnesses.of(store, newest)


@pytest.fixture
def desk(web, tmp_path):
    return Desk(web, tmp_path / "tracker.db")


def test_the_address_of_the_copy_is_recorded_and_asked_for_once(desk):
    desk.says("/save", {"url": URL, "job_id": "spn2-1"})
    done = {"status": "success", "job_id": "spn2-1", "original_url": URL, "timestamp": "20240203070000"}
    desk.says("/save/status/spn2-1", {"status": "pending", "job_id": "spn2-1"}, done)
    assert str(desk.ask()[0]) == f"archived copy: {desk.web.base}/web/20240203070000/{URL}"
    assert desk.kept().state == "kept"
    assert desk.slept == [9.0, 5.0, 5.0]
    assert desk.web.requests[0][1]["Authorization"] == "LOW key:secret"
    assert desk.ask() == []


def test_a_refusal_that_comes_as_success_is_recorded_with_its_reason(desk):
    desk.says("/save", {"status": "error", "status_ext": "error:blocked-url", "message": "This URL is excluded."})
    assert str(desk.ask()[0]) == "asked, refused: This URL is excluded."
    assert desk.ask() == []


def test_a_job_that_fails_for_a_passing_reason_is_asked_for_again(desk):
    desk.says("/save", {"job_id": "x/../y"})
    desk.says(
        "/save/status/x%2F..%2Fy", {"status": "error", "status_ext": "error:browsing-timeout", "message": "Slow."}
    )
    assert [said.state for said in desk.ask()] == ["later"]
    assert [said.state for said in desk.ask()] == ["later"]


@pytest.mark.parametrize(
    ("said", "status"),
    [
        ({"status": "error", "status_ext": "error:too-many-daily-captures", "message": "Enough for today."}, 200),
        (b"<html>busy</html>", 502),
        (b"[]", 200),
        (b"", 401),
        ({}, 429),
    ],
)
def test_an_archive_that_wants_to_be_left_alone_is_and_the_capture_stands(desk, said, status):
    desk.says("/save", said, status=status, Retry_After="90")
    found = desk.ask()
    assert [one.state for one in found] == ["later"]
    assert found[0].reason
    assert len(desk.web.requests) == 1


def test_a_job_that_never_ends_is_given_up(desk):
    desk.says("/save", {"job_id": "j"})
    desk.says("/save/status/j", {"status": "pending", "job_id": "j"})
    assert [one.state for one in desk.ask()] == ["later"]
    assert sum(desk.slept) < 300


def test_keys_that_are_none_are_named(desk):
    with pytest.raises(SettingsError):
        SavePageNow(desk.web.base, "no keys\r\n", None, 9.0)
