"""changedetection.io in the race: a server with a queue, told by its API to check every page, as its button does.

Its start is not counted, as little as that of tracker, resident. Its own schedule is paused, so that it checks only
when it is told to, and it logs warnings only; all else is as it comes.
"""

from __future__ import annotations

import atexit
import json
import math
import os
import shutil
import socket
import subprocess
import time
import venv
from collections.abc import Callable
from contextlib import closing, suppress
from http.client import HTTPConnection, HTTPException
from pathlib import Path

from racers import PEERS, Report

HOME = PEERS.with_name("peers-changedetection")  # an environment of its own: it wants much, and other versions
LIMIT = 300  # seconds that its start may take, and each round
LOOPBACK = {"ALLOW_IANA_RESTRICTED_ADDRESSES": "true", "NO_PROXY": "*"}
QUIET = {"DISABLE_VERSION_CHECK": "true", "LOGGER_LEVEL": "WARNING"}


class Undriven(Exception):
    """It could not be raced; the words go into the table's notes."""


class Changedetection:
    """The server, started with its first round; what it keeps of each page is its report."""

    name = "changedetection.io"

    def __init__(self, place: Path, base: str, count: int) -> None:
        self.place, self._urls = place, [f"{base}/{n}" for n in range(count)]
        self._process: subprocess.Popen | None = None
        self._why, self._port, self._key = "", 0, ""

    def round(self) -> Report:
        try:
            return Report(math.nan, why=self._why) if self._why else self._looked()
        except (Undriven, OSError, HTTPException, ValueError, LookupError) as error:
            self._why = f"could not be driven: {error if isinstance(error, Undriven) else type(error).__name__}"
        return Report(math.nan, why=self._why)

    def size(self) -> int:
        return sum(path.stat().st_size for path in self.place.rglob("*") if path.is_file())

    def close(self) -> None:
        if self._process:
            self._process.kill()
            self._process.wait()

    def _start(self) -> None:
        if not (HOME / ".ready").exists():
            raise Undriven("its installation failed")
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self._port = free.getsockname()[1]
        command = [str(HOME / "bin" / "changedetection.io"), "-h", "127.0.0.1", "-p", str(self._port), "-P", "true"]
        command += ["-C", "-d", str(self.place), *(word for url in self._urls for word in ("-u", url))]
        environment = {**os.environ, **LOOPBACK, **QUIET, "HOME": str(self.place)}
        self._process = subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        atexit.register(self.close)
        self._until(lambda: self._ask("systeminfo"), "its server did not start")
        kept = json.loads((self.place / "changedetection.json").read_text())
        self._key = kept["settings"]["application"]["api_access_token"]
        self._rested()

    def _looked(self) -> Report:
        if not self._process:
            self._start()
        before, began = self._kept(), _burnt(self._process.pid)
        if (status := self._ask("watch?recheck_all=1")) not in (200, 202):
            raise Undriven(f"its API answered {status}")
        self._until(lambda: all(now[0] > before[n][0] for n, now in self._kept().items()), "its round did not end")
        seconds, after = self._rested() - began, self._kept()
        return Report(
            seconds,
            frozenset(n for n, (_, versions, _) in after.items() if versions > before[n][1] == 0),
            frozenset(n for n, (_, versions, _) in after.items() if versions > before[n][1] > 0),
            frozenset(n for n, (_, _, error) in after.items() if error),
        )

    def _kept(self) -> dict[int, tuple[int, int, bool]]:
        """For each page: how often it was checked, how many versions are kept, whether the last check failed."""
        found = {}
        for path in self.place.glob("*/watch.json"):
            watch, history = json.loads(path.read_text()), path.with_name("history.txt")
            versions = len(history.read_text().splitlines()) if history.exists() else 0
            found[int(watch["url"].rpartition("/")[2])] = watch["check_count"], versions, bool(watch["last_error"])
        return found

    def _until(self, done: Callable[[], object], otherwise: str) -> None:
        until = time.monotonic() + LIMIT
        while not done():
            if self._process.poll() is not None or time.monotonic() > until:
                raise Undriven(otherwise)
            time.sleep(0.5)

    def _rested(self) -> float:
        """Its CPU seconds once it does no more: what it puts off belongs to the round."""
        latest = _burnt(self._process.pid)
        for _ in range(LIMIT):
            time.sleep(1)
            earlier, latest = latest, _burnt(self._process.pid)
            if latest - earlier < 0.02:
                break
        return latest

    def _ask(self, what: str) -> int:
        """The status that its API answers with; 0 where nothing answers."""
        with suppress(ConnectionError), closing(HTTPConnection("127.0.0.1", self._port, timeout=60)) as connection:
            connection.request("GET", f"/api/v1/{what}", headers={"x-api-key": self._key})
            return connection.getresponse().status
        return 0


def _burnt(pid: int) -> float:
    """CPU seconds of a process and of all below it, ended or not."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    below = [int(one) for path in Path(f"/proc/{pid}/task").glob("*/children") for one in path.read_text().split()]
    return sum(map(int, fields[11:15])) / os.sysconf("SC_CLK_TCK") + sum(map(_burnt, below))


def install() -> dict[str, str]:
    """Puts it into its environment, once; its version, or nothing where that failed."""
    python = str(HOME / "bin" / "python")
    try:
        if not (HOME / ".ready").exists():
            shutil.rmtree(HOME, ignore_errors=True)
            venv.create(HOME, with_pip=True)
            pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
            subprocess.run([*pip, Changedetection.name], check=True)
            (HOME / ".ready").touch()
        asked = f"import importlib.metadata as m; print(m.version('{Changedetection.name}'))"
        said = subprocess.run([python, "-c", asked], check=True, capture_output=True, text=True).stdout
    except (OSError, subprocess.CalledProcessError):
        return {}
    return {Changedetection.name: said.strip()}
