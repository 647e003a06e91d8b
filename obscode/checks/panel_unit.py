"""Every panel of numbers has a unit, written or inferred from its expression.

Why: 0.25 can be a quarter of a second, of a request, or of all requests; the axis shows which. obscode infers the
unit from metric names and functions (`_seconds`, `rate()`, a count divided by a count), and reports panels where it
cannot. "short" is the unit of a plain number.

Bad:
    Row("Model", panels.TimeSeries("Score", "avg by (model) (model_prediction_score)", description="The score."))

Good:
    Row(
        "Model",
        panels.TimeSeries(
            "Score", "avg by (model) (model_prediction_score)", unit="short", description="The model's own score."
        ),
        panels.TimeSeries("P90", "histogram_quantile(0.9, sum by (le) (rate(model_latency_seconds_bucket[5m])))"),
    )
"""

from __future__ import annotations

from collections.abc import Iterator

from obscode.checks.check import Context, check
from obscode.checks.promql_expressions import parses
from obscode.findings.finding import Finding
from obscode.model.dashboard import QueryPanel


@check(QueryPanel, severity="warning", scope="compiled", style=True)
def panel_unit(panel: QueryPanel, context: Context) -> Iterator[Finding]:
    """Panels of numbers without a unit."""
    if not _has_unit(panel) and parses(panel):
        message = f"panel {panel.title!r} has no unit, and none can be inferred from its expression"
        yield panel.finding(
            panel_unit, message, 'write unit="s", "ms" or "µs" for times, or unit="short" for a plain number'
        )


def _has_unit(panel: QueryPanel) -> bool:
    return not panel.has_unit or bool(panel.unit or panel.mappings)
