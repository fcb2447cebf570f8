"""Fixtures that several rooms share."""

import os
from pathlib import Path

import pytest
from loopback import Web


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


@pytest.fixture(autouse=True)
def _no_browser(request, monkeypatch):
    """A machine without a browser, except for tests that need one: they tell what a page gives by itself."""
    if request.node.get_closest_marker("browser") is None:
        monkeypatch.setattr("tracker.fetch.fetcher.installed", lambda: False)
