"""A route sends alerts to each receiver.

Why: a receiver that no route names gets no notifications; a route may be missing.

Bad:
    route: {receiver: chat}
    receivers: [{name: chat}, {name: pager}]

Good:
    route: {receiver: chat, routes: [{matchers: ['severity="page"'], receiver: pager}]}
    receivers: [{name: chat}, {name: pager}]
"""

from __future__ import annotations

from collections.abc import Iterator

from obscode.artifacts.alertmanager import AlertmanagerConfig
from obscode.checks.check import Context, check
from obscode.findings.code import Severity
from obscode.findings.finding import Finding
from obscode.model.definition import Definition


@check(AlertmanagerConfig, severity="note")
def unused_receiver(config: AlertmanagerConfig, context: Context) -> Iterator[Finding]:
    """Receivers that no route names."""
    used = {route.receiver for route in config.route.walk()}
    for receiver in config.receivers:
        if receiver.name and receiver.name not in used:
            message = f"no route sends alerts to the receiver {receiver.name!r}"
            # A file may be a part of what Alertmanager loads.
            severity: Severity = "warning" if isinstance(receiver.source, Definition) else "note"
            hint = "add a route, or remove the receiver"
            yield receiver.source.finding(unused_receiver, message, hint, at="name", severity=severity)
