"""What a site asks of machines: robots.txt after RFC 9309, read with protego. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from protego import Protego

AGENT = "tracker"  # as a robots.txt would name us
REMEMBERED = timedelta(hours=24)  # how long one is believed
LARGEST = 500 << 10  # bytes: RFC 9309 lets a reader stop there
MOST_STARS = 8  # in one pattern: each may try every place of an address
SLOWEST = 60.0  # seconds between two requests, whatever a site asks for


@dataclass(frozen=True, slots=True)
class Robots:
    """The robots.txt of a host as it was read at a moment. `body` is "" where it allows or forbids everything."""

    at: datetime
    status: int  # of the answer; 0: none came
    body: str = ""

    def allows(self, url: str) -> bool:
        """Whether a page may be read by us: everything where there is no such file (4xx), nothing
        where the server has trouble (RFC 9309, section 2.3.1)."""
        if self.status == 0 or self.status >= 500:
            return False
        return not self.body or Protego.parse(self.body).can_fetch(url, AGENT)

    def delay(self) -> float:
        """The seconds between two requests that the site asks for; 0 where it asks nothing."""
        asked = Protego.parse(self.body).crawl_delay(AGENT) if self.body else None
        return min(float(asked or 0), SLOWEST)


def parse(at: datetime, status: int, body: bytes) -> Robots:
    """What an answer means. A file is cut at its largest size; patterns that would take long to match are left out."""
    if status != 200:
        return Robots(at, status)
    text = body[:LARGEST].decode("utf-8", "replace").removeprefix("\ufeff")
    lines = (line[:2000] for line in text.splitlines())
    return Robots(at, status, "\n".join(line for line in lines if line.count("*") <= MOST_STARS))
