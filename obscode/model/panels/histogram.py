"""The panel type `histogram`: the distribution of values."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from decimal import Decimal

from obscode.model import constraints
from obscode.model.dashboard import grafana_values
from obscode.model.dashboard.panel import QueryPanel
from obscode.model.dashboard.panel_kind import PanelKind


@dataclass(frozen=True)
class Histogram(QueryPanel):
    """How often each value occurs over the whole time range.

    Attributes:
        bucket_count: the number of buckets, 2 to 1000.
        bucket_size: the width of a bucket, in the panel's unit; it overrides ``bucket_count``.
        combine: count all series together.
        fill: opacity of the bars, 0 to 100.
        legend_at: "bottom", "right" or "hidden".
    """

    _: KW_ONLY
    bucket_count: int = 30
    bucket_size: float | Decimal | None = None
    combine: bool = False
    fill: int = 80
    legend_at: grafana_values.LegendPosition = "bottom"

    arguments = constraints.constraints(
        QueryPanel.arguments,
        bucket_count=constraints.int_between(2, 1000),
        bucket_size=constraints.finite_number,
        fill=constraints.int_between(0, 100),
    )

    kind = PanelKind("histogram", "Histogram", "numbers", thresholds="optional")
    supported_override_fields = frozenset({"axis", "fill", "hide", "line_width"})
