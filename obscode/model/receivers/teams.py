"""A receiver that posts alerts to a channel of Microsoft Teams."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING

from obscode.findings.finding import Finding
from obscode.model import codes
from obscode.model.compatibility import at_least
from obscode.model.receivers.base import HttpIntegration
from obscode.model.secrets import SecretFile
from obscode.model.urls import validate_url

if TYPE_CHECKING:
    from obscode.model.project import Project

_WORKFLOWS = "0.28"


@dataclass(frozen=True)
class Teams(HttpIntegration):
    """A receiver that posts alerts to a channel of Microsoft Teams.

    `receivers.Teams(webhook_url_file="/run/secrets/teams")`

    The URL is that of a workflow (`msteamsv2_configs`). With an `oldest_alertmanager` below 0.28, `webhook_url` is that
    of a proxy for an incoming webhook (`msteams_configs`), which Microsoft no longer offers.

    Attributes:
        webhook_url_file: the file with the URL, which is a secret; needs Alertmanager 0.28.
        webhook_url: the URL, only for a proxy in the own network.
        title: the template of the title; by default Alertmanager's own.
        text: the template of the text; by default Alertmanager's own.
    """

    _: KW_ONLY
    webhook_url_file: SecretFile = ""
    webhook_url: str = ""
    title: str = ""
    text: str = ""

    integration = "msteamsv2_configs"

    def integration_for(self, project: Project) -> str:
        # Only the newer integration reads the URL from a file.
        is_workflow = bool(self.webhook_url_file) or at_least(project.oldest_alertmanager, _WORKFLOWS)
        return self.integration if is_workflow else "msteams_configs"

    def problems(self) -> Iterator[Finding]:
        yield from super().problems()
        if self.webhook_url and (wrong := validate_url(self.webhook_url)):
            yield self.finding(codes.URL, *wrong, at="webhook_url")
