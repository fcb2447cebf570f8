"""What is said of one alert, part by part, in the words of its receiver. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tracker.alerts.subscriptions import Subscription
from tracker.alerts.words import verdict, words
from tracker.compare.words import Pieces
from tracker.compare.words import words as marked
from tracker.model import moment
from tracker.store.outbox import Delivery
from tracker.views.entries import anchor, change_page

MARKED = 4_000  # characters of a clause up to which the words that changed are marked


@dataclass(frozen=True, slots=True)
class Part:
    """A labelled piece of a message. `pieces` are those of `text` where words came ("+") or went ("-"); `link` is the
    address that the text is, "" for none."""

    label: str
    text: str
    pieces: Pieces = ()
    link: str = ""


@dataclass(frozen=True, slots=True)
class Told:
    """One alert in words: whose it is ("" where that was said just before), what happened, and the parts below."""

    title: str
    verdict: str
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Site:
    """Where changes can be read by all: the address, "" for nowhere, and how long after they were seen."""

    url: str = ""
    embargo: timedelta = timedelta()


def tell(one: Delivery, to: Subscription, site: Site, before: Delivery | None = None) -> Told:
    """One alert as its receiver is told of it; what `before`, told just before it, said of the same change is not said
    again."""
    said, facts = words(to.language), one.alert.facts
    if "cause" in facts:
        return Told(headline(one, to), facts["title"], tuple(_trouble(said, facts, to)))
    more = before is not None and (before.kind, before.alert.facts.get("change")) == (one.kind, facts["change"])
    parts = (*(() if more else _seen(said, one, to)), *_clause(said, facts), _place(said, facts, to, site))
    proof = () if more else _proof(said, facts, to)
    return Told("" if more else facts["title"], shown_verdict(one, to), (*parts, *proof))


def shown_verdict(one: Delivery, to: Subscription) -> str:
    """What happened to the clause, in a line."""
    return one.alert.facts["verdict"] if to.language == "en" else verdict(words(to.language), one.alert.verdict)


def headline(one: Delivery, to: Subscription) -> str:
    """What is wrong with the watch, or no more, in a line."""
    said, facts = words(to.language), one.alert.facts
    return f"{said['over']}: {said[facts['cause']]}" if facts["state"] == "over" else said[facts["cause"]]


def clock(stamp: str, to: Subscription) -> str:
    """A moment as the receiver's clock shows it."""
    return f"{moment(stamp).astimezone(ZoneInfo(to.time_zone)):%Y-%m-%d %H:%M %Z}"


def day(stamp: str, to: Subscription) -> str:
    """The day of a moment where the receiver is."""
    return f"{moment(stamp).astimezone(ZoneInfo(to.time_zone)):%Y-%m-%d}"


def _seen(said: Mapping[str, str], one: Delivery, to: Subscription) -> Iterator[Part]:
    facts = one.alert.facts
    if one.kind == "test":
        yield Part(said["test"], said["a test"])
    if one.kind == "correction":
        yield Part(said["correction"], _mistake(said, facts))
    elif not facts.get("confirmed") and one.kind != "test":
        yield Part(said["unconfirmed"], said["one check"])
    begin, end = facts["window"]
    seen = said["between"].format(clock(begin, to), clock(end, to)) if begin else said["by"].format(clock(end, to))
    yield Part(said["first"], seen)
    stated = f"“{facts['stated']}”" if facts["stated"] else said["no date"]
    dates = said["dates"].format(stated, facts["effective"] or said["not stated"])
    yield Part(said["says"], dates + said["silent"] * facts["silent"])


def _clause(said: Mapping[str, str], facts: Mapping[str, Any]) -> Iterator[Part]:
    if facts["heading"]:
        yield Part(said["under"], facts["heading"])
    yield from _sides(said, facts)
    if facts["rules"]:
        yield Part(said["flag"], _flags(said, facts))


def _proof(said: Mapping[str, str], facts: Mapping[str, Any], to: Subscription) -> Iterator[Part]:
    """The change as a whole, and how it is proved and cited."""
    yield Part(said["change"], facts["summary"] if to.language == "en" else _counted(said, facts.get("counts", {})))
    if page := facts.get("page"):
        yield Part(said["live"], page, link=page)
    if cite := facts.get("cite"):
        yield Part(said["cite"], cite)
        yield Part(said["proof"], f"tracker evidence {facts['change']}")


def _mistake(said: Mapping[str, str], facts: Mapping[str, Any]) -> str:
    why, _, now = facts.get("mistake", "not confirmed").partition(": ")
    if why == "not confirmed":
        return said[why]
    return said["read again"].format(said[why].format(verdict(said, now)))


def _sides(said: Mapping[str, str], facts: Mapping[str, Any]) -> Iterator[Part]:
    before, after = facts["before"], facts["after"]
    labels = ("before", "after")
    if not before or not after:  # else the clause stayed, and what came or went is marked in it
        labels = {
            "added": ("before", "added"), "returned": ("before", "returned"), "removed": ("removed", "after")
        }.get(facts["kind"], labels)  # fmt: skip
    found = marked(before, after) if before and after and max(len(before), len(after)) <= MARKED else ()
    for label, text, sign in zip(labels, (before, after), "-+", strict=True):
        cut = said["cut"] * facts["cut"]
        if not text:
            yield Part(said[label], said["none"])
            continue
        # What came or went as a whole is not marked: a whole paragraph struck through cannot be read.
        pieces = tuple(piece for piece in found if piece[0] in ("=", sign))
        yield Part(said[label], f"“{text}”{cut}", (("=", "“"), *pieces, ("=", f"”{cut}")) if pieces else ())


def _flags(said: Mapping[str, str], facts: Mapping[str, Any]) -> str:
    """The rules that hold by what they say of the clause; where it was cut, also the words that decided."""
    found: dict[str, list[str]] = {}
    for rule, stance, _ in facts["rules"]:
        found.setdefault(said.get(stance, stance), []).append(rule)
    named = "; ".join(f"{', '.join(rules)}{f' ({stance})' if stance else ''}" for stance, rules in found.items())
    quote = min((quote for *_, quote in facts["rules"]), key=len)
    return f"{named}: “{quote}”" if facts["cut"] else named


def _counted(said: Mapping[str, str], counts: Mapping[str, int]) -> str:
    """How many clauses of each kind, in words that every language has."""
    found: dict[str, int] = {}
    for kind, number in counts.items():
        name = said["reworded"] if kind == "moved-reworded" else said.get(kind, said["other"])
        found[name] = found.get(name, 0) + number
    return ", ".join(f"{name}{said['colon']}{number}" for name, number in found.items()) or "–"


def _place(said: Mapping[str, str], facts: Mapping[str, Any], to: Subscription, site: Site) -> Part:
    """Where the change can be read: at the site, once it may be; until then by command."""
    command = f"tracker show {facts['change']}"
    if not site.url:
        return Part(said["read"], command)
    link = f"{site.url.rstrip('/')}/{change_page(facts['change'])}#{anchor(facts['clause'])}"
    if not site.embargo:
        return Part(said["read"], link, link=link)
    public = moment(facts["window"][1]) + site.embargo
    return Part(said["read"], f"{command} ({said['public on'].format(_at(public, to))}: {link})")


def _at(at: datetime, to: Subscription) -> str:
    return f"{at.astimezone(ZoneInfo(to.time_zone)):%Y-%m-%d %H:%M %Z}"


def _trouble(said: Mapping[str, str], facts: Mapping[str, Any], to: Subscription) -> Iterator[Part]:
    yield Part(said["since"], clock(facts["since"], to))
    if facts["detail"]:
        yield Part(said["detail"], facts["detail"])
    remedy = said[f"{facts['cause']} remedy"].format(facts["document"])
    yield Part(said["remedy"], said["is over"] if facts["state"] == "over" else remedy)
