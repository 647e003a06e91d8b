"""The panel type `status-history`: states over time, one mark for each step."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import Literal

from obscode.model.dashboard import grafana_values
from obscode.model.dashboard.panel import QueryPanel
from obscode.model.dashboard.panel_kind import PanelKind


@dataclass(frozen=True)
class StatusHistory(QueryPanel):
    """States over time, one mark for each step; ``mappings`` and ``thresholds`` name and color them.

    Attributes:
        show_value: write the state into its mark: "never", "auto" or "always".
        legend_at: "bottom", "right" or "hidden".
        tooltip: "multi" for all series, "single" or "none".
    """

    _: KW_ONLY
    show_value: Literal["never", "auto", "always"] = "never"
    legend_at: grafana_values.LegendPosition = "bottom"
    tooltip: grafana_values.TooltipMode = "single"

    kind = PanelKind("status-history", "Status history", "states", thresholds="optional")
    size = (24, 6)
    supported_override_fields = frozenset({"axis", "fill", "hide", "line_width"})
    has_unit = False
