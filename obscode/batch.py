"""Metrics of batch jobs: what a run found out, how long it took, and whether it failed.

This file is self-contained: it needs the standard library and `prometheus_client`, and imports nothing else of obscode.
Use it with `pip install obscode`, or copy it into the job.

    from obscode.batch import BatchRun

    with BatchRun("model-evaluation", gateway="http://pushgateway:9091") as run:
        run.gauge("model_accuracy_ratio", accuracy, "Share of correct predictions.", model="fraud")
        run.sample_size = len(labels)

A run pushes gauges only. A Pushgateway replaces values and never adds: a counter of it has no meaning, and `rate()` of
one is zero or wrong. It keeps the values of the last run until the next one, so that a job that does not run any more
looks like one that does; `presets.batch_job` has the alerts that tell them apart.

| gauge | when | meaning |
|---|---|---|
| `batch_job_last_start_timestamp_seconds` | start | when the last run started |
| `batch_job_last_end_timestamp_seconds` | end | when the last run ended, also if it failed |
| `batch_job_last_run_failed` | end | 1 if the last run failed, else 0 |
| `batch_job_duration_seconds` | end | how long the last run took |
| `batch_job_last_success_timestamp_seconds` | success | when the last run ended that did not fail |
| `batch_job_sample_size` | success | the number of samples that the results are about, if the run sets it |

A success replaces everything that earlier runs pushed (PUT). A failure leaves the results and the time of the last
success as they are (POST).
"""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Iterable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Protocol

from prometheus_client import CollectorRegistry, Gauge, generate_latest, push_to_gateway, pushadd_to_gateway
from prometheus_client.exposition import default_handler
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector

__all__ = ["BatchRun"]

_TIMEOUT = 30.0  # seconds
# Names that Prometheus gives to the series of counters, histograms and summaries.
_OTHER_TYPES = ("_total", "_bucket", "_count", "_sum")


class BatchRun:
    """A run of a batch job, as a context manager. Exceptions of the job are pushed as a failure and raised again.

    Exceptions of the push itself are raised: a result that nobody sees is a failure of the job.
    """

    def __init__(
        self,
        job: str,
        *,
        gateway: str = "",
        textfile: str | os.PathLike[str] = "",
        labels: dict[str, str] | None = None,
        timeout: float = _TIMEOUT,
        handler: Any = None,
    ) -> None:
        """
        Args:
            job: the name of the job, the value of the label `job` in a Pushgateway, and of `batch_job` in a text file.
            gateway: the URL of a Pushgateway.
            textfile: instead of a gateway, the folder of the node exporter's textfile collector.
            labels: further labels of all gauges, such as the name of the model. In a Pushgateway, they are the key
                under which values are replaced.
            timeout: the time in seconds after which a push fails.
            handler: a handler of `prometheus_client`, such as one with authentication.
        """
        if bool(gateway) == bool(textfile):
            raise ValueError("write gateway= or textfile=, and not both")
        if not job or "/" in job:
            raise ValueError(f"{job!r} is not the name of a job")
        self.sample_size: float | None = None
        self._target: _Target = (
            _Gateway(gateway, job, labels or {}, timeout, handler)
            if gateway
            else _Textfile(Path(textfile), job, labels or {})
        )
        self._results = CollectorRegistry()
        self._gauges: dict[str, Gauge] = {}
        self._start = 0.0

    def gauge(self, name: str, value: float, help: str, **labels: str) -> None:
        """A result of the run. Results are pushed together when the run succeeds.

        Args:
            name: the name of the gauge, with its unit: `model_accuracy_ratio`.
            value: the value.
            help: what the gauge means.
            labels: labels of this value; each call with the same name has the same labels.
        """
        if name.endswith(_OTHER_TYPES):
            raise ValueError(f"{name} is the name of a counter or a histogram; a batch job pushes gauges")
        if name not in self._gauges:
            self._gauges[name] = Gauge(name, help, sorted(labels), registry=self._results)
        gauge = self._gauges[name]
        (gauge.labels(**labels) if labels else gauge).set(value)

    def __enter__(self) -> BatchRun:
        self._start = time.time()
        self._target.add("start", self._started())
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        end = time.time()
        if error is None:
            self._add_success(end)
            parts = {"start": self._started(), "end": self._ended(end, failed=False), "results": self._results}
            self._target.replace(parts)
            return
        try:
            self._target.add("end", self._ended(end, failed=True))
        except Exception as push_error:
            error.add_note(f"the failure of the job was not pushed: {push_error}")

    def _started(self) -> CollectorRegistry:
        registry = CollectorRegistry()
        _set(registry, "last_start_timestamp_seconds", "When the last run started.", self._start)
        return registry

    def _ended(self, end: float, *, failed: bool) -> CollectorRegistry:
        registry = CollectorRegistry()
        _set(registry, "last_end_timestamp_seconds", "When the last run ended.", end)
        _set(registry, "last_run_failed", "1 if the last run failed, else 0.", float(failed))
        _set(registry, "duration_seconds", "How long the last run took.", end - self._start)
        return registry

    def _add_success(self, end: float) -> None:
        _set(self._results, "last_success_timestamp_seconds", "When the last run ended that did not fail.", end)
        if self.sample_size is not None:
            _set(self._results, "sample_size", "The samples that the results are about.", self.sample_size)


def _set(registry: CollectorRegistry, name: str, help: str, value: float) -> None:
    Gauge(f"batch_job_{name}", help, registry=registry).set(value)


class _Target(Protocol):
    """Where gauges are pushed. A part has names of its own, so that it can be replaced alone."""

    def add(self, part: str, registry: CollectorRegistry) -> None:
        """Replace the gauges of a part, and leave the others."""

    def replace(self, parts: Mapping[str, CollectorRegistry]) -> None:
        """Replace all gauges of the job."""


class _Gateway:
    """A Pushgateway."""

    def __init__(self, url: str, job: str, labels: Mapping[str, str], timeout: float, handler: Any) -> None:
        self._url, self._job, self._key = url, job, dict(labels)
        self._options = (timeout, handler or default_handler)

    def add(self, part: str, registry: CollectorRegistry) -> None:
        pushadd_to_gateway(self._url, self._job, registry, self._key, *self._options)

    def replace(self, parts: Mapping[str, CollectorRegistry]) -> None:
        push_to_gateway(self._url, self._job, _joined(parts.values(), {}), self._key, *self._options)


class _Textfile:
    """The folder of a textfile collector, with a file for each part: the collector rejects a series in two files."""

    def __init__(self, folder: Path, job: str, labels: Mapping[str, str]) -> None:
        self._folder, self._labels = folder, {"batch_job": job, **labels}

    def add(self, part: str, registry: CollectorRegistry) -> None:
        name = "-".join([*(value.replace("/", "_") for value in self._labels.values()), part])
        text = generate_latest(_joined([registry], self._labels))
        # In one step: the collector reads no half of a file. It ignores other names than *.prom.
        with tempfile.NamedTemporaryFile(dir=self._folder, suffix=".new", delete=False) as file:
            file.write(text)
        temporary = Path(file.name)
        temporary.chmod(0o644)  # the collector runs as another user
        temporary.replace(self._folder / f"{name}.prom")

    def replace(self, parts: Mapping[str, CollectorRegistry]) -> None:
        for part, registry in parts.items():
            self.add(part, registry)


class _Joined(Collector):
    """The metrics of several registries, with further labels."""

    def __init__(self, registries: Iterable[CollectorRegistry], labels: Mapping[str, str]) -> None:
        self._registries, self._labels = list(registries), labels

    def collect(self) -> Iterable[Metric]:
        for registry in self._registries:
            for metric in registry.collect():
                metric.samples = [s._replace(labels={**s.labels, **self._labels}) for s in metric.samples]
                yield metric


def _joined(registries: Iterable[CollectorRegistry], labels: Mapping[str, str]) -> CollectorRegistry:
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Joined(registries, labels))
    return registry
