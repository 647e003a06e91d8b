"""A route matches an alert of the project.

Why: Alertmanager compares label values exactly. A route with a misspelt value, or with a regular expression, receives
nothing, and its alerts go to the default receiver. A route for alerts of another Prometheus can ignore the check.

Bad:
    Service("shop", selector={"job": "shop"}, slos=[SLO("up", 99, sli.Uptime("up"))])
    Routing(
        default=receivers.Webhook("team", url="http://localhost:5001/"),
        routes=[Route(receivers.Webhook("pager", url="http://localhost:5001/"), match={"service": "shpo"})],
    )

Good:
    Service("shop", selector={"job": "shop"}, slos=[SLO("up", 99, sli.Uptime("up"))])
    Routing(
        default=receivers.Webhook("team", url="http://localhost:5001/"),
        routes=[Route(receivers.Webhook("pager", url="http://localhost:5001/"), match={"service": "shop"})],
    )
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from obscode.artifacts.project import Artifacts
from obscode.artifacts.rules import AlertingRule
from obscode.checks.check import Context, check
from obscode.findings.finding import Finding
from obscode.findings.suggestions import did_you_mean
from obscode.model.scrape import ScrapeJob
from obscode.model.slo import SLO
from obscode.promql.errors import PromQLError
from obscode.promql.parser import parse

# No label value begins so; an operator of a matcher does.
_OPERATORS = ("~", "=", "!")
_TEMPLATE = "{{"


@check(Artifacts, severity="warning", scope="compiled")
def unmatched_route(artifacts: Artifacts, context: Context) -> Iterator[Finding]:
    """Routes with a label value that no alert has."""
    alerts = [rule for rule in artifacts.rules() if isinstance(rule, AlertingRule)]
    routing = artifacts.definitions.routing if artifacts.definitions else None
    if not routing or not alerts:
        return
    for route in routing.routes:
        for i, (label, value) in enumerate(route.match.items()):
            if value.startswith(_OPERATORS):
                hint = "write the whole value, and a Route for each value: they are compared exactly"
            elif any(_can_have(alert, label, value) for alert in alerts):
                continue
            else:
                hint = _hint(alerts, label, value)
            yield route.finding(unmatched_route, f"no alert has the label {label}={value!r}", hint, at="match", item=i)


def _can_have(alert: AlertingRule, label: str, value: str) -> bool:
    """Whether an alert has a label value, or may have it from the series that it reads."""
    if label == "alertname":
        return alert.name == value
    if not value:  # alerts without the label
        return label not in alert.labels
    if label in alert.labels:
        return alert.labels[label] == value or _TEMPLATE in alert.labels[label]
    labels = _labels_of_result(alert)
    return labels is None or label in labels


def _labels_of_result(alert: AlertingRule) -> frozenset[str] | None:
    """The labels of the alert's series; None if they depend on the series that it reads."""
    if isinstance(alert.source, SLO):
        return frozenset(alert.source.sli.by)
    if isinstance(alert.source, ScrapeJob):
        return frozenset({"job"})
    try:
        return parse(alert.expr).labels
    except PromQLError:  # reported by another check
        return None


def _hint(alerts: Sequence[AlertingRule], label: str, value: str) -> str:
    values = {alert.name if label == "alertname" else alert.labels.get(label, "") for alert in alerts} - {""}
    if near := did_you_mean(value, values):
        return near
    return f"alerts have {', '.join(sorted(values)[:5])}" if values else "no alert of the project has this label"
