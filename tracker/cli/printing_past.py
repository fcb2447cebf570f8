"""What `backfill` prints."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from tracker.cli.printing import line
from tracker.model import stamp
from tracker.past.filling import Backfilled

SHOWN = 5  # captures that could not be used, named one by one


def backfilled(found: Backfilled) -> None:
    """One document's line, and what could not be used."""
    before, after = found.versions
    fetched = found.taken.new + len(found.taken.skipped)
    said = f"{found.listed} listed, {fetched} fetched, {found.taken.known} held already, {after} versions"
    line((found.document, "bold"), f"  {said}", (f" (+{after - before})" if after > before else "", "green"))
    for reason, count in Counter(reason for _, _, reason in found.taken.skipped).most_common(SHOWN):
        line((f"  left out {count}: {reason}", "dim"))
    if found.error:
        line((f"  {found.error}", "red"))


def totals(found: Sequence[Backfilled]) -> None:
    """What came of all, and what to do next."""
    if len(found) > 1:
        listed, new = sum(one.listed for one in found), sum(one.taken.new for one in found)
        line("")
        line(f"{len(found)} documents: {listed} captures listed, {new} kept.")
    if any(one.taken.new for one in found):
        line("Next: `tracker changes --flagged` lists what changed on AI; `tracker build` makes the pages.")


def record(found: Backfilled) -> dict[str, Any]:
    """The same for programs."""
    return {
        "document": found.document,
        "source": found.source,
        "listed": found.listed,
        "requests": found.requests,
        "new": found.taken.new,
        "known": found.taken.known,
        "skipped": [{"at": stamp(at), "url": url, "reason": reason} for at, url, reason in found.taken.skipped],
        "versions_before": found.versions[0],
        "versions": found.versions[1],
        "error": found.error,
    }
