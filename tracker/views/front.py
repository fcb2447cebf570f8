"""What the index, the health page and the method page say, as plain values: no HTML, no clock.

Every page of the site is a dictionary of JSON values from here, `dossier` or `exhibit`; templates only set it. "Now" is
the newest check of the archive, so the same archive always says the same.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime
from itertools import groupby
from typing import Any

from tracker.model import ChangeRecord, moment, stamp
from tracker.store import Store
from tracker.views import entries, listing, phrases
from tracker.views.listing import NOISE, sorted_out
from tracker.views.story import quoted

Values = dict[str, Any]

LISTED = 200  # changes on the index; earlier ones stand on the page of their year
FLAGGED = 40  # flagged changes on the index
TRAINING = {"training", "third-party"}


def latest_check(store: Store) -> datetime | None:
    """The time of the newest check of the whole archive; None where nobody ever looked."""
    row = store.row('select max(at) as at from "check"')
    return moment(row["at"]) if row and row["at"] else None


# ---- the index ---------------------------------------------------------------------------------------------------


def index(store: Store, changes: Sequence[ChangeRecord], health: Sequence[Values]) -> Values:
    """The front page. `changes` are all of the archive, newest first; `health` holds one entry for each document, as
    `dossier.health` gives it."""
    latest = latest_check(store)
    flagged, others, folded = sorted_out(changes)
    return {
        "kind": "index",
        "title": "Terms change log",
        "funnel": funnel(store, changes, health),
        "coming": coming(changes, latest),
        "flagged": listed(store, flagged[:FLAGGED]),
        "flagged_more": max(0, len(flagged) - FLAGGED),
        "months": months(others[:LISTED]),
        "others_more": max(0, len(others) - LISTED),
        "folded": groups(folded, LISTED),
        "years": listing.years(changes) if len(flagged) > FLAGGED or len(others) > LISTED else [],
        "form": listing.form(changes, {}),
        "topics": listing.topics(changes),
        "platforms": platforms(health),
        "health": summary(health),
        "empty": empty(store, changes, health),
    }


def funnel(store: Store, changes: Sequence[ChangeRecord], health: Sequence[Values]) -> Values:
    """From everything to what matters, in numbers, and over what time."""
    row = store.row('select min(at) as first, max(at) as last, count(*) as n from "check"') or {}
    return {
        "platforms": len({one["document"]["platform_page"] for one in health}),
        "documents": len(health),
        "checks": row.get("n", 0),
        "changes": len(changes),
        "on_ai": sum(change.ai_change for change in changes),
        "training": sum(change.ai_change and not TRAINING.isdisjoint(change.topics) for change in changes),
        "from": row.get("first"),
        "to": row.get("last"),
    }


def coming(changes: Sequence[ChangeRecord], latest: datetime | None) -> list[Values]:
    """Changes that say they apply from a day after the newest check, soonest first; the last of each document."""
    if latest is None:
        return []
    newest = {change.document.id: change for change in reversed(changes)}
    due = [change for change in newest.values() if _effective(change) and _effective(change) > latest.date()]
    due.sort(key=lambda change: (_effective(change), change.id))
    return [{**entries.entry(change), "days": (_effective(change) - latest.date()).days} for change in due]


def _effective(change: ChangeRecord):
    return change.after.effective_date


def listed(store: Store, changes: Sequence[ChangeRecord]) -> list[Values]:
    """Changes as a list shows them, with their quotes."""
    quotes = quoted(store, changes)
    return [entries.entry(change, quotes.get(change.id, ())) for change in changes]


def months(changes: Sequence[ChangeRecord]) -> list[Values]:
    """Changes by month, newest first: `month` is YYYY-MM."""
    grouped = groupby(changes, key=lambda change: f"{change.at:%Y-%m}")
    return [{"month": month, "changes": [entries.entry(change) for change in found]} for month, found in grouped]


def groups(folded: Mapping[str, Sequence[ChangeRecord]], limit: int | None = None) -> list[Values]:
    """Noise by its kind, with counts; at most `limit` changes of each are listed."""
    return [
        {
            "kind": kind,
            "words": words,
            "count": len(folded[kind]),
            "changes": [entries.entry(change) for change in folded[kind][:limit]],
        }
        for kind, words in NOISE.items()
        if folded[kind]
    ]


def platforms(health: Sequence[Values]) -> list[Values]:
    """Every platform with its page and how many documents it has, by name."""
    counts = Counter(_platform(one["document"]) for one in health)
    found = sorted(counts, key=lambda one: (one[0].casefold(), one[1]))
    return [{"name": one[0], "page": one[1], "id": one[2], "documents": counts[one]} for one in found]


def _platform(document: Values) -> tuple[str, str, str]:
    return document["platform"], document["platform_page"], document["id"].partition("/")[0]


def summary(health: Sequence[Values]) -> Values:
    """How many documents are well, and each that is not, with what to do."""
    counts = Counter(one["state"] for one in health)
    troubled = [one for one in health if one["state"] != "ok"]
    order = list(phrases.STATES)
    return {
        "ok": counts["ok"],
        "counts": [
            {"state": state, "words": phrases.STATES[state], "count": counts[state]} for state in order if counts[state]
        ],
        "troubled": sorted(troubled, key=lambda one: (-order.index(one["state"]), one["document"]["id"])),
        "page": entries.address("coverage"),
    }


def empty(store: Store, changes: Sequence[ChangeRecord], health: Sequence[Values]) -> Values | None:
    """What to say and do where there is no change yet; None where there is one."""
    if changes:
        return None
    if not health:
        return {
            "stage": "nothing",
            "commands": ["tracker demo", "tracker add https://example.com/terms", "tracker check"],
        }
    row = store.row(
        "select count(*) as clauses, coalesce(sum(j.mentions_ai), 0) as on_ai from version v "
        "join version_clause w on w.version_id = v.id left join judgement j on j.clause_id = w.clause_id "
        "where v.id in (select max(id) from version group by document_id)"
    ) or {"clauses": 0, "on_ai": 0}
    return {
        "stage": "no-change",
        "documents": sum(one["versions"] > 0 for one in health),
        "clauses": row["clauses"],
        "on_ai": row["on_ai"],
        "commands": ["tracker check", "tracker build"],
    }


# ---- coverage and method -----------------------------------------------------------------------------------------


def coverage(store: Store, health: Sequence[Values]) -> Values:
    """Every document with its last good check and what is wrong with it, the troubled ones first."""
    latest = latest_check(store)
    found = summary(health)
    well = sorted((one for one in health if one["state"] == "ok"), key=lambda one: one["document"]["id"])
    return {
        "kind": "coverage",
        "title": "Coverage and health",
        "latest": stamp(latest) if latest else None,
        "counts": found["counts"],
        "documents": [*found["troubled"], *well],
    }


def method() -> Values:
    """How this is made and what it proves: in words, kept here so that its twin says the same."""
    return {"kind": "method", "title": "Method and limits", "sections": [dict(one) for one in METHOD]}


METHOD: tuple[Values, ...] = (
    {
        "title": "What is done",
        "text": [
            "Each document is fetched from its public address at intervals. Every attempt is recorded, whatever came "
            "of it, and the raw bytes are kept unaltered under their SHA-256.",
            "The legal text is taken out of the page, divided into clauses, and compared clause by clause with the "
            "version before; inside a reworded clause, word by word. Two texts that differ only in what changes at "
            "every visit are the same version.",
            "Rules that anyone can read decide whether a clause speaks of AI, of what, and what it lets happen. A flag "
            "always shows the rule and the words that decided.",
        ],
    },
    {
        "title": "What the dates mean",
        "text": [
            "“First seen between A and B” is the window: at A we looked and the words were not there, at B they were. "
            "When exactly the platform changed the page within the window is not known. A gap in our checks makes the "
            "window wider, and it is shown as it is.",
            "The date that a document states for itself, and the date from which it says that it applies, are the "
            "platform's own words. They are shown beside the window and never in its place.",
            "“Silent” says that words changed while the date that the document states stayed the same.",
        ],
    },
    {
        "title": "What it proves, and what it does not",
        "text": [
            "A change page shows that the text at an address differed between two captures whose hashes are given. "
            "Anyone who holds the same bytes can check that.",
            "The text permits; it does not show what the platform did. A platform may train without saying so, and may "
            "say so without training.",
            "“Silent” in a table of stances means that no words were found. It is not a no. A promise in a help page, "
            "a setting or a letter is not seen unless that page is watched.",
            "Texts may differ by country, by language and for those who are signed in. What is watched is what the "
            "address shows to a visitor who is not.",
            "Rules make mistakes. Read the words before and after; they are always given in full.",
        ],
    },
    {
        "title": "Unchanged is not the same as not looked",
        "text": [
            "“Unchanged” is only said of a check that brought the document into view. A check that met a wall, an "
            "error page or nothing is shown as such, and so is a time in which nobody looked.",
            "A page that looks unlike the document (much shorter, another language, an error text) is kept as a "
            "capture and becomes a version only when a later check confirms it.",
        ],
    },
    {
        "title": "Noise",
        "text": [
            "Changes of form alone (links, numbering, punctuation, case), paragraphs that only moved, split or joined, "
            "and returns to an earlier text are folded, with their counts. Nothing is left out.",
        ],
    },
)  # fmt: skip
