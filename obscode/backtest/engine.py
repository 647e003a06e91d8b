"""A Prometheus on loopback that holds recorded series while a backtest runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.error import HTTPError
from urllib.request import Request, urlopen

from obscode.backtest.remote_write import HEADERS, Written, requests
from obscode.backtest.schedule import Instant
from obscode.clients.errors import ServerError
from obscode.clients.prometheus import PrometheusClient
from obscode.toolchain import Tool, find_all, require
from obscode.verify import servers

_FLAGS = (
    "--web.enable-remote-write-receiver",
    # One block in memory takes samples of any age, in any order of the series.
    "--storage.tsdb.min-block-duration=10y",
    "--storage.tsdb.max-block-duration=10y",
    "--storage.tsdb.retention.time=100y",
    "--query.timeout=1h",
    "--query.max-samples=500000000",
    "--log.level=error",
)
_TIMEOUT = 600.0


class Engine:
    """A running Prometheus that takes samples."""

    def __init__(self, url: str) -> None:
        self.client = PrometheusClient(url, timeout=_TIMEOUT)
        self._times: dict[Instant, bytes] = {}

    def write(self, series: Iterable[Written]) -> None:
        """Store samples; raises ServerError."""
        for content in requests(series, self._times):
            request = Request(f"{self.client.url}/api/v1/write", content, HEADERS)
            try:
                with urlopen(request, timeout=_TIMEOUT):
                    pass
            except HTTPError as error:
                with error:
                    reason = error.read().decode(errors="replace").strip()
                    raise ServerError(f"the Prometheus of the backtest rejects samples: {reason}") from None


@contextmanager
def engine(tool: Tool, interval: int, flags: Mapping[str, str]) -> Iterator[Engine]:
    """Run a Prometheus without data; ``interval`` in milliseconds is the step of subqueries without one.

    ``flags`` are those of the server that change how expressions are evaluated.
    """
    with TemporaryDirectory(prefix="obscode-backtest-") as name:
        folder = Path(name)
        config = folder / "prometheus.yml"
        config.write_text(f"global:\n  evaluation_interval: {interval}ms\n", encoding="utf-8")
        options = [*_FLAGS, *(f"--{flag}={value}" for flag, value in flags.items())]
        with servers.prometheus(tool, config, folder / "data", servers.free_port(), *options) as url:
            yield Engine(url)


def tool_like(version: str) -> Tool:
    """The installed Prometheus that evaluates like a version: of the same major version, and the nearest.

    Prometheus 3 excludes the sample at the start of a window, and Prometheus 2 includes it. Raises ToolError without
    any Prometheus.
    """
    installed = find_all("prometheus") or [require("prometheus")]
    version_numbers = _numbers(version)
    same = [tool for tool in installed if tool.version_tuple[:1] == version_numbers[:1]]
    return min(same or installed[-1:], key=lambda tool: _distance(tool.version_tuple, version_numbers))


def _numbers(version: str) -> tuple[int, ...]:
    digits = version.lstrip("v").split("+")[0].split("-")[0].split(".")
    return tuple(int(part) for part in digits if part.isdigit())


def _distance(version: tuple[int, ...], other: tuple[int, ...]) -> tuple[int, ...]:
    return tuple(abs(a - b) for a, b in zip(version, other, strict=False))
