"""Findings about the keys of plain data in configurations: those that no Prometheus and no Alertmanager knows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from obscode.artifacts.alertmanager import AlertmanagerConfig
from obscode.artifacts.project import Artifacts
from obscode.compiler.receiver_settings import DOCUMENTATION, UNKNOWN_SETTING
from obscode.findings.finding import Finding
from obscode.findings.source import Source
from obscode.findings.suggestions import did_you_mean
from obscode.model import known_keys
from obscode.model.compatibility import ALERTMANAGER, PROMETHEUS, Program, at_least
from obscode.model.known_keys import UnknownKey
from obscode.model.output_path import key_span
from obscode.model.routing import Routing

_KEYS = {"Prometheus": known_keys.PROMETHEUS, "Alertmanager": known_keys.ALERTMANAGER}


def setting_findings(artifacts: Artifacts) -> Iterator[Finding]:
    """Keys that no release knows; none if the oldest version of the project is newer than those that are listed."""
    project = artifacts.project
    if not _is_newer(project.oldest_prometheus, PROMETHEUS):
        yield from dict.fromkeys(_of_prometheus(artifacts))  # shards and environments share their definitions
    if not _is_newer(project.oldest_alertmanager, ALERTMANAGER):
        for config in artifacts.alertmanager_configs:
            yield from _of_alertmanager(config)


def _is_newer(version: str, program: Program) -> bool:
    newest = _KEYS[program.name].newest
    return bool(version) and version != newest and at_least(version, newest)


def _of_prometheus(artifacts: Artifacts) -> Iterator[Finding]:
    for config in artifacts.prometheus_configs:
        yield from _unknown(PROMETHEUS, config.settings, config.source, "file")
        for job in config.scrape_configs:
            yield from _unknown(PROMETHEUS, job.settings, job.source, "scrape")


def _of_alertmanager(config: AlertmanagerConfig) -> Iterator[Finding]:
    yield from _unknown(ALERTMANAGER, config.settings, config.source, "file")
    for route in config.route.walk():
        yield from _unknown(ALERTMANAGER, route.settings, route.source, "route")
    # Those of a Routing are reported by `receiver_findings`, also what they lack.
    for receiver in config.receivers if not isinstance(config.source, Routing) else ():
        yield from _unknown(ALERTMANAGER, receiver.integrations, receiver.source, "receivers")


def _unknown(program: Program, settings: Any, source: Source, section: str) -> Iterator[Finding]:
    """The unknown keys of the settings of a section; kinds of discovery are reported by `unknown-discovery`."""
    for each in _KEYS[program.name].unknown(settings, section):
        if not each.is_discovery:
            name = each.section or {"scrape": "a scrape job", "route": "a route"}.get(section, program.name)
            message = f"{name} has no setting {each.key!r}"
            span = key_span(source, each.path)
            yield Finding(UNKNOWN_SETTING, message, _hint(each, program), span, UNKNOWN_SETTING.severity, source)


def _hint(each: UnknownKey, program: Program) -> str:
    newer = f"if it is in a version newer than {_KEYS[program.name].newest}, write that as {program.setting}="
    return did_you_mean(each.key, each.known) or f"{DOCUMENTATION[program.name]}; {newer}"
