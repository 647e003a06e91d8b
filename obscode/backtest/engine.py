"""A Prometheus on loopback that holds recorded series while a backtest runs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import NamedTuple

from obscode.backtest.schedule import Instant
from obscode.clients.empty_prometheus import WritablePrometheus, empty_prometheus
from obscode.clients.remote_write import STALE, SampleEncoder, encode_series
from obscode.toolchain import Tool, find_all, require

_FLAGS = ("--query.timeout=1h", "--query.max-samples=500000000")
_TIMEOUT = 600.0
_MOST_SAMPLES = 200_000  # of a series in one request


class Written(NamedTuple):
    """A series with samples in the order of their times; ``ended`` are the times of staleness markers."""

    labels: Mapping[str, str]
    samples: Sequence[tuple[Instant, float]]
    ended: Sequence[Instant] = ()


class Engine:
    """A running Prometheus that takes samples."""

    def __init__(self, client: WritablePrometheus) -> None:
        self.client = client
        self._encoder = SampleEncoder()

    def write(self, series: Iterable[Written]) -> None:
        """Store samples; raises ServerError."""
        self.client.write(encoded for each in series for encoded in self._encoded(each))

    def _encoded(self, series: Written) -> Iterator[bytes]:
        samples = [*series.samples, *((time, STALE) for time in series.ended)]
        if series.ended:
            samples.sort(key=lambda sample: sample[0])
        for start in range(0, len(samples), _MOST_SAMPLES):
            yield encode_series(series.labels, self._encoder.encode(samples[start : start + _MOST_SAMPLES]))


@contextmanager
def engine(tool: Tool, interval: int, flags: Mapping[str, str]) -> Iterator[Engine]:
    """Run a Prometheus without data; ``interval`` in milliseconds is the step of subqueries without one.

    ``flags`` are those of the server that change how expressions are evaluated.
    """
    options = [*_FLAGS, *(f"--{flag}={value}" for flag, value in flags.items())]
    with empty_prometheus(tool, interval=interval, flags=options, timeout=_TIMEOUT) as client:
        yield Engine(client)


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
