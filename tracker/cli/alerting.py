"""Alerting: who is told, of what, and what is on its way."""

from __future__ import annotations

from collections.abc import Sequence
from difflib import get_close_matches
from typing import TYPE_CHECKING, Any

import click

from tracker.cli.root import Commands, as_json, cli
from tracker.cli.workplace import Workplace, now
from tracker.errors import Busy
from tracker.model import stamp

if TYPE_CHECKING:
    from tracker.alerts.subscriptions import Subscription
    from tracker.alerts.telling import Site


class Hours(click.ParamType):
    """Two hours of a day, as 22-7."""

    name = "hours"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> list[int]:
        parts = str(value).split("-")
        if len(parts) != 2 or not all(part.strip().isdecimal() for part in parts):
            self.fail(f"{value!r} is not two hours. Write the first and the one after the last, as 22-7.", param, ctx)
        return [int(part) for part in parts]


@cli.group(cls=Commands)
def alerts() -> None:
    """Tell people of changes on AI by mail, webhook or chat.

    \b
      tracker alerts add desk@example.org --topic training --quiet 22-7
      tracker alerts test desk@example.org

    Receivers are [[alert]] tables in tracker.toml: `add` writes one, an editor does as well. `tracker check` sends what
    is due at its end, `tracker run` all the time.
    """


@alerts.command()
@click.argument("to", metavar="ADDRESS")
@click.option("--platform", "platforms", multiple=True, metavar="ID", help="Only of this platform; repeatable.")
@click.option("--document", "documents", multiple=True, metavar="ID", help="Only of this document; repeatable.")
@click.option("--topic", "topics", multiple=True, help="Only on this: training, third-party, scraping, …; repeatable.")
@click.option("--stance", "stances", multiple=True, help="Only where this is said: permits, opt-out, …; repeatable.")
@click.option("--kind", "kinds", multiple=True, help="Only added, removed, reworded or returned clauses; repeatable.")
@click.option("--silent", is_flag=True, help="Only changes under an unmoved date.")
@click.option("--promises", is_flag=True, help="Only where a promise, a consent or a way out went.")
@click.option("--unconfirmed", is_flag=True, help="At once, before a second check confirms it; said as such.")
@click.option("--every", help='"at once" (else), "daily" or "weekly".')
@click.option("--hour", type=int, help="Of a digest; 8 if not given.")
@click.option("--time-zone", help="Such as Europe/Berlin: of hours, and of times in messages.")
@click.option("--quiet", type=Hours(), metavar="FROM-TO", help="Hours in which nothing is sent, as 22-7.")
@click.option("--most", type=int, help="Clauses that one message tells in full; 10 if not given.")
@click.option("--language", help="Of the message: en, fr, de or es.")
@click.option("--operator", is_flag=True, help="In place of changes: what is wrong with the watch itself.")
@click.pass_obj
def add(place: Workplace, to: str, unconfirmed: bool, **given: Any) -> None:
    """Tell ADDRESS of changes on AI from now on.

    ADDRESS is a mailbox, an https:// address (a signed webhook), an address that Apprise knows (pip install
    'tracker[notify]'), or $NAME: what the environment or tracker.secrets.toml holds under that name, for addresses with
    a secret in them. Of several options of one kind any will do; different ones must all hold.
    """
    from tracker import settings
    from tracker.alerts import subscribing

    asked = {key: value for key, value in given.items() if value is not None and value is not False and value != ()}
    table = {key: list(value) if isinstance(value, tuple) else value for key, value in asked.items()}
    to = f"mailto:{to}" if "@" in to and ":" not in to else to
    found = subscribing.add({"to": to, **table, **({"confirmed": False} if unconfirmed else {})})
    click.echo(f"Told from now on: {_line(found)}. It stands in {settings.FILE}.")
    _say_strangers(place, [found])
    if to.startswith("mailto:") and not settings.load().smtp:
        click.echo(f"No mail server is set yet: write `smtp` and `mail_from` in {settings.FILE}.", err=True)
    click.echo(f"Try it: tracker alerts test '{found.shown}'")


@alerts.command("list")
@as_json
@click.pass_obj
def list_(place: Workplace, as_json: bool) -> None:
    """List the receivers: of what each is told, and how many alerts wait, were sent or were given up."""
    from dataclasses import asdict

    from tracker.alerts import subscribing
    from tracker.cli import terminal
    from tracker.store import outbox

    found = subscribing.subscribed()
    off, counted = {}, {}
    if place.archive.exists():
        with place.read() as store:
            counted, off = outbox.counts_by_target(store), outbox.switched_off(store)
    for number, one in enumerate(found, 1):
        if as_json:
            terminal.write_json(
                {"number": number, **asdict(one), "to": one.shown, "alerts": counted.get(one.target, {})}
                | {"off_since": stamp(off[one.target][0]) if one.target in off else None}
            )
            continue
        listed = ", ".join(f"{count} {state}" for state, count in counted.get(one.target, {}).items())
        click.echo(f"{number}  {_line(one)} ({listed or 'nothing sent yet'})")
        if counted.get(one.target, {}).get("dead"):
            click.echo(f"   Once it is mended, send what was given up: tracker alerts resume {number}", err=True)
        if one.target in off:
            since, why, waiting = off[one.target]
            said = f"   off since {since:%Y-%m-%d %H:%M} UTC: {why} {waiting} alerts wait. Once it is mended:"
            click.echo(f"{said} tracker alerts resume {number}", err=True)
    _say_strangers(place, found)
    if not found and not as_json:
        click.echo("Nobody is told yet. Begin with: tracker alerts add you@example.org")


def _line(one: Subscription) -> str:
    """A subscription in a line: who, what, when."""
    if one.operator:
        return f"{one.shown}: what is wrong with the watch, {one.every}"
    only = [f"only {word}" for word in ("silent", "promises") if getattr(one, word)]
    wanted = ", ".join((*one.platforms, *one.documents, *one.topics, *one.stances, *one.kinds, *only))
    quiet = f", not from {one.quiet[0]} to {one.quiet[1]}" if one.quiet else ""
    when = f"{one.every}{'' if one.confirmed else ', unconfirmed too'}{quiet}"
    return f"{one.shown}: {wanted or 'everything flagged'}, {when}"


def _say_strangers(place: Workplace, found: Sequence[Subscription]) -> None:
    """Names platforms and documents that somebody wants to hear of and nobody watches."""
    known = place.catalogue().declarations
    platforms = {name.partition("/")[0] for name in known}
    for one in found:
        for name in (*(set(one.platforms) - platforms), *(set(one.documents) - known.keys())):
            near = get_close_matches(name, [*platforms, *known], 1)
            remedy = f"did you mean {near[0]}?" if near else "`tracker status` lists what is watched."
            click.echo(f"  {name} is not watched, so nothing will come of it: {remedy}", err=True)


@alerts.command()
@click.argument("name", metavar="RECEIVER")
def remove(name: str) -> None:
    """Tell RECEIVER no more, as `alerts list` names or numbers it. What waits for it is withdrawn.

    A number removes one subscription, an address all that it has.
    """
    from tracker import settings
    from tracker.alerts import subscribing

    if not name:
        raise click.UsageError("Name the receiver, as `tracker alerts list` does.")
    for one in subscribing.remove(name):
        click.echo(f"Told no more: {_line(one)}. It stood in {settings.FILE}.")


@alerts.command()
@click.argument("name", default="", metavar="[RECEIVER]")
@click.pass_obj
def test(place: Workplace, name: str) -> None:
    """Send a sample to RECEIVER, as `alerts list` names or numbers it; to all of them if none is named.

    The sample is the newest change in the archive that it would be told of, marked as a test; where there is none, it
    says so. Ends with 1 if one did not arrive.
    """
    from tracker.alerts import subscribing
    from tracker.alerts.channels import Undelivered
    from tracker.alerts.sampling import sample

    failed = False
    for one in subscribing.named(subscribing.subscribed(), name):
        with place.read() as store:
            message, remark = sample(store, one, now(), site())
        try:
            channels().deliver(message, one)
        except Undelivered as error:
            failed = True
            click.echo(f"{one.shown}: not sent. {error}", err=True)
            continue
        click.echo(f"{one.shown}: sent. {message.subject}")
        if remark:
            click.echo(f"  {remark}", err=True)
    if failed:
        raise SystemExit(1)


@alerts.command()
@click.argument("name", metavar="RECEIVER")
@click.pass_obj
def resume(place: Workplace, name: str) -> None:
    """Send to RECEIVER again: what waits because it said that it is gone (410), and what was given up."""
    from tracker.alerts import subscribing
    from tracker.store import outbox

    for one in subscribing.named(subscribing.subscribed(), name):
        with place.write() as store, store.transaction():
            waiting = outbox.switch_on(store, one.target, now())
        click.echo(f"{one.shown}: {waiting} alerts wait. Now: tracker alerts send")


@alerts.command()
@click.pass_obj
def send(place: Workplace) -> None:
    """Send what is due now. `tracker check` and `tracker run` do so by themselves. Ends with 1 if any was given up."""
    from tracker.store import outbox

    place.read().close()  # there must be an archive: this command makes none
    deliver_due(place)
    with place.read() as store:
        dead, off = outbox.counts(store).get("dead", 0), outbox.switched_off(store)
    if dead or off:
        said = [f"{dead} alerts were given up"] * bool(dead) + [f"{len(off)} receivers are off"] * bool(off)
        click.echo(f"{', '.join(said)}: see `tracker alerts list`.", err=True)
        raise SystemExit(1)


def deliver_due(place: Workplace) -> None:
    """Sends what is due, and says on standard error what came of it; what cannot be sent now is said and waits."""
    try:
        look_after(place)
        said = sent_now(place)
    except Busy as error:
        said = f"Alerts wait: {error.what}"
    if said:
        click.echo(said, err=True)


def look_after(place: Workplace) -> str:
    """Puts on its way what the operator of the watch must know; "", as chores say what there is to say."""
    from tracker.alerts import operating, subscribing

    found = subscribing.subscribed()
    if any(one.operator for one in found):
        operating.look_after(place.archive, place.catalogue().declarations, found, now())
    return ""


def sent_now(place: Workplace) -> str:
    """Sends what is due; what came of it in words, "" where nothing was due."""
    from tracker import alerts
    from tracker.alerts import correcting, subscribing

    receivers = subscribing.subscribed()
    if not receivers:
        return ""
    correcting.correct(place.archive, now())
    found = alerts.send(place.archive, receivers, channels().deliver, now, site())
    counted = [
        f"{number} {word}"
        for number, word in ((found.sent, "sent"), (found.waiting, "to be tried again"), (found.dead, "given up"))
        if number
    ]
    return " ".join((f"Alerts: {', '.join(counted)}.", *found.errors)) if counted else ""


def channels():
    """How messages leave this machine."""
    from tracker import alerts, secrets, settings

    return alerts.Channels(settings.load(), secrets.load(), now)


def site() -> Site:
    """Where the public can read what alerts tell of, and from when on."""
    from tracker import settings
    from tracker.alerts.telling import Site

    options = settings.load()
    return Site(options.site_url, options.embargo)
