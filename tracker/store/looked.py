"""Rows of the truths as values: captures and checks."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Any

from tracker.model import Capture, Check, Outcome, moment

CAPTURE = (
    "select c.*, d.slug as document, b.sha256, b.size, n.sha256 as declaration from capture c "
    "join document d on d.id = c.document_id join blob b on b.id = c.blob_id "
    "join declaration n on n.id = c.declaration_id"
)
# As it was recorded, before anything was read: with the leaves of the captures in view.
CHECK = (
    "select c.*, d.slug, (select json_group_array(capture_id) from (select capture_id from check_capture "
    "where check_id = c.id order by position)) as captures, (select json_group_array(lower(hex(hash))) from "
    "(select l.hash from check_capture v join log_leaf l on l.kind = 'capture' and l.row = v.capture_id "
    'where v.check_id = c.id order by v.position)) as leaves from "check" c join document d on d.id = c.document_id'
)


def check(row: dict[str, Any]) -> Check:
    return Check(
        id=row["id"],
        document=row["slug"],
        at=moment(row["at"]),
        outcome=Outcome(row["outcome"]),
        reason=row["reason"],
        message=row["message"],
        source=row["source"],
        captures=tuple(json.loads(row["captures"])),
        elapsed_ms=row["elapsed_ms"],
    )


def capture(row: dict[str, Any]) -> Capture:
    same = {item.name: row[item.name] for item in fields(Capture)}
    return Capture(
        **{
            **same,
            "at": moment(row["at"]),
            "fetched_at": moment(row["fetched_at"]),
            "sha256": row["sha256"].hex(),
            "headers": tuple((name, value) for name, value in json.loads(row["headers"])),
            "redirects": tuple((status, url) for status, url in json.loads(row["redirects"])),
        }
    )
