"""A receiver whose integrations are written as in Alertmanager's configuration."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import Any

from obscode.findings.finding import Finding
from obscode.model import codes
from obscode.model.receivers.base import Receiver


@dataclass(frozen=True)
class Raw(Receiver):
    """A receiver whose integrations are written as in Alertmanager's configuration, for those that obscode lacks.

    `receivers.Raw("pager", {"pagerduty_configs": [{"routing_key_file": "/run/secrets/pagerduty"}]})`

    Attributes:
        name: the receiver's name in Alertmanager, any text.
        integrations: the keys of the receiver, such as `email_configs`, each with a list of settings.
    """

    integrations: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)
    _: KW_ONLY
    send_resolved: bool = field(default=True, init=False)

    def configurations(self) -> Mapping[str, Sequence[Mapping[str, Any]]]:
        return self.integrations

    def problems(self) -> Iterator[Finding]:
        if not self.name:
            yield self.finding(codes.RECEIVER_NAME, "the receiver has no name", 'write "pager", for example', at="name")
