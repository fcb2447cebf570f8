"""One polite request: conditional, bounded, guarded. The only client of platforms.

Everything that comes back is hostile: bytes are counted on the wire and after decompression, redirects are followed
by hand and recorded, and the transport itself dials through the gate.
"""

from __future__ import annotations

import asyncio
import ssl
import zlib
from collections import defaultdict
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import datetime
from email.utils import parsedate_to_datetime
from hashlib import sha256
from time import monotonic
from types import TracebackType
from typing import Any, Self

from tracker.errors import Blocked, FetchError, Gone, Refused, Transient
from tracker.fetch.bare import httpx
from tracker.fetch.browser import Browser, installed
from tracker.fetch.gate import Gate
from tracker.fetch.robots import REMEMBERED, Robots, parse
from tracker.model import Response
from tracker.settings import Settings

REDIRECTS = 10
REDIRECT_STATUS = {301, 302, 303, 307, 308}
TURNED_AWAY = {401, 402, 403, 405, 406, 407, 418, 429, 451, 999}
PASSING = {408, 425, 500, 502, 503, 504, 507, 509, 520, 521, 522, 523, 524, 525, 526, 527, 529, 530}
ACCEPT = {"Accept": "text/html,application/xhtml+xml,application/pdf;q=0.9,text/plain;q=0.8,*/*;q=0.5"}
ENDS_ELSEWHERE = "Open the address in a browser and declare the one that it ends at."


class Fetcher:
    """Fetches pages; use it as an asynchronous context manager and share one for all documents.

    One request at a time and host, with a pause between two; several hosts at once. `now` gives the present moment.
    """

    def __init__(self, settings: Settings, now: Callable[[], datetime]) -> None:
        self._settings, self._now = settings, now
        self._hosts: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._last: dict[str, float] = {}
        self._robots: dict[bytes, Robots] = {}
        self._pauses: dict[bytes, float] = {}  # seconds between two requests that sites ask for
        self._slots = asyncio.Semaphore(max(settings.parallel, 1))
        self._transport = httpx.AsyncHTTPTransport(http2=True, verify=Trust(ssl.PROTOCOL_TLS_CLIENT), trust_env=False)
        gate = Gate(settings.allow_loopback)
        # The one place where httpx has no public way in: its pool takes a network backend, its transport does not.
        self._transport._pool._network_backend = gate
        self._headers = {
            "Accept": "*/*",
            "Accept-Encoding": "gzip",
            "Connection": "keep-alive",
            "User-Agent": settings.user_agent,
            "Accept-Language": settings.language,
        }
        self._patience = {"timeout": httpx.Timeout(settings.timeout).as_dict()}
        self.max_bytes = settings.max_bytes  # of one body, unpacked
        self.renders = installed()  # whether pages can be rendered in a browser here
        self._browser = Browser(gate, settings.max_bytes, settings.user_agent, settings.language)

    async def __aenter__(self) -> Self:
        await self._transport.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._browser.close()
        await self._transport.__aexit__(kind, error, trace)

    async def fetch(self, url: str, etag: str = "", last_modified: str = "") -> Response:
        """Brings a page, or the news that it is not modified (status 304) against the validators given.

        Raises Refused, Blocked, Gone, Transient or FetchError, each saying what happened and what to do.
        """
        await self._obey(url)
        conditions = {"If-None-Match": etag, "If-Modified-Since": last_modified}
        headers = {**ACCEPT, **{name: value for name, value in conditions.items() if value}}
        started = monotonic()
        response, redirects = await self._follow(url, headers)
        elapsed = round((monotonic() - started) * 1000)
        response = replace(response, url=url, redirects=redirects, elapsed_ms=elapsed)
        return _judged(response, conditional=bool(etag or last_modified))

    async def get(self, url: str, headers: Mapping[str, str] | None = None) -> Response:
        """One answer as it comes, whatever its status, redirects not followed: for interfaces, not for pages.

        Raises Refused, Transient or FetchError where none came.
        """
        return await self._request(Visit(headers or {}), _address(url), self._settings.timeout)

    async def post(self, url: str, form: Mapping[str, str], headers: Mapping[str, str]) -> Response:
        """The answer to a form that is sent, as it comes. Raises as `get`."""
        return await self._request(Visit(headers), _address(url), self._settings.timeout, form)

    async def render(self, url: str) -> Response:
        """Brings a page as a browser shows it, after its scripts ran; a file that is no page as it is.

        Raises as `fetch`.
        """
        await self._obey(url)
        target = _address(url)
        async with self._turn(target):
            try:
                async with asyncio.timeout(self._settings.timeout):
                    response = await self._browser.render(str(target), self._now)
            except TimeoutError as error:
                what = f"The page was not rendered after {self._settings.timeout:g} seconds."
                raise Transient(what, url, "The next check tries again.") from error
        if response is None:
            return await self.fetch(url)
        return _judged(replace(response, url=url), conditional=False)

    async def _obey(self, url: str) -> None:
        if self._settings.robots and not (await self.robots(url)).allows(url):
            remedy = "Declare another address, or set `robots = false` if you may read it all the same."
            raise Refused("The site's robots.txt asks machines not to read this page.", url, remedy)

    @asynccontextmanager
    async def _turn(self, url: httpx.URL) -> AsyncIterator[None]:
        """One request at a time and host, after the pause that we and the site want."""
        host = url.host
        async with self._hosts[host]:
            delay = max(self._settings.delay, self._pauses.get(url.netloc, 0))
            pause = self._last.get(host, -1e9) + delay - monotonic()
            if pause > 0 and not _is_loopback(host):
                await asyncio.sleep(pause)  # before a slot is taken: a site that asks for long pauses holds up no other
            async with self._slots:
                try:
                    yield
                finally:
                    self._last[host] = monotonic()

    async def robots(self, url: str) -> Robots:
        """What the site of an address asks of machines; asked for once a day. Raises Refused for no such address."""
        site = _address(url).join("/robots.txt")
        known = self._robots.get(site.netloc)
        if known is None or abs(self._now() - known.at) > REMEMBERED:
            try:
                response, _ = await self._follow(str(site), {})
                known = parse(self._now(), response.status, response.body)
            except FetchError:
                known = parse(self._now(), 0, b"")
            self._recall(site.netloc, known)
        return known

    def recall(self, url: str, known: Robots) -> None:
        """Takes up what a site was found to ask of machines before this program was started. Raises Refused."""
        site = _address(url).netloc
        if site not in self._robots:
            self._recall(site, known)

    def _recall(self, site: bytes, known: Robots) -> None:
        self._pauses[site] = known.delay()
        # Of tens of thousands of hosts no text is held in memory that nobody asks for again.
        self._robots[site] = known if self._settings.robots else replace(known, body="")

    async def _follow(self, url: str, headers: Mapping[str, str]) -> tuple[Response, tuple[tuple[int, str], ...]]:
        """The answer at the end of all redirects, and the hops before it."""
        visit = Visit(headers)
        left = self._settings.timeout  # for all hops together; waiting for one's turn does not count
        redirects: list[tuple[int, str]] = []
        target = _address(url)
        while True:
            response = await self._request(visit, target, left)
            left -= response.elapsed_ms / 1000
            if response.status not in REDIRECT_STATUS:
                return response, tuple(redirects)
            redirects.append((response.status, str(target)))
            target = _next_hop(response, target, redirects)

    async def _request(
        self, visit: Visit, url: httpx.URL, seconds: float, form: Mapping[str, str] | None = None
    ) -> Response:
        async with self._turn(url):
            try:
                async with asyncio.timeout(max(seconds, 0)):
                    return await self._exchange(visit, url, form)
            except TimeoutError as error:
                remedy = "The next check tries again; raise `timeout` in tracker.toml if the page is just slow."
                what = f"The page was not complete after {self._settings.timeout:g} seconds."
                raise Transient(what, str(url), remedy) from error
            except (httpx.InvalidURL, ValueError) as error:
                raise FetchError(f"The address cannot be used: {error}.", str(url), "Mend the declaration.") from error
            except httpx.TransportError as error:
                raise _transport_error(error, str(url)) from error

    async def _exchange(self, visit: Visit, url: httpx.URL, form: Mapping[str, str] | None) -> Response:
        begun = monotonic()
        request = httpx.Request(
            "GET" if form is None else "POST",
            url,
            headers={**self._headers, **visit.headers},
            cookies=visit.cookies,
            data=form,
            extensions=self._patience,
        )
        # Straight to the transport: what a client does beyond is done here, and what it does not do is not paid for.
        answer = await self._transport.handle_async_request(request)
        answer.request = request
        try:
            visit.remember(answer)
            stream = answer.extensions.get("network_stream")
            dialled = stream.get_extra_info("server_addr") if stream else None
            tls = stream.get_extra_info("ssl_object") if stream else None
            certificate = tls.getpeercert(binary_form=True) if tls else b""
            body, wire = b"", 0
            if answer.status_code not in REDIRECT_STATUS:
                body, wire = await _bounded(answer, self._settings.max_bytes)
            return Response(
                url=str(url),
                final_url=str(url),
                status=answer.status_code,
                headers=tuple((name.decode("latin-1"), value.decode("latin-1")) for name, value in answer.headers.raw),
                body=body,
                fetched_at=self._now(),
                elapsed_ms=round((monotonic() - begun) * 1000),
                wire_bytes=wire,
                address=dialled[0] if dialled else "",
                certificate=sha256(certificate).hexdigest() if certificate else "",
            )
        finally:
            await answer.aclose()


class Trust(ssl.SSLContext):
    """The certificates that this system trusts, read when the first of them is needed: until then none is trusted."""

    _is_read = False

    def wrap_bio(self, *arguments: Any, **named: Any) -> ssl.SSLObject:
        if not self._is_read:
            self.load_default_certs()
            self._is_read = True
        return super().wrap_bio(*arguments, **named)


@dataclass(slots=True)
class Visit:
    """What is said at every hop of one visit: the headers, and the cookies that its hops set. No cookie of one visit is
    carried to another."""

    headers: Mapping[str, str]
    cookies: httpx.Cookies | None = None

    def remember(self, answer: httpx.Response) -> None:
        if "set-cookie" in answer.headers:
            self.cookies = httpx.Cookies() if self.cookies is None else self.cookies
            self.cookies.extract_cookies(answer)


def _address(url: str) -> httpx.URL:
    """The address to ask, once it is sure that it means one host and nothing else."""
    remedy = "Declare an address that starts with https:// and names a host."
    try:
        parsed = httpx.URL(url.strip())
        parsed.host.encode("idna")
    except (httpx.InvalidURL, ValueError) as error:
        raise Refused(f"The address cannot be used: {error}.", url, remedy) from error
    if parsed.scheme not in ("http", "https") or not parsed.host:
        raise Refused("Only http and https addresses are fetched.", url, remedy)
    if parsed.userinfo or "\\" in url:
        raise Refused("An address with a user name or a backslash is not fetched.", url, remedy)
    return parsed.copy_with(fragment=None)


def _next_hop(response: Response, current: httpx.URL, seen: list[tuple[int, str]]) -> httpx.URL:
    location = response.header("location")
    if not location:
        what = f"The site redirects (status {response.status}) but does not say where to."
        raise FetchError(what, str(current), ENDS_ELSEWHERE)
    try:
        target = _address(str(current.join(location)))
    except (httpx.InvalidURL, ValueError, Refused) as error:
        what = f"The site redirects to an address that is not fetched ({location[:200]}): {error.args[0]}"
        raise Refused(what, str(current), ENDS_ELSEWHERE) from error
    if str(target) in {address for _, address in seen} or len(seen) >= REDIRECTS:
        what = f"The site redirects in a circle or more than {REDIRECTS} times."
        raise Refused(what, str(current), ENDS_ELSEWHERE)
    return target


async def _bounded(answer: httpx.Response, limit: int) -> tuple[bytes, int]:
    """The body, decompressed by hand so that a bomb stops at the limit, and the bytes that came over the wire."""
    coding = answer.headers.get("content-encoding", "identity").strip().lower()
    if coding not in ("", "identity", "gzip", "x-gzip", "deflate"):
        what = f"The site sent a coding that was not asked for: {coding[:40]}."
        raise FetchError(what, str(answer.url), "Nothing to do here: the next check tries again.")
    unpack = zlib.decompressobj(47) if coding not in ("", "identity") else None
    parts, size, wire = [], 0, 0
    async for chunk in answer.aiter_raw():
        wire += len(chunk)
        if unpack:
            try:
                chunk = unpack.decompress(chunk, limit + 1 - size)
            except zlib.error as error:
                raise Transient(f"The compressed body is damaged: {error}.", str(answer.url)) from error
        parts.append(chunk)
        size += len(chunk)
        if max(size, wire) > limit:
            what = f"The body is larger than {limit:,} bytes, on the wire or unpacked."
            raise Refused(what, str(answer.url), "No legal text is that long; if this one is, raise `max_bytes`.")
    if unpack and unpack.unused_data:
        raise Transient("The compressed body goes on after its end.", str(answer.url))
    if unpack and wire and not unpack.eof:
        raise Transient("The compressed body breaks off before its end.", str(answer.url))
    return b"".join(parts), wire


def _judged(response: Response, conditional: bool) -> Response:
    """The response if it can be kept; the error that its status means otherwise."""
    status, where = response.status, response.url
    if status == 200 or (status == 304 and conditional):
        return response
    wait = retry_after(response)
    if status in TURNED_AWAY or (response.header("cf-mitigated") and status >= 400):
        vendor = " (by Cloudflare)" if response.header("cf-mitigated") else ""
        what = f"The site turned the request away{vendor}: status {status}."
        error: FetchError = Blocked(what, where, "Wait; if it lasts, look at the page in a browser.", wait)
    elif status in (404, 410):
        error = Gone(f"The page is not there: status {status}.", where, "Find its new address; mend the declaration.")
    elif status in PASSING:
        error = Transient(f"The server has trouble: status {status}.", where, "The next check tries again.", wait)
    else:
        error = FetchError(f"The answer is not a page: status {status}.", where, "Open the address in a browser.")
    error.answered = True
    raise error


def retry_after(response: Response) -> float | None:
    """The seconds that a server asks to be left alone for, which it says as a number or as a date (RFC 9110)."""
    value = response.header("retry-after").strip()
    if value.isdecimal():
        return float(value[:9])
    try:
        until = parsedate_to_datetime(value)
        return max((until - response.fetched_at).total_seconds(), 0)
    except (TypeError, ValueError):
        return None


def _transport_error(error: httpx.TransportError, url: str) -> FetchError:
    if isinstance(error, httpx.TimeoutException):
        return Transient("The server did not answer in time.", url, "The next check tries again.")
    said = " ".join(str(error).split())[:200] or type(error).__name__
    if isinstance(error, httpx.ConnectError):
        remedy = "Check the address and this machine's network; the next check tries again."
        return Transient(f"No connection: {said}.", url, remedy)
    return Transient(f"The connection broke: {said}.", url, "The next check tries again.")


def _is_loopback(host: str) -> bool:
    return host == "localhost" or host.startswith("127.") or host == "::1"
