"""A service without what reads some metrics: for another version of a program, which does not expose them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from obscode.model.alert import Alert
from obscode.model.dashboard import Dashboard, Row
from obscode.model.dashboard.panel import Panel
from obscode.model.dashboard.query import Query
from obscode.model.panels import TimeSeries
from obscode.model.service import Service
from obscode.model.slo import SLO
from obscode.promql.parser import parse, parse_panel
from obscode.promql.selector import Selector


def without_metrics(service: Service, names: Iterable[str]) -> Service:
    """A service without some metrics of its catalog, and without the SLOs, alerts and panels that read them.

    A panel with several lines keeps those that read other metrics.

    Args:
        service: the service, such as that of a preset.
        names: the names of the metrics, those of histograms without `_bucket`.
    """
    left_out = frozenset(names)
    series = {each for metric in service.metrics if metric.name in left_out for each in metric.series()} | left_out
    dashboard = service.dashboard
    rows = tuple(_rows(service.rows, series))
    return service.derive(
        metrics=tuple(metric for metric in service.metrics if metric.name not in left_out),
        slos=tuple(slo for slo in service.slos if _reads_none(slo, series)),
        alerts=tuple(alert for alert in service.alerts if _reads_none(alert, series)),
        dashboard=dashboard.derive(rows=rows) if isinstance(dashboard, Dashboard) else rows,
    )


def selectors(part: SLO | Alert | Query) -> Iterator[Selector]:
    """The selectors of the raw series that an SLO, an alert or a query of a panel reads."""
    if isinstance(part, SLO):
        events = part.sli.events("5m")
        for expr in (events.bad, events.total):
            yield from parse(expr).selectors
    elif isinstance(part, Alert):
        yield from parse(part.expr).selectors
    else:
        yield from parse_panel(part.expr).selectors


def parts(service: Service) -> Iterator[SLO | Alert | Query]:
    """The SLOs, the alerts and the queries of panels of a service."""
    yield from service.slos
    yield from service.alerts
    for panel in (panel for row in service.rows for panel in row.panels):
        yield from panel.all_queries()


def _reads_none(part: SLO | Alert | Query, series: Iterable[str]) -> bool:
    return all(selector.metric not in series for selector in selectors(part))


def _rows(rows: Iterable[Row], series: Iterable[str]) -> Iterator[Row]:
    for row in rows:
        panels = [panel for each in row.panels if (panel := _panel(each, series))]
        if panels:
            yield row.with_panels(panels)


def _panel(panel: Panel, series: Iterable[str]) -> Panel | None:
    """The panel with the queries that can be answered; a table with fewer columns has other names for them."""
    queries = panel.all_queries()
    answered = [query for query in queries if _reads_none(query, series)]
    if len(answered) == len(queries):
        return panel
    return panel.derive(queries=answered) if answered and isinstance(panel, TimeSeries) else None
