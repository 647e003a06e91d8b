"""PromQL of a server of language models: selectors of its series, and aggregations by model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from obscode.model.sli.buckets import le_matcher
from obscode.model.sli.sample_series import labels_for
from obscode.presets.bucket_limits import nearest_bound
from obscode.presets.llm.engine import Engine
from obscode.promql.parser import parse_selector
from obscode.promql.selector import Matcher, Selector


@dataclass(frozen=True)
class Limit:
    """The limit of a time.

    Attributes:
        histogram: the selector of the histogram.
        seconds: the limit before it is snapped to a bound.
        bound: the bound of the histogram that is nearest to it.
    """

    histogram: str
    seconds: float
    bound: float

    @classmethod
    def of(cls, engine: Engine, histogram: str, seconds: float) -> Limit:
        """The limit in a histogram of a server."""
        return cls(histogram, seconds, nearest_bound(engine.bounds(histogram), seconds))

    def among(self, matchers: Sequence[Matcher]) -> Limit:
        """The limit of some of the requests."""
        return Limit(str(parse_selector(self.histogram).with_matchers(*matchers)), self.seconds, self.bound)

    def count(self) -> Selector:
        """All requests of the histogram."""
        selector = parse_selector(self.histogram)
        return selector.renamed(f"{selector.metric}_count")

    def fast(self) -> Selector:
        """The requests within the limit."""
        selector = parse_selector(self.histogram)
        return selector.renamed(f"{selector.metric}_bucket").with_matchers(le_matcher(Decimal(repr(self.bound))))


@dataclass(frozen=True)
class Queries:
    """Selectors of the service's series, and aggregations by model."""

    engine: Engine
    matchers: Sequence[Matcher]

    def select(self, selector: str) -> str:
        return str(parse_selector(selector).with_matchers(*self.matchers))

    def by(self, *more: str) -> str:
        labels = ", ".join(filter(None, [self.engine.model, *more]))
        return f" by ({labels})" if labels else ""

    def total(self, selector: str, *more: str) -> str:
        """The sum of gauges by model."""
        return f"sum{self.by(*more)} ({self.select(selector)})"

    def rate(self, selector: str, window: str = "$__rate_interval", *more: str) -> str:
        """Events each second, by model if the metric says it."""
        by = self.by(*more) if self.engine.has_model(selector) else ""
        return f"sum{by} (rate({self.select(selector)}[{window}]))"

    def ratio(self, part: str, whole: str) -> str:
        """A part of events that need not have series yet."""
        return f"({self.rate(part)} or 0 * {self.rate(whole)})\n/\n{self.rate(whole)}"

    def mean(self, histogram: str) -> str:
        """The mean of the observations."""
        return f"{self.rate(f'{histogram}_sum')}\n/\n{self.rate(f'{histogram}_count')}"

    def buckets(self, histogram: str) -> str:
        selector = parse_selector(histogram)
        return f"rate({self.select(str(selector.renamed(f'{selector.metric}_bucket')))}[$__rate_interval])"

    def quantile(self, quantile: float, histogram: str) -> str:
        return f"histogram_quantile({quantile:g}, sum{self.by('le')} ({self.buckets(histogram)}))"

    def legend(self, selector: str) -> str:
        return f"{{{{{self.engine.model}}}}}" if self.engine.has_model(selector) else self.engine.name

    def line(self, kind: str) -> str:
        """The legend of one of several kinds of lines, each by model."""
        return f"{kind} {{{{{self.engine.model}}}}}" if self.engine.model else kind

    @property
    def whose(self) -> str:
        return f"{{{{ $labels.{self.engine.model} }}}}" if self.engine.model else "the model"

    def series(self, selector: str) -> str:
        """A series of the selector in a unit test, without the labels of the service."""
        parsed = parse_selector(selector)
        labels = {**(labels_for(parsed.matchers) or {}), "instance": "a"}
        if self.engine.model and self.engine.has_model(selector):
            labels[self.engine.model] = "m"
        return str(Selector(parsed.metric, tuple(Matcher(name, "=", value) for name, value in labels.items())))
