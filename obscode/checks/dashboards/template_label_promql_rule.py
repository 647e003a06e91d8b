"""The query of a variable is one that Prometheus' datasource knows, and its PromQL parses.

Why: a variable whose query is refused has no values, and every panel that reads it stays empty.
https://grafana.com/docs/grafana/latest/datasources/prometheus/template-variables/

Bad:
    {"name": "pod", "type": "query", "query": "label_values(kube_pod_info{namespace='shop', pod)", "refresh": 2}

Good:
    {"name": "pod", "type": "query", "query": "label_values(kube_pod_info{namespace='shop'}, pod)", "refresh": 2}
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from obscode.checks.check import Context, check
from obscode.checks.dashboards.finding import finding
from obscode.findings.finding import Finding
from obscode.promql.errors import PromQLError
from obscode.reader.dashboards.datasources import PROMETHEUS
from obscode.reader.dashboards.expressions import is_metricsql, query
from obscode.reader.dashboards.model import Dashboard, Variable

_CALL = re.compile(r"\s*(label_names|label_values|metrics|query_result)\s*\((.*)\)\s*", re.DOTALL)
# As in Grafana: what stands before the last comma is a selector, what stands behind it a label.
_LABEL_VALUES = re.compile(r"(?:(.+),\s*)?([\w$\"{}:.\[\]-]+)\s*", re.DOTALL)
_FUNCTION = re.compile(r"\s*([a-z_]+)\s*\(")


@check(Dashboard)
def template_label_promql_rule(dashboard: Dashboard, context: Context) -> Iterator[Finding]:
    """Variables that have no values."""
    for variable in dashboard.variables:
        if variable.type != "query" or not _is_prometheus(variable) or is_metricsql(variable.query):
            continue
        if wrong := _wrong(variable.query, dashboard):
            message = f"the query of variable {variable.name!r} {wrong}"
            hint = "such as label_values(up, job), query_result(...) or metrics(...)"
            yield finding(template_label_promql_rule, message, hint, variable.query_path)


def _is_prometheus(variable: Variable) -> bool:
    known = variable.datasource.type
    return known in PROMETHEUS or (not known and variable.query.startswith("label_values("))


def _wrong(text: str, dashboard: Dashboard) -> str:
    if not text.strip():
        return ""  # told elsewhere by nobody: the new editor keeps its parts beside the query
    call = _CALL.fullmatch(text)
    if call is None:
        function = _FUNCTION.match(text)
        if function and function[1] in ("label_values", "query_result", "metrics", "label_names"):
            return f"has no end: {text!r}"
        return _refused(text, dashboard)
    name, inside = call[1], call[2].strip()
    if name == "query_result":
        return _refused(inside, dashboard)
    if name == "label_values":
        parts = _LABEL_VALUES.fullmatch(inside)
        if parts is None:
            return f"does not end in a label: {text!r}"
        return _refused(parts[1].strip(), dashboard) if parts[1] else ""
    return ""


def _refused(expr: str, dashboard: Dashboard) -> str:
    try:
        query(expr, dashboard)
    except PromQLError as error:
        return "" if error.is_limit else f"is no PromQL: {error}"
    return ""
