"""Reading pages beside what others would use: markdownify and html2text for the part that selectors give, trafilatura
for the whole page without selectors. CPU a page, with that of our own steps, and the words kept, against Open Terms
Archive's text of that time.

    TRACKER_CORPUS=… python benchmarks/reading_peers.py [--every 12]

The others are installed into an environment of their own, in which this file runs again with our code beside them, so
that all are measured in one process on the same pages, in turn. Words are compared as bags: recall is the share of the
reference's words that are kept, precision the share of what is kept that stands in the reference.
"""

from __future__ import annotations

import argparse
import csv
import importlib.util
import os
import re
import statistics
import subprocess
import sys
import tarfile
import tempfile
import time
import venv
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from types import ModuleType

HERE = Path(__file__).parent
REPLAY = Path(os.environ.get("TRACKER_CORPUS", "")) / "replay"
PEERS = ("markdownify", "html2text", "trafilatura")
WORD = re.compile(r"[^\W_]+")
TARGET = re.compile(r"\]\([^)\s]{0,2000}\)")


def bag(text: str) -> Counter[str]:
    return Counter(WORD.findall(TARGET.sub("]", text).casefold()))


def shares(text: str, reference: Counter[str]) -> tuple[float, float]:
    """Recall and precision of a text's words."""
    found = bag(text)
    common = sum((found & reference).values())
    return common / max(sum(reference.values()), 1), common / max(sum(found.values()), 1)


def references(folder: Path) -> Callable[[str], Counter[str] | None]:
    """Open Terms Archive's own text in force at a moment, as a bag of words."""
    with (folder / "ota-versions.csv").open(encoding="utf-8") as file:
        rows = sorted(csv.DictReader(file), key=lambda row: row["timestamp"])
    packed = tarfile.open(folder / "ota-versions.tar.xz")  # noqa: SIM115 - closed with the process
    moments = [row["timestamp"] for row in rows]

    def at(moment: str) -> Counter[str] | None:
        place = bisect_right(moments, moment) - 1
        if place < 0:
            return None
        return bag(packed.extractfile(rows[place]["file"]).read().decode("utf-8", "replace"))

    return at


def steps_of_ours() -> ModuleType:
    """The benchmark of our own reading, as a module."""
    spec = importlib.util.spec_from_file_location("benchmark_extract", HERE / "extract.py")
    module = importlib.util.module_from_spec(spec)
    sys.modules["benchmark_extract"] = module
    spec.loader.exec_module(module)
    return module


def measured(ours: ModuleType, every: int) -> Iterator[tuple[dict[str, float], dict[str, tuple[float, float, float]]]]:
    """For each page the CPU milliseconds of our steps; and those, recall and precision of each way to read it."""
    import html2text
    import markdownify
    import trafilatura
    from bs4 import BeautifulSoup

    from tracker import extract
    from tracker.extract.decode import decode
    from tracker.model import Source

    turndown = html2text.HTML2Text(bodywidth=0)

    def selected(page, chosen) -> str:
        soup = BeautifulSoup(decode(page.body, page.content_type), "lxml")
        extract.reading.selection.remove(soup, chosen.remove)
        return "".join(map(str, extract.reading.selection.select(soup, chosen.select)[0]))

    for folder in sorted((REPLAY / "docs").glob("*/*")):
        meta = ours.json.loads((folder / "document.json").read_text("utf-8"))
        reference = references(folder)
        for row, page in list(ours.captures(folder))[::every]:
            chosen = ours.source(ours.declared_at(meta, row["timestamp"]), page.url)
            truth = reference(row["timestamp"])
            if row["state"] != "ok" or "html" not in row["content_type"] or not chosen.select or not truth:
                continue
            ways = {
                "ours, with selectors": lambda page=page, chosen=chosen: extract.read(page, chosen).text,
                "markdownify, with selectors": lambda page=page, chosen=chosen: markdownify.markdownify(
                    selected(page, chosen)
                ),
                "html2text, with selectors": lambda page=page, chosen=chosen: turndown.handle(selected(page, chosen)),
                "ours, without": lambda page=page: extract.read(page, Source(page.url)).text,
                "trafilatura, without": lambda page=page: (
                    trafilatura.extract(
                        decode(page.body, page.content_type),
                        output_format="markdown",
                        include_tables=True,
                        favor_recall=True,
                    )
                    or ""
                ),
            }
            result = {}
            for name, way in ways.items():
                began = time.process_time()
                text = way()
                result[name] = (1000 * (time.process_time() - began), *shares(text, truth))
            yield ours.steps(page, chosen), result


def report(every: int) -> None:
    ours = steps_of_ours()
    rows = list(measured(ours, every))
    print(f"{len(rows)} pages: CPU ms a page (median, 95 %), recall (median, worst), precision (median, worst)")
    for name in rows[0][1]:
        times, recall, precision = (sorted(row[name][n] for _, row in rows) for n in range(3))
        print(
            f"{name:30}{statistics.median(times):8.1f}{times[int(0.95 * (len(times) - 1))]:8.1f}"
            f"{statistics.median(recall):9.3f}{recall[0]:8.3f}{statistics.median(precision):9.3f}{precision[0]:8.3f}"
        )
    ours.print_speed([steps for steps, _ in rows])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--every", type=int, default=12, help="every which capture of a document")
    arguments = parser.parse_args()
    if not REPLAY.is_dir():
        sys.exit("Set TRACKER_CORPUS to the folder of real captures; there is nothing to measure without it.")
    if all(map(importlib.util.find_spec, PEERS)):
        report(arguments.every)
        return
    with tempfile.TemporaryDirectory() as folder:
        venv.create(folder, with_pip=True)
        python = f"{folder}/bin/python"
        pip = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
        subprocess.run([*pip, str(HERE.parent), *PEERS, "lxml_html_clean"], check=True)
        subprocess.run([python, __file__, "--every", str(arguments.every)], check=True)


if __name__ == "__main__":
    main()
