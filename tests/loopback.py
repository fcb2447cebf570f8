"""A web server on loopback whose pages a test sets, with everything that can go wrong on the way."""

import gzip
import socket
import struct
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Web:
    """`web.pages[path]` is a body, or a function of the request handler that answers in its own way."""

    def __init__(self) -> None:
        self.pages: dict[str, object] = {}
        self.requests: list[tuple[str, dict[str, str]]] = []
        self.busy = self.most_busy = 0
        web = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self) -> None:
                web.requests.append((self.path, dict(self.headers)))
                web.busy += 1
                web.most_busy = max(web.most_busy, web.busy)
                try:
                    page = web.pages.get(self.path)
                    if callable(page):
                        page(self)
                    elif page is None:
                        answer(self, 404, b"not here")
                    else:
                        answer(self, 200, page if isinstance(page, bytes) else str(page).encode())
                except (BrokenPipeError, ConnectionResetError):
                    pass
                finally:
                    web.busy -= 1

            def do_POST(self) -> None:
                self.rfile.read(int(self.headers.get("Content-Length") or 0))
                self.do_GET()

            def log_message(self, *_: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_: object) -> None:
                pass

        self._server = Server(("127.0.0.1", 0), Handler)
        threading.Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()
        self.base = f"http://127.0.0.1:{self._server.server_address[1]}"

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()


def answer(request: BaseHTTPRequestHandler, status: int, body: bytes = b"", **headers: str) -> None:
    request.send_response(status)
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    for name, value in {"Content-Type": "text/html; charset=utf-8", "Content-Length": str(len(body)), **named}.items():
        request.send_header(name, value)
    request.end_headers()
    request.wfile.write(body)


def status(code: int, **headers: str):
    return lambda request: answer(request, code, b"<h1>no</h1>", **headers)


def redirect(target: str, code: int = 302):
    return lambda request: answer(request, code, Location=target)


def compressed(body: bytes, cut: int = 0):
    packed = gzip.compress(body)
    return lambda request: answer(request, 200, packed[: len(packed) - cut], Content_Encoding="gzip")


def conditional(body: bytes, etag: str):
    def page(request: BaseHTTPRequestHandler) -> None:
        if request.headers.get("If-None-Match") == etag:
            answer(request, 304, ETag=etag)
        else:
            answer(request, 200, body, ETag=etag)

    return page


def endless(request: BaseHTTPRequestHandler) -> None:
    request.send_response(200)
    request.send_header("Content-Type", "text/html")
    request.send_header("Connection", "close")
    request.end_headers()
    for _ in range(4096):
        request.wfile.write(b"x" * 65536)


def reset(request: BaseHTTPRequestHandler) -> None:
    request.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    request.close_connection = True
    for file in (request.rfile, request.wfile, request.connection):
        file.close()


def half(request: BaseHTTPRequestHandler) -> None:
    request.send_response(200)
    request.send_header("Content-Length", "1000")
    request.end_headers()
    request.wfile.write(b"<p>half")
    request.close_connection = True


def slow(seconds: float):
    def page(request: BaseHTTPRequestHandler) -> None:
        request.send_response(200)
        request.send_header("Content-Length", "100")
        request.end_headers()
        for _ in range(100):
            request.wfile.write(b"x")
            request.wfile.flush()
            time.sleep(seconds / 100)

    return page
