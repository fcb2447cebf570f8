"""The Wayback Machine, and every archive that speaks its interfaces: CDX search, raw replay, or Memento time maps.

    GET <base>/cdx/search/cdx?url=…&output=json     what it holds of an address
    GET <base>/web/<moment>id_/<address>            the bytes as they were served
    GET <base>/web/timemap/link/<address>           what it holds, where there is no CDX search (RFC 7089)

The base address is a setting. Requests are spaced, and the archive's word to wait is kept.
"""

from __future__ import annotations

import asyncio
import json
import re
import zlib
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from urllib.parse import quote, urlencode, urljoin

from tracker.errors import FetchError, Transient
from tracker.fetch import Fetcher
from tracker.fetch.fetcher import retry_after
from tracker.model import Memento, Response

FIELDS = "timestamp,original,mimetype,statuscode,digest"
ROWS = 5000  # of one page of a listing
MOST_PAGES = 40  # of one listing, however many keys it gives
SEARCH_PAUSE, REPLAY_PAUSE = 2.5, 0.15  # seconds: the Archive's limits, four fifths of them
TRIES = 5
PATIENCE = 600.0  # seconds: longer waits end the run, to be gone on with later
CLOSE = timedelta(minutes=10)  # another capture this near is the one that was asked for
READABLE = re.compile(r"text/|html|pdf|xml|warc/revisit|unk|octet-stream|^-?$")
LINK = re.compile(r'<([^<>]{1,4000})>((?:\s*;\s*[a-z]+="[^"]{0,400}")*)')
PARAMETER = re.compile(r';\s*([a-z]+)="([^"]*)"')


@dataclass(frozen=True, slots=True)
class Listed:
    """A capture that an archive lists: its moment, the address as it was captured, and the digest of the bytes; and
    the moment of the last capture that follows it with the same digest."""

    at: datetime
    url: str
    digest: str
    stamp: str  # the moment as the archive writes it: 14 digits
    until: datetime | None = None


class Skip(Exception):
    """A capture that is listed but cannot be used; the reason is a sentence."""


class Wayback:
    """An archive of the web at a base address; `sleep` waits between requests."""

    def __init__(
        self, base: str, fetcher: Fetcher, sleep: Callable[[float], Awaitable[None]] = asyncio.sleep, pace: float = 1.0
    ) -> None:
        self._base, self._fetcher, self._sleep, self._pace = base.rstrip("/"), fetcher, sleep, pace
        self.requests = 0
        self.cut: list[str] = []  # addresses of which more is listed than was read

    # ---- what it holds ----

    async def listed(self, url: str, start: datetime | None, end: datetime | None) -> list[Listed]:
        """Every capture of an address; redirects, errors and what is no text left out.

        The archive is not asked to leave out neighbours with the same bytes (`collapse=digest`): that it saw them again
        is what narrows a window. Raises FetchError where the archive does not answer as an archive does.
        """
        found: list[Listed] = []
        query = {"url": url, "output": "json", "fl": FIELDS, "limit": str(ROWS)}
        query |= {name: _digits(at) for name, at in (("from", start), ("to", end)) if at}
        resume = ""
        for _ in range(MOST_PAGES):
            more = {"resumeKey": resume} if resume else {}
            address = f"{self._base}/cdx/search/cdx?{urlencode({**query, **more, 'showResumeKey': 'true'})}"
            answer = await self._get(address, SEARCH_PAUSE)
            if answer.status == 404 and not found:
                return await self._mapped(url, start, end)
            rows, following = _rows(answer)
            found += rows
            if not following or following == resume:
                break
            resume = following
        else:
            self.cut.append(url)
        return found

    async def _mapped(self, url: str, start: datetime | None, end: datetime | None) -> list[Listed]:
        """The captures that a Memento time map lists; it says nothing of their bytes."""
        answer = await self._get(f"{self._base}/web/timemap/link/{quote(url, safe=SAFE)}", SEARCH_PAUSE)
        if answer.status == 404:
            return []
        if answer.status != 200:
            raise _no_archive(answer)
        found = []
        for target, rest in LINK.findall(answer.body.decode("utf-8", "replace")):
            said = dict(PARAMETER.findall(rest))
            if "memento" not in said.get("rel", "").split():
                continue
            at = _date(said.get("datetime", ""))
            if at and (start is None or at >= start) and (end is None or at <= end):
                original = re.sub(r"^.*?/web/\d{4,14}[a-z_]*/", "", target)
                found.append(Listed(at, original or url, "", _digits(at)))
        return sorted(found, key=lambda one: one.at)

    # ---- what was served ----

    async def memento(self, listed: Listed, declared: str) -> Memento:
        """A capture's bytes, with `declared` as the address that the document is known by.

        Raises Skip where it is a redirect, an error page or another capture, FetchError where the archive does not
        answer.
        """
        address = f"{self._base}/web/{listed.stamp}id_/{listed.url}"
        answer = await self._get(address, REPLAY_PAUSE)
        at = _date(answer.header("memento-datetime"))
        if answer.status in (301, 302, 303, 307, 308):
            target = urljoin(address, answer.header("location"))
            near = re.search(r"/web/(\d{14})", target)
            moment = _moment(near[1]) if near else None
            if at or moment is None or abs(moment - listed.at) > CLOSE:
                where = f" ({target[:200]})" if target != address else ""
                raise Skip(f"The capture is a redirect{where}.")
            answer = await self._get(target, REPLAY_PAUSE)
            at = _date(answer.header("memento-datetime"))
        if at is None:
            raise Skip(f"The archive does not hold this capture (status {answer.status}).")
        if abs(at - listed.at) > CLOSE:
            raise Skip(f"The archive gave another moment ({at:%Y-%m-%d %H:%M:%S}).")
        if answer.status != 200:
            raise Skip(f"The site answered with status {answer.status} then.")
        response = replace(
            answer,
            url=declared,
            final_url=listed.url,
            body=_unpacked(answer.body, self._fetcher.max_bytes),
            headers=_original(answer.headers),
            redirects=((200, answer.url),),
        )
        return Memento("wayback", listed.at, response, listed.until)

    async def _get(self, address: str, pause: float) -> Response:
        """One answer of the archive; tried again while it asks to wait or has trouble."""
        wait = 0.0
        for attempt in range(TRIES):
            await self._sleep(max(pause * self._pace, wait))
            try:
                self.requests += 1
                answer = await self._fetcher.get(address)
            except Transient:
                if attempt == TRIES - 1:
                    raise
                wait = 5.0 * 2**attempt * self._pace
                continue
            memento = answer.header("memento-datetime")
            if memento or answer.status not in (429, 500, 502, 503, 504):
                return answer
            wait = retry_after(answer) or (60.0 if answer.status == 429 else 5.0 * 2**attempt) * self._pace
            if wait > PATIENCE:
                break
        what = f"The archive asks to wait or has trouble: status {answer.status}."
        raise Transient(what, address, "Run it again later: it goes on where it stopped.", wait)


def collapsed(listed: Iterable[Listed]) -> list[Listed]:
    """Captures in order of time, runs of the same bytes as one with the moments of the first and the last."""
    found: list[Listed] = []
    for one in sorted(listed, key=lambda one: (one.at, one.url)):
        last = found[-1] if found else None
        if last and one.digest and one.digest == last.digest:
            found[-1] = replace(last, until=one.at if one.at > last.at else last.until)
        elif last is None or (one.at, one.url) != (last.at, last.url):
            found.append(one)
    return found


SAFE = "%/:=&?~#+!$,;'@()*[]-._"


def _rows(answer: Response) -> tuple[list[Listed], str]:
    """The captures of one page of a CDX listing, and the key of the next page."""
    body = answer.body.strip()
    if answer.status != 200:
        raise _no_archive(answer)
    if not body:
        return [], ""
    try:
        rows = json.loads(body)
        header, *rows = rows or [[]]
        columns = len(header)
    except (ValueError, TypeError, RecursionError):
        raise _no_archive(answer) from None
    following = ""
    if len(rows) >= 2 and rows[-2] == [] and isinstance(rows[-1], list) and len(rows[-1]) == 1:
        following, rows = str(rows[-1][0]), rows[:-2]
    found = []
    for row in rows:
        if not isinstance(row, list) or len(row) != columns:
            continue
        values = dict(zip(header, map(str, row), strict=True))
        at = _moment(values.get("timestamp", ""))
        is_page = values.get("statuscode", "-") in ("200", "-", "") and READABLE.search(values.get("mimetype", ""))
        if at and is_page and values.get("original"):
            found.append(Listed(at, values["original"], values.get("digest", ""), values["timestamp"]))
    return found, following


def _no_archive(answer: Response) -> FetchError:
    said = " ".join(re.sub(rb"<[^>]*>", b" ", answer.body[:2000]).decode("utf-8", "replace").split())[:160]
    if "AccessControl" in said:
        what = "The archive does not show captures of this address: its owner or the archive excluded it."
        return FetchError(what, answer.url, "Try another source: --source published.")
    what = f"The archive did not answer with a listing (status {answer.status}): {said or 'nothing'}"
    return FetchError(what, answer.url, "Check TRACKER_WAYBACK_URL, or run it again later.")


def _moment(digits: str) -> datetime | None:
    try:
        return datetime.strptime(digits, "%Y%m%d%H%M%S").replace(tzinfo=UTC) if len(digits) == 14 else None
    except ValueError:
        return None


def _digits(at: datetime) -> str:
    return f"{at.astimezone(UTC):%Y%m%d%H%M%S}"


def _date(text: str) -> datetime | None:
    try:
        return parsedate_to_datetime(text).astimezone(UTC)
    except (TypeError, ValueError, OverflowError):  # the last hours of the year 9999 have no moment in UTC
        return None


def _unpacked(body: bytes, limit: int) -> bytes:
    """Bytes that are compressed though nothing says so, as archives give them now and then."""
    if not body.startswith(b"\x1f\x8b"):
        return body
    unpack = zlib.decompressobj(47)
    try:
        plain = unpack.decompress(body, limit + 1)
    except zlib.error:
        return body
    if len(plain) > limit:
        raise Skip(f"Unpacked it is larger than {limit:,} bytes.")
    if not unpack.eof:
        raise Skip("It is compressed and breaks off before its end.")
    return plain


def _original(headers: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """The headers of the capture, and those of the archive that say what it is."""
    own = {"content-type", "memento-datetime", "link", "x-archive-src"}
    kept = [(name, value) for name, value in headers if name.lower() in own]
    past = [
        (name[len("x-archive-orig-") :], value)
        for name, value in headers
        if name.lower().startswith("x-archive-orig-") and not name.lower().endswith(("-encoding", "-length", "-type"))
    ]
    return (*kept, *past)
