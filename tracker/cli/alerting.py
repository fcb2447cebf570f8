"""Alerting: who is told, and what is on its way."""

from __future__ import annotations

import os
from difflib import get_close_matches

import click

from tracker.cli.root import cli
from tracker.cli.workplace import Workplace, now


@cli.group()
def alerts() -> None:
    """Tell people of changes on AI by mail, webhook or chat. Receivers are [[alert]] tables in tracker.toml."""


@alerts.command("list")
@click.pass_obj
def list_(place: Workplace) -> None:
    """List the receivers, and how many alerts wait, were sent or were given up."""
    from tracker import settings
    from tracker.alerts import subscriptions
    from tracker.store import outbox

    found = subscriptions(settings.load().alert)
    for one in found:
        scheme, _, rest = one.to.partition(":")
        shown = rest if scheme == "mailto" else f"{scheme} address {one.target[:8]}"
        wanted = ", ".join((*one.platforms, *one.documents, *one.topics, *one.kinds)) or "everything flagged"
        click.echo(f"{shown}: {wanted}, {one.every}")
        known = place.catalogue().declarations
        platforms = {name.partition("/")[0] for name in known}
        for name in (*(set(one.platforms) - platforms), *(set(one.documents) - known.keys())):
            near = get_close_matches(name, [*platforms, *known], 1)
            remedy = f"did you mean {near[0]}?" if near else "`tracker status` lists what is watched."
            click.echo(f"  {name} is not watched, so nothing will come of it: {remedy}", err=True)
    if not found:
        click.echo('Nobody is told yet. Write in tracker.toml:\n\n[[alert]]\nto = "mailto:you@example.org"')
    if place.archive.exists():
        with place.read() as store:
            counted = outbox.counts(store)
        click.echo(
            ", ".join(f"{number} {state}" for state, number in sorted(counted.items())) or "Nothing was sent yet."
        )


@alerts.command()
@click.pass_obj
def send(place: Workplace) -> None:
    """Send what is due now. `tracker check` and `tracker run` do so by themselves. Ends with 1 if any was given up."""
    from tracker.store import outbox

    deliver_due(place)
    with place.read() as store:
        dead = outbox.counts(store).get("dead", 0)
    if dead:
        click.echo(f"{dead} alerts were given up: see `tracker alerts list`.", err=True)
        raise SystemExit(1)


def deliver_due(place: Workplace) -> None:
    """Sends what is due, and says on standard error what came of it."""
    said = sent_now(place)
    if said:
        click.echo(said, err=True)


def sent_now(place: Workplace) -> str:
    """Sends what is due; what came of it in words, "" where nothing was due."""
    from tracker import alerts, settings

    options = settings.load()
    channels = alerts.Channels(options, os.environ, now)
    found = alerts.send(place.archive, alerts.subscriptions(options.alert), channels.deliver, now, options.site_url)
    counted = [
        f"{number} {word}"
        for number, word in ((found.sent, "sent"), (found.waiting, "to be tried again"), (found.dead, "given up"))
        if number
    ]
    return " ".join((f"Alerts: {', '.join(counted)}.", *found.errors)) if counted else ""
