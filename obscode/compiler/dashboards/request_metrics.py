"""The metrics of a service's requests in its catalog: counters, durations and saturation."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TypeVar

from obscode.compiler.inference.series import SeriesCatalog
from obscode.compiler.slo_plan import service_matchers
from obscode.model.metrics import Counter, Gauge, Histogram, Metric
from obscode.model.service import Service
from obscode.promql.selector import Matcher, Selector
from obscode.promql.tokens import label_text
from obscode.promql.types.quantity import COUNT, name_words

# Labels for the outcome of a request in common instrumentations.
_OUTCOME_LABELS = (
    *("status", "code", "status_code", "http_status", "http_status_code", "response_code"),
    *("http_response_status_code", "status_class", "grpc_code", "grpc_status", "rpc_grpc_status_code"),
)
# Words in the names of gauges for saturation.
_SATURATION_WORDS = {
    *("queue", "queued", "waiting", "pending", "backlog", "inflight", "progress", "running", "busy"),
    *("saturation", "utilization", "util", "usage"),
}
_RATIO_UNITS = {"percentunit", "percent"}
_DURATION_UNITS = {"s", "ms", "\u00b5s", "ns", "m", "h"}
_WINDOW = "$__rate_interval"
_M = TypeVar("_M", bound=Metric)


@dataclass(frozen=True)
class RequestMetrics:
    """The metrics of a service's requests; metrics that an SLI reads come first."""

    service: Service

    @cached_property
    def counters(self) -> list[Counter]:
        """Counters with a label for the outcome."""
        counting = [m for m in self.service.metrics if isinstance(m, Counter) and self._unit(m) == COUNT]
        return self._read_first([m for m in counting if outcome(m)])

    @cached_property
    def durations(self) -> list[Histogram]:
        """Histograms of durations."""
        return self._read_first(
            [m for m in self.service.metrics if isinstance(m, Histogram) and self._unit(m) in _DURATION_UNITS]
        )

    @cached_property
    def saturation(self) -> Gauge | None:
        """The first gauge for saturation."""
        gauges = (metric for metric in self.service.metrics if isinstance(metric, Gauge))
        return next((gauge for gauge in gauges if not _SATURATION_WORDS.isdisjoint(name_words(gauge.name))), None)

    def fullness(self, gauge: Gauge) -> str:
        """The sum over all instances; for a ratio, the maximum."""
        how = "max" if self._unit(gauge) in _RATIO_UNITS else "sum"
        return f"{how}({self._selector(gauge.name)})"

    def _unit(self, metric: Metric) -> str:
        return SeriesCatalog.of([metric]).series(metric.series()[0]).unit

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
            return self._observations(metric)
        return _sum(f"rate({self._selector(metric.name)}[{_WINDOW}])", *by)

    def _observations(self, histogram: Histogram) -> str:
        if histogram.native:
            return f"histogram_count(sum(rate({self._selector(histogram.name)}[{_WINDOW}])))"
        return f"sum(rate({self._selector(f'{histogram.name}_count')}[{_WINDOW}]))"

    def quantile(self, histogram: Histogram, at: float) -> str:
        """A quantile of a histogram."""
        return f"histogram_quantile({at:g}, {self.buckets(histogram)})"

    def buckets(self, histogram: Histogram) -> str:
        """The rates of a histogram's buckets."""
        if histogram.native:
            return f"sum(rate({self._selector(histogram.name)}[{_WINDOW}]))"
        return _sum(f"rate({self._selector(f'{histogram.name}_bucket')}[{_WINDOW}])", "le")

    def targets(self) -> Selector | None:
        """The `up` series of the service, if it is scraped."""
        jobs = tuple(matcher for matcher in service_matchers(self.service) if matcher.label == "job")
        return Selector("up", jobs) if jobs and self.service.job_names() else None

    def _selector(self, name: str, *more: Matcher) -> Selector:
        return Selector(name, (*more, *service_matchers(self.service)))


def outcome(metric: Metric) -> str:
    """The label for the outcome of a request, such as `status`, or empty."""
    return next((label for label in metric.labels if label in _OUTCOME_LABELS), "")


def _sum(expr: str, *by: str) -> str:
    return f"sum by ({', '.join(map(label_text, by))}) ({expr})" if by else f"sum({expr})"
