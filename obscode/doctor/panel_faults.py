"""Panels without data: queries that Prometheus rejects, and queries whose series do not exist.

The queries are evaluated as Grafana does, over the range of the dashboard. A panel that is empty because nothing is
wrong, such as one of failed requests, is no fault: a metric of it has no series at all.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from obscode.artifacts.dashboards import Dashboard, Path
from obscode.artifacts.project import Artifacts
from obscode.clients.prometheus import PrometheusClient
from obscode.findings.code import Code
from obscode.findings.finding import Finding
from obscode.preview.findings import findings
from obscode.preview.json_values import as_text
from obscode.preview.time_ranges import TimeRange
from obscode.preview.view import Range, ViewedPanel, view
from obscode.promql.errors import PromQLError
from obscode.promql.parser import parse
from obscode.promql.selector import Selector

EMPTY_PANEL = Code(
    "empty-panel",
    "The metrics of a panel have series in the running Prometheus.",
    severity="warning",
    why="The panel is empty. If Prometheus has no series either, the target does not expose the metric, or relabeling"
    " drops it.",
    bad="a panel of http_request_total, where the target exposes http_requests_total",
    good="a panel of http_requests_total",
)


# They have series while an alert is pending or fires.
_OF_ALERTS = ("ALERTS", "ALERTS_FOR_STATE")
_LISTED = 3
_HINT = "run the query in the Prometheus UI; without targets and rules there are no series"


def panel_faults(
    client: PrometheusClient, artifacts: Artifacts, time: float, explained: frozenset[str] = frozenset()
) -> Iterator[Finding]:
    """The panels of all dashboards at a time in seconds, without those of ``explained`` metrics. Raises ServerError."""
    scrape = artifacts.project.scrape_interval
    for dashboard in artifacts.dashboards:
        evaluated = view(dashboard.body, client, Range("", "", None, round(time * 1000), scrape))
        yield from findings(dashboard, [evaluated], None, is_typed=True)
        present = _Present(client, evaluated.time)
        missing = [fault for panel in evaluated.panels if (fault := _missing(panel, present))]
        missing = [fault for fault in missing if fault.metric not in explained]
        if missing:
            yield _of_dashboard(dashboard, missing)


class _Missing(NamedTuple):
    """A panel without data, and the metric of its first query that has no series."""

    title: str
    metric: str
    path: Path


def _missing(panel: ViewedPanel, present: _Present) -> _Missing | None:
    queries = panel.planned.queries
    if not queries or not all(query in panel.data.empty for query in queries):
        return None
    title = as_text(panel.placed.body.get("title"))
    metrics = ((query, name) for query in queries for name in metrics_of(query.expr))
    return next((_Missing(title, name, query.path) for query, name in metrics if not present.has(name)), None)


def _of_dashboard(dashboard: Dashboard, missing: Sequence[_Missing]) -> Finding:
    """One finding for all panels of a dashboard: often they have one cause."""
    first = missing[0]
    names = list(dict.fromkeys(each.metric for each in missing))
    listed = ", ".join(names[:_LISTED]) + (", ..." if len(names) > _LISTED else "")
    if len(missing) == 1:
        what = f"panel {first.title!r} of dashboard {dashboard.title!r} has no data"
    else:
        titles = ", ".join(repr(each.title) for each in missing[:_LISTED]) + (", ..." if len(missing) > _LISTED else "")
        what = f"{len(missing)} panels of dashboard {dashboard.title!r} have no data ({titles})"
    source, part = dashboard.source.locate(first.path)
    return source.finding(EMPTY_PANEL, f"{what}: Prometheus has no series {listed}", _HINT, at=part)


def metrics_of(expr: str) -> list[str]:
    """The metrics that an expression needs; none if it asks whether they are absent."""
    if "absent" in expr:
        return []
    try:
        return [selector.metric for selector in parse(expr).selectors if selector.metric not in ("", *_OF_ALERTS)]
    except PromQLError:
        return []


class _Present:
    """Which metrics have series in a range; each metric is one request."""

    def __init__(self, client: PrometheusClient, time: TimeRange) -> None:
        self._client, self._time = client, time
        self._known: dict[str, bool] = {}

    def has(self, name: str) -> bool:
        if name not in self._known:
            matches = [str(Selector(name))]
            self._known[name] = bool(self._client.series(matches, self._time.start / 1000, self._time.end / 1000))
        return self._known[name]
