"""A panel of numbers has a unit that Grafana knows.

Why: 0.25 may be a quarter of a second or 25 %. With a unit, Grafana shows "250 ms" or "25%" and scales the axis. It
appends an unknown unit to the number without scaling: 86400 "seconds" never become a day. Write `suffix:jobs` for text
of your own. By default, only synonyms of units that Grafana has are reported; the profile mixin reports every unknown
unit.

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
from obscode.model.dashboard.units import UNITS, unit_for, validate_unit
from obscode.reader.dashboards.json_cursor import Node, Path
from obscode.reader.dashboards.model import NUMBERS, Dashboard, Panel


@check(Dashboard, severity="warning", scope="file", style=True)
def panel_units_rule(dashboard: Dashboard, context: Context) -> Iterator[Finding]:
    """Panels of numbers without a unit, or with an unknown one."""
    for panel in dashboard.panels:
        if panel.type not in NUMBERS or panel.reference or _shows_text(panel):
            continue
        units = dict(_units(panel))
        # The columns of a table have different units; the profile mixin requires one nevertheless.
        if not units and panel.targets and (context.mixin or not panel.type.startswith("table")):
            message = f"{panel.name} has no unit"
            hint = 'write "unit": "s", "bytes", "reqps", "percentunit", ... or "short" for a plain number'
            yield finding(
                panel_units_rule, message, hint, panel.node.at("title"), panel, severity=context.style_severity
            )
        for unit, path in units.items():
            synonym = "" if unit in UNITS else unit_for(unit)
            problem = validate_unit(unit) if synonym or context.mixin else None
            if problem:
                message = f"{panel.name} has the unit {unit!r}, which Grafana does not know"
                hint = f"write {synonym!r}" if synonym else problem[1]
                yield finding(panel_units_rule, message, hint, path, panel, severity=context.style_severity)


def _shows_text(panel: Panel) -> bool:
    """True if the panel shows its values as words."""
    mappings = panel.defaults.plain("mappings")
    fields = panel.options.object("reduceOptions").plain("fields")
    mapped = any(source.plain("id") == "mappings" and source.plain("value") for source in panel.properties())
    return bool(mappings) or mapped or panel.options.plain("textMode") == "name" or bool(fields)


def _units(panel: Panel) -> Iterator[tuple[str, Path]]:
    """The units of a panel with their paths: in current JSON, then in that of Grafana 6."""
    for node in _holders(panel):
        unit = node.plain("unit")
        if isinstance(unit, str) and unit.strip():
            yield unit, node.at("unit")
    for source in panel.properties():
        if source.plain("id") == "unit" and source.has("value") and source.text("value"):
            yield source.text("value"), source.at("value")
    for node in _formatted(panel):
        unit = node.plain("format")
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
