"""HTTP services, in the dialect of their middleware: the same SLOs, alerts and panels for each."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Literal

from obscode.model import sli
from obscode.model.alert import Alert, RecordingRule
from obscode.model.dashboard import Dashboard, Row
from obscode.model.scrape.base import Job
from obscode.model.service import Service
from obscode.model.slo import SLO
from obscode.presets.fault_alerts import constant, growing
from obscode.presets.http import DIALECTS
from obscode.presets.http.queries import Limit, Queries
from obscode.presets.http.rows import rows
from obscode.presets.preset import preset
from obscode.presets.selection import further_matchers, job_matcher, scoped_tests
from obscode.presets.several_workers import PROCESS_START, several_workers_alert
from obscode.promql import duration
from obscode.promql.duration import Duration
from obscode.promql.scope import with_matchers

# The limit of the latency by default, also of servers with few bounds.
_LATENCY = "500ms"
#: Requests of machines that watch the service: they would hide the failures of users.
_IGNORED = ("/metrics", "/healthz", "/livez", "/readyz")


@preset
def http_service(
    name: str,
    *,
    dialect: Literal[
        "obscode",
        "fastapi-instrumentator",
        "starlette-exporter",
        "opentelemetry",
        "opentelemetry-old",
        "bentoml",
        "ray-serve",
    ] = "obscode",
    scrape: Job | Sequence[Job] = (),
    where: str = "",
    prefix: str = "",
    buckets: Sequence[float] = (),
    availability: float = 99.9,
    latency: Duration = _LATENCY,
    latency_objective: float = 99,
    abandoned: Literal["ignored", "bad", "good"] = "ignored",
    ignored_routes: Sequence[str] = _IGNORED,
    max_in_progress: int = 0,
    owner: str = "",
    description: str = "",
    runbook: str = "",
    recording_rules: Sequence[RecordingRule] = (),
    alerts: Sequence[Alert] = (),
    dashboard: Sequence[Row] = (),
) -> Service:
    """A service that answers HTTP requests: SLOs, alerts with unit tests, and a dashboard.

    The limit of the latency is snapped to the nearest bound of the histogram's buckets, since it has no values between
    bounds. The SLO's description says which way it errs, and how the middleware adds the bound.

    Args:
        name: the name of the service, and of the job if ``scrape`` names no other.
        dialect: what counts the requests; `obscode` is `obscode.instrument`, and the tutorial's metrics.
        scrape: the scrape job, or several; without one, the series are those of the job with the service's name.
        where: further matchers of its series, such as `namespace="shop"`.
        prefix: of the names, if the middleware has another one than by default: `shop_`.
        buckets: the bounds of the histogram in its unit, if the middleware has other ones than by default.
        availability: percent of the requests that do not fail with a status of 500 or more.
        latency: the limit of the time of a request, a duration.
        latency_objective: percent of the requests within the limit.
        abandoned: how requests with the status 499 count for the availability: the client left before the answer.
        ignored_routes: routes whose requests do not count.
        max_in_progress: the number of requests in progress that an instance can work on; 0 for no alert.
        owner: the team that owns the service.
        description: what the service does.
        runbook: the URL of the runbook of its alerts.
        recording_rules: rules that record further series.
        alerts: further alerts.
        dashboard: further rows of the dashboard.
    """
    own = DIALECTS[dialect].renamed(prefix).with_buckets(buckets)
    jobs = (scrape,) if isinstance(scrape, Job) else scrape
    queries = Queries(own, (job_matcher(name, jobs), *further_matchers(where)), ignored_routes)
    limit = Limit(own, duration.seconds(latency))
    if latency != _LATENCY:
        limit.check("latency")
    return Service(
        name,
        owner=owner,
        description=description or "Answers HTTP requests.",
        runbook=runbook,
        scrape=scrape,
        selector={} if jobs else {"job": name},
        where=where,
        metrics=own.catalog,
        slos=[
            _availability(Queries(own, (), ignored_routes), availability, abandoned),
            _latency(Queries(own, (), ignored_routes), limit, latency_objective),
        ],
        recording_rules=recording_rules,
        alerts=[*_alerts(queries, max_in_progress), *alerts],
        dashboard=Dashboard(name, [*rows(queries, limit), *dashboard], generated="signals"),
    )


# --- SLOs ----------------------------------------------------------------------------------------------------------


def _availability(queries: Queries, objective: float, abandoned: str) -> SLO:
    total = queries.total()
    if abandoned == "ignored":
        total = total.with_matchers(queries.status("!=", "499"))
    failed = total.with_matchers(queries.status("=~", "5..|499" if abandoned == "bad" else "5.."))
    text = {"ignored": " Those abandoned by clients do not count.", "bad": " Those abandoned by clients are failures."}
    return SLO(
        "availability",
        objective,
        sli.Ratio(errors=str(failed), total=str(total)),
        description=f"Requests that do not fail with a server error.{text.get(abandoned, '')}",
    )


def _latency(queries: Queries, limit: Limit, objective: float) -> SLO:
    histogram = limit.histogram
    successful = queries.successful(histogram)
    under = f"{Decimal(repr(limit.bound)):f}s"
    return SLO(
        "latency",
        objective,
        sli.Latency(str(queries.select(histogram, *successful)), under=under),
        description=f"{'Successful requests' if successful else 'Requests'} until the last byte. {limit.text}",
    )


# --- alerts --------------------------------------------------------------------------------------------------------


def _alerts(queries: Queries, max_in_progress: int) -> Iterator[Alert]:
    yield _restarting(queries)
    if any(metric.name == PROCESS_START.name for metric in queries.dialect.catalog):
        counter = queries.dialect.requests
        yield several_workers_alert("HttpServiceSeveralWorkers", [counter], queries.matchers)
    if queries.dialect.in_progress:
        yield _stuck(queries)
    if queries.dialect.in_progress and max_in_progress:
        yield _saturated(queries, max_in_progress)


def _restarting(queries: Queries) -> Alert:
    restarts = queries.dialect.restarts
    return Alert(
        "HttpServiceRestarting",
        with_matchers(restarts.condition, queries.matchers),
        for_=restarts.for_,
        severity="ticket",
        summary=f"{restarts.whose} restarts again and again",
        description="It crashes, or it is killed: it needs too much memory, or a probe fails. Its log has the reason.",
        tests=scoped_tests(queries.matchers, "it restarts", fires=restarts.fires, quiet=restarts.quiet),
    )


def _stuck(queries: Queries) -> Alert:
    """Requests are counted when they end: an SLO does not see those that never do.

    One may be the request of the scrape itself.
    """
    in_progress, total = queries.dialect.in_progress, queries.total()
    active, ended = (f'{metric}{{instance="a"}}' for metric in (in_progress, queries.dialect.requests))
    return Alert(
        "HttpServiceStuck",
        f"sum by (instance) ({queries.select(in_progress)}) > 1\nunless\nsum by (instance) (rate({total}[5m])) > 0",
        for_="10m",
        severity="ticket",
        summary="{{ $labels.instance }} has {{ $value }} requests in progress, and none ends",
        description="Its workers wait for each other, or for a service that does not answer. Restart it.",
        tests=scoped_tests(
            queries.matchers,
            "no request ends",
            fires={active: constant(5), ended: constant(100)},
            quiet={active: constant(5), ended: growing(1)},
        ),
    )


def _saturated(queries: Queries, limit: int) -> Alert:
    in_progress = queries.dialect.in_progress
    active = f'{in_progress}{{instance="a"}}'
    return Alert(
        "HttpServiceSaturated",
        f"sum by (instance) ({queries.select(in_progress)}) > {limit}",
        for_="10m",
        severity="ticket",
        summary=f"{{{{ $labels.instance }}}} has {{{{ $value }}}} requests in progress, more than {limit}",
        description="Requests arrive faster than it answers them. Add an instance, or find what became slow.",
        tests=scoped_tests(
            queries.matchers,
            "more requests than it can work on",
            fires={active: constant(limit + 1)},
            quiet={active: constant(limit)},
        ),
    )
