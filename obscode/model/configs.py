"""Configurations that are emitted as they are written: the namespace `obscode.configs`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import Any, ClassVar

from obscode.findings.code import Code
from obscode.findings.finding import Finding
from obscode.findings.suggestions import did_you_mean
from obscode.model import codes
from obscode.model.definition import Definition
from obscode.model.identifiers import validate_name
from obscode.model.receivers import raw
from obscode.promql import duration
from obscode.promql.duration import Duration

__all__ = ["Alertmanager", "InhibitRule", "Prometheus", "Route", "Scrape"]

CONFIG_NAME = Code(
    "config-name",
    "Each `configs.Prometheus` has a name of its own with letters, digits, `-`, `_` and `.`, or none.",
    why="The name is part of the name of the file, and some file systems ignore case.",
    bad='configs.Prometheus({}, name="eu/west")',
    good='configs.Prometheus({}, name="eu-west")',
)
CONFIG_RECEIVER = Code(
    "config-receiver",
    "The root route of `configs.Alertmanager` has a receiver, and each receiver that a route names is in `receivers=`.",
    why="Alertmanager rejects the configuration otherwise.",
    bad='configs.Alertmanager(configs.Route("pager"), receivers=[receivers.Raw("chat")])',
    good='configs.Alertmanager(configs.Route("chat"), receivers=[receivers.Raw("chat")])',
)


@dataclass(frozen=True)
class Route(Definition):
    """A route of `configs.Alertmanager`, as it is written in Alertmanager's configuration.

    Attributes:
        receiver: the name of the receiver; by default that of the route above.
        matchers: the matchers, such as `severity=~"page|ticket"`.
        continue_: whether later routes beside this one see the alert, too.
        group_by: the labels whose values put alerts into one notification; by default those of the route above.
        group_wait: the time before the first notification of a group, a duration.
        group_interval: the time before a notification about new alerts of a group, a duration.
        repeat_interval: the time before a notification is repeated, a duration.
        settings: further keys, such as `{"mute_time_intervals": ["weekends"]}`.
        routes: the routes below it, in order.
    """

    output_keys: ClassVar[Mapping[str, str]] = {"continue": "continue_"}

    receiver: str = ""
    _: KW_ONLY
    matchers: Sequence[str] = ()
    continue_: bool = False
    group_by: Sequence[str] = ()
    group_wait: Duration = ""
    group_interval: Duration = ""
    repeat_interval: Duration = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    routes: Sequence[Route] = ()

    def problems(self) -> Iterator[Finding]:
        for at in ("group_wait", "group_interval", "repeat_interval"):
            value = getattr(self, at)
            if value and (wrong := duration.validate_duration(value, zero=at == "group_wait")):
                yield self.finding(codes.DURATION, *wrong, at=at)


@dataclass(frozen=True)
class InhibitRule(Definition):
    """An inhibition rule of `configs.Alertmanager`: alerts that match the source mute those that match the target.

    Attributes:
        source_matchers: the matchers of the alerts that mute others, such as `severity="critical"`.
        target_matchers: the matchers of the alerts that are muted.
        equal: the labels that are equal in both.
    """

    source_matchers: Sequence[str]
    target_matchers: Sequence[str]
    _: KW_ONLY
    equal: Sequence[str] = ()


@dataclass(frozen=True)
class Alertmanager(Definition):
    """An Alertmanager configuration that is emitted as it is written, instead of a Routing.

    Attributes:
        route: the root of the routes.
        receivers: the receivers, in order.
        inhibit_rules: the inhibition rules; obscode adds none.
        settings: further keys of the configuration, such as `global`, `templates` and `time_intervals`.
    """

    route: Route
    _: KW_ONLY
    receivers: Sequence[raw.Raw] = ()
    inhibit_rules: Sequence[InhibitRule] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)

    def problems(self) -> Iterator[Finding]:
        known = [receiver.name for receiver in self.receivers]
        if not self.route.receiver:
            yield self.route.finding(CONFIG_RECEIVER, "the root route has no receiver", "name one of receivers=")
        for route in self.route.walk():
            if isinstance(route, Route) and route.receiver and route.receiver not in known:
                hint = did_you_mean(route.receiver, known) or f"the receivers are {', '.join(sorted(known)) or 'none'}"
                message = f"there is no receiver {route.receiver!r}"
                yield route.finding(CONFIG_RECEIVER, message, hint, at="receiver")


@dataclass(frozen=True)
class Scrape(Definition):
    """A scrape job of `configs.Prometheus`, as it is written in Prometheus' configuration.

    Attributes:
        job_name: the value of the `job` label.
        settings: the other keys, such as `kubernetes_sd_configs` and `relabel_configs`.
    """

    job_name: str
    settings: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Prometheus(Definition):
    """A Prometheus configuration that is emitted as it is written, with the rule files and scrape jobs of the project.

    Attributes:
        settings: the keys of the configuration but `scrape_configs`, such as `global`, `rule_files` and `alerting`.
        scrape_configs: the scrape jobs; those of the project's services follow.
        name: the name of a further configuration, for the file `prometheus.<name>.yml`; by default `prometheus.yml`.
    """

    settings: Mapping[str, Any] = field(default_factory=dict)
    _: KW_ONLY
    scrape_configs: Sequence[Scrape] = ()
    name: str = ""

    def problems(self) -> Iterator[Finding]:
        if self.name and (wrong := validate_name(self.name)):
            yield self.finding(CONFIG_NAME, *wrong, at="name")


#: The kinds of configurations.
Config = Alertmanager | Prometheus
