"""obscode: monitoring declared once in Python, compiled to Prometheus, Alertmanager and Grafana.

The names here are what a definition imports; nothing else is public, but for ``obscode.presets``,
``obscode.testing`` and ``obscode.instrument``.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from obscode.model.alert import Alert, AlertTest, RecordingRule
    from obscode.model.burn_rate import BurnAlert, Tier
    from obscode.model.dashboard import (
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
    from obscode.model.metrics import Counter, Gauge, Histogram, Summary
    from obscode.model.no_data import NoData
    from obscode.model.project import Environment, Project
    from obscode.model.routing import Route, Routing, Webhook
    from obscode.model.scrape import ScrapeJob
    from obscode.model.service import Service
    from obscode.model.sli.errors_and_latency import ErrorsAndLatency
    from obscode.model.sli.free_query import FreeQuery
    from obscode.model.sli.freshness import Freshness
    from obscode.model.sli.latency import Latency
    from obscode.model.sli.native_latency import NativeLatency
    from obscode.model.sli.ratio import Ratio
    from obscode.model.sli.raw_ratio import RawRatio
    from obscode.model.sli.time_slice import TimeSlice
    from obscode.model.sli.uptime import Uptime
    from obscode.model.slo import SLO

# Where each public name lives; imported on first use, so that `obscode --help` loads none of them.
_MODULE_OF = {
    "Alert": "model.alert",
    "AlertList": "model.dashboard",
    "AlertTest": "model.alert",
    "Annotation": "model.dashboard",
    "BarGauge": "model.dashboard",
    "BurnAlert": "model.burn_rate",
    "Counter": "model.metrics",
    "CustomVariable": "model.dashboard",
    "Dashboard": "model.dashboard",
    "DashboardList": "model.dashboard",
    "Environment": "model.project",
    "ErrorsAndLatency": "model.sli.errors_and_latency",
    "FreeQuery": "model.sli.free_query",
    "Freshness": "model.sli.freshness",
    "Gauge": "model.metrics",
    "GaugePanel": "model.dashboard",
    "Heatmap": "model.dashboard",
    "Histogram": "model.metrics",
    "HistogramPanel": "model.dashboard",
    "Latency": "model.sli.latency",
    "Link": "model.dashboard",
    "Logs": "model.dashboard",
    "NativeLatency": "model.sli.native_latency",
    "NoData": "model.no_data",
    "Override": "model.dashboard",
    "Panel": "model.dashboard",
    "Project": "model.project",
    "Query": "model.dashboard",
    "QueryVariable": "model.dashboard",
    "RangeMap": "model.dashboard",
    "Ratio": "model.sli.ratio",
    "RawPanel": "model.dashboard",
    "RawRatio": "model.sli.raw_ratio",
    "RecordingRule": "model.alert",
    "RegexMap": "model.dashboard",
    "Route": "model.routing",
    "Routing": "model.routing",
    "Row": "model.dashboard",
    "SLO": "model.slo",
    "ScrapeJob": "model.scrape",
    "Service": "model.service",
    "SpecialMap": "model.dashboard",
    "Stat": "model.dashboard",
    "StateTimeline": "model.dashboard",
    "StatusHistory": "model.dashboard",
    "Summary": "model.metrics",
    "Table": "model.dashboard",
    "Text": "model.dashboard",
    "TextVariable": "model.dashboard",
    "Threshold": "model.dashboard",
    "Tier": "model.burn_rate",
    "TimeSeries": "model.dashboard",
    "TimeSlice": "model.sli.time_slice",
    "Uptime": "model.sli.uptime",
    "ValueMap": "model.dashboard",
    "Webhook": "model.routing",
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
    if name not in _MODULE_OF:
        raise AttributeError(f"module 'obscode' has no attribute {name!r}")
    value = getattr(import_module(f"obscode.{_MODULE_OF[name]}"), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted(__all__)
