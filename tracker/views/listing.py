"""What the list of all changes says, by any filter, and the pages of a year, a month and a topic."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date
from typing import Any

from tracker.errors import NotFound, WrongQuery
from tracker.model import ChangeRecord
from tracker.store import Store
from tracker.views import entries, news, phrases
from tracker.views.runs import visible
from tracker.views.story import quoted

Values = dict[str, Any]

ROWS = 2_000  # changes on the static page, which filters itself; earlier ones stand on the pages of their months
SHEET = 100  # changes on one sheet of the live page
FILTERS = ("platform", "topic", "stance", "kind", "since", "until")
NOISE = {
    "returned": "returned to an earlier text",
    "form": "only links, numbering, punctuation or case",
    "moved": "only moved, split or repeated what stood there",
}
KINDS = {
    "ai": "on AI, of any kind",
    "added": "on AI: added",
    "removed": "on AI: removed",
    "strengthened": "on AI: reaches further",
    "weakened": "on AI: reaches less far",
    "reworded": "on AI: reworded",
    "other": "other changes of wording",
    "noise": "noise: form, moved, returned",
}


# ---- what a change can be filtered by ----------------------------------------------------------------------------


def noise(change: ChangeRecord) -> str:
    """The kind of noise that a change is, "" where it is none."""
    if change.reverts_to:
        return "returned"
    kinds = set(change.counts)
    if kinds <= {"form"}:
        return "form"
    return "moved" if kinds <= {"form", "moved", "split", "merged", "repeated"} else ""


def kinds(change: ChangeRecord) -> list[str]:
    """The kinds of KINDS that a change is of."""
    if change.ai_change:
        return ["ai", *([change.ai_kind] if change.ai_kind in KINDS else [])]
    return ["noise" if noise(change) else "other"]


def stances(change: ChangeRecord) -> list[str]:
    """What the changed clauses say afterwards, as "topic:stance"."""
    return [f"{topic}:{stance}" for topic, stance in sorted(change.stance_after.items())]


def facets(change: ChangeRecord) -> Values:
    """What the filters look at."""
    return {
        "platform": change.document.platform_id,
        "topic": list(change.topics) if change.ai_change else [],
        "stance": stances(change) if change.ai_change else [],
        "kind": kinds(change),
        "day": f"{change.at:%Y-%m-%d}",
    }


def chosen(changes: Iterable[ChangeRecord], query: Mapping[str, str]) -> list[ChangeRecord]:
    """The changes that a query asks for; what it does not name does not matter. Raises WrongQuery for a date that is
    none."""
    wanted = {name: query.get(name, "").strip() for name in FILTERS}
    since, until = (_day(wanted[name], name) for name in ("since", "until"))

    def fits(change: ChangeRecord) -> bool:
        own = facets(change)
        return (
            wanted["platform"] in ("", own["platform"])
            and all(not wanted[name] or wanted[name] in own[name] for name in ("topic", "stance", "kind"))
            and (not since or own["day"] >= since)
            and (not until or own["day"] <= until)
        )

    return [change for change in changes if fits(change)]


def _day(text: str, name: str) -> str:
    """The first or the last day of the year, month or day that was asked for; "" for none."""
    if not text:
        return ""
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError:
        remedy = "Write it as 2024-02-12, or leave it empty."
        raise WrongQuery(f"“{visible(text[:40])}” is not a date.", name, remedy) from None


def form(changes: Sequence[ChangeRecord], query: Mapping[str, str]) -> Values:
    """The filter form: for each field what can be chosen, with how many changes there are, and what is chosen."""
    names = {change.document.platform_id: visible(change.document.platform) for change in changes}
    counts: dict[str, Counter[str]] = {name: Counter() for name in ("platform", "topic", "stance", "kind")}
    for change in changes:
        own = facets(change)
        counts["platform"][own["platform"]] += 1
        for name in ("topic", "stance", "kind"):
            counts[name].update(own[name])
    words = {
        "platform": lambda one: names[one],
        "topic": phrases.topic,
        "stance": lambda one: phrases.label(*one.split(":", 1))[0],
        "kind": KINDS.__getitem__,
    }
    order = {
        "platform": sorted(counts["platform"], key=lambda one: (names[one].casefold(), one)),
        "topic": sorted(counts["topic"], key=lambda one: (phrases.rank(one), one)),
        "stance": sorted(counts["stance"], key=lambda one: (phrases.rank(one.split(":")[0]), one)),
        "kind": [one for one in KINDS if counts["kind"][one]],
    }
    return {
        "page": entries.address("changes"),
        "fields": [
            {
                "name": name,
                "label": label,
                "value": query.get(name, ""),
                "choices": [
                    {"value": one, "words": words[name](one), "count": counts[name][one]} for one in order[name]
                ],
            }
            for name, label in (
                ("platform", "Platform"),
                ("topic", "Topic"),
                ("stance", "What it says now"),
                ("kind", "Kind of change"),
            )
        ],
        "since": query.get("since", ""),
        "until": query.get("until", ""),
    }


def sorted_out(
    changes: Sequence[ChangeRecord],
) -> tuple[list[ChangeRecord], list[ChangeRecord], dict[str, list[ChangeRecord]]]:
    """Changes as flagged, others, and noise by its kind; each in the order given (newest first).

    A flagged change that only brings back an earlier text counts as flagged the first time that its document says so,
    and as noise after that: a page that flips to and fro is one piece of news.
    """
    flagged, others = [], []
    folded: dict[str, list[ChangeRecord]] = {kind: [] for kind in NOISE}
    told: Counter[tuple[str, str]] = Counter((one.document.id, one.verdict) for one in changes if one.ai_change)
    for change in changes:
        story = change.document.id, change.verdict
        told[story] -= change.ai_change
        if change.ai_change and not (change.reverts_to and told[story]):
            flagged.append(change)
        elif fold := noise(change):
            folded[fold].append(change)
        else:
            others.append(change)
    return flagged, others, folded


# ---- pages -------------------------------------------------------------------------------------------------------


def row(change: ChangeRecord) -> Values:
    """A change in a list that can be filtered."""
    values = entries.entry(change)
    names = ("id", "page", "document", "at", "headline", "ai", "labels", "silent", "returned_to", "effective")
    return {**{name: values[name] for name in names}, "facets": facets(change)}


def changes_page(changes: Sequence[ChangeRecord], query: Mapping[str, str], live: bool) -> Values:
    """All changes, newest first. The live page answers the query and turns sheets; the static one lists the newest
    and filters itself. Raises WrongQuery, and NotFound for a sheet that there is not."""
    found = chosen(changes, query) if live else list(changes)
    sheet, sheets = (_sheet(query.get("sheet", "1")), max(1, -(-len(found) // SHEET))) if live else (1, 1)
    if sheet > sheets:
        raise NotFound(f"There are {sheets} sheets of changes, not {sheet}.", "sheet", "Go back to the first.")
    shown = found[(sheet - 1) * SHEET : sheet * SHEET] if live else found[:ROWS]
    asked = {name: query[name] for name in FILTERS if live and query.get(name)}
    return {
        "kind": "changes",
        "title": "All changes",
        "live": live,
        "form": form(changes, asked),
        "query": asked,
        "total": len(changes),
        "found": len(found),
        "shown": len(shown),
        "sheet": sheet,
        "sheets": sheets,
        "changes": [row(change) for change in shown],
        "topics": topics(changes),
        "years": years(changes),
    }


def _sheet(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text[:9]) < 10**8):
        raise WrongQuery(f"“{visible(text[:40])}” is not the number of a sheet.", "sheet", "Sheets count from 1.")
    return int(text[:9])


def topics(changes: Sequence[ChangeRecord]) -> list[Values]:
    """The topics of changes on AI, those that matter most first, with their pages."""
    counts = Counter(topic for change in changes if change.ai_change for topic in change.topics)
    order = sorted(counts, key=lambda one: (phrases.rank(one), one))
    return [
        {"topic": one, "words": phrases.topic(one), "page": topic_address(one), "count": counts[one]} for one in order
    ]


def topic_address(topic: str) -> str:
    return entries.address("topic", topic)


def topic_page(store: Store, changes: Sequence[ChangeRecord], topic: str) -> Values | None:
    """Every change that concerns a topic; None where none does."""
    found = [change for change in changes if change.ai_change and topic in change.topics]
    if not found:
        return None
    quotes = quoted(store, found[:SHEET])
    return {
        "kind": "topic",
        "title": phrases.topic(topic),
        "topic": topic,
        "feed": news.feed_address("topic", topic),
        "about": phrases.ABOUT.get(topic, ""),
        "flagged": [entries.entry(change, quotes.get(change.id, ())) for change in found[:SHEET]],
        "earlier": [entries.entry(change) for change in found[SHEET:]],
        "topics": topics(changes),
    }


def years(changes: Sequence[ChangeRecord]) -> list[Values]:
    """The years with changes, newest first, with the address of each year's page."""
    counts = Counter(change.at.year for change in changes)
    return [
        {"year": year, "page": entries.address("changes", f"{year:04}"), "count": counts[year]}
        for year in sorted(counts, reverse=True)
    ]


def year_page(store: Store, changes: Sequence[ChangeRecord], year: int) -> Values:
    """The changes on AI of a year, and its months."""
    own = [change for change in changes if change.at.year == year]
    flagged = [change for change in own if change.ai_change]
    quotes = quoted(store, flagged[:SHEET])
    months = Counter(f"{change.at:%Y-%m}" for change in own)
    on_ai = Counter(f"{change.at:%Y-%m}" for change in flagged)
    return {
        "kind": "year",
        "title": f"Changes of {year}",
        "year": year,
        "flagged": [entries.entry(change, quotes.get(change.id, ())) for change in flagged[:SHEET]],
        "flagged_more": max(0, len(flagged) - SHEET),
        "months": [
            {"month": month, "page": month_address(month), "count": months[month], "on_ai": on_ai[month]}
            for month in sorted(months, reverse=True)
        ],
        "years": years(changes),
    }


def month_address(month: str) -> str:
    return entries.address("changes", month[:4], month[5:])


def month_page(store: Store, changes: Sequence[ChangeRecord], month: str) -> Values:
    """All changes of a month (YYYY-MM): on AI with their quotes, others, noise."""
    own = [change for change in changes if f"{change.at:%Y-%m}" == month]
    flagged, others, folded = sorted_out(own)
    quotes = quoted(store, flagged)
    return {
        "kind": "month",
        "title": f"Changes of {date.fromisoformat(month + '-01'):%B %Y}",
        "month": month,
        "year": {"year": int(month[:4]), "page": entries.address("changes", month[:4])},
        "flagged": [entries.entry(change, quotes.get(change.id, ())) for change in flagged],
        "others": [entries.entry(change) for change in others],
        "folded": [
            {
                "kind": kind,
                "words": words,
                "count": len(folded[kind]),
                "changes": [entries.entry(change) for change in folded[kind]],
            }
            for kind, words in NOISE.items()
            if folded[kind]
        ],
    }
