"""One service file: Open Terms Archive's JSON, checked and made declarations.

Every error names the file, the line and the place in it. docs/declarations.md shows the format.
"""

from __future__ import annotations

import difflib
import json
import os
import re
import stat
import warnings
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime, time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tracker.declarations.places import Place, RepeatedKey, parse, shown
from tracker.errors import DeclarationError
from tracker.model import Declaration, Document, PriorVersion, Range, Selector, Source, slug

_STEP = r"(?:[A-Za-z][A-Za-z0-9]*(?:[.#][A-Za-z][\w-]*)*|(?:[.#][A-Za-z][\w-]*)+)"
PLAIN_SELECTOR = re.compile(rf"{_STEP}(?:(?: | > ){_STEP})*", re.A)  # names, classes and ids: valid by their form
SERVICE_KEYS = ("name", "terms", "importedFrom", "tracker")
SOURCE_KEYS = ("fetch", "select", "remove", "filter", "executeClientScripts")
TERMS_KEYS = (*SOURCE_KEYS, "combine", "tracker")
FORMER_KEYS = (*SOURCE_KEYS, "combine", "validUntil")
RANGE_KEYS = ("startBefore", "startAfter", "endBefore", "endAfter")
OWN_SERVICE_KEYS = ("category", "language")
OWN_TERMS_KEYS = ("language", "published", "every")
PUBLISHED_KEYS = ("url", "stated")

MAX_BYTES = 1024 * 1024  # of one file; the largest that people write by hand are some 30 kB
MAX_SELECTOR = 2_000  # characters
MAX_BRACKETS = 64  # in one selector: matching goes down one call for each that nests
LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z0-9]{1,8})*")
UNPRINTABLE = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")

SELECTOR_HELP = (
    'Write a CSS selector, as "main", a range, as {"startBefore": "h1", "endBefore": "footer"}, or a list of them.'
)


Former = Mapping[str, tuple[tuple[datetime, tuple[Source, ...]], ...]]  # by slug of the terms type, oldest first


def read(path: Path) -> tuple[list[tuple[Declaration, Place]], list[DeclarationError]]:
    """The documents of a service file with their places, and all that is wrong in it and in its history."""
    try:
        value, place = read_json(path)
    except DeclarationError as error:
        return [], [error]
    beside = path.with_name(path.name.removesuffix(".json") + ".history.json")
    former: Former = {}
    problems: list[DeclarationError] = []
    if os.path.lexists(beside):
        try:
            former, problems = histories(*read_json(beside))
        except DeclarationError as error:
            problems = [error]
    found, wrong = documents(value, place, former)
    return found, [*wrong, *problems]


def documents(
    value: Any, place: Place, former: Former | None = None
) -> tuple[list[tuple[Declaration, Place]], list[DeclarationError]]:
    """The documents that the value of a service file declares, with their places, and all that is wrong in it."""
    problems: list[DeclarationError] = []
    try:
        problems += _unknown_keys(_object(value, place), SERVICE_KEYS, place)
        name = _name(value.get("name"), place.at("name"))
        terms = _object(value.get("terms"), place.at("terms"))
        if not terms:
            remedy = 'Add one, as "Terms of Service": {"fetch": "https://…"}.'
            raise _wrong(place.at("terms"), "No document is declared.", remedy)
    except DeclarationError as error:
        return [], [*problems, error]
    category, language = "", None
    try:
        category, language = _own_service(value.get("tracker", {}), place.at("tracker"))
    except DeclarationError as error:
        problems.append(error)
    found = []
    for terms_type, declared in terms.items():
        spot = place.at("terms", terms_type)
        try:
            read = _declaration(name, terms_type, declared, spot)
        except DeclarationError as error:
            problems.append(error)
            continue
        past = (former or {}).get(slug(terms_type), ())
        read = replace(read, language=read.language or language, category=category, former=past, path=place.file)
        found.append((read, spot))
    return found, problems


def histories(value: Any, place: Place) -> tuple[Former, list[DeclarationError]]:
    """The former sources that the value of a history file declares, and what is wrong; wrong entries are left out."""
    problems: list[DeclarationError] = []
    former: dict[str, tuple[tuple[datetime, tuple[Source, ...]], ...]] = {}
    for terms_type, entries in _object(value, place).items():
        spot = place.at(terms_type)
        read = []
        for index, entry in enumerate(entries if isinstance(entries, list) else []):
            try:
                read.append(_former(entry, spot.at(index)))
            except DeclarationError as error:
                problems.append(error)
        if not isinstance(entries, list):
            problems.append(_wrong(spot, f"A list is expected here, not {_said(entries)}.", "Write it as [ … ]."))
        former[slug(terms_type)] = tuple(sorted(read, key=lambda pair: pair[0]))
    return former, problems


def _declaration(name: str, terms_type: str, value: Any, place: Place) -> Declaration:
    """One document out of its terms declaration, as far as it stands there."""
    _name(terms_type, place)
    for error in _unknown_keys(_object(value, place), TERMS_KEYS, place):
        raise error
    spot = place.at("tracker")
    own = _object(value.get("tracker", {}), spot)
    for error in _unknown_keys(own, OWN_TERMS_KEYS, spot):
        raise error
    return Declaration(
        Document(f"{slug(name)}/{slug(terms_type)}", name, terms_type),
        _sources(value, place),
        published=_published(own.get("published", []), spot.at("published")),
        language=_language(own.get("language"), spot.at("language")),
        every=_hours(own.get("every"), spot.at("every")),
    )


def _former(value: Any, place: Place) -> tuple[datetime, tuple[Source, ...]]:
    """One entry of a history: the last moment that it suits, and the sources of that time."""
    for error in _unknown_keys(_object(value, place), FORMER_KEYS, place):
        raise error
    if "validUntil" not in value:
        raise _wrong(place, 'The key "validUntil" is missing.', 'Add it, as "validUntil": "2024-05-31T12:00:00Z".')
    return _moment(value["validUntil"], place.at("validUntil")), _sources(value, place)


def _sources(value: Mapping[str, Any], place: Place) -> tuple[Source, ...]:
    """The sources of a terms declaration; parts of a `combine` inherit what they do not say themselves."""
    shared = {key: value[key] for key in SOURCE_KEYS if key in value}
    spots = {key: place.at(key) for key in shared}
    if "combine" not in value:
        return (_source(shared, spots, place),)
    place = place.at("combine")
    parts = _list(value["combine"], place)
    if not parts:
        raise _wrong(place, "Nothing is combined.", 'Add parts, each as {"fetch": "https://…"}.')
    sources = []
    for index, part in enumerate(parts):
        spot = place.at(index)
        for error in _unknown_keys(_object(part, spot), SOURCE_KEYS, spot):
            raise error
        sources.append(_source(shared | part, spots | {key: spot.at(key) for key in part}, spot))
    return tuple(sources)


def _source(value: Mapping[str, Any], spots: Mapping[str, Place], place: Place) -> Source:
    if "fetch" not in value:
        raise _wrong(place, "No address is declared.", 'Add one, as "fetch": "https://example.org/terms".')
    scripts = value.get("executeClientScripts", False)
    if not isinstance(scripts, bool):
        raise _wrong(
            spots["executeClientScripts"], f"{_said(scripts)} is neither true nor false.", "Write true or false."
        )
    dropped, unsupported = _filters(value["filter"], spots["filter"]) if "filter" in value else ((), ())
    return Source(
        url=_url(value["fetch"], spots["fetch"]),
        select=_selectors(value["select"], spots["select"]) if "select" in value else (),
        remove=_selectors(value["remove"], spots["remove"]) if "remove" in value else (),
        needs_browser=scripts,
        drop_parameters=dropped,
        unsupported=unsupported,
    )


# ---- reading files -----------------------------------------------------------------------------------------------


def read_json(path: Path) -> tuple[Any, Place]:
    """The JSON of a file, whatever the file is, with its place; raises `DeclarationError`."""
    name = shown(str(path), 1000)

    def wrong(what: str, remedy: str, where: str = "") -> DeclarationError:
        return DeclarationError(what, name + where, remedy)

    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise wrong("This is not a file.", "Move it out of the folder of declarations.")
        with path.open("rb") as file:
            raw = file.read(MAX_BYTES + 1)
    except FileNotFoundError:
        raise wrong("The link leads nowhere.", "Mend or remove the symbolic link.") from None
    except OSError as error:
        raise wrong(f"The file cannot be read: {error.strerror}.", "Make it readable, or move it away.") from None
    if len(raw) > MAX_BYTES:
        raise wrong("The file is larger than 1 MiB.", "A declaration holds addresses and selectors only.")
    if not raw.strip():
        raise wrong("The file is empty.", 'Write {"name": "…", "terms": {…}} into it, or remove it.')
    try:
        return parse(raw.decode("utf-8-sig"), name)
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        raise wrong("The file is not UTF-8.", "Save it again with the encoding UTF-8.", f", line {line}") from None
    except json.JSONDecodeError as error:
        at = f", line {error.lineno}, column {error.colno}"
        remedy = "Mend the JSON there; often a comma, a quote or a bracket is missing or one too many just before."
        raise wrong(f"This is not JSON: {error.msg}.", remedy, at) from None
    except RepeatedKey as error:
        what = f"The key {shown(error.place.steps[-1])} stands in one object twice."
        raise DeclarationError(what, str(error.place), "Remove or rename one of the two.") from None
    except ValueError as error:
        raise wrong(f"This is not JSON that can be used: {error}.", "Write it as docs/declarations.md shows.") from None


# ---- reading single values ---------------------------------------------------------------------------------------


def _wrong(place: Place, what: str, remedy: str) -> DeclarationError:
    return DeclarationError(what, str(place), remedy)


def _said(value: Any) -> str:
    """A value quoted for an error."""
    return f'"{shown(value)}"' if isinstance(value, str) else shown(value)


def _object(value: Any, place: Place) -> dict[str, Any]:
    if value is None:
        missing = f'The key "{place.steps[-1]}" is missing.' if place.steps else "Nothing is declared."
        raise _wrong(place, missing, "Add it.")
    if not isinstance(value, dict):
        raise _wrong(place, f"An object is expected here, not {_said(value)}.", 'Write it in braces, as {"key": …}.')
    return value


def _list(value: Any, place: Place) -> list[Any]:
    if not isinstance(value, list):
        raise _wrong(place, f"A list is expected here, not {_said(value)}.", "Write it in square brackets, as [ … ].")
    return value


def _unknown_keys(value: Mapping[str, Any], known: Iterable[str], place: Place) -> Iterator[DeclarationError]:
    """An error for each key that means nothing here, with the nearest that does."""
    for key in value:
        if key not in known:
            near = difflib.get_close_matches(key.casefold(), [name.casefold() for name in known], 1)
            likely = next((name for name in known if near and name.casefold() == near[0]), "")
            listed = ", ".join(f'"{name}"' for name in known)
            remedy = f'Did you mean "{likely}"?' if likely else f"The keys known here are {listed}."
            yield _wrong(place.at(key), f"Unknown key {_said(key)}.", remedy)


def _name(value: Any, place: Place) -> str:
    """The name of a service or a terms type: text from which an id can be made."""
    if value is None:
        raise _wrong(place, 'The key "name" is missing.', 'Add the name of the platform, as "name": "SoundCloud".')
    if not isinstance(value, str) or UNPRINTABLE.search(value) or not slug(value):
        raise _wrong(place, f"{_said(value)} cannot be a name.", "Write a name with letters or digits.")
    return value


def _url(value: Any, place: Place) -> str:
    """A complete http(s) address."""
    remedy = "Write the whole address, as https://example.org/terms."
    if not isinstance(value, str):
        raise _wrong(place, f"An address is expected here, not {_said(value)}.", remedy)
    try:
        parts = urlsplit(value)
        whole = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        whole = False
    if not whole or UNPRINTABLE.search(value) or " " in value:
        raise _wrong(place, f"{_said(value)} is not an http(s) address.", remedy)
    return value


def _selectors(value: Any, place: Place) -> tuple[Selector, ...]:
    """A CSS selector, a range, or a list of both."""
    if not isinstance(value, list):
        return (_selector(value, place),)
    return tuple(_selector(entry, place.at(index)) for index, entry in enumerate(value))


def _selector(value: Any, place: Place) -> Selector:
    if isinstance(value, dict):
        return _range(value, place)
    if not isinstance(value, str):
        raise _wrong(place, f"A selector is expected here, not {_said(value)}.", SELECTOR_HELP)
    try:
        if len(value) > MAX_SELECTOR or value.count("(") > MAX_BRACKETS or "\0" in value:
            raise ValueError("it is too long, nests too deeply or holds a NUL character")
        value.encode()
        if not PLAIN_SELECTOR.fullmatch(value):
            _compile(value)
    except (ValueError, NotImplementedError, RecursionError) as error:
        reason = str(error).partition("\n")[0].rstrip(".") or "it cannot be read"
        raise _wrong(place, f"{_said(value)} is not a CSS selector: {shown(reason, 160)}.", SELECTOR_HELP) from None
    return value


def _compile(selector: str) -> None:
    """Raises ValueError, NotImplementedError or RecursionError where a selector is not valid."""
    import soupsieve  # only here: it brings an HTML library along, and plain selectors need no judge

    try:
        with warnings.catch_warnings():  # soupsieve warns of old spellings that it still understands
            warnings.simplefilter("ignore", FutureWarning)
            soupsieve.compile(selector)
    except soupsieve.SelectorSyntaxError as error:
        raise ValueError(str(error)) from error


def _range(value: dict[str, Any], place: Place) -> Range:
    for error in _unknown_keys(value, RANGE_KEYS, place):
        raise error
    starts = [key for key in ("startBefore", "startAfter") if key in value]
    ends = [key for key in ("endBefore", "endAfter") if key in value]
    if len(starts) != 1 or len(ends) != 1:
        remedy = 'Write exactly one of "startBefore" and "startAfter", and one of "endBefore" and "endAfter".'
        raise _wrong(place, "A range needs one start and one end.", remedy)
    for key in (*starts, *ends):
        if not isinstance(value[key], str):
            raise _wrong(place.at(key), f"A selector is expected here, not {_said(value[key])}.", 'Write one, as "h1".')
        _selector(value[key], place.at(key))
    return Range(value[starts[0]], value[ends[0]], starts[0] == "startAfter", ends[0] == "endAfter")


def _filters(value: Any, place: Place) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The query parameters that filters drop, and the names of filters that we do not run."""
    dropped: list[str] = []
    unsupported: list[str] = []
    for index, entry in enumerate(_list(value, place)):
        spot = place.at(index)
        name, given = next(iter(entry.items())) if isinstance(entry, dict) and len(entry) == 1 else (entry, [])
        if not isinstance(name, str) or UNPRINTABLE.search(name):
            remedy = 'Write a name, or a name with its parameters, as {"removeQueryParams": ["utm_source"]}.'
            raise _wrong(spot, f"{_said(entry)} is not a filter.", remedy)
        if name != "removeQueryParams":
            unsupported.append(name)
            continue
        for parameter in given if isinstance(given, list) else [given]:
            if not isinstance(parameter, str) or UNPRINTABLE.search(parameter):
                raise _wrong(
                    spot.at(name), f"{_said(parameter)} is not the name of a parameter.", 'Write one, as "utm_source".'
                )
            dropped.append(parameter)
    return tuple(dropped), tuple(unsupported)


def _moment(value: Any, place: Place) -> datetime:
    """An ISO moment in UTC; without an offset it is UTC, a day alone lasts to its end."""
    try:
        if len(value) == 10:
            return datetime.combine(date.fromisoformat(value), time.max, UTC)
        moment = datetime.fromisoformat(value)
        return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (TypeError, ValueError, OverflowError):
        raise _wrong(place, f"{_said(value)} is not a moment.", "Write it as 2024-05-31T12:00:00Z.") from None


def _language(value: Any, place: Place) -> str | None:
    if value is not None and not (isinstance(value, str) and LANGUAGE.fullmatch(value)):
        raise _wrong(place, f"{_said(value)} is not a language code.", 'Write one as "en", "fr" or "pt-BR".')
    return value


def _hours(value: Any, place: Place) -> float | None:
    """A number of hours between two checks: half an hour at least, four weeks at most."""
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0.5 <= value <= 672:
        remedy = "Write hours from 0.5 to 672, as 6; leave it out to let the tracker find its own rhythm."
        raise _wrong(place, f"{_said(value)} is no number of hours.", remedy)
    return float(value)


def _own_service(value: Any, place: Place) -> tuple[str, str | None]:
    """What stands under our key for a whole service: its category and language."""
    for error in _unknown_keys(_object(value, place), OWN_SERVICE_KEYS, place):
        raise error
    category = value.get("category", "")
    if not isinstance(category, str) or UNPRINTABLE.search(category):
        raise _wrong(place.at("category"), f"{_said(category)} is not a category.", 'Write a word, as "music".')
    return category, _language(value.get("language"), place.at("language"))


def _published(value: Any, place: Place) -> tuple[PriorVersion, ...]:
    """Former texts that the publisher hosts itself."""
    read = []
    for index, entry in enumerate(_list(value, place)):
        spot = place.at(index)
        for error in _unknown_keys(_object(entry, spot), PUBLISHED_KEYS, spot):
            raise error
        stated = _day(entry["stated"], spot.at("stated")) if "stated" in entry else None
        read.append(PriorVersion(_url(entry.get("url"), spot.at("url")), stated))
    return tuple(read)


def _day(value: Any, place: Place) -> date:
    """A day, or a month as its first day."""
    try:
        return date.fromisoformat(value if len(value) != 7 else f"{value}-01")
    except (TypeError, ValueError):
        raise _wrong(place, f"{_said(value)} is not a date.", "Write it as 2024-02-07, or as 2024-02.") from None
