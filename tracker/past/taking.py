"""Taking in histories that stand in files: mementos of many documents, kept in batches and derived once."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote, urlsplit

from tracker import engine, timeline
from tracker.errors import NotFound
from tracker.model import Declaration, Document, Memento, Source, slug
from tracker.past import keeping, ota, warc
from tracker.past.filling import BATCH, Backfilled, Progress
from tracker.rules import RuleSet
from tracker.store import Store, derived


class Taker:
    """Takes files into an archive: first all is kept, then `crew` derives what follows. `limit` is the largest body in
    bytes that is kept."""

    def __init__(
        self,
        archive: Path,
        rules: RuleSet,
        now: Callable[[], datetime],
        limit: int,
        crew: engine.Crew = engine.ALONE,
    ) -> None:
        self._archive, self._rules, self._now, self._limit, self._crew = archive, rules, now, limit, crew

    def ota(
        self, path: Path, declared: dict[str, Declaration], undeclared: bool, progress: Progress
    ) -> tuple[list[Backfilled], list[str]]:
        """A git repository of versions: what came of each document, and the paths that name no declared document.

        With `undeclared`, these are taken as well: they stand in the archive, and no check looks for more of them.
        Raises NotFound for what is no repository of this kind.
        """
        history = ota.history(path)
        if not history.records:
            what = f"No version stands in this repository ({history.commits} commits)."
            raise NotFound(what, str(path), "Its files must be `Service/Terms type.md`, one commit for each version.")
        found, strangers, done = [], [], 0
        grown: dict[str, Declaration] = {}
        total = sum(map(len, history.records.values()))
        for name, records in sorted(history.records.items()):
            declaration = self._declared(name, declared, undeclared)
            if declaration is None:
                strangers.append(name)
                done += len(records)
                continue
            url = declaration.sources[0].url
            one = Backfilled(declaration.document.id, "ota", len(records))

            def texts(one=one, records=records, url=url) -> Iterable[Memento]:
                for text in ota.mementos(path, records, url, self._now(), self._limit):
                    if isinstance(text, Memento):
                        yield text
                    else:
                        one.taken.skip(text.at, url, f"The text is missing or larger than {self._limit:,} bytes.")

            done = self._take(declaration, one, texts(), done, total, progress)
            found.append(one)
            grown[one.document] = declaration
        self._derive(grown, found, progress)
        return found, strangers

    @staticmethod
    def _declared(path: str, declared: dict[str, Declaration], undeclared: bool) -> Declaration | None:
        service, _, terms = path.removesuffix(".md").partition("/")
        try:
            name = f"{slug(service)}/{slug(terms)}"
        except ValueError:
            return None
        if name in declared or not undeclared or name.startswith("/") or name.endswith("/"):
            return declared.get(name)
        return Declaration(Document(name, service, terms), (Source(f"ota:{quote(path)}"),))

    def warc(
        self, files: Iterable[Path], declared: Iterable[Declaration], progress: Progress
    ) -> tuple[list[Backfilled], list[warc.Broken], int]:
        """WARC files: what came of each document, what was broken, and how many records are of no declared document."""
        known, broken, strange = addresses(declared), list[warc.Broken](), 0
        found: dict[str, Backfilled] = {}
        grown: dict[str, Declaration] = {}
        for file in files:
            buffers: dict[str, list[Memento]] = {}
            for place, one in enumerate(warc.read(file, self._now(), self._limit)):
                progress(place, 0, file.name)
                if isinstance(one, warc.Broken):
                    broken.append(one)
                    continue
                matches = known.get(address_key(one.response.url), ()) or known.get(
                    address_key(one.response.final_url), ()
                )
                strange += not matches
                for declaration, url in matches:
                    name = declaration.document.id
                    found.setdefault(name, Backfilled(name, "warc")).listed += 1
                    grown[name] = declaration
                    buffers.setdefault(name, []).append(warc.addressed(one, url))
                    if len(buffers[name]) >= BATCH:
                        self._keep(declaration, found[name], buffers.pop(name))
            for name, kept in buffers.items():
                self._keep(grown[name], found[name], kept)
        self._derive(grown, list(found.values()), progress)
        return list(found.values()), broken, strange

    def _take(
        self, declaration: Declaration, one: Backfilled, texts: Iterable[Memento], done: int, total: int, step: Progress
    ) -> int:
        buffer: list[Memento] = []
        for text in texts:
            buffer.append(text)
            done += 1
            if len(buffer) >= 10 * BATCH:
                self._keep(declaration, one, buffer)
                buffer = []
            step(done, total, declaration.document.id)
        self._keep(declaration, one, buffer)
        return done

    def _keep(self, declaration: Declaration, one: Backfilled, mementos: list[Memento]) -> None:
        if mementos:
            with Store.write(self._archive) as store:
                keeping.keep(store, declaration, mementos, self._now(), one.taken)

    def _derive(self, grown: Mapping[str, Declaration], found: Sequence[Backfilled], progress: Progress) -> None:
        """What follows from all that was kept, one document's fault being no other's."""
        taken = [one for one in found if one.taken.new or one.taken.known]
        if not taken:
            return
        with Store.write(self._archive) as store:
            before = {one.document: len(derived.versions(store, one.document)) for one in taken}
            waiting = [grown[one.document] for one in taken]
            faults = timeline.read_grown(store, waiting, self._rules, progress, self._crew)
            said = {fault.where.partition(": ")[0]: str(fault) for fault in faults}
            for one in taken:
                one.error = said.get(one.document, "")
                one.versions = before[one.document], len(derived.versions(store, one.document))


def addresses(declared: Iterable[Declaration]) -> dict[str, list[tuple[Declaration, str]]]:
    """Present and former addresses of documents, by what is the same for an archive of the web."""
    found: dict[str, list[tuple[Declaration, str]]] = {}
    for declaration in declared:
        for _, sources in (*declaration.former, (datetime.max.replace(tzinfo=UTC), declaration.sources)):
            for source in sources:
                pairs = found.setdefault(address_key(source.url), [])
                if all(other.document != declaration.document for other, _ in pairs):
                    pairs.append((declaration, source.url))
    return found


def address_key(url: str) -> str:
    """An address without scheme, "www.", fragment and closing slash."""
    try:
        parts = urlsplit(url)
        host, port = (parts.hostname or "").removeprefix("www."), parts.port
    except ValueError:
        return url
    place = f"{host}:{port}" if port not in (None, 80, 443) else host
    return f"{place}{parts.path.rstrip('/')}?{parts.query}"
