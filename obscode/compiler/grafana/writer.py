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
        transformations=own_transformations(panel) if transformations is None else transformations,
    )


def own_transformations(panel: QueryPanel) -> list[Json]:
    """The transformations of the definition."""
    return [merged({"id": "", "options": {}}, transformation) for transformation in panel.transformations]


def _targets(panel: QueryPanel, defaults: QueryFormat) -> list[Json]:
    """Plain JSON, because grafanalib's Target has no exemplars, and doubles the step."""
    queries = panel.all_queries()
    free = (ref for ref in refs() if ref not in {query.ref for query in queries})
    return [
        {
            "refId": query.ref or next(free),
            "datasource": PROMETHEUS,
            "expr": unindented(query.expr),
            "legendFormat": query.legend or defaults.legend,
            "format": defaults.format,
            "instant": defaults.instant if query.instant is None else query.instant,
            "exemplar": query.exemplars,
            "hide": query.hidden,
            **({"interval": query.interval} if query.interval else {}),
        }
        for query in queries
    ]


def unindented(text: str) -> str:
    """A text without the indentation of the Python source around it."""
    return dedent(text).strip() if "\n" in text else text.strip()


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
