"""What every writer of panels shares: the record of a writer, and the parts of the JSON that all kinds have."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from textwrap import dedent
from typing import Any

from obscode.compiler.grafana.datasource import PROMETHEUS
from obscode.compiler.grafana.fields import defaults, overrides
from obscode.compiler.grafana.grafanalib_panel import grafanalib_panel
from obscode.compiler.grafana.json_parts import Json, merged, refs
from obscode.model.dashboard.panel import Panel, QueryPanel
from obscode.model.dashboard.query import DataQuery, Query
from obscode.model.dashboard.record_panel import RecordPanel

# Options that several panel types have, at their defaults.
LEGEND: Json = {"showLegend": True, "displayMode": "list", "placement": "bottom", "calcs": []}
TOOLTIP: Json = {"mode": "single", "sort": "none"}
REDUCE: Json = {"calcs": ["lastNotNull"], "fields": "", "values": False}


@dataclass(frozen=True)
class PanelWriter:
    """Writes one kind of panel.

    Attributes:
        definition: the class of the definitions.
        options: the options of the panel type in Grafana 13, at their defaults, in the order of the output. Source: the
            npm package @grafana/schema 13.2.3, whose types require most of them. Grafana 11 and 12 ignore unknown ones.
        write: turns a definition into a panel's JSON, which `complete` completes.
        custom: the custom field settings that the type requires.
    """

    definition: type[Panel]
    options: Mapping[str, Any]
    write: Callable[[Any], Json]
    custom: Mapping[str, Any] | None = None


@dataclass(frozen=True)
class QueryFormat:
    """How a kind of panel queries: at one instant or over the time range, and the form of the result."""

    instant: bool = False
    format: str = ""
    legend: str = "__auto"


def content_panel(panel: Panel, options: Json) -> Json:
    """A panel without queries."""
    return grafanalib_panel(panel, extra={"options": options})


def query_panel(
    panel: QueryPanel,
    options: Json,
    custom: Json | None = None,
    *,
    queries: QueryFormat = QueryFormat(),
    field_config: Json | None = None,
    transformations: Sequence[Json] | None = None,
    **settings: Any,
) -> Json:
    """A panel with PromQL queries; ``settings`` are further defaults of its fields.

    ``transformations`` are all of the panel; by default those of the definition.
    """
    fields = {
        "defaults": {**settings, **defaults(panel), "custom": custom or {}},
        "overrides": overrides(panel),
    }
    return grafanalib_panel(
        panel,
        extra={"fieldConfig": field_config or fields, "options": options},
        dataSource=PROMETHEUS,
        targets=_targets(panel, queries),
        interval=panel.interval or None,
        timeFrom=panel.time_range or None,
        timeShift=panel.time_shift or None,
        hideTimeOverride=panel.hide_time,
        transformations=own_transformations(panel) if transformations is None else transformations,
    ) | ({"maxDataPoints": panel.max_points} if panel.max_points else {})


def record_panel(panel: RecordPanel, options: Json, *, instant_tables: bool = False) -> Json:
    """A panel with queries for other datasources; queries for Prometheus return tables with ``instant_tables``."""
    queries = QueryFormat(instant=True, format="table") if instant_tables else QueryFormat()
    return grafanalib_panel(
        panel,
        extra={"options": options},
        targets=_targets(panel, queries),
        timeFrom=panel.time_range or None,
        timeShift=panel.time_shift or None,
        transformations=own_transformations(panel),
    )


def own_transformations(panel: QueryPanel | RecordPanel) -> list[Json]:
    """The transformations of the definition."""
    return [merged({"id": "", "options": {}}, transformation) for transformation in panel.transformations]


def _targets(panel: QueryPanel | RecordPanel, defaults: QueryFormat) -> list[Json]:
    """Plain JSON, because grafanalib's Target has no exemplars, and doubles the step."""
    targets = panel.all_targets()
    free = (ref for ref in refs() if ref not in {target.ref for target in targets})
    return [
        _data_target(target, target.ref or next(free))
        if isinstance(target, DataQuery)
        else _target(target, target.ref or next(free), defaults)
        for target in targets
    ]


def _data_target(query: DataQuery, ref: str) -> Json:
    hidden = {"hide": True} if query.hidden else {}
    return {**query.query, "refId": ref, "datasource": query.source, **hidden}


def _target(query: Query, ref: str, defaults: QueryFormat) -> Json:
    instant = defaults.instant if query.instant is None else query.instant
    return {
        "refId": ref,
        "datasource": PROMETHEUS,
        "expr": unindented(query.expr),
        "legendFormat": query.legend or defaults.legend,
        "format": query.format or defaults.format,
        "instant": bool(instant),
        "range": instant == "both" or not instant,
        "exemplar": query.exemplars,
        "hide": query.hidden,
        **({"interval": query.interval} if query.interval else {}),
    }


def unindented(text: str) -> str:
    """A text without the indentation of the Python source around it."""
    return dedent(text).strip() if "\n" in text else text.strip()


def joined(panel: QueryPanel) -> list[Json]:
    """The transformations of a panel whose queries return tables: several are joined by their labels."""
    join = [{"id": "merge", "options": {}}] if len(panel.all_targets()) > 1 else []
    return [*join, *own_transformations(panel)]


def legend(position: str, calcs: Sequence[str] = ()) -> Json:
    """The legend of a graph: a list, or a table with a column for each calculation."""
    return {
        "showLegend": position != "hidden",
        "displayMode": "table" if calcs else "list",
        "placement": "bottom" if position == "hidden" else position,
        "calcs": list(calcs),
    }


def reduced(calc: str) -> Json:
    """The option that makes one number of a series."""
    return {**REDUCE, "calcs": [calc]}


def state_color(panel: QueryPanel) -> Json:
    """The default color of states: of their thresholds or mappings, or of a palette."""
    return {"mode": "thresholds" if panel.thresholds or panel.mappings else "palette-classic"}
