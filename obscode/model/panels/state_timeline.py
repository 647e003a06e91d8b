"""The panel type `state-timeline`: states over time, each as long as it lasts."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import Literal

from obscode.model.dashboard import grafana_values
from obscode.model.dashboard.panel import QueryPanel
from obscode.model.dashboard.panel_kind import PanelKind


@dataclass(frozen=True)
class StateTimeline(QueryPanel):
    """States over time, each as long as it lasts; ``mappings`` and ``thresholds`` name and color them.

    Attributes:
        merge: join equal states that follow each other.
        show_value: write the state into its bar: "auto", "always" or "never".
        legend_at: "bottom", "right" or "hidden".
        tooltip: "multi" for all series, "single" or "none".
    """

    _: KW_ONLY
    merge: bool = True
    show_value: Literal["auto", "always", "never"] = "auto"
    legend_at: grafana_values.LegendPosition = "bottom"
    tooltip: grafana_values.TooltipMode = "single"

    kind = PanelKind("state-timeline", "State timeline", "states", thresholds="optional")
    size = (24, 6)
    supported_override_fields = frozenset({"axis", "fill", "hide", "line_width"})
    has_unit = False
