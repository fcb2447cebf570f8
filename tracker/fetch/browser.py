"""Pages that show their text only after scripts ran: rendered in a Chromium that reaches nothing but through the gate.

Every page gets a context of its own and a proxy of its own, on this machine, that dials only what the gate lets
through and counts what it passes on. The browser itself looks up no names and opens no other connection.
"""

from __future__ import annotations

import asyncio
import importlib.util
import os
import shutil
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager, suppress
from datetime import datetime
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpcore

from tracker.errors import FetchError, Refused, Transient
from tracker.fetch.gate import Gate
from tracker.model import Response

if TYPE_CHECKING:
    from playwright.async_api import Browser as Chromium
    from playwright.async_api import Page, Playwright
    from playwright.async_api import Response as Answer

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
HEAD = 64 << 10  # bytes of a request's head
IDLE = 8.0  # seconds that scripts have to fall silent
PAGE_BYTES = 5  # times the largest page: what one visit may load in all, pictures and scripts included
BLOCKED = {"image", "media", "font"}  # not needed for a text
ARGUMENTS = (
    "--disable-quic",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-domain-reliability",
    "--disable-sync",
    "--no-pings",
    "--no-first-run",
    "--force-webrtc-ip-handling-policy=disable_non_proxied_udp",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # names are looked up by the proxy, nowhere else
)
REMEDY = "Install it: pip install 'tracker[browser]', and Chromium (on Debian: apt-get install chromium)."


def installed() -> bool:
    """Whether pages can be rendered here: with the program that drives a browser, and a browser."""
    own = Path(os.environ.get("PLAYWRIGHT_BROWSERS_PATH") or Path.home() / ".cache" / "ms-playwright")
    return importlib.util.find_spec("playwright") is not None and (any(map(shutil.which, NAMES)) or own.is_dir())


def is_boxed() -> bool:
    """Whether Chromium's own sandbox cannot be had: the superuser has none, and a container is one already."""
    return os.geteuid() == 0 or Path("/.dockerenv").exists() or Path("/run/.containerenv").exists()


class Browser:
    """A headless Chromium that is started when it is first needed. Close it at the end."""

    def __init__(self, gate: Gate, max_bytes: int, user_agent: str, language: str) -> None:
        self._gate, self._max_bytes, self._agent, self._language = gate, max_bytes, user_agent, language
        self._playwright: Playwright | None = None
        self._chromium: Chromium | None = None
        self._starting = asyncio.Lock()

    async def close(self) -> None:
        if self._chromium:
            await self._chromium.close()
        if self._playwright:
            await self._playwright.stop()
        self._chromium = self._playwright = None

    async def _started(self) -> Chromium:
        async with self._starting:
            if self._chromium and self._chromium.is_connected():
                return self._chromium
            try:
                from playwright.async_api import Error, async_playwright
            except ImportError as error:
                raise FetchError("This page needs a browser, and none is installed.", "", REMEDY) from error
            self._playwright = self._playwright or await async_playwright().start()
            path = next(filter(None, map(shutil.which, NAMES)), None)
            try:
                self._chromium = await self._playwright.chromium.launch(
                    executable_path=path,
                    args=list(ARGUMENTS),
                    chromium_sandbox=not is_boxed(),
                    proxy={"server": "http://127.0.0.1:9"},  # each context names its own
                )
            except asyncio.CancelledError:  # whatever was being started goes with its driver
                await self._drop(self._chromium)
                raise
            except Error as error:
                await self._drop(self._chromium)
                said = str(error).partition("\n")[0][:200]
                raise FetchError(f"The browser could not be started: {said}.", "", REMEDY) from error
            return self._chromium

    async def _drop(self, chromium: Chromium | None) -> None:
        """Lets go of a browser that is gone, or whose driver is: the next page gets new ones."""
        if self._chromium is chromium and self._playwright:
            driver, self._playwright, self._chromium = self._playwright, None, None
            with suppress(Exception):  # whatever a dead program says: it is not asked again
                await asyncio.wait_for(driver.stop(), 5)

    async def render(self, url: str, now: Callable[[], datetime]) -> Response | None:
        """The document after its scripts ran, as HTML in UTF-8; None for a file that is no page.

        Raises Refused, Transient or FetchError.
        """
        from playwright.async_api import Error

        chromium = await self._started()
        begun = monotonic()
        async with self._proxy() as proxy:
            try:
                context = await chromium.new_context(
                    proxy={"server": f"http://127.0.0.1:{proxy.port}", "bypass": "<-loopback>"},
                    user_agent=self._agent,
                    locale=self._language,
                    service_workers="block",
                    accept_downloads=False,
                )
            except Error as error:
                await self._drop(chromium)
                raise Transient(_said(error), url, "The next check starts another browser.") from error
            try:
                page = await context.new_page()
                answer = await self._visit(page, url)
                if await _length(page) > self._max_bytes:
                    raise self._too_large(url)
                body = (await page.content()).encode("utf-8", "replace")
                if urlsplit(page.url).scheme not in ("http", "https"):  # also the browser's own page on an error
                    raise Error("it led on to an address that could not be shown")
                shown = Response(
                    url=url,
                    final_url=page.url,
                    status=answer.status,
                    headers=await _headers(answer),
                    body=body,
                    fetched_at=now(),
                    elapsed_ms=round((monotonic() - begun) * 1000),
                    wire_bytes=proxy.passed,
                    redirects=await _redirects(answer),
                    address=proxy.dialled.get(urlsplit(page.url).hostname or "", ""),
                    rendered_by=f"chromium/{chromium.version}",
                )
                sort = (await answer.header_value("content-type") or "text/html").lower()
            except Error as error:
                if "Download is starting" in str(error):
                    return None
                raise (
                    proxy.ended or proxy.refused or Transient(_said(error), url, "The next check tries again.")
                ) from error
            finally:
                with suppress(Error):
                    await context.close()
        if proxy.ended:
            raise proxy.ended
        if len(shown.body) > self._max_bytes:
            raise self._too_large(url)
        return shown if "html" in sort or shown.status != 200 else None

    def _too_large(self, url: str) -> Refused:
        what = f"The rendered page is larger than {self._max_bytes:,} bytes."
        return Refused(what, url, "No legal text is that long; if this one is, raise `max_bytes`.")

    async def _visit(self, page: Page, url: str) -> Answer:
        from playwright.async_api import Error, TimeoutError

        async def decide(route: Any) -> None:
            if route.request.resource_type in BLOCKED:
                await route.abort()
            else:
                await route.continue_()

        await page.route("**/*", decide)
        page.on("dialog", lambda dialog: asyncio.ensure_future(dialog.dismiss()))
        answer = await page.goto(url, wait_until="domcontentloaded", timeout=0)
        with suppress(TimeoutError):
            await page.wait_for_load_state("networkidle", timeout=IDLE * 1000)
        if answer is None:
            raise Error("the page gave no answer")
        return answer

    @asynccontextmanager
    async def _proxy(self) -> AsyncIterator[Proxy]:
        proxy = Proxy(self._gate, PAGE_BYTES * self._max_bytes)
        server = await asyncio.start_server(proxy.serve, "127.0.0.1", 0, limit=HEAD)
        proxy.port = server.sockets[0].getsockname()[1]
        try:
            yield proxy
        finally:
            server.close()
            proxy.end()


class Proxy:
    """An HTTP proxy for one visit of the browser: what it dials goes through the gate, what it passes on is counted."""

    def __init__(self, gate: Gate, most: int) -> None:
        self._gate, self._most = gate, most
        self._tasks: set[asyncio.Task[None]] = set()
        self.port = 0
        self.passed = 0  # bytes that came in
        self.dialled: dict[str, str] = {}  # host -> address
        self.refused: Refused | None = None  # an address that was not dialled: a page may do without a part of it
        self.ended: Refused | None = None  # the whole visit: it loaded too much

    def end(self) -> None:
        for task in self._tasks:
            task.cancel()

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """One connection of the browser."""
        task = asyncio.current_task()
        assert task is not None
        self._tasks.add(task)
        try:
            await self._pass_on(reader, writer)
        except (OSError, asyncio.IncompleteReadError, asyncio.LimitOverrunError, ValueError, httpcore.ConnectError):
            writer.write(b"HTTP/1.1 502 Bad Gateway\r\nConnection: close\r\n\r\n")
        except Refused as error:
            self.refused = error
        finally:
            self._tasks.discard(task)
            writer.close()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        line, _, rest = head.partition(b"\r\n")
        method, target, version = line.decode("latin-1").split(" ")
        if method == "CONNECT":
            host, _, port = target.rpartition(":")
            upstream = await self._dial(host.strip("[]"), int(port))
            writer.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        else:
            parts = urlsplit(target)
            if parts.scheme != "http" or not parts.hostname:
                raise ValueError(target)
            upstream = await self._dial(parts.hostname, parts.port or 80)
            path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
            kept = [
                header
                for header in rest.split(b"\r\n")
                if header and not header.lower().startswith((b"proxy-", b"connection:"))
            ]
            lines = [f"{method} {path} {version}".encode("latin-1"), *kept, b"Connection: close", b"", b""]
            upstream[1].write(b"\r\n".join(lines))
        try:
            await asyncio.gather(self._pump(reader, upstream[1]), self._pump(upstream[0], writer, count=True))
        finally:
            upstream[1].close()

    async def _dial(self, host: str, port: int) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        failure: OSError = OSError("no address")
        for address in await self._gate.addresses(host, port):
            try:
                streams = await asyncio.open_connection(address, port)
            except OSError as error:
                failure = error
            else:
                self.dialled[host] = address
                return streams
        raise failure

    async def _pump(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, count: bool = False) -> None:
        try:
            while data := await reader.read(65536):
                if count:
                    self.passed += len(data)
                    if self.passed > self._most:
                        what = f"The page loaded more than {self._most:,} bytes in all."
                        self.ended = Refused(what, remedy="If this page is right, raise `max_bytes`.")
                        break
                writer.write(data)
                await writer.drain()
        except OSError:
            pass
        finally:
            writer.close()


async def _length(page: Page) -> int:
    """The characters of a page as it stands, counted in the browser: scripts make pages that no memory of ours holds.
    Counted in a world of its own, where no script of the page can lie about it."""
    session = await page.context.new_cdp_session(page)
    frame = (await session.send("Page.getFrameTree"))["frameTree"]["frame"]["id"]
    world = (await session.send("Page.createIsolatedWorld", {"frameId": frame}))["executionContextId"]
    asked = {"contextId": world, "expression": "document.documentElement?.outerHTML.length ?? 0"}
    return int((await session.send("Runtime.evaluate", asked))["result"].get("value", 0))


async def _headers(answer: Answer) -> tuple[tuple[str, str], ...]:
    """The answer's headers; the body that is kept is the rendered one, so what describes its coding is left out."""
    gone = {"content-encoding", "content-length", "transfer-encoding", "etag", "last-modified", "content-type"}
    kept = [(item["name"], item["value"]) for item in await answer.headers_array() if item["name"].lower() not in gone]
    return (*kept, ("Content-Type", "text/html; charset=utf-8"))


async def _redirects(answer: Answer) -> tuple[tuple[int, str], ...]:
    found = []
    request = answer.request.redirected_from
    while request:
        hop = await request.response()
        found.append((hop.status if hop else 0, request.url))
        request = request.redirected_from
    return tuple(reversed(found))


def _said(error: Exception) -> str:
    said = str(error).partition("\n")[0].removeprefix("Page.goto: ")[:200]
    return f"The page could not be rendered: {said}."
