"""A Prometheus on loopback for series that are written into it, for any time in the past.

Its head block is longer than all ranges together: samples of any time are accepted, each series in order, and nothing
is compacted. So series can be added while the server runs, and rules that read their own results be evaluated.
"""

from __future__ import annotations

import http.client
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlsplit
from urllib.request import Request

from obscode.clients.errors import ServerError
from obscode.clients.json_client import refusal
from obscode.clients.prometheus import PrometheusClient
from obscode.preview.remote_write import request_body
from obscode.toolchain import Tool
from obscode.verify.servers import LOOPBACK, free_port, prometheus

# Hidden flags of Prometheus; the ranges of scenarios are years apart.
_BLOCK = "20y"
_FLAGS = (
    "--web.enable-remote-write-receiver",
    f"--storage.tsdb.min-block-duration={_BLOCK}",
    f"--storage.tsdb.max-block-duration={_BLOCK}",
    "--storage.tsdb.retention.time=90y",
    "--log.level=error",
)
_REQUEST = 4_000_000  # bytes; Prometheus decodes a request as a whole


class SimulatedServer(PrometheusClient):
    """A Prometheus that series are written into. Methods raise ServerError."""

    def __init__(self, url: str) -> None:
        super().__init__(url)
        self._connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=self.timeout)

    def write(self, encoded: Sequence[bytes]) -> None:
        """Append the samples of encoded series; those of a series are newer than what it has."""
        part: list[bytes] = []
        size = 0
        for series in encoded:
            part.append(series)
            size += len(series)
            if size > _REQUEST:
                self._send(part)
                part, size = [], 0
        if part:
            self._send(part)

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def _content(self, request: Request) -> bytes:
        """The response on the connection that stays open: a rule may be a thousand queries."""
        body = request.data if isinstance(request.data, bytes) else None
        headers = dict(request.headers)
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        self._connection.request(request.get_method(), request.selector, body, headers)
        with self._connection.getresponse() as response:
            if response.status < 300:
                return response.read()
            raise refusal(request.full_url.partition("?")[0], response.status, response.reason, response)

    def _send(self, part: Sequence[bytes]) -> None:
        headers = {
            "Content-Type": "application/x-protobuf",
            "Content-Encoding": "snappy",
            "X-Prometheus-Remote-Write-Version": "0.1.0",
        }
        self._connection.request("POST", "/api/v1/write", request_body(part), headers)
        response = self._connection.getresponse()
        text = response.read().decode(errors="replace").strip()
        if response.status >= 300:
            raise ServerError(f"Prometheus does not accept samples: {text}", status=response.status)


@contextmanager
def simulated_server(tool: Tool) -> Iterator[SimulatedServer]:
    """Run an empty Prometheus; its data is removed at the end."""
    with TemporaryDirectory(prefix="obscode-") as folder:
        root = Path(folder)
        config = root / "prometheus.yml"
        config.write_text("global: {}\n", encoding="utf-8")
        port = free_port()
        with prometheus(tool, config, root / "data", port, *_FLAGS):
            server = SimulatedServer(f"http://{LOOPBACK}:{port}")
            try:
                yield server
            finally:
                server.close()
