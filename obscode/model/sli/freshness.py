"""The ratio of time in which the last success was recent, from a timestamp metric."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import ClassVar

from obscode.findings.finding import Finding
from obscode.model import codes
from obscode.model.sli.base import Events, LongerWindow, aggregated
from obscode.model.sli.buckets import SECOND, unit_of
from obscode.model.sli.gauge import GaugeSLI
from obscode.promql import duration
from obscode.promql.duration import Duration
from obscode.promql.parser import parse_selector
from obscode.promql.selector import Matcher


@dataclass(frozen=True)
class Freshness(GaugeSLI):
    """A slice of time is bad if the last success is older than ``max_age``.

    A timestamp of 0, the initial value of client libraries, is stale.

    Attributes:
        gauge: the gauge with the Unix time of the last success, a selector; the newest of each group counts.
        max_age: the maximum age, a duration.
    """

    max_age: Duration

    unit: ClassVar[str] = "slices of time"
    is_sampled: ClassVar[bool] = False

    def gauge_sample(self, time: float, ratio: float, *, is_bad: bool) -> float:
        age = float(duration.limit_milliseconds(self.max_age) / SECOND) * (2 if is_bad else 0.3)
        return (time - age) / float(unit_of(parse_selector(self.gauge).metric) / SECOND)

    def events(self, window: str, where: Sequence[Matcher] = (), longer: Sequence[LongerWindow] = ()) -> Events:
        newest = aggregated("max", self.by, self._narrowed(where))
        seconds = duration.limit_milliseconds(self.max_age) / SECOND
        return Events(
            bad=f"time() - {newest}{self._in_seconds()} > bool {seconds:f}",
            total=f"{newest} >= bool -Inf",  # 0 for NaN
        )

    def _in_seconds(self) -> str:
        size = unit_of(parse_selector(self.gauge).metric) / SECOND
        return "" if size == 1 else f" * {size.normalize():f}"

    def problems(self) -> Iterator[Finding]:
        yield from super().problems()
        if wrong := duration.validate_limit(self.max_age):
            yield self.finding(codes.DURATION, *wrong, at="max_age")
