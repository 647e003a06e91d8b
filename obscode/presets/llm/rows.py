"""Rows of the dashboard of a server of language models: requests, latency, the engine."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

from obscode.model.dashboard import Row
from obscode.model.dashboard.display import Threshold
from obscode.model.panels import Heatmap, Query, TimeSeries
from obscode.model.sli.buckets import le_matcher
from obscode.presets.bucket_limits import nearest_bound
from obscode.presets.llm.queries import Queries, with_matchers


def engine_rows(queries: Queries, first: float, token: float) -> Iterator[Row]:
    """The rows; ``first`` and ``token`` are the limits of the times in seconds."""
    yield Row("Requests", *_request_panels(queries))
    yield Row("Latency", *_latency_panels(queries, first, token))
    yield Row("Engine", *_engine_panels(queries))


def _request_panels(queries: Queries) -> Iterator[TimeSeries]:
    engine = queries.engine
    yield TimeSeries(
        "Requests",
        queries.rate(engine.requests),
        legend=queries.legend(engine.requests),
        unit="reqps",
        description="Requests that end each second, without those that clients abandoned.",
    )
    yield TimeSeries(
        "Failed requests",
        # Without failures, some servers have no series of them.
        f"({queries.rate(engine.failed)} or 0 * {queries.rate(engine.requests)})\n/\n{queries.rate(engine.requests)}",
        legend=queries.legend(engine.requests),
        unit="percentunit",
        minimum=0,
        description="The share of requests that fail.",
    )
    yield TimeSeries(
        "Running and waiting",
        [
            Query(queries.total(engine.running), legend="running"),
            Query(queries.total(engine.waiting), legend="waiting"),
        ],
        unit="short",
        description="Requests in the engine, and in its queue.",
    )
    yield TimeSeries(
        "Tokens",
        [
            Query(queries.rate(engine.prompt_tokens), legend="prompt"),
            Query(queries.rate(engine.generated_tokens), legend="generated"),
        ],
        unit="short",
        description="Tokens read and written each second.",
    )


def _latency_panels(queries: Queries, first: float, token: float) -> Iterator[TimeSeries | Heatmap]:
    engine = queries.engine
    times = (
        ("Time to first token", engine.first_token, first),
        ("Time per output token", engine.per_token, token),
        ("Request time", engine.duration, 0.0),
        ("Queue time", engine.queue_time, 0.0),
    )
    for title, histogram, limit in times:
        if histogram:
            yield _quantiles(queries, title, histogram, nearest_bound(engine.bounds(histogram), limit) if limit else 0)
    if engine.first_token:
        yield Heatmap(
            "Times to first token",
            f"sum by (le) ({queries.buckets(engine.first_token)})",
            unit="s",
            description="Requests each second, by the time to their first token.",
        )
    if engine.first_token and engine.per_token:
        yield _goodput(queries, first, token)


def _quantiles(queries: Queries, title: str, histogram: str, bound: float) -> TimeSeries:
    return TimeSeries(
        title,
        [Query(queries.quantile(quantile, histogram), legend=f"P{quantile * 100:g}") for quantile in (0.5, 0.9, 0.99)],
        unit="s",
        thresholds=[Threshold(bound, "red")] if bound else [],
        description="The line is the limit of the SLO." if bound else "The time of 50, 90 and 99 % of the requests.",
    )


def _goodput(queries: Queries, first: float, token: float) -> TimeSeries:
    """Two histograms do not say which requests meet both limits: the sum of both shares less one is a lower bound."""
    shares = []
    for histogram, limit in ((queries.engine.first_token, first), (queries.engine.per_token, token)):
        bound = nearest_bound(queries.engine.bounds(histogram), limit)
        name, brace, rest = histogram.partition("{")
        count = f"sum{queries.by()} (rate({queries.select(f'{name}_count{brace}{rest}')}[$__rate_interval]))"
        matcher = str(le_matcher(Decimal(repr(bound))))
        fast = queries.select(with_matchers(f"{name}_bucket{brace}{rest}", matcher))
        shares.append(f"sum{queries.by()} (rate({fast}[$__rate_interval]))\n/\n{count}")
    return TimeSeries(
        "Goodput, at least",
        f"clamp_min(\n  {shares[0]}\n+\n  {shares[1]}\n- 1, 0)",
        legend=queries.legend(f"{queries.engine.first_token.partition('{')[0]}_count"),
        unit="percentunit",
        minimum=0,
        maximum=1,
        description="The share of requests that meet both limits is at least this.",
    )


def _engine_panels(queries: Queries) -> Iterator[TimeSeries]:
    engine = queries.engine
    if engine.cache_usage:
        yield TimeSeries(
            "KV cache",
            f"max{queries.by()} ({queries.select(engine.cache_usage)})",
            legend=queries.legend(engine.cache_usage),
            unit="percentunit",
            minimum=0,
            maximum=1,
            description="The used share of the KV cache of the fullest server. Requests wait if it is full.",
        )
    if engine.preempted:
        yield TimeSeries(
            "Preemptions",
            queries.rate(engine.preempted),
            legend=queries.legend(engine.preempted),
            unit="reqps",
            description="Requests each second that lose their place in the KV cache.",
        )
    if engine.prefix_hits:
        yield TimeSeries(
            "Prefix cache",
            f"{queries.rate(engine.prefix_hits)}\n/\n{queries.rate(engine.prefix_queries)}",
            legend=queries.legend(engine.prefix_queries),
            unit="percentunit",
            minimum=0,
            description="The share of prompt tokens that need no computation.",
        )
    count = f"{engine.duration}_count"
    yield TimeSeries(
        "Tokens of a request",
        [
            Query(f"{queries.rate(engine.prompt_tokens)}\n/\n{queries.rate(count)}", legend="prompt"),
            Query(f"{queries.rate(engine.generated_tokens)}\n/\n{queries.rate(count)}", legend="generated"),
        ],
        unit="short",
        description="The mean number of tokens.",
    )
