"""Names and moments as text: slugs, stamps, dates as people write them."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime, timedelta


def slug(name: str) -> str:
    """The identifier of a name: accents dropped, lower case, every run of other characters one hyphen.

    >>> slug("Mon Espace Santé")
    'mon-espace-sante'
    """
    plain = unicodedata.normalize("NFKD", name)
    plain = "".join(char for char in plain if not unicodedata.combining(char)).casefold()
    return re.sub(r"[\W_]+", "-", plain).strip("-")


def stamp(moment: datetime) -> str:
    """A moment as text: RFC 3339 in UTC, to the second, sortable."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def end_of(text: str) -> datetime:
    """The last second of the year, month, day, hour or minute that a text names, in UTC. Raises ValueError.

    >>> stamp(end_of("2024-02"))
    '2024-02-29T23:59:59Z'
    """
    parts = [int(part) for part in re.split(r"[-T: ]", text.strip().removesuffix("Z"))]
    if len(parts) >= 6:
        return moment(text)
    year, month, day, hour, minute = (*parts, *(None,) * 5)[:5]
    if month is None:
        return datetime(year, 12, 31, 23, 59, 59, tzinfo=UTC)
    if day is None:
        first = datetime(year, month, 1, tzinfo=UTC)
        return (first + timedelta(days=31)).replace(day=1) - timedelta(seconds=1)
    return datetime(year, month, day, 23 if hour is None else hour, 59 if minute is None else minute, 59, tzinfo=UTC)


def moment(text: str) -> datetime:
    """The moment that a stamp, or any ISO 8601 text, names; without an offset it is UTC. Raises ValueError."""
    found = datetime.fromisoformat(text)
    return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
