"""Declarations: where each document is and how to read it, in Open Terms Archive's JSON."""

from tracker.declarations.catalogue import (
    Catalogue,
    as_json,
    canonical,
    find,
    fingerprint,
    folder,
    history_as_json,
    load,
    traces,
    write,
)
from tracker.declarations.shards import Shard

__all__ = [
    "Catalogue",
    "Shard",
    "as_json",
    "canonical",
    "find",
    "fingerprint",
    "folder",
    "history_as_json",
    "load",
    "traces",
    "write",
]
