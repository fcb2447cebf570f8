"""Small archives for tests of pages: what a platform served, day by day, taken in by the real pipeline."""

import asyncio
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from functools import cache
from pathlib import Path

from tracker import pipeline, rules
from tracker.errors import FetchError
from tracker.model import Declaration, Document, Response, Source, moment
from tracker.settings import bundled
from tracker.store import Store

LICENCE = "You keep all rights in the music that you upload, and you grant us a licence to host it and to play it."
TRAINING = "You agree that we may use your uploads to train artificial intelligence models."
PROMISE = "We will not use your uploads to train artificial intelligence models without your consent."
WORDS = [
    "access",
    "billing",
    "conduct",
    "disputes",
    "fees",
    "guests",
    "hosting",
    "liability",
    "notices",
    "payments",
    "refunds",
    "transfers",
]
FILLER = tuple(
    f"Part {word} of these terms tells what you and we owe each other and how {word} can end." for word in WORDS
)


@cache
def ruleset():
    """The bundled rules, read once."""
    return rules.load(bundled("data") / "rules")


def page(*clauses: str, stated: str = "1 January 2024", title: str = "Terms of Use", filler=FILLER) -> str:
    """A page of terms with these clauses after the usual ones."""
    body = "".join(f"<p>{clause}</p>" for clause in (*filler, *clauses))
    return (
        f'<html lang="en"><head><title>{title}</title></head><body><nav><a href="/">Home</a></nav><main>'
        f"<h1>{title}</h1><p>Last updated: {stated}</p>{body}</main></body></html>"
    )


class Shelf:
    """A fetcher that hands out what was put on it; an error that was put on it is raised."""

    renders = False

    def __init__(self) -> None:
        self.served: str | bytes | FetchError = ""
        self.headers: tuple[tuple[str, str], ...] = ()
        self.at: datetime | None = None

    async def fetch(self, url: str, etag: str = "", last_modified: str = "") -> Response:
        if isinstance(self.served, FetchError):
            raise self.served
        body = self.served.encode() if isinstance(self.served, str) else self.served
        headers = (("Content-Type", "text/html; charset=utf-8"), *self.headers)
        return Response(url, url, 200, headers, body, self.at, address="192.0.2.1")


class Archive:
    """An archive in the making. `look(served)` checks a document once, a day after the last time."""

    def __init__(self, path: Path, start: str = "2024-02-01T06:00:00Z") -> None:
        self.path, self.at, self.shelf = path, moment(start), Shelf()
        self.declared: Declaration | None = None  # in place of the plain one that `look` makes

    def look(self, served, platform="Tunely", terms="Terms of Use", days=1, headers=(), url="", name=""):
        """What came of it, as the pipeline says."""
        self.at += timedelta(days=days)
        document = Document(name or f"{platform.lower()}/terms-of-use", platform, terms)
        declaration = self.declared or Declaration(document, (Source(url or "https://tunely.example/terms"),))
        self.shelf.served, self.shelf.headers, self.shelf.at = served, headers, self.at

        def run():
            with Store.write(self.path) as store:
                check = pipeline.check([declaration], store, ruleset(), fetcher=self.shelf, now=lambda: self.at)
                return asyncio.run(check)[0]

        with ThreadPoolExecutor(1) as pool:  # a test in a browser has an event loop in this thread already
            return pool.submit(run).result()

    def read(self) -> Store:
        return Store.read(self.path)


def sample(path: Path) -> Archive:
    """A platform that slips a training clause in under an unmoved date, is blocked for a day, then turns it into a
    promise; and another one whose terms are still."""
    archive = Archive(path)
    archive.look(page(LICENCE))
    archive.look(page(LICENCE), platform="Still")
    archive.look(page(LICENCE))
    archive.look(page(LICENCE, TRAINING))
    archive.look(FetchError("The site turned the request away: status 403.", "https://tunely.example/terms", "Wait."))
    archive.look(page(LICENCE, TRAINING), days=40)
    archive.look(page(LICENCE, PROMISE, stated="1 April 2024"))
    archive.look(page(LICENCE), platform="Still")
    return archive
