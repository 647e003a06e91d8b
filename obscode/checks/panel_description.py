"""Every panel has a description: its own, or one that follows from its expression.

Why: who opens a dashboard at night did not build it. A sentence on what a panel shows, and what it means when the
line goes up, is what they have. Of simple expressions it is written from the metric, its help and the functions;
this is told where that would be guessing.

Bad:
    Row("Model", TimeSeries("Drift", "abs(avg(model_score) - avg(model_score offset 1d))", unit="short"))

Good:
    Row(
        "Model",
        TimeSeries(
            "Drift",
            "abs(avg(model_score) - avg(model_score offset 1d))",
            unit="short",
            description="How far the mean score is from yesterday's; above 0.1, look at the features.",
        ),
    )
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from obscode.artifacts.project import Artifacts
from obscode.checks.promql_expressions import parses
from obscode.findings.finding import Finding
from obscode.findings.source import Source
from obscode.model.dashboard import Logs, QueryPanel, RawPanel

# Texts and lists say themselves what they are.
_DESCRIBED = (QueryPanel, Logs, RawPanel)


def check(artifacts: Artifacts) -> Iterator[tuple[Source, Finding]]:
    """Panels without a description, each as a warning."""
    for dashboard in artifacts.dashboards:
        for panel in dashboard.panels():
            if isinstance(panel, _DESCRIBED) and not _says_itself(panel) and parses(panel):
                message = f"panel {panel.title!r} has no description, and none follows from its expression"
                hint = 'write description="what it shows, and what to do about it"'
                yield panel, replace(panel.finding("panel-description", message, hint), severity="warning")


def _says_itself(panel: QueryPanel | Logs | RawPanel) -> bool:
    return bool(panel.description.strip()) or (isinstance(panel, RawPanel) and not panel.all_queries())
