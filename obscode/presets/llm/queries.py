"""PromQL of a server of language models: selectors of its series, and aggregations by model."""

from __future__ import annotations

from dataclasses import dataclass

from obscode.presets.llm.engine import Engine


def with_matchers(selector: str, matchers: str) -> str:
    name, brace, rest = selector.partition("{")
    return f"{name}{{{','.join(filter(None, [rest.removesuffix('}') if brace else '', matchers]))}}}"


@dataclass(frozen=True)
class Queries:
    """Selectors of the service's series, and aggregations by model."""

    engine: Engine
    matchers: str

    def select(self, selector: str) -> str:
        return with_matchers(selector, self.matchers)

    def by(self, *more: str) -> str:
        labels = ", ".join(filter(None, [self.engine.model, *more]))
        return f" by ({labels})" if labels else ""

    def total(self, selector: str) -> str:
        """The sum of gauges by model."""
        return f"sum{self.by()} ({self.select(selector)})"

    def rate(self, selector: str, window: str = "$__rate_interval") -> str:
        """Events each second, by model if the metric says it."""
        by = self.by() if self.engine.has_model(selector) else ""
        return f"sum{by} (rate({self.select(selector)}[{window}]))"

    def buckets(self, histogram: str) -> str:
        name, brace, rest = histogram.partition("{")
        return f"rate({self.select(f'{name}_bucket{brace}{rest}')}[$__rate_interval])"

    def quantile(self, quantile: float, histogram: str) -> str:
        return f"histogram_quantile({quantile:g}, sum{self.by('le')} ({self.buckets(histogram)}))"

    def legend(self, selector: str) -> str:
        return f"{{{{{self.engine.model}}}}}" if self.engine.has_model(selector) else self.engine.name

    @property
    def whose(self) -> str:
        return f"{{{{ $labels.{self.engine.model} }}}}" if self.engine.model else "the model"

    def series(self, selector: str) -> str:
        """A series of the selector in a unit test."""
        model = f'{self.engine.model}="m"' if self.engine.model else ""
        name = selector.partition("{")[0]
        equal = ",".join(part for part in self.matchers.split(",") if "=~" not in part and "!" not in part)
        return f"{name}{{{','.join(filter(None, [equal, model]))}}}"
