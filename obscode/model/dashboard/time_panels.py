"""Panels over time: lines, heatmaps, states; and the distribution of a value."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass
from decimal import Decimal

from obscode.model import constraints
from obscode.model.dashboard import grafana_values
from obscode.model.dashboard.panel import QueryPanel
from obscode.model.dashboard.units import unit_problem

_LEGEND_AT = constraints.one_of("bottom", "right", "hidden")
_TOOLTIP = constraints.one_of("multi", "single", "none")
_OF_GRAPHS = frozenset({"axis", "fill", "hide", "line_width"})


@dataclass(frozen=True)
class TimeSeries(QueryPanel):
    """Lines over time.

    ``legend_calcs`` such as `["mean", "max"]` makes the legend a table with a column each; ``thresholds`` are
    drawn as ``threshold_style`` says. ``log_base`` 2 or 10 makes the axis logarithmic.
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
        legend_at=_LEGEND_AT,
        tooltip=_TOOLTIP,
    )
    items = constraints.each(QueryPanel.items, legend_calcs=grafana_values.calc)
    supported_override_fields = _OF_GRAPHS | {"draw", "dashed"}


@dataclass(frozen=True)
class Heatmap(QueryPanel):
    """The buckets of a histogram over time: `sum by (le) (rate(name_bucket[$__rate_interval]))`.

    ``calculate`` counts the values of plain series into buckets instead. ``unit`` is that of the buckets,
    ``cell_unit`` that of what is counted in them.
    """

    _: KW_ONLY
    calculate: bool = False
    cell_unit: str = ""
    scheme: str = "Oranges"
    log_base: int = 0

    arguments = constraints.each(
        QueryPanel.arguments,
        cell_unit=unit_problem,
        scheme=constraints.words,
        log_base=constraints.one_of(0, 2, 10),
    )


@dataclass(frozen=True)
class HistogramPanel(QueryPanel):
    """How often which value occurs, over the whole time range."""

    _: KW_ONLY
    bucket_count: int = 30
    bucket_size: float | Decimal | None = None
    combine: bool = False
    fill: int = 80
    legend_at: str = "bottom"

    arguments = constraints.each(
        QueryPanel.arguments,
        bucket_count=constraints.whole(2, 1000),
        bucket_size=constraints.number,
        fill=constraints.whole(0, 100),
        legend_at=_LEGEND_AT,
    )
    supported_override_fields = _OF_GRAPHS


@dataclass(frozen=True)
class StateTimeline(QueryPanel):
    """States over time, each as long as it lasts; ``mappings`` and ``thresholds`` name and colour them."""

    _: KW_ONLY
    merge: bool = True
    show_value: str = "auto"
    legend_at: str = "bottom"
    tooltip: str = "single"

    arguments = constraints.each(
        QueryPanel.arguments,
        show_value=constraints.one_of("auto", "always", "never"),
        legend_at=_LEGEND_AT,
        tooltip=_TOOLTIP,
    )
    size = (24, 6)
    supported_override_fields = _OF_GRAPHS


@dataclass(frozen=True)
class StatusHistory(QueryPanel):
    """States over time, one mark a step."""

    _: KW_ONLY
    show_value: str = "never"
    legend_at: str = "bottom"
    tooltip: str = "single"

    arguments = constraints.each(
        QueryPanel.arguments,
        show_value=constraints.one_of("never", "auto", "always"),
        legend_at=_LEGEND_AT,
        tooltip=_TOOLTIP,
    )
    size = (24, 6)
    supported_override_fields = _OF_GRAPHS
