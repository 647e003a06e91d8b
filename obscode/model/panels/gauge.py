"""The panel type `gauge`: a number on a dial."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass

from obscode.model import constraints
from obscode.model.dashboard import grafana_values
from obscode.model.dashboard.panel import QueryPanel
from obscode.model.dashboard.panel_kind import PanelKind


@dataclass(frozen=True)
class Gauge(QueryPanel):
    """A number on a dial from ``minimum`` to ``maximum``; for a ratio or a percentage, both have a default.

    Attributes:
        calc: the calculation, such as "mean" or "p99", for queries over the time range.
        threshold_labels: write the thresholds at the dial.
        threshold_markers: draw the thresholds around the dial.
    """

    _: KW_ONLY
    calc: str = "lastNotNull"
    threshold_labels: bool = False
    threshold_markers: bool = True

    arguments = constraints.constraints(
        QueryPanel.arguments,
        calc=grafana_values.calc,
    )

    kind = PanelKind("gauge", "Gauge", "numbers", thresholds="color")
    size = (6, 6)
    has_range = True
    alert_thresholds = "color"
