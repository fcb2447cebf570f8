"""Looking: `add`, `check` and `status`."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tracker.cli.root import as_json, cli
from tracker.cli.workplace import Workplace, bring_up_to_date, chosen, now

if TYPE_CHECKING:
    from tracker.pipeline import Looked
    from tracker.store import Store


@cli.command()
@click.argument("url")
@click.option("--platform", help="The platform's name; else what the page says.")
@click.option(
    "--terms", "terms_type", help='The kind of document, such as "Terms of Service"; else what the page says.'
)
@click.option("--select", help="CSS selector of the part to keep; else the main content is found by itself.")
@click.option("--discover", is_flag=True, help="Only list the legal texts that URL links to; write nothing.")
@click.pass_obj
def add(
    place: Workplace, url: str, platform: str | None, terms_type: str | None, select: str | None, discover: bool
) -> None:
    """Write a declaration for URL, take the first capture, and print what it says on AI now.

    With --discover URL is a platform's home page or its page of legal texts: what it links to is listed, with what is
    watched already.
    """
    from tracker import adding
    from tracker.cli import printing, terminal
    from tracker.extract.relatives import same_page

    if discover:
        declared = place.catalogue().declarations
        watched = {same_page(source.url): name for name, one in declared.items() for source in one.sources}
        printing.discovered(asyncio.run(adding.discover(url, now)), watched)
        return

    target = place.declarations or Path("data/declarations")
    rules, declared = place.rules(), place.catalogue().declarations
    with place.write() as store, terminal.progress("Fetching", 1) as step:
        added = asyncio.run(
            adding.add(url, platform, terms_type, select, target, store, rules, declared=declared, now=now)
        )
        step()
    printing.added(added)


@cli.command()
@click.argument("documents", nargs=-1, metavar="[DOCUMENT]...")
@click.option("--exit-code", is_flag=True, help="End with 3 when a change that concerns AI was found.")
@as_json
@click.pass_obj
def check(place: Workplace, documents: tuple[str, ...], exit_code: bool, as_json: bool) -> None:
    """Look at documents once, now; at all that are declared if none is named.

    Every look is recorded with what came of it, also when nothing came. DOCUMENT is an id such as
    soundcloud/terms-of-service, or a platform such as soundcloud.

    Ends with 0, also where some documents could not be seen (`tracker status --problems` lists them); with 1 where
    none could; with 3 if --exit-code is given and a change that concerns AI was found.
    """
    from tracker import alerts, pipeline, settings
    from tracker.alerts import subscribing
    from tracker.cli import printing_looked, terminal
    from tracker.fetch import Fetcher

    catalogue, rules, options = place.catalogue(), place.rules(), settings.load()
    record = alerts.recorder(subscribing.subscribed())
    wanted = chosen(catalogue, documents)
    looked: list[Looked] = []

    async def run(store: Store, step) -> None:
        async with Fetcher(options, now) as fetcher:

            def done(one: Looked) -> None:
                looked.append(one)
                step(one.document.id)
                if as_json:
                    terminal.write_json(looked_record(one))
                else:
                    printing_looked.looked(one)

            await pipeline.check(wanted, store, rules, fetcher=fetcher, now=now, record=record, done=done)

    with place.write() as store:
        bring_up_to_date(store, catalogue, rules)
        with terminal.progress("Checking", len(wanted)) as step:
            asyncio.run(run(store, step))
    if not as_json:
        printing_looked.check_summary(looked, bool(options.contact))
    if options.alert:
        from tracker.cli import alerting

        alerting.deliver_due(place)
    if exit_code and any(one.change and one.change.ai_change for one in looked):
        raise SystemExit(3)
    if looked and all(one.error or not one.check or one.check.outcome in ("failed", "blocked") for one in looked):
        raise SystemExit(1)


def looked_record(one: Looked) -> dict[str, object]:
    return {
        "document": one.document.id,
        "outcome": one.check.outcome.value if one.check else "error",
        "reason": one.check.reason if one.check else type(one.error).__name__.lower(),
        "message": one.check.message if one.check else str(one.error),
        "version": one.version.address if one.version else None,
        "change": one.change.id if one.change else None,
        "ai_change": bool(one.change and one.change.ai_change),
        "candidates": [found.url for found in one.relatives],
    }


@cli.command()
@click.argument("documents", nargs=-1, metavar="[DOCUMENT]...")
@click.option("--problems", is_flag=True, help="Only documents that cannot be trusted to be current.")
@as_json
@click.pass_obj
def status(place: Workplace, documents: tuple[str, ...], problems: bool, as_json: bool) -> None:
    """Every document: when it was last seen, what came of the last check, and its checks by outcome."""
    from tracker import overview
    from tracker.cli import printing, terminal
    from tracker.store import outbox
    from tracker.watch import heart

    catalogue = place.catalogue()
    with place.read() as store:
        rows = overview.status(store, catalogue)
        given_up, off = outbox.counts(store).get("dead", 0), len(outbox.switched_off(store))
    if documents:
        rows = [row for name in documents for row in overview.named(rows, name)]
    if problems:
        rows = [row for row in rows if row["outcome"] not in ("unchanged", "captured")]
    if as_json:
        for row in rows:
            terminal.write_json(row)
    else:
        printing.status(rows)
        printing.beat(heart.last_beat(place.archive))
        printing.undelivered(given_up, off)
