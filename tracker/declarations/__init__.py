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
    write,
)

__all__ = [
    "Catalogue",
    "as_json",
    "canonical",
    "find",
    "fingerprint",
    "folder",
    "history_as_json",
    "load",
    "write",
]
