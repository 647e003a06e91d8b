"""PromQL of Triton Inference Server: rates by model, means of times."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from obscode.presets.triton_server.catalog import CANCELED, FAILURE, SUCCESS
from obscode.promql.selector import Matcher, Selector

#: Failures that clients do not cause.
NOT_CANCELED = Matcher("reason", "!=", CANCELED)
_MICROSECONDS = "1e6"


@dataclass(frozen=True)
class Queries:
    """Selectors of the servers' series."""

    matchers: Sequence[Matcher]

    def select(self, metric: str, *more: Matcher) -> Selector:
        """The series of a metric."""
        return Selector(metric, (*self.matchers, *more))

    def rate(self, metric: str, *more: Matcher, by: str = "model", window: str = "$__rate_interval") -> str:
        """Events each second."""
        return f"sum by ({by}) (rate({self.select(metric, *more)}[{window}]))"

    def gauge(self, metric: str, *more: Matcher, by: str = "model") -> str:
        """The sum of gauges with one meaning."""
        return f"sum by ({by}) ({self.select(metric, *more)})"

    def ended(self, window: str = "$__rate_interval", by: str = "model") -> str:
        """Requests that end each second, without those that clients cancel."""
        both = (self.rate(SUCCESS, by=by, window=window), self.rate(FAILURE, NOT_CANCELED, by=by, window=window))
        return "({}\n+\n{})".format(*both)

    def failed_share(self, *more: Matcher, window: str = "$__rate_interval") -> str:
        """The share of requests that fail, of 1."""
        return f"{self.rate(FAILURE, NOT_CANCELED, *more, window=window)}\n/\n{self.ended(window)}"

    def mean_time(self, counter: str, of: str = SUCCESS) -> str:
        """The mean of a time that a counter sums in microseconds, in seconds."""
        return f"{self.rate(counter)}\n/\n{self.rate(of)}\n/ {_MICROSECONDS}"

    def ratio(self, part: str, whole: str) -> str:
        """A counter as a share of another one."""
        return f"{self.rate(part)}\n/\n{self.rate(whole)}"
