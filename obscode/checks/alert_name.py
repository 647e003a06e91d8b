"""An alert's name is one word in CamelCase.

Why: people type the name in silences, routes and inhibitions, where a name with spaces needs quotes and escapes.

Bad:
    Alert("high error rate", "sum(rate(http_errors_total[5m])) > 5", severity="page", summary="requests fail")

Good:
    Alert("HighErrorRate", "sum(rate(http_errors_total[5m])) > 5", severity="page", summary="requests fail")
"""

from __future__ import annotations

from collections.abc import Iterator

from obscode.artifacts.rules import AlertingRule
from obscode.checks.check import Context, check
from obscode.findings.finding import Finding
from obscode.model.burn_rate import BurnAlert
from obscode.model.identifiers import validate_alert_name
from obscode.model.slo import SLO


@check((AlertingRule, BurnAlert), style=True)
def alert_name(alert: AlertingRule | BurnAlert, context: Context) -> Iterator[Finding]:
    """Names that are not one word; of an SLO's alerts, those that a BurnAlert names."""
    problem = validate_alert_name(alert.name) if alert.name else None
    if problem and isinstance(alert, BurnAlert):
        yield alert.finding(alert_name, *problem, at="name")
    elif problem and not isinstance(alert, BurnAlert) and not isinstance(alert.source, SLO):
        yield alert.source.finding(alert_name, *problem, at="alert")
