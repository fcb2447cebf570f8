"""How well pages are read, on a corpus of real captures with judged steps.

    python benchmarks/extract.py CORPUS [--only DOCUMENT] [--details] [--speed]

CORPUS holds `replay/docs/<platform>/<document>/` with `document.json`, `captures.csv`, `captures.tar.xz` and
`changes.csv`. Each document's captures are read in order and settled as the pipeline does: a text that is good and
differs in substance from the accepted one is a new version; a suspect that comes twice alike is one from its first day.
`reading_peers.py` times the steps beside other tools, in one run.
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
from statistics import mean, median

from tracker import extract
from tracker.extract import content, language, markdown, parse, selection
from tracker.extract.decode import decode, kind
from tracker.model import Page, Range, Reading, Source, Verdict
from tracker.text import split, substance, substance_hash


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


def agreement(folder: Path) -> list[tuple[str, float, float]]:
    """For each good capture: recall and precision of the words found without selectors against those with them."""
    meta = json.loads((folder / "document.json").read_text("utf-8"))
    found = []
    for row, page in captures(folder):
        if row["state"] != "ok":
            continue
        chosen = source(declared_at(meta, row["timestamp"]), page.url)
        truth, free = extract.read(page, chosen), extract.read(page, Source(page.url))
        if truth.method == "selectors" and "selector-empty" not in truth.signals:
            one, other = _bag(truth.text), _bag(free.text)
            common = sum((one & other).values())
            name = f"{'/'.join(folder.parts[-2:])} {row['timestamp']}"
            found.append((name, common / max(one.total(), 1), common / max(other.total(), 1)))
    return found


def _bag(text: str) -> Counter[str]:
    return Counter(substance(" ".join(clause.text for clause in split(text))).split())


def speed(folder: Path) -> list[dict[str, float]]:
    """CPU milliseconds of each step, for every tenth capture."""
    meta = json.loads((folder / "document.json").read_text("utf-8"))
    return [
        steps(page, source(declared_at(meta, row["timestamp"]), page.url))
        for row, page in list(captures(folder))[::10]
        if kind(page.body, page.content_type) == "html"
    ]


def steps(page: Page, chosen: Source) -> dict[str, float]:
    clock = _Clock()
    text = clock("decode", decode, page.body, page.content_type)
    parsed = clock("parse", parse.parse, text, page.url)
    clock("remove", selection.remove, parsed.soup, chosen.remove)
    clock("select", selection.select, parsed.soup, chosen.select)
    parsed = parse.parse(text, page.url)
    root = parsed.soup.body or parsed.soup
    found = clock("find the text", content.find, root)
    written = clock("convert", markdown.convert, [root], page.url, found.skip)
    clauses = clock("split", split, written)
    clock("normalise and hash", substance_hash, clauses)
    clock("read, with selectors", extract.read, page, chosen)
    reading = clock("read, without", extract.read, page, Source(page.url))
    clock("language", language.detect, reading.text)
    other = Reading(reading.text + " more", words=reading.words, language=reading.language)
    clock("judge against another text", extract.assess, reading, other, None)
    return clock.times


class _Clock:
    """Runs steps and keeps their CPU time."""

    def __init__(self) -> None:
        self.times: dict[str, float] = {}

    def __call__(self, name: str, step, *arguments):
        start = time.process_time()
        result = step(*arguments)
        self.times[name] = 1000 * (time.process_time() - start)
        return result


def _score(job: tuple[Path, bool]) -> Score:
    return score(*job)


def print_scores(scores: list[Score], details: bool) -> None:
    """The documents with something wrong, then the sums."""
    steps, versions = Counter(), Counter()
    for each in scores:
        steps += each.steps
        versions += each.versions
        if each.wrong:
            print(each.document, dict(each.steps), dict(each.versions))
            for line in each.wrong if details else []:
                print("    ", line)
    for label in sorted(steps):
        print(f"  {label:18} {versions[label]:4} of {steps[label]:4} gave a version")


def print_agreement(rows: list[tuple[str, float, float]]) -> None:
    """Medians, and the worst ten of each."""
    for place, name in ((1, "recall"), (2, "precision")):
        ranked = sorted(rows, key=lambda row: row[place])
        print(f"{name}: median {median(row[place] for row in rows):.4f}, mean {mean(row[place] for row in rows):.4f}")
        worst = {row[0].split()[0]: row for row in reversed(ranked)}  # the worst capture of each document
        for row in sorted(worst.values(), key=lambda row: row[place])[:10]:
            print(f"   {row[place]:.4f} {row[0]}")


def print_speed(rows: list[dict[str, float]]) -> None:
    """Median and 95th percentile of each step."""
    print(f"CPU milliseconds a page, {len(rows)} pages: median, 95 %")
    for name in rows[0]:
        times = sorted(row[name] for row in rows)
        print(f"   {name:28} {median(times):7.2f} {times[int(len(times) * 0.95)]:7.2f}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("corpus", type=Path)
    parser.add_argument("--only", default="", help="documents whose path holds this")
    parser.add_argument("--details", action="store_true", help="every miss and every false one")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--speed", action="store_true", help="nothing but the times")
    args = parser.parse_args()
    folders = sorted(path.parent for path in args.corpus.glob("replay/docs/*/*/document.json"))
    folders = [folder for folder in folders if args.only in folder.as_posix()]
    if args.speed:
        print_speed([row for folder in folders for row in speed(folder)])
        return
    with ProcessPoolExecutor(args.processes) as pool:
        for selectors in (True, False):
            print("with selectors" if selectors else "without selectors")
            print_scores(list(pool.map(_score, [(folder, selectors) for folder in folders])), args.details)
        print("without selectors, against the text that selectors give")
        print_agreement([row for rows in pool.map(agreement, folders) for row in rows])
    print_speed([row for folder in folders for row in speed(folder)])


if __name__ == "__main__":
    main()
