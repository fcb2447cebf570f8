"""Bars as SVG: a group for each row, a bar for each racer, as multiples of a common measure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

COLOURS = ("#1f5fa8", "#6aa5de", "#3d8b5f", "#b45f06", "#7a7a7a", "#8a5aa5")
BAR, GAP, LEFT, WIDTH = 16, 14, 150, 760


def bars(title: str, rows: Mapping[str, Sequence[float | None]], names: Sequence[str], unit: str) -> str:
    """A picture of `rows`: name to one figure for each of `names`, None where there is none. Shorter is better."""
    longest = max(value for values in rows.values() for value in values if value is not None) or 1.0
    group = len(names) * BAR + GAP
    height = 60 + group * len(rows) + 20
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {height}" width="{WIDTH}" height="{height}" '
        f'role="img" font-family="system-ui, sans-serif" font-size="12"><title>{escape(title)}</title>',
        f'<rect width="{WIDTH}" height="{height}" fill="#fff"/>',
        f'<text x="10" y="20" font-size="14" font-weight="bold">{escape(title)}</text>',
    ]
    x = 10
    for name, colour in zip(names, COLOURS, strict=False):
        parts.append(f'<rect x="{x}" y="30" width="12" height="12" fill="{colour}"/>')
        parts.append(f'<text x="{x + 16}" y="40">{escape(name)}</text>')
        x += 30 + 7 * len(name)
    for place, (row, values) in enumerate(rows.items()):
        top = 60 + place * group
        parts.append(f'<text x="10" y="{top + group / 2 - 4}">{escape(row)}</text>')
        for number, (value, colour) in enumerate(zip(values, COLOURS, strict=False)):
            if value is None:
                continue
            y, length = top + number * BAR, max((WIDTH - LEFT - 90) * value / longest, 1)
            parts.append(f'<rect x="{LEFT}" y="{y}" width="{length:.1f}" height="{BAR - 3}" fill="{colour}"/>')
            parts.append(f'<text x="{LEFT + length + 6:.1f}" y="{y + 11}">{value:.2f}{escape(unit)}</text>')
    return "\n".join([*parts, "</svg>", ""])
