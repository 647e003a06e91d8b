"""A Prometheus on loopback for series that are written into it, for any time in the past.

Its head block is longer than all ranges together: samples of any age are accepted, each series in order, and nothing
is compacted. So series can be added while the server runs, and rules that read their own results be evaluated.
"""

from __future__ import annotations

import http.client
import io
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit
from urllib.request import Request

from obscode.clients.errors import ServerError
from obscode.clients.json_client import TIMEOUT, refusal
from obscode.clients.prometheus import PrometheusClient
from obscode.clients.remote_write import HEADERS, PATH, request_bodies
from obscode.toolchain import Tool
from obscode.verify.servers import LOOPBACK, free_port, prometheus

# Hidden flags of Prometheus; the ranges of scenarios are years apart.
_BLOCK = "20y"
_FLAGS = (
    "--web.enable-remote-write-receiver",
    f"--storage.tsdb.min-block-duration={_BLOCK}",
    f"--storage.tsdb.max-block-duration={_BLOCK}",
    "--storage.tsdb.retention.time=100y",
    "--log.level=error",
)
_FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class WritablePrometheus(PrometheusClient):
    """A Prometheus that series are written into, on one connection for each thread. Methods raise ServerError."""

    def __init__(self, url: str, timeout: float = TIMEOUT) -> None:
        """``timeout`` is the time in seconds in which the server answers."""
        super().__init__(url, timeout=timeout)
        self._of_thread = threading.local()
        self._connections: list[http.client.HTTPConnection] = []

    def write(self, series: Iterable[bytes]) -> None:
        """Append the samples of encoded series; those of a series are newer than what it has."""
        for body in request_bodies(series):
            status, _, content = self._exchange("POST", PATH, body, HEADERS)
            if status >= 300:
                text = content.decode(errors="replace").strip()
                raise ServerError(f"Prometheus does not accept samples: {text}", status=status)

    def close(self) -> None:
        """Close the connections."""
        for connection in self._connections:
            connection.close()

    def _connection(self) -> http.client.HTTPConnection:
        connection: http.client.HTTPConnection | None = getattr(self._of_thread, "connection", None)
        if connection is None:
            connection = http.client.HTTPConnection(urlsplit(self.url).netloc, timeout=self.timeout)
            self._of_thread.connection = connection
            self._connections.append(connection)
        return connection

    def _content(self, request: Request) -> bytes:
        """The response on the connection that stays open: a rule may be a thousand queries."""
        body = request.data if isinstance(request.data, bytes) else None
        headers = dict(request.headers) if body is None else {**request.headers, **_FORM}
        status, reason, content = self._exchange(request.get_method(), request.selector, body, headers)
        if status < 300:
            return content
        raise refusal(request.full_url.partition("?")[0], status, reason, io.BytesIO(content))

    def _exchange(
        self, method: str, path: str, body: bytes | None, headers: Mapping[str, str]
    ) -> tuple[int, str, bytes]:
        """The status, its text and the content of a response.

        Prometheus closes a connection that nothing used for five minutes; the request is then sent on a new one.
        """
        connection = self._connection()
        try:
            try:
                return _send(connection, method, path, body, headers)
            except ConnectionError:
                connection.close()
                return _send(connection, method, path, body, headers)
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            raise ServerError(f"{self.url}{path} cannot be read: {error}") from None


def _send(
    connection: http.client.HTTPConnection, method: str, path: str, body: bytes | None, headers: Mapping[str, str]
) -> tuple[int, str, bytes]:
    connection.request(method, path, body, headers)
    with connection.getresponse() as response:
        return response.status, response.reason, response.read()


@contextmanager
def empty_prometheus(
    tool: Tool, *, interval: int = 0, flags: Sequence[str] = (), timeout: float = TIMEOUT
) -> Iterator[WritablePrometheus]:
    """Run an empty Prometheus; its data is removed at the end.

    Args:
        tool: the program.
        interval: the step of subqueries without one, in milliseconds; 0 for a minute.
        flags: further flags.
        timeout: the time in seconds in which it answers.
    """
    with TemporaryDirectory(prefix="obscode-") as folder:
        root = Path(folder)
        config = root / "prometheus.yml"
        config.write_text(f"global:\n  evaluation_interval: {interval or 60_000}ms\n", encoding="utf-8")
        port = free_port()
        with prometheus(tool, config, root / "data", port, *_FLAGS, *flags):
            server = WritablePrometheus(f"http://{LOOPBACK}:{port}", timeout)
            try:
                yield server
            finally:
                server.close()
