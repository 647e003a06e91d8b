"""What a server of language models exposes: the metrics, and the part that each one plays."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field, replace
from typing import Any

from obscode.findings.suggestions import did_you_mean
from obscode.model.metrics import Histogram, Metric
from obscode.presets.exporter import Exporter
from obscode.presets.preset import ArgumentError


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
        opt_in: those that it has with speculative decoding.
        model: the label with the name of the model; empty if there is none.
        first_token: the histogram of the time to the first token.
        per_token: the histogram of the time per output token of a request.
        inter_token: the histogram of the time between two tokens.
        duration: the histogram of the time of a request.
        queue_time: the histogram of the time in the queue.
        failed: the requests that failed.
        requests: all requests.
        http_failed: the responses with a server error, if `requests` are those that the engine worked off.
        http_responses: the responses among which those are.
        http_requests: the HTTP requests that arrived, if `requests` are responses.
        http_active: the HTTP requests that have no response yet.
        finished: the counter of requests by the reason why they ended.
        finish_reason: its label with the reason.
        rejected: the counter of requests that the queue did not take.
        running: the gauge of running requests.
        waiting: the gauge of waiting requests.
        waiting_by_reason: the gauge of waiting requests by reason, in the label `reason`.
        awake: the gauge that is 0 while the engine sleeps.
        cache_usage: the gauge of the used share of the KV cache, 0 to 1.
        preempted: the counter of requests that lost their place in the KV cache.
        prompt_tokens: the counter of tokens read.
        generated_tokens: the counter of tokens written.
        progress: a counter that grows while the engine works, if `generated_tokens` grows when a request ends.
        step_tokens: the histogram of the tokens of a step of the engine.
        drafted: the counter of tokens that speculative decoding proposed.
        accepted: the counter of those that the model took.
        prefix_hits: the counter of tokens that the prefix cache had.
        prefix_queries: the counter of tokens that were looked up there.
        bucket_flag: the server's flag that sets bounds, as a function of the bounds by key.
        bucket_keys: the keys of histograms in that flag.
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
    inter_token: str = ""
    duration: str = ""
    queue_time: str = ""
    http_failed: str = ""
    http_responses: str = ""
    http_requests: str = ""
    http_active: str = ""
    finished: str = ""
    finish_reason: str = ""
    rejected: str = ""
    running: str = ""
    waiting: str = ""
    waiting_by_reason: str = ""
    awake: str = ""
    cache_usage: str = ""
    preempted: str = ""
    prompt_tokens: str = ""
    generated_tokens: str = ""
    progress: str = ""
    step_tokens: str = ""
    drafted: str = ""
    accepted: str = ""
    prefix_hits: str = ""
    prefix_queries: str = ""
    opt_in: Sequence[Metric] = ()
    bucket_flag: Callable[[Mapping[str, Sequence[float]]], str] = field(default=lambda bounds: "")
    bucket_keys: Mapping[str, str] = field(default_factory=dict)

    def renamed(self, prefix: str) -> Engine:
        """The server behind an exporter that writes another prefix, such as `ray_vllm_`.

        Ray exposes the metrics of engines, and not those of their HTTP servers.
        """
        if not prefix or prefix == self.prefix:
            return self

        def name(text: str) -> str:
            return prefix + text.removeprefix(self.prefix) if text.startswith(self.prefix) else text

        catalog = [metric.derive(name=name(metric.name)) for metric in self.catalog]
        keys = {name(histogram): key for histogram, key in self.bucket_keys.items()}
        texts: dict[str, Any] = {at: name(value) for at, value in vars(self).items() if at in _SELECTORS}
        opt_in = [metric.derive(name=name(metric.name)) for metric in self.opt_in]
        other = replace(self, prefix=prefix, catalog=catalog, opt_in=opt_in, bucket_keys=keys, **texts)
        return other.without("http_failed", "http_responses") if prefix.startswith("ray_") else other

    def speculative(self) -> Engine:
        """The server with speculative decoding."""
        return replace(self, catalog=[*self.catalog, *self.opt_in])

    def without(self, *parts: str) -> Engine:
        """The server without some parts, and without the metrics that only they read."""
        names = {name_of(getattr(self, part)) for part in parts} - {""}
        texts: dict[str, Any] = dict.fromkeys(parts, "")
        return replace(self, catalog=[metric for metric in self.catalog if metric.name not in names], **texts)

    def with_buckets(self, bounds: Mapping[str, Sequence[float]]) -> Engine:
        """The server with other bounds of some histograms, by name."""
        own = {self._histogram(name): tuple(each) for name, each in bounds.items()}
        catalog = [metric.derive(buckets=own[metric.name]) if metric.name in own else metric for metric in self.catalog]
        return replace(self, catalog=catalog) if bounds else self

    def _histogram(self, name: str) -> str:
        """A histogram of the catalog, by its name with or without the prefix. Raises ArgumentError for other names."""
        known = [metric.name for metric in self.catalog if isinstance(metric, Histogram)]
        for each in (name, f"{self.prefix}{name}"):
            if each in known:
                return each
        near = did_you_mean(name, [*known, *(each.removeprefix(self.prefix) for each in known)])
        message = f"{self.program} has no histogram {name!r} that the preset reads"
        raise ArgumentError("buckets", message, near or f"its histograms are {', '.join(known)}")

    def exporter(self) -> Exporter:
        """How the server is recognised."""
        return Exporter(
            self.program,
            self.version,
            preset="llm_serving",
            arguments={"engine": self.name},
            catalog=self.catalog,
            marks=(name_of(self.running), name_of(self.waiting)),
            prefix=self.prefix,
            when_missing={name_of(self.http_failed): {"http_metrics": False}} if self.http_failed else {},
            when_exposed={name_of(self.drafted): {"speculative": True}} if self.drafted else {},
            source=self.source,
        )

    def has_model(self, selector: str) -> bool:
        """True if the series of a selector say which model they are about."""
        name = name_of(selector)
        metric = next(metric for metric in self.catalog if name == metric.name or name in metric.series())
        return bool(self.model) and (self.model in metric.labels or metric.more_labels)

    def bounds(self, histogram: str) -> Sequence[float]:
        """The bounds of a histogram, without the infinite one."""
        name = name_of(histogram)
        metric = next(metric for metric in self.catalog if metric.name == name)
        assert isinstance(metric, Histogram)
        return metric.bounds()

    def flag(self, bounds: Mapping[str, float]) -> str:
        """The server's flag that adds bounds, by histogram; empty if it cannot. It has all bounds of each histogram."""
        return self.bucket_flag(
            {self.bucket_keys[name]: sorted({*self.bounds(name), _plain(bound)}) for name, bound in bounds.items()}
            if bounds and set(bounds) <= set(self.bucket_keys)
            else {}
        )

    def with_bounds(self, bounds: Mapping[str, float]) -> Engine:
        """The server that is started with the flag that adds the bounds."""
        added = {self.bucket_keys[name]: bound for name, bound in bounds.items() if name in self.bucket_keys}
        own = {name: sorted({*self.bounds(name), added[key]}) for name, key in self.bucket_keys.items() if key in added}
        return self.with_buckets(own)


def _plain(bound: float) -> float:
    return int(bound) if bound == int(bound) else bound


def name_of(selector: str) -> str:
    """The name of the metric."""
    return selector.partition("{")[0]


# The names of the fields that are selectors.
_SELECTORS = frozenset(
    {
        *("first_token", "per_token", "inter_token", "duration", "queue_time", "failed", "requests", "http_failed"),
        *("http_responses",),
        *("http_requests", "http_active", "finished", "rejected", "running", "waiting", "waiting_by_reason", "awake"),
        *("cache_usage", "preempted", "prompt_tokens", "generated_tokens", "progress", "step_tokens", "drafted"),
        *("accepted", "prefix_hits", "prefix_queries"),
    }
)
