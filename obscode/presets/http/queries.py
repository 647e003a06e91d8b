"""Selectors of an HTTP service in its dialect, and the histogram that has the limit of its latency."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from obscode.model.sli.buckets import SECOND, unit_of
from obscode.presets.bucket_limits import check_limit, nearest_bound, seconds_text, snapping_text
from obscode.presets.http.dialect import Dialect
from obscode.presets.selection import literal
from obscode.promql.selector import Matcher, Selector


@dataclass(frozen=True)
class Queries:
    """Selectors of the service's series: those of a label have it only if the metric does."""

    dialect: Dialect
    matchers: Sequence[Matcher]
    ignored_routes: Sequence[str]

    def select(self, metric: str, *more: Matcher) -> Selector:
        """The series of a metric, without those of ignored routes."""
        return Selector(metric, (*self.matchers, *self._counted(metric), *more))

    def _counted(self, metric: str) -> Iterator[Matcher]:
        route = self.dialect.route
        if self.ignored_routes and self.dialect.has(route, metric):
            one, *others = self.ignored_routes
            yield (
                Matcher(route, "!~", "|".join(map(literal, (one, *others)))) if others else Matcher(route, "!=", one)
            )

    def status(self, op: Literal["=~", "!="], value: str) -> Matcher:
        """A matcher of the status."""
        return Matcher(self.dialect.status, op, value)

    def total(self) -> Selector:
        """All requests."""
        return self.select(self.dialect.requests)

    def failed(self) -> Selector:
        """Requests that end with a server error."""
        return self.total().with_matchers(self.status("=~", "5.."))

    def successful(self, metric: str) -> Sequence[Matcher]:
        """Matchers of successful requests, if the metric has the status."""
        return [self.status("=~", "[23]..")] if self.dialect.has(self.dialect.status, metric) else []


@dataclass(frozen=True)
class Limit:
    """The limit of the latency, in seconds, and the histogram that has the nearest bound."""

    dialect: Dialect
    seconds: float

    @property
    def histogram(self) -> str:
        """The one with labels if it has the bound: requests of ignored routes are counted by the other one, too."""
        if not self.dialect.fine_latency or self._nearest(self.dialect.latency) == self.seconds:
            return self.dialect.latency
        return self.dialect.fine_latency

    @property
    def bound(self) -> float:
        """In seconds."""
        return self._nearest(self.histogram)

    def check(self, argument: str) -> None:
        """Raises ArgumentError if the limit is far from each bound."""
        check_limit(argument, self.seconds, self.histogram, self._bounds(self.histogram))

    def _nearest(self, histogram: str) -> float:
        return nearest_bound(self._bounds(histogram), self.seconds)

    def _bounds(self, histogram: str) -> Sequence[float]:
        unit = float(unit_of(histogram) / SECOND)
        return [each * unit for each in self.dialect.histogram(histogram).bounds()]

    def in_unit(self, value: float) -> float:
        """Seconds in the unit of the histogram."""
        return float(Decimal(repr(value)) * SECOND / unit_of(self.histogram))

    @property
    def text(self) -> str:
        """What the SLO counts."""
        text = f"At most {seconds_text(self.bound)}."
        if self.bound != self.seconds:
            bound = f"{self.in_unit(self.seconds):g}"
            text += snapping_text(self.histogram, limit=self.seconds, bound=self.bound)
            text += f" The middleware adds the bound with `{self.dialect.add_bound.format(bound=bound)}`."
        return text
