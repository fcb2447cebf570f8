"""Reading what the archive holds: `changes`, `show`, `compare` and `history`."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import click

from tracker.cli.root import as_json, cli
from tracker.cli.workplace import Moment, Workplace


@cli.command()
@click.argument("document", required=False, default="")
@click.option("--flagged", is_flag=True, help="Only changes that concern AI.")
@click.option("--since", type=Moment(), help="Changes first seen at or after this date.")
@click.option("--until", type=Moment(), help="Changes first seen at or before this date.")
@as_json
@click.pass_obj
def changes(
    place: Workplace, document: str, flagged: bool, since: datetime | None, until: datetime | None, as_json: bool
) -> None:
    """List changes, newest first. DOCUMENT is a document or a platform."""
    from tracker import overview, records
    from tracker.cli import printing, terminal
    from tracker.store import derived

    with place.read() as store:
        overview.require(store, document)
        found = derived.changes(store, document.strip("/"), flagged, since, until)
        if as_json:
            for one in found:
                terminal.write_json(records.change(one, lambda version: overview.capture_hash(store, version)))
            return
        total = len(found) or len(derived.changes(store))
    printing.changes(found, bool(document or flagged or since or until), total)


@cli.command()
@click.argument("change")
@click.option("--full", is_flag=True, help="Also clauses that only moved or changed in form.")
@as_json
@click.pass_obj
def show(place: Workplace, change: str, full: bool, as_json: bool) -> None:
    """Show one change, clause by clause. CHANGE is an id out of `tracker changes`."""
    from tracker import history, overview, records
    from tracker.cli import printing, terminal

    with place.read() as store:
        found = history.change(store, change)
        if as_json:
            terminal.write_json(records.whole_change(found, lambda version: overview.capture_hash(store, version)))
        else:
            hashes = tuple(overview.capture_hash(store, one) for one in (found.record.before, found.record.after))
            with terminal.paged():
                printing.change(found, full, hashes)


@cli.command()
@click.argument("a")
@click.argument("b")
@click.option("--full", is_flag=True, help="Also clauses that only moved or changed in form.")
@click.option("--html", type=click.Path(path_type=Path, dir_okay=False), help="Write a page instead, one file.")
@as_json
@click.pass_obj
def compare(place: Workplace, a: str, b: str, full: bool, html: Path | None, as_json: bool) -> None:
    """Compare two versions of the archive, or two files, clause by clause.

    \b
    A and B are files (text, Markdown, HTML, PDF; "-" is standard input), or versions by date:
      tracker compare before.md after.md
      tracker compare soundcloud/terms-of-service@2024-01 @now
      tracker compare reddit/user-agreement@2024-01 soundcloud/terms-of-service@now
    """
    from tracker import overview, records, render
    from tracker.cli import printing, terminal
    from tracker.views import pair

    found = overview.compare(place.archive, place.rules(), a, b)
    if html:
        values = pair.page(found.names, found.languages, found.comparison, found.judgement)
        html.write_bytes(render.alone("pair", values))
        terminal.out.print(f"Written: {html}")
    elif as_json:
        terminal.write_json(records.comparison(found.comparison, found.judgement))
    else:
        with terminal.paged():
            printing.line((" → ".join(found.names), "dim"))
            printing.judged(found.comparison, found.judgement, full)


@cli.command()
@click.argument("document")
@as_json
@click.pass_obj
def history(place: Workplace, document: str, as_json: bool) -> None:
    """A document's versions, with their windows, sources and dates, the checks between them and the gaps."""
    from tracker import overview, records
    from tracker.cli import printing_history, terminal

    with place.read() as store:
        overview.require(store, document)
        for name in [one.id for one in store.documents() if document.strip("/") in (one.id, one.platform_id)]:
            told = overview.chronicle(store, name)
            for one in told.chapters if as_json else ():
                terminal.write_json(records.version(one.version, one.sha256, one.window, one.source, one.redatings))
            if not as_json:
                printing_history.history(told)
