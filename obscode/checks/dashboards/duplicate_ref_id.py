"""The refIds of a panel's queries are unique.

Why: Grafana assigns results to queries by refId. Two queries with the same refId show the result of one of them, or an
error.
https://github.com/thanos-io/thanos/issues/3959

Bad:
    {"type": "timeseries", "title": "Traffic",
     "targets": [{"refId": "A", "expr": "sum(received)"}, {"refId": "A", "expr": "sum(sent)"}]}

Good:
    {"type": "timeseries", "title": "Traffic",
     "targets": [{"refId": "A", "expr": "sum(received)"}, {"refId": "B", "expr": "sum(sent)"}]}
"""

from __future__ import annotations

from collections.abc import Iterator

from obscode.checks.check import Context, check
from obscode.checks.dashboards.finding import finding
from obscode.findings.finding import Finding
from obscode.reader.dashboards.model import Dashboard


@check(Dashboard)
def duplicate_ref_id(dashboard: Dashboard, context: Context) -> Iterator[Finding]:
    """Queries with the refId of another."""
    seen: set[tuple[int, str]] = set()
    for panel, target in dashboard.targets():
        key = (id(panel), target.ref)
        if target.ref and key in seen:
            message = f"two queries of {panel.name} have the refId {target.ref!r}"
            yield finding(
                duplicate_ref_id,
                message,
                "use another letter",
                target.node.at("refId"),
                panel,
                target,
            )
        seen.add(key)
