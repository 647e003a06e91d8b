"""The catalog, the namespace `obscode.metrics`: what a service exposes, with type, labels and buckets."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
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
    """A metric whose type is not known, and the base of the types.

    Attributes:
        name: the name as the client library declares it; of a counter with its suffix `_total`.
        labels: the names of the labels that the service sets; `job` and `instance` are Prometheus' own. A dictionary
            has all values that a label can have, such as `{"code": ["200", "500"], "path": []}`; an empty list stands
            for any.
        help: what the metric counts or measures.
        unit: the unit of the values, such as `seconds` or `bytes`; by default it follows from the name.
        more_labels: True if there may be further labels, as in a scrape that shows no sample of the metric.
        observed: values of labels that a scrape showed; there may be others.
    """

    name: str
    _: KW_ONLY
    labels: Sequence[str] | Mapping[str, Sequence[str]] = ()
    help: str = ""
    unit: str = ""
    more_labels: bool = False
    observed: Mapping[str, Sequence[str]] = field(default_factory=dict)

    #: Labels that the exposition format adds.
    reserved = frozenset[str]()
    metric_names = ("name",)
    label_names = ("labels",)

    def __post_init__(self) -> None:
        super().__post_init__()
        for name in ("labels", "observed"):
            if (values := vars(self)[name]) and isinstance(values, dict):
                items = values.items()
                vars(self)[name] = {label: tuple(each) if isinstance(each, list) else each for label, each in items}

    def series(self) -> tuple[str, ...]:
        """The series names that a scrape shows."""
        return (self.name,)

    def label_values(self) -> Mapping[str, frozenset[str]]:
        """All values of the labels whose values are declared, by label."""
        values = self.labels if isinstance(self.labels, Mapping) else {}
        return {label: frozenset(each) for label, each in values.items() if each}

    def has_other_type(self, kind: type[Metric]) -> bool:
        """True if the type is known and is not this one."""
        return type(self) is not Metric and not isinstance(self, kind)

    def problems(self) -> Iterator[Finding]:
        if wrong := validate_metric_name(self.name):
            yield self.finding(codes.METRIC_NAME, *wrong, at="name")
        names = tuple(self.labels)
        for i, label in enumerate(names):
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
            elif label in names[:i]:
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
        if not self.native and not bounds and not self.more_labels:
            yield self.finding(
                codes.HISTOGRAM_BUCKETS, "a classic histogram without buckets", "list the upper bounds", at="buckets"
            )
        if any(left >= right for left, right in pairwise(bounds)):
            yield self.finding(
                codes.HISTOGRAM_BUCKETS, "the buckets do not ascend", "list each bound once, in order", at="buckets"
            )


class Exposition(tuple[Metric, ...]):
    """The metrics of an exposition; as `metrics=` of a service they are a complete catalog, in a list they are not."""
