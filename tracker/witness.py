"""The third witness: an archive of the web is asked to keep a page that changed (Save Page Now 2).

    POST <base>/save                 url=…        → a job, or an error, both with status 200
    GET  <base>/save/status/<job>                 → pending, success with the moment kept, or an error

No capture of ours waits for it: it is asked afterwards, and what it does not answer is asked again another time.
"""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import quote

from tracker.errors import Blocked, FetchError, SettingsError
from tracker.fetch import Fetcher
from tracker.fetch.fetcher import retry_after
from tracker.model import Response
from tracker.store import Store, witnesses
from tracker.store.witnesses import KEPT, LATER, REFUSED, Witness

AGE = timedelta(days=3)  # the page of an older capture is another one by now
POLL, PATIENCE = 5.0, 180.0  # seconds between two questions after a job, and until it is given up
FINAL = {
    "not-found",
    "no-access",
    "blocked",
    "blocked-url",
    "invalid-url-syntax",
    "invalid-host-resolution",
    "unauthorized",
    "filesize-limit",
}
ENOUGH = {"too-many-daily-captures", "max-daily-bandwidth", "user-session-limit", "too-many-requests"}
KEYS = re.compile(r"[\x21-\x39\x3b-\x7e]+:[\x21-\x7e]+")


class Enough(Exception):
    """The archive wants to be left alone for now; the reason is a sentence."""


class SavePageNow:
    """The archive at a base address, asked with keys ("access:secret"), `pause` seconds between two requests.

    Raises SettingsError for keys that are none.
    """

    def __init__(
        self,
        base: str,
        keys: str,
        fetcher: Fetcher,
        pause: float,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        if not KEYS.fullmatch(keys):
            remedy = "Set it to access:secret, as https://archive.org/account/s3.php gives them."
            raise SettingsError("Save Page Now needs keys.", "TRACKER_WAYBACK_KEYS", remedy)
        self._base, self._fetcher, self._pause, self._sleep = base.rstrip("/"), fetcher, pause, sleep
        self._headers = {"Accept": "application/json", "Authorization": f"LOW {keys}"}

    async def ask(self, url: str) -> tuple[str, str, str]:
        """Asks to keep a page and waits for what comes of it: (state, address of the copy, reason).

        Raises Enough where nothing more should be asked now.
        """
        try:
            await self._sleep(self._pause)
            form = {"url": url, "skip_first_archive": "1"}
            said = _read(await self._fetcher.post(f"{self._base}/save", form, self._headers))
            waited = 0.0
            job = str(said.get("job_id") or "")
            while said.get("status", "pending") == "pending" and job:
                if waited >= PATIENCE:
                    return LATER, "", "It was not done after three minutes."
                await self._sleep(POLL)
                waited += POLL
                said = _read(await self._fetcher.get(f"{self._base}/save/status/{quote(job, safe='')}", self._headers))
        except (Blocked, FetchError) as error:
            raise Enough(error.what) from error
        return self._verdict(said, url)

    def _verdict(self, said: dict[str, Any], url: str) -> tuple[str, str, str]:
        digits = str(said.get("timestamp") or "")
        if said.get("status") == "success" and re.fullmatch(r"\d{14}", digits):
            return KEPT, f"{self._base}/web/{digits}/{said.get('original_url') or url}", ""
        code = str(said.get("status_ext") or "").removeprefix("error:")
        reason = " ".join(str(said.get("message") or code or "It gave no reason.").split())[:300]
        if any(code.startswith(one) for one in ENOUGH):
            raise Enough(reason)
        return (REFUSED if code in FINAL else LATER), "", reason


def _read(answer: Response) -> dict[str, Any]:
    """What the archive said. Raises Enough where it is no answer of its interface, or it asks to wait."""
    if answer.status == 401:
        raise Enough("It does not know these keys (TRACKER_WAYBACK_KEYS).")
    if answer.status == 429 or answer.status >= 500:
        wait = retry_after(answer)
        raise Enough(f"It asks to wait{f' {wait:.0f} seconds' if wait else ''} (status {answer.status}).")
    try:
        said = json.loads(answer.body)
    except ValueError:
        said = None
    if not isinstance(said, dict):
        raise Enough(f"It answered with something else than its interface does (status {answer.status}).")
    return said


async def witness(
    archive: Path,
    documents: list[str],
    machine: SavePageNow,
    now: Callable[[], datetime],
    progress: Callable[[int, int, str], None] = lambda done, of, what: None,
) -> list[tuple[str, Witness]]:
    """Asks for every page that changed lately and that was not asked for: (address, what was said).

    The archive is held for writing only to note an answer. What is not answered stands as to be asked again.
    """
    with Store.read(archive) as store:
        pages = witnesses.waiting(store, documents, now() - AGE)
    found = []
    for done, (capture, url) in enumerate(pages):
        progress(done, len(pages), url)
        enough = ""
        try:
            state, copy, reason = await machine.ask(url)
        except Enough as error:
            state, copy, reason = LATER, "", str(error)
            enough = reason
        said = Witness(capture, now(), state, copy, reason)
        with Store.write(archive) as store, store.transaction():
            witnesses.keep(store, said)
        found.append((url, said))
        if enough:
            break
    return found
