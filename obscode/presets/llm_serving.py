"""Servers of language models: what users wait for, as SLOs; why they wait, as alerts and panels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from obscode.model import sli
from obscode.model.alert import Alert
from obscode.model.dashboard import Row
from obscode.model.dashboard.display import Threshold
from obscode.model.panels import Heatmap, Query, TimeSeries
from obscode.model.scrape.base import Job
from obscode.model.service import Service
from obscode.model.sli.base import SLI
from obscode.model.sli.buckets import le_matcher
from obscode.model.slo import SLO
from obscode.presets.bucket_limits import nearest_bound, seconds_text, snapping_text
from obscode.presets.fault_alerts import MINUTES, constant, fault_tests, growing
from obscode.presets.llm import ENGINES
from obscode.presets.llm.engine import Engine
from obscode.promql import duration
from obscode.promql.duration import Duration
from obscode.promql.parser import parse_selector

Tier = Literal["interactive", "conversational", "batch"]


@dataclass(frozen=True)
class _Limits:
    """What 99 % of the requests meet, in seconds, and for which model MLPerf Inference has it."""

    first_token: float
    per_token: float
    source: str


# https://github.com/mlcommons/inference_policies/blob/master/inference_rules.adoc, the limits of the 99th percentile.
_TIERS: Mapping[str, _Limits] = {
    "interactive": _Limits(0.5, 0.03, "Llama 3.1 8B, interactive"),
    "conversational": _Limits(2, 0.2, "Llama 2 70B, server"),
    "batch": _Limits(6, 0.175, "Llama 3.1 405B, server"),
}
_WINDOW = "5m"  # the base window of SLOs


def llm_serving(
    name: str,
    *,
    engine: Literal["vllm", "sglang", "tgi"],
    tier: Tier = "conversational",
    scrape: Job | Sequence[Job] = (),
    where: str = "",
    prefix: str = "",
    first_token: Duration = "",
    per_token: Duration = "",
    objective: float = 99,
    availability: float = 99.9,
    max_waiting: int = 50,
    owner: str = "",
    description: str = "",
    runbook: str = "",
    alerts: Sequence[Alert] = (),
    dashboard: Sequence[Row] = (),
) -> Service:
    """A server of language models as a service: SLOs, alerts with unit tests, and a dashboard.

    A limit is snapped to the nearest bound of the histogram's buckets, since it has no values between bounds. The SLO's
    description says which way it errs, and names the server's flag that adds the bound.

    Args:
        name: the name of the service, and of the job if ``scrape`` names no other.
        engine: the server.
        tier: the limits of the times: those of MLPerf Inference for a model of this use.
        scrape: the scrape job, or several; without one, the series are those of the job with the service's name.
        where: further matchers of its series, such as `namespace="chat"`, or `pod!~".*router.*"` if a router in the
            same job exports the series of its servers again.
        prefix: of the names, if an exporter changes it: `ray_vllm_` of Ray, `kserve_vllm:` of OpenShift AI.
        first_token: the limit of the time to the first token, a duration, instead of the tier's.
        per_token: the limit of the time per output token, a duration, instead of the tier's.
        objective: percent of the requests within each limit.
        availability: percent of the requests that do not fail.
        max_waiting: the number of waiting requests that is a long queue.
        owner: the team that owns the service.
        description: what the service does.
        runbook: the URL of the runbook of its alerts.
        alerts: further alerts.
        dashboard: further rows of the dashboard.
    """
    server = ENGINES[engine].renamed(prefix)
    limits = _TIERS[tier]
    first = duration.seconds(first_token) if first_token else limits.first_token
    token = duration.seconds(per_token) if per_token else limits.per_token
    jobs = (scrape,) if isinstance(scrape, Job) else scrape
    names = [job.name_in(name) for job in jobs] or [name]
    job = f'job="{names[0]}"' if len(names) == 1 else f'job=~"{"|".join(names)}"'
    queries = _Queries(server, ",".join(filter(None, [job, where])))
    slos = [
        *_latency_slo("first-token", "the first token", server, server.first_token, first, objective, where),
        *_latency_slo("per-token", "each further token", server, server.per_token, token, objective, where),
        _availability_slo(server, availability, where),
    ]
    return Service(
        name,
        owner=owner,
        description=description or f"Serves language models with {engine}.",
        runbook=runbook,
        scrape=scrape,
        selector={} if jobs else {"job": name},
        metrics=server.catalog,
        slos=slos,
        alerts=[*_alerts(queries, max_waiting), *alerts],
        dashboard=[*_rows(queries, first, token), *dashboard],
    )


# --- SLOs ----------------------------------------------------------------------------------------------------------


def _latency_slo(
    name: str, what: str, server: Engine, histogram: str, limit: float, objective: float, where: str
) -> Iterator[SLO]:
    if not histogram:
        return
    bound = nearest_bound(server.bounds(histogram), limit)
    text = f"{seconds_text(bound)} until {what}."
    if bound != limit:
        text += snapping_text(histogram.partition("{")[0], limit=limit, bound=bound)
        if flag := server.flag(histogram):
            text += f" The server adds the bound with {flag.format(bound=f'{limit:g}')}."
    yield SLO(name, objective, _latency(_selected(histogram, where), bound), description=f"At most {text}")


def _latency(histogram: str, bound: float) -> SLI:
    """The share of slow requests. A bound with many digits is no duration: its bucket is named as it is exposed."""
    text = f"{Decimal(repr(bound)):f}s"
    if not duration.validate_limit(text):
        return sli.Latency(histogram, under=text)
    selector = parse_selector(histogram)
    count, bucket = selector.renamed(f"{selector.metric}_count"), selector.renamed(f"{selector.metric}_bucket")
    total = f"sum(increase({count}[{_WINDOW}]))"
    fast = f"sum(increase({bucket.with_matchers(le_matcher(Decimal(repr(bound))))}[{_WINDOW}]))"
    return sli.FreeQuery(bad=f"{total}\n-\n{fast}", total=total)


def _availability_slo(server: Engine, objective: float, where: str) -> SLO:
    failed, requests = _selected(server.failed, where), _selected(server.requests, where)
    indicator: SLI
    if failed.partition("{")[0] == requests.partition("{")[0]:
        indicator = sli.Ratio(errors=failed, total=requests)
    else:
        bad, total = (f"sum(increase({text}[{_WINDOW}]))" for text in (failed, requests))
        indicator = sli.FreeQuery(bad=f"{bad} or 0 * {total}", total=total)
    return SLO(
        "availability", objective, indicator, description="Requests that do not fail; those abandoned do not count."
    )


def _selected(selector: str, where: str) -> str:
    return _with(selector, where) if where else selector


def _with(selector: str, matchers: str) -> str:
    name, brace, rest = selector.partition("{")
    return f"{name}{{{','.join(filter(None, [rest.removesuffix('}') if brace else '', matchers]))}}}"


# --- queries -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class _Queries:
    """Selectors of the service's series, and aggregations by model."""

    engine: Engine
    matchers: str

    def select(self, selector: str) -> str:
        return _with(selector, self.matchers)

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


# --- alerts --------------------------------------------------------------------------------------------------------


def _alerts(queries: _Queries, max_waiting: int) -> Iterator[Alert]:
    engine = queries.engine
    waiting, running = engine.waiting, engine.running
    if engine.cache_usage:
        yield _cache_alert(queries)
    yield Alert(
        "LLMQueueLong",
        f"{queries.total(waiting)} > {max_waiting}",
        for_="10m",
        severity="ticket",
        summary=f"{{{{ $value }}}} requests wait for {queries.whose}",
        description="More requests arrive than the servers work off. Add a replica, or limit the requests.",
        tests=fault_tests(
            "requests wait",
            fires={queries.series(waiting): constant(max_waiting + 1)},
            quiet={queries.series(waiting): constant(max_waiting)},
        ),
    )
    if engine.preempted:
        yield _preemption_alert(queries)
    by = queries.by("instance")  # one server of several may hang
    generated, active = queries.series(engine.generated_tokens), queries.series(running)
    yield Alert(
        "LLMEngineStuck",
        f"sum{by} ({queries.select(running)}) > 0\nand\n"
        f"sum{by} (rate({queries.select(engine.generated_tokens)}[5m])) == 0",
        for_="5m",
        severity="page",
        summary=f"{queries.whose} runs requests and writes no token",
        description="The server {{ $labels.instance }} hangs: restart it. Its log and the driver's have the reason.",
        tests=fault_tests(
            "no token is written",
            fires={active: constant(3), generated: constant(1000)},
            quiet={active: constant(3), generated: growing(100)},
        ),
    )


def _cache_alert(queries: _Queries) -> Alert:
    """A full cache alone is healthy: the engine reuses it. With a queue, requests wait for it."""
    usage, waiting = queries.engine.cache_usage, queries.engine.waiting
    full = {queries.series(usage): f"0.95x{MINUTES}"}
    return Alert(
        "LLMCacheFull",
        f"max{queries.by()} ({queries.select(usage)}) > 0.9\nand\n{queries.total(waiting)} > 0",
        for_="10m",
        severity="ticket",
        summary=f"The KV cache of {queries.whose} is full, and requests wait",
        description="Add a replica, allow fewer or shorter sequences, or give the cache more memory.",
        tests=fault_tests(
            "the cache is full and requests wait",
            fires={**full, queries.series(waiting): constant(2)},
            quiet={**full, queries.series(waiting): constant(0)},
        ),
    )


def _preemption_alert(queries: _Queries) -> Alert:
    preempted = queries.engine.preempted
    return Alert(
        "LLMPreemptions",
        f"{queries.rate(preempted, '5m')} > 1",
        for_="10m",
        severity="ticket",
        summary=f"{queries.whose} preempts {{{{ $value | humanize }}}} requests each second",
        description="Requests lose their place in the KV cache and start again. Allow fewer sequences at a time.",
        tests=fault_tests(
            "two requests each second",
            fires={queries.series(preempted): growing(120)},
            quiet={queries.series(preempted): growing(60)},
        ),
    )


# --- dashboard -----------------------------------------------------------------------------------------------------


def _rows(queries: _Queries, first: float, token: float) -> Iterator[Row]:
    yield Row("Requests", *_request_panels(queries))
    yield Row("Latency", *_latency_panels(queries, first, token))
    yield Row("Engine", *_engine_panels(queries))


def _request_panels(queries: _Queries) -> Iterator[TimeSeries]:
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
        f"{queries.rate(engine.failed)}\n/\n{queries.rate(engine.requests)}",
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


def _latency_panels(queries: _Queries, first: float, token: float) -> Iterator[TimeSeries | Heatmap]:
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


def _quantiles(queries: _Queries, title: str, histogram: str, bound: float) -> TimeSeries:
    return TimeSeries(
        title,
        [Query(queries.quantile(quantile, histogram), legend=f"P{quantile * 100:g}") for quantile in (0.5, 0.9, 0.99)],
        unit="s",
        thresholds=[Threshold(bound, "red")] if bound else [],
        description="The line is the limit of the SLO." if bound else "The time of 50, 90 and 99 % of the requests.",
    )


def _goodput(queries: _Queries, first: float, token: float) -> TimeSeries:
    """Two histograms do not say which requests meet both limits: the sum of both shares less one is a lower bound."""
    shares = []
    for histogram, limit in ((queries.engine.first_token, first), (queries.engine.per_token, token)):
        bound = nearest_bound(queries.engine.bounds(histogram), limit)
        name, brace, rest = histogram.partition("{")
        count = f"sum{queries.by()} (rate({queries.select(f'{name}_count{brace}{rest}')}[$__rate_interval]))"
        matcher = str(le_matcher(Decimal(repr(bound))))
        fast = queries.select(_with(f"{name}_bucket{brace}{rest}", matcher))
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


def _engine_panels(queries: _Queries) -> Iterator[TimeSeries]:
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
