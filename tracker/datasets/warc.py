"""Captures as a WARC 1.1 file: what every archive of the web can keep and replay.

The archive keeps bodies decoded, so Content-Encoding and Transfer-Encoding of the answer stand no more in its headers;
the metadata record of each capture says so, with all else that is known of it. The same captures give the same bytes.
"""

from __future__ import annotations

import io
import json
from base64 import b32encode
from collections.abc import Callable, Iterable
from hashlib import sha1
from http import HTTPStatus
from pathlib import Path
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from tracker.datasets import folder
from tracker.errors import NotFound, SettingsError
from tracker.model import Capture, Document, stamp
from tracker.store import Store
from tracker.store.truths import TOOL

CODINGS = ("content-encoding", "transfer-encoding", "content-length", "connection", "trailer")
REVISIT = "http://netpreserve.org/warc/1.1/revisit/identical-payload-digest"
REQUESTED = "X-Tracker-Requested-URI"


def write(store: Store, documents: Iterable[Document], target: Path, step: Callable[[int, int, str], None]) -> int:
    """Writes the captures of documents to a file, packed where its name ends in .gz; gives their number.

    Raises SettingsError without warcio, NotFound without a capture, NoSpace where the file cannot be written.
    """
    try:
        from warcio.warcwriter import WARCWriter
    except ImportError:
        remedy = "Install it: pip install 'tracker[exchange]'."
        raise SettingsError("WARC files need the package warcio.", "warcio", remedy) from None
    names = json.dumps([document.id for document in documents])
    rows = store.rows(
        "select c.id from capture c join document d on d.id = c.document_id "
        "where d.slug in (select value from json_each(?)) order by c.at, c.id",
        names,
    )
    if not rows:
        raise NotFound("There is no capture to export.", str(store.path), "Run `tracker check` or `tracker backfill`.")
    with folder.file(target) as made, made.open("wb") as out:
        writer = WARCWriter(out, gzip=target.suffix == ".gz", warc_version="WARC/1.1")
        _info(writer, target.name, store.capture(rows[0]["id"]))
        first: dict[tuple[str, str], Capture] = {}
        for done, row in enumerate(rows, 1):
            capture = store.capture(row["id"])
            _capture(writer, capture, store.raw(capture.id), first)
            step(done, len(rows), capture.document)
    return len(rows)


def _identifier(*parts: object) -> str:
    return f"<urn:uuid:{uuid5(NAMESPACE_URL, ' '.join(map(str, parts)))}>"


def _info(writer: Any, name: str, first: Capture) -> None:
    fields = {
        "software": TOOL,
        "format": "WARC File Format 1.1",
        "conformsTo": "http://iipc.github.io/warc-specifications/specifications/warc-format/warc-1.1/",
        "description": "Captures of legal texts of digital services; bodies without their transfer and content codings",
    }
    payload = "".join(f"{key}: {value}\r\n" for key, value in fields.items()).encode()
    said = {
        "WARC-Record-ID": _identifier("warcinfo", name, first.sha256),
        "WARC-Date": stamp(first.at),
        "WARC-Filename": name,
    }
    headers = {**said, "Content-Type": "application/warc-fields"}
    writer.write_record(_record(writer, "", "warcinfo", payload, headers))


def _capture(writer: Any, capture: Capture, raw: bytes, first: dict[tuple[str, str], Capture]) -> None:
    from warcio.statusandheaders import StatusAndHeaders

    url = capture.final_url or capture.url
    name = _identifier("response", *_key(capture))
    said = {"WARC-Record-ID": name, "WARC-Date": stamp(capture.at), REQUESTED: capture.url}
    if capture.address:
        said["WARC-IP-Address"] = capture.address
    earlier = first.setdefault((url, capture.sha256), capture)
    headers = [(key, _line(value)) for key, value in capture.headers if key.lower() not in CODINGS]
    if not any(key.lower() == "content-type" for key, _ in headers) and capture.content_type:
        headers.append(("Content-Type", _line(capture.content_type)))
    if capture.content_type.startswith("text/markdown"):  # a text that another archive read; nobody answered with it
        said["Content-Type"] = capture.content_type
        said["WARC-Payload-Digest"] = _digest(raw)
        record = _record(writer, url, "resource", raw, said)
    else:
        status = f"{capture.status} {_phrase(capture.status)}".strip()
        http = StatusAndHeaders(status, [*headers, ("Content-Length", str(len(raw)))], protocol="HTTP/1.1")
        if earlier is capture:
            record = _record(writer, url, "response", raw, said, http)
        else:
            said |= {
                "WARC-Profile": REVISIT,
                "WARC-Refers-To": _identifier("response", *_key(earlier)),
                "WARC-Refers-To-Target-URI": url,
                "WARC-Refers-To-Date": stamp(earlier.at),
                "WARC-Payload-Digest": _digest(raw),
            }
            record = _record(writer, url, "revisit", b"", said, http)
    writer.write_record(record)
    about = json.dumps(_provenance(capture), sort_keys=True, ensure_ascii=False, indent=1).encode("utf-8", "replace")
    concerns = {
        "WARC-Record-ID": _identifier("metadata", *_key(capture)),
        "WARC-Date": stamp(capture.at),
        "WARC-Concurrent-To": name,
        "Content-Type": "application/json",
    }
    writer.write_record(_record(writer, url, "metadata", about, concerns))


def _key(capture: Capture) -> tuple[str, ...]:
    return capture.document, capture.source, capture.url, stamp(capture.at), capture.sha256


def _digest(raw: bytes) -> str:
    return f"sha1:{b32encode(sha1(raw, usedforsecurity=False).digest()).decode()}"


def _record(writer: Any, url: str, kind: str, payload: bytes, said: dict[str, str], http: Any = None) -> Any:
    said = {key: _line(value) for key, value in said.items()}
    block = payload
    if http:
        http.compute_headers_buffer()
        block = http.headers_buff + payload
    said["WARC-Block-Digest"] = _digest(block)
    if kind != "warcinfo":
        said.setdefault("WARC-Payload-Digest", _digest(payload))
    content = said.pop("Content-Type", "application/http; msgtype=response" if http else "application/octet-stream")
    return writer.create_warc_record(
        _line(url),
        kind,
        payload=io.BytesIO(payload),
        length=len(payload),
        warc_content_type=content,
        warc_headers_dict=said,
        http_headers=http,
    )


def _line(text: str) -> str:
    """A header's value: no line break in it can begin another header."""
    return " ".join(text.split()).encode("utf-8", "replace").decode()


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return ""


def _provenance(capture: Capture) -> dict[str, object]:
    return {
        "document": capture.document,
        "source": capture.source,
        "shows": stamp(capture.at),
        "fetched": stamp(capture.fetched_at),
        "requested": capture.url,
        "final": capture.final_url,
        "redirects": capture.redirects,
        "headers": capture.headers,
        "sha256": capture.sha256,
        "size": capture.size,
        "address": capture.address,
        "certificate_sha256": capture.certificate,
        "declaration_sha256": capture.declaration,
        "tool": capture.tool,
        "note": "The body is kept without Transfer-Encoding and Content-Encoding; `headers` are those received.",
    }
