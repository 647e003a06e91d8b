"""Dashboards: rows of panels with PromQL queries, without any JSON."""

from obscode.model.dashboard.annotation import Annotation
from obscode.model.dashboard.dashboard import Dashboard, Row
from obscode.model.dashboard.display import Override, RangeMap, RegexMap, SpecialMap, Threshold, ValueMap
from obscode.model.dashboard.link import Link
from obscode.model.dashboard.panel import Panel, QueryPanel
from obscode.model.dashboard.panels import (
    AlertList,
    BarGauge,
    DashboardList,
    GaugePanel,
    Heatmap,
    HistogramPanel,
    Logs,
    RawPanel,
    Stat,
    StateTimeline,
    StatusHistory,
    Table,
    Text,
    TimeSeries,
)
from obscode.model.dashboard.query import Query
from obscode.model.dashboard.variable import CustomVariable, QueryVariable, TextVariable, Variable

__all__ = [
    "AlertList",
    "Annotation",
    "BarGauge",
    "CustomVariable",
    "Dashboard",
    "DashboardList",
    "GaugePanel",
    "Heatmap",
    "HistogramPanel",
    "Link",
    "Logs",
    "Override",
    "Panel",
    "Query",
    "QueryPanel",
    "QueryVariable",
    "RangeMap",
    "RawPanel",
    "RegexMap",
    "Row",
    "SpecialMap",
    "Stat",
    "StateTimeline",
    "StatusHistory",
    "Table",
    "Text",
    "TextVariable",
    "Threshold",
    "TimeSeries",
    "ValueMap",
    "Variable",
]
