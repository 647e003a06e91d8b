"""A target on loopback: its text depends on the time only."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from obscode.verify.servers import LOOPBACK

_POLL = 0.05  # seconds between two looks at whether to end
_TEXT = "text/plain; version=0.0.4; charset=utf-8"
_OPEN_METRICS = "application/openmetrics-text; version=1.0.0; charset=utf-8"
#: The text at a time in seconds since 1970; None while the target is down.
TextAt = Callable[[float], str | None]


class FakeTarget:
    """Serves /metrics until it is stopped; while it is down, it answers 503, so that `up` is 0."""

    def __init__(self, text_at: TextAt, port: int, *, is_open: bool = False) -> None:
        """``is_open`` is the format OpenMetrics."""
        self._http = ThreadingHTTPServer((LOOPBACK, port), _handler(text_at, _OPEN_METRICS if is_open else _TEXT))
        self._http.daemon_threads = True

    @property
    def url(self) -> str:
        """The address of the metrics."""
        return f"http://{LOOPBACK}:{self._http.server_address[1]}/metrics"

    def run(self, seconds: float | None = None, is_over: Callable[[], bool] = lambda: False) -> None:
        """Serve for some seconds, until ``is_over``, or until a signal."""
        end = None if seconds is None else time.monotonic() + seconds
        threading.Thread(target=self._http.serve_forever, args=(_POLL,), daemon=True).start()
        try:
            while not is_over() and (end is None or time.monotonic() < end):
                time.sleep(_POLL)
        finally:
            self._http.shutdown()
            self._http.server_close()


def _handler(text_at: TextAt, content_type: str) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path.partition("?")[0] != "/metrics":
                self._answer(HTTPStatus.NOT_FOUND, "the metrics are at /metrics\n", _TEXT)
            elif (text := text_at(time.time())) is None:
                self._answer(HTTPStatus.SERVICE_UNAVAILABLE, "the target is down in this scenario\n", _TEXT)
            else:
                self._answer(HTTPStatus.OK, text, content_type)

        def _answer(self, status: HTTPStatus, text: str, content_type: str) -> None:
            content = text.encode()
            self.send_response(status)
            self.send_header("Content-Type", content_type)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, format: str, *args: object) -> None:
            """Print nothing for each scrape."""

    return Handler
