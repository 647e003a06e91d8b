"""A receiver that posts alerts to a URL as JSON."""

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
class Webhook(HttpIntegration):
    """A receiver that posts alerts to a URL as JSON. It needs either ``url`` or ``url_file``.

    `receivers.Webhook("tickets", url="http://tickets.internal/alerts")`

    Attributes:
        url: the URL, without a secret.
        url_file: the file with the URL, if that is a secret; needs Alertmanager 0.26.
        max_alerts: the number of alerts in one notification; 0 for all.
        timeout: how long a notification may take, a duration; needs Alertmanager 0.28.
    """

    _: KW_ONLY
    url: str = ""
    url_file: SecretFile = ""
    max_alerts: int = 0
    timeout: Duration = ""

    integration = "webhook_configs"

    def problems(self) -> Iterator[Finding]:
        yield from super().problems()
        if bool(self.url) == bool(self.url_file):
            message = f"a webhook has {'both url= and' if self.url else 'neither url= nor'} url_file="
            yield self.finding(
                codes.WEBHOOK_URL, message, "write one of them; url_file= keeps a secret out of the code"
            )
        elif self.url and (wrong := validate_url(self.url)):
            yield self.finding(codes.URL, *wrong, at="url")
