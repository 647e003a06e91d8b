"""A receiver whose integrations are written as in Alertmanager's configuration."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import TYPE_CHECKING, Any

from obscode.model.receivers.base import Integrations, Receiver, plain

if TYPE_CHECKING:
    from obscode.model.project import Project


@dataclass(frozen=True)
class Raw(Receiver):
    """A receiver whose integrations are written as in Alertmanager's configuration, for those that obscode lacks.

    `receivers.Raw("phone", {"victorops_configs": [{"routing_key": "shop", "api_key_file": "/run/secrets/victorops"}]})`

    Attributes:
        integrations: the keys of the receiver, such as `sns_configs`, each with a list of settings.
        labels: labels of the receiver in Alertmanager's API; needs Alertmanager 0.33.
    """

    integrations: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    _: KW_ONLY
    labels: Mapping[str, str] = field(default_factory=dict)

    def receiver_labels(self) -> Mapping[str, str]:
        return self.labels

    def integrations_for(self, project: Project) -> Integrations:
        content: Integrations = plain(self.integrations)
        return content
