"""Writes the panel type `heatmap`."""

from __future__ import annotations

from obscode.compiler.grafana.fields import data_link
from obscode.compiler.grafana.json_parts import Json
from obscode.compiler.grafana.writer import PanelWriter, QueryFormat, query_panel
from obscode.model.numbers import shortest_number
from obscode.model.panels.heatmap import Heatmap

OPTIONS: Json = {
    "calculate": False,
    "color": {
        "mode": "scheme",
        "scheme": "Oranges",
        "fill": "dark-orange",
        "scale": "exponential",
        "exponent": 0.5,
        "steps": 64,
        "reverse": False,
    },
    "cellGap": 1,
    "filterValues": {"le": 1e-9},
    "rowsFrame": {"layout": "auto"},
    "showValue": "never",
    "exemplars": {"color": "rgba(255,0,255,0.7)"},
    "legend": {"show": True},
    "tooltip": {"mode": "single", "yHistogram": True, "showColorScale": True},
    "yAxis": {"axisPlacement": "left", "reverse": False},
}


def write(panel: Heatmap) -> Json:
    # Grafana's heatmap reads the links only; the unit and the text for no data are for other readers of the JSON.
    links = [data_link(link) for link in panel.data_links]
    fields = {"defaults": {"unit": panel.unit, "noValue": panel.no_value, "links": links}, "overrides": []}
    queries = QueryFormat() if panel.calculate else QueryFormat(format="heatmap", legend="{{le}}")
    return query_panel(panel, _options(panel), queries=queries, field_config=fields)


def _options(panel: Heatmap) -> Json:
    scale = {"type": "log", "log": panel.log_base}
    options: Json = {
        "calculate": panel.calculate,
        "color": {"scheme": panel.scheme},
        "yAxis": {
            "unit": panel.unit or None,
            "decimals": panel.decimals,
            "min": shortest_number(panel.minimum),
            "max": shortest_number(panel.maximum),
        },
    }
    if panel.log_base and panel.calculate:
        options["calculation"] = {"yBuckets": {"scale": scale}}
    if panel.cell_unit:
        options["cellValues"] = {"unit": panel.cell_unit}
    if panel.log_base and not panel.calculate:
        options["rowsFrame"] = {"layout": "auto", "yBucketScale": scale}
    return options


WRITER = PanelWriter(Heatmap, OPTIONS, write)
