"""Subscriptions: the `[[alert]]` tables of tracker.toml.

[[alert]]
to = "mailto:desk@example.org"       # or https://… (a signed webhook), an address that Apprise knows, or "$NAME": what
                                     # the environment or tracker.secrets.toml holds under that name
platforms = ["soundcloud"]           # documents, topics, stances, kinds in the same way; none named: all
silent = true                        # only what changed under an unmoved date
promises = true                      # only where a promise or a way out went
every = "at once"                    # or "daily", "weekly" (on Mondays)
hour = 8                             # of a digest, in `time_zone`
time_zone = "Europe/Berlin"          # of the messages too
quiet = [22, 7]                      # hours in which nothing is sent
most = 10                            # clauses that one message tells in full; the others by number
confirmed = true                     # false: also what only one check saw, said as unconfirmed
language = "en"                      # or "fr", "de", "es": of the message; clauses stay in theirs
operator = true                      # in place of terms: what is wrong with the watch itself
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

from tracker import secrets
from tracker.alerts.words import LANGUAGES
from tracker.errors import SettingsError
from tracker.model import Stance, Topic

EVERY = ("at once", "daily", "weekly")
KINDS = ("added", "removed", "reworded", "returned", "strengthened", "weakened")
LISTS = ("platforms", "documents", "topics", "stances", "kinds")
SWITCHES = ("silent", "promises", "confirmed", "operator")
MOST = 100  # clauses that a message may tell in full


@dataclass(frozen=True, slots=True)
class Subscription:
    """Who is told what, and when. The module's docstring says what each field means."""

    to: str
    platforms: tuple[str, ...] = ()
    documents: tuple[str, ...] = ()
    topics: tuple[str, ...] = ()
    stances: tuple[str, ...] = ()
    kinds: tuple[str, ...] = ()
    silent: bool = False
    promises: bool = False
    every: str = "at once"
    hour: int = 8
    time_zone: str = "UTC"
    quiet: tuple[int, ...] = ()
    most: int = 10
    confirmed: bool = True
    language: str = "en"
    operator: bool = False

    @property
    def target(self) -> str:
        """The name of the receiver in the archive: addresses may hold secrets, so they are not kept there."""
        return sha256(self.to.encode()).hexdigest()[:24]

    @property
    def shown(self) -> str:
        """The receiver as people may see it: a mailbox, the name of a secret, or no more of an address than its kind,
        its host and a few digits of its hash, since the rest may be secret."""
        parts = urlsplit(self.to)
        if self.to.startswith("$"):
            return self.to
        if parts.scheme == "mailto":
            return parts.path
        host = f"{parts.hostname} " if parts.scheme in ("http", "https") else ""
        return f"{parts.scheme} {host}{self.target[:8]}"

    def wants(self, facts: Mapping[str, Any]) -> bool:
        """Whether an alert with these facts is for this receiver."""
        return (
            not self.operator
            and (not self.platforms or facts["document"].partition("/")[0] in self.platforms)
            and (not self.documents or facts["document"] in self.documents)
            and (not self.topics or not set(self.topics).isdisjoint(facts["topics"]))
            and (not self.stances or not set(self.stances).isdisjoint(facts.get("stances", ())))
            and (not self.kinds or not {facts["kind"], facts["ai_kind"]}.isdisjoint(self.kinds))
            and (not self.silent or facts["silent"])
            and (not self.promises or facts.get("promise"))
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
    return tuple(read(table, f"{where}, alert {number}") for number, table in enumerate(tables, 1))


def read(table: Any, where: str) -> Subscription:
    """One subscription. Raises SettingsError, naming the field."""
    if not isinstance(table, Mapping):
        raise SettingsError("An alert is a table.", where, "Write [[alert]] on a line of its own, its fields below.")
    known = {item.name for item in fields(Subscription)}
    for key in table:
        if key not in known:
            raise SettingsError(f"An alert has no field `{key}`.", where, _nearest(key, sorted(known)))
    values = {key: _list(key, value, where) if key in LISTS else value for key, value in table.items()}
    _check_to(values.get("to"), where)
    _check_choices("topics", values.get("topics", ()), [topic.value for topic in Topic], where)
    _check_choices("stances", values.get("stances", ()), [stance.value for stance in Stance], where)
    _check_choices("kinds", values.get("kinds", ()), KINDS, where)
    _check_choices("every", [values.get("every", "at once")], EVERY, where)
    _check_choices("language", [values.get("language", "en")], LANGUAGES, where)
    for key in SWITCHES:
        if not isinstance(values.get(key, True), bool):
            raise SettingsError(f"`{key}` must be true or false.", where, "Mend the value.")
    _check_times(values, where)
    if not _is_whole(values.get("most", 10), 1, MOST):
        raise SettingsError(f"`most` must be a whole number from 1 to {MOST}.", where, "Mend the value.")
    return Subscription(**(values | {"quiet": tuple(values.get("quiet", ()))}))


def _is_whole(value: object, least: int, most: int) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _is_hour(value: object) -> bool:
    return _is_whole(value, 0, 23)


def _check_times(values: Mapping[str, Any], where: str) -> None:
    quiet = values.get("quiet", ())
    if not _is_hour(values.get("hour", 8)):
        raise SettingsError("`hour` must be a whole number from 0 to 23.", where, "Mend the value.")
    if quiet and not (
        isinstance(quiet, list) and len(quiet) == 2 and all(map(_is_hour, quiet)) and len(set(quiet)) == 2
    ):
        raise SettingsError("`quiet` must be two different hours, as [22, 7].", where, "Mend the value.")
    try:
        ZoneInfo(values.get("time_zone", "UTC"))
    except (KeyError, ValueError, TypeError, OSError) as error:
        said = f"There is no time zone {values['time_zone']!r}."
        raise SettingsError(said, f"{where}, field `time_zone`", "Write one as Europe/Berlin.") from error


def _list(key: str, value: object, where: str) -> tuple[str, ...]:
    if not isinstance(value, list) or not all(isinstance(one, str) for one in value):
        raise SettingsError(f"`{key}` must be a list of texts, not {value!r}.", where, f'Write {key} = ["…"].')
    return tuple(value)


def _check_choices(key: str, values: Sequence[object], known: Sequence[str], where: str) -> None:
    for value in values:
        if value not in known:
            raise SettingsError(f"`{key}` cannot be {value!r}.", where, _nearest(str(value), known))


def _nearest(said: str, known: Sequence[str]) -> str:
    near = difflib.get_close_matches(said, known, 1)
    return f"Did you mean `{near[0]}`?" if near else f"Known are: {', '.join(known)}."


def _check_to(to: object, where: str) -> None:
    """Raises SettingsError where `to` is no address; what may be secret of it is not said."""
    remedy = 'Write to = "mailto:desk@example.org", an https:// address, one that Apprise knows, or "$NAME".'
    if not isinstance(to, str) or not to.isprintable() or " " in to:
        raise SettingsError("`to` must be an address.", where, remedy)
    if to.startswith("$"):
        if not secrets.NAME.fullmatch(to[1:]):
            raise SettingsError("`to` names no secret: after $ stands a name in capitals.", where, remedy)
        return
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
