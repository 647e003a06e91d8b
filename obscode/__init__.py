"""obscode: monitoring declared once in Python, compiled to Prometheus, Alertmanager and Grafana.

    from obscode import SLO, Service, metrics, panels, sli

Public are the names below, what the namespaces ``artifacts``, ``configs``, ``discovery``, ``http``, ``layout``,
``metrics``, ``panels``, ``receivers``, ``relabel``, ``sli``, ``targets`` and ``variables`` hold, and the modules
``obscode.importers``, ``obscode.instrument`` and ``obscode.testing``.
docs/stability.md states what changes how.
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

# For type checkers and editors. A test compares these imports with the two tables below.
if TYPE_CHECKING:
    from obscode import artifacts as artifacts
    from obscode import presets as presets
    from obscode.checks.check import Check as Check
    from obscode.checks.check import check as check
    from obscode.compiler import compile as compile
    from obscode.findings.code import Code as Code
    from obscode.findings.finding import Finding as Finding
    from obscode.importers.dashboard_file import DashboardFile as DashboardFile
    from obscode.importers.exposition import exposition as exposition
    from obscode.importers.rule_file import RuleFile as RuleFile
    from obscode.model import configs as configs
    from obscode.model import discovery as discovery
    from obscode.model import http as http
    from obscode.model import layout as layout
    from obscode.model import metrics as metrics
    from obscode.model import panels as panels
    from obscode.model import receivers as receivers
    from obscode.model import relabel as relabel
    from obscode.model import sli as sli
    from obscode.model import targets as targets
    from obscode.model import variables as variables
    from obscode.model.alert import Alert as Alert
    from obscode.model.alert import AlertTest as AlertTest
    from obscode.model.alert import ExpectedAlert as ExpectedAlert
    from obscode.model.alert import RecordingRule as RecordingRule
    from obscode.model.burn_rate import BurnAlert as BurnAlert
    from obscode.model.burn_rate import Tier as Tier
    from obscode.model.cost import Cost as Cost
    from obscode.model.dashboard import Annotation as Annotation
    from obscode.model.dashboard import Dashboard as Dashboard
    from obscode.model.dashboard import Link as Link
    from obscode.model.dashboard import Row as Row
    from obscode.model.datasource import GrafanaDatasource as GrafanaDatasource
    from obscode.model.definitions import Definitions as Definitions
    from obscode.model.env import env as env
    from obscode.model.environment import Environment as Environment
    from obscode.model.inhibition import Inhibit as Inhibit
    from obscode.model.mute_time import MuteTime as MuteTime
    from obscode.model.mute_time import TimeInterval as TimeInterval
    from obscode.model.no_data import NoData as NoData
    from obscode.model.project import Project as Project
    from obscode.model.routing import Route as Route
    from obscode.model.routing import Routing as Routing
    from obscode.model.rule_group import RuleGroup as RuleGroup
    from obscode.model.scenario import Phase as Phase
    from obscode.model.scenario import Scenario as Scenario
    from obscode.model.scrape import PodMonitor as PodMonitor
    from obscode.model.scrape import Probe as Probe
    from obscode.model.scrape import Pushgateway as Pushgateway
    from obscode.model.scrape import ScrapeJob as ScrapeJob
    from obscode.model.scrape import ServiceMonitor as ServiceMonitor
    from obscode.model.secrets import Secret as Secret
    from obscode.model.server.alertmanagers import Alertmanagers as Alertmanagers
    from obscode.model.server.prometheus import PrometheusServer as PrometheusServer
    from obscode.model.server.remote import RemoteRead as RemoteRead
    from obscode.model.server.remote import RemoteWrite as RemoteWrite
    from obscode.model.service import Service as Service
    from obscode.model.slo import SLO as SLO
    from obscode.project.check_files import lint as lint
    from obscode.project.check_files import read as read
    from obscode.project.load import load as load
    from obscode.renderers import render as render

# Names are imported when they are used: `obscode --help` needs none of them.
_NAMESPACES = {
    "artifacts": "obscode.artifacts",
    "configs": "obscode.model.configs",
    "discovery": "obscode.model.discovery",
    "http": "obscode.model.http",
    "layout": "obscode.model.layout",
    "metrics": "obscode.model.metrics",
    "panels": "obscode.model.panels",
    "presets": "obscode.presets",
    "receivers": "obscode.model.receivers",
    "relabel": "obscode.model.relabel",
    "sli": "obscode.model.sli",
    "targets": "obscode.model.targets",
    "variables": "obscode.model.variables",
}
_MODULE_OF = {
    "Alert": "obscode.model.alert",
    "Alertmanagers": "obscode.model.server.alertmanagers",
    "AlertTest": "obscode.model.alert",
    "Annotation": "obscode.model.dashboard",
    "BurnAlert": "obscode.model.burn_rate",
    "Check": "obscode.checks.check",
    "check": "obscode.checks.check",
    "Code": "obscode.findings.code",
    "compile": "obscode.compiler",
    "Cost": "obscode.model.cost",
    "Dashboard": "obscode.model.dashboard",
    "DashboardFile": "obscode.importers.dashboard_file",
    "Definitions": "obscode.model.definitions",
    "env": "obscode.model.env",
    "Environment": "obscode.model.environment",
    "ExpectedAlert": "obscode.model.alert",
    "exposition": "obscode.importers.exposition",
    "Finding": "obscode.findings.finding",
    "Inhibit": "obscode.model.inhibition",
    "Link": "obscode.model.dashboard",
    "GrafanaDatasource": "obscode.model.datasource",
    "lint": "obscode.project.check_files",
    "load": "obscode.project.load",
    "MuteTime": "obscode.model.mute_time",
    "NoData": "obscode.model.no_data",
    "PodMonitor": "obscode.model.scrape",
    "Probe": "obscode.model.scrape",
    "Project": "obscode.model.project",
    "PrometheusServer": "obscode.model.server.prometheus",
    "Phase": "obscode.model.scenario",
    "Pushgateway": "obscode.model.scrape",
    "read": "obscode.project.check_files",
    "RecordingRule": "obscode.model.alert",
    "RemoteRead": "obscode.model.server.remote",
    "RemoteWrite": "obscode.model.server.remote",
    "render": "obscode.renderers",
    "Route": "obscode.model.routing",
    "Routing": "obscode.model.routing",
    "Row": "obscode.model.dashboard",
    "RuleFile": "obscode.importers.rule_file",
    "RuleGroup": "obscode.model.rule_group",
    "Scenario": "obscode.model.scenario",
    "ScrapeJob": "obscode.model.scrape",
    "ServiceMonitor": "obscode.model.scrape",
    "Secret": "obscode.model.secrets",
    "Service": "obscode.model.service",
    "SLO": "obscode.model.slo",
    "Tier": "obscode.model.burn_rate",
    "TimeInterval": "obscode.model.mute_time",
}
__all__ = [*_NAMESPACES, *_MODULE_OF]


if not TYPE_CHECKING:  # a type checker that saw it would take any name for a public one

    def __getattr__(name: str) -> Any:
        if name in _NAMESPACES:
            value = import_module(_NAMESPACES[name])
        elif name in _MODULE_OF:
            value = getattr(import_module(_MODULE_OF[name]), name)
        else:
            raise AttributeError(f"module 'obscode' has no attribute {name!r}")
        globals()[name] = value
        return value


def __dir__() -> list[str]:
    return sorted(__all__)
