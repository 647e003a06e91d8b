"""A query reads the current names of an exporter's metrics.

Why: a release of the exporter renamed or removed the metric, so the panel is empty after an upgrade. The table of names
(obscode/checks/metric_renames.py) has the release, its date and its changelog for each. A query that reads the new name
or another metric instead (`new or old`) is accepted. cAdvisor's labels `pod_name` and `container_name`, which were
removed from `container_...` in Kubernetes 1.16, are reported in matchers.

Bad:
    {"type": "timeseries", "title": "CPU", "targets": [{"refId": "A", "expr": "sum(rate(node_cpu[5m]))"}]}

Good:
    {"type": "timeseries", "title": "CPU", "targets": [{"refId": "A", "expr": "sum(rate(node_cpu_seconds_total[5m]))"}]}
"""

from __future__ import annotations

from collections.abc import Iterator

from obscode.checks.check import Context, check
from obscode.checks.dashboards.finding import finding
from obscode.checks.metric_renames import old_names
from obscode.findings.finding import Finding
from obscode.reader.dashboards.model import Dashboard
from obscode.reader.dashboards.variables import queries


@check(Dashboard, severity="warning")
def renamed_metric(dashboard: Dashboard, context: Context) -> Iterator[Finding]:
    """Metrics, and labels of cAdvisor, that an exporter renamed or removed; each at its first query."""
    seen: set[str] = set()
    for text in queries(dashboard):
        if text.sql or (text.target and text.target.language != "promql"):
            continue
        for old in old_names(text.value):
            if old.name not in seen:
                seen.add(old.name)
                where = (text.path, text.panel, text.target)
                message = f"{text.what} reads {old.what}"
                yield finding(renamed_metric, message, old.hint, *where, span=old.span, fix=old.fix)
