"""The ratio of slow requests, from a native histogram."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from obscode.findings.finding import Finding
from obscode.model import codes
from obscode.model.metrics import Histogram
from obscode.model.sli.base import Events, LongerWindow, aggregated
from obscode.model.sli.latency import Latency
from obscode.promql.parser import parse_selector
from obscode.promql.selector import Matcher


@dataclass(frozen=True)
class NativeLatency(Latency):
    """Requests slower than ``under`` are bad, from a native histogram.

    Prometheus interpolates within buckets, so every limit is possible. Prometheus 2 requires
    `--enable-feature=native-histograms`.

    Attributes:
        histogram: the histogram's name, with matchers if needed.
        under: the limit, a duration such as `300ms` or `2.5s`.
    """

    def events(self, window: str, where: Sequence[Matcher] = (), longer: Sequence[LongerWindow] = ()) -> Events:
        selector = parse_selector(self.histogram).with_matchers(*where)
        requests = aggregated("sum", self.by, f"increase({selector}[{window}])")
        total = f"histogram_count({requests})"
        # Without requests, the fraction is NaN, which the comparison drops.
        slow = f"(histogram_fraction({self.bound():f}, Inf, {requests}) >= 0)"
        return Events(f"{total}\n*\n{slow}", total)

    def flow(self, good: float, bad: float, where: Sequence[Matcher] = ()) -> None:
        """None: promtool 2 reads no histograms in its input."""

    def reads(self) -> Sequence[str]:
        return [parse_selector(self.histogram).metric]

    def _unfit(self, histogram: Histogram) -> Iterator[Finding]:
        if not histogram.native:
            message = f"{histogram.name} is a classic histogram"
            hint = "write sli.Latency(...), or declare the histogram with native=True"
            yield self.finding(codes.SLI_METRIC, message, hint, at="histogram")
