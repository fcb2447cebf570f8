"""Feeds: which there are, and how they are written out of the values of `views.news`.

Atom (RFC 4287) and JSON Feed 1.1, valid whatever a page contained.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any
from urllib.parse import quote, urlsplit
from xml.etree import ElementTree as ET

from tracker import render
from tracker.errors import NotFound
from tracker.model import ChangeRecord, stamp
from tracker.pages import Edition
from tracker.store import derived
from tracker.views import entries, listing, news, phrases
from tracker.views.runs import visible

Values = Mapping[str, Any]

ATOM, JSON = "application/atom+xml; charset=utf-8", "application/feed+json; charset=utf-8"
FILES = {"atom.xml": ATOM, "feed.json": JSON}
NAMESPACE = "http://www.w3.org/2005/Atom"
NOBODY = "localhost"  # the authority of ids where the site has no address of its own
# What XML 1.0 cannot hold, not even escaped.
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


# ---- which there are -------------------------------------------------------------------------------------------------


def general(edition: Edition) -> Iterator[Values]:
    """The feeds of everything, of what concerns AI, and of each topic."""
    yield of(edition, ("all",))
    yield of(edition, ("flagged",))
    for one in listing.topics(edition.changes):
        yield of(edition, ("topic", one["topic"]))


def of(edition: Edition, scope: tuple[str, ...]) -> Values:
    """A feed: ("all",), ("flagged",), ("topic", its name), ("platform", its id) or ("document", its id).

    Raises NotFound for one that there is not.
    """
    kind, name = scope[0], scope[-1]
    address = news.feed_address(*scope)
    if kind in ("platform", "document"):
        own = [one for one in edition.documents if name in (one.id, one.platform_id)]
        if not own:
            raise NotFound("There is no such feed.", address, "The page of feeds lists all of them.")
        changes = derived.changes(edition.store, name)
        title, page = own[0].title, entries.document_page(own[0].id)
        if kind == "platform":
            title, page = own[0].platform, entries.platform_page(own[0])
    else:
        changes, title, page = _general(edition, kind, name)
    found = [edition.news(change) for change in changes[: news.NEWEST]]
    updated = stamp(edition.latest) if edition.latest else None
    return news.feed(f"Terms change log: {visible(title)}", address, page, found, updated)


def _general(edition: Edition, kind: str, name: str) -> tuple[list[ChangeRecord], str, str]:
    if kind == "all":
        return edition.changes, "all changes", entries.address("changes")
    if kind == "flagged":
        return listing.sorted_out(edition.changes)[0], "on AI", ""
    found = [change for change in edition.changes if change.ai_change and name in change.topics]
    if not found:
        raise NotFound("There is no such feed.", name, "The page of feeds lists all of them.")
    return found, phrases.topic(name), listing.topic_address(name)


def find(edition: Edition, address: str) -> Values:
    """The feed in a folder of the site. Raises NotFound."""
    for scope in _scopes(edition):
        if news.feed_address(*scope) == address:
            return of(edition, scope)
    raise NotFound("There is no such feed.", address, "The page of feeds lists all of them.")


def _scopes(edition: Edition) -> Iterator[tuple[str, ...]]:
    """What there are feeds of; last the topics, for which all changes are looked through."""
    yield from (("all",), ("flagged",))
    for document in edition.documents:
        yield from (("document", document.id), ("platform", document.platform_id))
    yield from (("topic", one["topic"]) for one in listing.topics(edition.changes))


# ---- how they are written ------------------------------------------------------------------------------------------


def write(name: str, feed: Values, base_url: str) -> bytes:
    """A feed in the format of a file name, "atom.xml" or "feed.json"."""
    return atom(feed, base_url) if name == "atom.xml" else json_feed(feed, base_url)


def atom(feed: Values, base_url: str = "") -> bytes:
    """A feed as Atom. `base_url` is where the site is published; without it links are relative to the feed."""
    ET.register_namespace("", NAMESPACE)
    root = ET.Element(f"{{{NAMESPACE}}}feed", {"xml:lang": "en"})
    _add(root, "id", f"{_tag(base_url, '2024')}feed/{quote(feed['address'])}")
    _add(root, "title", feed["title"])
    _add(root, "updated", feed["updated"])
    _add(root, "generator", "tracker")
    _add(_add(root, "author"), "name", "Terms change log")
    _add(
        root, "link", rel="self", type="application/atom+xml", href=_link(f"{feed['address']}atom.xml", feed, base_url)
    )
    _add(root, "link", rel="alternate", type="text/html", href=_link(feed["page"], feed, base_url))
    for one in feed["entries"]:
        _entry(root, one, feed, base_url)
    return ET.tostring(root, encoding="utf-8", xml_declaration=True)


def _entry(root: ET.Element, one: Values, feed: Values, base_url: str) -> None:
    entry = _add(root, "entry")
    _add(entry, "id", _id(one, base_url))
    _add(entry, "title", one["sentence"])
    _add(entry, "updated", one["at"])
    _add(entry, "published", one["at"])
    _add(entry, "link", rel="alternate", type="text/html", href=_link(one["page"], feed, base_url))
    if live := render.href(one["url"]):
        _add(entry, "link", rel="via", href=live)
    for scheme, term, label in _categories(one):
        _add(entry, "category", scheme=f"urn:tracker:{scheme}", term=term, label=label)
    _add(entry, "summary", _summary(one))
    _add(entry, "content", render.fragment("entry", one), type="html")


def _categories(one: Values) -> list[tuple[str, str, str]]:
    document = one["document"]
    found = [
        ("platform", document["id"].partition("/")[0], document["platform"]),
        ("document", document["id"], document["terms_type"]),
        *(("topic", topic, topic) for topic in one["topics"]),
        *(("stance", f"{topic}:{stance}", f"{topic}: {stance}") for topic, stance in one["stance_after"].items()),
    ]
    return [*found, ("kind", one["ai_kind"], f"on AI: {one['ai_kind']}")] if one["ai_kind"] else found


def _add(parent: ET.Element, tag: str, text: str = "", **attributes: str) -> ET.Element:
    clean = {name: legal(value) for name, value in attributes.items()}
    element = ET.SubElement(parent, f"{{{NAMESPACE}}}{tag}", clean)
    element.text = legal(text) or None
    return element


def json_feed(feed: Values, base_url: str = "") -> bytes:
    """A feed as JSON Feed 1.1; what programs want of each item is under "_tracker"."""
    items = [
        {
            "id": _id(one, base_url),
            "url": _link(one["page"], feed, base_url),
            "title": one["sentence"],
            "summary": _summary(one),
            "content_html": str(render.fragment("entry", one)),
            "date_published": one["at"],
            "tags": [one["document"]["id"], *one["topics"]],
            "_tracker": news.record(one),
        }
        for one in feed["entries"]
    ]
    values = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed["title"],
        "home_page_url": _link(feed["page"], feed, base_url),
        "feed_url": _link(f"{feed['address']}feed.json", feed, base_url),
        "language": "en",
        "items": items,
    }
    return (json.dumps(values, ensure_ascii=False, indent=1) + "\n").encode("utf-8", "backslashreplace")


def _summary(one: Values) -> str:
    start = one["window"]["from"]
    end = render.in_words(one["window"]["to"])
    seen = f"between {render.in_words(start)} and {end}" if start else f"by {end}"
    return f"{one['headline']}. First seen {seen}."


def _link(target: str, feed: Values, base_url: str) -> str:
    if base_url:
        return f"{base_url.rstrip('/')}/{quote(target)}"
    return render.linker(feed["address"])(target)


def _id(one: Values, base_url: str) -> str:
    """The id of an entry: of the document and the moment and not of the page, so it stays when pages move."""
    return f"{_tag(base_url, one['at'][:10])}{quote(one['id'])}"


def _tag(base_url: str, day: str) -> str:
    return f"tag:{urlsplit(base_url).hostname or NOBODY},{day}:"


def legal(text: str) -> str:
    """A text without what XML cannot hold; hidden characters show as their names already."""
    return _ILLEGAL.sub("�", text)
