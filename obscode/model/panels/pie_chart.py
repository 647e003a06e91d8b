"""The panel type `piechart`: parts of a whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Literal

from obscode.model import constraints
from obscode.model.dashboard import grafana_values
from obscode.model.dashboard.panel import QueryPanel
from obscode.model.dashboard.panel_kind import PanelKind


@dataclass(frozen=True)
class PieChart(QueryPanel):
    """Parts of a whole, one slice for each series.

    Attributes:
        calc: the calculation, such as "mean" or "sum", for queries over the time range.
        shape: "pie" or "donut".
        labels: what is written on a slice: any of "name", "value" and "percent".
        legend_values: what the legend has beside the name: any of "value" and "percent".
        legend_at: "bottom", "right" or "hidden".
    """

    _: KW_ONLY
    calc: str = "lastNotNull"
    shape: Literal["pie", "donut"] = "pie"
    labels: Sequence[Literal["name", "value", "percent"]] = ()
    legend_values: Sequence[Literal["value", "percent"]] = ("percent",)
    legend_at: grafana_values.LegendPosition = "right"

    arguments = constraints.constraints(
        QueryPanel.arguments,
        calc=grafana_values.calc,
    )

    kind = PanelKind("piechart", "Pie chart", "numbers")
    supported_override_fields = frozenset({"hide"})
