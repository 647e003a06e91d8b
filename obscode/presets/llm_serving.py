"""Servers of language models: what users wait for, as SLOs; why they wait, as alerts and panels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from obscode.model.alert import Alert
from obscode.model.dashboard import Dashboard, Row
from obscode.model.scrape.base import Job
from obscode.model.service import Service
from obscode.presets.bucket_limits import check_limit
from obscode.presets.llm import ENGINES
from obscode.presets.llm.alerts import engine_alerts
from obscode.presets.llm.engine import Engine, name_of
from obscode.presets.llm.queries import Limit, Queries
from obscode.presets.llm.rows import engine_rows
from obscode.presets.llm.slos import availability_slo, goodput_slo, latency_slos
from obscode.presets.preset import preset
from obscode.presets.selection import further_matchers, job_matcher
from obscode.promql import duration
from obscode.promql.duration import Duration

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


@preset
def llm_serving(
    name: str,
    *,
    engine: Literal["vllm", "sglang", "tgi"],
    tier: Tier = "conversational",
    scrape: Job | Sequence[Job] = (),
    where: str = "",
    prefix: str = "",
    buckets: Mapping[str, Sequence[float]] | None = None,
    added_bounds: bool = False,
    first_token: Duration = "",
    per_token: Duration = "",
    objective: float = 99,
    availability: float = 99.9,
    goodput: float = 0,
    max_waiting: int = 50,
    speculative: bool = False,
    http_metrics: bool = True,
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
        where: further matchers of its series, such as `namespace="chat"`.
        prefix: of the names, if an exporter changes it: `ray_vllm_` of Ray, `kserve_vllm:` of OpenShift AI.
        buckets: the bounds of histograms that the server has other ones of than by default, by the histogram's name,
            with or without the prefix.
        added_bounds: True if the servers are started with the flag that the descriptions of the SLOs name; their limits
            are bounds then.
        first_token: the limit of the time to the first token, a duration, instead of the tier's.
        per_token: the limit of the time per output token, a duration, instead of the tier's.
        objective: percent of the requests within each limit.
        availability: percent of the requests that do not fail.
        goodput: percent of the requests that meet both limits, at least; 0 for no SLO.
        max_waiting: the number of waiting requests that is a long queue.
        speculative: True if the servers draft tokens: a panel shows the share that the model takes.
        http_metrics: False if vLLM's `http_requests_total` is not there, as behind another HTTP server. With it, the
            availability counts requests that an engine which crashed did not take.
        owner: the team that owns the service.
        description: what the service does.
        runbook: the URL of the runbook of its alerts.
        alerts: further alerts.
        dashboard: further rows of the dashboard.
    """
    server = ENGINES[engine].renamed(prefix).with_buckets(buckets or {})
    server = server.speculative() if speculative else server.without("drafted", "accepted")
    server = server if http_metrics else server.without("http_failed", "http_responses")
    targets = dict(_targets(server, tier, first_token, per_token))
    if added_bounds:
        server = server.with_bounds({name_of(histogram): limit for histogram, limit, _ in targets.values()})
    for histogram, limit, argument in targets.values():
        if argument:
            check_limit(argument, limit, name_of(histogram), server.bounds(histogram))
    limits = {each: Limit.of(server, histogram, limit) for each, (histogram, limit, _) in targets.items()}
    jobs = (scrape,) if isinstance(scrape, Job) else scrape
    queries = Queries(server, (job_matcher(name, jobs), *further_matchers(where)))
    of_slos = Queries(server, ())
    slos = [*latency_slos(of_slos, limits, objective), availability_slo(of_slos, availability)]
    if goodput and len(limits) > 1:
        slos.append(goodput_slo(of_slos, list(limits.values()), goodput))
    return Service(
        name,
        owner=owner,
        description=description or f"Serves language models with {engine}.",
        runbook=runbook,
        scrape=scrape,
        selector={} if jobs else {"job": name},
        where=where,
        metrics=server.catalog,
        slos=slos,
        alerts=[*engine_alerts(queries, max_waiting), *alerts],
        dashboard=Dashboard(name, [*engine_rows(queries, limits), *dashboard], generated="signals"),
    )


def _targets(
    server: Engine, tier: Tier, first_token: Duration, per_token: Duration
) -> Iterator[tuple[str, tuple[str, float, str]]]:
    """The histograms of the SLOs, their limits in seconds and the arguments that set these, by the SLO's name."""
    limits = _TIERS[tier]
    if server.first_token:
        own = duration.seconds(first_token) if first_token else limits.first_token
        yield "first-token", (server.first_token, own, "first_token" if first_token else "")
    if server.per_token:
        own = duration.seconds(per_token) if per_token else limits.per_token
        yield "per-token", (server.per_token, own, "per_token" if per_token else "")
