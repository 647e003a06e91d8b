"""An override changes settings that its panel has.

Why: Grafana ignores other settings without a message. A stat has no lines and no legend, and a heatmap consists of one
field. Remove the series from the query instead.

Bad:
    Row(
        "Requests",
        panels.Stat(
            "Rate",
            "sum by (status) (rate(http_requests_total[5m]))",
            overrides=[panels.Override("500", hide=True)],
        ),
    )

Good:
    Row(
        "Requests",
        panels.TimeSeries(
            "Rate",
            "sum by (status) (rate(http_requests_total[5m]))",
            overrides=[panels.Override("500", hide=True)],
        ),
    )
"""

from __future__ import annotations

from collections.abc import Iterator

from obscode.checks.check import Context, check
from obscode.findings.finding import Finding
from obscode.model.dashboard import Override, QueryPanel


@check(QueryPanel, severity="warning", scope="compiled")
def unused_override(panel: QueryPanel, context: Context) -> Iterator[Finding]:
    """Settings of overrides without any effect."""
    for override in panel.overrides:
        yield from _without_effect(override, panel)


def _without_effect(override: Override, panel: QueryPanel) -> Iterator[Finding]:
    kind = type(panel).__name__
    if not panel.has_overrides:
        yield override.finding(unused_override, f"overrides have no effect in a {kind}", "remove the override")
        return
    for name in override.supported_override_fields():
        if name not in panel.supported_override_fields:
            having = (
                ", ".join(sorted(panel.supported_override_fields)) or "units, colors, thresholds, mappings and links"
            )
            message = f"{name} has no effect in a {kind}"
            yield override.finding(unused_override, message, f"an override can set {having}", at=name)
