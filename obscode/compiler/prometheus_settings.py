"""The keys of a Prometheus configuration beside the scrape jobs: those of the project and of its PrometheusServer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from obscode.model import naming
from obscode.model.project import Project
from obscode.model.server.alertmanagers import Alertmanagers
from obscode.model.server.plain_data import merged

# The order of Prometheus' documentation. Keys that it has not come last.
_ORDER = (
    *("global", "runtime", "rule_files", "scrape_config_files", "alerting", "storage", "remote_write", "remote_read"),
    *("otlp", "tracing"),
)


def prometheus_settings(project: Project) -> dict[str, Any]:
    """The keys in the order of the documentation of Prometheus."""
    settings: dict[str, Any] = {
        "global": {
            "scrape_interval": project.scrape_interval,
            "evaluation_interval": project.evaluation_interval,
        }
    }
    server = project.prometheus
    if server is None or server.evaluates_rules:
        settings["rule_files"] = [naming.RULE_FILES]
    if project.alertmanagers:
        settings["alerting"] = {"alertmanagers": alertmanager_configs(project.alertmanagers)}
    settings = merged(settings, server.configuration() if server else {})
    return {key: settings[key] for key in [*_ORDER, *settings] if key in settings}


def alertmanager_configs(alertmanagers: Sequence[str | Alertmanagers]) -> list[Mapping[str, Any]]:
    """The items of `alerting.alertmanagers`: one for all addresses, one for each Alertmanagers."""
    addresses = [each for each in alertmanagers if isinstance(each, str)]
    others = [each.configuration() for each in alertmanagers if isinstance(each, Alertmanagers)]
    return [*([{"static_configs": [{"targets": addresses}]}] if addresses else []), *others]
