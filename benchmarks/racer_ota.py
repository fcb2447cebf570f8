"""Open Terms Archive's engine in the race: `ota track` over a collection of declarations, as its operators run it.

The engine starts a headless browser with every round, also where no page needs one. Here that start is left out, which
is to its good: pages come by plain HTTP, as for all. Everything else is as it comes, with git as its storage.
"""

from __future__ import annotations

import json
import math
import os
import re
import shutil
import subprocess
from pathlib import Path

from racers import PEERS, Report, spent

HOME = PEERS.with_name("peers-node")  # an environment of its own
PACKAGE = "@opentermsarchive/engine"
ENGINE = HOME / "node_modules" / PACKAGE
NEEDS = ("node", "npm", "git")
BROWSERLESS = """\
import puppeteer from 'puppeteer-extra';

Object.getPrototypeOf(puppeteer).launch = async () => ({ close: async () => {} });
"""
NOTE = """\
Open Terms Archive takes the whole body of each page and fetches without its browser, whose start is left out.
It keeps each page and its text, as Markdown, in git, and does so with every page alike: it sends no ETag, and the same
bytes are parsed, made text and handed to git again. Each round begins with a pass over all that is stored, for
declarations or an engine that changed, which is up to half of its figure; a process that stays makes it once.
It is not in the picture, where it would make dots of the others, and is not killed."""
LOOKING = "Tracking changes of"  # the line between its pass over what is stored and its look at the pages
SAID = re.compile(r"Pages — page (\d+) +(Recorded first version|Recorded version|No changes after filtering)")
LOOPBACK = {"HTTP_PROXY": ""}  # the only proxy setting that it reads


class OpenTermsArchive:
    """One service with all pages as its terms, the whole body of each selected; its log is its report."""

    name = "Open Terms Archive"

    def __init__(self, place: Path, base: str, count: int) -> None:
        self.place, self._count, self._why = place, count, missing()
        (place / "declarations").mkdir(parents=True)
        page = {"select": "body", "executeClientScripts": False}
        terms = {f"page {n}": {"fetch": f"{base}/{n}", **page} for n in range(count)}
        (place / "declarations" / "Pages.json").write_text(json.dumps({"name": "Pages", "terms": terms}))

    def round(self) -> Report:
        if not self._why:
            command = ["node", "--import", str(HOME / "browserless.mjs"), str(ENGINE / "bin" / "ota-track.js")]
            try:
                return logged(*spent(command, self.place, {**LOOPBACK, "HOME": str(self.place)}), self._count)
            except SystemExit as ended:
                self._why = f"could not be driven: {last(str(ended))}"
        return Report(math.nan, why=self._why)

    def size(self) -> int:
        """Bytes of both its repositories, with the working copies that it keeps."""
        return sum(path.stat().st_size for path in (self.place / "data").rglob("*") if path.is_file())

    def close(self) -> None:
        pass


def logged(seconds: float, said: str, count: int) -> Report:
    """What the log of a round says; a page of which it says nothing has failed."""
    found: dict[str, set[int]] = {}
    for page, what in SAID.findall(said.partition(LOOKING)[2]):
        found.setdefault(what, set()).add(int(page))
    return Report(
        seconds,
        frozenset(found.get("Recorded first version", ())),
        frozenset(found.get("Recorded version", ())),
        frozenset(range(count)).difference(*found.values()),
    )


def install() -> dict[str, str]:
    """Puts the engine into its environment, once, without the browser; its version, or nothing where that failed."""
    if not (HOME / ".ready").exists() and not absent():
        shutil.rmtree(HOME, ignore_errors=True)
        HOME.mkdir(parents=True)
        (HOME / "package.json").write_text("{}\n")
        (HOME / "browserless.mjs").write_text(BROWSERLESS)
        npm = ["npm", "install", "--no-audit", "--no-fund", "--loglevel=error", PACKAGE]
        environment = {**os.environ, "PUPPETEER_SKIP_DOWNLOAD": "1"}
        done = subprocess.run(npm, cwd=HOME, env=environment, capture_output=True, text=True, check=False)
        if done.returncode:
            print(f"Open Terms Archive is not in the race: its installation failed.\n{done.stderr[-2000:]}")
        else:
            (HOME / ".ready").touch()
    if missing():
        return {}
    return {OpenTermsArchive.name: json.loads((ENGINE / "package.json").read_text())["version"]}


def missing() -> str:
    """Why it cannot be started, if it cannot."""
    if lacking := absent():
        return f"not raced, for this machine has no {' and no '.join(lacking)}"
    return "" if (HOME / ".ready").exists() else "not raced, for its installation failed"


def absent() -> list[str]:
    """The programs that it needs and that are not here."""
    return [program for program in NEEDS if not shutil.which(program)]


def last(text: str) -> str:
    """The line of an output that names the error, else its last, without the paths of this machine."""
    lines = [line.strip() for line in text.splitlines() if line.strip()]
    line = next((line for line in reversed(lines) if "Error" in line), lines[-1])
    return re.sub(r"(/[^/\s'\"]+){2,}", "…", line)[:200]
