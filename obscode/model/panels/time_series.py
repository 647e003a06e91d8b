"""The panel type `timeseries`: lines, bars or points over time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from decimal import Decimal

from obscode.model import constraints
from obscode.model.dashboard import grafana_values
from obscode.model.dashboard.panel import QueryPanel
from obscode.model.dashboard.panel_kind import PanelKind


@dataclass(frozen=True)
class TimeSeries(QueryPanel):
    """Lines over time.

    Attributes:
        draw: "line", "bars" or "points".
        fill: opacity of the area below a line, 0 to 100.
        line_width: in pixels, 0 to 10.
        interpolation: "linear", "smooth", "stepBefore" or "stepAfter".
        points: "auto", "always" or "never".
        connect_gaps: draw a line across missing samples.
        stack: "none", "normal" or "percent".
        axis_title: the text beside the axis.
        soft_minimum: the axis starts here unless a value is lower.
        soft_maximum: the axis ends here unless a value is higher.
        log_base: 2 or 10 for a logarithmic axis, 0 for a linear one.
        threshold_style: "line", "area", "line+area", "dashed", "dashed+area", "series" or "off".
        legend_calcs: calculations such as `["mean", "max"]`; the legend becomes a table with a column for each.
        legend_at: "bottom", "right" or "hidden".
        tooltip: "multi" for all series, "single" or "none".
    """

    _: KW_ONLY
    draw: str = "line"
    fill: int = 0
    line_width: int = 1
    interpolation: str = "linear"
    points: str = "auto"
    connect_gaps: bool = False
    stack: str = "none"
    axis_title: str = ""
    soft_minimum: float | Decimal | None = None
    soft_maximum: float | Decimal | None = None
    log_base: int = 0
    threshold_style: str = "line"
    legend_calcs: Sequence[str] = ()
    legend_at: str = "bottom"
    tooltip: str = "multi"

    arguments = constraints.each(
        QueryPanel.arguments,
        draw=constraints.one_of("line", "bars", "points"),
        fill=constraints.whole(0, 100),
        line_width=constraints.whole(0, 10),
        interpolation=constraints.one_of("linear", "smooth", "stepBefore", "stepAfter"),
        points=constraints.one_of("auto", "always", "never"),
        stack=constraints.one_of("none", "normal", "percent"),
        soft_minimum=constraints.number,
        soft_maximum=constraints.number,
        log_base=constraints.one_of(0, 2, 10),
        threshold_style=constraints.one_of("line", "area", "line+area", "dashed", "dashed+area", "series", "off"),
        legend_at=grafana_values.legend_position,
        tooltip=grafana_values.tooltip_mode,
    )
    items = constraints.each(QueryPanel.items, legend_calcs=grafana_values.calc)

    kind = PanelKind("timeseries", "Time series", "numbers", thresholds="optional")
    supported_override_fields = frozenset({"axis", "dashed", "draw", "fill", "hide", "line_width"})
    alert_thresholds = "line"
