"""What every receiver has: a name, and one integration of Alertmanager with its settings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Any, ClassVar

from obscode.findings.finding import Finding
from obscode.model import codes
from obscode.model.definition import Definition
from obscode.model.identifiers import validate_name


@dataclass(frozen=True)
class Receiver(Definition):
    """Base of the receivers. A kind names its ``integration`` and gives its ``settings()``.

    Attributes:
        name: the receiver's name in Alertmanager: letters, digits, `-`, `_` and `.`.
        send_resolved: whether a notification is sent when the alert is resolved, too.
    """

    name: str
    _: KW_ONLY
    send_resolved: bool = True

    #: The key of the integration in Alertmanager's configuration, such as `webhook_configs`.
    integration: ClassVar[str] = ""

    def settings(self) -> Mapping[str, Any]:
        """The integration's settings as plain data, without empty ones."""
        return {}

    def configuration(self) -> Mapping[str, Any]:
        """The settings with what all integrations share."""
        return {**self.settings(), "send_resolved": self.send_resolved}

    def configurations(self) -> Mapping[str, Sequence[Mapping[str, Any]]]:
        """The integrations as in Alertmanager's configuration."""
        return {self.integration: [self.configuration()]}

    def problems(self) -> Iterator[Finding]:
        if wrong := validate_name(self.name):
            yield self.finding(codes.RECEIVER_NAME, *wrong, at="name")
