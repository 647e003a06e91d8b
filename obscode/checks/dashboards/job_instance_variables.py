"""The variable `job` reads the datasource that is chosen; the profile mixin requires the variable in a fixed form.

Why: a variable that is bound to another datasource than the panels offers values that the panels do not have, and every
panel stays empty. dashboard-linter requires the variable itself, too, with the label "Job", several values at once, and
`.+` for all: `.*` would match series without the label.

Bad:
    {
      "name": "job",
      "label": "Job",
      "type": "query",
      "query": "label_values(up, job)",
      "datasource": {"type": "prometheus", "uid": "prod-eu"},
      "multi": true,
      "includeAll": true,
      "allValue": ".+",
      "refresh": 2
    }

Good:
    {
      "name": "job",
      "label": "Job",
      "type": "query",
      "query": "label_values(up, job)",
      "datasource": {"type": "prometheus", "uid": "${datasource}"},
      "multi": true,
      "includeAll": true,
      "allValue": ".+",
      "refresh": 2
    }
"""

from __future__ import annotations

from collections.abc import Iterator

from obscode.checks.check import Context, check
from obscode.checks.dashboards.finding import finding
from obscode.findings.code import Code
from obscode.findings.finding import Finding
from obscode.reader.dashboards.model import Dashboard, Variable


@check(Dashboard, severity="warning", scope="file")
def template_job_rule(dashboard: Dashboard, context: Context) -> Iterator[Finding]:
    """A variable `job` that reads a fixed datasource, or is not as dashboard-linter requires."""
    return _findings(template_job_rule, "job", dashboard, context)


@check(
    Dashboard,
    severity="warning",
    scope="file",
    docstring=(__doc__ or "").replace("job", "instance").replace("Job", "Instance"),
)
def template_instance_rule(dashboard: Dashboard, context: Context) -> Iterator[Finding]:
    """The same for a variable `instance`."""
    return _findings(template_instance_rule, "instance", dashboard, context)


def _findings(code: Code, name: str, dashboard: Dashboard, context: Context) -> Iterator[Finding]:
    variable = dashboard.variable(name)
    if not any(dashboard.targets("promql")):
        return
    if variable is None:
        if context.mixin:
            hint = f"add a query variable: label_values(up, {name})"
            path = dashboard.node.at("templating", "variables", "title")
            yield finding(code, f"the dashboard has no variable {name!r}", hint, path, severity="error")
        return
    choices = [chooser.name for chooser in dashboard.datasource_variables()]
    chosen = variable.datasource.variable
    if choices and variable.type == "query" and chosen not in choices and chosen not in dashboard.inputs:
        message = f"variable {name!r} does not read the datasource that is chosen"
        hint = f'write "datasource": {{"type": "prometheus", "uid": "${{{choices[0]}}}"}}'
        yield finding(code, message, hint, variable.datasource.path, severity=context.style_severity)
    if context.mixin:
        yield from _form(code, variable)


def _form(code: Code, variable: Variable) -> Iterator[Finding]:
    """Settings that differ from the form that dashboard-linter requires."""
    name = variable.name
    required = {
        "type": (variable.type == "query", '"query"'),
        "label": (variable.label == name.title(), f'"{name.title()}"'),
        "multi": (variable.multi, "true"),
        "allValue": (variable.all_value == ".+", '".+"'),
    }
    for key, (correct, value) in required.items():
        if not correct:
            message = f"{key} of variable {name!r} is not {value}"
            yield finding(code, message, f'write "{key}": {value}', variable.node.at(key, "name"), severity="error")
