"""A receiver with the integrations of several receivers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import TYPE_CHECKING, Any

from obscode.findings.code import Code
from obscode.findings.finding import Finding
from obscode.model.receivers.base import Integrations, Receiver

if TYPE_CHECKING:
    from obscode.model.project import Project

EMPTY_GROUP = Code(
    "empty-group",
    "A group of receivers has receivers.",
    why="Notifications to a receiver without integrations reach nobody.",
    bad='receivers.Group("on-call", [])',
    good='receivers.Group("on-call", [receivers.Slack(channel="#shop", url_file="/run/secrets/slack")])',
)


@dataclass(frozen=True)
class Group(Receiver):
    """A receiver that notifies through several others at a time, such as a pager and a channel.

    `receivers.Group("on-call", [receivers.PagerDuty(routing_key_file="/run/secrets/pagerduty"), chat])`

    Attributes:
        receivers: the receivers; their names are not used.
        labels: labels of the receiver in Alertmanager's API; needs Alertmanager 0.33.
    """

    receivers: Sequence[Receiver]
    _: KW_ONLY
    labels: Mapping[str, str] = field(default_factory=dict)

    def receiver_labels(self) -> Mapping[str, str]:
        return self.labels

    def integrations_for(self, project: Project) -> Integrations:
        return merged(receiver.integrations_for(project) for receiver in self.receivers)

    def problems(self) -> Iterator[Finding]:
        yield from super().problems()
        if not self.receivers:
            yield self.finding(EMPTY_GROUP, "the group has no receivers", "write one, or more", at="receivers")


def merged(parts: Iterable[Integrations]) -> Integrations:
    """The integrations of several receivers."""
    result: dict[str, list[Mapping[str, Any]]] = {}
    for part in parts:
        for key, items in part.items():
            result.setdefault(key, []).extend(items)
    return result
