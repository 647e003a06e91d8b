"""The panel type `heatmap`: the buckets of a histogram over time."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import KW_ONLY, dataclass
from typing import Literal

from obscode.model import constraints
from obscode.model.dashboard.panel import QueryPanel
from obscode.model.dashboard.panel_kind import PanelKind
from obscode.model.dashboard.units import validate_unit


@dataclass(frozen=True)
class Heatmap(QueryPanel):
    """The buckets of a histogram over time: `sum by (le) (rate(name_bucket[$__rate_interval]))`.

    ``unit`` is the unit of the buckets. Overrides have no effect.

    Attributes:
        calculate: count the values of plain series into buckets.
        cell_unit: the unit of the counts in the buckets.
        scheme: a color scheme of Grafana's, such as "Oranges" or "Spectral".
        log_base: 2 or 10 for a logarithmic axis, 0 for a linear one.
    """

    _: KW_ONLY
    calculate: bool = False
    cell_unit: str = ""
    scheme: str = "Oranges"
    log_base: Literal[0, 2, 10] = 0

    arguments = constraints.constraints(
        QueryPanel.arguments,
        cell_unit=validate_unit,
        scheme=constraints.non_empty,
    )

    kind = PanelKind("heatmap", "Heatmap", "numbers")
    has_legend = False
    has_overrides = False

    def measured_expressions(self, expr: str) -> Mapping[str, str]:
        return {"unit": expr} if self.calculate else {"unit": f"histogram_quantile(0.5, {expr})", "cell_unit": expr}
