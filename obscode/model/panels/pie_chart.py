"""The panel type `piechart`: parts of a whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass

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
    shape: str = "pie"
    labels: Sequence[str] = ()
    legend_values: Sequence[str] = ("percent",)
    legend_at: str = "right"

    arguments = constraints.each(
        QueryPanel.arguments,
        calc=grafana_values.calc,
        shape=constraints.one_of("pie", "donut"),
        legend_at=grafana_values.legend_position,
    )
    items = constraints.each(
        QueryPanel.items,
        labels=constraints.one_of("name", "value", "percent"),
        legend_values=constraints.one_of("value", "percent"),
    )

    kind = PanelKind("piechart", "Pie chart", "numbers")
    supported_override_fields = frozenset({"hide"})
