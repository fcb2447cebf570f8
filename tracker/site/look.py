"""A server of a built site on this machine alone, for looking at it."""

from __future__ import annotations

import os
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from tracker import render
from tracker.errors import TrackerError
from tracker.site.folder import MARKER


class _Handler(SimpleHTTPRequestHandler):
    """Files of a built site, and nothing else: no lists of folders, no hidden files."""

    server_version, sys_version = "tracker", ""

    def end_headers(self) -> None:
        self.send_header("X-Content-Type-Options", "nosniff")
        self.send_header("Content-Security-Policy", f"{render.SEARCHING}; frame-ancestors 'none'")
        self.send_header("Referrer-Policy", "no-referrer")
        self.send_header("Cache-Control", "no-cache")
        super().end_headers()

    def list_directory(self, path: Any) -> None:
        self.send_error(404, "There is no such page")

    def translate_path(self, path: str) -> str:
        found = super().translate_path(path)
        hidden = any(part.startswith(".") for part in Path(found).relative_to(self.directory).parts)
        return os.path.join(self.directory, "no-such-page") if hidden or "\0" in found else found

    def guess_type(self, path: Any) -> str:
        kind = super().guess_type(path)
        return f"{kind}; charset=utf-8" if kind.startswith("text/") or kind.endswith(("json", "javascript")) else kind

    def log_message(self, format: str, *args: object) -> None:
        """Says nothing: the address stands on the terminal already."""


def serve(folder: Path, port: int) -> ThreadingHTTPServer:
    """A server of a built site on this machine alone, for looking at it; port 0 takes any free one. Call its
    `serve_forever`. Raises TrackerError where the port is taken or the folder is no site."""
    if not (folder / MARKER).is_file():
        raise TrackerError("There is no built site here.", str(folder), "Build it first: tracker build --out DIR")
    try:
        return ThreadingHTTPServer(("127.0.0.1", port), partial(_Handler, directory=str(folder.resolve())))
    except OSError as error:
        remedy = "Name another port with --port; 0 takes any free one."
        raise TrackerError(f"The port cannot be used: {error.strerror}.", f"127.0.0.1:{port}", remedy) from error
