"""Dashboards: rows of panels with PromQL queries, without any JSON."""

from obscode.model.dashboard.annotation import Annotation
from obscode.model.dashboard.dashboard import Dashboard, Row
from obscode.model.dashboard.display import Override, RangeMap, RegexMap, SpecialMap, Threshold, ValueMap
from obscode.model.dashboard.link import Link
from obscode.model.dashboard.panel import Panel, QueryPanel
from obscode.model.dashboard.query import DataQuery, Query
from obscode.model.dashboard.variable import Variable

__all__ = [
    "Annotation",
    "Dashboard",
    "DataQuery",
    "Link",
    "Override",
    "Panel",
    "Query",
    "QueryPanel",
    "RangeMap",
    "RegexMap",
    "Row",
    "SpecialMap",
    "Threshold",
    "ValueMap",
    "Variable",
]
