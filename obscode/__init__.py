"""obscode: monitoring declared once in Python, compiled to Prometheus, Alertmanager and Grafana.

The names here are what a definition imports; nothing else is public, but for ``obscode.presets``,
``obscode.testing`` and ``obscode.instrument``.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from obscode.alert import Alert, RecordingRule
    from obscode.dashboard import Dashboard, Panel, Query, Row, Stat, TimeSeries
    from obscode.metrics import Counter, Gauge, Histogram, Summary
    from obscode.project import Environment, Project
    from obscode.routing import Route, Routing, Webhook
    from obscode.scrape import ScrapeJob
    from obscode.service import Service
    from obscode.sli.latency import Latency
    from obscode.sli.ratio import Ratio
    from obscode.slo import SLO

# Where each public name lives; imported on first use, so that `obscode --help` loads none of them.
_HOME = {
    "Alert": "alert",
    "Counter": "metrics",
    "Dashboard": "dashboard",
    "Environment": "project",
    "Gauge": "metrics",
    "Histogram": "metrics",
    "Latency": "sli.latency",
    "Panel": "dashboard",
    "Project": "project",
    "Query": "dashboard",
    "Ratio": "sli.ratio",
    "RecordingRule": "alert",
    "Route": "routing",
    "Routing": "routing",
    "Row": "dashboard",
    "SLO": "slo",
    "ScrapeJob": "scrape",
    "Service": "service",
    "Stat": "dashboard",
    "Summary": "metrics",
    "TimeSeries": "dashboard",
    "Webhook": "routing",
}

__all__ = [
    "SLO",
    "Alert",
    "Counter",
    "Dashboard",
    "Environment",
    "Gauge",
    "Histogram",
    "Latency",
    "Panel",
    "Project",
    "Query",
    "Ratio",
    "RecordingRule",
    "Route",
    "Routing",
    "Row",
    "ScrapeJob",
    "Service",
    "Stat",
    "Summary",
    "TimeSeries",
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
