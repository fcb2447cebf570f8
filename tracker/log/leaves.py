"""What the log holds: one record for each capture, each check and each removal, as JSON in one spelling only.

ASCII, keys in order, no spaces. A record names no rows, only what they mean, so that it says the same wherever it is
read. Changing a spelling here would break every log there is.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from tracker.model import Capture, Check, stamp


def captured(capture: Capture) -> bytes:
    """The record of a capture: where its bytes came from, and their SHA-256."""
    return _spelled(
        "capture",
        {
            "address": capture.address,
            "at": stamp(capture.at),
            "certificate": capture.certificate,
            "content_type": capture.content_type,
            "declaration": capture.declaration,
            "document": capture.document,
            "elapsed_ms": capture.elapsed_ms,
            "fetched_at": stamp(capture.fetched_at),
            "final_url": capture.final_url,
            "headers": capture.headers,
            "redirects": capture.redirects,
            "sha256": capture.sha256,
            "size": capture.size,
            "source": capture.source,
            "status": capture.status,
            "tool": capture.tool,
            "url": capture.url,
            "wire_bytes": capture.wire_bytes,
        },
    )


def checked(check: Check, seen: Sequence[str]) -> bytes:
    """The record of a check; `seen` are the leaves of the captures in view, in order, in hexadecimal."""
    return _spelled(
        "check",
        {
            "at": stamp(check.at),
            "captures": list(seen),
            "document": check.document,
            "elapsed_ms": check.elapsed_ms,
            "message": check.message,
            "outcome": check.outcome.value,
            "reason": check.reason,
            "source": check.source,
        },
    )


def removed(at: datetime, sha256: str, by: str, why: str) -> bytes:
    """The record of bytes that were taken out of the archive."""
    return _spelled("removal", {"at": stamp(at), "by": by, "sha256": sha256, "why": why})


def _spelled(kind: str, said: Mapping[str, Any]) -> bytes:
    return json.dumps({"type": kind, **said}, ensure_ascii=True, sort_keys=True, separators=(",", ":")).encode("ascii")
