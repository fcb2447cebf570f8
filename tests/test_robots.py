"""What a site asks of machines: read as RFC 9309 says, shown, and obeyed where that is set."""

import asyncio
import time
from dataclasses import replace
from datetime import UTC, datetime

import loopback
import pytest

from tracker.errors import Refused
from tracker.fetch import Fetcher
from tracker.fetch.robots import LARGEST, parse
from tracker.settings import Settings

NOON = datetime(2024, 2, 12, 12, tzinfo=UTC)
PAGE = "https://example.org/legal/terms"


def read(text, status=200):
    return parse(NOON, status, text if isinstance(text, bytes) else text.encode())


@pytest.mark.parametrize(
    ("text", "allowed"),
    [
        ("", True),
        ("User-agent: *\nDisallow: /", False),
        ("User-agent: *\nDisallow: /legal\nAllow: /legal/terms", True),
        ("User-agent: other\nDisallow: /", True),
        ("User-agent: *\nDisallow: /\n\nUser-agent: tracker\nAllow: /", True),
        ("User-agent: tracker\nDisallow: /*/terms$", False),
        ("\ufeffUser-agent: *\nDisallow: /legal", False),
        ("<!doctype html><title>Home</title>", True),
    ],
)
def test_the_most_precise_line_for_us_decides(text, allowed):
    assert read(text).allows(PAGE) is allowed


@pytest.mark.parametrize(("status", "allowed"), [(404, True), (403, True), (500, False), (503, False), (0, False)])
def test_no_file_allows_all_and_a_server_in_trouble_nothing(status, allowed):
    assert read("User-agent: *\nDisallow: /nowhere", status).allows(PAGE) is allowed


def test_the_pause_that_a_site_asks_for_is_bounded():
    assert read("User-agent: *\nCrawl-delay: 7").delay() == 7
    assert read("User-agent: *\nCrawl-delay: 100000").delay() == 60
    assert read("").delay() == 0


@pytest.mark.parametrize(
    "text",
    [
        "User-agent: *\nDisallow: /" + "*a" * 1000 + "$",
        "User-agent: *\n" + "Disallow: /*a*a*a*a*a*a*b$\n" * 200,
        b"\xff\xfe\x00" * 1000,
        "User-agent: *\nDisallow: /x\n" * 40_000,
    ],
    ids=["stars", "many stars", "no text", "long"],
)
def test_a_hostile_file_costs_no_time(text):
    began = time.process_time()
    read(text).allows(f"https://example.org/{'a' * 2000}")
    assert time.process_time() - began < 5
    assert len(read(text).body) <= LARGEST


def fetch(web, settings, path="/terms"):
    async def run():
        async with Fetcher(settings, lambda: NOON) as fetcher:
            return await fetcher.fetch(web.base + path)

    return asyncio.run(run())


HERE = Settings(allow_loopback=True, timeout=1)


def test_it_is_obeyed_where_that_is_set(web):
    web.pages |= {"/terms": b"<p>Terms</p>", "/robots.txt": b"User-agent: *\nDisallow: /terms"}
    assert fetch(web, HERE).body == b"<p>Terms</p>"
    assert [path for path, _ in web.requests] == ["/terms"]
    with pytest.raises(Refused, match="robots.txt asks"):
        fetch(web, replace(HERE, robots=True))
    assert [path for path, _ in web.requests] == ["/terms", "/robots.txt"]


def test_a_site_without_the_file_is_read(web):
    web.pages["/terms"] = b"<p>Terms</p>"
    assert fetch(web, replace(HERE, robots=True)).status == 200
    web.pages["/robots.txt"] = loopback.redirect("/robots.txt")
    with pytest.raises(Refused):
        fetch(web, replace(HERE, robots=True))


def test_a_site_that_asks_for_long_pauses_holds_up_no_other(web):
    asks = b"User-agent: *\nCrawl-delay: 60"
    web.pages |= {"/robots.txt": asks, "/terms": b"<p>Terms</p>"}
    slow = web.base.replace("127.0.0.1", "slow.example")

    async def run():
        async with Fetcher(replace(HERE, parallel=1, timeout=5), lambda: datetime(2026, 3, 1, tzinfo=UTC)) as fetcher:
            fetcher._pauses[slow.removeprefix("http://").encode()] = parse(
                datetime(2026, 3, 1, tzinfo=UTC), 200, asks
            ).delay()
            for _ in range(2):  # the second waits for its turn
                waiting = asyncio.create_task(fetcher.get(f"{slow}/"))
                await asyncio.sleep(0.2)
            found = await asyncio.wait_for(fetcher.get(f"{web.base}/terms"), 5)
            waiting.cancel()
            return found

    assert asyncio.run(run()).body == b"<p>Terms</p>"
