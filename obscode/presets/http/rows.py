"""The dashboard of an HTTP service: requests, latency, routes."""

from __future__ import annotations

from collections.abc import Iterator

from obscode.model.dashboard import Row
from obscode.model.dashboard.display import Override, Threshold
from obscode.model.panels import Heatmap, Query, Table, TimeSeries
from obscode.model.sli.buckets import SECOND, unit_of
from obscode.presets.http.queries import Limit, Queries
from obscode.promql.scope import with_matchers

_RATE = "$__rate_interval"
_STATUSES = [
    Override(regex=f"^{status}..$", color=color)
    for status, color in {"2": "green", "3": "blue", "4": "orange", "5": "red"}.items()
]


def rows(queries: Queries, limit: Limit) -> Iterator[Row]:
    """The rows, the same for each dialect."""
    yield Row("Requests", *_request_panels(queries))
    yield Row("Latency", *_latency_panels(queries, limit))
    yield Row("Routes", _routes(queries))


def _request_panels(queries: Queries) -> Iterator[TimeSeries]:
    dialect = queries.dialect
    yield TimeSeries(
        "Requests",
        f"sum by ({dialect.status}) (rate({queries.total()}[{_RATE}]))",
        legend=f"{{{{{dialect.status}}}}}",
        unit="reqps",
        minimum=0,
        stack="normal",
        fill=20,
        overrides=_STATUSES,
        description="Requests each second, by status.",
    )
    yield TimeSeries(
        "Failed requests",
        _failed_ratio(queries),
        legend="failed",
        unit="percentunit",
        minimum=0,
        description="The share of requests that end with a server error.",
    )
    if dialect.in_progress:
        yield TimeSeries(
            "In progress",
            f"sum by (instance) ({queries.select(dialect.in_progress)})",
            legend="{{instance}}",
            unit="short",
            minimum=0,
            description="Requests that have not ended.",
        )
    yield TimeSeries(
        "Restarts",
        with_matchers(dialect.restarts.count, queries.matchers),
        legend=dialect.restarts.legend,
        unit="short",
        minimum=0,
        description="Restarts within an hour.",
    )


def _failed_ratio(queries: Queries, by: str = "") -> str:
    """Without errors there is no series of errors, so the ratio is zero then."""
    failed, total = (f"sum{by} (rate({each}[{_RATE}]))" for each in (queries.failed(), queries.total()))
    return f"({failed} or 0 * {total})\n/\n{total}"


def _latency_panels(queries: Queries, limit: Limit) -> Iterator[TimeSeries | Heatmap]:
    dialect = queries.dialect
    histogram = dialect.fine_latency or dialect.latency
    buckets = queries.select(f"{histogram}_bucket", *queries.successful(histogram))
    by_bound = f"sum by (le) (rate({buckets}[{_RATE}]))"
    unit = "s" if unit_of(histogram) == SECOND else "ms"
    yield TimeSeries(
        "Request time",
        [
            Query(f"histogram_quantile({quantile:g}, {by_bound})", legend=f"P{quantile * 100:g}")
            for quantile in (0.5, 0.9, 0.99)
        ],
        unit=unit,
        thresholds=[Threshold(limit.in_unit(limit.bound), "red")],
        description="The line is the limit of the SLO.",
    )
    yield Heatmap("Request times", by_bound, unit=unit, description="Requests each second, by the time they took.")


def _routes(queries: Queries) -> Table:
    """The mean time is of all requests: it is not for the SLO, and not all histograms have the status."""
    dialect = queries.dialect
    by = f" by ({dialect.route})"
    time, count = (
        f"sum{by} (rate({queries.select(f'{dialect.latency}_{part}')}[{_RATE}]))" for part in ("sum", "count")
    )
    return Table(
        "Routes",
        [
            Query(f"sum{by} (rate({queries.total()}[{_RATE}]))"),
            Query(_failed_ratio(queries, by)),
            Query(f"{time}\n/\n{count}"),
        ],
        columns={dialect.route: "Route", "Value #A": "Requests", "Value #B": "Failed", "Value #C": "Mean time"},
        sort_by="Requests",
        descending=True,
        overrides=[
            Override("Requests", unit="reqps"),
            Override("Failed", unit="percentunit"),
            Override("Mean time", unit="s" if unit_of(dialect.latency) == SECOND else "ms"),
        ],
        description="Requests, failures and times of each route.",
    )
