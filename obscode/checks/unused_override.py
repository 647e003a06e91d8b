"""An override changes something that its kind of panel has.

Why: Grafana passes over the rest in silence. A stat has no lines to dash and no legend to hide a series from, a
heatmap is all of one field; leave the series out of the query instead.

Bad:
    Row(
        "Requests",
        Stat(
            "Rate",
            "sum by (status) (rate(http_requests_total[5m]))",
            overrides=[Override("500", hide=True)],
        ),
    )

Good:
    Row(
        "Requests",
        TimeSeries(
            "Rate",
            "sum by (status) (rate(http_requests_total[5m]))",
            overrides=[Override("500", hide=True)],
        ),
    )
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from obscode.artifacts.project import Artifacts
from obscode.findings.finding import Finding
from obscode.findings.source import Source
from obscode.model.dashboard import Override, QueryPanel


def check(artifacts: Artifacts) -> Iterator[tuple[Source, Finding]]:
    """Settings of overrides without any effect, each as a warning."""
    for dashboard in artifacts.dashboards:
        for panel in dashboard.panels():
            if isinstance(panel, QueryPanel):
                for override in panel.overrides:
                    for finding in _without_effect(override, panel):
                        yield panel, replace(finding, severity="warning")


def _without_effect(override: Override, panel: QueryPanel) -> Iterator[Finding]:
    kind = type(panel).__name__
    if not panel.has_overrides:
        yield override.finding("unused-override", f"overrides have no effect in a {kind}", "remove the override")
        return
    for name in override.supported_override_fields():
        if name not in panel.supported_override_fields:
            having = (
                ", ".join(sorted(panel.supported_override_fields)) or "units, colors, thresholds, mappings and links"
            )
            message = f"{name} has no effect in a {kind}"
            yield override.finding("unused-override", message, f"what an override can set there: {having}", at=name)
