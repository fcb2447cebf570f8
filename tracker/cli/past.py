"""The past: `backfill`."""

from __future__ import annotations

import asyncio
from datetime import datetime
from pathlib import Path

import click

from tracker.cli.root import as_json, cli
from tracker.cli.workplace import Moment, Workplace, chosen, now


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
    from tracker import settings
    from tracker.cli import printing_past, terminal
    from tracker.cli.exchange import import_ota, import_warc
    from tracker.errors import DeclarationError, FetchError, NotFound
    from tracker.fetch import Fetcher
    from tracker.past.backfill import Backfilled, Filler
    from tracker.past.wayback import Wayback

    place: Workplace = context.obj
    if source in ("ota", "warc"):
        if path is None:
            raise click.UsageError(f"Say where it is: --source {source} --path PATH")
        if source == "ota":
            context.invoke(import_ota, path=path, wanted=documents, undeclared=False, as_json=as_json)
        else:
            context.invoke(import_warc, files=(path,), wanted=documents, as_json=as_json)
        return
    options, rules = settings.load(), place.rules()
    wanted = chosen(place.catalogue(), documents)

    async def run(step) -> list[Backfilled]:
        found = []
        async with Fetcher(options, now) as fetcher:
            filler = Filler(place.archive, rules, fetcher, now)
            for declaration in wanted:
                machine = Wayback(options.wayback_url, fetcher, pace=options.wayback_pace)
                try:
                    if source == "wayback":
                        one = await filler.wayback(declaration, machine, start, end, all_captures, step)
                    else:
                        one = await filler.published(declaration, discover, step)
                except (DeclarationError, FetchError, NotFound) as error:
                    if len(wanted) == 1:
                        raise
                    one = Backfilled(declaration.document.id, source, error=str(error))
                found.append(one)
                if as_json:
                    terminal.write_json(printing_past.record(one))
                else:
                    printing_past.backfilled(one)
        return found

    with terminal.progress("Filling the past", None) as bar:
        found = asyncio.run(run(lambda done, total, what: bar(what, done, total)))
    place.seal()
    if not as_json:
        printing_past.totals(found)
    if found and all(one.error for one in found):
        raise SystemExit(1)
