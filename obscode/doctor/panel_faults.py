"""Panels without data: queries that Prometheus rejects, and queries whose series do not exist.

The queries are evaluated as Grafana does, over the range of the dashboard. A panel that is empty because nothing is
wrong, such as one of failed requests, is no fault: a metric of it has no series at all.
"""

from __future__ import annotations

from collections.abc import Iterator

from obscode.artifacts.dashboards import Dashboard
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


def panel_faults(client: PrometheusClient, artifacts: Artifacts, time: float) -> Iterator[Finding]:
    """The panels of all dashboards at a time in seconds. Raises ServerError."""
    scrape = artifacts.project.scrape_interval
    for dashboard in artifacts.dashboards:
        evaluated = view(dashboard.body, client, Range("", "", None, round(time * 1000), scrape))
        yield from findings(dashboard, [evaluated], None, is_typed=True)
        present = _Present(client, evaluated.time)
        for panel in evaluated.panels:
            if panel.planned.queries and all(query in panel.data.empty for query in panel.planned.queries):
                yield from _empty(dashboard, panel, present)


def _empty(dashboard: Dashboard, panel: ViewedPanel, present: _Present) -> Iterator[Finding]:
    """The first query of a panel whose metric has no series at all."""
    for query in panel.planned.queries:
        for name in metrics_of(query.expr):
            if not present.has(name):
                source, part = dashboard.source.locate(query.path)
                message = (
                    f"panel {as_text(panel.placed.body.get('title'))!r} has no data: Prometheus has no series {name}"
                )
                yield source.finding(EMPTY_PANEL, message, "run the query in the Prometheus UI", at=part)
                return


def metrics_of(expr: str) -> list[str]:
    """The metrics that an expression needs; none if it asks whether they are absent."""
    if "absent" in expr:
        return []
    try:
        return [selector.metric for selector in parse(expr).selectors if selector.metric not in ("", *_OF_ALERTS)]
    except PromQLError:
        return []


class _Present:
    """Which metrics have series in a range; Prometheus is asked once for each."""

    def __init__(self, client: PrometheusClient, time: TimeRange) -> None:
        self._client, self._time = client, time
        self._known: dict[str, bool] = {}

    def has(self, name: str) -> bool:
        if name not in self._known:
            matches = [str(Selector(name))]
            self._known[name] = bool(self._client.series(matches, self._time.start / 1000, self._time.end / 1000))
        return self._known[name]
