"""Templates of alerts use what Grafana's templates have.

Why: in alerts that Grafana manages, the function `query` returns nothing, so that its `first` fails, and there are no
external labels. The annotation then shows the template instead of the text.

Bad:
    Project("shop", targets=[targets.GrafanaAlerting()])
    Alert("Down", "up == 0", severity="page", summary="{{ $externalLabels.cluster }} is down")

Good:
    Project("shop", targets=[targets.GrafanaAlerting()])
    Alert("Down", "up == 0", severity="page", summary="{{ $labels.instance }} is down")
"""

from __future__ import annotations

from collections.abc import Iterator

from obscode.artifacts.project import Artifacts
from obscode.artifacts.rules import AlertingRule
from obscode.checks.check import Context, check
from obscode.compiler.grafana_alerting import grafana_targets
from obscode.compiler.grafana_alerting.rules import alerts
from obscode.findings.finding import Finding
from obscode.model.slo import SLO
from obscode.promql.grafana_template import missing_in_grafana


@check(Artifacts, severity="warning")
def grafana_template(artifacts: Artifacts, context: Context) -> Iterator[Finding]:
    """Templates with values that Grafana does not have; those of SLOs are written for it."""
    if any(grafana_targets(artifacts)):
        for alert in alerts(artifacts):
            if not isinstance(alert.source, SLO):
                yield from _findings(alert)


def _findings(alert: AlertingRule) -> Iterator[Finding]:
    for at, texts in (("labels", alert.labels), ("annotations", alert.annotations)):
        for name, text in texts.items():
            if missing := missing_in_grafana(text):
                message = f"{name} of alert {alert.name} has {missing}, which Grafana's templates do not have"
                yield alert.source.finding(grafana_template, message, "use labels and the value of the alert", at=at)
