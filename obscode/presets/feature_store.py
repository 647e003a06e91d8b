"""The feature server of Feast: whether models get features, and whether these are fresh and complete."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from decimal import Decimal

from obscode.model import sli
from obscode.model.alert import Alert, AlertTest
from obscode.model.dashboard import Dashboard, Row
from obscode.model.scrape.base import Job
from obscode.model.service import Service
from obscode.model.slo import SLO
from obscode.presets.born_counters import counted
from obscode.presets.bucket_limits import check_limit, nearest_bound, seconds_text, snapping_text
from obscode.presets.fault_alerts import constant
from obscode.presets.features import feast
from obscode.presets.features.ages import Ages
from obscode.presets.features.feast_rows import rows
from obscode.presets.features.shares import Share
from obscode.presets.preset import preset
from obscode.presets.scope import Scope
from obscode.promql import duration
from obscode.promql.duration import Duration
from obscode.promql.selector import Matcher, Selector

_ONLINE = Matcher("endpoint", "=", feast.ONLINE)
_ERROR = Matcher("status", "=", "error")
_FAILURE = Matcher("status", "=", "failure")
_NOT_FOUND = Matcher("status", "=", "not_found")
#: A materialisation is rare: its failure is reported so long, or until the features are too old.
_FAILURES = "6h"


@preset
def feature_store(
    name: str,
    *,
    views: Mapping[str, Duration] | None = None,
    scrape: Job | Sequence[Job] = (),
    where: str = "",
    availability: float = 99.9,
    latency: Duration = "100ms",
    latency_objective: float = 99,
    max_missing: float = 0,
    severity: str = "ticket",
    owner: str = "",
    description: str = "",
    runbook: str = "",
    alerts: Sequence[Alert] = (),
    dashboard: Sequence[Row] = (),
) -> Service:
    """The feature server of Feast as a service: SLOs, alerts with unit tests, and a dashboard.

    The limit of the latency is snapped to the nearest bound of the histogram's buckets, since it has no values between
    bounds; the SLO's description says which way it errs.

    Args:
        name: the name of the service, and of the job if ``scrape`` names no other.
        views: how old the features of each view may be, a duration, usually its `ttl`: `{"driver_stats": "1d"}`. Views
            that are only pushed have no age.
        scrape: the scrape job, or several; without one, the series are those of the job with the service's name.
        where: further matchers of its series, such as `namespace="ml"`.
        availability: percent of the requests for online features that do not fail.
        latency: the limit of the time of such a request, a duration.
        latency_objective: percent of them within the limit.
        max_missing: the share of values that may be missing, such as 0.2; by default it is compared with that of the
            same hour a week ago.
        severity: the severity of its alerts.
        owner: the team that owns the service.
        description: what the service does.
        runbook: the URL of the runbook of its alerts.
        alerts: further alerts.
        dashboard: further rows of the dashboard.
    """
    jobs = (scrape,) if isinstance(scrape, Job) else scrape
    scope = Scope.of(name, jobs, where)
    missing = Share(name, scope, feast.VALUES, feast.VALUES, (_NOT_FOUND,), ("feature_view",), "missing")
    check_limit("latency", duration.seconds(latency), feast.LATENCY, feast.BUCKETS)
    bound = nearest_bound(feast.BUCKETS, duration.seconds(latency))
    return Service(
        name,
        owner=owner,
        description=description or "Serves features to models.",
        runbook=runbook,
        severity=severity,
        scrape=scrape,
        selector={} if jobs else {"job": name},
        where=where,
        metrics=feast.CATALOG,
        recording_rules=list(missing.rules()),
        slos=[
            _availability(availability),
            _latency(duration.seconds(latency), bound, latency_objective),
        ],
        alerts=[
            *_age_alerts(scope, views or {}),
            missing.alert(
                "FeatureValuesMissing",
                limit=max_missing,
                compare=not max_missing,
                summary="{{ $value | humanizePercentage }} of the values of {{ $labels.feature_view }} are missing",
                description="Models get defaults. Entities are not materialised, or their features expired.",
            ),
            _failed(scope),
            _pushes_stopped(scope),
            *alerts,
        ],
        dashboard=Dashboard(name, [*rows(scope, views or {}, missing, bound), *dashboard], generated="signals"),
    )


def _availability(objective: float) -> SLO:
    total = Selector(feast.REQUESTS, (_ONLINE,))
    return SLO(
        "availability",
        objective,
        sli.Ratio(errors=str(total.with_matchers(_ERROR)), total=str(total)),
        description="Requests for online features that do not fail. The server counts wrong requests as failures, too.",
    )


def _latency(limit: float, bound: float, objective: float) -> SLO:
    text = f"At most {seconds_text(bound)}. Requests that fail count, too."
    return SLO(
        "latency",
        objective,
        sli.Latency(str(Selector(feast.LATENCY, (_ONLINE,))), under=f"{Decimal(repr(bound)):f}s"),
        description=text + snapping_text(feast.LATENCY, limit=limit, bound=bound),
    )


# --- age -----------------------------------------------------------------------------------------------------------


def moving_age(scope: Scope, *views: Matcher) -> str:
    """The age by view, of servers whose gauge moves.

    The gauge is the highest of all workers, also of those that ended: with `--max-requests`, which is 1000 by default,
    it stays at the highest age that any worker had.
    """
    age = scope.select(feast.AGE, *views)
    return f"min by (feature_view) ({age} and changes({age}[10m]) > 0)"


def _age_alerts(scope: Scope, views: Mapping[str, Duration]) -> Iterator[Alert]:
    if views:
        ages = Ages(scope, views, "feature_view", feast.AGE, lambda which: moving_age(scope, *which))
        yield ages.stale_alert(
            lambda minutes: f"{(minutes - 30) * 60}+60x60",
            name="FeatureViewStale",
            description="They are older than allowed: materialisation is late, or fails.",
        )
        yield ages.missing_alert(
            name="FeatureViewNotMaterialized",
            description="The view was never materialised, has another name, or the server does not show its age.",
        )
    yield _age_stuck(scope)


def _age_stuck(scope: Scope) -> Alert:
    series = scope.series(feast.AGE, {"feature_view": "x", "instance": "a"})
    return Alert(
        "FeatureAgeStuck",
        f"max by (feature_view) (changes({scope.select(feast.AGE)}[15m])) == 0",
        for_="15m",
        summary="The age of {{ $labels.feature_view }} does not change",
        description=(
            "It is that of a worker that ended, and hides the age of now. Start the server with `--max-requests 0`,"
            " or restart it."
        ),
        tests=[
            AlertTest("a worker ended", {series: constant(3600)}, fires=["45m"]),
            AlertTest("the age grows", {series: "0+60x60"}, quiet=["45m"]),
        ],
    )


# --- materialisation and pushes ------------------------------------------------------------------------------------


def _events(scope: Scope, metric: str, window: str, *more: Matcher) -> str:
    return counted(Selector(metric, (*scope.matchers, *more)), window, Selector("up", scope.matchers[:1]))


def _failed(scope: Scope) -> Alert:
    failed = scope.series(feast.RUNS, {"feature_view": "x", "status": "failure", "instance": "a"})
    up = scope.series("up", {"instance": "a"})
    return Alert(
        "FeatureMaterializationFailed",
        f"sum by (feature_view) (\n{_events(scope, feast.RUNS, _FAILURES, _FAILURE)}\n) > 0",
        summary="The materialisation of {{ $labels.feature_view }} failed",
        description="The log of the server has the error. The features stay as old as they are.",
        tests=[
            AlertTest("the first one fails", {up: "1x60", failed: "_x45 1x15"}, fires=["8h"], interval="10m"),
            AlertTest("another one fails", {up: "1x60", failed: "1x45 2x15"}, fires=["8h"], interval="10m"),
            AlertTest("none fails", {up: "1x60", failed: "1x60"}, quiet=["8h"], interval="10m"),
        ],
    )


def _pushes_stopped(scope: Scope) -> Alert:
    """Compared with yesterday: pushes of a night are none of the day."""
    usual = f"sum by (push_source) (increase({scope.select(feast.PUSHES)}[1h] offset 1d)) > 0"
    now = f"sum by (push_source) (\n{_events(scope, feast.PUSHES, '1h')}\n) > 0"
    pushes = scope.series(feast.PUSHES, {"push_source": "x", "mode": "online", "instance": "a"})
    return Alert(
        "FeaturePushStopped",
        f"{usual}\nunless\n{now}",
        for_="15m",
        summary="{{ $labels.push_source }} gets no features",
        description="It did an hour long yesterday at this time. The producer or the stream stopped.",
        tests=[
            AlertTest("pushes stop", {pushes: "0+1x144 144x60"}, fires=["26h"], interval="10m"),
            AlertTest("pushes go on", {pushes: "0+1x200"}, quiet=["26h"], interval="10m"),
            AlertTest("there were none yesterday", {pushes: constant(7)}, quiet=["26h"], interval="10m"),
        ],
    )
