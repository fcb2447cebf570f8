"""Checks and captures: the truth."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum


class Outcome(StrEnum):
    """What came of a check. Only `unchanged` and `captured` say that the document was seen."""

    UNCHANGED = "unchanged"  # 304, or the same bytes as before
    CAPTURED = "captured"  # new bytes were kept, and they hold the document
    SUSPECT = "suspect"  # new bytes were kept; whether they are the document, the next check decides
    BLOCKED = "blocked"  # a wall, an error page or something that is not the document
    FAILED = "failed"  # nothing came


@dataclass(frozen=True, slots=True)
class Response:
    """What one request brought: the whole body, decoded from its transfer coding, and where it really came from."""

    url: str
    final_url: str
    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes
    fetched_at: datetime
    elapsed_ms: int = 0
    wire_bytes: int = 0
    redirects: tuple[tuple[int, str], ...] = ()  # (status, the address that answered it), in order
    address: str = ""  # the IP address that was dialled
    certificate: str = ""  # SHA-256 of the TLS certificate of the host, where there was one
    rendered_by: str = ""  # name and version of the browser, where the body is the document after its scripts ran

    def header(self, name: str) -> str:
        """The last value of a header, "" where it is missing."""
        return next((value for key, value in reversed(self.headers) if key.lower() == name.lower()), "")

    @property
    def not_modified(self) -> bool:
        return self.status == 304


@dataclass(frozen=True, slots=True)
class Capture:
    """The raw bytes that a check brought, or that an archive gave, with all that proves where they came from."""

    id: int
    document: str
    source: str  # live, wayback, published, ota, warc
    at: datetime  # the moment that the bytes show
    fetched_at: datetime  # when we received them
    url: str
    final_url: str
    status: int
    content_type: str
    sha256: str
    size: int
    headers: tuple[tuple[str, str], ...] = ()
    redirects: tuple[tuple[int, str], ...] = ()
    elapsed_ms: int = 0
    wire_bytes: int = 0
    address: str = ""
    certificate: str = ""
    declaration: str = ""  # hash of the declaration in force
    tool: str = ""  # name and version of the program that fetched


@dataclass(frozen=True, slots=True)
class Check:
    """One attempt to look, whatever came of it."""

    id: int
    document: str
    at: datetime
    outcome: Outcome
    reason: str = ""  # a short code: "http-403", "bot-wall", "selector-empty", …
    message: str = ""  # a sentence for people
    source: str = "live"
    captures: tuple[int, ...] = ()  # the captures in view, one for each source of the document
    elapsed_ms: int = 0


@dataclass(frozen=True, slots=True)
class Page:
    """Bytes to be read: what `extract.read` needs to know of a capture. `url` is the base of relative links."""

    url: str
    content_type: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Memento:
    """What an archive, a publisher or a file holds of a document's past, before it is kept as a capture.

    `response.body` holds the bytes (for a text-only source Markdown, with Content-Type "text/markdown"), and
    `response.fetched_at` when we received them; `at` is the moment that they show, and `until` the last moment at which
    the source saw the same bytes. `stated` is the date that the publisher gives to a former text of its own.
    """

    source: str  # wayback, published, ota, warc
    at: datetime
    response: Response
    until: datetime | None = None
    stated: date | None = None
