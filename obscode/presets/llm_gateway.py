"""A gateway of language models, LiteLLM: what users get, what providers do, and what it costs."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Literal

from obscode.model import sli
from obscode.model.alert import Alert
from obscode.model.dashboard import Dashboard, Row
from obscode.model.scrape.base import Job
from obscode.model.service import Service
from obscode.model.slo import SLO
from obscode.presets.bucket_limits import check_limit, nearest_bound, seconds_text, snapping_text
from obscode.presets.exporter import Exporter
from obscode.presets.litellm import catalog, records
from obscode.presets.litellm.alerts import FAILED
from obscode.presets.litellm.alerts import alerts as cause_alerts
from obscode.presets.litellm.costs import budget_alerts, spend_alerts
from obscode.presets.litellm.records import Queries
from obscode.presets.litellm.rows import rows
from obscode.presets.preset import preset
from obscode.presets.selection import further_matchers, job_matcher
from obscode.promql import duration
from obscode.promql.duration import Duration
from obscode.promql.selector import Selector

BudgetKind = Literal["team", "api_key", "org", "user", "customer", "provider"]

EXPORTER = Exporter(
    "LiteLLM",
    catalog.VERSION,
    preset="llm_gateway",
    catalog=catalog.catalog(budgets=("provider", *catalog.BUDGETS)),
    marks=(catalog.REQUESTS, catalog.ATTEMPTS),
    source=catalog.SOURCE,
)

# The limits by default, also of gateways with few bounds.
_FIRST_TOKEN, _LATENCY = "2s", "60s"


@preset
def llm_gateway(
    name: str,
    *,
    scrape: Job | Sequence[Job] = (),
    where: str = "",
    availability: float = 99.5,
    first_token: Duration = _FIRST_TOKEN,
    latency: Duration = _LATENCY,
    objective: float = 99,
    buckets: Sequence[float] = (),
    budgets: Sequence[BudgetKind] = ("team", "api_key", "provider"),
    spike_ratio: float = 3,
    spike_floor: float = 20,
    max_daily_spend: float = 0,
    owner: str = "",
    description: str = "",
    runbook: str = "",
    alerts: Sequence[Alert] = (),
    dashboard: Sequence[Row] = (),
) -> Service:
    """The proxy of LiteLLM as a service: SLOs, recording rules, alerts with unit tests, and a dashboard.

    Its counters have up to 16 labels, and many series of a single event: events are recorded by model and team first,
    also those of series that begin with them. A limit of a time is snapped to the nearest bound of the histogram's
    buckets, since it has no values between bounds; the SLO's description says which way it errs.

    Args:
        name: the name of the service, and of the job if ``scrape`` names no other.
        scrape: the scrape job, or several; without one, the series are those of the job with the service's name.
        where: further matchers of its series, such as `namespace="ai"`.
        availability: percent of the requests that do not fail, after retries and fallbacks.
        first_token: the limit of the time to the first token of streamed requests, a duration.
        latency: the limit of the time until the last token, a duration.
        objective: percent of the requests within each limit.
        buckets: the bounds of the histograms in seconds, if `prometheus_latency_buckets` sets others.
        budgets: the kinds of budgets with alerts and panels; users and customers can be many.
        spike_ratio: how many times as much as a week ago a team spends in a spike; 0 for no alert.
        spike_floor: the spend within 6 hours, in USD, below which nothing is a spike.
        max_daily_spend: the spend of a day, in USD, above which an alert fires; 0 for no alert.
        owner: the team that owns the service.
        description: what the service does.
        runbook: the URL of the runbook of its alerts.
        alerts: further alerts.
        dashboard: further rows of the dashboard.
    """
    jobs = (scrape,) if isinstance(scrape, Job) else scrape
    further = further_matchers(where)
    queries = Queries(name, job_matcher(name, jobs), further)
    bounds = tuple(buckets) or catalog.BUCKETS
    if first_token != _FIRST_TOKEN:
        check_limit("first_token", duration.seconds(first_token), catalog.FIRST_TOKEN, bounds)
    if latency != _LATENCY:
        check_limit("latency", duration.seconds(latency), catalog.LATENCY, bounds)
    first, last = (nearest_bound(bounds, duration.seconds(each)) for each in (first_token, latency))
    return Service(
        name,
        owner=owner,
        description=description or "A gateway of language models.",
        runbook=runbook,
        scrape=scrape,
        selector={} if jobs else {"job": name},
        where=where,
        metrics=catalog.catalog(buckets, budgets),
        recording_rules=list(queries.rules()),
        slos=[
            _availability(queries, availability),
            _latency("first-token", queries, catalog.FIRST_TOKEN, duration.seconds(first_token), first, objective),
            _latency("latency", queries, catalog.LATENCY, duration.seconds(latency), last, objective),
        ],
        alerts=[
            *cause_alerts(queries),
            *spend_alerts(queries, spike_ratio, spike_floor, max_daily_spend),
            *budget_alerts(queries, budgets),
            *alerts,
        ],
        dashboard=Dashboard(name, [*rows(queries, first, last, budgets), *dashboard], generated="signals"),
    )


def _availability(queries: Queries, objective: float) -> SLO:
    """Of recorded events: `increase()` would not see a failure that is the first one of its client."""
    total = queries.total(records.REQUESTS)
    return SLO(
        "availability",
        objective,
        sli.FreeQuery(
            bad=f"{queries.total(records.REQUESTS, '', FAILED)}\nor\n0 * {total}", total=total, unscoped=True
        ),
        description=(
            "Requests that do not fail with a status of 500 or more, or without one, after retries and fallbacks."
            " Those that a limit or a budget rejects are in the total."
        ),
    )


def _latency(name: str, queries: Queries, histogram: str, limit: float, bound: float, objective: float) -> SLO:
    whose = "the first token of streamed requests" if name == "first-token" else "the last token"
    text = f"At most {seconds_text(bound)} until {whose}. Failed requests do not count."
    if bound != limit:
        text += snapping_text(histogram, limit=limit, bound=bound)
        text += f" The gateway adds the bound with `prometheus_latency_buckets: [..., {limit:g}]`."
    selector = str(Selector(histogram, tuple(queries.further)))
    return SLO(name, objective, sli.Latency(selector, under=f"{Decimal(repr(bound)):f}s"), description=text)
