"""Alerts that do not reach people: Prometheus without Alertmanager, receivers that are missing or fail."""

from __future__ import annotations

from collections.abc import Iterator

from obscode.artifacts.project import Artifacts
from obscode.artifacts.rules import AlertingRule
from obscode.doctor.observations import Observations
from obscode.findings.code import Code
from obscode.findings.finding import Finding
from obscode.findings.source import Source

NO_ALERTMANAGER = Code(
    "no-alertmanager",
    "A Prometheus with alerts sends them to an Alertmanager.",
    why="Alerts fire, and nobody is notified.",
    bad="alerting: {}",
    good="alerting: {alertmanagers: [{static_configs: [{targets: ['alertmanager:9093']}]}]}",
)
MISSING_RECEIVER = Code(
    "missing-receiver",
    "The running Alertmanager has the receivers of the project.",
    why="The Alertmanager runs with an older configuration; its routes send alerts elsewhere.",
    bad="a new alertmanager.yml, without a reload of Alertmanager",
    good="curl -X POST http://alertmanager:9093/-/reload",
)
FAILED_NOTIFICATION = Code(
    "failed-notification",
    "Alertmanager delivers notifications.",
    why="An alert fires, and the receiver does not accept its notification.",
    bad="a webhook URL that was revoked",
    good="a new webhook URL in the file that the receiver reads",
)


def delivery_faults(observations: Observations, artifacts: Artifacts) -> Iterator[Finding]:
    """A Prometheus that sends alerts to nobody; receivers that Alertmanager lacks; notifications that fail."""
    prometheus, alertmanager = observations.prometheus, observations.alertmanager
    alerts = [rule for rule in artifacts.rules() if isinstance(rule, AlertingRule)]
    if prometheus and alerts and not prometheus.alertmanagers:
        message = f"{prometheus.url} sends alerts to no Alertmanager"
        hint = "name the Alertmanager in the project's prometheus settings, deploy the configuration and reload"
        yield Finding(NO_ALERTMANAGER, message, hint)
    if alertmanager is None:
        return
    receivers = {each.name: each.source for config in artifacts.alertmanager_configs for each in config.receivers}
    for name, source in receivers.items():
        if name not in alertmanager.receivers:
            yield _missing(name, source, alertmanager.url)
    for integration, number in alertmanager.failed.items():
        message = f"{number:.0f} notifications by {integration} failed within an hour"
        hint = "read the log of Alertmanager for the answer; the token or the URL may be invalid"
        yield Finding(FAILED_NOTIFICATION, message, hint)


def _missing(name: str, source: Source | None, url: str) -> Finding:
    message = f"{url} has no receiver {name!r}"
    hint = "deploy the built alertmanager.yml and reload Alertmanager"
    return source.finding(MISSING_RECEIVER, message, hint) if source else Finding(MISSING_RECEIVER, message, hint)
