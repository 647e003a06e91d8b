"""The panel type `bargauge`: numbers as bars."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import Literal

from obscode.model import constraints
from obscode.model.dashboard import grafana_values
from obscode.model.dashboard.panel import QueryPanel
from obscode.model.dashboard.panel_kind import PanelKind


@dataclass(frozen=True)
class BarGauge(QueryPanel):
    """Numbers as bars, one for each series.

    Attributes:
        calc: the calculation, such as "mean" or "p99", for queries over the time range.
        display: "gradient", "lcd" or "basic".
        orientation: "horizontal", "vertical" or "auto".
    """

    _: KW_ONLY
    calc: str = "lastNotNull"
    display: Literal["gradient", "lcd", "basic"] = "gradient"
    orientation: Literal["horizontal", "vertical", "auto"] = "horizontal"

    arguments = constraints.constraints(
        QueryPanel.arguments,
        calc=grafana_values.calc,
    )

    kind = PanelKind("bargauge", "Bar gauge", "numbers", thresholds="color")
    alert_thresholds = "color"
