"""The query of a variable has a form that the Prometheus datasource knows, and its PromQL parses.

Why: a variable whose query has an error has no values, and every panel that uses it is empty.
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
from obscode.findings.code import Severity
from obscode.findings.finding import Finding
from obscode.promql.errors import PromQLError
from obscode.reader.dashboards.datasources import PROMETHEUS
from obscode.reader.dashboards.expressions import query
from obscode.reader.dashboards.metricsql import is_metricsql, reads_victoriametrics
from obscode.reader.dashboards.model import Dashboard, Variable

_CALL = re.compile(r"\s*(label_names|label_values|metrics|query_result)\s*\((.*)\)\s*", re.DOTALL)
# As in Grafana: a selector before the last comma, a label after it, which may have any character (Prometheus 3).
_LABEL_VALUES = re.compile(r"(?:(.+),\s*)?((?:\$\{[^{}]*\}|\"[^\"]*\"|[^\s(){},\"])+)\s*", re.DOTALL)
_FUNCTION = re.compile(r"\s*([a-z_]+)\s*\(")


@check(Dashboard)
def template_label_promql_rule(dashboard: Dashboard, context: Context) -> Iterator[Finding]:
    """Variables whose query has an error."""
    hint = "such as label_values(up, job), query_result(...) or metrics(...)"
    for variable in dashboard.variables:
        if variable.type != "query" or not _is_prometheus(variable) or is_metricsql(variable.query):
            continue
        promql, problem = _promql_of(variable.query)
        if problem:
            message = f"the query of variable {variable.name!r} {problem}: {variable.query!r}"
            yield finding(template_label_promql_rule, message, hint, variable.query_path)
        elif promql and (error := _syntax_error(promql, dashboard)):
            message = f"the query of variable {variable.name!r} is not PromQL: {error}"
            severity: Severity = "note" if reads_victoriametrics(dashboard) else "error"
            path = variable.query_path
            yield finding(template_label_promql_rule, message, hint, path, severity=severity, file_only=True)


def _is_prometheus(variable: Variable) -> bool:
    known = variable.datasource.type
    return known in PROMETHEUS or (not known and variable.query.startswith("label_values("))


def _promql_of(text: str) -> tuple[str, str]:
    """The PromQL in a query, which may be empty, and what is wrong with the form of the query."""
    call = _CALL.fullmatch(text)
    if call is None:
        function = _FUNCTION.match(text)
        is_open = function and function[1] in ("label_values", "query_result", "metrics", "label_names")
        return ("", "has no closing parenthesis") if is_open else (text.strip(), "")
    name, arguments = call[1], call[2].strip()
    if name == "query_result":
        return arguments, ""
    if name == "label_values":
        parts = _LABEL_VALUES.fullmatch(arguments)
        return ((parts[1] or "").strip(), "") if parts else ("", "does not end in a label")
    return "", ""


def _syntax_error(promql: str, dashboard: Dashboard) -> str:
    try:
        query(promql, dashboard)
    except PromQLError as error:
        return "" if error.is_limit else str(error)
    return ""
