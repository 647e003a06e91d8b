"""Every panel has a description, written or inferred from its expression.

Why: the person who opens a dashboard at night did not build it. A description says what the panel shows and what a rise
means. For simple expressions, obscode writes it from the metric, its help text and the functions. It reports other
panels without a description.

Bad:
    Row("Model", panels.TimeSeries("Drift", "abs(avg(model_score) - avg(model_score offset 1d))", unit="short"))

Good:
    Row(
        "Model",
        panels.TimeSeries(
            "Drift",
            "abs(avg(model_score) - avg(model_score offset 1d))",
            unit="short",
            description="How far the mean score is from yesterday's; above 0.1, look at the features.",
        ),
    )
"""

from __future__ import annotations

from collections.abc import Iterator

from obscode.checks.check import Context, check
from obscode.checks.promql_expressions import parses
from obscode.findings.finding import Finding
from obscode.model.dashboard import QueryPanel
from obscode.model.panels import Logs, Raw


# Texts and lists need no description.
@check((QueryPanel, Logs, Raw), severity="warning", scope="compiled", style=True)
def panel_description(panel: QueryPanel | Logs | Raw, context: Context) -> Iterator[Finding]:
    """Panels without a description."""
    if not _needs_none(panel) and parses(panel):
        message = f"panel {panel.title!r} has no description, and none can be inferred from its expression"
        hint = 'write description="what it shows, and what to do about it"'
        yield panel.finding(panel_description, message, hint)


def _needs_none(panel: QueryPanel | Logs | Raw) -> bool:
    return bool(panel.description.strip()) or (isinstance(panel, Raw) and not panel.all_queries())
