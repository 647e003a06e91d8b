"""An alert reaches a route that selects it, not only the default one.

Why: if all routes select by a label, such as the severity, an alert with another value reaches the receiver of the root
route, which few people watch. It is a warning if the value is a likely typo of one that other alerts have and a route
selects.

Bad:
    groups:
    - name: shop
      rules:
      - {alert: Down, expr: up == 0, labels: {severity: page}}
      - {alert: Full, expr: disk_free_bytes == 0, labels: {severity: pgae}}
    ---
    route:
      receiver: chat
      routes: [{matchers: ['severity="page"'], receiver: pager}]
    receivers: [{name: chat}, {name: pager}]

Good:
    groups:
    - name: shop
      rules:
      - {alert: Down, expr: up == 0, labels: {severity: page}}
      - {alert: Full, expr: disk_free_bytes == 0, labels: {severity: page}}
    ---
    route:
      receiver: chat
      routes: [{matchers: ['severity="page"'], receiver: pager}]
    receivers: [{name: chat}, {name: pager}]
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from obscode.artifacts.alertmanager import Route
from obscode.artifacts.project import Artifacts
from obscode.checks.check import Context, check
from obscode.findings.code import Severity
from obscode.findings.finding import Finding
from obscode.findings.suggestions import likely_typo
from obscode.routing.alerts import ALERTNAME, Alert, values_of
from obscode.routing.implication import alternatives
from obscode.routing.tree import matchers_of


@check(Artifacts, severity="note", whole=True)
def default_route(artifacts: Artifacts, context: Context) -> Iterator[Finding]:
    """Alerts that only the root route receives, although all others select by one label."""
    trees = [config.route for config in artifacts.alertmanager_configs if config.route.routes]
    if len(trees) != 1:
        return
    alerts = context.alerts.all
    for alert, reached in zip(alerts, context.alerts.destinations(trees[0]), strict=True):
        if len(reached) == 1 and reached[0].route is trees[0]:
            yield from _finding(alert, alerts, trees[0])


def _finding(alert: Alert, alerts: Sequence[Alert], tree: Route) -> Iterator[Finding]:
    for label in _selecting_labels(tree.routes):
        values = alert.labels.values.get(label, frozenset())
        if len(values) == 1 and (value := next(iter(values))):
            known = _selected_values(tree, label)
            if value in known:
                continue
            # A value that no other alert has is unmatched-route: there the route's may be the typo.
            typo = likely_typo(value, known.intersection(values_of(alerts, label)))
            message = f"alert {alert.name} has {label}={value!r}, which no route selects: it reaches {tree.receiver!r}"
            hint = f"did you mean {typo!r}?" if typo else f"routes select {', '.join(sorted(known)[:5])}"
            severity: Severity = "warning" if typo else "note"
            yield alert.rule.source.finding(default_route, message, hint, at=label, severity=severity)
            return


def _selecting_labels(routes: Sequence[Route]) -> list[str]:
    """The labels that all routes match, except the name: an alert with another name is no mistake."""
    common = [{matcher.label for matcher in matchers_of(route)} - {ALERTNAME} for route in routes]
    return sorted(set.intersection(*common)) if common else []


def _selected_values(tree: Route, label: str) -> set[str]:
    """The values of a label that routes name."""
    matchers = (matcher for route in tree.walk() for matcher in matchers_of(route) if matcher.label == label)
    return {value for matcher in matchers for value in alternatives(matcher) or () if value}
