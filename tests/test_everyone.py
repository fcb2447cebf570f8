"""Every kind of page, for everyone: no violation that axe-core finds, in light and dark, on desks and on phones; all
links of the site lead somewhere; and the ways that readers go, also without scripts."""

import json
import threading
from importlib.resources import files
from pathlib import Path
from urllib.parse import unquote, urldefrag

import histories
import pytest
from test_browser import Visit
from test_server import serving
from test_site import Links, build, hostile

from tracker import site
from tracker.store import derived

pytestmark = pytest.mark.browser
CHANGE = "change/tunely/terms-of-use/2024-02-05-060000/"
CLAUSES = "clause/tunely/terms-of-use"
KINDS = (
    "",
    "changes/",
    "changes/2024/",
    "changes/2024/02/",
    "topic/training/",
    "stance/",
    "search/",
    "compare/",
    "data/",
    "feeds/",
    CHANGE,
    CLAUSES,
    "version/tunely/terms-of-use/2024-02-05-060000/",
    "document/tunely/terms-of-use/",
    "platform/tunely/",
    "platform/still/",
    "coverage/",
    "rules/",
    "rules/training.models/",
    "method/",
)
LEVELS = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]}


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    return histories.sample(tmp_path_factory.mktemp("everyone") / "tracker.db")


@pytest.fixture(scope="module")
def built(archive, tmp_path_factory):
    out = tmp_path_factory.mktemp("built") / "site"
    build(archive.path, out, raw=True)
    return out


@pytest.fixture(scope="module")
def served(built):
    """The address of the built site, served on this machine."""
    running = site.serve(built, 0)
    thread = threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{running.server_address[1]}/"
    running.shutdown()
    running.server_close()
    thread.join()


@pytest.fixture(scope="module")
def live(archive):
    with serving(archive) as client:
        yield str(client.base_url).rstrip("/") + "/"


AXE = files("axe_playwright_python").joinpath("axe.min.js").read_text("utf-8")


def violations(page, **only) -> list[str]:
    """What axe-core finds on a page: all rules of WCAG 2.2 AA and its best practices, or those of some names."""
    page.evaluate(AXE)
    found = page.evaluate("only => axe.run(document, {runOnly: only, resultTypes: ['violations']})", only or LEVELS)
    return [f"{one['id']}: {node['html'][:150]}" for one in found["violations"] for node in one["nodes"]]


@pytest.mark.parametrize("name", KINDS)
def test_no_kind_of_page_keeps_anybody_out(chromium, built, name):
    [path] = (built / name).glob("*/index.html") if name == CLAUSES else [built / name / "index.html"]
    with Visit(chromium, path, viewport={"width": 1280, "height": 900}) as visit:
        visit.page.evaluate("document.querySelectorAll('details').forEach(fold => fold.open = true)")
        assert violations(visit.page) == []
        visit.page.emulate_media(color_scheme="dark")
        assert violations(visit.page, type="rule", values=["color-contrast", "link-in-text-block"]) == []
        visit.page.emulate_media(color_scheme="light")
        visit.page.set_viewport_size({"width": 320, "height": 900})
        assert violations(visit.page) == []
        assert visit.page.evaluate("document.documentElement.scrollWidth") <= 320


def test_live_pages_and_errors_keep_nobody_out(chromium, live):
    asked = ("compare/?document=tunely/terms-of-use", "changes/?topic=training", "no/such/page/")
    context = chromium.new_context(viewport={"width": 320, "height": 800})
    page = context.new_page()
    for name in asked:
        page.goto(live + name)
        assert violations(page) == [], name
        assert page.evaluate("document.documentElement.scrollWidth") <= 320, name
    context.close()


# ---- nothing is broken -------------------------------------------------------------------------------------------


def test_a_crawl_of_the_site_meets_no_broken_link_no_other_host_and_no_complaint(chromium, built, served):
    pages = {path.relative_to(built).as_posix(): Links(path) for path in built.rglob("*.html")}
    context = chromium.new_context()
    page = context.new_page()
    complaints, asked, seen, waiting = [], [], set(), ["index.html"]
    page.on("console", lambda message: complaints.append(message.text))
    page.on("pageerror", lambda error: complaints.append(str(error)))
    page.on("request", lambda request: asked.append(request.url))
    while waiting:
        name = waiting.pop()
        if name in seen:
            continue
        seen.add(name)
        assert page.goto(served + name).status == 200
        for target in pages[name].targets:
            address, anchor = urldefrag(target)
            if address.startswith(("http:", "https:", "mailto:")):
                continue
            path = Path(name).parent / unquote(address.partition("?")[0]) if address else Path(name)
            found = (built / path).resolve().relative_to(built.resolve()).as_posix()
            assert (built / found).is_file(), f"{name}: {target}"
            if found.endswith(".html"):
                assert not anchor or unquote(anchor) in pages[found].anchors, f"{name}: {target}"
                waiting.append(found)
    context.close()
    assert complaints == []
    assert all(url.startswith(served) for url in asked)
    assert seen == set(pages), "pages that nothing leads to"


def alive(chromium, base: str, addresses) -> list[str]:
    """What came alive on some pages, asked for one after another: complaints, titles, requests to others."""
    context = chromium.new_context()
    page = context.new_page()
    found = []
    page.on("console", lambda message: found.append(f"{page.url} {message.text}"))
    page.on("pageerror", lambda error: found.append(f"{page.url} {error}"))
    page.on("dialog", lambda dialog: found.append(f"{page.url} dialog") or dialog.dismiss())
    page.on("request", lambda request: None if request.url.startswith(base) else found.append(request.url))
    for address in addresses:
        page.goto(base + address)
        page.wait_for_load_state("networkidle")
        page.evaluate("document.querySelectorAll('details').forEach(fold => fold.open = true)")
        if page.title() in ("alive", "1"):
            found.append(f"{page.url} is alive")
    context.close()
    return found


def test_nothing_hostile_comes_alive_in_what_the_static_search_shows(chromium, tmp_path):
    pytest.importorskip("pagefind")
    build(hostile(tmp_path / "tracker.db").path, tmp_path / "site")
    running = site.serve(tmp_path / "site", 0)
    threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    base = f"http://127.0.0.1:{running.server_address[1]}/"
    asked = [f"search/index.html?q={words}&state=ever" for words in ("script", "alive", "img+onerror", "%3Cscript%3E")]
    assert alive(chromium, base, asked) == []
    running.shutdown()
    running.server_close()


def test_nothing_hostile_comes_alive_on_live_pages(chromium, tmp_path):
    archive = hostile(tmp_path / "tracker.db")
    with archive.read() as store:
        changes = [f"change/{change.id}/" for change in derived.changes(store)]
    attack = "%3Cscript%3Edocument.title='alive'%3C/script%3E"
    asked = [
        *("", "changes/", "stance/", "coverage/", "document/evil/terms/", "platform/evil/", *changes),
        *("search/?q=script&state=ever", "search/?q=alive", f"search/?q={attack}", f"search/?q=x&platform={attack}"),
        *("compare/?document=evil/terms", "changes/?platform=evil"),
    ]
    with serving(archive) as client:
        base = str(client.base_url).rstrip("/") + "/"
        assert alive(chromium, base, asked) == []
        for wrong in (f"changes/?since={attack}", f"compare/?document={attack}", f"{attack}/", f"topic/{attack}/"):
            answer = client.get(f"/{wrong}")
            assert answer.status_code in (400, 404)
            assert "<script>document" not in answer.text


# ---- the ways of readers -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("scripts", [True, False])
def test_a_reader_goes_from_the_index_to_the_words_and_their_proof(chromium, built, scripts):
    with Visit(chromium, built / "index.html", java_script_enabled=scripts) as visit:
        visit.page.get_by_role("link", name="Tunely adds a right to train AI").first.click()
        assert histories.TRAINING in visit.page.locator(".clause-added").first.inner_text()
        assert visit.page.get_by_text("First seen between").first.is_visible()
        visit.page.get_by_role("link", name="training.models").first.click()
        assert visit.page.get_by_role("heading", name="Must match").is_visible()
        visit.page.get_by_role("link", name="Stance", exact=True).click()
        visit.page.get_by_role("link", name="opt-in only").click()
        assert histories.PROMISE in visit.page.locator(":target").inner_text()


@pytest.mark.parametrize("scripts", [True, False])
def test_a_reader_follows_a_clause_to_its_origin(chromium, built, scripts):
    name = "version/tunely/terms-of-use/2024-03-18-060000/index.html"
    with Visit(chromium, built / name, java_script_enabled=scripts) as visit:
        visit.page.get_by_role("link", name="Every wording that it had").click()
        steps = visit.page.locator("section[aria-labelledby=history] article")
        assert steps.nth(0).get_by_role("heading", name="Added").is_visible()
        assert histories.TRAINING in steps.nth(0).inner_text()
        steps.nth(0).get_by_role("link", name="All that changed then").click()
        assert visit.page.get_by_text("First seen between").first.is_visible()


def test_a_reader_filters_the_changes_and_shares_the_address(chromium, built):
    with Visit(chromium, built / "changes/index.html") as visit:
        assert visit.page.locator("[data-rows] > li:visible").count() == 2
        visit.page.locator("[name=stance]").select_option("training:permits")
        assert visit.page.locator("[data-rows] > li:visible").count() == 1
        shared = visit.page.url
        assert shared.endswith("?stance=training%3Apermits")
        visit.page.goto(shared)
        assert visit.page.locator("[data-rows] > li:visible").count() == 1
        visit.page.locator("[name=until]").fill("2001-01-01")
        assert visit.page.get_by_text("No change fits").is_visible()


def test_without_scripts_the_lists_by_topic_and_year_stand_in_for_the_filters(chromium, built):
    with Visit(chromium, built / "changes/index.html", java_script_enabled=False) as visit:
        assert visit.page.get_by_text("These lists need none").is_visible()
        visit.page.get_by_role("link", name="Own AI training").first.click()
        assert "Tunely" in visit.page.locator("main").inner_text()


def test_a_reader_searches_the_static_site_and_follows_a_hit(chromium, served):
    pytest.importorskip("pagefind")
    context = chromium.new_context()
    page = context.new_page()
    complaints = []
    page.on("console", lambda message: complaints.append(message.text))
    page.goto(f"{served}search/index.html")
    page.locator("[name=q]").fill("train models consent")
    page.get_by_role("button", name="Search").click()
    hit = page.locator(".hit")
    hit.first.wait_for()
    assert hit.count() == 1
    assert "q=train+models+consent" in page.url
    hit.get_by_role("link").click()
    assert histories.PROMISE in page.locator(":target").inner_text()
    page.goto(f"{served}search/index.html?q=train+models&state=ever")
    page.locator(".hit").nth(1).wait_for()
    assert "Not in force any more" in page.locator("[data-results]").inner_text()
    page.goto(f"{served}search/index.html?q=train+models&platform=still")
    page.get_by_text("No clause holds this").wait_for()
    context.close()
    assert complaints == []


def test_search_without_scripts_says_what_to_do(chromium, built):
    with Visit(chromium, built / "search/index.html", java_script_enabled=False) as visit:
        assert visit.page.get_by_text("Search needs a script here").is_visible()


@pytest.mark.parametrize("scripts", [True, False])
def test_a_reader_compares_two_versions_live(chromium, live, scripts):
    context = chromium.new_context(java_script_enabled=scripts)
    page = context.new_page()
    page.goto(f"{live}document/tunely/terms-of-use/")
    page.get_by_role("link", name="Compare any two of them").click()
    page.locator("[name=from]").select_option("2024-02-05-060000")
    page.locator("[name=to]").select_option("2024-03-18-060000")
    page.get_by_role("button", name="Compare").click()
    assert page.locator("ins").first.is_visible()
    assert "from=2024-02-05-060000" in page.url
    context.close()


def test_a_reader_finds_the_feed_of_a_platform(chromium, built):
    with Visit(chromium, built / "platform/tunely/index.html") as visit:
        link = visit.page.get_by_role("link", name="Feed of this page").get_attribute("href")
        feed = json.loads((built / "platform/tunely" / link).with_name("feed.json").read_bytes())
    assert len(feed["items"]) == 2


def test_a_page_can_be_read_with_the_keyboard_alone(chromium, built):
    with Visit(chromium, built / CHANGE / "index.html") as visit:
        visit.page.keyboard.press("Tab")
        assert visit.page.evaluate("document.activeElement.textContent") == "Skip to the content"
        visit.page.keyboard.press("Enter")
        assert visit.page.url.endswith("#main")
        reached = set()
        for _ in range(80):
            visit.page.keyboard.press("Tab")
            reached.add(visit.page.evaluate("document.activeElement.textContent.trim()"))
        assert {"Copy both quotes", "Copy citation", "BibTeX"} <= reached
