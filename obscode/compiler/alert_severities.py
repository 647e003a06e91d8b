"""The severity of alerts: their own, else that of their service."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from obscode.findings.finding import Finding
from obscode.model import codes
from obscode.model.alert import Alert
from obscode.model.definitions import Definitions
from obscode.model.service import Service


def alerts_without_severity(services: Iterable[Service]) -> Iterator[Finding]:
    """Findings for alerts that have no severity, and whose service has none."""
    for service in services:
        alerts = [child for child in service.children() if isinstance(child, Alert)]
        for alert in alerts:
            if alert.severity == service.severity == "":
                hint = 'write severity="page" or severity="ticket", or Service(severity=...)'
                yield alert.finding(codes.ALERT_SEVERITY, f"alert {alert.name!r} has no severity", hint, at="severity")


def with_severities(definitions: Definitions) -> Definitions:
    """The definitions with the severity of the service in each alert that has none."""
    return replace(definitions, services=[_with_severities(service) for service in definitions.services])


def _with_severities(service: Service) -> Service:
    if all(alert.severity for alert in service.alerts):
        return service
    alerts = (alert if alert.severity else alert.derive(severity=service.severity) for alert in service.alerts)
    return service.derive(alerts=tuple(alerts))
