"""A rule group or a configuration has fields that the oldest version of its program reads.

Why: Prometheus and Alertmanager reject the whole file otherwise. `Project(oldest_prometheus=)` and
`Project(oldest_alertmanager=)` are the oldest versions that load the output. The versions of all fields are listed in
docs/engines.md.

Bad:
    Project("team")  # oldest_alertmanager is 0.25
    Routing(default=receivers.Webhook("team", url_file="/run/secrets/url"))

Good:
    Project("team", oldest_alertmanager="0.26")
    Routing(default=receivers.Webhook("team", url_file="/run/secrets/url"))
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from obscode.artifacts.alertmanager import AlertmanagerConfig, InhibitRule, Receiver, Route
from obscode.artifacts.prometheus import PrometheusConfig, ScrapeConfig
from obscode.artifacts.rules import RuleGroup
from obscode.checks.check import Context, check
from obscode.findings.finding import Finding
from obscode.findings.source import Source
from obscode.model.compatibility import ALERTMANAGER, PROMETHEUS, Program, Unsupported, at_least
from obscode.model.group_settings import GroupSettings
from obscode.model.output_path import key_span
from obscode.model.project import Project
from obscode.model.service import Service

_OF_PROMETHEUS = (PrometheusConfig, ScrapeConfig, RuleGroup)
_Generating = Project | Service
_OfAlertmanager = AlertmanagerConfig | Receiver | Route | InhibitRule
_Subject = PrometheusConfig | ScrapeConfig | RuleGroup | _OfAlertmanager | _Generating
# The path of each in its file.
_GROUPS = "groups"
_PATHS = {
    ScrapeConfig: "scrape_configs",
    RuleGroup: _GROUPS,
    Receiver: "receivers",
    Route: "route",
    InhibitRule: "inhibit_rules",
}
# https://github.com/prometheus/alertmanager/pull/4825: older versions load an empty `group_by` and ignore it.
_EMPTY_GROUP_BY = "0.31"


@check((*_OF_PROMETHEUS, AlertmanagerConfig, Receiver, Route, InhibitRule, Project, Service), scope="compiled")
def newer_field(value: _Subject, context: Context) -> Iterator[Finding]:
    """Fields that the oldest version does not read, or no longer reads."""
    if isinstance(value, Project | Service):
        for each in PROMETHEUS.unsupported(value.group_settings, context.oldest_prometheus, _GROUPS):
            yield _finding(each, PROMETHEUS, context.oldest_prometheus, value, _GROUPS)
        return
    if isinstance(value, RuleGroup) and not isinstance(value.source, GroupSettings):
        return  # its settings are those of the project and of the service
    program = PROMETHEUS if isinstance(value, _OF_PROMETHEUS) else ALERTMANAGER
    oldest = context.oldest_prometheus if program is PROMETHEUS else context.oldest_alertmanager
    settings = _settings(value)
    if isinstance(value, Route) and settings.get("group_by") == [] and oldest and not at_least(oldest, _EMPTY_GROUP_BY):
        needed = f"needs {program.name} {_EMPTY_GROUP_BY}, but {program.setting} is {oldest}"
        hint = f'write {program.setting}="{_EMPTY_GROUP_BY}" in the Project, if no older one loads the output'
        yield value.source.finding(newer_field, f"an empty group_by of a route {needed}", hint, at="group_by")
    path = _PATHS.get(type(value), "")
    for each in program.unsupported(settings, oldest, path) if oldest and value.source else ():
        assert value.source
        yield _finding(each, program, oldest, value.source, path)


def _settings(value: PrometheusConfig | ScrapeConfig | RuleGroup | _OfAlertmanager) -> Mapping[str, Any]:
    if isinstance(value, InhibitRule):
        return {"name": value.name} if value.name else {}
    if isinstance(value, Receiver):
        return {**value.integrations, **({"labels": value.labels} if value.labels else {})}
    return value.settings


def _finding(each: Unsupported, program: Program, oldest: str, source: Source, below: str) -> Finding:
    name = f"{below}.{each.text}" if below else each.text
    if each.field.since and not at_least(oldest, each.field.since):
        message = f"{name} needs {program.name} {each.field.since}, but {program.setting} is {oldest}"
        hint = f'write {program.setting}="{each.field.since}" in the Project, if no older one loads the output'
    else:
        message = f"{name} is not in {program.name} {each.field.removed} and newer, and {program.setting} is {oldest}"
        hint = "remove it"
    span = key_span(source, each.path)
    return Finding(newer_field, message, hint, span, newer_field.severity, source)
