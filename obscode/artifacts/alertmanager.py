"""Alertmanager's configuration as a value, compiled or read from a file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from obscode.findings.source import Source


@dataclass(frozen=True)
class Receiver:
    """A receiver and its integrations: `{"webhook_configs": [{"url": ...}]}`; ``labels`` are of Alertmanager's API."""

    name: str
    integrations: Mapping[str, Sequence[Mapping[str, Any]]]
    source: Source
    labels: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Route:
    """A node of the routing tree; empty values inherit from the parent.

    Attributes:
        matchers: in Alertmanager's notation, `severity="page"`.
        settings: further keys, such as `continue` and `mute_time_intervals`.
    """

    receiver: str
    source: Source
    matchers: Sequence[str] = ()
    group_by: Sequence[str] = ()
    group_wait: str = ""
    group_interval: str = ""
    repeat_interval: str = ""
    routes: Sequence[Route] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)

    def walk(self) -> Iterator[Route]:
        """This route and all below it, parents first."""
        yield self
        for route in self.routes:
            yield from route.walk()


@dataclass(frozen=True)
class InhibitRule:
    """Alerts that match the source mute those that match the target and have equal labels."""

    source_matchers: Sequence[str]
    target_matchers: Sequence[str]
    equal: Sequence[str]
    source: Source
    name: str = ""


@dataclass(frozen=True)
class AlertmanagerConfig:
    """Routes, receivers and inhibition.

    Attributes:
        settings: further top-level keys, such as `global` and `templates`.
        templates: the texts of the template files that obscode writes for the receivers, by name without `.tmpl`.
    """

    route: Route
    receivers: Sequence[Receiver]
    source: Source
    inhibit_rules: Sequence[InhibitRule] = ()
    settings: Mapping[str, Any] = field(default_factory=dict)
    templates: Mapping[str, str] = field(default_factory=dict)
