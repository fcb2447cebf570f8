"""What the search page says: the form, and on the live site the clauses that were found."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

from tracker.errors import NotFound, WrongQuery
from tracker.model import Document, end_of, stamp
from tracker.search import Hit, search
from tracker.store import Store
from tracker.views import clause, entries, phrases
from tracker.views.runs import visible

Values = dict[str, Any]

SHEET = 20  # hits on one sheet
FIELDS = ("q", "platform", "topic", "stance", "state", "at")
STATES = {"": "in force now", "ever": "at any time"}
STANCES = tuple(f"{topic}:{stance}" for topic, stance in phrases.LABELS)


def page(store: Store, documents: Sequence[Document], query: Mapping[str, str], live: bool, indexed: bool) -> Values:
    """The search page. `indexed` tells whether the static site has an index for its script to look into.

    Raises WrongQuery for a query, a date or a sheet that is none, NotFound for a sheet that there is not.
    """
    asked = {name: query.get(name, "").strip() for name in FIELDS} if live else dict.fromkeys(FIELDS, "")
    names = {document.platform_id: visible(document.platform) for document in documents}
    values: Values = {
        "kind": "search",
        "title": "Search the texts",
        "live": live,
        "indexed": indexed,
        "query": {name: value for name, value in asked.items() if value},
        "platforms": [
            {"value": one, "words": names[one], "token": token(one)}
            for one in sorted(names, key=lambda one: (names[one].casefold(), one))
        ],
        "topics": [{"value": one, "words": phrases.topic(one)} for one in phrases.TOPICS],
        "stances": [{"value": one, "words": phrases.label(*one.split(":"))[0]} for one in STANCES],
        "states": [{"value": one, "words": words} for one, words in STATES.items()],
        "result": None,
    }
    if any(asked[name] for name in ("q", "topic", "stance")):
        values["result"] = _result(store, asked, query.get("sheet", "1"))
    return values


def token(platform: str) -> str:
    """The word, which nobody writes, by which the static index finds the texts of a platform."""
    return f"platformx{int(sha256(platform.encode('utf-8', 'replace')).hexdigest()[:10], 16)}"


def _result(store: Store, asked: Mapping[str, str], sheet: str) -> Values:
    number = _sheet(sheet)
    topic, _, stance = asked["stance"].partition(":")
    if asked["state"] not in STATES or (asked["stance"] and asked["stance"] not in STANCES):
        raise WrongQuery("The form has no such choice.", "", "Choose from what the form offers.")
    found = search(
        store,
        asked["q"],
        document=asked["platform"],
        topic=asked["topic"] or topic,
        stance=stance,
        at=_moment(asked["at"]),
        everything=asked["state"] == "ever",
        limit=SHEET,
        offset=(number - 1) * SHEET,
    )
    sheets = max(1, -(-found.total // SHEET))
    if number > sheets:
        raise NotFound(f"There are {sheets} sheets of clauses, not {number}.", "sheet", "Go back to the first.")
    return {
        "total": found.total,
        "documents": found.documents,
        "hits": [_hit(one) for one in found.hits],
        "sheet": number,
        "sheets": sheets,
    }


def _sheet(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 0 < int(text[:9]) < 10**6):
        raise WrongQuery(f"“{visible(text[:40])}” is not the number of a sheet.", "sheet", "Sheets count from 1.")
    return int(text)


def _moment(text: str):
    try:
        return end_of(text) if text else None
    except (ValueError, TypeError, OverflowError):
        what = f"“{visible(text[:40])}” is not a date."
        raise WrongQuery(what, "at", "Write it as 2024-02-12, or leave it empty.") from None


def _hit(found: Hit) -> Values:
    text, marks = found.snippet
    page = entries.address("version", found.document.id, found.version)
    return {
        "document": entries.document(found.document),
        "page": f"{page}#{entries.anchor(found.key)}",
        "history": clause.address(found.document.id, found.key),
        "heading": [visible(part) for part in found.heading],
        "pieces": list(_pieces(text, marks)),
        "language": found.language,
        "since": entries.window(found.since),
        "in_view": found.in_view,
        "version": stamp(end_of(found.version[:10])),
        "labels": [
            {"text": phrases.label(topic, stance)[0], "tone": phrases.label(topic, stance)[1]}
            if stance
            else {"text": phrases.topic(topic), "tone": "open"}
            for topic, stance in found.stances.items()
        ],
    }


def _pieces(text: str, marks: Sequence[tuple[int, int]]):
    place = 0
    for start, end in marks:
        if start > place:
            yield {"text": visible(text[place:start])}
        if end > max(start, place):
            yield {"text": visible(text[max(start, place) : end]), "mark": True}
            place = end
    if place < len(text):
        yield {"text": visible(text[place:])}
