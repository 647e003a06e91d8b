"""A panel has a title and a description.

Why: the person on call sees the panel for the first time at night. The title names what it shows. The description, in
the tooltip of the title, says what is normal, what to do otherwise, and where the number comes from.

Bad:
    {"type": "timeseries", "title": "Queue", "description": "",
     "targets": [{"refId": "A", "expr": "queue_length"}]}

Good:
    {"type": "timeseries", "title": "Queue", "description": "Jobs that wait for a worker; above 100, add workers.",
     "targets": [{"refId": "A", "expr": "queue_length"}]}
"""

from __future__ import annotations

from collections.abc import Iterator

from obscode.checks.check import Context, check
from obscode.checks.dashboards.finding import finding
from obscode.findings.finding import Finding
from obscode.reader.dashboards.model import QUERIED, Dashboard


@check(Dashboard, severity="warning", scope="file", style=True)
def panel_title_description_rule(dashboard: Dashboard, context: Context) -> Iterator[Finding]:
    """Panels of data without title or description."""
    for panel in dashboard.panels:
        if panel.type not in QUERIED or panel.reference:
            continue
        missing = [word for word in ("title", "description") if not getattr(panel, word).strip()]
        if missing:
            message = f"{panel.name} has no {' and no '.join(missing)}"
            hint = "describe what it shows, what is normal, and what to do otherwise"
            yield finding(
                panel_title_description_rule,
                message,
                hint,
                panel.node.at("title"),
                panel,
                severity=context.style_severity,
            )
