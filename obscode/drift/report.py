"""The differences between a build and the servers, as a report of `obscode diff` from the build to the servers."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any, TypeVar

from obscode.artifacts.alertmanager import AlertmanagerConfig
from obscode.artifacts.project import Artifacts
from obscode.artifacts.prometheus import PrometheusConfig
from obscode.clients.alertmanager import AlertmanagerClient
from obscode.clients.grafana import GrafanaClient
from obscode.clients.prometheus import PrometheusClient
from obscode.diff.change import Change
from obscode.diff.comparison import compare
from obscode.diff.report import Report
from obscode.drift.built_files import Build
from obscode.drift.grafana import alert_rule_changes, dashboard_sides
from obscode.drift.running import Sides, alertmanager_sides, prometheus_sides, rule_sides
from obscode.reader.yaml_nodes import YamlNode
from obscode.reader.yaml_parser import parse_yaml

_AS_DIFFERENCE = (
    (" is removed", " is not on the server"),
    (" are removed", " are not on the server"),
    (" is added", " is on the server only"),
    (" are added", " are on the server only"),
    (" is renamed to ", " is on the server as "),
)
_INTERVAL = "1m"
_Config = TypeVar("_Config", PrometheusConfig, AlertmanagerConfig)


@dataclass(frozen=True)
class Servers:
    """The servers to compare with the build; None for those that are not named."""

    prometheus: PrometheusClient | None = None
    alertmanager: AlertmanagerClient | None = None
    grafana: GrafanaClient | None = None


def drift(build: Build, servers: Servers, *, strict: bool = False) -> Report:
    """What differs on the servers from the build. Raises ServerError.

    Args:
        build: the files that were built.
        servers: what is running.
        strict: report rules, jobs and dashboards that only the servers have, too.
    """
    parts: list[Sides] = []
    changes: list[Change] = []
    if servers.prometheus:
        parts += list(_prometheus(build.artifacts, servers.prometheus, strict))
    else:  # what a route catches follows from the alerts
        rules = Artifacts(rule_files=build.artifacts.rule_files)
        parts.append(Sides(rules, rules))
    if servers.alertmanager and build.artifacts.alertmanager_configs:
        text = servers.alertmanager.config()
        parts.append(alertmanager_sides(_like(build.artifacts.alertmanager_configs, text, _receivers), text))
    if servers.grafana:
        sides, moved = dashboard_sides(build.artifacts.dashboards, servers.grafana, strict)
        parts.append(sides)
        changes += moved
        if build.grafana_alerts or strict:
            contents = [_yaml(path.read_text(encoding="utf-8")) for path in build.grafana_alerts]
            changes += alert_rule_changes(contents, servers.grafana.alert_rules(), strict)
    changes += compare(_joined(part.built for part in parts), _joined(part.running for part in parts)).changes
    urls = [each.url for each in (servers.prometheus, servers.alertmanager, servers.grafana) if each]
    ordered = sorted(changes, key=lambda change: (change.rank, change.kind, change.name, change.sentence))
    return Report(build.label, ", ".join(urls), [_as_difference(change) for change in ordered])


def _prometheus(built: Artifacts, client: PrometheusClient, strict: bool) -> Iterable[Sides]:
    text = client.config()
    settings = _yaml(text).get("global") or {}
    interval = str(settings.get("evaluation_interval") or _INTERVAL)
    if built.rule_files or strict:
        yield rule_sides(built.rule_files, client.rule_groups(), interval, strict)
    if built.prometheus_configs:
        yield prometheus_sides(_like(built.prometheus_configs, text, _jobs), text, strict)


def _like(configs: Sequence[_Config], running: str, names: Callable[[dict[str, Any]], set[str]]) -> _Config:
    """The configuration that has most in common with the one that runs: a build may have one for each shard."""
    expected = names(_yaml(running))

    def common(config: _Config) -> int:
        content = config.source.plain() if isinstance(config.source, YamlNode) else None
        own = names(content) if isinstance(content, dict) else set()
        return len(own & expected) - len(own ^ expected)

    return max(configs, key=common)


def _jobs(content: dict[str, Any]) -> set[str]:
    return _names(content.get("scrape_configs"), "job_name")


def _receivers(content: dict[str, Any]) -> set[str]:
    return _names(content.get("receivers"), "name")


def _names(items: object, key: str) -> set[str]:
    return {str(item.get(key)) for item in items if isinstance(item, dict)} if isinstance(items, list) else set()


def _yaml(text: str) -> dict[str, Any]:
    documents = parse_yaml(text, "the server").documents
    content = documents[0].plain() if documents else None
    return content if isinstance(content, dict) else {}


def _joined(parts: Iterable[Artifacts]) -> Artifacts:
    each = list(parts)
    return Artifacts(
        rule_files=[file for part in each for file in part.rule_files],
        prometheus_configs=[config for part in each for config in part.prometheus_configs],
        alertmanager_configs=[config for part in each for config in part.alertmanager_configs],
        dashboards=[dashboard for part in each for dashboard in part.dashboards],
    )


def _as_difference(change: Change) -> Change:
    """A change as a difference: nothing was added or removed, one of the two has it. Places are those of no file."""
    text = change.sentence
    for verb, difference in _AS_DIFFERENCE:
        text = text.replace(verb, difference, 1)
    return replace(change, sentence=text, source=None)
