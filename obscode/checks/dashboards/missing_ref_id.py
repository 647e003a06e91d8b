"""Each query of a panel has a refId.

Why: Grafana assigns results to queries by refId. Each time it loads a dashboard in the classic format, it adds missing
ones (`ensureQueryIds` in public/app/features/dashboard/state/PanelModel.ts), so that the panel works: this is a note.
A v2 resource needs them; until Grafana's fix of December 2025, a panel with several queries without refId fails with
"duplicated ref ids", which is an error here.
https://github.com/grafana/grafana/pull/115404, https://github.com/grafana/grafana-foundation-sdk/pull/1018

Bad:
    {"type": "timeseries", "title": "Traffic", "targets": [{"expr": "sum(received)"}, {"expr": "sum(sent)"}]}

Good:
    {"type": "timeseries", "title": "Traffic",
     "targets": [{"refId": "A", "expr": "sum(received)"}, {"refId": "B", "expr": "sum(sent)"}]}
"""

from __future__ import annotations

from collections.abc import Iterator

from obscode.checks.check import Context, check
from obscode.checks.dashboards.finding import finding
from obscode.findings.code import Severity
from obscode.findings.finding import Finding
from obscode.reader.dashboards.model import CORE, QUERIED, Dashboard, Target


@check(Dashboard, severity="note")
def missing_ref_id(dashboard: Dashboard, context: Context) -> Iterator[Finding]:
    """Queries without a refId."""
    for panel, target in dashboard.targets():
        if not target.ref and panel.type not in CORE - QUERIED:
            message = f"{target.name} of {panel.name} has no refId"
            severity: Severity = "note"
            if dashboard.form == "v2":
                severity = "error" if sum(not each.ref for each in panel.targets) > 1 else "warning"
            hint = f'add "refId": "{_free_letter(panel.targets)}"'
            yield finding(missing_ref_id, message, hint, target.node.path, panel, target, severity)


def _free_letter(targets: tuple[Target, ...]) -> str:
    used = {target.ref for target in targets}
    return next((letter for letter in "ABCDEFGHIJKLMNOPQRSTUVWXYZ" if letter not in used), "AA")
