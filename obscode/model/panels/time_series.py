"""The panel type `timeseries`: lines, bars or points over time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from decimal import Decimal
from typing import Literal

from obscode.model import constraints
from obscode.model.dashboard import grafana_values
from obscode.model.dashboard.panel import QueryPanel
from obscode.model.dashboard.panel_kind import PanelKind


@dataclass(frozen=True)
class TimeSeries(QueryPanel):
    """Lines over time.

    Attributes:
        draw: "line", "bars" or "points".
        gradient: how the fill changes: "none", "opacity", "hue" or "scheme".
        fill: opacity of the area below a line, 0 to 100.
        line_width: in pixels, 0 to 10.
        interpolation: "linear", "smooth", "stepBefore" or "stepAfter".
        points: "auto", "always" or "never".
        connect_gaps: draw a line across missing samples.
        stack: "none", "normal" or "percent".
        point_size: the size of points in pixels, 1 to 100.
        axis: the side of the axis: "auto", "left", "right" or "hidden".
        axis_title: the text beside the axis.
        centered_zero: zero is in the middle of the axis.
        soft_minimum: the axis starts here unless a value is lower.
        soft_maximum: the axis ends here unless a value is higher.
        log_base: 2 or 10 for a logarithmic axis, 0 for a linear one.
        threshold_style: "line", "area", "line+area", "dashed", "dashed+area", "series" or "off".
        legend_calcs: calculations such as `["mean", "max"]`; the legend becomes a table with a column for each.
        legend_at: "bottom", "right" or "hidden".
        tooltip: "multi" for all series, "single" or "none".
        tooltip_sort: the order of the series in the tooltip: "desc", "asc" or "none".
    """

    _: KW_ONLY
    draw: Literal["line", "bars", "points"] = "line"
    fill: int = 0
    gradient: Literal["none", "opacity", "hue", "scheme"] = "none"
    line_width: int = 1
    interpolation: Literal["linear", "smooth", "stepBefore", "stepAfter"] = "linear"
    points: Literal["auto", "always", "never"] = "auto"
    connect_gaps: bool = False
    stack: Literal["none", "normal", "percent"] = "none"
    point_size: int = 5
    axis: Literal["auto", "left", "right", "hidden"] = "auto"
    axis_title: str = ""
    centered_zero: bool = False
    soft_minimum: float | Decimal | None = None
    soft_maximum: float | Decimal | None = None
    log_base: Literal[0, 2, 10] = 0
    threshold_style: Literal["line", "area", "line+area", "dashed", "dashed+area", "series", "off"] = "line"
    legend_calcs: Sequence[str] = ()
    legend_at: grafana_values.LegendPosition = "bottom"
    tooltip: grafana_values.TooltipMode = "multi"
    tooltip_sort: Literal["desc", "asc", "none"] = "desc"

    arguments = constraints.constraints(
        QueryPanel.arguments,
        fill=constraints.int_between(0, 100),
        line_width=constraints.int_between(0, 10),
        point_size=constraints.int_between(1, 100),
        soft_minimum=constraints.finite_number,
        soft_maximum=constraints.finite_number,
    )
    items = constraints.constraints(QueryPanel.items, legend_calcs=grafana_values.calc)

    kind = PanelKind("timeseries", "Time series", "numbers", thresholds="optional")
    supported_override_fields = frozenset({"axis", "dashed", "draw", "fill", "hide", "line_width"})
    alert_thresholds = "line"
