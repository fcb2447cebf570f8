"""Declarations: where each document is and how to read it, in Open Terms Archive's JSON.

A folder holds one `<Service>.json` for each platform and beside it, where addresses or selectors differed before,
`<Service>.history.json`. What is ours alone stands under the key "tracker". docs/declarations.md shows the format.
"""

from __future__ import annotations

import difflib
import hashlib
import json
import os
import re
import tempfile
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from tracker.declarations import service
from tracker.declarations.places import Place, shown
from tracker.errors import DeclarationError, NotFound
from tracker.model import Declaration, Range, Source, slug

UNSAFE = re.compile(r'[\x00-\x1f\x7f:/\\<>"|?*]')
RESERVED = re.compile(r"(?i)(con|prn|aux|nul|com\d|lpt\d)(\..*)?")  # names that Windows keeps for devices
MAX_NAME = 80  # characters of a file name before its ending


@dataclass(frozen=True, slots=True)
class Catalogue:
    """All documents declared, by id in order, and what could not be read."""

    declarations: Mapping[str, Declaration] = field(default_factory=dict)
    problems: tuple[DeclarationError, ...] = ()


# ---- reading folders ---------------------------------------------------------------------------------------------


def load(*directories: Path) -> Catalogue:
    """All declarations of some folders; where two folders declare a document, the later one counts.

    A folder holds the files itself or in `declarations/` below it, as a clone of an Open Terms Archive collection
    does. What is wrong in a file stands in `problems` and hides neither other files nor the file's other documents.
    Raises `DeclarationError` for a folder that is none or cannot be listed.
    """
    declared: dict[str, Declaration] = {}
    problems: list[DeclarationError] = []
    for directory in directories:
        paths = _listed(folder(directory))
        here: dict[str, tuple[Declaration, Place]] = {}
        for path in paths:
            if path.name.endswith(".history.json"):
                problems += _orphan(path, paths)
                continue
            found, wrong = service.read(path)
            problems += wrong
            for declaration, place in found:
                counts = here.setdefault(declaration.document.id, (declaration, place))
                if counts[1] is not place:
                    problems.append(_twice(declaration, place, counts[1]))
        declared |= {name: declaration for name, (declaration, _) in here.items()}
    return Catalogue({name: declared[name] for name in sorted(declared)}, tuple(problems))


def traces(*directories: Path) -> list[tuple[str, int, int, int]]:
    """What tells that no file of some folders was touched since: name, moment, size and place on the disk of each.

    A fiftieth of the work of reading them. Raises `DeclarationError` as `load` does.
    """
    found = []
    for directory in directories:
        for path in _listed(folder(directory)):
            try:
                said = path.stat()
            except OSError:  # reading it says what is wrong
                found.append((str(path), 0, 0, 0))
            else:
                found.append((str(path), said.st_mtime_ns, said.st_size, said.st_ino))
    return found


def folder(directory: Path) -> Path:
    """Where the files of a collection lie: in its `declarations/` if it has one, else in itself."""
    below = directory / "declarations"
    return below if os.path.isdir(below) else directory


def find(catalogue: Catalogue, name: str) -> list[Declaration]:
    """The documents that a person means by a name, in order of their ids.

    A name is an id ("soundcloud/privacy-policy"), a platform ("SoundCloud" gives all its documents), a title
    ("SoundCloud Privacy Policy") or the name of a service file. Case, accents and punctuation do not count.
    Raises `NotFound` with the nearest ids.
    """
    declarations = catalogue.declarations
    wanted = "/".join(slug(part) for part in name.split("/"))
    if wanted in declarations:
        return [declarations[wanted]]
    plain = slug(name)
    for names in (
        lambda declaration: (declaration.document.platform_id,),
        lambda declaration: (slug(declaration.document.title), slug(Path(declaration.path).stem)),
    ):
        found = [declaration for declaration in declarations.values() if plain and plain in names(declaration)]
        if found:
            return found
    platforms = {declaration.document.platform_id for declaration in declarations.values()}
    near = difflib.get_close_matches(wanted, [*declarations, *sorted(platforms)], 3)
    remedy = f"Did you mean {' or '.join(near)}?" if near else "List what is declared with: tracker status"
    if not declarations:
        remedy = "No document is declared yet; add one with: tracker add URL"
    raise NotFound(f'No document is called "{shown(name)}".', "", remedy)


def canonical(declaration: Declaration) -> str:
    """All that a declaration says, former sources included, as JSON in one spelling only: ASCII, keys in order."""
    said = as_json(declaration) | ({"history": past} if (past := history_as_json(declaration)) else {})
    return json.dumps(said, ensure_ascii=True, sort_keys=True, separators=(",", ":"))


def fingerprint(declaration: Declaration) -> str:
    """SHA-256 of the canonical JSON of a declaration, wherever it was read from."""
    return hashlib.sha256(canonical(declaration).encode()).hexdigest()


def write(declaration: Declaration, directory: Path) -> Path:
    """Write a declaration to the service file of its platform and return the file's path.

    The file is made where there is none; what else it holds stays. A file is replaced as a whole or not at all.
    Raises `DeclarationError` where the declaration cannot be read back, the file there is broken, or nothing can be
    written; then nothing was written.
    """
    home = folder(directory)
    try:
        home.mkdir(parents=True, exist_ok=True)
        path = _service_file(declaration.document.platform, home)
        history = path.with_name(f"{path.stem}.history.json")
        said, past = as_json(declaration), history_as_json(declaration)
        _check(said, past, path)
        held = _held(path)
        terms = {"terms": _extended(_object_in(held, "terms", path), said["terms"])}
        own = {"tracker": _object_in(held, "tracker", path) | said["tracker"]} if "tracker" in said else {}
        texts = [(history, _extended(_held(history), past))] if past else []
        texts.append((path, {"name": said["name"]} | held | terms | own))
        for target, value in texts:
            _replace(target, json.dumps(value, indent=2, ensure_ascii=False) + "\n")
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        remedy = "Name a folder that you may write to."
        raise DeclarationError(f"The declaration cannot be written: {reason}.", str(directory), remedy) from None
    return path


# ---- folders -----------------------------------------------------------------------------------------------------


def _listed(directory: Path) -> list[Path]:
    """The service and history files of a folder, in order of their names."""
    try:
        names = sorted(os.listdir(directory))
    except (OSError, ValueError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise DeclarationError(
            f"The folder of declarations cannot be read: {reason}.",
            shown(str(directory), 1000),
            "Name a folder that holds files such as SoundCloud.json.",
        ) from None
    return [directory / name for name in names if name.endswith(".json") and not name.startswith(".")]


def _orphan(history: Path, paths: Iterable[Path]) -> Iterator[DeclarationError]:
    """An error for a history file without its service: most likely misnamed, and else read by nobody."""
    name = history.name.removesuffix(".history.json")
    names = [path.stem for path in paths if not path.name.endswith(".history.json")]
    if name not in names:
        near = difflib.get_close_matches(name, names, 1)
        remedy = f"Rename it to {near[0]}.history.json." if near else "Add the service file, or remove this one."
        yield DeclarationError(f"There is no {shown(name)}.json for this history.", shown(str(history), 1000), remedy)


def _twice(declaration: Declaration, place: Place, other: Place) -> DeclarationError:
    return DeclarationError(
        f"{declaration.document.id} is declared twice; the first one counts ({other}).",
        str(place),
        "Remove one of the two, or rename its service or terms type.",
    )


# ---- writing -----------------------------------------------------------------------------------------------------


def _check(said: dict[str, Any], past: dict[str, Any], path: Path) -> None:
    """Refuse what would not be read back."""
    place = Place(shown(str(path), 1000))
    for error in (*service.documents(said, place)[1], *service.histories(past, place)[1]):
        raise error


def _service_file(name: str, home: Path) -> Path:
    """The file of a platform in a folder: the one that names it already, else a new one under a safe name."""
    stem = _safe(name)
    path = home / f"{stem}.json"
    others = [other for other in _listed(home) if other != path and not other.name.endswith(".history.json")]
    if os.path.lexists(path) and slug(str(_held(path).get("name", name))) == slug(name):
        return path
    for other in others:
        try:
            value, _ = service.read_json(other)
        except DeclarationError:
            continue
        if isinstance(value, dict) and slug(str(value.get("name", ""))) == slug(name):
            return other
    return home / f"{stem}-{_digest(name)}.json" if os.path.lexists(path) else path


def _safe(name: str) -> str:
    """A name as a file name that every system takes and no reader mistakes: ASCII, no separators, no device names."""
    plain = unicodedata.normalize("NFKD", name).encode("ascii", "ignore").decode()
    plain = UNSAFE.sub("-", plain)[:MAX_NAME].strip(" .")
    plain = re.sub(r"(?i)\.(history|filters)$", r"-\1", plain)
    if not slug(plain):
        return f"service-{_digest(name)}"
    return f"service-{plain}" if RESERVED.fullmatch(plain) else plain


def _digest(name: str) -> str:
    return hashlib.sha256(slug(name).encode()).hexdigest()[:8]


def _held(path: Path) -> dict[str, Any]:
    """What a file holds already, nothing where there is no file."""
    if not os.path.lexists(path):
        return {}
    value, place = service.read_json(path)
    if not isinstance(value, dict):
        raise DeclarationError("The file there is no declaration.", str(place), "Mend or move it, then try again.")
    return value


def _object_in(held: dict[str, Any], key: str, path: Path) -> dict[str, Any]:
    value = held.get(key, {})
    if not isinstance(value, dict):
        where = f"{shown(str(path), 1000)}: {key}"
        raise DeclarationError("The file there is no declaration.", where, "Mend or move it, then try again.")
    return value


def _extended(held: dict[str, Any], fresh: dict[str, Any]) -> dict[str, Any]:
    """Terms types with others added; a type that is there already, in whatever spelling, is replaced."""
    slugs = {slug(key) for key in fresh}
    return {key: value for key, value in held.items() if key in fresh or slug(key) not in slugs} | fresh


def _replace(path: Path, text: str) -> None:
    """Write a file as a whole or not at all."""
    mode = path.stat().st_mode & 0o777 if path.exists() else 0o644
    handle, temporary = tempfile.mkstemp(prefix=".", suffix=".partial", dir=path.parent)
    try:
        with os.fdopen(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, mode)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


# ---- back to JSON ------------------------------------------------------------------------------------------------


def as_json(declaration: Declaration) -> dict[str, Any]:
    """A declaration as a service file of its own holds it: name, terms of one type, and our key where it has a say.

    Reading the result (and that of `history_as_json`) gives the same declaration, but for its path.
    """
    document = declaration.document
    own: dict[str, Any] = {"language": declaration.language} if declaration.language else {}
    if declaration.every is not None:
        own["every"] = declaration.every
    if declaration.published:
        own["published"] = [
            {"url": prior.url} | ({"stated": prior.stated.isoformat()} if prior.stated else {})
            for prior in declaration.published
        ]
    terms = _sources_as_json(declaration.sources) | ({"tracker": own} if own else {})
    category = {"tracker": {"category": declaration.category}} if declaration.category else {}
    return {"name": document.platform, "terms": {document.terms_type: terms}} | category


def history_as_json(declaration: Declaration) -> dict[str, Any]:
    """The former sources of a declaration as a history file holds them; empty where there are none."""
    entries = [
        _sources_as_json(sources) | {"validUntil": until.isoformat().replace("+00:00", "Z")}
        for until, sources in declaration.former
    ]
    return {declaration.document.terms_type: entries} if entries else {}


def _sources_as_json(sources: tuple[Source, ...]) -> dict[str, Any]:
    if len(sources) == 1:
        return _source_as_json(sources[0])
    return {"combine": [_source_as_json(source) for source in sources]}


def _source_as_json(source: Source) -> dict[str, Any]:
    value: dict[str, Any] = {"fetch": source.url}
    for key, selectors in (("select", source.select), ("remove", source.remove)):
        entries = [entry if isinstance(entry, str) else _range_as_json(entry) for entry in selectors]
        if entries:
            value[key] = entries[0] if len(entries) == 1 else entries
    filters: list[Any] = list(source.unsupported)
    if source.drop_parameters:
        filters.append({"removeQueryParams": list(source.drop_parameters)})
    if filters:
        value["filter"] = filters
    if source.needs_browser:
        value["executeClientScripts"] = True
    return value


def _range_as_json(stretch: Range) -> dict[str, str]:
    start = "startAfter" if stretch.after_start else "startBefore"
    end = "endAfter" if stretch.after_end else "endBefore"
    return {start: stretch.start, end: stretch.end}
