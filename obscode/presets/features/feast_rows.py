"""The dashboard of a feature server: requests, age, values, materialisation, pushes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from obscode.model.dashboard import Row
from obscode.model.dashboard.display import Threshold
from obscode.model.panels import Query, TimeSeries
from obscode.presets.features import feast
from obscode.presets.features.shares import Share
from obscode.presets.scope import Scope
from obscode.promql import duration
from obscode.promql.duration import Duration
from obscode.promql.selector import Matcher

_RATE = "$__rate_interval"
_ONLINE = Matcher("endpoint", "=", feast.ONLINE)


def rows(scope: Scope, views: Mapping[str, Duration], missing: Share, limit: float) -> Iterator[Row]:
    """The rows; ``limit`` is that of the SLO of the latency, in seconds."""
    yield Row("Requests", *_request_panels(scope, limit))
    yield Row("Features", *_feature_panels(scope, views, missing))
    yield Row("Materialisation and pushes", *_pipeline_panels(scope))


def _rate(scope: Scope, metric: str, by: str, *more: Matcher) -> str:
    return f"sum by ({by}) (rate({scope.select(metric, *more)}[{_RATE}]))"


def _quantiles(scope: Scope, histogram: str, *more: Matcher) -> list[Query]:
    buckets = _rate(scope, f"{histogram}_bucket", "le", *more)
    return [Query(f"histogram_quantile({q:g}, {buckets})", legend=f"P{q * 100:g}") for q in (0.5, 0.9, 0.99)]


def _request_panels(scope: Scope, limit: float) -> Iterator[TimeSeries]:
    yield TimeSeries(
        "Requests",
        _rate(scope, feast.REQUESTS, "endpoint, status"),
        legend="{{endpoint}} {{status}}",
        unit="reqps",
        description="Requests each second, by endpoint and result.",
    )
    yield TimeSeries(
        "Time of online features",
        _quantiles(scope, feast.LATENCY, _ONLINE),
        unit="s",
        thresholds=[Threshold(limit, "red")],
        description="The line is the limit of the SLO.",
    )
    yield TimeSeries(
        "Time of the online store",
        _quantiles(scope, feast.STORE_READ),
        unit="s",
        description="The part of a request in which the store is read.",
    )


def _feature_panels(scope: Scope, views: Mapping[str, Duration], missing: Share) -> Iterator[TimeSeries]:
    limits = sorted({duration.milliseconds(age) / 1000 for age in views.values()})
    yield TimeSeries(
        "Age",
        f"min by (feature_view) ({scope.select(feast.AGE)})",
        legend="{{feature_view}}",
        unit="s",
        minimum=0,
        thresholds=[Threshold(each, "red") for each in limits[:1]],
        description="Since the end of the last materialised interval. A flat line is that of a worker that ended.",
    )
    yield missing.panel("Missing values", "The share of requested values that the store does not have, of an hour.")


def _pipeline_panels(scope: Scope) -> Iterator[TimeSeries]:
    yield TimeSeries(
        "Materialisations",
        f"sum by (feature_view, status) (increase({scope.select(feast.RUNS)}[1h]))",
        legend="{{feature_view}} {{status}}",
        unit="short",
        minimum=0,
        description="Of an hour, by the server; those of other processes, such as `feast materialize`, do not count.",
    )
    total, count = (
        f"sum by (feature_view) (increase({scope.select(f'{feast.RUN_TIME}_{part}')}[1h]))" for part in ("sum", "count")
    )
    yield TimeSeries(
        "Time of a materialisation",
        f"{total}\n/\n({count} > 0)",
        legend="{{feature_view}}",
        unit="s",
        minimum=0,
        description="The mean of an hour.",
    )
    yield TimeSeries(
        "Pushes",
        _rate(scope, feast.PUSHES, "push_source, mode"),
        legend="{{push_source}} {{mode}}",
        unit="reqps",
        description="Pushes each second, by source.",
    )
    yield TimeSeries(
        "Offline store",
        _rate(scope, feast.OFFLINE, "method, status"),
        legend="{{method}} {{status}}",
        unit="reqps",
        description="Retrievals each second.",
    )
