"""A receiver that sends alerts to incident.io."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import KW_ONLY, dataclass

from obscode.findings.finding import Finding
from obscode.model import codes
from obscode.model.receivers.base import HttpIntegration
from obscode.model.secrets import SecretFile
from obscode.model.urls import validate_url
from obscode.promql.duration import Duration


@dataclass(frozen=True)
class IncidentIO(HttpIntegration):
    """A receiver that sends alerts to incident.io; needs Alertmanager 0.29.

    Attributes:
        url: the URL of the alert source.
        url_file: the file with the URL, instead.
        alert_source_token_file: the file with the token of the alert source.
        max_alerts: the number of alerts in one notification; 0 for all.
        timeout: how long a notification may take, a duration; by default until the next one of its group.
    """

    _: KW_ONLY
    url: str = ""
    url_file: SecretFile = ""
    alert_source_token_file: SecretFile = ""
    max_alerts: int = 0
    timeout: Duration = ""

    integration = "incidentio_configs"

    def problems(self) -> Iterator[Finding]:
        yield from super().problems()
        if self.url and (wrong := validate_url(self.url)):
            yield self.finding(codes.URL, *wrong, at="url")
