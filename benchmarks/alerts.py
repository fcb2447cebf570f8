"""Whether alerts are right: what would have been sent on real captures and judged changes, beside a naive rule.

    TRACKER_CORPUS=… python benchmarks/alerts.py [--only DOCUMENT] [--out FILE]    # the replay and the judged changes
    python benchmarks/alerts.py --many 10000                                       # subscriptions on one change

All captures are looked at in order of time by the real pipeline, each once more after twenty minutes, as the watch does
before a find is told. One receiver wants everything on AI. A step between two captures is judged by readers (`label`
of changes.csv): an alert where no word of the text changed is wrong. Whether the words that changed concern AI a
pattern can only guess (`mentions_ai`), so steps with a guess and without an alert, or the reverse, are listed to be
read. The naive rule: a line that a line diff shows as added holds the word AI, machine learning or training.
"""

from __future__ import annotations

import argparse
import asyncio
import csv
import difflib
import json
import os
import re
import resource
import sys
import tarfile
import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from extract import captures, source

from tracker import alerts, pipeline, rules
from tracker.alerts.composing import Message
from tracker.errors import Blocked
from tracker.model import Declaration, Document, Page, Response, moment, stamp
from tracker.rules import RuleSet
from tracker.settings import bundled
from tracker.store import Store, derived

NAIVE = re.compile(r"\b(AI|artificial intelligence|machine learning|train(ing)?)\b", re.IGNORECASE)
AGAIN = timedelta(minutes=20)
DESK = alerts.subscriptions([{"to": "mailto:desk@example.org"}])


@dataclass(slots=True)
class Fetched:
    """A fetcher that gives one page: what the web holds at the moment."""

    page: Page | None = None
    at: datetime = datetime(2000, 1, 1, tzinfo=UTC)
    renders: bool = False

    async def fetch(self, url: str, etag: str = "", last_modified: str = "") -> Response:
        if self.page is None:
            raise Blocked("Nothing is there.", url)
        return Response(url, url, 200, (("Content-Type", self.page.content_type),), self.page.body, self.at)


@dataclass(slots=True)
class Desk:
    """An archive, what happens to it, and the messages that its one receiver got, each with its moment."""

    archive: Path
    ruleset: RuleSet
    subscribed: Sequence[alerts.Subscription] = DESK
    fetched: Fetched = field(default_factory=Fetched)
    got: list[tuple[datetime, Message]] = field(default_factory=list)

    def look(self, store: Store, declaration: Declaration, page: Page, at: datetime) -> None:
        """Checks a document once, when the web shows this page."""
        self.fetched.page, self.fetched.at = page, at
        record = alerts.recorder(self.subscribed)
        found = asyncio.run(
            pipeline.check([declaration], store, self.ruleset, fetcher=self.fetched, now=lambda: at, record=record)
        )
        if found[0].error:
            print(f"{declaration.document.id} at {at}: {found[0].error}", file=sys.stderr)

    def send(self, at: datetime) -> None:
        alerts.send(self.archive, DESK, lambda message, _: self.got.append((at, message)), lambda: at)

    @property
    def told(self) -> list[dict]:
        """All alerts in order, each with the moment at which it was sent."""
        return [facts | {"sent": stamp(at)} for at, message in self.got for facts in message.data["alerts"]]


# ---- the replay --------------------------------------------------------------------------------------------------


def declared(folder: Path) -> Declaration:
    """The declaration of a document of the corpus, as it was over time."""
    meta = json.loads((folder / "document.json").read_text("utf-8"))
    name = f"{folder.parent.name}/{folder.name}"
    rows = meta["declared"] or [meta]
    found = Declaration(Document(name, meta["service"], meta["terms_type"]), (source(rows[-1], meta["url"]),))
    former = [(moment(later["from"]), (source(row, meta["url"]),)) for row, later in zip(rows, rows[1:], strict=False)]
    return replace(found, former=tuple(former)) if former else found


def moments(folders: Sequence[Path]) -> Iterator[tuple[datetime, Declaration, Page]]:
    """All looks at all documents in order of time: every capture, and the same page again a little later."""
    looks = []
    for folder in folders:
        declaration, pages = declared(folder), list(captures(folder))
        for (row, page), following in zip(pages, [*pages[1:], None], strict=True):
            at = moment(row["timestamp"])
            looks.append((at, declaration, page))
            if following is None or moment(following[0]["timestamp"]) > at + AGAIN:
                looks.append((at + AGAIN, declaration, page))
    yield from sorted(looks, key=lambda look: look[0])


def replay(desk: Desk, folders: Sequence[Path]) -> None:
    """Plays all captures into the archive; what is due is sent after each look that left something to send."""
    looks = list(moments(folders))
    for number, (at, declaration, page) in enumerate(looks):
        with Store.write(desk.archive) as store:
            desk.look(store, declaration, page, at)
            waits = store.row("select 1 from delivery where state = 'waiting'")
        if waits:
            desk.send(at)
        if number % 200 == 0:
            print(f"{number} of {len(looks)} looks", file=sys.stderr)


@dataclass(slots=True)
class Step:
    """A judged step of a document, the alerts that came with it, and whether a naive rule speaks."""

    document: str
    to: datetime
    label: str
    on_ai: bool
    alerts: list[dict] = field(default_factory=list)
    naive: bool = False


def steps_of(folder: Path) -> list[Step]:
    name = f"{folder.parent.name}/{folder.name}"
    with (folder / "changes.csv").open(encoding="utf-8") as rows:
        return [
            Step(name, moment(row["to_ts"]), row["label"], row["mentions_ai"] == "1") for row in csv.DictReader(rows)
        ]


def added(before: str, after: str) -> list[str]:
    """The lines that a line diff shows as added."""
    return [line[2:] for line in difflib.ndiff(before.splitlines(), after.splitlines()) if line.startswith("+ ")]


def speaks(before: str, after: str) -> bool:
    old, new = before.splitlines(), after.splitlines()
    return any(
        NAIVE.search(line)
        for tag, _, _, low, high in difflib.SequenceMatcher(None, old, new, autojunk=False).get_opcodes()
        if tag in ("insert", "replace")
        for line in new[low:high]
    )


def naive_on_ours(store: Store, document: str) -> list[datetime]:
    """When the naive rule would have spoken had it our versions to look at."""
    found = derived.changes(store, document)
    return [
        change.after.at
        for change in found
        if speaks(derived.text_of(store, change.before.id), derived.text_of(store, change.after.id))
    ]


def naive_on_theirs(folder: Path) -> int:
    """How often it would have spoken on Open Terms Archive's own versions of the same time."""
    with tarfile.open(folder / "ota-versions.tar.xz") as archive:
        members = sorted((one for one in archive.getmembers() if one.isfile()), key=lambda one: one.name)
        texts = [archive.extractfile(one).read().decode("utf-8", "replace") for one in members]
    return sum(speaks(*pair) for pair in zip(texts, texts[1:], strict=False))


def report(desk: Desk, folders: Sequence[Path]) -> None:
    steps: list[Step] = []
    theirs = 0
    with Store.read(desk.archive) as store:
        for folder in folders:
            own = steps_of(folder)
            steps += own
            theirs += naive_on_theirs(folder)
            for at in naive_on_ours(store, own[0].document):
                step_at(own, at).naive = True
    by_document = defaultdict(list)
    for step in steps:
        by_document[step.document].append(step)
    for one in desk.told:
        step_at(by_document[one["document"]], moment(one["window"][1])).alerts.append(one)
    table(steps, desk, theirs)
    for step in steps:
        if step.label in ("none", "blocked") and step.alerts:
            print(f"WRONG    {step.document} {stamp(step.to)} {step.label}: {step.alerts[0]['verdict']}")
        if step.label == "substantive" and step.on_ai and not step.alerts:
            print(f"MISSING? {step.document} {stamp(step.to)}: words on AI by the pattern, no alert")
        if step.label in ("substantive", "editorial") and step.alerts and not step.on_ai:
            print(f"WRONG?   {step.document} {stamp(step.to)}: {step.label}, no word on AI by the pattern, an alert")


def step_at(steps: Sequence[Step], at: datetime) -> Step:
    """The step that a change seen at a moment belongs to."""
    return min(steps, key=lambda step: abs(step.to - at))


def table(steps: Sequence[Step], desk: Desk, theirs: int) -> None:
    kinds = Counter((step.label, step.on_ai) for step in steps)
    ours = Counter((step.label, step.on_ai) for step in steps if step.alerts)
    naive = Counter((step.label, step.on_ai) for step in steps if step.naive)
    print(f"{'step':32}{'steps':>8}{'with an alert':>16}{'naive':>8}")
    for kind in sorted(kinds):
        name = f"{kind[0]}{', on AI by the pattern' if kind[1] else ''}"
        print(f"{name:32}{kinds[kind]:8}{ours[kind]:16}{naive[kind]:8}")
    print(
        f"{len(desk.told)} alerts in {len(desk.got)} messages; naive: {sum(naive.values())} on our versions, ", end=""
    )
    print(f"{theirs} on those of Open Terms Archive")


# ---- the judged changes ------------------------------------------------------------------------------------------


def gold(folder: Path, ruleset: RuleSet) -> None:
    """Plays each judged change as two captures of one document, the second seen twice."""
    counts: Counter[str] = Counter()
    start = datetime(2024, 1, 1, tzinfo=UTC)
    for case in sorted(folder.iterdir()):
        label = json.loads((case / "label.json").read_text("utf-8"))
        texts = [(case / name).read_text("utf-8") for name in ("before.md", "after.md")]
        with tempfile.TemporaryDirectory() as scratch:
            desk = Desk(Path(scratch) / "tracker.db", ruleset)
            source_at = source({}, "https://example.org/terms")
            declaration = Declaration(Document(f"{case.name}/terms", label["service"], "Terms"), (source_at,))
            for day, text in enumerate((*texts, texts[1], texts[1])):
                page = Page("https://example.org/terms", "text/markdown; charset=utf-8", text.encode())
                with Store.write(desk.archive) as store:
                    desk.look(store, declaration, page, start + timedelta(days=day))
            desk.send(start + timedelta(days=9))
        sent, naive = bool(desk.told), speaks(*texts)
        counts[f"ours {_outcome(label['ai_change'], sent)}"] += 1
        counts[f"naive {_outcome(label['ai_change'], naive)}"] += 1
        kinds = sorted({one["ai_kind"] for one in desk.told})
        if sent is not label["ai_change"] or (sent and label["kind"] not in kinds):
            print(f"{case.name}: judged {label['kind']} ({label['summary'][:90]}), sent {kinds or 'nothing'}")
            for one in desk.told[:1]:
                print(f"    {one['verdict']}")
    for who in ("ours", "naive"):
        told = {what: counts[f"{who} {what}"] for what in ("right", "wrong", "missing", "rightly silent")}
        print(f"judged changes, {who}: {told}")


def _outcome(is_change: bool, sent: bool) -> str:
    return ("right" if is_change else "wrong") if sent else ("missing" if is_change else "rightly silent")


# ---- many subscriptions ------------------------------------------------------------------------------------------


def many(count: int, ruleset: RuleSet) -> None:
    """One change, and so many receivers: CPU and the most memory of recording and of sending, beside one receiver."""
    filler = "".join(
        f"<p>Part {n} tells what you and we owe each other, and how it can be ended.</p>" for n in range(60)
    )
    clause = "<p>You agree that we may use your uploads to train artificial intelligence models.</p>"
    pages = [f"<html lang=en><body><main><h1>Terms</h1>{filler}{more}</main></body></html>" for more in ("", clause)]
    for number in (1, count):
        subscribed = alerts.subscriptions([{"to": f"mailto:reader{n}@example.org"} for n in range(number)])
        with tempfile.TemporaryDirectory() as scratch:
            _one_change(Path(scratch) / "tracker.db", ruleset, subscribed, [pages[0], pages[1], pages[1]])


def _one_change(archive: Path, ruleset: RuleSet, subscribed: Sequence[alerts.Subscription], pages: list[str]) -> None:
    declaration = Declaration(Document("tunely/terms", "Tunely", "Terms"), (source({}, "https://t.example/"),))
    desk, took, got = Desk(archive, ruleset, subscribed), [], set()
    for day, body in enumerate(pages):
        at, begun = datetime(2024, 1, 1 + day, tzinfo=UTC), time.process_time()
        with Store.write(archive) as store:
            desk.look(store, declaration, Page("https://t.example/", "text/html", body.encode()), at)
        took.append(time.process_time() - begun)
    begun = time.process_time()
    sent = alerts.send(archive, subscribed, lambda message, to: got.add(to.to), lambda: at)
    sending, peak = time.process_time() - begun, resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{len(subscribed)} subscriptions: the check that confirms {took[-1]:.3f} s, sending {sending:.3f} s CPU, "
        f"{sent.sent} messages to {len(got)} receivers, peak of the process {peak:.0f} MB"
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--only", default="", help="documents whose name holds these words")
    parser.add_argument("--out", type=Path, help="every alert with its words, one JSON line each")
    parser.add_argument("--archive", type=Path, help="keep the archive here")
    parser.add_argument("--many", type=int, default=0)
    parser.add_argument("--gold", action="store_true", help="the judged changes only")
    args = parser.parse_args()
    ruleset = rules.load(bundled("data") / "rules")
    if args.many:
        return many(args.many, ruleset)
    corpus = Path(os.environ.get("TRACKER_CORPUS", ""))
    if not (corpus / "replay").is_dir():
        sys.exit("Set TRACKER_CORPUS to the folder of real captures; there is nothing to measure without it.")
    if not args.gold:
        folders = [one for one in sorted((corpus / "replay" / "docs").glob("*/*")) if args.only in str(one)]
        with tempfile.TemporaryDirectory() as scratch:
            desk = Desk(args.archive or Path(scratch) / "tracker.db", ruleset)
            replay(desk, folders)
            if args.out:
                args.out.write_text("".join(json.dumps(one, ensure_ascii=False) + "\n" for one in desk.told), "utf-8")
            report(desk, folders)
    return gold(corpus / "gold" / "changes", ruleset)


if __name__ == "__main__":
    main()
