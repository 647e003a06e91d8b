"""A panel reads the datasource of a variable, not a fixed one.

Why: a reader who selects another datasource assumes that every panel shows it. A panel with a fixed uid still shows the
old one, or nothing if no datasource has that uid. By default, panels are reported together, and only if the dashboard
has a variable for that type of datasource; the datasources that Grafana Cloud adds (`grafanacloud-...`) are accepted.

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
from obscode.reader.dashboards.model import QUERIED, Dashboard, Datasource, Panel, Target


@check(Dashboard, severity="warning")
def panel_datasource_rule(dashboard: Dashboard, context: Context) -> Iterator[Finding]:
    """Panels that read a fixed datasource; by default, each datasource is reported once."""
    kinds = {variable.query.lower() for variable in dashboard.datasource_variables()}
    same: dict[object, list[tuple[Panel, Datasource]]] = {}
    for panel in dashboard.panels:
        if panel.type in QUERIED and not panel.reference:
            datasource = next((t.datasource for t in panel.targets if _fixed(t, kinds, context)), None)
            if datasource is not None:
                same.setdefault(id(panel) if context.mixin else datasource.name, []).append((panel, datasource))
    for panels in same.values():
        panel, datasource = panels[0]
        what = repr(datasource.name) if datasource.name else "the default datasource"
        reading = f"{panel.name} and {len(panels) - 1} more read" if len(panels) > 1 else f"{panel.name} reads"
        message = f"{reading} {what}, not the selected datasource"
        hint = f'write "uid": "{_chosen(dashboard, datasource.type)}"'
        yield finding(panel_datasource_rule, message, hint, datasource.path, panel, severity=context.style_severity)


def _fixed(target: Target, kinds: set[str], context: Context) -> bool:
    """True if a query reads a fixed datasource although a variable selects one of its type."""
    read = target.datasource
    if read.variable or read.built_in:
        return False
    if context.mixin:
        return bool(read.name or target.expr)
    kind = read.type or {"promql": "prometheus", "logql": "loki", "": ""}[target.language]
    return kind in kinds and not read.name.startswith("grafanacloud-")


def _chosen(dashboard: Dashboard, kind: str) -> str:
    """The variable to use: the first of that type."""
    variables = sorted(dashboard.datasource_variables(), key=lambda variable: variable.query.lower() != kind)
    return f"${{{variables[0].name if variables else 'datasource'}}}"
