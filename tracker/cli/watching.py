"""Keeping a watch: `run`, and `repair` for what goes wrong with it."""

from __future__ import annotations

import asyncio
import sys
import threading
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from tracker.cli.root import cli
from tracker.cli.workplace import Workplace, chosen, now

if TYPE_CHECKING:
    from tracker.cli.chores import Chores
    from tracker.pipeline import Looked
    from tracker.rules import RuleSet
    from tracker.settings import Settings
    from tracker.store import Store
    from tracker.watch.events import Say


@cli.command()
@click.option("--site", type=click.Path(path_type=Path, file_okay=False), help="Keep a static site built here.")
@click.option(
    "--serve",
    metavar="[HOST:]PORT",
    help="Also answer the site live, and /healthz; on this machine alone without HOST.",
)
@click.option(
    "--witness", is_flag=True, help="Ask the Wayback Machine to keep pages that changed (see `tracker witness`)."
)
@click.option(
    "--log", type=click.Choice(["text", "json"]), default="text", show_default=True, help="One line an event."
)
@click.option(
    "--grace", default=30.0, show_default=True, help="Seconds that checks in flight have to finish at the end."
)
@click.pass_obj
def run(place: Workplace, site: Path | None, serve: str | None, witness: bool, log: str, grace: float) -> None:
    """Keep looking: each document when it is due, day and night, until stopped with Ctrl-C or SIGTERM.

    A document is looked at every 6 to 24 hours, more often the more often its words change, or as its declaration says
    ("every"). A change on AI is looked at again after some minutes. What is due lives in the archive, so a restart
    forgets nothing. Other commands work meanwhile; `tracker status` says how the watch stands.
    """
    from tracker import settings
    from tracker.cli import chores
    from tracker.watch import events

    options, rules = settings.load(), place.rules()
    put = events.record if log == "json" else events.line

    def say(event: events.Event) -> None:
        sys.stdout.write(put(event).encode("utf-8", "backslashreplace").decode() + "\n")
        sys.stdout.flush()

    if serve:
        address = _answer(place, rules, options, serve)
        say(events.Event(now(), "serving", text=address))
    done = chores.after_checks(place, rules, options, site, witness)
    always = chores.always(place, rules, options, site)
    asyncio.run(_keep_looking(place, rules, options, say, grace, done, always))
    place.seal()


def _answer(place: Workplace, rules: RuleSet, options: Settings, serve: str) -> str:
    """Answers the live site in a thread of its own; its address."""
    from tracker import server

    with place.write():  # there must be an archive to read
        pass
    host, _, port = serve.rpartition(":")
    if not port.isdecimal() or int(port) > 65535:
        raise click.BadParameter("Write a port, as 8000, or a host and a port, as 0.0.0.0:8000.", param_hint="--serve")
    host = host.strip("[]") or "127.0.0.1"
    serving, opened = server.serve(place.archive, rules, options.site_url, host, int(port), options.embargo)
    threading.Thread(target=serving.run, kwargs={"sockets": [opened]}, daemon=True).start()
    return f"http://{host}:{opened.getsockname()[1]}/"


async def _keep_looking(
    place: Workplace, rules: RuleSet, options: Settings, say: Say, grace: float, chores: Chores, always: Chores
) -> None:
    from tracker import alerts
    from tracker.alerts import subscribing
    from tracker.fetch import Fetcher
    from tracker.watch import Watch
    from tracker.watch.daemon import Daemon
    from tracker.watch.due import Pace

    hours = (timedelta(hours=bound) for bound in (options.shortest, options.longest))
    pace = Pace(*hours, timedelta(minutes=options.confirm))
    current = subscribing.Followed()  # a receiver that joins is told without a restart

    def record(store: Store, looked: Looked) -> None:
        alerts.recorder(current())(store, looked)

    async with Fetcher(options, now) as fetcher:
        watch = Watch(
            place.archive, rules, fetcher, pace=pace, parallel=options.parallel, now=now, say=say, record=record
        )
        daemon = Daemon(place.archive, watch, place.following(), say, now, grace, chores, always)
        await daemon.run()


@cli.command()
@click.argument("document")
@click.option("--write", is_flag=True, help="Write the mended declaration, with the former selection in its history.")
@click.pass_obj
def repair(place: Workplace, document: str, write: bool) -> None:
    """Propose a selection for a DOCUMENT whose declared one matches nothing any more.

    While it is broken the text is found without it, and `tracker status` says so. Nothing is fetched: the newest
    capture is read. With --write the former selection goes to the declaration's history, so that older captures are
    still read as they were meant to be.
    """
    from tracker import declarations, repairing
    from tracker.cli import printing

    for declaration in chosen(place.catalogue(), [document]):
        with place.read() as store:
            found = repairing.find(store, declaration)
        target = place.declarations or Path("data/declarations")
        written = str(declarations.write(found.mended, target)) if write else ""
        printing.repair(declaration.document.id, found, written)
