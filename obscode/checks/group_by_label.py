"""The labels in `group_by` are labels of the alerts that a route receives.

Why: alerts that lack a label have the same value of it, so a misspelt label puts all of them into one notification.
Files can have alerts elsewhere, so there a label is a note, unless it is a likely typo of one that the alerts have.

Bad:
    Alert("Down", "sum by (job) (up) == 0", severity="page", summary="{{ $labels.job }} is down")
    Routing(default=receivers.Webhook("team", url="http://localhost:5001/"), group_by=["jbo"])

Good:
    Alert("Down", "sum by (job) (up) == 0", severity="page", summary="{{ $labels.job }} is down")
    Routing(default=receivers.Webhook("team", url="http://localhost:5001/"), group_by=["job"])
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from obscode.artifacts.alertmanager import Route
from obscode.artifacts.project import Artifacts
from obscode.checks.check import Context, check
from obscode.findings.code import Severity
from obscode.findings.finding import Finding
from obscode.findings.suggestions import did_you_mean, likely_typo
from obscode.promql.types.labels import NAME
from obscode.routing.alert_labels import OF_SERIES
from obscode.routing.alerts import Alert, KnownAlerts
from obscode.routing.tree import EVERY_LABEL

# Labels of most rules and targets: a label of a file that is a typo of one is a mistake without alerts to compare.
_COMMON = ("alertname", "severity", "instance", "namespace", "service", "cluster")


@check(Artifacts, severity="warning", whole=True)
def group_by_label(artifacts: Artifacts, context: Context) -> Iterator[Finding]:
    """Labels in `group_by` that no alert has."""
    for tree, route in _routes(artifacts):
        received = _received(tree, route, context.alerts)
        for i, label in enumerate(route.group_by):
            if label != EVERY_LABEL and (wrong := _problem(label, received, context.alerts.is_complete)):
                yield route.source.finding(group_by_label, *wrong[:2], at="group_by", item=i, severity=wrong[2])


def _routes(artifacts: Artifacts) -> Iterator[tuple[Route, Route]]:
    """The routes whose `group_by` somebody wrote, with their roots; obscode adds the labels of SLOs to its default."""
    routing = artifacts.definitions.routing
    for config in artifacts.alertmanager_configs:
        for route in config.route.walk():
            is_written = not artifacts.is_compiled or route.source is not routing or routing.group_by
            if route.group_by and is_written:
                yield config.route, route


def _received(tree: Route, route: Route, alerts: KnownAlerts) -> list[Alert]:
    """The alerts that a route groups, itself or below it."""
    return [
        alert
        for alert, reached in zip(alerts.all, alerts.destinations(tree), strict=True)
        if any(each.group_by is route.group_by for each in reached)
    ]


def _problem(label: str, alerts: Sequence[Alert], is_complete: bool) -> tuple[str, str, Severity] | None:
    names = {name for alert in alerts for name in alert.labels.values}
    message = f"no alert has the label {label!r}, so group_by does not separate them by it"
    typo = "" if label in OF_SERIES else likely_typo(label, names or _COMMON)
    if typo and not any(_has(alert, label) for alert in alerts):
        return message if alerts else f"{label!r} is a likely typo of {typo!r}", f"did you mean {typo!r}?", "warning"
    if not alerts or any(alert.labels.may_exist(label) for alert in alerts):
        return None
    series = {name for alert in alerts for name in alert.labels.series.labels.expected} - {NAME}
    hint = did_you_mean(label, names | series) or f"alerts have {', '.join(sorted(names | series))}"
    return message, hint, "warning" if is_complete else "note"


def _has(alert: Alert, label: str) -> bool:
    """Whether the rule or its expression names a label."""
    labels = alert.labels
    series = labels.series.labels
    return label in labels.values or label in labels.open or label in series.certain | series.expected
