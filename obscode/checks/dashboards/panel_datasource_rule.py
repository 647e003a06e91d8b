"""A panel reads the datasource that is chosen, not one of its own.

By default, this is told where there is something to choose: a variable of that kind of datasource.

Why: a reader who chooses another datasource believes that every panel shows it. One that is bound to a uid goes
on showing the old one, or nothing where no datasource has that uid.

Bad:
    {"panels": [
      {"type": "stat", "title": "Requests", "datasource": {"type": "prometheus", "uid": "${datasource}"}},
      {"type": "stat", "title": "Errors", "datasource": {"type": "prometheus", "uid": "prod-eu"}}
    ]}

Good:
    {"panels": [
      {"type": "stat", "title": "Requests", "datasource": {"type": "prometheus", "uid": "${datasource}"}},
      {"type": "stat", "title": "Errors", "datasource": {"type": "prometheus", "uid": "${datasource}"}}
    ]}
"""

from __future__ import annotations

from collections.abc import Iterator

from obscode.checks.check import Context, check
from obscode.checks.dashboards.finding import finding
from obscode.findings.finding import Finding
from obscode.reader.dashboards.model import QUERIED, Dashboard, Target


@check(Dashboard, severity="warning")
def panel_datasource_rule(dashboard: Dashboard, context: Context) -> Iterator[Finding]:
    """Panels that read a datasource which cannot be chosen."""
    kinds = {variable.query.lower() for variable in dashboard.datasource_variables()} | {*dashboard.inputs.values()}
    for panel in dashboard.panels:
        if panel.type not in QUERIED or panel.reference:
            continue
        wrong = next((t.datasource for t in panel.targets if _fixed(t, kinds, context)), None)
        if wrong is not None:
            what = repr(wrong.name) if wrong.name else "the default datasource"
            message = f"{panel.name} reads {what}, whatever is chosen"
            hint = f'write "uid": "{_chosen(dashboard, wrong.type)}"'
            yield finding(panel_datasource_rule, message, hint, wrong.path, panel, severity=context.style_severity)


def _fixed(target: Target, kinds: set[str], context: Context) -> bool:
    """Whether a query reads one datasource only, though others of its kind could be chosen."""
    read = target.datasource
    if read.variable or read.built_in:
        return False
    if context.mixin:
        return bool(read.name or target.expr)
    kind = read.type or {"promql": "prometheus", "logql": "loki", "": ""}[target.language]
    return kind in kinds


def _chosen(dashboard: Dashboard, kind: str) -> str:
    """The variable to write: the first of that kind."""
    variables = sorted(dashboard.datasource_variables(), key=lambda variable: variable.query.lower() != kind)
    return f"${{{variables[0].name if variables else 'datasource'}}}"
