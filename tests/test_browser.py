"""The built site in a real browser: nothing hostile comes alive, no script is needed, small screens, dark, paper."""

from pathlib import Path

import histories
import pytest
from test_exhibit import PARTS
from test_site import build, hostile

pytestmark = pytest.mark.browser
CHANGE = "change/tunely/terms-of-use/2024-02-05-060000/index.html"
PAGES = (
    "index.html",
    CHANGE,
    "version/tunely/terms-of-use/2024-02-05-060000/index.html",
    "document/tunely/terms-of-use/index.html",
    "platform/tunely/index.html",
    "coverage/index.html",
    "method/index.html",
)


@pytest.fixture(scope="module")
def built(tmp_path_factory):
    folder = tmp_path_factory.mktemp("browser")
    build(histories.sample(folder / "tracker.db").path, folder / "site")
    return folder / "site"


class Visit:
    """A page opened as a file, with all that it complained of and asked for."""

    def __init__(self, chromium, path: Path, **options) -> None:
        self.context = chromium.new_context(**options)
        self.page = self.context.new_page()
        self.complaints: list[str] = []
        self.asked: list[str] = []
        self.page.on("console", lambda message: self.complaints.append(message.text))
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("dialog", lambda dialog: self.complaints.append(f"dialog {dialog.message}"))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.goto(path.as_uri())

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.context.close()


def test_pages_ask_nobody_else_and_complain_of_nothing(chromium, built):
    for name in PAGES:
        with Visit(chromium, built / name) as visit:
            assert visit.complaints == [], name
            assert all(url.startswith(built.as_uri()) for url in visit.asked), name
            assert visit.page.evaluate("getComputedStyle(document.body).maxWidth") != "none", (
                "the style sheet is missing"
            )


def test_no_page_is_wider_than_its_window(chromium, built):
    for name in PAGES:
        with Visit(chromium, built / name) as visit:
            visit.page.evaluate("document.querySelectorAll('details').forEach(fold => fold.open = true)")
            for width in (320, 390, 1280):
                visit.page.set_viewport_size({"width": width, "height": 700})
                assert visit.page.evaluate("document.documentElement.scrollWidth") <= width, name


def test_everything_can_be_read_without_scripts(chromium, built):
    with Visit(chromium, built / "index.html", java_script_enabled=False) as visit:
        visit.page.get_by_role("link", name="Tunely adds a right to train AI").first.click()
        assert histories.TRAINING in visit.page.locator("main").inner_text()
        assert visit.page.get_by_role("heading", name="Added").is_visible()
        visit.page.get_by_role("link", name="The whole text of 5 Feb 2024").click()
        assert visit.page.locator(".flagged").inner_text().startswith(histories.TRAINING)


def test_a_reader_copies_both_quotes_with_their_source(chromium, built):
    with Visit(chromium, built / CHANGE) as visit:
        visit.page.evaluate(
            "Object.defineProperty(navigator, 'clipboard', {value: {writeText: async text => {window.copied = text}}})"
        )
        visit.page.get_by_role("button", name="Copy both quotes").click()
        visit.page.get_by_role("button", name="Copied").wait_for()
        copied = visit.page.evaluate("window.copied")
    assert f"After: “{histories.TRAINING}”" in copied
    assert "no such clause" in copied
    assert "SHA-256" in copied


def test_an_address_with_an_anchor_opens_the_fold_that_holds_it(chromium, tmp_path):
    archive = histories.Archive(tmp_path / "tracker.db")
    old, new = ([f"{start} {n}, {rest} {n + 7}." for n in range(40)] for start, rest in PARTS)
    archive.look(histories.page(histories.LICENCE, filler=[*old, *histories.FILLER]))
    for _ in range(2):
        archive.look(histories.page(histories.TRAINING, filler=[*old[:10], *new[10:], *histories.FILLER]))
    build(archive.path, tmp_path / "site")
    [page] = (tmp_path / "site/change/tunely/terms-of-use").glob("2*/index.html")
    with Visit(chromium, page) as visit:
        anchor = visit.page.evaluate("document.querySelector('details .brief[id]').id")
        assert not visit.page.locator(f"#{anchor}").is_visible()
        visit.page.goto(f"{page.as_uri()}#{anchor}")
        visit.page.reload()
        assert visit.page.locator(f"#{anchor}").is_visible()


def test_the_page_of_a_change_prints_with_all_folds_open_and_without_navigation(chromium, built):
    with Visit(chromium, built / CHANGE) as visit:
        visit.page.emulate_media(media="print")
        assert not visit.page.locator(".masthead nav").is_visible()
        assert not visit.page.locator(".copy").first.is_visible()
        assert visit.page.locator(".print-only").is_visible()
        assert visit.page.pdf().startswith(b"%PDF")


def test_dark_and_light_have_their_own_colours(chromium, built):
    grounds = []
    for scheme in ("light", "dark"):
        with Visit(chromium, built / "index.html", color_scheme=scheme) as visit:
            grounds.append(visit.page.evaluate("getComputedStyle(document.documentElement).backgroundColor"))
    assert grounds[0] != grounds[1]


def test_nothing_hostile_comes_alive(chromium, tmp_path):
    """Payloads in texts, titles, names, addresses, headers and errors, on every page that shows them."""
    build(hostile(tmp_path / "tracker.db").path, tmp_path / "site")
    for page in sorted((tmp_path / "site").rglob("*.html")):
        with Visit(chromium, page) as visit:
            visit.page.evaluate("document.querySelectorAll('details').forEach(fold => fold.open = true)")
            visit.page.mouse.move(200, 200)
            assert visit.complaints == [], page
            assert visit.page.title() not in ("alive", "1"), page
            assert all(url.startswith((tmp_path / "site").as_uri()) for url in visit.asked), page
