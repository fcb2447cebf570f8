"""Declarations are read and written in Open Terms Archive's JSON; every error says what, where and the remedy."""

import csv
import hashlib
import json
import os
import pickle
import re
import subprocess
import sys
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tracker.declarations import Catalogue, Shard, as_json, canonical, find, fingerprint, history_as_json, load, write
from tracker.errors import DeclarationError, NotFound
from tracker.model import Declaration, Document, PriorVersion, Range, Source, slug
from tracker.settings import bundled

CATEGORIES = {
    *("ai", "cloud", "code", "design", "image", "market"),
    *("messaging", "music", "research", "social", "video", "writing"),
}

CHAT = {
    "name": "Example Chat",
    "importedFrom": "https://example.org/collection",
    "terms": {
        "Terms of Service": {"fetch": "https://example.org/tos", "select": "main", "remove": [".toc", "footer"]},
        "Privacy Policy": {
            "executeClientScripts": True,
            "select": ["article"],
            "combine": [
                {"fetch": "https://example.org/privacy"},
                {"fetch": "https://example.org/eu", "select": {"startAfter": "h1", "endBefore": "#related"}},
            ],
        },
        "Law Enforcement Guidelines": {"fetch": "https://example.org/guide.pdf"},
    },
}


def put(folder, name, value):
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    path.write_text(value if isinstance(value, str) else json.dumps(value, indent=1), "utf-8")
    return path


def terms(**declared):
    return {"name": "Example", "terms": {"Terms of Service": {"fetch": "https://example.org/tos"} | declared}}


def only(catalogue):
    assert not catalogue.problems
    (declaration,) = catalogue.declarations.values()
    return declaration


def problem(folder, value, name="Example.json"):
    """The one thing that is wrong with a file."""
    put(folder, name, value)
    (error,) = load(folder).problems
    assert error.what
    assert name in error.where
    assert error.remedy
    return error


# ---- the format --------------------------------------------------------------------------------------------------


def test_a_service_file_gives_its_documents_in_order_of_their_ids(tmp_path):
    path = put(tmp_path, "Example Chat.json", CHAT)

    catalogue = load(tmp_path)

    assert catalogue.problems == ()
    assert list(catalogue.declarations) == [
        "example-chat/law-enforcement-guidelines",
        "example-chat/privacy-policy",
        "example-chat/terms-of-service",
    ]
    assert catalogue.declarations["example-chat/terms-of-service"] == Declaration(
        Document("example-chat/terms-of-service", "Example Chat", "Terms of Service"),
        (Source("https://example.org/tos", ("main",), (".toc", "footer")),),
        path=str(path),
    )


def test_combined_parts_inherit_what_they_do_not_say_themselves(tmp_path):
    put(tmp_path, "Example Chat.json", CHAT)

    sources = load(tmp_path).declarations["example-chat/privacy-policy"].sources

    assert sources == (
        Source("https://example.org/privacy", ("article",), needs_browser=True),
        Source("https://example.org/eu", (Range("h1", "#related", True, False),), needs_browser=True),
    )


def test_combined_parts_inherit_the_address_too(tmp_path):
    put(tmp_path, "Example.json", terms(combine=[{"select": "#a"}, {"select": "#b"}]))

    urls = [source.url for source in only(load(tmp_path)).sources]

    assert urls == ["https://example.org/tos"] * 2


def test_of_the_filters_only_query_parameters_are_dropped_and_the_others_named(tmp_path):
    dropped = [{"removeQueryParams": ["utm_source", "did"]}, {"removeQueryParams": "v"}]
    put(tmp_path, "Example.json", terms(filter=["cleanUrls", *dropped, {"numberListItems": {"by": 2}}]))

    (source,) = only(load(tmp_path)).sources

    assert source.drop_parameters == ("utm_source", "did", "v")
    assert source.unsupported == ("cleanUrls", "numberListItems")


def test_history_gives_former_sources_oldest_first_each_valid_to_its_last_moment(tmp_path):
    put(tmp_path, "Example.json", terms())
    later = {"fetch": "https://example.org/b", "validUntil": "2024-05-01T12:00:00Z"}
    earlier = {"fetch": "https://example.org/a", "validUntil": "2023-01-01T02:00:00+02:00"}
    put(tmp_path, "Example.history.json", {"Terms of Service": [later, earlier]})

    declaration = only(load(tmp_path))

    assert [until for until, _ in declaration.former] == [
        datetime(2023, 1, 1, tzinfo=UTC),
        datetime(2024, 5, 1, 12, tzinfo=UTC),
    ]
    assert declaration.sources_at(datetime(2023, 6, 1, tzinfo=UTC))[0].url == "https://example.org/b"
    assert declaration.sources_at(datetime(2024, 5, 1, 12, 0, 1, tzinfo=UTC))[0].url == "https://example.org/tos"


def test_a_day_alone_is_valid_to_its_end(tmp_path):
    put(tmp_path, "Example.json", terms())
    put(
        tmp_path,
        "Example.history.json",
        {"Terms of Service": [{"fetch": "https://example.org/a", "validUntil": "2024-05-01"}]},
    )

    declaration = only(load(tmp_path))

    assert declaration.sources_at(datetime(2024, 5, 1, 23, 59, tzinfo=UTC))[0].url == "https://example.org/a"


def test_our_own_key_says_category_language_and_versions_that_the_publisher_hosts(tmp_path):
    published = [
        {"url": "https://example.org/tos/2024", "stated": "2024-02"},
        {"url": "https://example.org/tos/2023", "stated": "2023-11-05"},
        {"url": "https://example.org/tos/old"},
    ]
    value = terms(tracker={"published": published})
    value["tracker"] = {"category": "music", "language": "fr"}
    value["terms"]["Privacy Policy"] = {"fetch": "https://example.org/p", "tracker": {"language": "en"}}
    put(tmp_path, "Example.json", value)

    found = load(tmp_path).declarations

    assert found["example/terms-of-service"].published == (
        PriorVersion("https://example.org/tos/2024", date(2024, 2, 1)),
        PriorVersion("https://example.org/tos/2023", date(2023, 11, 5)),
        PriorVersion("https://example.org/tos/old"),
    )
    assert [found[name].language for name in sorted(found)] == ["en", "fr"]
    assert {declaration.category for declaration in found.values()} == {"music"}


def test_a_clone_of_a_collection_is_read_from_its_declarations_folder(tmp_path):
    put(tmp_path, "package.json", {"name": "collection", "version": "1.0.0"})
    put(tmp_path / "declarations", "Example.json", terms())
    put(tmp_path / "declarations", "Example.filters.js", "export function cleanUrls() {}")
    put(tmp_path / "declarations", "Example.filters.history.js", "export const cleanUrls = [];")
    put(tmp_path / "declarations", "._Example.json", "\x00\x05\x16\x07")

    assert only(load(tmp_path)).document.id == "example/terms-of-service"


def test_later_folders_override_earlier_ones_document_by_document(tmp_path):
    both = terms()
    both["terms"]["Privacy Policy"] = {"fetch": "https://example.org/p"}
    put(tmp_path / "a", "Example.json", both)
    put(tmp_path / "b", "Anything.json", terms(fetch="https://example.org/mine"))

    catalogue = load(tmp_path / "a", tmp_path / "b")

    assert catalogue.problems == ()
    assert [declaration.sources[0].url for declaration in catalogue.declarations.values()] == [
        "https://example.org/p",
        "https://example.org/mine",
    ]


def test_a_byte_order_mark_before_utf_8_is_no_harm(tmp_path):
    (tmp_path / "Example.json").write_bytes(b"\xef\xbb\xbf" + json.dumps(terms()).encode())

    assert only(load(tmp_path)).document.platform == "Example"


def test_a_catalogue_crosses_process_borders(tmp_path):
    put(tmp_path, "Example.json", terms(selct="main"))
    put(tmp_path, "Other.json", {"name": "Other", "terms": {"A": {"fetch": "https://example.org"}}})
    catalogue = load(tmp_path)

    again = pickle.loads(pickle.dumps(catalogue))

    assert again.declarations == catalogue.declarations
    assert str(again.problems[0]) == str(catalogue.problems[0])


# ---- what is wrong -----------------------------------------------------------------------------------------------


def test_a_misspelt_key_is_named_with_line_place_and_the_nearest_known_key(tmp_path):
    text = """{
  "name": "Example",
  "terms": {
    "Privacy Policy": {
      "combine": [
        {"fetch": "https://example.org/a"},
        {"fetch": "https://example.org/b", "selct": "main"}
      ]
    }
  }
}"""

    error = problem(tmp_path, text)

    assert error.what == 'Unknown key "selct".'
    assert error.where == f"{tmp_path}/Example.json, line 7: terms › Privacy Policy › combine[1] › selct"
    assert error.remedy == 'Did you mean "select"?'


def test_a_key_like_no_other_is_answered_with_all_that_are_known(tmp_path):
    error = problem(tmp_path, terms() | {"xyz": 1})

    assert '"name", "terms", "importedFrom", "tracker"' in error.remedy


WRONG = {
    "an address that is none": (terms(fetch="/tos"), "fetch", "http(s) address"),
    "an address of another scheme": (terms(fetch="ftp://example.org/tos"), "fetch", "http(s) address"),
    "an address without a host": (terms(fetch="https:///tos"), "fetch", "http(s) address"),
    "an address with a bad port": (terms(fetch="https://example.org:99999999/"), "fetch", "http(s) address"),
    "an address with a line break": (terms(fetch="https://example.org/\nHost: x"), "fetch", "http(s) address"),
    "an address that is a number": (terms(fetch=3), "fetch", "address is expected"),
    "a selector that does not compile": (terms(select=["main", "div["]), "select[1]", "CSS selector"),
    "an empty selector": (terms(remove=""), "remove", "CSS selector"),
    "a selector of half a character": (terms(select="\ud800"), "select", "CSS selector"),
    "a selector nested beyond reason": (terms(select=":not(" * 300 + "a" + ")" * 300), "select", "CSS selector"),
    "a selector that is too long": (terms(select="a," * 5_000 + "a"), "select", "CSS selector"),
    "a selector that is a number": (terms(select=[1]), "select[0]", "selector is expected"),
    "a range without an end": (terms(select={"startBefore": "h1"}), "select", "one start and one end"),
    "a range with two starts": (
        terms(remove={"startBefore": "a", "startAfter": "b", "endAfter": "c"}),
        "remove",
        "one start and one end",
    ),
    "a range with a bad selector": (
        terms(select={"startBefore": "h1[", "endAfter": "p"}),
        "select › startBefore",
        "CSS selector",
    ),
    "scripts that are neither true nor false": (
        terms(executeClientScripts="yes"),
        "executeClientScripts",
        "neither true nor false",
    ),
    "a filter that is no list": (terms(filter="cleanUrls"), "filter", "list is expected"),
    "a filter that is a number": (terms(filter=[1]), "filter[0]", "not a filter"),
    "a parameter that is a number": (
        terms(filter=[{"removeQueryParams": [1]}]),
        "filter[0] › removeQueryParams",
        "name of a parameter",
    ),
    "nothing combined": (terms(combine=[]), "combine", "Nothing is combined"),
    "a part that is text": (terms(combine=["https://example.org"]), "combine[0]", "object is expected"),
    "a date that is none": (
        terms(tracker={"published": [{"url": "https://example.org", "stated": "2024-13"}]}),
        "published[0] › stated",
        "not a date",
    ),
    "a language that is none": (terms(tracker={"language": "English!"}), "language", "language code"),
    "terms that are text": ({"name": "Example", "terms": {"A": "https://example.org"}}, "terms › A", "object"),
    "terms without an address": ({"name": "Example", "terms": {"A": {"select": "main"}}}, "terms › A", "No address"),
    "terms with a name without letters": (
        {"name": "Example", "terms": {"!": {"fetch": "https://example.org"}}},
        "terms › !",
        "cannot be a name",
    ),
    "no terms": ({"name": "Example", "terms": {}}, "terms", "No document"),
    "terms missing": ({"name": "Example"}, "terms", "missing"),
    "a name missing": ({"terms": {"A": {"fetch": "https://example.org"}}}, "name", '"name" is missing'),
    "a name that is a number": (terms() | {"name": 3}, "name", "cannot be a name"),
    "a name with terminal escapes": (terms() | {"name": "\x1b[2JEvil"}, "name", "cannot be a name"),
    "a category that is a number": (terms() | {"tracker": {"category": 1}}, "category", "category"),
    "a list for a file": ([1], "Example.json", "object is expected"),
    "null for a file": (None, "Example.json", "Nothing is declared"),
}


@pytest.mark.parametrize("case", WRONG)
def test_what_is_wrong_is_said_where_it_stands(tmp_path, case):
    value, where, what = WRONG[case]

    error = problem(tmp_path, value)

    assert where in error.where
    assert what in error.what
    assert str(error).isprintable() or str(error).replace("\n", "").isprintable()


def test_json_that_is_broken_is_said_with_line_and_column(tmp_path):
    error = problem(tmp_path, '{\n "name": "Example"\n "terms": {}\n}')

    assert "not JSON" in error.what
    assert error.where.endswith("Example.json, line 3, column 2")


def test_a_key_that_stands_twice_is_refused_because_one_of_the_two_would_be_lost(tmp_path):
    error = problem(tmp_path, '{"name": "Example",\n"terms": {"A": {"fetch": "https://a.example"},\n"A": {}}}')

    assert "twice" in error.what
    assert "line 3: terms › A" in error.where


@pytest.mark.parametrize(
    ("raw", "what"),
    [
        (b"", "empty"),
        (b" \n", "empty"),
        (b'{\n"name": "Caf\xe9"}', "not UTF-8"),
        ('{"name": "X"}'.encode("utf-16"), "not UTF-8"),
        (b"[" * 200_000, "nests too deeply"),
        (b'{"a": NaN}', "NaN"),
        (b'"' + b"x" * (1024 * 1024 + 1) + b'"', "larger than 1 MiB"),
    ],
)
def test_bytes_that_are_no_declaration_are_said_to_be_none(tmp_path, raw, what):
    (tmp_path / "Example.json").write_bytes(raw)

    (error,) = load(tmp_path).problems

    assert what in error.what


def test_what_is_no_file_is_said_and_hides_nothing(tmp_path):
    put(tmp_path, "Good.json", terms())
    (tmp_path / "Folder.json").mkdir()
    (tmp_path / "Link.json").symlink_to(tmp_path / "nowhere.json")
    (tmp_path / "Loop.json").symlink_to(tmp_path / "Loop.json")
    os.mkfifo(tmp_path / "Pipe.json")

    catalogue = load(tmp_path)

    assert [error.what for error in catalogue.problems][:2] == ["This is not a file.", "The link leads nowhere."]
    assert len(catalogue.problems) == 4
    assert len(catalogue.declarations) == 1


def test_a_wrong_document_hides_no_other_of_its_file(tmp_path):
    value = terms()
    value["terms"]["Privacy Policy"] = {"fetch": "nowhere"}
    put(tmp_path, "Example.json", value)

    catalogue = load(tmp_path)

    assert list(catalogue.declarations) == ["example/terms-of-service"]
    assert len(catalogue.problems) == 1


def test_a_misspelt_valid_until_costs_that_entry_and_nothing_else(tmp_path):
    put(tmp_path, "Example.json", terms())
    good = {"fetch": "https://example.org/a", "validUntil": "2023-01-01T00:00:00Z"}
    bad = {"fetch": "https://example.org/b", "ValidUntil": "2024-01-01T00:00:00Z"}
    put(tmp_path, "Example.history.json", {"Terms of Service": [good, bad], "Privacy Policy": "none"})

    catalogue = load(tmp_path)

    assert len(catalogue.declarations["example/terms-of-service"].former) == 1
    assert [error.remedy for error in catalogue.problems] == ['Did you mean "validUntil"?', "Write it as [ … ]."]
    assert "Terms of Service[1] › ValidUntil" in catalogue.problems[0].where


@pytest.mark.parametrize("entry", [{}, {"validUntil": "soon"}, {"validUntil": 5}, {"validUntil": ["0123456789"]}, 7])
def test_a_former_declaration_without_a_moment_is_refused(tmp_path, entry):
    put(tmp_path, "Example.json", terms())
    put(tmp_path, "Example.history.json", {"Terms of Service": [entry]})

    catalogue = load(tmp_path)

    assert len(catalogue.problems) == 1
    assert catalogue.declarations["example/terms-of-service"].former == ()


def test_a_history_that_belongs_to_no_service_is_said_with_the_nearest_name(tmp_path):
    put(tmp_path, "SoundCloud.json", terms())
    put(tmp_path, "Soundcloud.history.json", {})

    (error,) = load(tmp_path).problems

    assert error.remedy == "Rename it to SoundCloud.history.json."


def test_two_names_with_one_slug_are_one_document_declared_twice(tmp_path):
    put(tmp_path, "A.json", terms() | {"name": "Mon Espace Santé"})
    put(tmp_path, "B.json", terms(fetch="https://example.org/b") | {"name": "mon espace sante"})

    catalogue = load(tmp_path)

    (error,) = catalogue.problems
    assert "declared twice" in error.what
    assert "A.json" in error.what
    assert "B.json, line 4" in error.where
    assert catalogue.declarations["mon-espace-sante/terms-of-service"].sources[0].url == "https://example.org/tos"


@pytest.mark.parametrize("name", ["missing", "file.json", "nul\0"])
def test_a_folder_that_is_none_is_an_error(tmp_path, name):
    put(tmp_path, "file.json", terms())

    with pytest.raises(DeclarationError, match="cannot be read") as caught:
        load(tmp_path / name)

    assert caught.value.remedy


@given(st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "surrogatepass")))
@settings(max_examples=60)
def test_no_bytes_at_all_raise(tmp_path_factory, raw):
    folder = tmp_path_factory.mktemp("any")
    (folder / "Any.json").write_bytes(raw)

    catalogue = load(folder)

    assert catalogue.problems
    assert not catalogue.declarations


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(), max_size=6) | st.just("https://example.org"),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["name", "terms", "fetch", "select", "combine", "filter", "startAfter", "tracker", "published"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=10,
)


@given(json_values, json_values)
@settings(max_examples=150)
def test_no_shape_of_json_raises(tmp_path_factory, declared, former):
    folder = tmp_path_factory.mktemp("any")
    put(folder, "Any.json", {"name": "Any", "terms": {"A": declared, "B": {"fetch": "https://b.example"}}})
    put(folder, "Any.history.json", {"A": former})

    assert "any/b" in load(folder).declarations


# ---- back to JSON ------------------------------------------------------------------------------------------------

names = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20).filter(slug)
urls = st.sampled_from(["https://example.org/a", "http://127.0.0.1:8077/x/y?z=1", "https://exämple.org/é"])
selectors = st.sampled_from(["main", "#a > p:nth-child(2)", '[data-x="y"]']) | st.builds(
    Range, st.sampled_from(["h1", "#start"]), st.sampled_from(["footer", ".end"]), st.booleans(), st.booleans()
)
filters = st.lists(st.sampled_from(["cleanUrls", "removeImages", "did", "utm_source"]), max_size=2).map(tuple)
sources = st.lists(
    st.builds(
        Source,
        urls,
        st.lists(selectors, max_size=2).map(tuple),
        st.lists(selectors, max_size=2).map(tuple),
        st.booleans(),
        filters,
        filters,
    ),
    min_size=1,
    max_size=3,
).map(tuple)
moments = st.datetimes(datetime(1970, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))
declared = st.builds(
    lambda platform, terms_type, *rest: Declaration(
        Document(f"{slug(platform)}/{slug(terms_type)}", platform, terms_type), *rest
    ),
    names,
    names,
    sources,
    st.lists(st.tuples(moments, sources), max_size=2, unique_by=lambda pair: pair[0]).map(
        lambda pairs: tuple(sorted(pairs, key=lambda pair: pair[0]))
    ),
    st.lists(st.builds(PriorVersion, urls, st.none() | st.dates(date(1990, 1, 1))), max_size=2).map(tuple),
    st.none() | st.sampled_from(["en", "pt-BR"]),
    st.sampled_from(["", "music"]),
)


@given(declared)
@settings(max_examples=80)
def test_what_is_written_is_read_back_the_same(tmp_path_factory, declaration):
    folder = tmp_path_factory.mktemp("written")

    path = write(declaration, folder)

    assert path.parent == folder
    assert replace(only(load(folder)), path="") == declaration


@given(declared, declared)
def test_declarations_that_say_the_same_and_only_those_have_one_fingerprint(one, other):
    assert len(fingerprint(one)) == 64
    assert fingerprint(replace(one, path="elsewhere.json")) == fingerprint(one)
    assert (fingerprint(one) == fingerprint(other)) == (one == other)


@given(declared)
def test_the_canonical_json_proves_the_fingerprint_and_says_everything(declaration):
    text = canonical(declaration)

    assert hashlib.sha256(text.encode("ascii")).hexdigest() == fingerprint(declaration)
    assert json.loads(text).pop("history", {}) == history_as_json(declaration)


def test_what_is_not_said_does_not_stand_in_the_json():
    plain = Declaration(Document("x/a", "X", "A"), (Source("https://x.example/a"),))

    assert as_json(plain) == {"name": "X", "terms": {"A": {"fetch": "https://x.example/a"}}}
    assert history_as_json(plain) == {}


# ---- writing -----------------------------------------------------------------------------------------------------


def simple(platform="Example", terms_type="Privacy Policy", url="https://example.org/privacy", **more):
    document = Document(f"{slug(platform)}/{slug(terms_type)}", platform, terms_type)
    return Declaration(document, (Source(url),), **more)


def test_writing_extends_the_file_of_the_platform_and_keeps_what_else_it_holds(tmp_path):
    value = terms(filter=[{"cleanUrls": {"a": 1}}]) | {
        "importedFrom": "https://x.example",
        "tracker": {"language": "en"},
    }
    path = put(tmp_path, "example site.json", value)

    assert write(simple(category="music"), tmp_path) == path

    held = json.loads(path.read_text("utf-8"))
    assert list(held["terms"]) == ["Terms of Service", "Privacy Policy"]
    assert held["terms"]["Terms of Service"] == value["terms"]["Terms of Service"]
    assert held["importedFrom"] == "https://x.example"
    assert held["tracker"] == {"language": "en", "category": "music"}


def test_writing_a_document_again_replaces_it_in_its_place(tmp_path):
    put(tmp_path, "Example.json", {"name": "Example", "terms": {"Privacy policy": {"fetch": "https://old.example"}}})

    write(simple(), tmp_path)

    assert only(load(tmp_path)).sources[0].url == "https://example.org/privacy"


def test_writing_into_a_clone_of_a_collection_goes_to_its_declarations_folder(tmp_path):
    (tmp_path / "declarations").mkdir()

    assert write(simple(), tmp_path) == tmp_path / "declarations" / "Example.json"


def test_writing_makes_the_folder(tmp_path):
    assert write(simple(), tmp_path / "a" / "b").exists()


def test_a_broken_file_is_not_written_over(tmp_path):
    path = put(tmp_path, "Example.json", '{"name": "Example", ')

    with pytest.raises(DeclarationError, match="not JSON"):
        write(simple(), tmp_path)

    assert path.read_text("utf-8") == '{"name": "Example", '


@pytest.mark.parametrize("held", [{"name": "Example", "terms": []}, {"name": "Example", "terms": {}, "tracker": 3}])
def test_a_file_of_another_shape_is_not_written_over(tmp_path, held):
    path = put(tmp_path, "Example.json", held)

    with pytest.raises(DeclarationError, match="no declaration"):
        write(simple(category="music"), tmp_path)

    assert json.loads(path.read_text("utf-8")) == held


def test_a_file_that_belongs_to_another_platform_is_left_alone(tmp_path):
    put(tmp_path, "VK.json", {"name": "Something Else", "terms": {"A": {"fetch": "https://x.example"}}})

    path = write(simple("VK"), tmp_path)

    assert path.name != "VK.json"
    assert len(load(tmp_path).declarations) == 2


def test_a_declaration_that_could_not_be_read_back_is_not_written(tmp_path):
    with pytest.raises(DeclarationError, match="http"):
        write(simple(url="javascript:alert(1)"), tmp_path)

    assert list(tmp_path.iterdir()) == []


def test_a_link_is_replaced_and_never_followed_out_of_the_folder(tmp_path):
    outside = put(tmp_path / "outside", "Example.json", terms())
    before = outside.read_bytes()
    folder = tmp_path / "inside"
    folder.mkdir()
    (folder / "Example.json").symlink_to(outside)

    write(simple(), folder)

    assert outside.read_bytes() == before
    assert not (folder / "Example.json").is_symlink()
    assert len(load(folder).declarations) == 2


def test_a_failed_write_leaves_what_was_there_and_no_litter(tmp_path, monkeypatch):
    path = put(tmp_path, "Example.json", terms())
    before = path.read_bytes()

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.replace", full)
    with pytest.raises(DeclarationError, match="No space left"):
        write(simple(), tmp_path)

    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_folder_that_is_a_file_is_an_error(tmp_path):
    with pytest.raises(DeclarationError, match="cannot be written"):
        write(simple(), put(tmp_path, "file", "x"))


@pytest.mark.parametrize(
    ("name", "file"),
    [
        ("SoundCloud", "SoundCloud.json"),
        ("Stack Overflow", "Stack Overflow.json"),
        ("Mon espace santé", "Mon espace sante.json"),
        ("../../etc/passwd", "-..-etc-passwd.json"),
        ("C:\\x", "C--x.json"),
        (".hidden", "hidden.json"),
        ("aux", "service-aux.json"),
        ("Con.Dom", "service-Con.Dom.json"),
        ("Foo.history", "Foo-history.json"),
        ("Foo. ", "Foo.json"),
        ("a" * 300, "a" * 80 + ".json"),
    ],
)
def test_file_names_are_safe_on_every_system(tmp_path, name, file):
    assert write(simple(name), tmp_path).name == file
    assert only(load(tmp_path)).document.platform == name


def test_a_name_in_another_script_gets_a_file_name_of_its_own(tmp_path):
    paths = {write(simple(name), tmp_path) for name in ("小红书", "ВКонтакте")}

    assert len(paths) == 2
    assert all(path.name.isascii() for path in paths)
    assert sorted(load(tmp_path).declarations) == ["вконтакте/privacy-policy", "小红书/privacy-policy"]


# ---- finding -----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def catalogue():
    return load(bundled("data") / "declarations")


@pytest.mark.parametrize(
    "name", ["soundcloud/privacy-policy", "SoundCloud Privacy Policy", "SoundCloud/Privacy Policy"]
)
def test_a_document_is_found_by_id_and_by_title(catalogue, name):
    assert [declaration.document.id for declaration in find(catalogue, name)] == ["soundcloud/privacy-policy"]


@pytest.mark.parametrize("name", ["soundcloud", "SoundCloud", " soundcloud "])
def test_a_platform_gives_all_its_documents(catalogue, name):
    assert [declaration.document.id for declaration in find(catalogue, name)] == [
        "soundcloud/privacy-policy",
        "soundcloud/terms-of-service",
    ]


def test_a_service_file_is_found_by_its_name_where_the_platform_is_called_otherwise(tmp_path):
    put(tmp_path, "Vkontakte.json", terms() | {"name": "ВКонтакте"})

    assert find(load(tmp_path), "vkontakte")[0].document.platform == "ВКонтакте"


def test_what_is_not_declared_is_answered_with_the_nearest_ids(catalogue):
    with pytest.raises(NotFound, match="soundclod") as caught:
        find(catalogue, "soundclod")

    assert "soundcloud" in caught.value.remedy


@pytest.mark.parametrize("name", ["", "/", "!", "\ud800", "x" * 100_000])
def test_any_name_at_all_is_found_or_not_found(catalogue, name):
    with pytest.raises(NotFound):
        find(catalogue, name)


def test_an_empty_catalogue_says_how_to_begin():
    with pytest.raises(NotFound) as caught:
        find(Catalogue(), "soundcloud")

    assert "tracker add" in caught.value.remedy


# ---- the catalogue that comes with the program --------------------------------------------------------------------


def test_the_bundled_catalogue_is_sound(catalogue):
    declarations = catalogue.declarations.values()

    assert catalogue.problems == ()
    assert len({declaration.document.platform_id for declaration in declarations}) >= 45
    assert {declaration.category for declaration in declarations} == CATEGORIES


def test_every_bundled_address_is_https_and_stands_once(catalogue):
    urls = [source.url for declaration in catalogue.declarations.values() for source in declaration.sources]
    urls += [prior.url for declaration in catalogue.declarations.values() for prior in declaration.published]

    assert all(url.startswith("https://") for url in urls)
    assert len(set(urls)) == len(urls)


def test_every_bundled_file_is_called_as_its_platform_is(catalogue):
    for declaration in catalogue.declarations.values():
        assert Path(declaration.path).stem == declaration.document.platform


def test_prior_versions_that_soundcloud_hosts_are_known(catalogue):
    published = catalogue.declarations["soundcloud/terms-of-service"].published

    assert [prior.stated for prior in published] == [
        date(2022, 10, 1),
        date(2024, 2, 1),
        date(2025, 5, 1),
        date(2025, 9, 1),
        date(2026, 1, 1),
    ]


def test_the_examples_of_the_documentation_are_read_as_they_stand(tmp_path):
    text = (Path(__file__).parent.parent / "docs" / "declarations.md").read_text("utf-8")
    service, history, chat = re.findall(r"```json\n(.*?)```", text, re.DOTALL)
    put(tmp_path, "SoundCloud.json", service)
    put(tmp_path, "Example Chat.json", chat)
    put(tmp_path, "Example Chat.history.json", history)

    catalogue = load(tmp_path)

    assert catalogue.problems == ()
    assert len(catalogue.declarations) == 4
    assert len(catalogue.declarations["example-chat/terms-of-service"].former) == 1


def test_the_error_of_the_documentation_is_the_one_that_is_given(tmp_path):
    text = (Path(__file__).parent.parent / "docs" / "declarations.md").read_text("utf-8")
    chat = re.findall(r"```json\n(.*?)```", text, re.DOTALL)[2].replace('eu" }', 'eu", "selct": "main" }')

    error = problem(tmp_path, chat, "Example Chat.json")

    assert str(error).replace(str(tmp_path), "my-platforms") in text


# ---- real declarations -------------------------------------------------------------------------------------------


@pytest.mark.corpus
@pytest.mark.parametrize("form", [[], ["--base", "http://127.0.0.1:8077"], ["--no-selectors"]])
def test_real_declarations_are_read_written_and_read_the_same(corpus, tmp_path, form):
    subprocess.run(
        [sys.executable, str(corpus / "replay/declare.py"), "--out", str(tmp_path / "real"), *form],
        check=True,
        capture_output=True,
    )

    catalogue = load(tmp_path / "real")

    assert catalogue.problems == ()
    with (corpus / "replay/documents.csv").open(encoding="utf-8", newline="") as file:
        assert sorted(row["path"] for row in csv.DictReader(file)) == list(catalogue.declarations)
    for declaration in catalogue.declarations.values():
        write(declaration, tmp_path / "again")
    again = load(tmp_path / "again").declarations
    assert [replace(one, path="") for one in again.values()] == [
        replace(one, path="") for one in catalogue.declarations.values()
    ]


# ---- parts of a catalogue ------------------------------------------------------------------------------------------


def at(host: str, path: str = "/terms") -> Declaration:
    return Declaration(Document(f"{host}{path}", host, "Terms of Use"), (Source(f"https://{host}{path}"),))


def part_of(declaration: Declaration, of: int) -> int:
    (found,) = [part for part in range(1, of + 1) if declaration in Shard(part, of)]
    return found


@given(st.from_regex(r"[a-z]{1,9}(\.[a-z]{1,9}){1,2}", fullmatch=True), st.integers(1, 12))
def test_every_site_belongs_to_one_part_as_a_whole(host, of):
    part = part_of(at(host), of)
    assert {part_of(one, of) for one in (at(host, "/privacy"), at(f"www.{host.removeprefix('www.')}"))} <= {part}
    moved = part_of(at(host), of + 1)
    assert moved in (part, of + 1)  # with one part more, only what that one takes moves


def test_parts_are_of_a_size_and_stay_as_they_are():
    hosts = [at(f"platform-{n}.example") for n in range(1000)]
    sizes = [sum(one in Shard(part, 5) for one in hosts) for part in range(1, 6)]
    assert min(sizes) > 160
    assert [part_of(one, 5) for one in hosts[:12]] == SETTLED


SETTLED = [3, 3, 1, 1, 1, 2, 1, 4, 1, 5, 4, 3]  # an archive keeps what it watches: these must never change


@pytest.mark.parametrize("text", ["", "2", "0/5", "6/5", "2/", "/5", "-1/5", "1/5/9", "1/9999", "\u0663/5 ", "a/b"])
def test_a_part_that_there_is_not_is_refused(text):
    with pytest.raises(ValueError, match="write 2/5"):
        Shard.parse(text)
