"""What an HTTP middleware exposes: the metrics, and the part that each one plays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, replace

from obscode.model.metrics import Histogram, Metric
from obscode.presets.exporter import Exporter
from obscode.presets.fault_alerts import MINUTES, growing
from obscode.presets.several_workers import PROCESS_START, goes_back


@dataclass(frozen=True)
class Restarts:
    """How restarts are seen. The texts have no matchers of the service.

    Attributes:
        condition: PromQL that has samples while the service restarts again and again.
        count: PromQL of the number of restarts within an hour, for a panel.
        legend: the legend of the panel.
        whose: who restarts, in a summary.
        fires: series of a unit test with restarts.
        quiet: series of a unit test without.
        for_: how long the condition holds before the alert fires, a duration.
    """

    condition: str
    count: str
    legend: str
    whose: str
    fires: Mapping[str, str]
    quiet: Mapping[str, str]
    for_: str = "0s"


@dataclass(frozen=True)
class Dialect:
    """An HTTP middleware. Parts that it does not have are empty; names have no matchers.

    Attributes:
        name: the name, as `http_service` takes it.
        program: the name of the middleware, as its documentation writes it.
        version: whose metrics these are.
        source: the URL of its documentation.
        prefix: of the names, which the middleware can replace.
        catalog: the metrics.
        requests: the counter of requests.
        latency: the histogram of the time of a request.
        fine_latency: a histogram with more bounds and no labels, beside `latency`.
        status: the label with the status.
        route: the label with the route.
        in_progress: the gauge of requests in progress.
        add_bound: what to write for one more bound of the histogram.
        restarts: how restarts are seen.
    """

    name: str
    program: str
    version: str
    _: KW_ONLY
    source: str
    catalog: Sequence[Metric]
    requests: str
    latency: str
    status: str
    route: str
    restarts: Restarts
    add_bound: str
    prefix: str = ""
    fine_latency: str = ""
    in_progress: str = ""

    def renamed(self, prefix: str) -> Dialect:
        """The dialect with another prefix; the metrics of the process have none."""
        if not prefix or prefix == self.prefix:
            return self

        def name(text: str) -> str:
            return text if not text or text == PROCESS_START.name else prefix + text.removeprefix(self.prefix)

        restarts = self.restarts
        if self.requests in restarts.condition:
            restarts = counter_restarts(name(self.requests))
        return replace(
            self,
            prefix=prefix,
            catalog=[metric.derive(name=name(metric.name)) for metric in self.catalog],
            requests=name(self.requests),
            latency=name(self.latency),
            fine_latency=name(self.fine_latency),
            in_progress=name(self.in_progress),
            restarts=restarts,
        )

    def exporter(self) -> Exporter:
        """How the middleware is recognised."""
        counter = self.requests.removesuffix("_count")
        marks = dict.fromkeys(filter(None, [counter, self.latency, self.fine_latency]))
        return Exporter(
            self.program,
            self.version,
            preset="http_service",
            arguments={"dialect": self.name},
            catalog=self.catalog,
            marks=tuple(marks),
            prefix=self.prefix,
            histogram=self.latency,
            source=self.source,
        )

    def with_buckets(self, bounds: Sequence[float]) -> Dialect:
        """The dialect of a middleware whose `latency` has other bounds, in its unit."""
        if not bounds:
            return self
        other = self.histogram(self.latency).derive(buckets=tuple(bounds))
        return replace(self, catalog=[other if metric.name == self.latency else metric for metric in self.catalog])

    def histogram(self, name: str) -> Histogram:
        """A histogram of the catalog."""
        return next(metric for metric in self.catalog if metric.name == name and isinstance(metric, Histogram))

    def has(self, label: str, name: str) -> bool:
        """True if the series of a metric have a label."""
        return any(label in metric.labels for metric in self.catalog if name in (metric.name, *metric.series()))


def process_restarts() -> Restarts:
    """Restarts of a process that exposes its start, which then only grows.

    If the target has several workers, it also changes with each scrape that reaches another one. They start together,
    unless one of them was replaced; then the start goes back and forth.
    """
    started = PROCESS_START.name
    return Restarts(
        f"changes({started}[30m]) > 2\nand\nmax_over_time({started}[30m]) - min_over_time({started}[30m]) > 60\n"
        f"unless\n{goes_back('30m')}",
        f"changes({started}[1h])\nunless\n{goes_back('1h')}",
        "{{instance}}",
        "{{ $labels.instance }}",
        fires={started: "0x8 500x8 1000x8 1500x40"},
        quiet={started: " ".join(["0", "600"] * (MINUTES // 2))},
    )


def counter_restarts(counter: str) -> Restarts:
    """Restarts of several workers that have no start: their counters begin again."""
    return Restarts(
        f"max by (instance) (resets({counter}[30m])) > 2",
        f"max by (instance) (resets({counter}[1h]))",
        "{{instance}}",
        "{{ $labels.instance }}",
        fires={counter: "0+1x8 0+1x8 0+1x8 0+1x40"},
        quiet={counter: growing(100)},
    )
