"""How well pages are read, on a corpus of real captures with judged steps.

    python benchmarks/extract.py CORPUS [--no-selectors] [--only DOCUMENT] [--details] [--agreement] [--speed]

CORPUS holds `replay/docs/<platform>/<document>/` with `document.json`, `captures.csv`, `captures.tar.xz` and
`changes.csv`. Each document's captures are read in order and settled as the pipeline does: a text that is good and
differs in substance from the accepted one is a new version; a suspect that comes twice alike is one from its first day.
"""

from __future__ import annotations

import argparse
import csv
import json
import lzma
import tarfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from tracker import extract
from tracker.model import Page, Range, Reading, Source, Verdict
from tracker.text import split, substance_hash


@dataclass(slots=True)
class Told:
    """What became of one capture."""

    at: str
    verdict: str
    reasons: tuple[str, ...]
    version: bool = False
    first: bool = False  # there was no version before
    confirmed: bool = False  # a suspect that the next capture confirmed
    text: str = ""
    words: int = 0
    method: str = ""


@dataclass(slots=True)
class Score:
    """How the judged steps of one document went: for each kind (steps, versions), and those that went wrong."""

    document: str
    steps: Counter = field(default_factory=Counter)
    versions: Counter = field(default_factory=Counter)
    wrong: list[str] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)


def selector(value: object) -> str | Range:
    """A selector or range as Open Terms Archive writes it."""
    if isinstance(value, str):
        return value
    start = value.get("startBefore") or value["startAfter"]
    end = value.get("endBefore") or value["endAfter"]
    return Range(start, end, "startAfter" in value, "endAfter" in value)


def source(declared: dict, url: str) -> Source:
    """One declaration of `document.json` as a source."""

    def several(value: object) -> tuple[str | Range, ...]:
        return tuple(map(selector, value if isinstance(value, list) else [value] if value else []))

    return Source(url, several(declared.get("select")), several(declared.get("remove")))


def captures(folder: Path) -> Iterator[tuple[dict, Page]]:
    """The captures of a document in order, with their rows."""
    with (folder / "captures.csv").open(encoding="utf-8") as rows:
        listed = list(csv.DictReader(rows))
    with lzma.open(folder / "captures.tar.xz") as packed, tarfile.open(fileobj=packed) as tar:
        bodies = {member.name: tar.extractfile(member).read() for member in tar if member.isfile()}
    bodies = {Path(name).name: body for name, body in bodies.items()}
    for row in listed:
        yield row, Page(row["url"], row["content_type"], bodies[row["file"]])


def declared_at(meta: dict, moment: str) -> dict:
    """The declaration in force at a moment (ISO strings in UTC compare as text)."""
    rows = meta["declared"] or [meta]
    return next((row for row in reversed(rows) if row.get("from", "") <= moment), rows[0])


def play(folder: Path, selectors: bool, keep_text: bool = False) -> list[Told]:
    """Read and settle all captures of a document; each language has its own last accepted text."""
    meta = json.loads((folder / "document.json").read_text("utf-8"))
    told: list[Told] = []
    editions: dict[str | None, tuple[Reading, str]] = {}  # language -> (accepted, hash of its substance)
    current: str | None = None
    pending: tuple[Told, Reading] | None = None
    before = b""
    for row, page in captures(folder):
        if page.body == before:
            told.append(Told(row["timestamp"], "same", ()))
            continue
        before = page.body
        chosen = source(declared_at(meta, row["timestamp"]) if selectors else {}, page.url)
        reading = extract.read(page, chosen)
        edition = reading.language if reading.language in editions else current
        accepted, standing = editions.get(edition, (None, ""))
        quality = extract.assess(reading, accepted, pending[1] if pending else None)
        one = Told(row["timestamp"], quality.verdict.value, quality.reasons, words=reading.words, method=reading.method)
        one.text, one.first = reading.text if keep_text else "", not editions
        told.append(one)
        if quality.verdict is not Verdict.GOOD:
            keeps = quality.verdict is Verdict.SUSPECT or "language" in quality.reasons
            pending = (one, reading) if keeps else None
            continue
        if "confirmed" in quality.reasons and pending and "language" not in quality.reasons:
            first = substance_hash(split(pending[1].text))
            pending[0].version, pending[0].confirmed = first != standing, True
            standing = first
        pending, current = None, reading.language if reading.language else edition
        substance = substance_hash(split(reading.text))
        one.version = substance != standing
        editions[current] = (reading, substance)
    return told


def score(folder: Path, selectors: bool, keep_text: bool = False) -> Score:
    """Play a document and hold what became versions against its judged steps."""
    result = Score("/".join(folder.parts[-2:]))
    result.told = play(folder, selectors, keep_text)
    by_time = {one.at: one for one in result.told}
    with (folder / "changes.csv").open(encoding="utf-8") as rows:
        for row in csv.DictReader(rows):
            _judge(result, row, by_time[row["to_ts"]])
    return result


def _judge(result: Score, row: dict, one: Told) -> None:
    label = row["label"]
    if one.first:
        return  # the first text of a document is no change
    if label == "blocked":
        label = f"after-{row['since_ok']}" if row["since_ok"] else "blocked"
    result.steps[label] += 1
    result.versions[label] += one.version
    expected = label.endswith("substantive")
    if one.version != expected and "editorial" not in label:
        minor = "minor, " if row["minor"] == "1" else ""
        result.wrong.append(
            f"{label:12} {one.at} {'missed' if expected else 'false '} {one.verdict} {','.join(one.reasons)} "
            f"words {one.words} ({minor}-{row['words_removed']} +{row['words_added']} {row['reason']}) {row['note']}"
        )


def _score(job: tuple[Path, bool]) -> Score:
    return score(*job)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--no-selectors", action="store_true")
    parser.add_argument("--only", default="")
    parser.add_argument("--details", action="store_true")
    parser.add_argument("--processes", type=int, default=2)
    args = parser.parse_args()
    folders = sorted(path.parent for path in args.corpus.glob("replay/docs/*/*/document.json"))
    folders = [folder for folder in folders if args.only in folder.as_posix()]
    start = time.perf_counter()
    with ProcessPoolExecutor(args.processes) as pool:
        scores = list(pool.map(_score, [(folder, not args.no_selectors) for folder in folders]))
    steps, versions = Counter(), Counter()
    for each in scores:
        steps += each.steps
        versions += each.versions
        if each.wrong:
            print(each.document, dict(each.steps), dict(each.versions))
            for line in each.wrong if args.details else []:
                print("    ", line)
    print("with selectors" if not args.no_selectors else "without selectors", f"{time.perf_counter() - start:.0f} s")
    for label in sorted(steps):
        print(f"  {label:18} {versions[label]:4} of {steps[label]:4} gave a version")


if __name__ == "__main__":
    main()
