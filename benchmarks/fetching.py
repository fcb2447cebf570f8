"""How many documents one process can watch: CPU and memory of a day's checks, politely, on loopback.

    python benchmarks/fetching.py                     2,000 documents, each on a host of its own
    python benchmarks/fetching.py --documents 50000   the schedule of a large campaign: about twenty minutes

Every document has a host name of its own, which an injected resolver leads to one server on this machine; the clock is
injected too, so that a day passes as fast as its checks do. The server counts what it sees of each host: how many
requests at once, and how close one followed the other. CPU is of the watching process alone, with all that it does.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import multiprocessing
import resource
import tempfile
import urllib.request
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from time import monotonic, process_time

from tracker import rules
from tracker.fetch import Fetcher
from tracker.fetch.gate import Gate
from tracker.model import Declaration, Document, Source
from tracker.settings import Settings, bundled
from tracker.store import Store, turns
from tracker.watch import Watch
from tracker.watch.due import Pace

START = datetime(2026, 3, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY_SECONDS = 86_400
PARALLEL = 64
FILLER = "".join(
    f'<nav><a href="/p{n}">Page {n}</a><script>var s{n} = "{"x" * 800}";</script></nav>' for n in range(60)
)
SUBJECTS = ("access", "billing", "conduct", "disputes", "fees", "guests", "hosting", "liability", "notices", "refunds")
CLAUSES = "".join(
    f"<h2>{n}. Of {subject}</h2><p>Part {n} of these terms tells what you and we owe each other on {subject}, how "
    f"{subject} can end, and whom to write to about it within {n} days.</p>"
    for n, subject in enumerate(SUBJECTS * 6, 1)
)


def page(host: str, edition: int) -> bytes:
    """A page of terms of about 80 kB, of which every edition has other bytes and every hundredth other words."""
    words = f"<p>We answer within {1 + edition // 100} days.</p>"
    head = f'<html lang="en"><head><title>Terms of {host}</title><meta name="build" content="{edition}"></head>'
    return f"{head}<body>{FILLER}<main><h1>Terms of Use</h1>{CLAUSES}{words}</main></body></html>".encode()


# ---- the web -----------------------------------------------------------------------------------------------------


class Web:
    """A server that answers for every host and remembers how it was asked."""

    def __init__(self) -> None:
        self.edition, self.validators = 0, True
        self.open: dict[str, int] = defaultdict(int)
        self.ended: dict[str, float] = {}
        self.said = {"requests": 0, "at once": 0, "closest": 1e9}

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                lines = head.decode("latin-1").split("\r\n")
                path = lines[0].split()[1]
                headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in lines[1:])}
                writer.write(self.told(path) if path.startswith("/-/") else await self.served(path, headers))
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    def told(self, path: str) -> bytes:
        _, _, name, value = path.split("/")
        if name == "edition":
            self.edition = int(value)
        elif name == "validators":
            self.validators = value == "1"
        return reply("200 OK", json.dumps(self.said).encode())

    async def served(self, path: str, headers: dict[str, str]) -> bytes:
        host = headers["host"]
        self.said["requests"] += 1
        self.open[host] += 1
        self.said["at once"] = max(self.said["at once"], self.open[host])
        self.said["closest"] = min(self.said["closest"], monotonic() - self.ended.get(host, -1e9))
        try:
            await asyncio.sleep(0)
            if path == "/robots.txt":
                return reply("404 Not Found", b"")
            etag = f'"{self.edition}"' if self.validators else ""
            if etag and headers.get("if-none-match") == etag:
                return reply("304 Not Modified", None, f"ETag: {etag}")
            return reply("200 OK", page(host, self.edition), *([f"ETag: {etag}"] if etag else []))
        finally:
            self.open[host] -= 1
            self.ended[host] = monotonic()


def reply(status: str, body: bytes | None, *headers: str) -> bytes:
    length = [] if body is None else [f"Content-Length: {len(body)}"]
    lines = (f"HTTP/1.1 {status}", "Content-Type: text/html; charset=utf-8", *length, *headers)
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + (body or b"")


def serve(port: multiprocessing.Queue) -> None:
    async def run() -> None:
        web = Web()
        server = await asyncio.start_server(web.answer, "127.0.0.1", 0)
        port.put(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(run())


@contextmanager
def serving() -> Iterator[int]:
    context = multiprocessing.get_context("spawn")
    port = context.Queue()
    process = context.Process(target=serve, args=(port,), daemon=True)
    process.start()
    try:
        yield port.get()
    finally:
        process.terminate()
        process.join()


def tell(port: int, name: str = "report", value: int = 0) -> dict[str, float]:
    return json.load(urllib.request.urlopen(f"http://127.0.0.1:{port}/-/{name}/{value}"))


class Resolver(Gate):
    """Leads every name to this machine."""

    async def addresses(self, host: str, port: int) -> list[str]:
        return ["127.0.0.1"]


# ---- the watch ---------------------------------------------------------------------------------------------------


class Desk:
    """A watch over documents of the web above, on a clock of its own."""

    def __init__(self, port: int, documents: int, archive: Path) -> None:
        self.port, self.archive, self.at, self.looked = port, archive, START, 0
        names = [f"platform-{n:06}" for n in range(documents)]
        self.declared = {
            f"{name}/terms-of-use": Declaration(
                Document(f"{name}/terms-of-use", name, "Terms of Use"), (Source(f"http://{name}.example:{port}/terms"),)
            )
            for name in names
        }

    async def run(self) -> None:
        delay = Settings().delay
        settings = Settings(allow_loopback=True, parallel=PARALLEL, delay=delay)
        async with Fetcher(settings, lambda: self.at) as fetcher:
            fetcher._transport._pool._network_backend = Resolver(allow_loopback=True)
            pace = Pace(shortest=6 * HOUR, longest=6 * HOUR)
            ruleset = rules.load(bundled("data") / "rules")
            self.watch = Watch(
                self.archive,
                ruleset,
                fetcher,
                pace=pace,
                parallel=PARALLEL,
                now=lambda: self.at,
                say=lambda event: None,
                record=self._recorded,
            )
            begun = process_time()
            self.watch.begin(self.declared)
            print(f"{'taking up the schedule':38} {(process_time() - begun) * 1000 / len(self.declared):8.2f} ms each")
            await self.round("first look, robots.txt too", 0, edition=0)
            await self.round("not modified (304)", 6.7, edition=0)
            await self.round("same bytes, no validators", 13.4, edition=0, validators=0)
            await self.round("other bytes, same words", 20.1, edition=1)
            await self.round("robots.txt again, other words", 26.8, edition=100)
            await self.rhythm()
            await self.watch.end(1)

    def _recorded(self, store: Store, looked: object) -> None:
        self.looked += 1

    async def round(self, name: str, hour: float, edition: int, validators: int = 1) -> None:
        """All documents once, as fast as they come: they are all due."""
        tell(self.port, "edition", edition)
        tell(self.port, "validators", validators)
        self.at, self.looked = START + hour * HOUR, 0
        begun, waited = process_time(), monotonic()
        while self.looked < len(self.declared):
            self.watch.tick()
            await asyncio.sleep(0.02)
        await self.watch.settled()
        spent, passed = process_time() - begun, monotonic() - waited
        each = spent * 1000 / self.looked
        share = 4 * 50_000 * each / 1000 / DAY_SECONDS
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        print(
            f"{name:38} {each:8.2f} ms each {self.looked / passed:8.0f}/s wall {share:7.1%} of a day {memory:7.0f} MB"
        )

    async def rhythm(self) -> None:
        """What a tick costs when all are due, when some are, and when none is."""
        with Store.write(self.archive) as store:
            for name, at in (("all are due", 40 * HOUR), ("none is due", 27 * HOUR)):
                begun = process_time()
                for _ in range(20):
                    with store.transaction():
                        moment = START + at
                        found = turns.claim(store, moment, moment, 8, (), moment + timedelta(days=14))
                        turns.release(store, found)
                    turns.next_due(store)
                print(f"{'a tick when ' + name:38} {(process_time() - begun) * 50:8.2f} ms")
        begun = process_time()
        self.watch.follow(dict(self.declared))
        print(f"{'declarations read again, all the same':38} {(process_time() - begun) * 1000:8.1f} ms")
        one = next(iter(self.declared.values()))
        begun = process_time()
        self.watch.follow({**self.declared, one.document.id: Declaration(one.document, one.sources, every=3)})
        print(f"{'declarations read again, one changed':38} {(process_time() - begun) * 1000:8.1f} ms")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--documents", type=int, default=2000)
    documents = options.parse_args().documents
    print(f"{documents:,} documents on as many hosts; shares of a day are for 50,000 documents, four times a day\n")
    with tempfile.TemporaryDirectory() as folder, serving() as port:
        asyncio.run(Desk(port, documents, Path(folder) / "tracker.db").run())
        said = tell(port)
    print(f"\nseen by the hosts: {said['requests']:,} requests, at most {said['at once']} at once of one host,")
    print(f"the closest {said['closest']:.2f} seconds after the one before it ended")


if __name__ == "__main__":
    main()
