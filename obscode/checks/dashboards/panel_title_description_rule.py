"""A panel has a title, and a description that says what it means.

Why: the person on call sees the panel for the first time at night. The title names what is shown; the
description, behind the small i, says what is normal, what to do when it is not, and where the number comes from.

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


@check(Dashboard, severity="warning", scope="file")
def panel_title_description_rule(dashboard: Dashboard, context: Context) -> Iterator[Finding]:
    """Panels of data that do not say what they are."""
    for panel in dashboard.panels:
        if panel.type not in QUERIED or panel.reference:
            continue
        missing = [word for word in ("title", "description") if not getattr(panel, word).strip()]
        if missing:
            message = f"{panel.name} has no {' and no '.join(missing)}"
            hint = "say what it shows, what is normal, and what to do when it is not"
            yield finding(
                panel_title_description_rule,
                message,
                hint,
                panel.node.at("title"),
                panel,
                severity=context.style_severity,
            )
