"""Alerts, receivers and routes as Grafana's provisioning files have them."""

from __future__ import annotations

from collections.abc import Iterator

from obscode.artifacts.project import Artifacts
from obscode.model.targets.grafana_alerting import GrafanaAlerting


def grafana_targets(artifacts: Artifacts) -> Iterator[GrafanaAlerting]:
    """The targets whose alerts Grafana evaluates."""
    yield from (target for target in artifacts.project.targets if isinstance(target, GrafanaAlerting))


def escaped(text: str) -> str:
    """A text in which Grafana expands no environment variable."""
    return text.replace("$", "$$")
