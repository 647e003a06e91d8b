"""Each receiver is a contact point that Grafana has, with all that it needs.

Why: nobody gets the alerts of an integration that Grafana does not have. Grafana does not start with a contact point
that lacks a setting, such as a URL that Alertmanager takes from its `global` settings. A setting that contact points do
not have, such as a priority, is a warning.

Bad:
    Project("shop", targets=[targets.GrafanaAlerting()])
    Routing(default=receivers.IncidentIO(url="https://api.incident.io/v2/alert_events/alertmanager/a"))

Good:
    Project("shop", targets=[targets.GrafanaAlerting()])
    Routing(default=receivers.Webhook("oncall", url="http://oncall.internal/alerts"))
"""

from __future__ import annotations

from collections.abc import Iterator

from obscode.artifacts.alertmanager import AlertmanagerConfig
from obscode.artifacts.project import Artifacts
from obscode.checks.check import Context, check
from obscode.compiler.grafana_alerting import grafana_targets
from obscode.compiler.grafana_alerting.contact_points import (
    contact_points,
    lost_access,
    lost_settings,
    missing_settings,
    unknown_integrations,
)
from obscode.findings.finding import Finding
from obscode.model.targets.grafana_alerting import GrafanaAlerting


@check(Artifacts)
def grafana_contact_point(artifacts: Artifacts, context: Context) -> Iterator[Finding]:
    """Receivers that are no complete contact point."""
    for target in list(grafana_targets(artifacts))[:1]:
        for config in artifacts.alertmanager_configs:
            yield from _findings(config, target)


def _findings(config: AlertmanagerConfig, target: GrafanaAlerting) -> Iterator[Finding]:
    receivers = {receiver.name: receiver for receiver in config.receivers}
    for receiver in config.receivers:
        for key in unknown_integrations(receiver):
            message = f"receiver {receiver.name} has {key}, which Grafana does not have"
            yield receiver.source.finding(
                grafana_contact_point, message, "add a receiver that it has, such as a webhook"
            )
        for key in lost_access(receiver):
            message = f"receiver {receiver.name} has {key}, which contact points of Grafana do not have"
            yield receiver.source.finding(grafana_contact_point, message, "remove it, or send the alerts to a proxy")
        for keys in lost_settings(receiver, target):
            message = f"receiver {receiver.name} has {', '.join(keys)}, which obscode cannot write for Grafana"
            hint = "remove them" if len(keys) > 1 else "remove it"
            yield receiver.source.finding(grafana_contact_point, message, hint, at=keys[0], severity="warning")
    for point in contact_points(config, target):
        for kind, setting in missing_settings(point):
            message = f"receiver {point['name']} has no {setting!r}, which Grafana's {kind} needs"
            hint = "add it to the receiver, or to the global settings of the routing"
            yield receivers[point["name"]].source.finding(grafana_contact_point, message, hint)
