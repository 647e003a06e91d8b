"""The panel type `barchart`: bars of categories."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Literal

from obscode.model import constraints
from obscode.model.dashboard import grafana_values
from obscode.model.dashboard.panel import QueryPanel
from obscode.model.dashboard.panel_kind import PanelKind


@dataclass(frozen=True)
class BarChart(QueryPanel):
    """Bars of categories: `panels.BarChart("Orders", "sum by (country) (orders)", x="country")`.

    The queries return tables with the current values; several are joined by their labels. For bars over time, use
    `panels.TimeSeries(draw="bars")`.

    Attributes:
        x: the label with the categories; by default the first field with texts.
        color_by: the field whose values color the bars.
        orientation: "auto", "horizontal" or "vertical".
        stack: "none", "normal" or "percent".
        show_value: write the value at each bar: "auto", "always" or "never".
        fill: opacity of the bars, 0 to 100.
        line_width: of the outline in pixels, 0 to 10.
        gradient: how the fill changes: "none", "opacity", "hue" or "scheme".
        bar_width: the share of the space that a bar takes, 0 to 1.
        group_width: the share of the space that a group of bars takes, 0 to 1.
        label_rotation: of the names of the categories in degrees, -90 to 90.
        label_length: the greatest length of the names of the categories, 0 for any.
        axis: the side of the axis: "auto", "left", "right" or "hidden".
        axis_title: the text beside the axis.
        legend_calcs: calculations such as `["sum", "max"]`; the legend becomes a table with a column for each.
        legend_at: "bottom", "right" or "hidden".
        tooltip: "multi" for all series, "single" or "none".
    """

    _: KW_ONLY
    x: str = ""
    color_by: str = ""
    orientation: Literal["auto", "horizontal", "vertical"] = "auto"
    stack: Literal["none", "normal", "percent"] = "none"
    show_value: Literal["auto", "always", "never"] = "auto"
    fill: int = 80
    line_width: int = 1
    gradient: Literal["none", "opacity", "hue", "scheme"] = "none"
    bar_width: float = 0.97
    group_width: float = 0.7
    label_rotation: int = 0
    label_length: int = 0
    axis: Literal["auto", "left", "right", "hidden"] = "auto"
    axis_title: str = ""
    legend_calcs: Sequence[str] = ()
    legend_at: grafana_values.LegendPosition = "bottom"
    tooltip: grafana_values.TooltipMode = "single"

    arguments = constraints.constraints(
        QueryPanel.arguments,
        fill=constraints.int_between(0, 100),
        line_width=constraints.int_between(0, 10),
        bar_width=constraints.number_between(0, 1),
        group_width=constraints.number_between(0, 1),
        label_rotation=constraints.int_between(-90, 90),
        label_length=constraints.int_between(0, 1000),
    )
    items = constraints.constraints(QueryPanel.items, legend_calcs=grafana_values.calc)

    kind = PanelKind("barchart", "Bar chart", "numbers", thresholds="optional")
    supported_override_fields = frozenset({"axis", "fill", "hide", "line_width"})
    has_legend = False  # the columns of a table
