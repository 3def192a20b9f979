"""A web server of fixed answers on loopback, and ports where nobody may ever knock."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PAGE = b"<h1>Returns</h1><p>Thirty days.</p>"
HTML = "text/html; charset=utf-8"


class Site(ThreadingHTTPServer):
    """A web server of fixed answers: status, headers and body by path; it remembers what was asked."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), _Answers)
        self.answers: dict[str, tuple[int, dict[str, str], bytes]] = {}
        self.asked: list[tuple[str, dict[str, str]]] = []

    @property
    def port(self) -> int:
        return int(self.server_address[1])

    def page(self, path: str, body: bytes = PAGE, status: int = 200, **headers: str) -> str:
        """Serve a page, and return its address."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        self.answers[path] = (status, {"Content-Type": HTML, **named}, body)
        return f"http://127.0.0.1:{self.port}{path}"


class _Answers(BaseHTTPRequestHandler):
    server: Site

    def do_GET(self) -> None:
        self.server.asked.append((self.path, dict(self.headers)))
        status, headers, body = self.server.answers[self.path]
        self.send_response(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            if value:
                self.send_header(name, value)
        self.end_headers()
        with contextlib.suppress(OSError):  # whoever has enough hangs up
            if "endless" in self.path:
                while True:
                    self.wfile.write(bytes(2**16))
            if "slow" in self.path:
                time.sleep(5)
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing."""


class Canary:
    """A port that counts who connects to it."""

    def __init__(self, address: str, family: socket.AddressFamily = socket.AF_INET) -> None:
        self.connections = 0
        self._listener = socket.create_server((address, 0), family=family)
        self.port = self._listener.getsockname()[1]
        threading.Thread(target=self._count, daemon=True).start()

    def _count(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                self._listener.accept()[0].close()
                self.connections += 1

    def close(self) -> None:
        with contextlib.suppress(OSError):  # wakes the thread that waits in accept
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()


@contextlib.contextmanager
def open_site() -> Iterator[Site]:
    """Serve a site until the block ends."""
    with Site() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        try:
            yield server
        finally:
            server.shutdown()
            thread.join()
