"""A dashboard has a variable that selects the datasource.

Why: the uid of a datasource differs between Grafana installations. A dashboard with a fixed uid shows "datasource not
found" in all others; a variable of type datasource works in each. The profile mixin also requires a standard name and
label: `datasource` and "Data source", or `loki_datasource` and "Loki data source" if there are several.

Bad:
    {
      "templating": {"list": []},
      "panels": [{"type": "stat", "title": "Up", "datasource": {"type": "prometheus", "uid": "PBFA97CFB590B2093"}}]
    }

Good:
    {
      "templating": {"list": [
        {"name": "datasource", "label": "Data source", "type": "datasource", "query": "prometheus"}
      ]},
      "panels": [{"type": "stat", "title": "Up", "datasource": {"type": "prometheus", "uid": "${datasource}"}}]
    }
"""

from __future__ import annotations

from collections.abc import Iterator

from obscode.checks.check import Context, check
from obscode.checks.dashboards.finding import finding
from obscode.findings.finding import Finding
from obscode.reader.dashboards.model import Dashboard, Variable

_LABEL = "Data source"


@check(Dashboard, severity="warning", scope="file", style=True)
def template_datasource_rule(dashboard: Dashboard, context: Context) -> Iterator[Finding]:
    """A dashboard without such a variable, or with another name or label."""
    variables = dashboard.datasource_variables()
    if not variables:
        chosen_on_import = any(kind for kind in dashboard.inputs.values())
        if any(target.language for _, target in dashboard.targets()) and (context.mixin or not chosen_on_import):
            message = "the dashboard has no variable that selects the datasource"
            hint = 'add {"name": "datasource", "label": "Data source", "type": "datasource", "query": "prometheus"}'
            yield finding(
                template_datasource_rule,
                message,
                hint,
                dashboard.node.at("templating", "variables", "title"),
                severity=context.style_severity,
            )
    elif context.mixin:
        for variable in variables:
            yield from _named(variable, alone=len(variables) == 1)


def _named(variable: Variable, *, alone: bool) -> Iterator[Finding]:
    plugin = variable.query.lower()
    names = [*(["datasource"] if alone else []), f"{plugin}_datasource"]
    labels = [*([_LABEL] if alone else []), f"{plugin.title()} data source"]
    if variable.name not in names:
        message = f"the variable that selects the datasource is named {variable.name!r}"
        yield finding(
            template_datasource_rule,
            message,
            f"rename it to {' or '.join(map(repr, names))}",
            variable.node.at("name"),
            severity="error",
        )
    elif variable.label not in labels:
        message = f"the label of variable {variable.name!r} is {variable.label!r}"
        hint = f"write {' or '.join(map(repr, labels))}"
        yield finding(template_datasource_rule, message, hint, variable.node.at("label", "name"), severity="warning")
