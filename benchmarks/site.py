"""What publishing costs: the whole site, one more change, the weight of each kind of page, and live answers under load.

    python benchmarks/site.py                                 a synthetic archive of 1,000 documents and 40,000 versions
    python benchmarks/site.py --documents 100 --versions 10   a smaller one
    python benchmarks/site.py --archive data/tracker.db       a copy of an archive of your own

CPU seconds are of this process and its children (the search index is built by one). Live answers are timed by the clock
with 16 readers at once, while a writer checks documents; nothing else should run meanwhile.
"""

from __future__ import annotations

import argparse
import asyncio
import gzip
import random
import resource
import shutil
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from html import escape
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory

import httpx

from tracker import pipeline, rules, server, site
from tracker.model import Declaration, Document, Response, Source
from tracker.settings import bundled
from tracker.store import Store, derived

START = datetime(2024, 1, 1, 6, tzinfo=UTC)
WORDS = [
    "account",
    "content",
    "service",
    "user",
    "provider",
    "notice",
    "party",
    "agreement",
    "licence",
    "data",
    "payment",
    "period",
    "right",
    "obligation",
    "access",
    "material",
    "request",
    "information",
    "device",
    "purpose",
    "law",
    "claim",
    "term",
    "condition",
    "partner",
    "feature",
    "setting",
    "message",
    "upload",
]
TRAINING = "We may use the content that you upload to train our artificial intelligence models."
READERS = 16


def main() -> None:
    options = _options()
    with TemporaryDirectory() as folder:
        archive, out = Path(folder) / "tracker.db", Path(folder) / "site"
        if options.archive:
            shutil.copy(options.archive, archive)
        else:
            _measured("making the archive", lambda: _fill(archive, options.documents, options.versions))
        ruleset = rules.load(bundled("data") / "rules")
        _build(archive, out, ruleset, "the whole site")
        _build(archive, out, ruleset, "the same again")
        document, text, at = _newest(archive)
        _check(archive, [document], at, lambda _: _page([*text, "One more clause, which nobody had seen before."]))
        _build(archive, out, ruleset, "after one more change")
        _weights(out)
        if options.seconds:
            _live(archive, at, options.seconds)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--documents", type=int, default=1000)
    parser.add_argument("--versions", type=int, default=40, help="of each document")
    parser.add_argument("--archive", type=Path)
    parser.add_argument("--seconds", type=float, default=30, help="of live reading; 0: none")
    return parser.parse_args()


# ---- a synthetic archive -----------------------------------------------------------------------------------------


class Shelf:
    """A fetcher that hands out what a function says for each address."""

    renders = False

    def __init__(self, page: Callable[[str], str], at: datetime) -> None:
        self.page, self.at = page, at

    async def fetch(self, url: str, etag: str = "", last_modified: str = "") -> Response:
        body = self.page(url).encode()
        return Response(url, url, 200, (("Content-Type", "text/html; charset=utf-8"),), body, self.at)


def _fill(archive: Path, documents: int, versions: int) -> None:
    """Documents of 12 clauses, of which one is reworded at every check; every tenth gains or loses a right to train."""
    named = [
        Document(f"platform-{n // 2}/terms-{n % 2}", f"Platform {n // 2}", f"Terms {n % 2}") for n in range(documents)
    ]
    texts = {one.id: _clauses(random.Random(number)) for number, one in enumerate(named)}
    for turn in range(versions):
        for number, one in enumerate(named):
            chance = random.Random(number * 1009 + turn)
            clauses = texts[one.id]
            clauses[chance.randrange(len(clauses))] = _sentence(chance)
            if chance.random() < 0.05:
                clauses.remove(TRAINING) if TRAINING in clauses else clauses.append(TRAINING)
        _check(archive, named, START + timedelta(days=7 * turn), lambda name: _page(texts[name]))


def _check(archive: Path, documents: list[Document], at: datetime, page: Callable[[str], str]) -> None:
    declared = [Declaration(one, (Source(f"https://{one.platform_id}.example/{one.id}"),)) for one in documents]
    shelf = Shelf(lambda url: page("/".join(url.split("/")[-2:])), at)
    ruleset = rules.load(bundled("data") / "rules")
    with Store.write(archive) as store:
        asyncio.run(pipeline.check(declared, store, ruleset, fetcher=shelf, now=lambda: at))


def _newest(archive: Path) -> tuple[Document, list[str], datetime]:
    """A document, the clauses of its latest version, and a day after all checks."""
    with Store.read(archive) as store:
        document = next(one for one in store.documents() if derived.versions(store, one.id))
        text = derived.text_of(store, derived.versions(store, document.id)[-1].id)
        latest = max(check.at for one in store.documents() for check in store.checks(one.id, 1))
    return document, [escape(line) for line in text.splitlines() if line.strip()], latest + timedelta(days=1)


def _sentence(chance: random.Random) -> str:
    return f"The {' '.join(chance.choices(WORDS, k=chance.randrange(14, 40)))} of section {chance.randrange(10_000)}."


def _clauses(chance: random.Random) -> list[str]:
    return [_sentence(chance) for _ in range(12)]


def _page(clauses: list[str]) -> str:
    body = "".join(f"<p>{clause}</p>" for clause in clauses)
    return f'<html lang="en"><head><title>Terms</title></head><body><main><h1>Terms</h1>{body}</main></body></html>'


# ---- measuring ---------------------------------------------------------------------------------------------------


def _cpu() -> float:
    own, children = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


def _measured(what: str, work: Callable[[], object]) -> object:
    begun = _cpu()
    result = work()
    print(f"{what:32} {_cpu() - begun:8.2f} s CPU", flush=True)
    return result


def _build(archive: Path, out: Path, ruleset: rules.RuleSet, what: str) -> None:
    def work() -> site.Built:
        with Store.read(archive) as store:
            return site.build(store, out, ruleset)

    built = _measured(what, work)
    print(f"{'':32} {built.pages:,} pages, {built.written:,} files written", flush=True)


def _weights(out: Path) -> None:
    kinds: dict[str, list[int]] = defaultdict(list)
    for path in out.rglob("index.html"):
        parts = path.relative_to(out).parts
        kinds["all clauses" if parts[-2:-1] == ("all",) else parts[0]].append(path.stat().st_size)
    print(f"\n{'kind of page':16}{'pages':>9}{'median KB':>12}{'largest KB':>12}")
    for kind, sizes in sorted(kinds.items()):
        print(f"{kind:16}{len(sizes):9,}{median(sizes) / 1000:12.1f}{max(sizes) / 1000:12.1f}")
    largest = max(out.rglob("change/**/index.html"), key=lambda path: path.stat().st_size, default=None)
    if largest:
        print(f"the heaviest page below change/, compressed: {len(gzip.compress(largest.read_bytes())) / 1000:.1f} KB")


# ---- live --------------------------------------------------------------------------------------------------------


@contextmanager
def _serving(archive: Path) -> Iterator[str]:
    command = [sys.executable, "-m", "tracker", "--archive", str(archive), "serve", "--port", "0"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        line = process.stdout.readline()
        yield next(word for word in line.split() if word.startswith("http"))
    finally:
        process.terminate()
        process.wait()


def _addresses(archive: Path) -> dict[str, list[str]]:
    """Addresses of each kind of page, so many that few answers are kept from the time before."""
    chance = random.Random(7)
    with Store.read(archive) as store:
        documents = chance.sample(store.documents(), min(200, len(store.documents())))
        changes = derived.changes(store)
        picked = chance.sample(changes, min(400, len(changes)))
    return {
        "index": ["/"],
        "changes": [f"/changes/?sheet={n}" for n in range(1, 1 + max(1, len(changes) // server.KEPT))][:50],
        "stance": ["/stance/"],
        "coverage": ["/coverage/"],
        "rules": ["/rules/"],
        "search": [f"/search/?q={one}+{other}" for one in WORDS[:10] for other in WORDS[10:20]],
        "platform": [f"/platform/{one.platform_id}/" for one in documents],
        "document": [f"/document/{one.id}/" for one in documents],
        "change": [f"/change/{one.id}/" for one in picked],
        "version": [f"/version/{one.document.id}/{one.after.address}/" for one in picked],
        "compare": [f"/compare/?document={one.id}" for one in documents],
        "feed": [f"/feeds/document/{one.id}/atom.xml" for one in documents],
    }


def _live(archive: Path, at: datetime, seconds: float) -> None:
    addresses = _addresses(archive)
    times: dict[str, list[float]] = defaultdict(list)
    until = time.monotonic() + seconds
    checks = 0

    def read(number: int, base: str) -> None:
        chance = random.Random(number)
        with httpx.Client(base_url=base, timeout=120) as client:
            while time.monotonic() < until:
                kind = chance.choice(list(addresses))
                begun = time.perf_counter()
                answer = client.get(chance.choice(addresses[kind]))
                times[kind].append(time.perf_counter() - begun)
                assert answer.status_code == 200, (answer.status_code, answer.url)

    with _serving(archive) as base:
        readers = [threading.Thread(target=read, args=(number, base)) for number in range(READERS)]
        for reader in readers:
            reader.start()
        with Store.read(archive) as store:
            documents = store.documents()
        while time.monotonic() < until:
            checks, one = checks + 1, documents[checks % len(documents)]
            text = _page([TRAINING, f"Clause {checks} is the only other one."])
            _check(archive, [one], at + timedelta(hours=checks), lambda _, text=text: text)
            time.sleep(0.5)
        for reader in readers:
            reader.join()
    print(f"\n{READERS} readers, {checks} checks meanwhile\n{'live page':16}{'answers':>9}{'p50 ms':>10}{'p95 ms':>10}")
    for kind, found in sorted(times.items()):
        found.sort()
        print(f"{kind:16}{len(found):9,}{median(found) * 1000:10.0f}{found[int(len(found) * 0.95)] * 1000:10.0f}")


if __name__ == "__main__":
    main()
