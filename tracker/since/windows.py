"""Why a window is as wide as it is, in words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from statistics import median

from tracker.model import Outcome, Window

SEEN = (Outcome.UNCHANGED, Outcome.CAPTURED)
WIDE = timedelta(days=2)  # a window up to this long needs no remark


def remark(window: Window, checks: Sequence[tuple[datetime, Outcome]]) -> str:
    """Why a window is as wide as it is, in words; "" for a narrow one. `checks` are those of the document, by time."""
    if window.start is None:
        return (
            f"It stood there already when the text was first captured, on {day(window.end)}; what was before is "
            "unknown: `tracker backfill` may tell."
        )
    seen = [at for at, outcome in checks if outcome in SEEN]
    steps = [later - earlier for earlier, later in zip(seen, seen[1:], strict=False)]
    usual = median(steps) if steps else timedelta()
    if window.end - window.start <= max(WIDE, 3 * usual):
        return ""
    missed = Counter(outcome.value for at, outcome in checks if window.start < at < window.end)
    span = f"between {day(window.start, window.end)} and {day(window.end)}"
    if not missed:
        return f"A wide window: there is no capture {span}."
    said = ", ".join(f"{count} {outcome}" for outcome, count in missed.most_common())
    checks_said = "check" if missed.total() == 1 else "checks"
    return f"A wide window: the text was not in view {span} ({missed.total()} {checks_said}: {said})."


def day(at: date, beside: date | None = None) -> str:
    """A day in words, without the year where the day `beside` it has the same."""
    return f"{at:%-d %B}" if beside and beside.year == at.year else f"{at:%-d %B %Y}"
