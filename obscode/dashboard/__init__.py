"""Dashboards as the user thinks of them: rows of panels over PromQL. No Grafana JSON here."""

from obscode.dashboard.annotation import Annotation
from obscode.dashboard.dashboard import Dashboard, Row
from obscode.dashboard.display import Override, RangeMap, RegexMap, SpecialMap, Threshold, ValueMap
from obscode.dashboard.figures import BarGauge, GaugePanel, Stat, Table
from obscode.dashboard.graphs import Heatmap, HistogramPanel, StateTimeline, StatusHistory, TimeSeries
from obscode.dashboard.link import Link
from obscode.dashboard.lists import AlertList, DashboardList, Logs, Text
from obscode.dashboard.panel import Panel, QueryPanel
from obscode.dashboard.query import Query
from obscode.dashboard.raw import RawPanel
from obscode.dashboard.variable import CustomVariable, QueryVariable, TextVariable, Variable

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
