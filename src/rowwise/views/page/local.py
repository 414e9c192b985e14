"""A page in, its address on this machine out: it is answered to this machine alone, and nothing else is."""

from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Self

LOOPBACK = "127.0.0.1"


class Local:
    """One page at one address, from `with` to its end."""

    def __init__(self, page: str):
        self.server = ThreadingHTTPServer((LOOPBACK, 0), BaseHTTPRequestHandler)
        self.server.RequestHandlerClass = _answering(page.encode(), f"{LOOPBACK}:{self.server.server_port}")
        self.thread = Thread(target=self.server.serve_forever, daemon=True)

    @property
    def address(self) -> str:
        return f"http://{LOOPBACK}:{self.server.server_port}/"

    def __enter__(self) -> Self:
        self.thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.server.shutdown()
        self.server.server_close()

    def wait(self) -> None:
        """Until Ctrl-C."""
        try:
            while self.thread.is_alive():
                self.thread.join(1)  # without a time, no signal would be heard on Windows
        except KeyboardInterrupt:
            pass


def _answering(body: bytes, host: str) -> type[BaseHTTPRequestHandler]:
    """What answers a request: the page at /, to those who asked for this machine by its number."""

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            # A page elsewhere may give this machine a name of its own, and ask by that name.
            is_ours = self.headers["Host"] == host and self.path == "/"
            self.send_response(HTTPStatus.OK if is_ours else HTTPStatus.NOT_FOUND)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(body) if is_ours else 0))
            self.end_headers()
            if is_ours:
                self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Nothing: what is asked for is known."""

    return Answer
