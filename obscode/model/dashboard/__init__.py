"""Dashboards as the user thinks of them: rows of panels over PromQL. No Grafana JSON here."""

from obscode.model.dashboard.annotation import Annotation
from obscode.model.dashboard.dashboard import Dashboard, Row
from obscode.model.dashboard.display import Override, RangeMap, RegexMap, SpecialMap, Threshold, ValueMap
from obscode.model.dashboard.link import Link
from obscode.model.dashboard.panel import Panel, QueryPanel
from obscode.model.dashboard.query import Query
from obscode.model.dashboard.raw_panel import RawPanel
from obscode.model.dashboard.single_value_panels import BarGauge, GaugePanel, Stat, Table
from obscode.model.dashboard.text_and_list_panels import AlertList, DashboardList, Logs, Text
from obscode.model.dashboard.time_panels import Heatmap, HistogramPanel, StateTimeline, StatusHistory, TimeSeries
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
