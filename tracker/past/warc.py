"""Reading WARC files (ISO 28500): the responses in them, with what is broken named and stepped over."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Any
from zlib import error as ZlibError

from tracker.errors import NotFound, SettingsError
from tracker.model import Memento, Response, moment

STARTS = (b"\x1f\x8b\x08", b"WARC/1.", b"WARC/0.")  # what a record begins with, packed or not
REQUESTED = "X-Tracker-Requested-URI"  # the address that was asked for, before redirects


@dataclass(frozen=True, slots=True)
class Broken:
    """A record that cannot be used: where it stands, and why."""

    file: Path
    offset: int  # in bytes
    reason: str


def read(file: Path, now: datetime, limit: int) -> Iterator[Memento | Broken]:
    """The responses with status 200 in a file as mementos, the address asked for in `response.url`.

    A record that is damaged, too large (more than `limit` bytes) or has another digest than it says is given as Broken,
    and the next one is looked for. Raises NotFound for a file that cannot be opened, SettingsError without warcio.
    """
    try:
        from warcio.archiveiterator import ArchiveIterator  # noqa: F401
    except ImportError:
        remedy = "Install it: pip install 'tracker[exchange]'."
        raise SettingsError("WARC files need the package warcio.", "warcio", remedy) from None
    try:
        size = file.stat().st_size
        with file.open("rb") as stream:
            yield from _records(file, stream, size, now, limit)
    except OSError as error:
        said = error.strerror or error
        raise NotFound(f"The file cannot be read: {said}.", str(file), "Check its name and rights.") from error


def addressed(memento: Memento, url: str) -> Memento:
    """A memento under the address by which a document is declared."""
    return replace(memento, response=replace(memento.response, url=url))


def _records(file: Path, stream: Any, size: int, now: datetime, limit: int) -> Iterator[Memento | Broken]:
    from warcio.archiveiterator import ArchiveIterator
    from warcio.exceptions import ArchiveLoadFailed

    bodies: dict[str, int] = {}  # payload digest -> offset of the record that holds it
    start = 0
    while start < size:
        stream.seek(start)
        offset = start
        try:
            records = ArchiveIterator(stream, check_digests=True, no_record_parse=False)
            for record in records:
                offset = records.offset
                if record.rec_type in ("response", "resource", "revisit"):
                    one = _memento(file, offset, record, bodies, now, limit)
                    if one:
                        yield one
            return
        except (ArchiveLoadFailed, ZlibError, EOFError, ValueError, UnicodeError, AttributeError, KeyError) as error:
            said = str(error).partition(", first line")[0] or type(error).__name__  # the line itself is rubbish
            reason = f"It cannot be read: {said[:200]}."
            yield Broken(file, offset, reason)
            start = _next(stream, offset + 1, size)


def _next(stream: Any, start: int, size: int) -> int:
    """The next place from `start` on at which a record may begin."""
    overlap = max(map(len, STARTS)) - 1
    while start < size:
        stream.seek(start)
        chunk = stream.read(1 << 20)
        places = [place for mark in STARTS if (place := chunk.find(mark)) >= 0]
        if places:
            return start + min(places)
        start += max(len(chunk) - overlap, 1)
    return size


def _memento(
    file: Path, offset: int, record: Any, bodies: dict[str, int], now: datetime, limit: int
) -> Memento | Broken | None:
    """What a record holds; None where it is no answer with status 200."""
    said = record.rec_headers
    url, digest = said.get_header("WARC-Target-URI") or "", said.get_header("WARC-Payload-Digest") or ""
    url = url.strip("<>")
    status = int(record.http_headers.get_statuscode() or 0) if record.http_headers else 200
    if status != 200 or not url.startswith(("http:", "https:")):
        return None
    try:
        at = moment(said.get_header("WARC-Date") or "")
    except ValueError:
        return Broken(file, offset, "It has no date.")
    headers = tuple(record.http_headers.headers) if record.http_headers else ()
    if not headers:
        headers = (("Content-Type", said.get_header("Content-Type") or "application/octet-stream"),)
    if record.rec_type == "revisit":
        if digest not in bodies:
            return Broken(file, offset, "It repeats a record that this file does not hold.")
        body: bytes | None = _body_at(file, bodies[digest], limit)
    else:
        body = _body(record, limit)
        if body is not None and record.digest_checker.passed is False:
            return Broken(file, offset, f"Its digest is wrong: {'; '.join(map(str, record.digest_checker.problems))}.")
        if digest and body is not None:
            bodies.setdefault(digest, offset)
    if body is None:
        return Broken(file, offset, f"It is larger than {limit:,} bytes.")
    headers = tuple(
        (name, value) for name, value in headers if name.lower() not in ("content-encoding", "transfer-encoding")
    )
    asked = said.get_header(REQUESTED) or url
    address = said.get_header("WARC-IP-Address") or ""
    return Memento("warc", at, Response(asked, url, 200, headers, body, now, address=address))


def _body(record: Any, limit: int) -> bytes | None:
    """The body of a record; None where it is larger than `limit` bytes."""
    stream, parts, left = record.content_stream(), [], limit
    while left >= 0 and (part := stream.read(min(left + 1, 1 << 16))):
        parts.append(part)
        left -= len(part)
    return b"".join(parts) if left >= 0 else None


def _body_at(file: Path, offset: int, limit: int) -> bytes | None:
    from warcio.archiveiterator import ArchiveIterator

    with file.open("rb") as stream:
        stream.seek(offset)
        return _body(next(iter(ArchiveIterator(stream))), limit)
