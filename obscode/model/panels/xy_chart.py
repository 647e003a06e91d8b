"""The panel type `xychart`: one number against another."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Any, Literal

from obscode.model import constraints
from obscode.model.dashboard import grafana_values
from obscode.model.dashboard.panel import QueryPanel
from obscode.model.dashboard.panel_kind import PanelKind


@dataclass(frozen=True)
class XYChart(QueryPanel):
    """One number against another: the results of the first query against those of the second, joined by their labels.

    `panels.XYChart("Load and errors", ["sum by (pod) (load)", "sum by (pod) (errors)"])` draws a point for each pod.

    Attributes:
        x: the field of the horizontal axis: `Value #A`, the first query, by default.
        y: the fields of the vertical axis; by default `Value #B`, or all numbers if there is one query.
        size_by: the field with the size of the points.
        color_by: the field with the color of the points.
        series: the series as in the JSON of the panel, instead of ``x``, ``y``, ``size_by`` and ``color_by``.
        draw: "points", "lines" or "points+lines".
        point_size: in pixels, 1 to 100.
        line_width: in pixels, 0 to 10.
        fill: opacity of the points, 0 to 100.
        axis: the side of the axis: "auto", "left", "right" or "hidden".
        axis_title: the text beside the axis.
        legend_at: "bottom", "right" or "hidden".
        tooltip: "single" or "none".
    """

    _: KW_ONLY
    x: str = ""
    y: Sequence[str] = ()
    size_by: str = ""
    color_by: str = ""
    series: Sequence[Mapping[str, Any]] = ()
    draw: Literal["points", "lines", "points+lines"] = "points"
    point_size: int = 5
    line_width: int = 1
    fill: int = 50
    axis: Literal["auto", "left", "right", "hidden"] = "auto"
    axis_title: str = ""
    legend_at: grafana_values.LegendPosition = "bottom"
    tooltip: Literal["single", "none"] = "single"

    arguments = constraints.constraints(
        QueryPanel.arguments,
        series=constraints.json_serialisable,
        point_size=constraints.int_between(1, 100),
        line_width=constraints.int_between(0, 10),
        fill=constraints.int_between(0, 100),
    )
    items = constraints.constraints(QueryPanel.items, y=constraints.non_empty)

    kind = PanelKind("xychart", "XY chart", "numbers")
    supported_override_fields = frozenset({"axis", "fill", "hide", "line_width"})
    has_unit = False  # each field has its own
    has_legend = False  # the columns of a table
