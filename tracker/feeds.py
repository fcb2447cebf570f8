"""Feeds out of the values of `views.news`: Atom (RFC 4287) and JSON Feed 1.1, valid whatever a page contained."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import quote, urlsplit
from xml.etree import ElementTree as ET

from tracker import render
from tracker.views import news

Values = Mapping[str, Any]

ATOM, JSON = "application/atom+xml; charset=utf-8", "application/feed+json; charset=utf-8"
FILES = {"atom.xml": ATOM, "feed.json": JSON}
NAMESPACE = "http://www.w3.org/2005/Atom"
NOBODY = "localhost"  # the authority of ids where the site has no address of its own
# What XML 1.0 cannot hold, not even escaped.
_ILLEGAL = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


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
