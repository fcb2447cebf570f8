"""The archive file: opening it safely, and the truths in it (documents, checks, captures, raw bytes).

One process writes at a time (a lock file beside the archive); readers open it read-only and never block the writer.
`derived.py` holds the SQL of what is rebuilt from these truths.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import IO, Any, Self

from sqlite_utils import Database

from tracker import __version__
from tracker.errors import Corrupt, Fault, NotFound, TrackerError
from tracker.log import leaves
from tracker.log.merkle import leaf_hash
from tracker.model import Capture, Check, Document, Response, moment, stamp
from tracker.store import looked
from tracker.store.archive import (
    CANDIDATES,
    REMEMBERED,
    RESTORE,
    Frames,
    Reference,
    Stored,
    compress,
    decompress,
    sha256,
)
from tracker.store.connection import explained, reading, writing
from tracker.store.embargo import hold_back

TOOL = f"tracker/{__version__}"


class Store:
    """An open archive. `Store.write(path)` makes or opens it for writing, `Store.read(path)` for reading only."""

    def __init__(self, path: Path, db: Database, lock: IO[str] | None) -> None:
        self.path, self.db, self._lock = path, db, lock
        self._bodies: dict[int, bytes] = {}
        self.until: datetime | None = None  # what was seen later is held back; None: nothing is

    # ---- opening and closing ----

    @classmethod
    def write(cls, path: Path) -> Self:
        """Opens the archive for writing and makes or migrates it where needed; raises as `connection.writing`."""
        return cls(path, *writing(path))

    @classmethod
    def read(cls, path: Path, until: datetime | None = None) -> Self:
        """Opens the archive for reading only, as it stood at a moment where one is given; raises as
        `connection.reading`."""
        store = cls(path, reading(path), None)
        if until:
            store.until = until
            with explained(path):
                hold_back(store.db, until)
        return store

    def close(self) -> None:
        self.db.conn.close()
        if self._lock:
            self._lock.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """Everything inside is kept together or not at all. Raises NoSpace, Busy, Corrupt or ArchiveError."""
        with explained(self.path):
            self.db.execute("begin immediate")
            try:
                yield
                self.db.execute("commit")
            except BaseException:
                if self.db.conn.in_transaction:
                    self.db.conn.rollback()
                self._bodies.clear()
                raise

    @contextmanager
    def attempt(self) -> Iterator[None]:
        """Inside a transaction: a fault of our own code undoes what is inside, and only that, and is raised as Fault.

        What concerns the archive itself (no space, damage) goes through as it is and undoes the whole transaction.
        """
        try:
            with self.db.atomic():
                yield
        except (TrackerError, sqlite3.Error):
            raise
        except Exception as error:
            remedy = "The capture is kept; `tracker reanalyse` reads it again once the program is mended."
            raise Fault(f"The program could not read it: {type(error).__name__}: {error}", remedy=remedy) from error

    @contextmanager
    def snapshot(self) -> Iterator[None]:
        """Everything inside is read as it stands at one moment, whatever is written meanwhile."""
        self.db.execute("begin")
        try:
            yield
        finally:
            if self.db.conn.in_transaction:
                self.db.conn.rollback()

    def stream(self, sql: str, *parameters: object) -> Iterator[dict[str, Any]]:
        """The rows of a query, one by one. Raises Corrupt or ArchiveError."""
        with explained(self.path):
            # Not by `db.query`, which sets a savepoint around each: a round without news asks fifteen of a document.
            found = self.db.conn.execute(sql, parameters)
            names = [column[0] for column in found.description]
            yield from (dict(zip(names, row, strict=True)) for row in found)

    def rows(self, sql: str, *parameters: object) -> list[dict[str, Any]]:
        """All rows of a query. Raises Corrupt or ArchiveError."""
        return list(self.stream(sql, *parameters))

    def row(self, sql: str, *parameters: object) -> dict[str, Any] | None:
        """The first row of a query, None where there is none."""
        found = self.rows(sql, *parameters)
        return found[0] if found else None

    def add(self, table: str, replace: bool = False, **values: object) -> int:
        """Adds a row inside a transaction and gives its number. Text that SQLite cannot hold is shown escaped."""
        clean = {name: _clean(value) if isinstance(value, str) else value for name, value in values.items()}
        marks = ", ".join("?" * len(clean))
        verb = "insert or replace" if replace else "insert"
        sql = f'{verb} into "{table}" ({", ".join(clean)}) values ({marks})'
        return int(self.db.execute(sql, list(clean.values())).lastrowid or 0)

    # ---- documents and declarations ----

    def documents(self) -> list[Document]:
        """Every document that was ever checked, in order of id."""
        rows = self.rows("select slug, platform, terms_type from document order by slug")
        return [Document(row["slug"], row["platform"], row["terms_type"]) for row in rows]

    def document_id(self, document: str) -> int:
        """The row of a document. Raises NotFound."""
        row = self.row("select id from document where slug = ?", document)
        if row is None:
            raise NotFound("The archive holds no such document.", document, "`tracker status` lists what it holds.")
        return int(row["id"])

    def keep_document(self, document: Document, category: str = "") -> int:
        """The row of a document, made or renamed where needed; inside a transaction."""
        self.db.execute(
            "insert into document (slug, platform_slug, platform, terms_type, category) values (?, ?, ?, ?, ?) "
            "on conflict (slug) do update set platform = excluded.platform, terms_type = excluded.terms_type, "
            "category = excluded.category where (platform, terms_type, category) "
            "is not (excluded.platform, excluded.terms_type, excluded.category)",
            (document.id, document.platform_id, document.platform, document.terms_type, category),
        )
        return self.document_id(document.id)

    def keep_declaration(self, document: int, fingerprint: str, body: str, now: datetime) -> int:
        """The row of a declaration as it was in force; inside a transaction."""
        row = self.row("select id from declaration where sha256 = ?", fingerprint)
        if row:
            return int(row["id"])
        return self.add("declaration", document_id=document, sha256=fingerprint, body=body, first_used=stamp(now))

    # ---- raw bytes ----

    def keep_bytes(self, raw: bytes, relatives: Sequence[int] = ()) -> int:
        """The row of these bytes, compressed against the best of the relatives (rows of earlier contents)."""
        digest = sha256(raw)
        row = self.row("select id from blob where sha256 = ?", bytes.fromhex(digest))
        if row:
            self._refuse_removed(row["id"])
            return int(row["id"])
        frame = compress(raw, (self.reference(relative) for relative in dict.fromkeys(relatives)))
        number = self.add(
            "blob",
            sha256=bytes.fromhex(digest),
            size=len(raw),
            base_id=frame.base,
            depth=frame.depth,
            data=frame.data,
        )
        self._remember(number, raw)
        return number

    def bytes_of(self, blob: int) -> bytes:
        """The bytes of a row, checked against their hash. Raises Corrupt, naming the row, or NotFound."""
        if blob in self._bodies:
            return self._bodies[blob]
        chain = self.rows(
            "with recursive chain(id, base_id, data, sha256, step) as ("
            "select id, base_id, data, sha256, 0 from blob where id = ? union all "
            "select b.id, b.base_id, b.data, b.sha256, step + 1 from blob b join chain on b.id = chain.base_id "
            "where step < 100) select id, data, sha256 from chain order by step desc",
            blob,
        )
        if not chain:
            raise NotFound("The archive holds no such bytes.", f"blob {blob}", "Run `tracker status`.")
        if not chain[-1]["data"]:
            self._refuse_removed(blob)
        raw = b""
        for row in chain:
            raw = decompress(row["data"], raw)
        if sha256(raw) != chain[-1]["sha256"].hex():
            raise Corrupt("Stored bytes do not have their hash any more.", f"{self.path}, blob {blob}", RESTORE)
        self._remember(blob, raw)
        return raw

    def is_removed(self, digest: str) -> bool:
        """Whether bytes with this SHA-256 were taken out of the archive."""
        sql = "select 1 from removal r join blob b on b.id = r.blob_id where b.sha256 = ?"
        return self.row(sql, bytes.fromhex(digest)) is not None

    def _refuse_removed(self, blob: int) -> None:
        row = self.row("select at, why from removal where blob_id = ?", blob)
        if row:
            remedy = "Their hash and the record of the capture are still there."
            raise NotFound(f"These bytes were taken out on {row['at'][:10]}: {row['why']}", f"blob {blob}", remedy)

    def forget_bodies(self) -> None:
        """Forgets the bytes kept in memory, after rows were dropped."""
        self._bodies.clear()

    def _remember(self, blob: int, raw: bytes) -> None:
        while len(self._bodies) >= REMEMBERED:
            self._bodies.pop(next(iter(self._bodies)))
        self._bodies[blob] = raw

    def reference(self, blob: int) -> Reference:
        """A row as something to compress against."""
        row = self.row("select depth from blob where id = ?", blob)
        return Reference(blob, row["depth"] if row else 0, self.bytes_of(blob))

    def frames(self, blobs: Iterable[int]) -> Frames:
        """The rows of these bytes, compressed as they are kept, with all that they rest on. Raises Corrupt."""
        rows = self.rows(
            "with recursive need(id) as (select value from json_each(?) union "
            "select b.base_id from blob b join need on b.id = need.id where b.base_id is not null) "
            "select b.id, b.base_id, b.sha256, b.data from need join blob b on b.id = need.id",
            json.dumps(sorted(blobs)),
        )
        return Frames({row["id"]: Stored(row["data"], row["base_id"], row["sha256"]) for row in rows})

    def with_keyframe(self, blobs: Sequence[int]) -> list[int]:
        """Rows to compress against: these, and the keyframe that the first of them rests on."""
        keyframe = self.row(
            "with recursive chain(id, base_id) as (select id, base_id from blob where id = ? union "
            "select b.id, b.base_id from blob b join chain on b.id = chain.base_id) "
            "select id from chain where base_id is null",
            blobs[0] if blobs else None,
        )
        return [*blobs, *([keyframe["id"]] if keyframe else [])]

    def _relatives(self, document: int, url: str) -> list[int]:
        """The last contents of an address and the keyframe that the last one rests on."""
        last = self.rows(
            "select blob_id from capture where document_id = ? and url = ? "
            "and blob_id not in (select blob_id from removal) order by id desc limit ?",
            *(document, url, CANDIDATES),
        )
        return self.with_keyframe([row["blob_id"] for row in last])

    # ---- checks and captures ----

    def keep_capture(
        self, document: int, declaration: int, response: Response, source: str = "live", at: datetime | None = None
    ) -> tuple[int, bool]:
        """The row of a capture, and whether it is new: the same bytes as the last capture of the address are not."""
        last = self.row(
            "select c.id, b.sha256 from capture c join blob b on b.id = c.blob_id "
            "where c.document_id = ? and c.url = ? and c.source = ? order by c.at desc, c.id desc limit 1",
            *(document, response.url, source),
        )
        if last and last["sha256"].hex() == sha256(response.body):
            return int(last["id"]), False
        return self.add_capture(document, declaration, response, source, at), True

    def add_capture(self, document: int, declaration: int, response: Response, source: str, at: datetime | None) -> int:
        """The row of a new capture, whatever was captured before; inside a transaction."""
        blob = self.keep_bytes(response.body, self._relatives(document, response.url))
        number = self.add(
            "capture",
            document_id=document,
            source=source,
            at=stamp(at or response.fetched_at),
            fetched_at=stamp(response.fetched_at),
            url=response.url,
            final_url=response.final_url,
            status=response.status,
            content_type=response.header("content-type"),
            headers=json.dumps(response.headers),
            redirects=json.dumps(response.redirects),
            elapsed_ms=response.elapsed_ms,
            wire_bytes=response.wire_bytes,
            address=response.address,
            certificate=response.certificate,
            declaration_id=declaration,
            tool=f"{TOOL} {response.rendered_by}".strip(),
            blob_id=blob,
        )
        self.append("capture", number, leaves.captured(self.capture(number)))
        return number

    def append(self, kind: str, row: int, record: bytes) -> None:
        """Appends the record of a capture, a check or a removal to the log; inside a transaction."""
        self.add("log_leaf", kind=kind, row=row, hash=leaf_hash(record))

    def keep_check(self, document: int, check: Check) -> int:
        """Records a check with the captures in view; inside a transaction."""
        number = self.add(
            "check",
            document_id=document,
            at=stamp(check.at),
            source=check.source,
            outcome=check.outcome.value,
            reason=check.reason,
            message=check.message,
            elapsed_ms=check.elapsed_ms,
        )
        for position, capture in enumerate(check.captures):
            self.add("check_capture", check_id=number, position=position, capture_id=capture)
        row = self.row(f"{looked.CHECK} where c.id = ?", number)
        assert row
        self.append("check", number, leaves.checked(looked.check(row), json.loads(row["leaves"])))
        return number

    def capture_at(self, document: str, source: str, url: str, at: datetime, sha256: str = "") -> Capture | None:
        """The capture of an address that shows a moment, as a source gave it (with bytes of this hash, where a hash is
        given: a source may give several in one second); None where there is none."""
        row = self.row(
            "select c.id from capture c join document d on d.id = c.document_id join blob b on b.id = c.blob_id "
            "where d.slug = ? and c.source = ? and c.url = ? and c.at = ? and (b.sha256 = ? or not ?)",
            *(document, source, url, stamp(at), bytes.fromhex(sha256), bool(sha256)),
        )
        return self.capture(row["id"]) if row else None

    def source_before(self, check: Check) -> str:
        """Who made the last check before one that brought a capture; "" where there is none."""
        row = self.row(
            'select k.source from "check" k join document d on d.id = k.document_id where d.slug = ? and k.at < ? '
            "and exists (select 1 from check_capture v where v.check_id = k.id) order by k.at desc, k.id desc limit 1",
            *(check.document, stamp(check.at)),
        )
        return row["source"] if row else ""

    def last_in_view(self, capture: int) -> datetime:
        """The moment of the last check that had a capture in view."""
        row = self.row(
            'select max(c.at) as at from "check" c join check_capture v on v.check_id = c.id where v.capture_id = ?',
            capture,
        )
        return moment(row["at"]) if row and row["at"] else datetime.min.replace(tzinfo=UTC)

    def free_moment(self, document: str, at: datetime) -> datetime:
        """The first second from a moment on at which no check of a document is recorded: moments name versions."""
        while self.row(
            'select 1 from "check" c join document d on d.id = c.document_id where d.slug = ? and c.at = ?',
            *(document, stamp(at)),
        ):
            at += timedelta(seconds=1)
        return at

    def checks(self, document: str, limit: int = -1) -> list[Check]:
        """The checks of a document, newest first, with what the bytes turned out to be."""
        rows = self.rows(
            "select o.*, d.slug, (select json_group_array(capture_id) from (select capture_id from check_capture "
            "where check_id = o.id order by position)) as captures from check_outcome o "
            "join document d on d.id = o.document_id where d.slug = ? order by o.at desc, o.id desc limit ?",
            *(document, limit),
        )
        return [looked.check(row) for row in rows]

    def outcome_counts(self, document: str) -> dict[str, int]:
        """How many checks of a document had each outcome."""
        rows = self.rows(
            "select outcome, count(*) as n from check_outcome o join document d on d.id = o.document_id "
            "where d.slug = ? group by outcome order by outcome",
            document,
        )
        return {row["outcome"]: row["n"] for row in rows}

    def last_good(self, document: str) -> datetime | None:
        """When a document was last seen as itself, changed or not."""
        row = self.row(
            "select max(o.at) as at from check_outcome o join document d on d.id = o.document_id "
            "where d.slug = ? and o.outcome in ('unchanged', 'captured')",
            document,
        )
        return moment(row["at"]) if row and row["at"] else None

    def capture(self, number: int) -> Capture:
        """A capture's record. Raises NotFound."""
        row = self.row(f"{looked.CAPTURE} where c.id = ?", number)
        if row is None:
            raise NotFound("The archive holds no such capture.", f"capture {number}", "Run `tracker history DOCUMENT`.")
        return looked.capture(row)

    def raw(self, capture: int) -> bytes:
        """The raw bytes of a capture. Raises NotFound or Corrupt."""
        row = self.row("select blob_id from capture where id = ?", capture)
        if row is None:
            raise NotFound("The archive holds no such capture.", f"capture {capture}", "Run `tracker history`.")
        return self.bytes_of(row["blob_id"])

    def bytes_named(self, digest: str) -> bytes:
        """The raw bytes with this SHA-256, in hex, of any capture. Raises NotFound or Corrupt."""
        row = None
        if len(digest) == 64 and set(digest) <= set("0123456789abcdef"):
            known = "select b.id from blob b where b.sha256 = ? and exists (select 1 from capture where blob_id = b.id)"
            row = self.row(known, bytes.fromhex(digest))
        if row is None:
            remedy = "Write the SHA-256 of a capture in hex, as the proof on a page of a change names it."
            raise NotFound("The archive holds no capture with this hash.", digest[:80], remedy)
        return self.bytes_of(row["id"])

    def validators(self, document: str, url: str) -> tuple[str, str, int, datetime | None]:
        """ETag, Last-Modified and capture of the last good whole answer of an address, and when it came; "", "", 0 and
        None where there is none."""
        row = self.row(
            "select etag, last_modified, capture_id, asked_at from validator v join document d on d.id = v.document_id "
            "where d.slug = ? and v.url = ?",
            *(document, url),
        )
        if row is None:
            return "", "", 0, None
        at = moment(row["asked_at"]) if row["asked_at"] else None
        return row["etag"], row["last_modified"], row["capture_id"], at

    def keep_validators(self, document: int, response: Response, capture: int) -> None:
        """Remembers what to ask with next time, once an answer turned out to hold the document."""
        self.add(
            "validator",
            replace=True,
            document_id=document,
            url=response.url,
            capture_id=capture,
            etag=response.header("etag"),
            last_modified=response.header("last-modified"),
            asked_at=stamp(response.fetched_at),
        )

    # ---- what sites ask of machines ----

    def robots(self, host: str) -> tuple[datetime, int, str] | None:
        """The robots.txt of a host: when it was read, the status of the answer (0: none came) and its text."""
        row = self.row("select at, status, body from robots where host = ?", host)
        return (moment(row["at"]), row["status"], row["body"]) if row else None

    def keep_robots(self, host: str, at: datetime, status: int, body: str) -> None:
        """Keeps a robots.txt in place of an earlier one; inside a transaction."""
        self.add("robots", replace=True, host=host, at=stamp(at), status=status, body=body)


def _clean(text: str) -> str:
    """Text that SQLite can hold: lone surrogates shown as such."""
    return text.encode("utf-8", "backslashreplace").decode("utf-8")
