"""The ratio of slow requests, from a classic histogram."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from decimal import Decimal
from typing import ClassVar, Self

from obscode.findings.finding import Finding
from obscode.model import codes
from obscode.model.metrics import Histogram, Metric
from obscode.model.sli.base import SLI, Events, LongerWindow, aggregated, counted
from obscode.model.sli.buckets import TimeUnit, has_unit, le_matcher, milliseconds_in, nearest, time_unit, unit_of
from obscode.model.sli.sample_series import CounterIncrements, sample_series
from obscode.promql import duration
from obscode.promql.duration import Duration
from obscode.promql.parser import parse_selector
from obscode.promql.selector import Matcher, Selector


@dataclass(frozen=True)
class Latency(SLI):
    """Requests slower than ``under`` are bad, from a classic histogram.

    Attributes:
        histogram: the histogram's name without `_bucket`, with matchers if needed.
        under: the limit, a duration such as `300ms` or `2.5s`; it must be a bucket bound, since a classic histogram has
            no values between bounds.
        histogram_unit: the unit of the histogram's values, such as `microseconds`; by default that which the metric
            declares (`unit=`), else that of its name, else seconds.
    """

    histogram: str
    under: Duration
    _: KW_ONLY
    histogram_unit: TimeUnit = ""

    unit: ClassVar[str] = "requests"
    reads_counters: ClassVar[bool] = True

    def bound(self) -> Decimal:
        """The threshold in the unit of the histogram."""
        return duration.limit_milliseconds(self.under) / self._milliseconds()

    def _milliseconds(self) -> Decimal:
        """Milliseconds in the unit of the histogram."""
        if self.histogram_unit:
            return milliseconds_in(self.histogram_unit)
        return unit_of(parse_selector(self.histogram).metric)

    def in_unit_of(self, catalog: Sequence[Metric]) -> Self:
        declared = [metric for metric in catalog if isinstance(metric, Histogram) and time_unit(metric.unit)]
        if self.histogram_unit or not declared or any(self._selector_problems("histogram")):
            return self
        name = parse_selector(self.histogram).metric
        unit = next((time_unit(metric.unit) for metric in declared if metric.name == name), "")
        return self.derive(histogram_unit=unit) if unit and milliseconds_in(unit) != unit_of(name) else self

    def latency_bound(self) -> float:
        return float(self.bound())

    def events(self, window: str, where: Sequence[Matcher] = (), longer: Sequence[LongerWindow] = ()) -> Events:
        count, fast = self._count(window, where, longer), self._fast(window, where, longer)
        # `and`: without the bucket, no requests are counted, so a missing bound yields no samples.
        return Events(f"{count}\n-\n{fast}", f"{count}\nand\n{fast}", complete=True)

    def _count(self, window: str, where: Sequence[Matcher], longer: Sequence[LongerWindow]) -> str:
        selector = parse_selector(self.histogram).with_matchers(*where)
        return aggregated("sum", self.by, counted(selector.renamed(f"{selector.metric}_count"), window, longer))

    def _fast(self, window: str, where: Sequence[Matcher], longer: Sequence[LongerWindow]) -> str:
        selector = parse_selector(self.histogram).with_matchers(*where, le_matcher(self.bound()))
        return aggregated("sum", self.by, counted(selector.renamed(f"{selector.metric}_bucket"), window, longer))

    def flow(self, good: float, bad: float, where: Sequence[Matcher] = ()) -> CounterIncrements | None:
        selector = parse_selector(self.histogram).with_matchers(*where)
        count, bucket = (selector.renamed(f"{selector.metric}_{kind}") for kind in ("count", "bucket"))
        fast = bucket.with_matchers(Matcher("le", "=", f"{self.bound():f}"))
        slow = bucket.with_matchers(Matcher("le", "=", "+Inf"))
        return sample_series((count, good + bad, None), (fast, good, None), (slow, good + bad, None))

    def reads(self) -> Sequence[str]:
        metric = parse_selector(self.histogram).metric
        return [f"{metric}_bucket", f"{metric}_count"]

    def latency_bounds(self) -> Sequence[tuple[Selector, Decimal]]:
        return [(parse_selector(self.histogram), self.bound())]

    def selectors(self) -> Mapping[str, Sequence[Selector]]:
        return {"histogram": [parse_selector(self.histogram)]}

    def problems(self) -> Iterator[Finding]:
        yield from super().problems()
        wrong_selector = list(self._selector_problems("histogram"))
        yield from wrong_selector or self._base_name_problems()
        if wrong := duration.validate_limit(self.under):
            yield self.finding(codes.DURATION, *wrong, at="under")

    def _base_name_problems(self) -> Iterator[Finding]:
        selector = parse_selector(self.histogram)
        base = selector.metric.removesuffix("_bucket")
        retained = tuple(m for m in selector.matchers if m.label != "le")
        if base != selector.metric or retained != selector.matchers:
            better = str(type(selector)(base, retained))
            message = f"{self.histogram!r} selects buckets; obscode adds _bucket and le itself"
            yield self.finding(codes.SLI_METRIC, message, f"write {better!r}", at="histogram")

    def catalog_findings(self, catalog: Sequence[Metric]) -> Iterator[Finding]:
        name = parse_selector(self.histogram).metric
        for metric in catalog:
            if metric.name == name and metric.has_other_type(Histogram):
                yield self._type_mismatch(metric, "name a histogram", at="histogram")
            elif metric.name == name and isinstance(metric, Histogram):
                yield from self._unfit(metric)

    def _unfit(self, histogram: Histogram) -> Iterator[Finding]:
        if histogram.native:
            message = f"{histogram.name} is a native histogram, which has no bucket series"
            yield self.finding(codes.SLI_METRIC, message, "write sli.NativeLatency(...)", at="histogram")
        elif histogram.bounds() and float(self.bound()) not in map(float, histogram.bounds()):
            hint = nearest(self.bound(), histogram.bounds(), self._milliseconds())
            if not self.histogram_unit and not has_unit(histogram.name):
                hint += '; for values that are not seconds, histogram_unit="milliseconds" or another unit'
            message = f"{self.under} is not a bucket bound of {histogram.name}"
            yield self.finding(codes.LATENCY_BOUND, message, hint, at="under")
