"""Artifacts: plain, frozen values between definitions and files, whether compiled or read from existing files.

The namespace `obscode.artifacts` has what checks are called with.
"""

from obscode.artifacts.alertmanager import AlertmanagerConfig as AlertmanagerConfig
from obscode.artifacts.alertmanager import InhibitRule as InhibitRule
from obscode.artifacts.alertmanager import Receiver as Receiver
from obscode.artifacts.alertmanager import Route as Route
from obscode.artifacts.dashboards import Dashboard as Dashboard
from obscode.artifacts.project import Artifacts as Artifacts
from obscode.artifacts.prometheus import PrometheusConfig as PrometheusConfig
from obscode.artifacts.prometheus import ScrapeConfig as ScrapeConfig
from obscode.artifacts.rules import AlertingRule as AlertingRule
from obscode.artifacts.rules import RecordingRule as RecordingRule
from obscode.artifacts.rules import Rule as Rule
from obscode.artifacts.rules import RuleFile as RuleFile
from obscode.artifacts.rules import RuleGroup as RuleGroup
