"""HTTP services, in the dialect of their middleware: the same SLOs, alerts and panels for each."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from obscode.model import sli
from obscode.model.alert import Alert, AlertTest
from obscode.model.dashboard import Row
from obscode.model.dashboard.display import Override, Threshold
from obscode.model.panels import Heatmap, Query, Table, TimeSeries
from obscode.model.scrape.base import Job
from obscode.model.service import Service
from obscode.model.sli.buckets import SECOND, unit_of
from obscode.model.sli.sample_series import labels_for
from obscode.model.slo import SLO
from obscode.presets.bucket_limits import nearest_bound, seconds_text, snapping_text
from obscode.presets.fault_alerts import constant, fault_tests, growing
from obscode.presets.http import DIALECTS
from obscode.presets.http.dialect import Dialect
from obscode.promql import duration
from obscode.promql.duration import Duration
from obscode.promql.parser import parse_selector
from obscode.promql.scope import with_matchers
from obscode.promql.selector import Matcher, Selector

#: Requests of machines that watch the service: they would hide the failures of users.
_IGNORED = ("/metrics", "/healthz", "/livez", "/readyz")
_RATE = "$__rate_interval"


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
    latency: Duration = "500ms",
    latency_objective: float = 99,
    abandoned: Literal["ignored", "bad", "good"] = "ignored",
    ignored_routes: Sequence[str] = _IGNORED,
    max_in_progress: int = 0,
    owner: str = "",
    description: str = "",
    runbook: str = "",
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
        alerts: further alerts.
        dashboard: further rows of the dashboard.
    """
    own = DIALECTS[dialect].renamed(prefix).with_buckets(buckets)
    jobs = (scrape,) if isinstance(scrape, Job) else scrape
    further = parse_selector(f"up{{{where}}}").matchers
    queries = _Queries(own, (_job([job.name_in(name) for job in jobs] or [name]), *further), ignored_routes)
    limit = _Limit(own, duration.seconds(latency))
    return Service(
        name,
        owner=owner,
        description=description or "Answers HTTP requests.",
        runbook=runbook,
        scrape=scrape,
        selector={} if jobs else {"job": name},
        metrics=own.catalog,
        slos=[
            _availability(_Queries(own, further, ignored_routes), availability, abandoned),
            _latency(_Queries(own, further, ignored_routes), limit, latency_objective),
        ],
        alerts=[*_alerts(queries, max_in_progress), *alerts],
        dashboard=[*_rows(queries, limit), *dashboard],
    )


def _job(names: Sequence[str]) -> Matcher:
    return Matcher("job", "=", names[0]) if len(names) == 1 else Matcher("job", "=~", "|".join(map(_literal, names)))


def _literal(text: str) -> str:
    """A text in a regular expression; `re.escape` escapes more than RE2 needs."""
    return re.sub(r"([\\.+*?()|\[\]{}^$])", r"\\\1", text)


@dataclass(frozen=True)
class _Queries:
    """Selectors of the service's series: those of a label have it only if the metric does."""

    dialect: Dialect
    matchers: Sequence[Matcher]
    ignored_routes: Sequence[str]

    def select(self, metric: str, *more: Matcher) -> Selector:
        """The series of a metric, without those of ignored routes."""
        return Selector(metric, (*self.matchers, *self._counted(metric), *more))

    def _counted(self, metric: str) -> Iterator[Matcher]:
        route = self.dialect.route
        if self.ignored_routes and self.dialect.has(route, metric):
            one, *others = self.ignored_routes
            yield (
                Matcher(route, "!~", "|".join(map(_literal, (one, *others)))) if others else Matcher(route, "!=", one)
            )

    def status(self, op: Literal["=~", "!="], value: str) -> Matcher:
        return Matcher(self.dialect.status, op, value)

    def total(self) -> Selector:
        return self.select(self.dialect.requests)

    def failed(self) -> Selector:
        return self.total().with_matchers(self.status("=~", "5.."))

    def successful(self, metric: str) -> Sequence[Matcher]:
        """Matchers of successful requests, if the metric has the status."""
        return [self.status("=~", "[23]..")] if self.dialect.has(self.dialect.status, metric) else []


@dataclass(frozen=True)
class _Limit:
    """The limit of the latency, in seconds, and the histogram that has the nearest bound."""

    dialect: Dialect
    seconds: float

    @property
    def histogram(self) -> str:
        """The one with labels if it has the bound: requests of ignored routes are counted by the other one, too."""
        if not self.dialect.fine_latency or self._nearest(self.dialect.latency) == self.seconds:
            return self.dialect.latency
        return self.dialect.fine_latency

    @property
    def bound(self) -> float:
        """In seconds."""
        return self._nearest(self.histogram)

    def _nearest(self, histogram: str) -> float:
        unit = float(unit_of(histogram) / SECOND)
        return nearest_bound([each * unit for each in self.dialect.histogram(histogram).bounds()], self.seconds)

    def in_unit(self, value: float) -> float:
        """Seconds in the unit of the histogram."""
        return float(Decimal(repr(value)) * SECOND / unit_of(self.histogram))

    @property
    def text(self) -> str:
        """What the SLO counts."""
        text = f"At most {seconds_text(self.bound)}."
        if self.bound != self.seconds:
            bound = f"{self.in_unit(self.seconds):g}"
            text += snapping_text(self.histogram, limit=self.seconds, bound=self.bound)
            text += f" The middleware adds the bound with `{self.dialect.add_bound.format(bound=bound)}`."
        return text


# --- SLOs ----------------------------------------------------------------------------------------------------------


def _availability(queries: _Queries, objective: float, abandoned: str) -> SLO:
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


def _latency(queries: _Queries, limit: _Limit, objective: float) -> SLO:
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


def _alerts(queries: _Queries, max_in_progress: int) -> Iterator[Alert]:
    yield _restarting(queries)
    if queries.dialect.in_progress:
        yield _stuck(queries)
    if queries.dialect.in_progress and max_in_progress:
        yield _saturated(queries, max_in_progress)


def _restarting(queries: _Queries) -> Alert:
    restarts = queries.dialect.restarts
    return Alert(
        "HttpServiceRestarting",
        with_matchers(restarts.condition, queries.matchers),
        for_=restarts.for_,
        severity="ticket",
        summary=f"{restarts.whose} restarts again and again",
        description="It crashes, or it is killed: it needs too much memory, or a probe fails. Its log has the reason.",
        tests=_tests(queries, "it restarts", fires=restarts.fires, quiet=restarts.quiet),
    )


def _stuck(queries: _Queries) -> Alert:
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
        tests=_tests(
            queries,
            "no request ends",
            fires={active: constant(5), ended: constant(100)},
            quiet={active: constant(5), ended: growing(1)},
        ),
    )


def _saturated(queries: _Queries, limit: int) -> Alert:
    in_progress = queries.dialect.in_progress
    active = f'{in_progress}{{instance="a"}}'
    return Alert(
        "HttpServiceSaturated",
        f"sum by (instance) ({queries.select(in_progress)}) > {limit}",
        for_="10m",
        severity="ticket",
        summary=f"{{{{ $labels.instance }}}} has {{{{ $value }}}} requests in progress, more than {limit}",
        description="Requests arrive faster than it answers them. Add an instance, or find what became slow.",
        tests=_tests(
            queries,
            "more requests than it can work on",
            fires={active: constant(limit + 1)},
            quiet={active: constant(limit)},
        ),
    )


def _tests(queries: _Queries, name: str, *, fires: Mapping[str, str], quiet: Mapping[str, str]) -> Sequence[AlertTest]:
    """The tests of an alert, whose series get labels that the matchers accept; none if no such labels are found."""
    labels = labels_for(queries.matchers)
    if labels is None:
        return ()
    own = [Matcher(label, "=", value) for label, value in labels.items() if value]
    both = (
        {str(parse_selector(series).with_matchers(*own)): values for series, values in each.items()}
        for each in (fires, quiet)
    )
    return fault_tests(name, fires=next(both), quiet=next(both))


# --- dashboard -----------------------------------------------------------------------------------------------------


def _rows(queries: _Queries, limit: _Limit) -> Iterator[Row]:
    yield Row("Requests", *_request_panels(queries))
    yield Row("Latency", *_latency_panels(queries, limit))
    yield Row("Routes", _routes(queries))


def _request_panels(queries: _Queries) -> Iterator[TimeSeries]:
    dialect = queries.dialect
    yield TimeSeries(
        "Requests",
        f"sum by ({dialect.status}) (rate({queries.total()}[{_RATE}]))",
        legend=f"{{{{{dialect.status}}}}}",
        unit="reqps",
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


def _failed_ratio(queries: _Queries, by: str = "") -> str:
    """Without errors there is no series of errors, so the ratio is zero then."""
    failed, total = (f"sum{by} (rate({each}[{_RATE}]))" for each in (queries.failed(), queries.total()))
    return f"({failed} or 0 * {total})\n/\n{total}"


def _latency_panels(queries: _Queries, limit: _Limit) -> Iterator[TimeSeries | Heatmap]:
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


def _routes(queries: _Queries) -> Table:
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
