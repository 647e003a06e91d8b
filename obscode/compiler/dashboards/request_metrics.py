"""The metrics of a service's requests in its catalog: counters and durations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from obscode.compiler.inference.series import SeriesCatalog
from obscode.compiler.slo_plan import service_matchers
from obscode.model.metrics import Counter, Histogram, Metric
from obscode.model.scrape.target_labels import labels_of_targets
from obscode.model.service import Service
from obscode.promql.selector import Matcher, Selector
from obscode.promql.tokens import label_text
from obscode.promql.types.quantity import COUNT

# Labels for the outcome of a request in common instrumentations.
_OUTCOME_LABELS = (
    *("status", "code", "status_code", "http_status", "http_status_code", "response_code"),
    *("http_response_status_code", "status_class", "grpc_code", "grpc_status", "rpc_grpc_status_code"),
)
_DURATION_UNITS = {"s", "ms", "\u00b5s", "ns", "m", "h"}
_WINDOW = "$__rate_interval"
_M = TypeVar("_M", bound=Metric)


@dataclass(frozen=True)
class RequestMetrics:
    """The metrics of a service's requests; metrics that an SLI reads come first.

    ``instances`` are matchers for the instances that a reader selects.
    """

    service: Service
    instances: Sequence[Matcher] = ()

    @cached_property
    def counters(self) -> list[Counter]:
        """Counters with a label for the outcome."""
        counting = [m for m in self.service.metrics if isinstance(m, Counter) and unit_of(m) == COUNT]
        return self._read_first([m for m in counting if outcome(m)])

    @cached_property
    def durations(self) -> list[Histogram]:
        """Histograms of durations."""
        return self._read_first(
            [m for m in self.service.metrics if isinstance(m, Histogram) and unit_of(m) in _DURATION_UNITS]
        )

    def read(self, metric: Metric) -> bool:
        """True if an SLI reads the metric."""
        return not self._reads.isdisjoint(metric.series())

    @cached_property
    def _reads(self) -> set[str]:
        return {series for slo in self.service.slos for series in slo.sli.reads()}

    def _read_first(self, metrics: list[_M]) -> list[_M]:
        return sorted(metrics, key=lambda metric: not self.read(metric))

    def rate(self, metric: Metric, *by: str) -> str:
        """Requests per second; for a histogram, observations per second."""
        if isinstance(metric, Histogram):
            return self._observations(metric, *by)
        return _sum(self.rates(metric.name), *by)

    def rates(self, name: str) -> str:
        """The rate of each series of a counter."""
        return f"rate({self.selector(name)}[{_WINDOW}])"

    def _observations(self, histogram: Histogram, *by: str) -> str:
        if histogram.native:
            return f"histogram_count({_sum(self.rates(histogram.name), *by)})"
        return _sum(self.rates(f"{histogram.name}_count"), *by)

    def quantile(self, histogram: Histogram, at: float, *by: str) -> str:
        """A quantile of a histogram, such as 0.99."""
        return f"histogram_quantile({at:.10g}, {self.buckets(histogram, *by)})"

    def buckets(self, histogram: Histogram, *by: str) -> str:
        """The rates of a histogram's buckets."""
        if histogram.native:
            return _sum(self.rates(histogram.name), *by)
        return _sum(self.rates(f"{histogram.name}_bucket"), *by, "le")

    def selector(self, name: str, *more: Matcher) -> Selector:
        """The series of the service and of the selected instances."""
        return Selector(name, (*more, *service_matchers(self.service), *self.instances))


def targets(service: Service) -> Selector | None:
    """The `up` series of all targets of a service, if it is scraped."""
    jobs = tuple(matcher for matcher in service_matchers(service) if matcher.label == "job")
    labels = [labels_of_targets(job) for job in service.scrape_jobs()]  # None: of a job that may have any
    where = [
        matcher
        for matcher in service.target_matchers()
        if matcher not in jobs and all(each is None or matcher.label in each for each in labels)
    ]
    return Selector("up", (*jobs, *where)) if jobs and service.job_names() else None


def unit_of(metric: Metric) -> str:
    """The unit of a metric's values: one of Grafana's, COUNT, or empty if it is unknown."""
    return SeriesCatalog.of([metric]).series(metric.series()[0]).unit


def outcome(metric: Metric) -> str:
    """The label for the outcome of a request, such as `status`, or empty."""
    return next((label for label in metric.labels if label in _OUTCOME_LABELS), "")


def _sum(expr: str, *by: str) -> str:
    return f"sum by ({', '.join(map(label_text, by))}) ({expr})" if by else f"sum({expr})"
