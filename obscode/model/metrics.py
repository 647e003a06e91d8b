"""The catalog, the namespace `obscode.metrics`: what a service exposes, with type, labels and buckets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import KW_ONLY, dataclass
from itertools import pairwise
from math import inf

from obscode.findings.finding import Finding
from obscode.model import codes
from obscode.model.definition import Definition
from obscode.model.identifiers import validate_label_name, validate_metric_name

__all__ = ["DEFAULT_BUCKETS", "Counter", "Gauge", "Histogram", "Metric", "Summary"]

#: The buckets of the Prometheus client libraries, in seconds.
DEFAULT_BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0)


@dataclass(frozen=True)
class Metric(Definition):
    """Base of the metric types.

    Attributes:
        name: the name as the client library declares it; of a counter with its suffix `_total`.
        labels: the names of the labels that the service sets; `job` and `instance` are Prometheus' own.
        help: what the metric counts or measures.
        unit: the unit of the values, such as `seconds` or `bytes`; by default it follows from the name.
    """

    name: str
    _: KW_ONLY
    labels: Sequence[str] = ()
    help: str = ""
    unit: str = ""

    #: Labels that the exposition format adds.
    reserved = frozenset[str]()
    metric_names = ("name",)
    label_names = ("labels",)

    def series(self) -> tuple[str, ...]:
        """The series names that a scrape shows."""
        return (self.name,)

    def problems(self) -> Iterator[Finding]:
        if wrong := validate_metric_name(self.name):
            yield self.finding(codes.METRIC_NAME, *wrong, at="name")
        for i, label in enumerate(self.labels):
            if wrong := validate_label_name(label):
                yield self.finding(codes.LABEL_NAME, *wrong, at="labels", item=i)
            elif label in self.reserved:
                yield self.finding(
                    codes.LABEL_NAME,
                    f"label {label!r} is added by the {type(self).__name__.lower()} itself",
                    "leave it out of the labels",
                    at="labels",
                    item=i,
                )
            elif label in self.labels[:i]:
                yield self.finding(
                    codes.LABEL_NAME, f"label {label!r} is a duplicate", "remove one of them", at="labels", item=i
                )


@dataclass(frozen=True)
class Counter(Metric):
    """A number that only grows, until its process restarts."""


@dataclass(frozen=True)
class Gauge(Metric):
    """A number that goes up and down."""


@dataclass(frozen=True)
class Summary(Metric):
    """Observations with quantiles that the client computes; quantiles cannot be aggregated.

    Attributes:
        quantiles: the quantiles, from 0 to 1.
    """

    quantiles: Sequence[float] = ()
    reserved = frozenset({"quantile"})

    def series(self) -> tuple[str, ...]:
        return (self.name, f"{self.name}_sum", f"{self.name}_count")

    def problems(self) -> Iterator[Finding]:
        yield from super().problems()
        for i, quantile in enumerate(self.quantiles):
            if not 0 <= quantile <= 1:
                yield self.finding(
                    codes.SUMMARY_QUANTILE,
                    f"quantile {quantile!r} is outside 0 to 1",
                    "write 0.99 for p99",
                    at="quantiles",
                    item=i,
                )


@dataclass(frozen=True)
class Histogram(Metric):
    """Observations counted in buckets.

    Attributes:
        buckets: the upper bounds in the metric's unit, ascending, without `+Inf`; by default the client libraries'.
        native: True for a native histogram, which has no declared buckets.
    """

    buckets: Sequence[float] = DEFAULT_BUCKETS
    native: bool = False
    reserved = frozenset({"le"})

    def series(self) -> tuple[str, ...]:
        if self.native:
            return (self.name,)
        return tuple(self.name + suffix for suffix in ("_bucket", "_sum", "_count"))

    def bounds(self) -> tuple[float, ...]:
        """The finite upper bounds, ascending."""
        return tuple(bound for bound in self.buckets if bound != inf)

    def problems(self) -> Iterator[Finding]:
        yield from super().problems()
        bounds = self.bounds()
        if not self.native and not bounds:
            yield self.finding(
                codes.HISTOGRAM_BUCKETS, "a classic histogram without buckets", "list the upper bounds", at="buckets"
            )
        if any(left >= right for left, right in pairwise(bounds)):
            yield self.finding(
                codes.HISTOGRAM_BUCKETS, "the buckets do not ascend", "list each bound once, in order", at="buckets"
            )
