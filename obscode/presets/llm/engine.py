"""What a server of language models exposes: the metrics, and the part that each one plays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field, replace
from typing import Any

from obscode.model.metrics import Histogram, Metric
from obscode.presets.exporter import Exporter


@dataclass(frozen=True)
class Engine:
    """A server of language models. Parts that it does not have are empty; selectors have no matchers of the job.

    Attributes:
        name: the name, as `llm_serving` takes it.
        program: the name, as its documentation writes it.
        version: whose metrics these are.
        source: the URL of the documentation of its metrics.
        prefix: of its names; exporters around the server replace it.
        catalog: the metrics.
        model: the label with the name of the model; empty if there is none.
        first_token: the histogram of the time to the first token.
        per_token: the histogram of the time per output token of a request.
        duration: the histogram of the time of a request.
        queue_time: the histogram of the time in the queue.
        failed: the requests that failed.
        requests: all requests, without those that clients abandoned.
        running: the gauge of running requests.
        waiting: the gauge of waiting requests.
        cache_usage: the gauge of the used share of the KV cache, 0 to 1.
        preempted: the counter of requests that lost their place in the KV cache.
        prompt_tokens: the counter of tokens read.
        generated_tokens: the counter of tokens written.
        prefix_hits: the counter of tokens that the prefix cache had.
        prefix_queries: the counter of tokens that were looked up there.
        bucket_flags: the flags that add a bound to a histogram.
    """

    name: str
    program: str
    version: str
    _: KW_ONLY
    source: str
    prefix: str
    catalog: Sequence[Metric]
    failed: str
    requests: str
    model: str = ""
    first_token: str = ""
    per_token: str = ""
    duration: str = ""
    queue_time: str = ""
    running: str = ""
    waiting: str = ""
    cache_usage: str = ""
    preempted: str = ""
    prompt_tokens: str = ""
    generated_tokens: str = ""
    prefix_hits: str = ""
    prefix_queries: str = ""
    bucket_flags: Mapping[str, str] = field(default_factory=dict)

    def renamed(self, prefix: str) -> Engine:
        """The server behind an exporter that writes another prefix, such as `ray_vllm_`."""
        if not prefix or prefix == self.prefix:
            return self

        def name(text: str) -> str:
            return prefix + text.removeprefix(self.prefix) if text.startswith(self.prefix) else text

        texts: dict[str, Any] = {at: name(getattr(self, at)) for at in _SELECTORS}
        catalog = [metric.derive(name=name(metric.name)) for metric in self.catalog]
        flags = {name(histogram): flag for histogram, flag in self.bucket_flags.items()}
        return replace(self, prefix=prefix, catalog=catalog, bucket_flags=flags, **texts)

    def with_buckets(self, bounds: Mapping[str, Sequence[float]]) -> Engine:
        """The server with other bounds of some histograms, by name."""
        catalog = [
            metric.derive(buckets=tuple(bounds[metric.name])) if metric.name in bounds else metric
            for metric in self.catalog
        ]
        return replace(self, catalog=catalog) if bounds else self

    def exporter(self) -> Exporter:
        """How the server is recognised."""
        return Exporter(
            self.program,
            self.version,
            preset="llm_serving",
            arguments={"engine": self.name},
            catalog=self.catalog,
            marks=(self.running, self.waiting),
            prefix=self.prefix,
            source=self.source,
        )

    def has_model(self, selector: str) -> bool:
        """True if the series of a selector say which model they are about."""
        name = selector.partition("{")[0]
        metric = next(metric for metric in self.catalog if name == metric.name or name in metric.series())
        return bool(self.model) and (self.model in metric.labels or metric.more_labels)

    def bounds(self, histogram: str) -> Sequence[float]:
        """The bounds of a histogram, without the infinite one."""
        name = histogram.partition("{")[0]
        metric = next(metric for metric in self.catalog if metric.name == name)
        assert isinstance(metric, Histogram)
        return metric.bounds()

    def flag(self, histogram: str) -> str:
        """How to add a bound to a histogram; empty if the server cannot."""
        return self.bucket_flags.get(histogram.partition("{")[0], "")


_SELECTORS = {
    "first_token",
    "per_token",
    "duration",
    "queue_time",
    "failed",
    "requests",
    "running",
    "waiting",
    "cache_usage",
    "preempted",
    "prompt_tokens",
    "generated_tokens",
    "prefix_hits",
    "prefix_queries",
}
