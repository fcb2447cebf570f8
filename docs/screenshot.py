"""Pictures of the demo's pages for the README: plays the history, builds the site, asks Chromium to look.

    python docs/screenshot.py

writes into docs/images, 1280 wide: change.png (the change that the demo is about), index.png, stance.png (who says
what) and clause.png (the history of the clause that changed). Chromium is found on the PATH or named in
TRACKER_CHROMIUM.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

from tracker import demo, rules, site
from tracker.settings import bundled
from tracker.store import Store, derived

IMAGES = Path(__file__).parent / "images"
HERO = "tonewharf/terms-of-service/2024-02"  # a music host, the month in which it gave itself the right to train
QUIET = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--hide-scrollbars",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--force-color-profile=srgb",
]


def main() -> None:
    """Takes the pictures; ends with a message where there is no Chromium."""
    chromium = os.environ.get("TRACKER_CHROMIUM") or shutil.which("chromium") or shutil.which("chromium-browser")
    if not chromium:
        sys.exit(
            "No Chromium was found.\nInstall it (Debian: apt-get install chromium) or name it in TRACKER_CHROMIUM."
        )
    with TemporaryDirectory() as folder:
        archive, pages = Path(folder) / "tracker.db", Path(folder) / "site"
        demo.play(archive)
        with Store.read(archive) as store:
            site.build(store, pages, rules.load(bundled("data") / "rules"))
            hero = next(change.id for change in derived.changes(store) if change.id.startswith(HERO))
        IMAGES.mkdir(exist_ok=True)
        page = pages / "change" / hero
        clause = json.loads((page / "index.json").read_bytes())["flagged"][0]["history"]
        take(chromium, page / "index.html", IMAGES / "change.png", 1180)
        take(chromium, pages / "index.html", IMAGES / "index.png", 1180)
        take(chromium, pages / "stance" / "index.html", IMAGES / "stance.png", 1180)
        take(chromium, pages / clause / "index.html", IMAGES / "clause.png", 1180)


def take(chromium: str, page: Path, picture: Path, height: int) -> None:
    """A picture of the top of a page, 1280 wide. Raises CalledProcessError or TimeoutExpired."""
    with TemporaryDirectory() as profile:
        command = [chromium, *QUIET, f"--user-data-dir={profile}", f"--window-size=1280,{height}"]
        command += [f"--screenshot={picture}", page.as_uri()]
        subprocess.run(command, check=True, timeout=120, capture_output=True)
    print(f"{picture.relative_to(Path.cwd()) if picture.is_relative_to(Path.cwd()) else picture}")


if __name__ == "__main__":
    main()
