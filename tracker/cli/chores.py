"""What `tracker run` does now and then beside looking: the site, the log’s signature, the third witness, alerts."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from pathlib import Path

from tracker import secrets
from tracker import site as pages
from tracker import witness as third
from tracker.cli import alerting
from tracker.cli.workplace import Workplace, now
from tracker.fetch import Fetcher
from tracker.rules import RuleSet
from tracker.settings import Settings

Chores = Mapping[str, tuple[int, Callable[[], str]]]  # by name: seconds between two times, and what is done


def after_checks(place: Workplace, rules: RuleSet, options: Settings, site: Path | None, witness: bool) -> Chores:
    """What is done only where something was recorded since the last time."""
    found: dict[str, tuple[int, Callable[[], str]]] = {"checkpoint": (3600, lambda: _sign(place))}
    if site and not options.embargo:
        found["site"] = 300, lambda: _build(place, rules, options, site)
    if witness:
        found["witness"] = 600, lambda: asyncio.run(_ask(place, options))
    return found


def always(place: Workplace, rules: RuleSet, options: Settings, site: Path | None) -> Chores:
    """What is done whether anything was recorded or not."""
    found: dict[str, tuple[int, Callable[[], str]]] = {}
    found["troubles"] = 300, lambda: alerting.look_after(place)
    found["alerts"] = 30, lambda: alerting.sent_now(place)
    if site and options.embargo:  # what was held back becomes public by time alone
        found["site"] = 300, lambda: _build(place, rules, options, site)
    return found


def _sign(place: Workplace) -> str:
    place.seal()
    return ""


def _build(place: Workplace, rules: RuleSet, options: Settings, site: Path) -> str:
    with place.published() as store:
        built = pages.build(store, site, rules, base_url=options.site_url)
    return f"{built.written} files written." if built.written else ""


async def _ask(place: Workplace, options: Settings) -> str:
    async with Fetcher(options, now) as fetcher:
        keys = secrets.load().get("TRACKER_WAYBACK_KEYS", "")
        machine = third.SavePageNow(options.wayback_url, keys, fetcher, options.witness_pause)
        with place.read() as store:
            documents = [one.id for one in store.documents()]
        found = await third.witness(place.archive, documents, machine, now, lambda done, of, what: None)
    return " ".join(f"{url} {said}." for url, said in found)
