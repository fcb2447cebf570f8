"""Pages that need a browser, in a real one: the text after scripts ran, and no way around the gate."""

import asyncio
import os
import signal
import subprocess
from datetime import UTC, datetime
from urllib.parse import quote

import loopback
import pytest
from histories import LICENCE, TRAINING, page, ruleset

from tracker import pipeline
from tracker.errors import FetchError, Refused, Transient
from tracker.fetch import Fetcher
from tracker.fetch.browser import installed
from tracker.model import Declaration, Document, Outcome, Source
from tracker.settings import Settings
from tracker.store import Store

pytestmark = pytest.mark.browser
NOON = datetime(2024, 2, 12, 12, tzinfo=UTC)
HERE = Settings(allow_loopback=True, timeout=20, max_bytes=1 << 20, contact="desk@example.org")
SCRIPT = (
    "<html><body><div id=root></div><script>document.getElementById('root').innerHTML ="
    " '<h1>Terms</h1><p>We may train our models on your content.</p>'</script></body></html>"
)


def render(*urls: str, settings: Settings = HERE):
    async def run():
        async with Fetcher(settings, lambda: NOON) as fetcher:
            return [await fetcher.render(url) for url in urls]

    found = asyncio.run(run())
    return found[0] if len(found) == 1 else found


def test_the_text_that_scripts_write_is_kept_with_how_it_was_made(web):
    web.pages["/terms"] = SCRIPT
    found = render(web.base + "/terms")
    assert b"<p>We may train our models on your content.</p>" in found.body
    assert (found.status, found.address, found.fetched_at) == (200, "127.0.0.1", NOON)
    assert found.rendered_by.startswith("chromium/")
    assert found.header("content-type") == "text/html; charset=utf-8"
    assert "tracker/" in web.requests[0][1]["User-Agent"]


def test_text_that_scripts_bring_from_the_server_is_waited_for(web):
    web.pages["/data"] = "<p>Brought later.</p>"
    web.pages["/terms"] = (
        "<body><script>setTimeout(() => fetch('/data').then(r => r.text()).then(t => document.body.innerHTML = t),"
        " 300)</script></body>"
    )
    assert b"Brought later." in render(web.base + "/terms").body


def test_redirects_are_recorded_in_order(web):
    web.pages |= {"/a": loopback.redirect("/b", 301), "/b": loopback.redirect("/c"), "/c": "<p>Terms</p>"}
    found = render(web.base + "/a")
    assert found.redirects == ((301, web.base + "/a"), (302, web.base + "/b"))
    assert (found.url, found.final_url) == (web.base + "/a", web.base + "/c")


def test_each_visit_is_a_first_one(web):
    web.pages["/terms"] = "<body><script>document.body.textContent = document.cookie; document.cookie = 'a=1'</script>"
    assert all(b"a=1" not in found.body for found in render(*[web.base + "/terms"] * 2))
    assert not any("Cookie" in headers for _, headers in web.requests)


PRIVATE = ["http://169.254.169.254/latest/", "http://10.0.0.1/", "http://[::ffff:10.0.0.1]/"]


@pytest.fixture
def dialled(monkeypatch):
    """The addresses to which connections were opened by this program, which opens all of the browser's."""
    found, dial = [], asyncio.open_connection

    def noted(host, port, **options):
        found.append(host)
        return dial(host, port, **options)

    monkeypatch.setattr(asyncio, "open_connection", noted)
    return found


@pytest.mark.parametrize("target", PRIVATE)
@pytest.mark.parametrize("way", ["fetch('{}')", "document.write('<iframe src={}>')", "new WebSocket('{}')"])
def test_a_part_at_an_address_that_is_not_public_is_left_out_of_the_page(web, dialled, way, target):
    # Also where a resolver answers for advertisers with 0.0.0.0: the page itself is as good as before.
    if "WebSocket" in way:
        target = target.replace("http:", "ws:")
    web.pages["/terms"] = f"<body><p>Terms</p><script>{way.format(target)}</script></body>"
    assert b"<p>Terms</p>" in render(web.base + "/terms").body
    assert set(dialled) == {"127.0.0.1"}


@pytest.mark.parametrize("target", PRIVATE)
def test_no_page_leads_to_an_address_that_is_not_public(web, dialled, target):
    web.pages["/terms"] = f"<body><p>Terms</p><script>location = '{target}'</script></body>"
    with pytest.raises(Refused, match="not a public one"):
        render(web.base + "/terms")
    assert set(dialled) == {"127.0.0.1"}


def test_without_leave_loopback_is_refused_too(web):
    web.pages["/terms"] = "<p>Terms</p>"
    with pytest.raises(Refused, match="not a public one"):
        render(web.base + "/terms", settings=Settings(timeout=20))
    assert web.requests == []


@pytest.mark.parametrize("address", ["file:///etc/passwd", "http://user@127.0.0.1/", "chrome://version"])
def test_only_pages_of_the_web_are_rendered(address):
    with pytest.raises(Refused):
        render(address)


def test_a_page_that_loads_for_ever_is_ended(web):
    web.pages["/terms"] = "<body><p>Terms</p><script src=/endless></script></body>"
    web.pages["/endless"] = loopback.endless
    with pytest.raises((Refused, Transient)):
        render(web.base + "/terms", settings=Settings(allow_loopback=True, timeout=15, max_bytes=1 << 18))


def test_scripts_that_never_end_do_not_hold_us(web):
    web.pages["/terms"] = "<body><p>Terms</p><script>for (;;) {}</script></body>"
    with pytest.raises(Transient, match="not rendered after"):
        render(web.base + "/terms", settings=Settings(allow_loopback=True, timeout=3))


def test_a_page_that_leads_nowhere_is_not_taken_for_the_browsers_own_words(web):
    web.pages["/terms"] = "<body><p>Terms</p><script>location = 'http://127.0.0.1:1/'</script></body>"
    with pytest.raises(Transient, match="could not be shown"):
        render(web.base + "/terms")


def test_a_page_that_scripts_make_too_large_is_refused_before_it_is_read(web, monkeypatch):
    lie = "Object.defineProperty(Element.prototype, 'outerHTML', {get: () => ''});"
    web.pages["/terms"] = f"<body><script>{lie} document.body.textContent = 'x'.repeat(1 << 21)</script></body>"
    monkeypatch.setattr("playwright.async_api.Page.content", None)
    with pytest.raises(Refused, match="larger than"):
        render(web.base + "/terms")


def test_a_driver_that_died_is_replaced(web):
    web.pages["/terms"] = "<p>Terms</p>"

    async def run():
        async with Fetcher(HERE, lambda: NOON) as fetcher:
            await fetcher.render(web.base + "/terms")
            ours = subprocess.run(["pgrep", "-P", str(os.getpid()), "node"], capture_output=True, check=True)
            for process in ours.stdout.split():
                os.kill(int(process), signal.SIGKILL)
            await asyncio.sleep(0.5)
            with pytest.raises(Transient, match="could not be rendered"):
                await fetcher.render(web.base + "/terms")
            return await fetcher.render(web.base + "/terms")

    assert asyncio.run(run()).status == 200


def test_a_file_that_is_no_page_comes_as_it_is(web):
    web.pages["/terms"] = lambda request: loopback.answer(
        request, 200, b"%PDF-1.4 terms", Content_Type="application/pdf"
    )
    found = render(web.base + "/terms")
    assert (found.body, found.rendered_by) == (b"%PDF-1.4 terms", "")


def test_dialogs_and_popups_do_not_hold_us(web):
    web.pages["/terms"] = "<body><p>Terms</p><script>alert(1); confirm(2); window.open('/x')</script></body>"
    assert b"<p>Terms</p>" in render(web.base + "/terms").body


def test_an_error_status_is_the_same_as_without_a_browser(web):
    web.pages["/terms"] = loopback.status(403)
    with pytest.raises(FetchError, match="status 403"):
        render(web.base + "/terms")


def test_without_a_browser_on_the_machine_none_is_promised(monkeypatch, tmp_path):
    assert installed()
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("PLAYWRIGHT_BROWSERS_PATH", str(tmp_path / "none"))
    assert not installed()


def test_nothing_is_found_at_a_host_that_is_none():
    with pytest.raises(FetchError):
        render("http://no-such-host.invalid/" + quote("x"))


# ---- in the story of a document ------------------------------------------------------------------------------------

TERMS = page(LICENCE, TRAINING)
SHELL = (
    "<html><head><title>Terms</title><script>" + "var bundle = 1;" * 300 + "</script></head><body><div id=root></div>"
    "<script>fetch('/data').then(r => r.text()).then(t => document.getElementById('root').innerHTML = t)</script>"
)


def shows_to_browsers(text):
    """Turns programs away, as some sites do, and lets browsers in."""

    def answer(request):
        is_browser = "Sec-Fetch-Mode" in request.headers or "Upgrade-Insecure-Requests" in request.headers
        loopback.answer(request, 200 if is_browser else 403, text.encode() if is_browser else b"no")

    return answer


def look(web, tmp_path, times=1, **source):
    document = Document("tunely/terms", "Tunely", "Terms")
    declaration = Declaration(document, (Source(web.base + "/terms", **source),))
    found = []
    with Store.write(tmp_path / "tracker.db") as store:

        async def run():
            async with Fetcher(HERE, lambda: NOON) as fetcher:
                for _ in range(times):
                    check = pipeline.check([declaration], store, ruleset(), fetcher=fetcher, now=lambda: NOON)
                    found.append((await check)[0])

        asyncio.run(run())
        tools = [store.capture(one.check.captures[0]).tool for one in found]
    return found, tools


@pytest.mark.parametrize(
    ("served", "source"),
    [(SHELL, {}), (SHELL, {"needs_browser": True}), (shows_to_browsers(TERMS), {})],
    ids=["shell", "declared", "turned away"],
)
def test_a_page_that_needs_a_browser_gets_one_and_goes_straight_to_it_next_time(web, tmp_path, served, source):
    web.pages |= {"/terms": served, "/data": TERMS}
    (first, second), tools = look(web, tmp_path, 2, **source)
    assert first.version.words > 150
    assert (second.check.outcome, second.version) == (Outcome.UNCHANGED, None)
    assert all("chromium/" in tool for tool in tools)
    asked = [path for path, _ in web.requests].count("/terms")
    assert asked == (2 if source else 3)


def test_a_page_that_no_browser_can_save_is_named(web, tmp_path):
    web.pages["/terms"] = "<html><title>Just a moment...</title><body><h1>Checking your browser</h1>"
    (found,), _ = look(web, tmp_path)
    assert (found.check.outcome, found.version) == (Outcome.BLOCKED, None)
