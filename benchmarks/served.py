"""Pages to race on, and the server that plays them: each round they differ from the one before in one way.

Real ones where TRACKER_CORPUS names a folder of captures; else the demo's invented pages, made as heavy as real ones.
Every page has a script with a number, as most real pages have: the round "same text" changes only that.
"""

from __future__ import annotations

import csv
import hashlib
import os
import re
import tarfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

ROUNDS = ("first", "304", "same bytes", "same text", "a tenth changed")
ALL_CHANGED = "all changed"
VALIDATED = ("first", "304")  # rounds in which the server sends and honours an ETag

Pair = tuple[bytes, bytes]  # a page, and the same document in other words


class Pages(ThreadingHTTPServer):
    """Pages on loopback. `round` says how they differ from the round before; `asked` counts requests by page."""

    daemon_threads = True

    def __init__(self, pages: list[Pair]) -> None:
        super().__init__(("127.0.0.1", 0), Handler)
        self.pages, self.round, self.visit = pages, "first", 0
        self.asked: dict[int, int] = {}
        self.base = f"http://127.0.0.1:{self.server_address[1]}"
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def begin(self, name: str) -> None:
        """The next round."""
        self.round, self.visit = name, self.visit + (name == "same text")

    def body(self, number: int) -> bytes:
        earlier, later = self.pages[number]
        other = self.round == ALL_CHANGED or (self.round == "a tenth changed" and number % 10 == 0)
        mark = b"<script>var visit = %d;</script></body>" % self.visit
        return (later if other else earlier).replace(b"</body>", mark, 1)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    server: Pages

    def do_GET(self) -> None:
        name = self.path.strip("/").partition("?")[0]
        if not name.isdecimal():
            self.answer(404, b"")
            return
        number = int(name)
        self.server.asked[number] = self.server.asked.get(number, 0) + 1
        body = self.server.body(number)
        etag = f'"{hashlib.sha256(body).hexdigest()[:16]}"' if self.server.round in VALIDATED else ""
        if etag and self.headers["If-None-Match"] == etag:
            self.answer(304, b"", etag)
        else:
            self.answer(200, body, etag)

    def answer(self, status: int, body: bytes, etag: str = "") -> None:
        self.send_response(status)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        if etag:
            self.send_header("ETag", etag)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


def pages(count: int) -> list[Pair]:
    """So many pages, each with one of the same document in other words."""
    corpus = os.environ.get("TRACKER_CORPUS")
    found = _real(Path(corpus)) if corpus else _invented()
    return (found * (count // len(found) + 1))[:count]


def _real(corpus: Path) -> list[Pair]:
    found = []
    for folder in sorted((corpus / "replay" / "docs").glob("*/*")):
        with (folder / "captures.csv").open(encoding="utf-8") as file:
            files = {row["timestamp"]: row for row in csv.DictReader(file) if "html" in row["content_type"]}
        with (folder / "changes.csv").open(encoding="utf-8") as file:
            steps = [row for row in csv.DictReader(file) if row["label"] == "substantive" and row["from_ts"] in files]
        with tarfile.open(folder / "captures.tar.xz") as packed:
            found += [
                tuple(packed.extractfile(files[step[side]]["file"]).read() for side in ("from_ts", "to_ts"))
                for step in steps[:4]
            ]
    return found


def _invented() -> list[Pair]:
    """The demo's documents, each version with the one after it, among as many links and scripts as real pages have."""
    links = "".join(
        f'<li><a class="menu-item-{n}" href="/page-{n}?ref=menu">Menu entry {n}</a></li>' for n in range(150)
    )
    script = "window.state=" + "".join(f'{{"id":{n},"name":"entry {n}","open":false}},' for n in range(3000))
    around = f"<nav><ul>{links}</ul></nav><script>{script}</script>".encode()
    found = []
    for folder in sorted((Path(__file__).parent.parent / "data" / "demo").glob("*/*")):
        versions = [re.sub(rb"\{\{.*?\}\}", b"1", path.read_bytes()) for path in sorted(folder.glob("*.html"))]
        heavy = [version.replace(b"</body>", around + b"</body>", 1) for version in versions if b"</body>" in version]
        found += zip(heavy, heavy[1:], strict=False)
    return found
