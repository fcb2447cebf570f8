"""Answers that span rooms: every document's health, two texts compared wherever they come from, any text judged."""

from __future__ import annotations

import json
import mimetypes
import os
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from datetime import datetime
from difflib import get_close_matches
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tracker import extract, history, records
from tracker.compare import compare as compare_texts
from tracker.declarations import Catalogue
from tracker.errors import ExtractionError, NotFound, TrackerError
from tracker.extract import language
from tracker.extract.decode import decode
from tracker.fetch import Robots
from tracker.judge import Answer, InForce, judge, judge_change, stance_of
from tracker.model import (
    ChangeJudgement,
    ChangeRecord,
    Check,
    Clause,
    Comparison,
    Declaration,
    Judgement,
    Page,
    Redating,
    Source,
    Version,
    Window,
    end_of,
)
from tracker.rules import RuleSet
from tracker.since.windows import remark
from tracker.store import Store, derived, moments, turns
from tracker.text import split

MAX_FILE = 64 << 20


def status(store: Store, catalogue: Catalogue) -> list[dict[str, Any]]:
    """Every document declared or ever checked, by id, as `records.status` puts it."""
    known = {document.id: document for document in store.documents()}
    known = {name: one.document for name, one in catalogue.declarations.items()} | known
    scheduled = turns.turns(store)
    rows = []
    for name in sorted(known):
        checks = store.checks(name, 1)
        versions = derived.versions(store, name)
        rows.append(
            records.status(
                known[name],
                catalogue.declarations.get(name),
                store.outcome_counts(name),
                checks[0] if checks else None,
                store.last_good(name),
                versions[-1] if versions else None,
                len(versions),
                scheduled.get(name),
                _robots(store, catalogue.declarations.get(name)),
            )
        )
    return rows


def _robots(store: Store, declaration: Declaration | None) -> bool | None:
    """Whether the site's robots.txt lets machines read the document; None where it was never read."""
    url = declaration.sources[0].url if declaration else ""
    known = store.robots(urlsplit(url).netloc.lower())
    return Robots(*known).allows(url) if known else None


def named(rows: Sequence[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    """The rows of a document or platform. Raises NotFound with the nearest names."""
    wanted = name.strip("/")
    found = [row for row in rows if wanted in (row["document"], row["document"].partition("/")[0])]
    if not found:
        ids = [row["document"] for row in rows]
        near = get_close_matches(wanted, ids + [one.partition("/")[0] for one in ids], 3, 0.4)
        remedy = f"Did you mean {', '.join(dict.fromkeys(near))}?" if near else "`tracker status` lists them all."
        raise NotFound("No document is called so.", name, remedy)
    return found


def holds(store: Store, name: str) -> bool:
    """Whether the archive holds a document or a platform of this id."""
    return any(name.strip("/") in (one.id, one.platform_id) for one in store.documents())


def require(store: Store, name: str) -> None:
    """Raises NotFound, with what there is instead, where the archive holds no such document or platform."""
    documents = store.documents()
    wanted = name.strip("/")
    if wanted and not holds(store, wanted):
        near = get_close_matches(wanted, [one.id for one in documents] + [one.platform_id for one in documents], 3, 0.4)
        remedy = f"Did you mean {', '.join(dict.fromkeys(near))}?" if near else "`tracker status` lists what it holds."
        raise NotFound("The archive holds no such document.", name, remedy)


def stances(
    store: Store, catalogue: Catalogue, platform: str, now: datetime
) -> list[tuple[str, tuple[Answer, ...], list[InForce]]]:
    """What platforms say to the questions on AI, by name: all those ever read, or the one that is named.

    A platform that is declared and was never read has the answer "not-tracked" to all. Raises NotFound.
    """
    held = sorted({document.platform_id for document in store.documents()})
    if platform.strip("/") in {one.document.platform_id for one in catalogue.declarations.values()}:
        held = [platform.strip("/")]
    elif platform:
        require(store, platform)
        held = [platform.strip("/").partition("/")[0]]
    found = ((name, history.in_force(store, name, now)) for name in held)
    return [(name, stance_of(texts), texts) for name, texts in found]


@dataclass(frozen=True, slots=True)
class Chapter:
    """A version in the history of its document: its window, where its bytes came from, the change into it, the dates
    that moved while it stood, the checks until the next version."""

    version: Version
    window: Window
    source: str
    sha256: str
    change: ChangeRecord | None
    redatings: tuple[Redating, ...]
    checks: tuple[Check, ...]
    remark: str  # why the window is wide, in words; ""


@dataclass(frozen=True, slots=True)
class Chronicle:
    """A document's history: its versions, oldest first, and how many checks there were."""

    document: str
    chapters: tuple[Chapter, ...]
    checks: int


def chronicle(store: Store, document: str) -> Chronicle:
    """The history of a document, version by version. Raises NotFound."""
    versions = derived.versions(store, document)
    checks = tuple(reversed(store.checks(document)))
    seen = [(check.at, check.outcome) for check in checks]
    changes = {change.after.id: change for change in derived.changes(store, document)}
    redatings: dict[int, list[Redating]] = {}
    for one in moments.redatings(store, document):
        redatings.setdefault(one.version, []).append(one)
    chapters = []
    for place, version in enumerate(versions):
        end = versions[place + 1].at if place + 1 < len(versions) else None
        window = moments.window_into(store, version.id)
        capture = store.capture(version.captures[0]) if version.captures else None
        chapters.append(
            Chapter(
                version=version,
                window=window,
                source=capture.source if capture else "",
                sha256=capture.sha256 if capture else "",
                change=changes.get(version.id),
                redatings=tuple(redatings.get(version.id, ())),
                checks=tuple(one for one in checks if version.at <= one.at and (end is None or one.at < end)),
                remark=remark(window, seen) if window.start else "",
            )
        )
    return Chronicle(document, tuple(chapters), len(checks))


def capture_hash(store: Store, version: Version) -> str:
    """The SHA-256 of the raw bytes that a version was read from (of the first, where it has several sources)."""
    return store.capture(version.captures[0]).sha256 if version.captures else ""


# ---- two texts, wherever they come from --------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Compared:
    """Two texts compared, with their names for a reader, their languages and what the differences mean."""

    names: tuple[str, str]
    comparison: Comparison
    judgement: ChangeJudgement
    languages: tuple[str | None, str | None]


def compare(archive: Path, rules: RuleSet, a: str, b: str) -> Compared:
    """Compares two files, or two versions named "platform/document@date" (or "@now"); the second may be the date alone.

    Raises NotFound for a name that is neither, ExtractionError for a file without readable text.
    """
    if b.startswith("@"):
        b = a.partition("@")[0] + b
    (first, before, tongue), (second, after, other) = _text(archive, a), _text(archive, b)
    spoken = dict.fromkeys(before, tongue) | dict.fromkeys(after, other)
    compared = compare_texts(before, after)

    def judged(clause: Clause) -> Judgement:
        return judge(
            clause.text, rules, heading=clause.heading, lead_in=clause.lead_in, language=spoken.get(clause, other)
        )

    return Compared((first, second), compared, judge_change(compared, judged), (tongue, other))


def _text(archive: Path, name: str) -> tuple[str, tuple[Clause, ...], str | None]:
    """A file or a version: its name for a reader, its clauses, its language."""
    if name == "-" or (os.path.exists(name) and not os.path.isdir(name)):  # a pipe is a file, too
        text = read_file(name)
        return "standard input" if name == "-" else name, split(text), language.detect(text)
    document, at, when = name.partition("@")
    if at and not document:
        raise NotFound("Name the document of this version.", name, "Write, for example, tunely/terms-of-use@2024-02.")
    if not at:
        remedy = "Name a file, or a version such as soundcloud/terms-of-service@2024-02-12 or …@now."
        raise NotFound("This is neither a file nor a version.", name, remedy)
    with Store.read(archive) as store:
        require(store, document)
        found = _version(store, document.strip("/"), when)
        seen = f"{document.strip('/')}, seen {found.at:%-d %b %Y %H:%M} UTC"
        return seen, split(derived.text_of(store, found.id)), found.language


def _version(store: Store, document: str, when: str) -> Version:
    versions = derived.versions(store, document)
    if when in ("now", "") and versions:
        return versions[-1]
    named = [version for version in versions if version.address == when]
    if named:
        return named[0]
    try:
        at = end_of(when)
    except (ValueError, TypeError):
        remedy = "Write @2024, @2024-02, @2024-02-12, @2024-02-12T06:00 or @now."
        raise NotFound("This is not a date.", f"{document}@{when}", remedy) from None
    return derived.version_at(store, document, at)


def read_file(name: str) -> str:
    """The text of a file, or of standard input for "-": Markdown and plain text as they are, HTML and PDF as the
    tracker reads pages.

    Raises ExtractionError where there is no readable text in it, TrackerError where it cannot be opened.
    """
    shown = "standard input" if name == "-" else name
    try:
        with nullcontext(sys.stdin.buffer) if name == "-" else open(name, "rb") as file:
            body = file.read(MAX_FILE + 1)
    except OSError as error:
        raise TrackerError(f"The file cannot be read: {error.strerror}.", shown, "Check its name.") from error
    if len(body) > MAX_FILE:
        raise ExtractionError("The file is too large to be a legal text.", shown, "Compare a smaller part.")
    return _readable(body, mimetypes.guess_type(name)[0] or "text/plain", shown)


def _readable(body: bytes, kind: str, name: str) -> str:
    head = body[:1024].lstrip().lower()
    if head.startswith((b"%pdf-", b"<!doctype", b"<html")) or kind in ("application/pdf", "text/html"):
        address = Path(name).resolve().as_uri()
        found = extract.read(Page(address, kind, body), Source(address))
        if not found.text.strip():
            said = " ".join(found.warnings) or "It may be damaged, empty, or a picture."
            raise ExtractionError(f"No legal text could be read. {said}", name, "Open it and see what it holds.")
        return found.text
    if b"\0" in body[:4096] and not body.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise ExtractionError("The file is binary, not text.", name, "Give text, Markdown, HTML or PDF.")
    return decode(body, kind)


# ---- any text judged ---------------------------------------------------------------------------------------------


def flag(file: str, rules: RuleSet, tongue: str | None) -> Iterator[tuple[Clause, Judgement, dict[str, Any]]]:
    """Judges the clauses of a file, or of standard input for "-": the clause, what it says, and its JSON record.

    Raises TrackerError for a file that cannot be read, and for a line of JSON that is no clause, naming the line.
    """
    text = read_file(file)
    if text.lstrip().startswith("{") and _is_json(text):
        for number, line in enumerate(text.split("\n"), 1):
            if line.strip():
                yield _flag_line(line, f"{file}, line {number}", rules, tongue)
        return
    spoken = tongue or language.detect(text)
    for number, clause in enumerate(split(text), 1):
        found = judge(clause.text, rules, heading=clause.heading, lead_in=clause.lead_in, language=spoken)
        record = {**records.judgement(number, found), "language": spoken}
        yield clause, found, {**record, "text": clause.text, "heading": list(clause.heading)}


def _is_json(text: str) -> bool:
    try:
        return isinstance(json.loads(text.lstrip().split("\n", 1)[0]), dict)
    except ValueError:
        return False


def _flag_line(line: str, where: str, rules: RuleSet, tongue: str | None) -> tuple[Clause, Judgement, dict[str, Any]]:
    remedy = 'Each line is a clause such as {"id": "1", "text": "…", "heading": ["…"], "lang": "en"}.'
    try:
        record = json.loads(line)
    except ValueError as error:
        raise TrackerError(f"This line is no JSON: {error}.", where, remedy) from error
    if not isinstance(record, Mapping) or not isinstance(record.get("text"), str):
        raise TrackerError("This line is no clause: it has no text.", where, remedy)
    heading = record.get("heading") or []
    if not isinstance(heading, list) or not all(isinstance(part, str) for part in heading):
        raise TrackerError("`heading` must be a list of texts.", where, remedy)
    lead_in = record.get("lead_in") if isinstance(record.get("lead_in"), str) else ""
    given = record.get("lang") if isinstance(record.get("lang"), str) else tongue
    spoken = given or language.detect(record["text"])
    found = judge(record["text"], rules, heading=heading, lead_in=lead_in, language=spoken)
    clause = Clause("paragraph", "", record["text"], "", heading=tuple(heading))
    return clause, found, {**records.judgement(record.get("id"), found), "language": spoken}
