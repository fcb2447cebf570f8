"""Where a run of the command line works: archive, declarations, rules; documents and dates as people name them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tracker.errors import NotFound, TrackerError
from tracker.model import moment

if TYPE_CHECKING:
    from tracker.declarations import Catalogue, Shard
    from tracker.engine import Crew
    from tracker.model import Declaration
    from tracker.rules import RuleSet
    from tracker.store import Store
    from tracker.timeline import Refreshed


@dataclass(frozen=True, slots=True)
class Workplace:
    """Where this run works: the archive, the folders that declare documents, and which part of these is meant."""

    archive: Path
    declarations: Path | None
    shard: Shard | None = None

    def catalogue(self) -> Catalogue:
        """All declarations; what is wrong in them is said and hides nothing else."""
        from tracker import declarations
        from tracker.cli import terminal

        found = declarations.load(*self._folders())
        if self.shard:
            own = {name: one for name, one in found.declarations.items() if one in self.shard}
            found = replace(found, declarations=own)
        for problem in found.problems:
            terminal.complain(problem)
        return found

    def _folders(self) -> list[Path]:
        from tracker.settings import bundled

        own = Path("data/declarations")
        folders = [self.declarations] if self.declarations else [bundled("data") / "declarations", own]
        return list(dict.fromkeys(folder.resolve() for folder in folders if folder.is_dir() or folder != own))

    def following(self) -> Callable[[], Mapping[str, Declaration]]:
        """A way to the declarations as they are at each moment, read again only where a file was touched."""
        from tracker import declarations

        traces: list[object] = []
        found: Mapping[str, Declaration] = {}

        def declared() -> Mapping[str, Declaration]:
            nonlocal traces, found
            now = declarations.traces(*self._folders())
            if now != traces:
                found, traces = self.catalogue().declarations, now
            return found

        return declared

    def rules(self) -> RuleSet:
        """The rules; when they are used first, a broken one is said and the others run."""
        from tracker import rules
        from tracker.cli import terminal
        from tracker.settings import bundled

        folder = os.environ.get("TRACKER_RULES")
        return rules.load(Path(folder) if folder else bundled("data") / "rules", terminal.complain)

    def read(self) -> Store:
        from tracker.store import Store

        return Store.read(self.archive)

    def published(self, embargoed: bool = False) -> Store:
        """The archive as the public may see it now; as it is, where whoever asks may see what is embargoed."""
        from tracker import settings
        from tracker.store import Store

        embargo = settings.load().embargo
        return Store.read(self.archive, now() - embargo if embargo and not embargoed else None)

    @contextmanager
    def write(self) -> Iterator[Store]:
        """The archive open for writing; what was appended to its log meanwhile is signed in the end."""
        from tracker.store import Store

        with Store.write(self.archive) as store:
            try:
                yield store
            finally:
                _seal(store)

    def seal(self) -> None:
        """Signs what was appended to the log by others who had the archive open; where there is none, nothing."""
        if self.archive.is_file():
            with self.write():
                pass


def _seal(store: Store) -> None:
    """Signs the log; what hinders it is said and undoes nothing: the next run signs."""
    from tracker import settings
    from tracker.cli import terminal
    from tracker.evidence.seal import seal

    try:
        seal(store, settings.load())
    except TrackerError as error:
        terminal.complain(error)


class Moment(click.ParamType):
    """A date or a time, in UTC."""

    name = "date"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        if isinstance(value, datetime):
            return value
        try:
            return moment(str(value) + {4: "-01-01", 7: "-01"}.get(len(str(value)), ""))
        except ValueError:
            self.fail(f"{value!r} is not a date. Write 2024, 2024-02, 2024-02-12 or 2024-02-12T06:00.", param, ctx)


on_cores = click.option(
    "--workers", type=click.IntRange(1), metavar="N", help="Processes that work at the same time; else one a core."
)
on_cluster = click.option(
    "--cluster", metavar="ADDRESS", help="Work on the workers of Dask's scheduler at tcp://HOST:8786 (docs/cluster.md)."
)


class Part(click.ParamType):
    """One part of the documents of several, as "2/5"."""

    name = "part"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Shard:
        from tracker.declarations import Shard

        try:
            return value if isinstance(value, Shard) else Shard.parse(str(value))
        except ValueError as error:
            self.fail(str(error), param, ctx)


def now() -> datetime:
    return datetime.now(UTC)


def chosen(catalogue: Catalogue, names: Sequence[str]) -> list[Declaration]:
    """The declarations of documents and platforms by name; all of them where none is named. Raises NotFound."""
    from tracker import declarations

    if names:
        found = {one.document.id: one for name in names for one in declarations.find(catalogue, name)}
        return list(found.values())
    if not catalogue.declarations:
        raise NotFound("No document is declared.", remedy="Add one: `tracker add URL`.")
    return list(catalogue.declarations.values())


def cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


@contextmanager
def crew(workers: int | None, cluster: str | None) -> Iterator[Crew]:
    """Who derives: so many processes of this machine, one for each core if nothing is said; or a cluster's workers."""
    from tracker import engine

    if cluster is None:
        yield engine.processes(workers or cores())
        return
    if workers is not None:
        raise click.UsageError("--workers are processes of this machine, --cluster those of others: give one of them.")
    from tracker.cluster import connected

    with connected(cluster) as found:
        yield found


def bring_up_to_date(store: Store, catalogue: Catalogue, rules: RuleSet) -> None:
    """Derives again what is out of date; where nothing is, nothing that derives is loaded."""
    from tracker.recipes import is_current

    if not is_current(store, catalogue.declarations, rules):
        refresh(store, catalogue, rules)


def refresh(
    store: Store, catalogue: Catalogue, rules: RuleSet, everything: bool = False, crew: Crew | None = None
) -> Refreshed:
    """Brings what the archive derived up to date, on all cores where no crew is given; says what could not be read."""
    from tracker import engine, timeline
    from tracker.cli import terminal

    with terminal.progress("Reading the archive again", None) as step:

        def progress(done: int, total: int, what: str) -> None:
            step(what, done, total)

        crew = crew or engine.processes(cores())
        found = timeline.refresh(store, catalogue.declarations, rules, progress, everything, crew)
    for fault in found.faults:
        terminal.complain(fault)
    return found
