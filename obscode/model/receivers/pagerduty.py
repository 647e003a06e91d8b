"""A receiver that opens incidents in PagerDuty."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import KW_ONLY, dataclass, field
from typing import TYPE_CHECKING, Any

from obscode.findings.finding import Finding
from obscode.model.receivers.base import HttpIntegration
from obscode.model.receivers.severity_template import of_urgency, severity_problems, severity_template
from obscode.model.secrets import SecretFile

if TYPE_CHECKING:
    from obscode.model.project import Project

# https://developer.pagerduty.com/docs/events-api-v2-overview
_SEVERITIES = ("critical", "error", "warning", "info")


@dataclass(frozen=True)
class PagerDuty(HttpIntegration):
    """A receiver that opens incidents in PagerDuty and resolves them, through the Events API.

    `receivers.PagerDuty(routing_key_file="/run/secrets/pagerduty")`

    Attributes:
        routing_key_file: the file with the integration key of the Events API v2.
        service_key_file: the file with the key of an integration of the type Prometheus (Events API v1), instead.
        severity: PagerDuty's severity: for each severity of the project, such as `{"page": "critical"}`, or a template.
            By default pages are critical, and tickets are warnings.
        description: the template of the title.
        details: further fields of the incident, templates by name; nested ones need Alertmanager 0.30.
        client: the template of the name of the monitoring system.
        client_url: the template of the link to the monitoring system.
        class_: the template of the kind of problem.
        component: the template of the part that is affected.
        group: the template of the service or cluster that is affected.
    """

    output_keys = {**HttpIntegration.output_keys, "class": "class_"}  # noqa: RUF012  a ClassVar of the base

    _: KW_ONLY
    routing_key_file: SecretFile = ""
    service_key_file: SecretFile = ""
    severity: str | Mapping[str, str] = ""
    description: str = ""
    details: Mapping[str, Any] = field(default_factory=dict)
    client: str = ""
    client_url: str = ""
    class_: str = ""
    component: str = ""
    group: str = ""

    integration = "pagerduty_configs"

    def defaults(self, project: Project) -> Mapping[str, Any]:
        values = of_urgency(project, *_SEVERITIES)
        return {"severity": severity_template(values, project, "error")}

    def own_settings(self, project: Project) -> Mapping[str, Any]:
        settings = super().own_settings(project)
        if isinstance(self.severity, Mapping) and self.severity:
            return {**settings, "severity": severity_template(self.severity, project, "error")}
        return settings

    def problems(self) -> Iterator[Finding]:
        yield from super().problems()
        yield from severity_problems(self, "severity", _SEVERITIES)
