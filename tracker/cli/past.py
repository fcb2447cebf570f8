"""The past: `backfill`."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tracker.cli.root import as_json, cli
from tracker.cli.workplace import Moment, Workplace, chosen, now

if TYPE_CHECKING:
    from tracker.model import Declaration
    from tracker.past.backfill import Filler
    from tracker.past.filling import Backfilled, Progress
    from tracker.past.wayback import Wayback


@cli.command()
@click.argument("documents", nargs=-1, metavar="[DOCUMENT]...")
@click.option(
    "--source", type=click.Choice(["wayback", "published", "ota", "warc"]), default="wayback", show_default=True
)
@click.option("--path", type=click.Path(path_type=Path), help="With ota: a clone of versions; with warc: a file.")
@click.option("--from", "start", type=Moment(), help="The earliest moment wanted; without it, all there is.")
@click.option("--to", "end", type=Moment(), help="The latest moment wanted.")
@click.option("--all-captures", is_flag=True, help="Fetch every capture; else only as many as find the changes.")
@click.option("--discover", is_flag=True, help="With published: also take former texts that the page links to.")
@as_json
@click.pass_context
def backfill(
    context: click.Context,
    documents: tuple[str, ...],
    source: str,
    path: Path | None,
    start: datetime | None,
    end: datetime | None,
    all_captures: bool,
    discover: bool,
    as_json: bool,
) -> None:
    """Fill the history of documents from archives of the web, or from the publisher's own former texts.

    \b
      tracker backfill soundcloud/terms-of-service --from 2023
      tracker backfill soundcloud --source published --discover
      tracker backfill soundcloud --source ota --path contrib-versions.git

    From the Wayback Machine, the ends of each quarter are fetched, and where their texts differ the captures between,
    half of them each time, until the change is found; a text that came and went within a quarter is seen only with
    --all-captures. What is held already is not fetched again: a run that was stopped goes on where it was.
    """
    from tracker.cli import printing_past, terminal
    from tracker.cli.exchange import import_ota, import_warc

    place: Workplace = context.obj
    if source in ("ota", "warc"):
        if path is None:
            raise click.UsageError(f"Say where it is: --source {source} --path PATH")
        if source == "ota":
            taken = {"path": path, "undeclared": False}
            context.invoke(import_ota, **taken, wanted=documents, workers=None, cluster=None, as_json=as_json)
        else:
            context.invoke(import_warc, files=(path,), wanted=documents, workers=None, cluster=None, as_json=as_json)
        return
    wanted = chosen(place.catalogue(), documents)

    async def fill(filler: Filler, declaration: Declaration, machine: Wayback, step: Progress) -> Backfilled:
        if source == "wayback":
            return await filler.wayback(declaration, machine, start, end, all_captures, step)
        return await filler.published(declaration, discover, step)

    def said(one: Backfilled) -> None:
        if as_json:
            terminal.write_json(printing_past.record(one))
        else:
            printing_past.backfilled(one)

    with terminal.progress("Filling the past", None) as bar:
        found = asyncio.run(_fill_all(place, wanted, source, fill, said, lambda done, of, what: bar(what, done, of)))
    place.seal()
    if not as_json:
        printing_past.totals(found)
    if found and all(one.error for one in found):
        raise SystemExit(1)


async def _fill_all(
    place: Workplace,
    wanted: Sequence[Declaration],
    source: str,
    fill: Callable[[Filler, Declaration, Wayback, Progress], Awaitable[Backfilled]],
    said: Callable[[Backfilled], None],
    step: Progress,
) -> list[Backfilled]:
    """One document after the other; what is wrong with one of many stops no other."""
    from tracker import settings
    from tracker.errors import DeclarationError, FetchError, NotFound
    from tracker.fetch import Fetcher
    from tracker.past.backfill import Filler
    from tracker.past.filling import Backfilled
    from tracker.past.wayback import Wayback

    options, found = settings.load(), []
    async with Fetcher(options, now) as fetcher:
        filler = Filler(place.archive, place.rules(), fetcher, now)
        for declaration in wanted:
            machine = Wayback(options.wayback_url, fetcher, pace=options.wayback_pace)
            try:
                one = await fill(filler, declaration, machine, step)
            except (DeclarationError, FetchError, NotFound) as error:
                if len(wanted) == 1:
                    raise
                one = Backfilled(declaration.document.id, source, error=str(error))
            found.append(one)
            said(one)
    return found
