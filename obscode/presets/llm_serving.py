"""Servers of language models: what users wait for, as SLOs; why they wait, as alerts and panels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from obscode.model import sli
from obscode.model.alert import Alert
from obscode.model.dashboard import Row
from obscode.model.scrape.base import Job
from obscode.model.service import Service
from obscode.model.sli.base import SLI
from obscode.model.sli.buckets import le_matcher
from obscode.model.slo import SLO
from obscode.presets.bucket_limits import nearest_bound, seconds_text, snapping_text
from obscode.presets.llm import ENGINES
from obscode.presets.llm.alerts import engine_alerts
from obscode.presets.llm.engine import Engine
from obscode.presets.llm.queries import Queries, with_matchers
from obscode.presets.llm.rows import engine_rows
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
    buckets: Mapping[str, Sequence[float]] | None = None,
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
        buckets: the bounds of histograms that the server has other ones of than by default, by the histogram's name.
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
    server = ENGINES[engine].renamed(prefix).with_buckets(buckets or {})
    limits = _TIERS[tier]
    first = duration.seconds(first_token) if first_token else limits.first_token
    token = duration.seconds(per_token) if per_token else limits.per_token
    jobs = (scrape,) if isinstance(scrape, Job) else scrape
    names = [job.name_in(name) for job in jobs] or [name]
    job = f'job="{names[0]}"' if len(names) == 1 else f'job=~"{"|".join(names)}"'
    queries = Queries(server, ",".join(filter(None, [job, where])))
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
        alerts=[*engine_alerts(queries, max_waiting), *alerts],
        dashboard=[*engine_rows(queries, first, token), *dashboard],
    )


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
    return with_matchers(selector, where) if where else selector
