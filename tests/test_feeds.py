"""The feeds as readers' programs meet them: valid whatever a page held, with stable ids, and with both texts."""

import json
from xml.etree import ElementTree as ET

import histories
import pytest
from hypothesis import given
from hypothesis import strategies as st
from test_site import Links, build, hostile

from tracker import feeds

A = {"a": "http://www.w3.org/2005/Atom"}


@pytest.fixture(scope="module")
def archive(tmp_path_factory):
    return histories.sample(tmp_path_factory.mktemp("feeds") / "tracker.db")


@pytest.fixture(scope="module")
def built(archive, tmp_path_factory):
    out = tmp_path_factory.mktemp("built") / "site"
    build(archive.path, out)
    return out


def atom(path) -> ET.Element:
    return ET.fromstring(path.read_bytes())


def texts(element: ET.Element, path: str) -> list[str]:
    return [found.text or "" for found in element.findall(path, A)]


def test_there_is_a_feed_of_everything_of_ai_and_of_each_platform_document_and_topic(built):
    for name in ("all", "flagged", "topic/training", "platform/tunely", "document/tunely/terms-of-use"):
        feed = atom(built / "feeds" / name / "atom.xml")
        assert len(feed.findall("a:entry", A)) == 2, name
        assert len(json.loads((built / "feeds" / name / "feed.json").read_bytes())["items"]) == 2
    assert atom(built / "feeds/platform/still/atom.xml").findall("a:entry", A) == []


def test_every_feed_has_what_the_standards_ask_for(built):
    for path in built.rglob("atom.xml"):
        feed = atom(path)
        for part in (feed, *feed.findall("a:entry", A)):
            for name in ("id", "title", "updated"):
                assert texts(part, f"a:{name}")[0], (path, name)
        assert texts(feed, "a:author/a:name")
        ids = texts(feed, "a:entry/a:id")
        assert len(set(ids)) == len(ids)
        assert all(one.startswith("tag:") for one in ids)
    for path in built.rglob("feed.json"):
        feed = json.loads(path.read_bytes())
        assert feed["version"] == "https://jsonfeed.org/version/1.1"
        assert all(item["id"] and item["url"] and item["content_html"] for item in feed["items"])


def test_an_entry_says_what_changed_when_and_both_texts(built):
    entry = atom(built / "feeds/flagged/atom.xml").findall("a:entry", A)[1]
    [title], [content] = texts(entry, "a:title"), texts(entry, "a:content")
    assert title.startswith("Tunely adds a right to train AI")
    assert "First seen between" in content
    assert histories.TRAINING in content
    assert "no such clause" in content
    terms = {one.get("term") for one in entry.findall("a:category", A)}
    assert {"tunely", "tunely/terms-of-use", "training", "training:permits", "added"} <= terms
    item = json.loads((built / "feeds/flagged/feed.json").read_bytes())["items"][1]
    assert item["_tracker"]["clauses"][0]["after"] == histories.TRAINING
    assert item["_tracker"]["window"]["from"] < item["_tracker"]["window"]["to"]


def test_a_reworded_clause_is_marked_on_both_sides(built):
    entry = atom(built / "feeds/flagged/atom.xml").findall("a:entry", A)[0]
    [content] = texts(entry, "a:content")
    assert "<ins>" in content
    assert "<del>" in content


def test_links_lead_to_pages_from_any_folder(built):
    for path in built.rglob("atom.xml"):
        for link in atom(path).iter(f"{{{A['a']}}}link"):
            if link.get("rel") in ("alternate", "self"):
                assert (path.parent / link.get("href")).resolve().is_file()


def test_links_and_ids_are_those_of_the_site_where_it_has_an_address(archive, tmp_path):
    build(archive.path, tmp_path, base_url="https://terms.example/log/")
    feed = atom(tmp_path / "feeds/all/atom.xml")
    assert all(one.startswith("tag:terms.example,2024-") for one in texts(feed, "a:entry/a:id"))
    links = [one.get("href") for one in feed.iter(f"{{{A['a']}}}link") if one.get("rel") != "via"]
    assert all(one.startswith("https://terms.example/log/") for one in links)


def test_pages_tell_of_their_feeds(built):
    for name in ("index.html", "platform/tunely/index.html", "document/tunely/terms-of-use/index.html"):
        page = Links(built / name)
        found = [
            attributes["href"] for tag, attributes in page.tags if attributes.get("type") == "application/atom+xml"
        ]
        assert len(found) == (2 if name == "index.html" else 3)
        assert all(((built / name).parent / one).resolve().is_file() for one in found)


def test_feeds_of_hostile_pages_are_valid_and_hold_no_live_markup(tmp_path):
    build(hostile(tmp_path / "tracker.db").path, tmp_path / "site")
    seen = 0
    for path in (tmp_path / "site").rglob("atom.xml"):
        for content in texts(atom(path), "a:entry/a:content"):
            seen += 1
            inside = ET.fromstring(f"<div>{content}</div>".replace("&nbsp;", " "))
            tags = {element.tag for element in inside.iter()}
            assert tags <= {"div", "p", "h3", "strong", "em", "blockquote", "ins", "del", "mark", "a"}
            assert not [name for element in inside.iter() for name in element.attrib if name.startswith("on")]
    assert seen


@given(st.text())
def test_what_xml_cannot_hold_is_replaced_and_the_rest_is_kept(text):
    element = ET.Element("x")
    element.text = feeds.legal(text)
    back = ET.fromstring(ET.tostring(element, encoding="utf-8")).text or ""
    assert back.replace("\n", "\r") == feeds.legal(text).replace("\r\n", "\n").replace("\n", "\r")
