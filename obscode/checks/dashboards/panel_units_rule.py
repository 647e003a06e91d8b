"""A panel of numbers has a unit, and it is one that Grafana knows.

Why: 0.25 may be a quarter of a second or 25 %; with the unit, Grafana writes "250 ms" or "25%" and scales the
axis. A unit that it does not know it writes behind the number as it is, unscaled: 86400 "seconds" never become a
day. Text of your own is best written `suffix:jobs`, which says that it is meant so; by default, plain `jobs` is
not told, only what stands for a unit that Grafana has.

Bad:
    {"type": "stat", "title": "Latency", "fieldConfig": {"defaults": {"unit": "seconds"}, "overrides": []},
     "targets": [{"refId": "A", "expr": "max(latency_seconds)"}]}

Good:
    {"type": "stat", "title": "Latency", "fieldConfig": {"defaults": {"unit": "s"}, "overrides": []},
     "targets": [{"refId": "A", "expr": "max(latency_seconds)"}]}
"""

from __future__ import annotations

from collections.abc import Iterator

from obscode.checks.check import Context, check
from obscode.checks.dashboards.finding import finding
from obscode.findings.finding import Finding
from obscode.model.dashboard.units import UNITS, unit_for, unit_problem
from obscode.reader.dashboards.json_cursor import Node, Path
from obscode.reader.dashboards.model import NUMBERS, Dashboard, Panel


@check(Dashboard, severity="warning", scope="file")
def panel_units_rule(dashboard: Dashboard, context: Context) -> Iterator[Finding]:
    """Panels whose numbers say nothing of what they count."""
    for panel in dashboard.panels:
        if panel.type not in NUMBERS or panel.reference or _shows_words(panel):
            continue
        units = dict(_units(panel))
        # The columns of a table differ; what is missing there is only told to those who ask for all.
        if not units and panel.targets and (context.mixin or not panel.type.startswith("table")):
            message = f"{panel.name} has no unit"
            hint = 'write "unit": "s", "bytes", "reqps", "percentunit", ... or "short" for a plain number'
            yield finding(
                panel_units_rule, message, hint, panel.node.at("title"), panel, severity=context.style_severity
            )
        for unit, path in units.items():
            meant = "" if unit in UNITS else unit_for(unit)
            wrong = unit_problem(unit) if meant or context.mixin else None
            if wrong:
                message = f"{panel.name} has the unit {unit!r}, which Grafana does not know and only writes out"
                hint = f"write {meant!r}" if meant else wrong[1]
                yield finding(panel_units_rule, message, hint, path, panel, severity=context.style_severity)


def _shows_words(panel: Panel) -> bool:
    """Whether its values become words, so that a unit would not be seen."""
    mappings = panel.defaults.get("mappings").value
    fields = panel.options.object("reduceOptions").get("fields").value
    mapped = any(given.get("id").value == "mappings" and given.get("value").value for given in panel.properties())
    return bool(mappings) or mapped or panel.options.get("textMode").value == "name" or bool(fields)


def _units(panel: Panel) -> Iterator[tuple[str, Path]]:
    """Wherever a panel of that type may have one: those of today, then those of Grafana 6."""
    for node in _holders(panel):
        unit = node.get("unit").value
        if isinstance(unit, str) and unit.strip():
            yield unit, node.at("unit")
    for given in panel.properties():
        if given.get("id").value == "unit" and given.has("value") and given.text("value"):
            yield given.text("value"), given.at("value")
    for node in _formatted(panel):
        unit = node.get("format").value
        if isinstance(unit, str) and unit:
            yield unit, node.at("format")


def _holders(panel: Panel) -> Iterator[Node]:
    yield panel.defaults
    if panel.options.has("yAxis"):
        yield panel.options.object("yAxis")
    if panel.options.has("cellValues"):
        yield panel.options.object("cellValues")
    if panel.options.has("fieldOptions"):
        yield panel.options.object("fieldOptions").object("defaults")
    styles = panel.node.get("styles")
    if isinstance(styles.value, list):
        yield from styles.items()


def _formatted(panel: Panel) -> Iterator[Node]:
    axes = panel.node.get("yaxes")
    if panel.type == "graph" and isinstance(axes.value, list):
        yield from list(axes.items())[:1]
    if panel.type == "heatmap" and panel.node.has("yAxis"):
        yield panel.node.object("yAxis")
    if panel.type in ("singlestat", "grafana-piechart-panel"):
        yield panel.node
