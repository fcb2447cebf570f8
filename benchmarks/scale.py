"""What 10,000, 100,000 and a million documents take over ten years: a simulation whose inputs were measured.

    python benchmarks/scale.py                 the table
    python benchmarks/scale.py docs/images/scale.svg    and the picture

A thousand documents that change as often as real ones do are watched for ten years by the schedule itself
(`tracker/watch/due.py`), check by check; what a check, a capture and a version cost was measured by the other
benchmarks, and is multiplied. Nothing here is random from run to run.
"""

from __future__ import annotations

import random
import sys
from dataclasses import dataclass
from datetime import timedelta
from math import log10
from pathlib import Path

from tracker.watch.due import Pace, interval

YEARS = 10
SAMPLE = 1000
SIZES = (10_000, 100_000, 1_000_000)


@dataclass(frozen=True, slots=True)
class Costs:
    """What things take on the machine of docs/scale.md: milliseconds of CPU, bytes of archive."""

    # benchmarks/check.py (real pages of 300 kB) and benchmarks/fetching.py (pages of 80 kB, robots.txt once a day)
    unchanged_ms: float = 4.0  # a check answered with 304 or with the same bytes
    other_bytes_ms: float = 70.0  # a check that brings other bytes of a page of 300 kB, words among them
    robots_ms: float = 2.0
    # as much as the first time; benchmarks/deriving.py has 25 to 46 ms for pages of 50 to 75 kB
    again_ms: float = 70.0  # a capture read, compared and judged again
    # benchmarks/check.py, and an archive that grew by some hundreds of each
    document_bytes: float = 510_000.0  # the first capture, whole, and all that is derived of the first version
    check_bytes: float = 205.0
    capture_bytes: float = 3300.0  # a frame against an earlier one, its record and its leaf in the log
    version_bytes: float = 20_000.0  # text, rows of 300 clauses, a change; estimated, and little beside the captures
    memory_mb: float = 87.0  # a watch of a few documents
    memory_kb: float = 0.75  # and of each further one in the schedule
    # the share of real pages, by what a second look brings where the words are the same
    other_bytes: float = 0.4


@dataclass(frozen=True, slots=True)
class Limit:
    """Something that gives way: how much of it is used at so many documents, in parts of what there is."""

    name: str
    what: str  # there is
    remedy: str
    used: float  # by a million documents
    fixed: float = 0.0


@dataclass(frozen=True, slots=True)
class Life:
    """What one document brings in a day, on the mean over ten years."""

    checks: float
    changes: float


def rates(count: int) -> list[float]:
    """Changes of words a day, of so many documents: 38 % never change in two years, the others twice in the middle,
    a few every week (760 documents of public collections over two years)."""
    chance = random.Random(1)
    return [0.0 if chance.random() < 0.38 else chance.lognormvariate(0.0, 1.2) / 365 for _ in range(count)]


def simulated(pace: Pace) -> Life:
    """The schedule over ten years, document by document."""
    chance, checks, found = random.Random(2), 0, 0
    end = YEARS * 365.0
    for rate in rates(SAMPLE):
        at, changes = 0.0, 0
        following = chance.expovariate(rate) if rate else end + 1
        while at < end:
            checks += 1
            if following <= at:  # what changed more than once since is one change
                changes += 1
                while following <= at:
                    following += chance.expovariate(rate)
            at += interval(changes, timedelta(days=at), pace) / timedelta(days=1)
        found += changes
    return Life(checks / SAMPLE / end, found / SAMPLE / end)


def stored(life: Life, costs: Costs) -> float:
    """Bytes of archive for a document after ten years."""
    captures = life.checks * costs.other_bytes + life.changes
    daily = life.checks * costs.check_bytes + captures * costs.capture_bytes + life.changes * costs.version_bytes
    return costs.document_bytes + daily * YEARS * 365


def limits(life: Life, costs: Costs) -> list[Limit]:
    """What a million documents use of everything that is there once."""
    million, day = 1e6, 86_400.0
    captures = life.checks * costs.other_bytes + life.changes
    watching = (
        (life.checks - captures) * costs.unchanged_ms + captures * costs.other_bytes_ms + costs.robots_ms
    ) / 1000
    again = captures * YEARS * 365 * costs.again_ms / 1000 / 3600
    return [
        Limit("CPU of the watch", "one core", "--shard: a process for each part", million * watching / day),
        Limit(
            "requests at a time", "8 at once, a second each", "parallel = 64", million * (life.checks + 1) / (8 * day)
        ),
        Limit(
            "commits",
            "260 safe on the disk a second",
            "--shard: an archive for each part",
            million * life.checks * 3 / (260 * day),
        ),
        Limit(
            "archive after ten years",
            "200 GB, a night to verify and copy",
            "--shard; then a database server",
            million * stored(life, costs) / 200e9,
        ),
        Limit("reading all again", "a night of 8 cores", "--cluster", million * again / (8 * 12)),
        Limit("memory of the watch", "4 GB", "--shard", million * costs.memory_kb / 4e6, costs.memory_mb / 4000),
    ]


def main() -> None:
    costs = Costs()
    life = simulated(Pace())
    found = limits(life, costs)
    captures = life.checks * costs.other_bytes + life.changes
    print(f"a day of a document: {life.checks:.2f} checks, {captures:.2f} captures, {life.changes:.4f} versions\n")
    print(f"{'':28}" + "".join(f"{size:>12,}" for size in SIZES) + "   documents")
    for name, each, form in (
        ("checks a second", life.checks / 86_400, "{:.1f}"),
        ("captures in ten years, millions", captures * YEARS * 365 / 1e6, "{:,.0f}"),
        ("archive in ten years, GB", stored(life, costs) / 1e9, "{:,.0f}"),
        ("all read again, core-hours", captures * YEARS * 365 * costs.again_ms / 3.6e6, "{:,.0f}"),
    ):
        print(f"{name:32}" + "".join(f"{form.format(size * each):>12}" for size in SIZES))
    print("\nparts of what there is:")
    for limit in found:
        shares = "".join(f"{size / 1e6 * limit.used + limit.fixed:>12.1%}" for size in SIZES)
        gives = (1 - limit.fixed) / limit.used * 1e6
        print(f"{limit.name:32}{shares}   gives way at {rounded(gives):>10}  ({limit.what})")
    for target in sys.argv[1:]:
        Path(target).write_text(picture(found), "utf-8")


def rounded(documents: float) -> str:
    """A number of documents, to two digits."""
    unit = 10 ** (int(log10(documents)) - 1)
    return f"{round(documents / unit) * unit:,}"


# ---- the picture -------------------------------------------------------------------------------------------------

WIDTH, ROW, LEFT, RIGHT, TOP = 960, 62, 250, 60, 96
FIRST, LAST = 3.0, 7.0  # powers of ten of documents, from left to right


def picture(found: list[Limit]) -> str:
    """A bar for each limit, to where it gives way: the shortest gives way first."""
    rows = sorted(found, key=lambda limit: (1 - limit.fixed) / limit.used)
    height = TOP + ROW * len(rows) + 54
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" role="img" '
        'font-family="system-ui, sans-serif" font-size="14" fill="#1d2733">',
        "<title>How many documents one machine can watch for ten years, and what gives way first</title>",
        f'<rect width="{WIDTH}" height="{height}" fill="#fbfaf7"/>',
        '<text x="24" y="38" font-size="21" font-weight="600">What gives way first</text>',
        '<text x="24" y="62" fill="#5b6673">One process, one archive, one address, ten years: documents until each is '
        "used up, and what replaces it</text>",
    ]
    for power in range(int(FIRST), int(LAST) + 1):
        x = place(10**power)
        parts.append(f'<line x1="{x:.0f}" x2="{x:.0f}" y1="{TOP - 8}" y2="{height - 44}" stroke="#dcd8cf"/>')
        parts.append(f'<text x="{x:.0f}" y="{height - 22}" text-anchor="middle" fill="#5b6673">{10**power:,}</text>')
    for row, limit in enumerate(rows):
        y, end = TOP + ROW * row, place((1 - limit.fixed) / limit.used * 1e6)
        colour = "#b4462f" if row == 0 else "#2f6f8f"
        gives = rounded((1 - limit.fixed) / limit.used * 1e6)
        parts += [
            f'<text x="{LEFT - 14}" y="{y + 18}" text-anchor="end" font-weight="600">{limit.name}</text>',
            f'<text x="{LEFT - 14}" y="{y + 37}" text-anchor="end" font-size="12" fill="#5b6673">{limit.what}</text>',
            f'<rect x="{LEFT}" y="{y + 4}" width="{end - LEFT - 10:.0f}" height="20" rx="3" fill="{colour}"/>',
            f'<circle cx="{end - 10:.0f}" cy="{y + 14}" r="10" fill="{colour}"/>',
            f'<text x="{LEFT + 10}" y="{y + 19}" font-size="13" fill="#ffffff" font-weight="600">{gives}</text>',
            f'<text x="{LEFT}" y="{y + 41}" font-size="12.5" fill="#5b6673">then {limit.remedy}</text>',
        ]
    return "\n".join([*parts, "</svg>", ""])


def place(documents: float) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * (min(log10(documents), LAST) - FIRST) / (LAST - FIRST)


if __name__ == "__main__":
    main()
