"""The panel type `stat`: one number."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import Literal

from obscode.model import constraints
from obscode.model.dashboard import grafana_values
from obscode.model.dashboard.panel import QueryPanel
from obscode.model.dashboard.panel_kind import PanelKind


@dataclass(frozen=True)
class Stat(QueryPanel):
    """One number for each series: the current value, or a calculation over the time range.

    Attributes:
        calc: the calculation, such as "mean" or "p99", for queries over the time range.
        sparkline: draw the series below the number; the queries then cover the time range.
        color_mode: what has the color: "value", "background", "background_solid" or "none".
        text_mode: "auto", "value", "value_and_name", "name" or "none".
    """

    _: KW_ONLY
    calc: str = "lastNotNull"
    sparkline: bool = False
    color_mode: Literal["value", "background", "background_solid", "none"] = "value"
    text_mode: Literal["auto", "value", "value_and_name", "name", "none"] = "auto"

    arguments = constraints.constraints(
        QueryPanel.arguments,
        calc=grafana_values.calc,
    )

    kind = PanelKind("stat", "Stat", "numbers", thresholds="color")
    size = (6, 4)
    alert_thresholds = "color"
