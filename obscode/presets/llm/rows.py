"""Rows of the dashboard of a server of language models: requests, latency, the engine."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from obscode.model.dashboard import Row
from obscode.model.dashboard.display import Override, Threshold
from obscode.model.panels import Heatmap, Query, TimeSeries
from obscode.presets.llm.queries import Limit, Queries
from obscode.promql.parser import parse_selector


def engine_rows(queries: Queries, limits: Mapping[str, Limit]) -> Iterator[Row]:
    """The rows; ``limits`` are those of the SLOs by name."""
    yield Row("Requests", *_request_panels(queries))
    yield Row("Latency", *_latency_panels(queries, limits))
    yield Row("Engine", *_engine_panels(queries))


# --- requests ------------------------------------------------------------------------------------------------------


def _request_panels(queries: Queries) -> Iterator[TimeSeries]:
    engine = queries.engine
    yield TimeSeries(
        "Requests",
        queries.rate(engine.requests),
        legend=queries.legend(engine.requests),
        unit="reqps",
        minimum=0,
        description="Requests that end each second.",
    )
    yield _failed_requests(queries)
    if engine.finished:
        yield _finish_reasons(queries)
    yield TimeSeries(
        "Running and waiting",
        [
            Query(queries.total(engine.running), legend=queries.line("running")),
            *_waiting(queries),
        ],
        unit="short",
        minimum=0,
        description="Requests in the engine, and in its queue.",
    )


def _failed_requests(queries: Queries) -> TimeSeries:
    engine = queries.engine
    shares = [Query(queries.ratio(engine.failed, engine.requests), legend=queries.legend(engine.requests))]
    if engine.http_failed:
        shares.append(Query(queries.ratio(engine.http_failed, engine.http_responses), legend="HTTP 5xx"))
    if engine.rejected:
        shares.append(Query(queries.ratio(engine.rejected, engine.requests), legend=queries.line("rejected")))
    return TimeSeries(
        "Failed requests",
        shares,
        unit="percentunit",
        minimum=0,
        description="The share of requests that fail in the engine, and of HTTP responses with a server error."
        if engine.http_failed
        else "The share of requests that fail.",
    )


_REASON_COLORS = {"stop": "green", "length": "yellow", "abort": "blue", "error": "red", "repetition": "orange"}


def _finish_reasons(queries: Queries) -> TimeSeries:
    reason = queries.engine.finish_reason
    every, each = queries.engine.finished, f"sum by ({reason})"
    return TimeSeries(
        "Finish reasons",
        f"{each} (rate({queries.select(every)}[$__rate_interval]))",
        legend=f"{{{{{reason}}}}}",
        unit="reqps",
        minimum=0,
        stack="normal",
        fill=30,
        overrides=[Override(name, color=color) for name, color in _REASON_COLORS.items()],
        description="length: the answer is cut off at its limit of tokens. abort: the client left.",
    )


def _waiting(queries: Queries) -> Iterator[Query]:
    """By reason only as a part: servers before the reasons have the sum."""
    engine = queries.engine
    yield Query(queries.total(engine.waiting), legend=queries.line("waiting"))
    if engine.waiting_by_reason:
        by_reason = f"sum by (reason) ({queries.select(engine.waiting_by_reason)})"
        yield Query(by_reason, legend="waiting: {{reason}}")


# --- latency -------------------------------------------------------------------------------------------------------


def _latency_panels(queries: Queries, limits: Mapping[str, Limit]) -> Iterator[TimeSeries | Heatmap]:
    engine = queries.engine
    first, token = limits.get("first-token"), limits.get("per-token")
    for title, what, limit in (
        ("Time to first token", "the time to their first token", first),
        ("Time per output token", "the mean time of their further tokens", token),
    ):
        if limit:
            yield _quantiles(queries, title, limit.histogram, limit)
            yield Heatmap(
                title.replace("Time", "Times"),
                f"sum by (le) ({queries.buckets(limit.histogram)})",
                unit="s",
                cell_unit="reqps",
                description=f"Requests each second, by {what}.",
            )
    if first and token:
        yield _goodput(queries, first, token)
    for title, histogram in (
        ("Queue time", engine.queue_time),
        ("Time between tokens", engine.inter_token),
        ("Request time", engine.duration),
    ):
        if histogram:
            yield _quantiles(queries, title, histogram, None)


def _quantiles(queries: Queries, title: str, histogram: str, limit: Limit | None) -> TimeSeries:
    return TimeSeries(
        title,
        [
            Query(queries.quantile(quantile, histogram), legend=queries.line(f"P{quantile * 100:g}"))
            for quantile in (0.5, 0.9, 0.99)
        ],
        unit="s",
        minimum=0,
        thresholds=[Threshold(limit.bound, "red")] if limit else [],
        description="The line is the limit of the SLO." if limit else "Half, 90 and 99 % take at most this.",
    )


def _goodput(queries: Queries, first: Limit, token: Limit) -> TimeSeries:
    """Two histograms do not say which requests meet both limits: the sum of both shares less one is a lower bound."""
    some = parse_selector(first.histogram).matchers
    shares = []
    for limit in (first, token.among(some)):
        fast, count = (
            f"sum{queries.by()} (rate({queries.select(str(each))}[$__rate_interval]))"
            for each in (limit.fast(), limit.count())
        )
        shares.append(f"{fast}\n/\n{count}")
    return TimeSeries(
        "Goodput, at least",
        f"clamp_min(\n  {shares[0]}\n+\n  {shares[1]}\n- 1, 0)",
        legend=queries.legend(str(first.count())),
        unit="percentunit",
        minimum=0,
        maximum=1,
        description="The share of requests that meet both limits is at least this.",
    )


# --- engine --------------------------------------------------------------------------------------------------------


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
            minimum=0,
            description="Requests each second that lose their place in the KV cache.",
        )
    if engine.prefix_hits:
        yield TimeSeries(
            "Prefix cache",
            f"{queries.rate(engine.prefix_hits)}\n/\n{queries.rate(engine.prefix_queries)}",
            legend=queries.legend(engine.prefix_queries),
            unit="percentunit",
            minimum=0,
            maximum=1,
            description="The share of prompt tokens that need no computation.",
        )
    yield from _token_panels(queries)


def _token_panels(queries: Queries) -> Iterator[TimeSeries]:
    engine = queries.engine
    kinds = ((engine.prompt_tokens, "prompt"), (engine.generated_tokens, "generated"))
    yield TimeSeries(
        "Tokens per second",
        [Query(queries.rate(tokens), legend=queries.line(kind)) for tokens, kind in kinds],
        unit="short",
        minimum=0,
        description="Tokens read and written each second.",
    )
    ended = f"{engine.duration}_count"
    yield TimeSeries(
        "Tokens of a request",
        [
            Query(f"{queries.rate(tokens)}\n/\n{queries.rate(ended)}", legend=queries.line(kind))
            for tokens, kind in kinds
        ],
        unit="short",
        minimum=0,
        description="The mean number of tokens.",
    )
    if engine.step_tokens:
        yield TimeSeries(
            "Tokens of a step",
            queries.mean(engine.step_tokens),
            legend=queries.legend(f"{engine.step_tokens}_count"),
            unit="short",
            minimum=0,
            description="The mean number of tokens in a step of the engine: how full its batches are.",
        )
    if engine.drafted:
        yield TimeSeries(
            "Accepted drafts",
            f"{queries.rate(engine.accepted)}\n/\n{queries.rate(engine.drafted)}",
            legend=queries.legend(engine.drafted),
            unit="percentunit",
            minimum=0,
            maximum=1,
            description="The share of tokens of speculative decoding that the model takes.",
        )
