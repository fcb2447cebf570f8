"""One polite request: conditional, bounded, guarded. The only client of platforms.

Everything that comes back is hostile: bytes are counted on the wire and after decompression, redirects are followed
by hand and recorded, and the transport itself refuses to dial an address that is not public, so no caller can forget.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
import zlib
from collections import defaultdict
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from email.utils import parsedate_to_datetime
from hashlib import sha256
from time import monotonic
from types import TracebackType
from typing import Self

import httpcore
import httpx

from tracker.errors import Blocked, FetchError, Gone, Refused, Transient
from tracker.model import Response
from tracker.settings import Settings

REDIRECTS = 10
REDIRECT_STATUS = {301, 302, 303, 307, 308}
TURNED_AWAY = {401, 402, 403, 405, 406, 407, 418, 429, 451, 999}
PASSING = {408, 425, 500, 502, 503, 504, 507, 509, 520, 521, 522, 523, 524, 525, 526, 527, 529, 530}
ENDS_ELSEWHERE = "Open the address in a browser and declare the one that it ends at."
NAT64 = ipaddress.ip_network("64:ff9b::/96")
# Not public, though the standard library of some Python versions takes them for public.
RESERVED = [ipaddress.ip_network(net) for net in ("fec0::/10", "3fff::/20", "192.88.99.0/24", "168.63.129.16/32")]
ISATAP = 0x5EFE  # an IPv4 address hides behind it, in the last 32 bits of an IPv6 address


def is_public(address: str) -> bool:
    """Whether an IP address is one of the public internet, also after unwrapping IPv4 that hides in IPv6."""
    ip = ipaddress.ip_address(address.partition("%")[0])
    if isinstance(ip, ipaddress.IPv6Address):
        hidden = ip.ipv4_mapped or ip.sixtofour or (ip.teredo and ip.teredo[1])
        if ip in NAT64 or (int(ip) >> 32) & 0xFFFF == ISATAP:
            hidden = ipaddress.IPv4Address(int(ip) & 0xFFFFFFFF)
        if hidden:
            return is_public(str(hidden))
    listed = any(ip.version == net.version and ip in net for net in RESERVED)
    return ip.is_global and not (listed or ip.is_multicast or ip.is_reserved or ip.is_unspecified)


class Gate(httpcore.AsyncNetworkBackend):
    """Dials only addresses that it has checked: what was looked up is what is connected to, so DNS cannot lie later."""

    def __init__(self, allow_loopback: bool) -> None:
        self._inner = httpcore.AnyIOBackend()
        self._allow_loopback = allow_loopback

    def _allows(self, address: str) -> bool:
        plain = address.partition("%")[0]
        return is_public(plain) or (self._allow_loopback and ipaddress.ip_address(plain).is_loopback)

    async def connect_tcp(self, host, port, timeout=None, local_address=None, socket_options=None):
        loop = asyncio.get_running_loop()
        try:
            found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
        except (OSError, UnicodeError) as error:
            raise httpcore.ConnectError(f"the name {host} was not found") from error
        addresses = list(dict.fromkeys(entry[4][0] for entry in found))
        refused = [address for address in addresses if not self._allows(address)]
        if refused:
            raise Refused(
                f"The address {refused[0]} of {host} is not a public one.",
                remedy="Declare the public address; for a test on this machine set TRACKER_ALLOW_LOOPBACK=1.",
            )
        failure: Exception = httpcore.ConnectError(f"{host} has no address")
        for address in addresses[:4]:
            try:
                return await self._inner.connect_tcp(address, port, timeout, local_address, socket_options)
            except (httpcore.ConnectError, httpcore.ConnectTimeout) as error:
                failure = error
        raise failure

    async def connect_unix_socket(self, path, timeout=None, socket_options=None):
        raise Refused("Unix sockets are not fetched.")

    async def sleep(self, seconds: float) -> None:
        await self._inner.sleep(seconds)


class Fetcher:
    """Fetches pages; use it as an asynchronous context manager and share one for all documents.

    One request at a time and host, with a pause between two; several hosts at once. `now` gives the present moment.
    """

    def __init__(self, settings: Settings, now: Callable[[], datetime]) -> None:
        self._settings, self._now = settings, now
        self._hosts: dict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
        self._last: dict[str, float] = {}
        self._slots = asyncio.Semaphore(max(settings.parallel, 1))
        self._transport = httpx.AsyncHTTPTransport(http2=True, verify=ssl.create_default_context(), trust_env=False)
        # The one place where httpx has no public way in: its pool takes a network backend, its transport does not.
        self._transport._pool._network_backend = Gate(settings.allow_loopback)

    async def __aenter__(self) -> Self:
        await self._transport.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._transport.__aexit__(kind, error, trace)

    async def fetch(self, url: str, etag: str = "", last_modified: str = "") -> Response:
        """Brings a page, or the news that it is not modified (status 304) against the validators given.

        Raises Refused, Blocked, Gone, Transient or FetchError, each saying what happened and what to do.
        """
        conditions = {"If-None-Match": etag, "If-Modified-Since": last_modified}
        headers = {
            "User-Agent": self._settings.user_agent,
            "Accept": "text/html,application/xhtml+xml,application/pdf;q=0.9,text/plain;q=0.8,*/*;q=0.5",
            "Accept-Language": self._settings.language,
            "Accept-Encoding": "gzip",
            **{name: value for name, value in conditions.items() if value},
        }
        # A client of its own for each page: no cookie of one visit is carried to another.
        client = httpx.AsyncClient(
            transport=self._transport, headers=headers, trust_env=False, timeout=self._settings.timeout
        )
        started = monotonic()
        left = self._settings.timeout  # for all hops together; waiting for one's turn does not count
        redirects: list[tuple[int, str]] = []
        target = _address(url)
        while True:
            response = await self._request(client, target, left)
            left -= response.elapsed_ms / 1000
            if response.status not in REDIRECT_STATUS:
                break
            redirects.append((response.status, str(target)))
            target = _next_hop(response, target, redirects)
        elapsed = round((monotonic() - started) * 1000)
        response = replace(response, url=url, redirects=tuple(redirects), elapsed_ms=elapsed)
        return _judged(response, conditional=bool(etag or last_modified))

    async def _request(self, client: httpx.AsyncClient, url: httpx.URL, seconds: float) -> Response:
        host = url.host
        async with self._hosts[host], self._slots:
            pause = self._last.get(host, -1e9) + self._settings.delay - monotonic()
            if pause > 0 and not _is_loopback(host):
                await asyncio.sleep(pause)
            try:
                async with asyncio.timeout(max(seconds, 0)):
                    return await self._exchange(client, url)
            except TimeoutError as error:
                remedy = "The next check tries again; raise `timeout` in tracker.toml if the page is just slow."
                what = f"The page was not complete after {self._settings.timeout:g} seconds."
                raise Transient(what, str(url), remedy) from error
            except (httpx.InvalidURL, ValueError) as error:
                raise FetchError(f"The address cannot be used: {error}.", str(url), "Mend the declaration.") from error
            except httpx.TransportError as error:
                raise _transport_error(error, str(url)) from error
            finally:
                self._last[host] = monotonic()

    async def _exchange(self, client: httpx.AsyncClient, url: httpx.URL) -> Response:
        begun = monotonic()
        async with client.stream("GET", url) as answer:
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
    wait = _retry_after(response)
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
    raise error


def _retry_after(response: Response) -> float | None:
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
