"""A rule reads the current names of an exporter's metrics.

Why: a release of the exporter renamed or removed the metric, so the expression is empty after an upgrade, and the alert
never fires. See `renamed-metric`, the same check of dashboards.

Bad:
    Alert("LowMemory", "node_memory_MemAvailable < 1e9", severity="page", summary="less than 1 GB")

Good:
    Alert("LowMemory", "node_memory_MemAvailable_bytes < 1e9", severity="page", summary="less than 1 GB")
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from obscode.artifacts.rules import Rule
from obscode.checks.check import Context, check
from obscode.checks.metric_renames import old_names
from obscode.checks.typed_expression import is_generated
from obscode.findings.finding import Finding


@check(Rule, severity="warning")
def renamed_metric_in_rule(rule: Rule, context: Context) -> Iterator[Finding]:
    """Metrics, and labels of cAdvisor, that an exporter renamed or removed; each once."""
    if is_generated(rule):
        return
    first = {old.name: old for old in reversed([*old_names(rule.expr)])}
    for old in reversed(first.values()):
        span = rule.source.characters_span("expr", *old.span)
        message = f"{rule.name} reads {old.what}"
        finding = rule.source.finding(renamed_metric_in_rule, message, old.hint, at="expr").at(span)
        yield replace(finding, fix=old.fix)
