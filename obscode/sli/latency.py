"""The share of requests that took too long, from a classic histogram."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from obscode import duration
from obscode.errors import Finding
from obscode.metrics import Histogram, Metric
from obscode.promql import Matcher, read_selector
from obscode.sli.base import SLI, Events, grouped
from obscode.sli.bound import le_pattern, nearest, unit_of


@dataclass(frozen=True)
class Latency(SLI):
    """Requests slower than ``under`` are bad; ``histogram`` is the base name, with matchers if need be.

    ``under`` must be a bucket bound, since a classic histogram knows nothing between its bounds.
    """

    histogram: str
    under: str

    def bound(self) -> Decimal:
        """The threshold in the histogram's own unit, told by the metric's name."""
        length = Decimal(duration.milliseconds(self.under))
        return length / unit_of(read_selector(self.histogram).metric)

    def events(self, window: str, where: Sequence[Matcher] = ()) -> Events:
        selector = read_selector(self.histogram).narrowed(*where)
        count = selector.renamed(f"{selector.metric}_count")
        fast = selector.renamed(f"{selector.metric}_bucket").narrowed(Matcher("le", "=~", le_pattern(self.bound())))
        total = f"{grouped('sum', self.by)} (increase({count}[{window}]))"
        good = f"{grouped('sum', self.by)} (increase({fast}[{window}]))"
        # No `or` here: a bound that does not exist must give no sample, never a ratio of 0 or 1.
        return Events(f"{total} - {good}", total)

    def reads(self) -> Sequence[str]:
        metric = read_selector(self.histogram).metric
        return [f"{metric}_bucket", f"{metric}_count"]

    def problems(self) -> Iterator[Finding]:
        yield from super().problems()
        yield from self._selector_problems("histogram")
        if wrong := duration.problem(self.under):
            yield self.finding("duration", *wrong, at="under")

    def mismatches(self, catalog: Sequence[Metric]) -> Iterator[Finding]:
        name = read_selector(self.histogram).metric
        for metric in catalog:
            if metric.name == name and not isinstance(metric, Histogram):
                kind = type(metric).__name__.lower()
                yield self.finding("latency-histogram", f"{name} is a {kind}", "name a histogram", at="histogram")
            elif metric.name == name and isinstance(metric, Histogram) and not metric.native:
                yield from self._off_bounds(metric)

    def _off_bounds(self, histogram: Histogram) -> Iterator[Finding]:
        bounds = [Decimal(str(b)) for b in histogram.bounds()]
        if self.bound() in bounds:
            return
        hint = nearest(self.bound(), bounds, unit_of(histogram.name))
        yield self.finding("latency-bound", f"{self.under} is no bucket bound of {histogram.name}", hint, at="under")
