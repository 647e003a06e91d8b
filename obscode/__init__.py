"""obscode: monitoring declared once in Python, compiled to Prometheus, Alertmanager and Grafana.

The names here are what a definition imports; nothing else is public, but for ``obscode.presets``,
``obscode.testing`` and ``obscode.instrument``.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from obscode.alert import Alert, AlertTest, RecordingRule
    from obscode.burn import BurnAlert, Tier
    from obscode.dashboard import (
        AlertList,
        Annotation,
        BarGauge,
        CustomVariable,
        Dashboard,
        DashboardList,
        GaugePanel,
        Heatmap,
        HistogramPanel,
        Link,
        Logs,
        Override,
        Panel,
        Query,
        QueryVariable,
        RangeMap,
        RawPanel,
        RegexMap,
        Row,
        SpecialMap,
        Stat,
        StateTimeline,
        StatusHistory,
        Table,
        Text,
        TextVariable,
        Threshold,
        TimeSeries,
        ValueMap,
    )
    from obscode.metrics import Counter, Gauge, Histogram, Summary
    from obscode.no_data import NoData
    from obscode.project import Environment, Project
    from obscode.routing import Route, Routing, Webhook
    from obscode.scrape import ScrapeJob
    from obscode.service import Service
    from obscode.sli.errors_and_latency import ErrorsAndLatency
    from obscode.sli.free_query import FreeQuery
    from obscode.sli.freshness import Freshness
    from obscode.sli.latency import Latency
    from obscode.sli.native_latency import NativeLatency
    from obscode.sli.ratio import Ratio
    from obscode.sli.raw_ratio import RawRatio
    from obscode.sli.time_slice import TimeSlice
    from obscode.sli.uptime import Uptime
    from obscode.slo import SLO

# Where each public name lives; imported on first use, so that `obscode --help` loads none of them.
_HOME = {
    "Alert": "alert",
    "AlertList": "dashboard",
    "AlertTest": "alert",
    "Annotation": "dashboard",
    "BarGauge": "dashboard",
    "BurnAlert": "burn",
    "Counter": "metrics",
    "CustomVariable": "dashboard",
    "Dashboard": "dashboard",
    "DashboardList": "dashboard",
    "Environment": "project",
    "ErrorsAndLatency": "sli.errors_and_latency",
    "FreeQuery": "sli.free_query",
    "Freshness": "sli.freshness",
    "Gauge": "metrics",
    "GaugePanel": "dashboard",
    "Heatmap": "dashboard",
    "Histogram": "metrics",
    "HistogramPanel": "dashboard",
    "Latency": "sli.latency",
    "Link": "dashboard",
    "Logs": "dashboard",
    "NativeLatency": "sli.native_latency",
    "NoData": "no_data",
    "Override": "dashboard",
    "Panel": "dashboard",
    "Project": "project",
    "Query": "dashboard",
    "QueryVariable": "dashboard",
    "RangeMap": "dashboard",
    "Ratio": "sli.ratio",
    "RawPanel": "dashboard",
    "RawRatio": "sli.raw_ratio",
    "RecordingRule": "alert",
    "RegexMap": "dashboard",
    "Route": "routing",
    "Routing": "routing",
    "Row": "dashboard",
    "SLO": "slo",
    "ScrapeJob": "scrape",
    "Service": "service",
    "SpecialMap": "dashboard",
    "Stat": "dashboard",
    "StateTimeline": "dashboard",
    "StatusHistory": "dashboard",
    "Summary": "metrics",
    "Table": "dashboard",
    "Text": "dashboard",
    "TextVariable": "dashboard",
    "Threshold": "dashboard",
    "Tier": "burn",
    "TimeSeries": "dashboard",
    "TimeSlice": "sli.time_slice",
    "Uptime": "sli.uptime",
    "ValueMap": "dashboard",
    "Webhook": "routing",
}

__all__ = [
    "SLO",
    "Alert",
    "AlertList",
    "AlertTest",
    "Annotation",
    "BarGauge",
    "BurnAlert",
    "Counter",
    "CustomVariable",
    "Dashboard",
    "DashboardList",
    "Environment",
    "ErrorsAndLatency",
    "FreeQuery",
    "Freshness",
    "Gauge",
    "GaugePanel",
    "Heatmap",
    "Histogram",
    "HistogramPanel",
    "Latency",
    "Link",
    "Logs",
    "NativeLatency",
    "NoData",
    "Override",
    "Panel",
    "Project",
    "Query",
    "QueryVariable",
    "RangeMap",
    "Ratio",
    "RawPanel",
    "RawRatio",
    "RecordingRule",
    "RegexMap",
    "Route",
    "Routing",
    "Row",
    "ScrapeJob",
    "Service",
    "SpecialMap",
    "Stat",
    "StateTimeline",
    "StatusHistory",
    "Summary",
    "Table",
    "Text",
    "TextVariable",
    "Threshold",
    "Tier",
    "TimeSeries",
    "TimeSlice",
    "Uptime",
    "ValueMap",
    "Webhook",
]


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'obscode' has no attribute {name!r}")
    value = getattr(import_module(f"obscode.{_HOME[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
