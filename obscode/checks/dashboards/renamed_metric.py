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

import re
from collections.abc import Iterator

from obscode.checks.check import Context, check
from obscode.checks.dashboards.finding import finding
from obscode.checks.metric_renames import Rename, rename_of
from obscode.findings.finding import Finding
from obscode.promql.spans import SelectorSpan, scan
from obscode.reader.dashboards.model import Dashboard
from obscode.reader.dashboards.variables import Text, queries

# https://github.com/kubernetes/kubernetes/pull/80376
_LABELS = {"pod_name": "pod", "container_name": "container"}
_METRIC = re.compile(r"[a-zA-Z_:][\w:]*")


@check(Dashboard, severity="warning")
def renamed_metric(dashboard: Dashboard, context: Context) -> Iterator[Finding]:
    """Metrics, and labels of cAdvisor, that an exporter renamed or removed; each at its first query."""
    seen: set[str] = set()
    for text in queries(dashboard):
        if text.sql or (text.target and text.target.language != "promql"):
            continue
        for name, problem, selector in _problems(text):
            if name not in seen:
                seen.add(name)
                message, hint = problem
                where = (text.path, text.panel, text.target)
                yield finding(renamed_metric, f"{text.what} reads {message}", hint, *where, span=selector.span)


def _problems(text: Text) -> Iterator[tuple[str, tuple[str, str], SelectorSpan]]:
    """Old names with what is wrong and what to write."""
    names = {*_METRIC.findall(text.value)}
    if not any(name.startswith("container_") or rename_of(name) for name in names):
        return  # most expressions, which need no scan
    selectors = scan(text.value).selectors
    has_alternative = "or" in names and not all(rename_of(selector.metric) for selector in selectors)
    for selector in selectors:
        renamed = None if has_alternative else rename_of(selector.metric)
        if renamed and renamed.new.partition("{")[0] not in names:
            yield selector.metric, _renamed(selector.metric, renamed), selector
        if selector.metric.startswith("container_"):
            for matcher in selector.matchers:
                new = _LABELS.get(matcher.label)
                if new and new not in names:
                    message = f"{selector.metric!r} by its label {matcher.label!r}, which Kubernetes 1.16 removed"
                    yield matcher.label, (message, f"match {new}"), selector


def _renamed(metric: str, renamed: Rename) -> tuple[str, str]:
    release = f"{renamed.release.exporter} {renamed.release.version}"
    if renamed.new:
        return f"{metric!r}, which {release} replaced", f"read {renamed.new}; see {renamed.release.url}"
    return f"{metric!r}, which {release} removed", f"see {renamed.release.url}"
