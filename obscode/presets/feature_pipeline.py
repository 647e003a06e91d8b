"""Pipelines of features, by their own metrics: how old features are, how many are missing, how many rows there are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from obscode.model import sli
from obscode.model.alert import Alert, AlertTest
from obscode.model.dashboard import Row
from obscode.model.dashboard.display import Threshold
from obscode.model.metrics import Counter, Gauge, Metric
from obscode.model.panels import TimeSeries
from obscode.model.scrape.base import Job
from obscode.model.service import Service
from obscode.model.slo import SLO
from obscode.presets.features.ages import Ages
from obscode.presets.features.shares import Share
from obscode.presets.preset import preset
from obscode.presets.scope import Scope
from obscode.promql import duration
from obscode.promql.duration import Duration
from obscode.promql.selector import Matcher

_PRESENT = Matcher("state", "!=", "present")


@preset
def feature_pipeline(
    name: str,
    *,
    views: Mapping[str, Duration],
    scrape: Job | Sequence[Job] = (),
    where: str = "",
    freshness: float = 99,
    rows: Mapping[str, int] | None = None,
    max_row_change: float = 0.3,
    max_null: float = 0,
    max_skew: float = 0.01,
    timestamp: str = "model_feature_timestamp_seconds",
    values: str = "model_feature_values_total",
    row_count: str = "model_feature_rows",
    compared: str = "model_skew_compared_total",
    mismatched: str = "model_skew_mismatch_total",
    severity: str = "ticket",
    owner: str = "",
    description: str = "",
    runbook: str = "",
    alerts: Sequence[Alert] = (),
    dashboard: Sequence[Row] = (),
) -> Service:
    """A pipeline of features as a service: an SLO of their age, alerts with unit tests, and a dashboard.

    It reads what the pipeline and the service expose themselves; a part whose metric is empty is omitted.

    Args:
        name: the name of the service, and of the job if ``scrape`` names no other.
        views: how old the features of each view may be, a duration: `{"driver_stats": "1d"}`.
        scrape: the scrape job, or several; without one, the series are those of the job with the service's name.
        where: further matchers of its series, such as `namespace="ml"`.
        freshness: percent of the time in which no view is too old.
        rows: the number of rows that a run writes, of views for which it is known; others are compared with last week.
        max_row_change: the change of the number of rows above which an alert fires, of 1.
        max_null: the share of values that may be null, a default or out of range, such as 0.1; by default it is
            compared with that of the same hour a week ago.
        max_skew: the share of values that may differ between training and serving.
        timestamp: the gauge with the time of the newest event, in seconds since 1970, with a label `feature_view`.
        values: the counter of values, with labels `feature` and `state`: present, null, default, out_of_range.
        row_count: the gauge with the rows that the last run wrote, with a label `feature_view`.
        compared: the counter of served values that were compared with those of training, with a label `feature`.
        mismatched: the counter of those that differ, with a label `feature`.
        severity: the severity of its alerts.
        owner: the team that owns the pipeline.
        description: what the pipeline does.
        runbook: the URL of the runbook of its alerts.
        alerts: further alerts.
        dashboard: further rows of the dashboard.
    """
    jobs = (scrape,) if isinstance(scrape, Job) else scrape
    scope = Scope.of(name, jobs, where)
    ages = _ages(scope, views, timestamp)
    nulls = Share(name, scope, values, values, (_PRESENT,), ("feature",), "null") if values else None
    skew = Share(name, scope, compared, mismatched, (), ("feature",), "mismatch") if compared and mismatched else None
    counts = _Rows(scope, row_count, rows or {}, max_row_change) if row_count else None
    return Service(
        name,
        owner=owner,
        description=description or "Computes features of models.",
        runbook=runbook,
        severity=severity,
        scrape=scrape,
        selector={} if jobs else {"job": name},
        where=where,
        metrics=list(_catalog(timestamp, values, row_count, compared, mismatched)),
        recording_rules=[rule for share in (nulls, skew) if share for rule in share.rules()],
        slos=list(_freshness(ages, freshness)),
        alerts=[
            *_alerts(ages, nulls, skew, max_null, max_skew),
            *([counts.alert()] if counts else []),
            *alerts,
        ],
        dashboard=[Row("Features", *_panels(ages, nulls, skew, counts)), *dashboard],
    )


def _catalog(timestamp: str, values: str, row_count: str, compared: str, mismatched: str) -> Iterator[Metric]:
    yield Gauge(timestamp, labels=["feature_view"], help="When the newest event happened, in seconds since 1970.")
    if values:
        yield Counter(values, labels=["feature", "state"], help="Values: present, null, default or out_of_range.")
    if row_count:
        yield Gauge(row_count, labels=["feature_view"], help="The rows that the last run wrote.")
    if compared and mismatched:
        yield Counter(compared, labels=["feature"], help="Served values that were compared with those of training.")
        yield Counter(mismatched, labels=["feature"], help="Those of them that differ.")


def _ages(scope: Scope, views: Mapping[str, Duration], timestamp: str) -> Ages:
    def age(which: Sequence[Matcher]) -> str:
        return f"time() - max by (feature_view) ({scope.select(timestamp, *which)})"

    return Ages(scope, views, "feature_view", timestamp, age)


def _freshness(ages: Ages, objective: float) -> Iterator[SLO]:
    if not ages.views:
        return
    shares = (f"({ages.age([views])}) / {seconds}" for seconds, views in ages.groups())
    expr = "max(\n" + "\nor\n".join(shares) + "\n)"
    yield SLO(
        "freshness",
        objective,
        sli.TimeSlice(expr, below=1, unscoped=True),
        description="The time in which the features of no view are older than allowed.",
    )


def _alerts(ages: Ages, nulls: Share | None, skew: Share | None, max_null: float, max_skew: float) -> Iterator[Alert]:
    if ages.views:
        yield ages.stale_alert(
            lambda minutes: f"{-(minutes - 30) * 60}x60",
            description="Their newest event is older than allowed: the pipeline is late, or its source stopped.",
        )
        yield ages.missing_alert(description="The pipeline never ran, or its gauge is lost.")
    if nulls:
        yield nulls.alert(
            "FeatureNulls",
            limit=max_null,
            compare=not max_null,
            summary="{{ $value | humanizePercentage }} of the values of {{ $labels.feature }} are not usable",
            description="They are null, a default, or out of range. A source changed, or a join finds nothing.",
        )
    if skew:
        yield skew.alert(
            "FeatureSkew",
            limit=max_skew,
            compare=False,
            summary="{{ $value | humanizePercentage }} of the values of {{ $labels.feature }} differ from training",
            description="Training and serving compute it in different ways, or from data of different times.",
        )


@dataclass(frozen=True)
class _Rows:
    """The rows that runs write.

    Attributes:
        expected: the number of rows of some views.
        most: the change that is too much, of 1.
    """

    scope: Scope
    gauge: str
    expected: Mapping[str, int]
    most: float

    def change(self) -> str:
        """The change of the rows of each view, of 1, from what is expected or those of a week ago."""
        parts = [
            f"max by (feature_view) ({self.scope.select(self.gauge, Matcher('feature_view', '=', view))}) / {rows} - 1"
            for view, rows in self.expected.items()
        ]
        rows = f"max by (feature_view) ({self.scope.select(self.gauge)})"
        then = f"(max by (feature_view) ({self.scope.select(self.gauge)} offset 1w) > 0)"
        return "\nor\n".join([*parts, f"{rows} / {then} - 1"])

    def alert(self) -> Alert:
        return Alert(
            "FeatureRowsUnusual",
            f"abs(\n{self.change()}\n) > {self.most:g}",
            for_="15m",
            summary="The rows of {{ $labels.feature_view }} changed by {{ $value | humanizePercentage }}",
            description="That is a change from what is expected, or from the same time a week ago.",
            tests=list(self._tests()),
        )

    def _tests(self) -> Iterator[AlertTest]:
        series = self.scope.series(self.gauge, {"feature_view": "another view", "instance": "a"})
        within, beyond = (round(100_000 * (1 + self.most * part)) for part in (0.9, 1.1))
        week = "100000x168"
        yield AlertTest("more than a week ago", {series: f"{week} {beyond}x24"}, fires=["180h"], interval="1h")
        yield AlertTest("about as many", {series: f"{week} {within}x24"}, quiet=["180h"], interval="1h")
        if self.expected:
            view, rows = next(iter(self.expected.items()))
            own = self.scope.series(self.gauge, {"feature_view": view, "instance": "a"})
            low, near = (round(rows * (1 - self.most * part)) for part in (1.1, 0.9))
            yield AlertTest("fewer than expected", {own: f"{low}x60"}, fires=["10h"], interval="1h")
            yield AlertTest("about as many as expected", {own: f"{near}x60"}, quiet=["10h"], interval="1h")


def _panels(ages: Ages, nulls: Share | None, skew: Share | None, counts: _Rows | None) -> Iterator[TimeSeries]:
    limits = [duration.milliseconds(age) / 1000 for age in ages.views.values()]
    yield TimeSeries(
        "Age",
        ages.age([]),
        legend="{{feature_view}}",
        unit="s",
        minimum=0,
        thresholds=[Threshold(min(limits), "red")] if limits else [],
        description="Since the newest event of each view. The line is the shortest of the ages that are allowed.",
    )
    if nulls:
        yield nulls.panel("Values that are not usable", "The share of values that are null, a default or out of range.")
    if skew:
        yield skew.panel("Skew", "The share of served values that differ from those of training.")
    if counts:
        yield TimeSeries(
            "Rows",
            f"max by (feature_view) ({counts.scope.select(counts.gauge)})",
            legend="{{feature_view}}",
            unit="short",
            minimum=0,
            description="The rows that the last run wrote.",
        )
