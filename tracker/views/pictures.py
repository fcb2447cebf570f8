"""The geometry of the two pictures: the strip of a document's checks and the timeline of a platform.

Values in, numbers for SVG out. Every picture has the same facts in words beside it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from tracker.model import moment

Values = dict[str, Any]

WIDTH = 960  # units of the view box; the picture scales
CELLS = 120  # of a strip at most
RANK = ("none", "seen", "failed", "suspect", "blocked", "changed", "flagged")  # what a cell shows where several meet


def strip(checks: Mapping[str, Any]) -> Values:
    """The checks of a document as cells of equal time: what each shows, from "none" to "flagged"; and the years."""
    if not checks["moments"]:
        return {"width": WIDTH, "cells": [], "ticks": []}
    start, end = moment(checks["first"]), moment(checks["last"])
    span = max((end - start).total_seconds(), 1.0)
    count = max(1, min(CELLS, int(span // 86400) + 1))
    states = ["none"] * count
    for at, outcome, change in checks["moments"]:
        cell = min(count - 1, int((moment(at) - start).total_seconds() / span * count))
        state = change or ("seen" if outcome in ("unchanged", "captured") else outcome)
        states[cell] = max(states[cell], state, key=RANK.index)
    width = WIDTH / count
    cells = []
    for place, state in enumerate(states):
        if cells and cells[-1]["state"] == state and state in ("none",):
            cells[-1]["width"] = round(cells[-1]["width"] + width, 2)
        else:
            cells.append({"state": state, "x": round(place * width, 2), "width": round(width, 2)})
    return {"width": WIDTH, "cells": cells, "ticks": ticks(start, end)}


def timeline(lanes: Sequence[Mapping[str, Any]]) -> Values:
    """The documents of a platform, a lane each: stretches in which it was watched or not, and its changes as circles
    whose area grows with what was touched."""
    moments = [moment(one[edge]) for lane in lanes for one in lane["streaks"] for edge in ("from", "to")]
    if not moments:
        return {"width": WIDTH, "height": 0, "lanes": [], "ticks": []}
    start, end = min(moments), max(moments)
    place = _scale(start, end)
    found = []
    for number, lane in enumerate(lanes):
        y = 30 + number * 52
        found.append(
            {
                "name": lane["document"]["terms_type"],
                "y": y,
                "stretches": [_stretch(one, place) for one in lane["streaks"]],
                "points": [
                    {
                        "x": place(moment(one["at"])),
                        "r": round(4 + 7 * min(one["touched"], 1.0) ** 0.5, 1),
                        "ai": one["ai"],
                        "page": one["page"],
                        "headline": one["headline"],
                        "at": one["at"],
                    }
                    for one in lane["changes"]
                ],
            }
        )
    return {"width": WIDTH, "height": 30 + len(lanes) * 52, "lanes": found, "ticks": ticks(start, end)}


def _scale(start: datetime, end: datetime):
    span = max((end - start).total_seconds(), 1.0)
    return lambda at: round(14 + (at - start).total_seconds() / span * (WIDTH - 28), 1)


def _stretch(one: Mapping[str, Any], place) -> Values:
    first, last = place(moment(one["from"])), place(moment(one["to"]))
    return {"state": one["outcome"], "x": first, "width": round(max(last - first, 1.5), 1)}


def ticks(start: datetime, end: datetime) -> list[Values]:
    """Where the years begin on a picture from `start` to `end`; months where there is less than a year."""
    span = max((end - start).total_seconds(), 1.0)
    found: list[Values] = []
    if end - start > timedelta(days=400):
        marks = [
            (start.replace(year=year, month=1, day=1, hour=0, minute=0, second=0), str(year))
            for year in range(start.year + 1, end.year + 1)
        ]
    else:
        marks = [
            (start.replace(year=start.year + n // 12, month=n % 12 + 1, day=1, hour=0, minute=0, second=0), "")
            for n in range(start.month, start.month + 13)
        ]
        marks = [(at, f"{at:%b %Y}") for at, _ in marks if start < at < end][:: 1 + (end - start).days // 190]
    for at, words in marks:
        x = round((at - start).total_seconds() / span * WIDTH, 1)
        if not found or x - found[-1]["x"] > 60:
            found.append({"x": x, "words": words})
    return [one for one in found if 0 <= one["x"] <= WIDTH - 40]  # fmt: skip
