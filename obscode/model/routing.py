"""Routing of alerts: the routes of Alertmanager."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import Any, ClassVar

from obscode.findings.finding import Finding, SourceSpan
from obscode.model import codes
from obscode.model.definition import Definition
from obscode.model.identifiers import validate_label_name
from obscode.model.inhibition import Inhibit
from obscode.model.matched_labels import label_match_problems, matcher_problems
from obscode.model.mute_time import MuteTime, mute_time_twins
from obscode.model.receivers.base import Receiver
from obscode.promql import duration
from obscode.promql.duration import Duration

#: In Alertmanager, `...` means all labels: every alert is a group.
EVERY_LABEL = "..."
_TIMINGS = ("group_wait", "group_interval", "repeat_interval")


@dataclass(frozen=True)
class Route(Definition):
    """A route that sends alerts with some labels to a receiver; the first matching route decides.

    The routes below it get its alerts first. It sends those that none of them takes. What a route does not set is as
    in the route above it, except mute times.

        Route(chat, match={"team": "shop"}, routes=[Route(pager, match={"severity": "page"})])

    Attributes:
        receiver: the receiver; by default that of the route above.
        match: the labels that an alert must have, with their values; a severity is one of the project.
        by_severity: the receivers of its alerts by severity, such as `{"page": pager}`; ``routes`` come first. None
            adds no route.
        matchers: further matchers as Alertmanager writes them, such as `team=~"shop|search"` and `team!="shop"`.
        routes: the routes below it, in order.
        continue_: whether the routes after this one get the alert, too.
        group_by: the labels whose values put alerts into one notification; `["..."]` groups none, `[]` groups all (with
            Alertmanager 0.31).
        group_wait: the time before the first notification of a group, a duration; `0s` for none.
        group_interval: the time before a notification about new alerts of a group, a duration.
        repeat_interval: the time before a notification is repeated, a duration.
        mute: the times in which it sends no notifications.
        active: the times in which it sends notifications; by default always.
        settings: further keys of a route in Alertmanager's configuration, such as `labels`.
    """

    routed_labels = ("match", "group_by")

    receiver: Receiver | None = None
    _: KW_ONLY
    match: Mapping[str, str] = field(default_factory=dict)
    by_severity: Mapping[str, Receiver | None] = field(default_factory=dict)
    matchers: Sequence[str] = ()
    routes: Sequence[Route] = ()
    continue_: bool = False
    group_by: Sequence[str] | None = None
    group_wait: Duration = ""
    group_interval: Duration = ""
    repeat_interval: Duration = ""
    mute: Sequence[MuteTime] = ()
    active: Sequence[MuteTime] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)

    output_keys: ClassVar[Mapping[str, str]] = {
        "continue": "continue_",
        "mute_time_intervals": "mute",
        "active_time_intervals": "active",
    }

    def span(self, part: str = "", item: int | None = None) -> SourceSpan | None:
        return super().span("match" if part == "matchers" and not self.matchers else part, item)

    def problems(self) -> Iterator[Finding]:
        yield from label_match_problems(self, "match")
        yield from matcher_problems(self, "matchers")
        yield from _group_problems(self, self.group_by or ())
        yield from _timing_problems(self)


@dataclass(frozen=True)
class Routing(Definition):
    """The tree of routes, one for a project.

    `Routing(chat, by_severity={"page": pager})`

    Attributes:
        default: the receiver of alerts that no route matches.
        by_severity: the receivers of alerts by severity, such as `{"page": pager}`; ``routes`` come first. None
            adds no route.
        routes: the routes, in order.
        heartbeat: the receiver of the alert `Watchdog`, which always fires: a service that reports when it stops.
        group_by: the labels whose values put alerts into one notification; `["..."]` groups none, `[]` groups all. By
            default service, slo and severity, and the labels by which SLIs group their events.
        group_wait: the time before the first notification of a group, a duration; `0s` for none.
        group_interval: the time before a notification about new alerts of a group, a duration.
        repeat_interval: the time before a notification is repeated, a duration.
        inhibit: which alerts mute others.
        generated_inhibition: whether an alert of an SLO mutes less urgent ones of the same SLO about missing data.
        templates: whether receivers for Slack, Teams, e-mail, PagerDuty and Opsgenie have texts of obscode: what burns,
            how fast, since when, with links to panel, runbook and silence. A `title` or `text` of the receiver replaces
            them.
        settings: further keys of Alertmanager's configuration, such as `global` and `tracing`.
    """

    output_keys: ClassVar[Mapping[str, str]] = {"receiver": "default", "inhibit_rules": "inhibit"}
    routed_labels = ("group_by",)

    default: Receiver
    _: KW_ONLY
    by_severity: Mapping[str, Receiver | None] = field(default_factory=dict)
    routes: Sequence[Route] = ()
    heartbeat: Receiver | None = None
    group_by: Sequence[str] | None = None
    group_wait: Duration = "30s"
    group_interval: Duration = "5m"
    repeat_interval: Duration = "4h"
    inhibit: Sequence[Inhibit] = ()
    generated_inhibition: bool = True
    templates: bool = True
    settings: Mapping[str, Any] = field(default_factory=dict)

    def every_route(self) -> list[Route]:
        """The routes and all below them, in order."""
        return [each for route in self.routes for each in route.walk() if isinstance(each, Route)]

    def receivers(self) -> tuple[Receiver, ...]:
        """The receivers without duplicates, in the order of the routes."""
        named = {receiver.name: receiver for receiver in [self.default, *self._receivers_of_routes()]}
        return tuple(named.values())

    def mute_times(self) -> tuple[MuteTime, ...]:
        """The mute times of routes without duplicates, in the order of the routes."""
        times = [time for route in self.every_route() for time in (*route.mute, *route.active)]
        return tuple({time.name: time for time in times}.values())

    def problems(self) -> Iterator[Finding]:
        yield from _timing_problems(self)
        yield from _group_problems(self, self.group_by or ())
        yield from self._twins()
        yield from mute_time_twins([time for route in self.every_route() for time in (*route.mute, *route.active)])

    def _receivers_of_routes(self) -> Iterator[Receiver]:
        if self.heartbeat:
            yield self.heartbeat
        yield from filter(None, self.by_severity.values())
        for route in self.every_route():
            yield from ([route.receiver] if route.receiver else [])
            yield from filter(None, route.by_severity.values())

    def _twins(self) -> Iterator[Finding]:
        seen = {self.default.name: self.default}
        for receiver in self._receivers_of_routes():
            if seen.setdefault(receiver.name, receiver) != receiver:
                yield receiver.finding(
                    codes.RECEIVER_NAME, f"two receivers are named {receiver.name!r}", "rename one", at="name"
                )


def _timing_problems(definition: Route | Routing) -> Iterator[Finding]:
    for at in _TIMINGS:
        value = getattr(definition, at)
        if value == "" and isinstance(definition, Route):
            continue
        if wrong := duration.validate_duration(value, zero=at == "group_wait"):
            yield definition.finding(codes.DURATION, *wrong, at=at)


def _group_problems(definition: Definition, labels: Sequence[str]) -> Iterator[Finding]:
    for i, label in enumerate(labels):
        if label in labels[:i]:
            message = f"{label!r} is a duplicate"
            yield definition.finding(codes.GROUP_BY, message, "remove one of them", at="group_by", item=i)
        elif label == EVERY_LABEL and len(set(labels)) > 1:
            message = f"{label!r} means all labels, so it must be the only one"
            yield definition.finding(codes.GROUP_BY, message, f'write group_by=["{label}"]', at="group_by", item=i)
        elif label != EVERY_LABEL and (wrong := validate_label_name(label)):
            yield definition.finding(codes.LABEL_NAME, *wrong, at="group_by", item=i)
