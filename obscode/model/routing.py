"""Routing of alerts: the routes of Alertmanager."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import ClassVar

from obscode.findings.finding import Finding
from obscode.model import codes
from obscode.model.definition import Definition
from obscode.model.identifiers import validate_label_name
from obscode.model.receivers.base import Receiver
from obscode.promql import duration
from obscode.promql.duration import Duration

#: In Alertmanager, `...` means all labels: every alert is a group.
EVERY_LABEL = "..."


@dataclass(frozen=True)
class Route(Definition):
    """A route that sends alerts with some labels to a receiver; the first matching route decides.

    Attributes:
        receiver: the receiver.
        match: the labels that an alert must have, with their values; a severity is one of the project.
        repeat_interval: the time before a notification is repeated, a duration; by default that of the Routing.
    """

    output_keys: ClassVar[Mapping[str, str]] = {"matchers": "match"}
    routed_labels = ("match",)

    receiver: Receiver
    _: KW_ONLY
    match: Mapping[str, str] = field(default_factory=dict)
    repeat_interval: Duration = ""

    def problems(self) -> Iterator[Finding]:
        if not self.match:
            yield self.finding(
                codes.ROUTE_MATCH,
                "a route without match= matches every alert",
                "make its receiver the default of the Routing",
            )
        for i, label in enumerate(self.match):
            if wrong := validate_label_name(label):
                yield self.finding(codes.LABEL_NAME, *wrong, at="match", item=i)
        if self.repeat_interval and (wrong := duration.validate_duration(self.repeat_interval)):
            yield self.finding(codes.DURATION, *wrong, at="repeat_interval")


@dataclass(frozen=True)
class Routing(Definition):
    """The tree of routes, one for a project.

    Attributes:
        default: the receiver of alerts that no route matches.
        routes: the routes, in order.
        group_by: the labels whose values put alerts into one notification; `["..."]` groups none. By default service,
            slo and severity, and the labels by which SLIs group their events.
        group_wait: the time before the first notification of a group, a duration; `0s` for none.
        group_interval: the time before a notification about new alerts of a group, a duration.
        repeat_interval: the time before a notification is repeated, a duration.
    """

    output_keys: ClassVar[Mapping[str, str]] = {"receiver": "default"}
    routed_labels = ("group_by",)

    default: Receiver
    _: KW_ONLY
    routes: Sequence[Route] = ()
    group_by: Sequence[str] = ()
    group_wait: Duration = "30s"
    group_interval: Duration = "5m"
    repeat_interval: Duration = "4h"

    def receivers(self) -> tuple[Receiver, ...]:
        """The receivers without duplicates, in the order of the routes."""
        named = {receiver.name: receiver for receiver in [self.default, *(route.receiver for route in self.routes)]}
        return tuple(named.values())

    def problems(self) -> Iterator[Finding]:
        for at in ("group_wait", "group_interval", "repeat_interval"):
            if wrong := duration.validate_duration(getattr(self, at), zero=at == "group_wait"):
                yield self.finding(codes.DURATION, *wrong, at=at)
        yield from self._group_problems()
        yield from self._twins()

    def _group_problems(self) -> Iterator[Finding]:
        for i, label in enumerate(self.group_by):
            if label in self.group_by[:i]:
                yield self.finding(
                    codes.GROUP_BY, f"{label!r} is a duplicate", "remove one of them", at="group_by", item=i
                )
            elif label == EVERY_LABEL and len(set(self.group_by)) > 1:
                message = f"{label!r} means all labels, so it must be the only one"
                yield self.finding(codes.GROUP_BY, message, f'write group_by=["{label}"]', at="group_by", item=i)
            elif label != EVERY_LABEL and (wrong := validate_label_name(label)):
                yield self.finding(codes.LABEL_NAME, *wrong, at="group_by", item=i)

    def _twins(self) -> Iterator[Finding]:
        seen: dict[str, Receiver] = {}
        for receiver in (route.receiver for route in self.routes):
            other = seen.setdefault(receiver.name, self.default if receiver.name == self.default.name else receiver)
            if other != receiver:
                yield receiver.finding(
                    codes.RECEIVER_NAME, f"two receivers are named {receiver.name!r}", "rename one", at="name"
                )
