"""Writes the panel type `xychart`."""

from __future__ import annotations

from collections.abc import Iterator

from obscode.compiler.grafana.json_parts import Json
from obscode.compiler.grafana.writer import LEGEND, TOOLTIP, PanelWriter, QueryFormat, joined, legend, query_panel
from obscode.model.panels.xy_chart import XYChart

OPTIONS: Json = {"mapping": "auto", "series": [], "legend": LEGEND, "tooltip": TOOLTIP}
_FIELDS = ("Value #A", "Value #B")


def write(panel: XYChart) -> Json:
    series = [dict(each) for each in panel.series] or list(_series(panel))
    options = {
        "mapping": "manual" if series else "auto",
        "series": series,
        "legend": legend(panel.legend_at),
        "tooltip": {"mode": panel.tooltip, "sort": "none"},
    }
    custom = {
        "show": panel.draw,
        "pointSize": {"fixed": panel.point_size},
        "lineWidth": panel.line_width,
        "fillOpacity": panel.fill,
        "axisLabel": panel.axis_title,
        "axisPlacement": panel.axis,
    }
    queries = QueryFormat(instant=True, format="table")
    return query_panel(panel, options, custom, queries=queries, transformations=joined(panel))


def _series(panel: XYChart) -> Iterator[Json]:
    """A series for each field of the vertical axis; none if Grafana finds the fields."""
    several = len(panel.all_targets()) > 1
    x, y = panel.x or (_FIELDS[0] if several else ""), panel.y or ([_FIELDS[1]] if several else [])
    others = {"size": panel.size_by, "color": panel.color_by}
    named = {name: _field(field) for name, field in others.items() if field}
    frame = {"matcher": {"id": "byIndex", "options": 0}}
    if x and y:
        yield from ({"frame": frame, "x": _field(x), "y": _field(each), **named} for each in y)


def _field(name: str) -> Json:
    return {"matcher": {"id": "byName", "options": name}}


WRITER = PanelWriter(XYChart, OPTIONS, write)
