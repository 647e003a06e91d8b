"""A query matches the variable `$job`.

Why: a reader who chooses a job concludes that every number on the panel is of that job. By default, a query is reported
if all other queries of its panel read `$job`. The profile mixin requires `job=~"$job"` in each selector.

Bad:
    {
      "type": "timeseries",
      "title": "Memory",
      "targets": [
        {"refId": "A", "expr": "sum(memory_used_bytes{job=~'$job'})"},
        {"refId": "B", "expr": "sum(memory_cached_bytes{job=~'$job'})"},
        {"refId": "C", "expr": "sum(memory_free_bytes)"}
      ]
    }

Good:
    {
      "type": "timeseries",
      "title": "Memory",
      "targets": [
        {"refId": "A", "expr": "sum(memory_used_bytes{job=~'$job'})"},
        {"refId": "B", "expr": "sum(memory_cached_bytes{job=~'$job'})"},
        {"refId": "C", "expr": "sum(memory_free_bytes{job=~'$job'})"}
      ]
    }
"""

from __future__ import annotations

from collections.abc import Iterator

from obscode.checks.check import Context, check
from obscode.checks.dashboards.finding import finding
from obscode.findings.code import Code
from obscode.findings.finding import Finding
from obscode.promql.spans import SelectorSpan, scan
from obscode.reader.dashboards.model import Dashboard, Panel, Target
from obscode.reader.dashboards.variables import uses


@check(Dashboard, severity="warning")
def target_job_rule(dashboard: Dashboard, context: Context) -> Iterator[Finding]:
    """Queries that show every job, whatever is chosen."""
    return _findings(target_job_rule, "job", dashboard, context)


@check(Dashboard, severity="warning", docstring=(__doc__ or "").replace("job", "instance"))
def target_instance_rule(dashboard: Dashboard, context: Context) -> Iterator[Finding]:
    """Queries that show every instance, whatever is chosen."""
    return _findings(target_instance_rule, "instance", dashboard, context)


def _findings(code: Code, name: str, dashboard: Dashboard, context: Context) -> Iterator[Finding]:
    dependent = _dependent_variables(dashboard, name) if dashboard.variable(name) else frozenset[str]()
    for panel, target in dashboard.targets("promql"):
        if context.mixin:
            problem = _unmatched(code, panel, target, name)
        else:
            problem = _exception(code, panel, target, name, dependent) if dependent else None
        if problem:
            yield problem


def _unmatched(code: Code, panel: Panel, target: Target, name: str) -> Finding | None:
    """A selector without `job=~"$job"`."""
    for selector in scan(target.expr).selectors:
        if not _is_series(selector) or any(_matches(m.label, m.op, m.value, name) for m in selector.matchers):
            continue
        series = repr(selector.metric) if selector.metric else "a selector"
        message = f'{target.name} of {panel.name} reads {series} without {name}=~"${name}"'
        hint = f'match {name}=~"${name}"'
        return finding(code, message, hint, target.query.at("expr"), panel, target, "error", selector.span)
    return None


def _is_series(selector: SelectorSpan) -> bool:
    return bool(selector.matchers) or not any(True for _ in uses(selector.metric))


def _matches(label: str, op: str, value: str, name: str) -> bool:
    return label == name and op == "=~" and any(use.name == name for use in uses(value))


def _exception(code: Code, panel: Panel, target: Target, name: str, dependent: frozenset[str]) -> Finding | None:
    """The one query of a panel that does not read a variable that all other queries of the panel read."""
    others = [other for other in panel.targets if other is not target and other.language == "promql"]
    if len(others) < 2 or _reads(target, dependent) or not all(_reads(other, dependent) for other in others):
        return None
    if not _same_exporters(target, others):
        return None
    message = f"{target.name} of {panel.name} does not read ${name}; the {len(others)} other queries of the panel do"
    hint = f'add the matcher {name}=~"${name}"'
    return finding(code, message, hint, target.query.at("expr"), panel, target, "warning")


def _same_exporters(target: Target, others: list[Target]) -> bool:
    """True if the query reads only exporters that the other queries read, so that its series have the label."""
    families = {_family(selector) for other in others for selector in scan(other.expr).selectors}
    own = {_family(selector) for selector in scan(target.expr).selectors}
    return bool(own) and "" not in own and own <= families


def _family(selector: SelectorSpan) -> str:
    """The common prefix of an exporter's series; empty for recorded series."""
    return "" if ":" in selector.metric else selector.metric.partition("_")[0]


def _reads(target: Target, names: frozenset[str]) -> bool:
    return any(use.name in names for use in uses(target.expr))


def _dependent_variables(dashboard: Dashboard, name: str) -> frozenset[str]:
    """The variable, and the variables whose values depend on it."""
    names = {name}
    while True:
        more = {v.name for v in dashboard.variables if any(use.name in names for use in uses(v.query))}
        if more <= names:
            return frozenset(names)
        names |= more
