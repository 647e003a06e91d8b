"""Alerts that Grafana evaluates are not sent to Alertmanagers, too.

Why: Prometheus evaluates the rules as well and sends their alerts to the `alertmanagers` of the project. So each
alert is sent twice.

Bad:
    Project("shop", targets=[targets.GrafanaAlerting()])
    Alert("Down", 'sum by (job) (up{job="shop"}) == 0', severity="page", summary="shop is down")

Good:
    Project("shop", targets=[targets.GrafanaAlerting()], alertmanagers=[])
    Alert("Down", 'sum by (job) (up{job="shop"}) == 0', severity="page", summary="shop is down")
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from obscode.artifacts.project import Artifacts
from obscode.artifacts.prometheus import PrometheusConfig
from obscode.checks.check import Context, check
from obscode.compiler.grafana_alerting import grafana_targets
from obscode.findings.finding import Finding


@check(Artifacts, severity="warning", scope="compiled")
def duplicate_notification(artifacts: Artifacts, context: Context) -> Iterator[Finding]:
    """Grafana-managed alerts that Prometheus sends to Alertmanagers, too."""
    server = artifacts.project.prometheus
    if server and not server.evaluates_rules:
        return
    for target in list(grafana_targets(artifacts))[:1]:
        if any(_has_alertmanagers(config) for config in artifacts.prometheus_configs):
            message = "Grafana sends the alerts, and Prometheus sends them to Alertmanagers, too"
            yield target.finding(duplicate_notification, message, "write Project(..., alertmanagers=[])")


def _has_alertmanagers(config: PrometheusConfig) -> bool:
    alerting = config.settings.get("alerting")
    return isinstance(alerting, Mapping) and bool(alerting.get("alertmanagers"))
