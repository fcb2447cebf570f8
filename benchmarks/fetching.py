"""How many documents one process can watch: CPU and memory of a day's checks, politely, on loopback.

    python benchmarks/fetching.py                         50,000 documents in the schedule, 500 of them looked at
    python benchmarks/fetching.py --looked 50000          all of them: some hours of CPU
    python benchmarks/fetching.py --round 1000,5000       the most memory that one round over so many takes
    python benchmarks/fetching.py --day 2000              a whole day of so many, each looked at every six hours

Every document has a host name of its own, which an injected resolver leads to one server on this machine; the clock is
injected too, so that a day passes as fast as its checks do. The server counts what it sees of each host: how many
requests at once, and how close one followed the other. CPU is of the watching process alone, with all that it does. A
share of a day is what 50,000 documents take that are looked at four times. On the whole day looks come as they are
due, and four of ten find other bytes, one of two hundred other words, as `docs/scale.md` assumes.
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
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from time import monotonic, process_time

from tracker import pipeline, rules
from tracker.fetch import Fetcher
from tracker.fetch.gate import Gate
from tracker.model import Declaration, Document, Source, stamp
from tracker.settings import Settings, bundled
from tracker.store import Store, turns
from tracker.watch import Watch
from tracker.watch.due import Pace

START = datetime(2026, 3, 1, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY_SECONDS = 86_400
PARALLEL = 64
OTHER_BYTES, OTHER_WORDS = 0.4, 0.005  # of the looks of a day
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
        self.lives, self.editions = False, defaultdict[str, int](int)  # whether pages change by themselves, and how far
        self.chance = Random(1)
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
        elif name == "lives":
            self.lives = value == "1"
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
            edition = self.edition_of(host)
            etag = f'"{edition}"' if self.validators else ""
            if etag and headers.get("if-none-match") == etag:
                return reply("304 Not Modified", None, f"ETag: {etag}")
            return reply("200 OK", page(host, edition), *([f"ETag: {etag}"] if etag else []))
        finally:
            self.open[host] -= 1
            self.ended[host] = monotonic()

    def edition_of(self, host: str) -> int:
        """The edition that is served now; one further, or one of other words, where pages change by themselves."""
        if self.lives:
            drawn = self.chance.random()
            self.editions[host] += 100 if drawn < OTHER_WORDS else drawn < OTHER_BYTES
        return self.edition + self.editions[host]


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


def declared(port: int, documents: int) -> Iterator[Declaration]:
    for n in range(documents):
        name = f"platform-{n:06}"
        document = Document(f"{name}/terms-of-use", name, "Terms of Use")
        yield Declaration(document, (Source(f"http://{name}.example:{port}/terms"),))


class Desk:
    """A watch over documents of the web above, on a clock of its own."""

    def __init__(self, port: int, documents: int, due: int, archive: Path) -> None:
        self.port, self.archive, self.due, self.at, self.looked = port, archive, due, START, 0
        self.declared = {one.document.id: one for one in declared(port, documents)}

    async def run(self, story: Callable[[Desk], Awaitable[None]]) -> None:
        """Takes up the schedule, and lives through a story."""
        async with fetching(lambda: self.at) as fetcher:
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
            await story(self)
            await self.watch.end(1)

    async def rounds(self) -> None:
        """Some of the documents, again and again."""
        with Store.write(self.archive) as store, store.transaction():  # the others are due another day
            late = (stamp(START + timedelta(days=9)), self.due)
            store.db.execute("update turn set due_at = ? where cast(substr(document, 10, 6) as integer) >= ?", late)
        await self.round("first look, robots.txt too", 0, edition=0)
        await self.round("not modified (304)", 6.7, edition=0)
        await self.round("same bytes, no validators", 13.4, edition=0, validators=0)
        await self.round("other bytes, same words", 20.1, edition=1)
        await self.round("robots.txt again, other words", 26.8, edition=100)
        await self.rhythm()

    async def day(self) -> None:
        """All documents taken up within six hours, and then a day with each of them."""
        with Store.write(self.archive) as store, store.transaction():
            for number, name in enumerate(self.declared):
                at = START + 6 * HOUR * number / len(self.declared)
                store.db.execute("update turn set due_at = ? where document = ?", (stamp(at), name))
        await self.until("six hours of first looks", START + 6 * HOUR)
        tell(self.port, "lives", 1)
        asked = tell(self.port)["requests"]
        spent = await self.until("a day", START + 30 * HOUR)
        asked, kept = tell(self.port)["requests"] - asked, self.archive.stat().st_size / 2**20
        for documents in (len(self.declared), 50_000):
            share = spent * documents / len(self.declared) / DAY_SECONDS
            print(f"{f'CPU of a day with {documents:,} documents':38} {share:8.2%} of one core")
        print(f"{'requests a look':38} {asked / self.looked:8.2f}; archive {kept:.0f} MB")

    async def until(self, name: str, end: datetime) -> float:
        """Lives until a moment, a minute at a time; the CPU seconds that it took."""
        begun, waited, self.looked = process_time(), monotonic(), 0
        while self.at < end:
            while self.watch.tick() or self.watch.in_flight:
                await asyncio.sleep(0.002)
            self.at += timedelta(minutes=1)
        spent, passed = process_time() - begun, monotonic() - waited
        memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        each = spent * 1000 / self.looked
        print(f"{name:38} {each:8.2f} ms each {self.looked:8,} looks in {passed:.0f} s wall {memory:7.0f} MB")
        return spent

    def _recorded(self, store: Store, looked: object) -> None:
        self.looked += 1

    async def round(self, name: str, hour: float, edition: int, validators: int = 1) -> None:
        """All documents once, as fast as they come: they are all due."""
        tell(self.port, "edition", edition)
        tell(self.port, "validators", validators)
        self.at, self.looked = START + hour * HOUR, 0
        begun, waited = process_time(), monotonic()
        while self.looked < self.due:
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
        """What a tick costs when all are due, and when none is; and a look at declarations."""
        with Store.write(self.archive) as store:
            for name, at in (("all are due", 240 * HOUR), ("none is due", 27 * HOUR)):
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


@asynccontextmanager
async def fetching(now: Callable[[], datetime]) -> AsyncIterator[Fetcher]:
    """The fetcher as it is, but for where names lead to and how much may be asked at once."""
    async with Fetcher(Settings(allow_loopback=True, parallel=PARALLEL), now) as fetcher:
        fetcher._transport._pool._network_backend = Resolver(allow_loopback=True)
        yield fetcher


def a_round(port: int, documents: int, archive: Path) -> None:
    """The most memory of a process that looks at so many documents once, and then once more."""

    async def run() -> None:
        async with fetching(lambda: START) as fetcher:
            ruleset = rules.load(bundled("data") / "rules")
            for now in (START, START + 6 * HOUR):
                with Store.write(archive) as store:
                    wanted = list(declared(port, documents))
                    await pipeline.check(wanted, store, ruleset, fetcher=fetcher, now=lambda now=now: now)

    asyncio.run(run())
    print(f"{documents:8,} documents: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024:6.0f} MB at most")


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--documents", type=int, default=50_000)
    options.add_argument("--looked", type=int, default=500)
    options.add_argument("--round", default="", metavar="N,N")
    options.add_argument("--day", type=int, default=0, metavar="N")
    given = options.parse_args()
    with tempfile.TemporaryDirectory() as folder, serving() as port:
        if given.round:
            for documents in map(int, given.round.split(",")):
                arguments = (port, documents, Path(folder) / f"{documents}.db")
                process = multiprocessing.get_context("spawn").Process(target=a_round, args=arguments)
                process.start()
                process.join()
            return
        documents = given.day or given.documents
        looked = min(given.day or given.looked, documents)
        print(f"{documents:,} documents on as many hosts, {looked:,} of them looked at\n")
        desk = Desk(port, documents, looked, Path(folder) / "tracker.db")
        asyncio.run(desk.run(Desk.day if given.day else Desk.rounds))
        said = tell(port)
    print(f"\nseen by the hosts: {said['requests']:,} requests, at most {said['at once']} at once of one host,")
    print(f"the closest {said['closest']:.2f} seconds after the one before it ended")


if __name__ == "__main__":
    main()
