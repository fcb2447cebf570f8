"""An archive of the web on loopback, as tests need it: CDX search, raw replay, and what goes wrong with both."""

import base64
import hashlib
import json
from datetime import UTC, datetime
from email.utils import format_datetime
from urllib.parse import parse_qs, urlsplit

import loopback


class Archives(dict):
    """The pages of a `loopback.Web` that is an archive. `hold(url, "20240101000000", body)` adds a capture;
    `answers[path prefix]` answers in place of the archive."""

    def __init__(self) -> None:
        super().__init__()
        self.held: dict[str, list[tuple[str, bytes, str, str]]] = {}
        self.answers: dict[str, object] = {}
        self.page_size = 3
        self.replayed: list[str] = []

    def hold(self, url: str, stamp: str, body: str | bytes, status: str = "200", mimetype: str = "text/html") -> None:
        raw = body.encode() if isinstance(body, str) else body
        self.held.setdefault(url, []).append((stamp, raw, status, mimetype))

    def get(self, path, default=None):
        for prefix, page in self.answers.items():
            if path.startswith(prefix):
                return page
        if path.startswith("/cdx/search/cdx"):
            return lambda request: self._search(request, parse_qs(urlsplit(path).query))
        if path.startswith("/web/"):
            stamp, _, url = path.removeprefix("/web/").partition("id_/")
            return lambda request: self._replay(request, stamp, url)
        return super().get(path, default)

    def _search(self, request, query) -> None:
        url, start = query["url"][0], int(query.get("resumeKey", ["0"])[0])
        rows = []
        for stamp, raw, status, mimetype in sorted(self.held.get(url, [])):
            digest = base64.b32encode(hashlib.sha1(raw).digest()).decode()
            inside = query.get("from", ["0"])[0] <= stamp <= query.get("to", ["9"])[0]
            if inside:
                rows.append([stamp, url, mimetype, status, digest])
        page = rows[start : start + self.page_size]
        if start + self.page_size < len(rows):
            page += [[], [str(start + self.page_size)]]
        header = [query["fl"][0].split(",")]
        loopback.answer(request, 200, json.dumps(header + page if rows else []).encode())

    def _replay(self, request, stamp, url) -> None:
        self.replayed.append(stamp)
        for held, raw, status, mimetype in self.held.get(url, []):
            if held == stamp:
                at = datetime.strptime(stamp, "%Y%m%d%H%M%S").replace(tzinfo=UTC)
                headers = {"Memento_Datetime": format_datetime(at, True), "X_Archive_Orig_Server": "nginx"}
                if status.startswith("3"):
                    headers["Location"] = "/web/20200101000000id_/https://elsewhere.example/"
                loopback.answer(request, int(status), raw, Content_Type=mimetype, **headers)
                return
        loopback.answer(request, 404, b"not archived")
