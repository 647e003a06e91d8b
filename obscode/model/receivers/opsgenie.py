"""A receiver that creates alerts in Opsgenie."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import TYPE_CHECKING, Any

from obscode.findings.finding import Finding
from obscode.model.receivers.base import HttpIntegration
from obscode.model.receivers.severity_template import severity_problems, severity_template
from obscode.model.secrets import SecretFile

if TYPE_CHECKING:
    from obscode.model.project import Project

_PRIORITIES = ("P1", "P2", "P3", "P4", "P5")


@dataclass(frozen=True)
class Opsgenie(HttpIntegration):
    """A receiver that creates alerts in Opsgenie and closes them.

    `receivers.Opsgenie(api_key_file="/run/secrets/opsgenie", priority={"page": "P1", "ticket": "P4"})`

    Attributes:
        api_key_file: the file with the API key; by default that of `global`.
        api_url: the URL of the API, such as `https://api.eu.opsgenie.com/`.
        priority: `P1` to `P5`: for each severity of the project, or a template; by default Opsgenie's own, P3.
        message: the template of the title.
        description: the template of the text.
        source: the template of the link to the monitoring system.
        details: further fields of the alert, templates by name.
        responders: who is notified, such as `{"name": "shop", "type": "team"}`.
        tags: templates of tags.
        note: the template of a note.
        entity: the template of what is affected.
    """

    _: KW_ONLY
    api_key_file: SecretFile = ""
    api_url: str = ""
    priority: str | Mapping[str, str] = ""
    message: str = ""
    description: str = ""
    source: str = ""
    details: Mapping[str, str] = field(default_factory=dict)
    responders: Sequence[Mapping[str, str]] = ()
    tags: Sequence[str] = ()
    note: str = ""
    entity: str = ""

    integration = "opsgenie_configs"

    def own_settings(self, project: Project) -> Mapping[str, Any]:
        settings = dict(super().own_settings(project))
        if self.tags:
            settings["tags"] = ",".join(self.tags)
        if isinstance(self.priority, Mapping) and self.priority:
            settings["priority"] = severity_template(self.priority, project, "P3")
        return settings

    def problems(self) -> Iterator[Finding]:
        yield from super().problems()
        yield from severity_problems(self, "priority", _PRIORITIES)
