"""Subscriptions: the `[[alert]]` tables of tracker.toml.

[[alert]]
to = "mailto:desk@example.org"       # or https://… (a signed webhook), or an address that Apprise knows
platforms = ["soundcloud"]           # documents, topics, kinds in the same way; none named: all
every = "at once"                    # or "daily", "weekly" (on Mondays)
hour = 8                             # of a digest, in `time_zone`
time_zone = "Europe/Berlin"
quiet = [22, 7]                      # hours in which nothing is sent
confirmed = true                     # false: also what only one check saw, said as unconfirmed
"""

from __future__ import annotations

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from tracker.errors import SettingsError
from tracker.model import Topic

EVERY = ("at once", "daily", "weekly")
KINDS = ("added", "removed", "strengthened", "weakened", "reworded")
LISTS = ("platforms", "documents", "topics", "kinds")


@dataclass(frozen=True, slots=True)
class Subscription:
    """Who is told what, and when. The module's docstring says what each field means."""

    to: str
    platforms: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    every: str = "at once"
    hour: int = 8
    time_zone: str = "UTC"
    quiet: tuple[int, ...] = ()
    confirmed: bool = True

    @property
    def target(self) -> str:
        """The name of the receiver in the archive: addresses may hold secrets, so they are not kept there."""
        return sha256(self.to.encode()).hexdigest()[:24]

    def wants(self, facts: Mapping[str, Any]) -> bool:
        """Whether an alert with these facts is for this receiver."""
        return (
            (not self.platforms or facts["document"].partition("/")[0] in self.platforms)
            and (not self.documents or facts["document"] in self.documents)
            and (not self.topics or not set(self.topics).isdisjoint(facts["topics"]))
            and (not self.kinds or facts["kind"] in self.kinds)
        )

    def due(self, at: datetime) -> datetime:
        """When what is news at `at` is sent: at once, at the next digest, or when the quiet hours are over."""
        local = at.astimezone(ZoneInfo(self.time_zone))
        if self.every != "at once":
            day = local.replace(hour=self.hour, minute=0, second=0, microsecond=0)
            while day < local or (self.every == "weekly" and day.weekday() != 0):
                day += timedelta(days=1)
            return day.astimezone(UTC)
        if self.quiet:
            begin, end = self.quiet
            if (begin <= local.hour < end) if begin < end else (local.hour >= begin or local.hour < end):
                later = local.replace(hour=end, minute=0, second=0, microsecond=0)
                return (later if later > local else later + timedelta(days=1)).astimezone(UTC)
        return at


def subscriptions(tables: Sequence[Any], where: str = "tracker.toml") -> tuple[Subscription, ...]:
    """The subscriptions of `[[alert]]` tables. Raises SettingsError, naming the table and the field."""
    return tuple(_read(table, f"{where}, alert {number}") for number, table in enumerate(tables, 1))


def _read(table: Any, where: str) -> Subscription:
    if not isinstance(table, Mapping):
        raise SettingsError("An alert is a table.", where, "Write [[alert]] on a line of its own, its fields below.")
    known = {item.name for item in fields(Subscription)}
    for key in table:
        if key not in known:
            near = difflib.get_close_matches(key, known, 1)
            remedy = f"Did you mean `{near[0]}`?" if near else f"Known are: {', '.join(sorted(known))}."
            raise SettingsError(f"An alert has no field `{key}`.", where, remedy)
    values = {key: _list(key, value, where) if key in LISTS else value for key, value in table.items()}
    _check_to(values.get("to"), where)
    _check_choices("topics", values.get("topics", ()), [topic.value for topic in Topic], where)
    _check_choices("kinds", values.get("kinds", ()), KINDS, where)
    _check_choices("every", [values.get("every", "at once")], EVERY, where)
    hour, quiet = values.get("hour", 8), values.get("quiet", ())
    if not _is_hour(hour):
        raise SettingsError("`hour` must be a whole number from 0 to 23.", where, "Mend the value.")
    if quiet and not (
        isinstance(quiet, list) and len(quiet) == 2 and all(map(_is_hour, quiet)) and len(set(quiet)) == 2
    ):
        raise SettingsError("`quiet` must be two different hours, as [22, 7].", where, "Mend the value.")
    if not isinstance(values.get("confirmed", True), bool):
        raise SettingsError("`confirmed` must be true or false.", where, "Mend the value.")
    try:
        ZoneInfo(values.get("time_zone", "UTC"))
    except (KeyError, ValueError, TypeError, OSError) as error:
        said = f"There is no time zone {values['time_zone']!r}."
        raise SettingsError(said, f"{where}, field `time_zone`", "Write one as Europe/Berlin.") from error
    return Subscription(**(values | {"quiet": tuple(quiet)}))


def _is_hour(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= 23


def _list(key: str, value: object, where: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise SettingsError(f"`{key}` must be a list of texts, not {value!r}.", where, f'Write {key} = ["…"].')
    return tuple(value)


def _check_choices(key: str, values: Sequence[object], known: Sequence[str], where: str) -> None:
    for value in values:
        if value not in known:
            near = difflib.get_close_matches(str(value), known, 1)
            remedy = f"Did you mean `{near[0]}`?" if near else f"Known are: {', '.join(known)}."
            raise SettingsError(f"`{key}` cannot be {value!r}.", where, remedy)


def _check_to(to: object, where: str) -> None:
    remedy = 'Write to = "mailto:desk@example.org", an https:// address, or one that Apprise knows.'
    if not isinstance(to, str) or not to.isprintable() or " " in to:
        raise SettingsError("`to` must be an address.", where, remedy)
    try:
        parts = urlsplit(to)
    except ValueError as error:
        raise SettingsError("`to` is no address.", where, remedy) from error
    if parts.scheme == "mailto":
        name, at, host = parts.path.rpartition("@")
        if not (name and at and host) or "," in parts.path or "?" in to:
            raise SettingsError(f"`to` names no mailbox: {parts.path!r}.", where, remedy)
    elif not parts.scheme or not parts.netloc:
        raise SettingsError("`to` must be a whole address, with its scheme.", where, remedy)
