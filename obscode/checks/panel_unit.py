"""Every panel of numbers has a unit: its own, or one that follows from its expression.

Why: 0.25 is a quarter of a second, of a request, or of all requests, and the axis is where a reader looks. What
metric names and functions tell (`_seconds`, `rate()`, one count by another) is filled in; this is told where they
do not tell. "short" is the unit of a plain number.

Bad:
    Row("Model", TimeSeries("Score", "avg by (model) (model_prediction_score)", description="The model's own score."))

Good:
    Row(
        "Model",
        TimeSeries(
            "Score", "avg by (model) (model_prediction_score)", unit="short", description="The model's own score."
        ),
        TimeSeries("P90", "histogram_quantile(0.9, sum by (le) (rate(model_latency_seconds_bucket[5m])))"),
    )
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from obscode.artifacts.project import Artifacts
from obscode.checks.promql_expressions import parses
from obscode.findings.finding import Finding
from obscode.findings.source import Source
from obscode.model.dashboard import QueryPanel


def check(artifacts: Artifacts) -> Iterator[tuple[Source, Finding]]:
    """Panels of numbers without a unit, each as a warning."""
    for dashboard in artifacts.dashboards:
        for panel in dashboard.panels():
            if isinstance(panel, QueryPanel) and not _has_unit(panel) and parses(panel):
                message = f"panel {panel.title!r} has no unit, and none follows from its expression"
                finding = panel.finding("panel-unit", message, 'write unit="s", or unit="short" for a plain number')
                yield panel, replace(finding, severity="warning")


def _has_unit(panel: QueryPanel) -> bool:
    return not panel.has_unit or bool(panel.unit or panel.mappings)
