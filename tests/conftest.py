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
