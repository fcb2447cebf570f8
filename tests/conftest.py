"""Fixtures that several rooms share."""

import os
import shutil
from pathlib import Path

import pytest
from hypothesis import settings
from loopback import Web

settings.register_profile("any machine", deadline=None)  # how long an example takes depends on the load
settings.load_profile("any machine")


@pytest.fixture(scope="session")
def corpus() -> Path:
    """The folder of real captures and judged clauses, where there is one."""
    folder = os.environ.get("TRACKER_CORPUS", "")
    if not folder or not (Path(folder) / "replay").is_dir():
        pytest.skip("TRACKER_CORPUS does not name the folder of real captures and judged clauses")
    return Path(folder)


@pytest.fixture
def web():
    """A web server on loopback: set `web.pages[path]`, ask `web.base + path`."""
    server = Web()
    yield server
    server.close()


@pytest.fixture(scope="session", autouse=True)
def _own_cache(tmp_path_factory):
    """What one run of the tests remembers is not there for the next."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("XDG_CACHE_HOME", str(tmp_path_factory.mktemp("cache")))
        yield


@pytest.fixture(autouse=True)
def _no_browser(request, monkeypatch):
    """A machine without a browser, except for tests that need one: they tell what a page gives by itself."""
    if request.node.get_closest_marker("browser") is None:
        monkeypatch.setattr("tracker.fetch.fetcher.installed", lambda: False)


@pytest.fixture(scope="module")
def chromium():
    """A running Chromium; the tests that need it are skipped where there is none."""
    found = os.environ.get("TRACKER_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if not found:
        pytest.skip("no Chromium was found: install it, or name it in TRACKER_CHROMIUM")
    playwright = pytest.importorskip("playwright.sync_api", reason="Playwright is not installed")
    with playwright.sync_playwright() as running:
        browser = running.chromium.launch(executable_path=found, args=["--no-sandbox", "--disable-gpu"])
        yield browser
        browser.close()


DEADLY = """import os, signal
from tracker import extract
read = extract.read
def reads(page, source):
    if b"ends whoever reads it" in page.body:
        os.kill(os.getpid(), signal.SIGKILL)
    return read(page, source)
extract.read = reads
"""


@pytest.fixture
def deadly(tmp_path):
    """A folder from which Python learns, as it starts, to die of a page."""
    folder = tmp_path / "deadly"
    folder.mkdir()
    (folder / "sitecustomize.py").write_text(DEADLY)
    return str(folder)
