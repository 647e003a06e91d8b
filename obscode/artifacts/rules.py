"""Recording and alerting rules as Prometheus evaluates them, compiled or read from a file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from obscode.findings.source import Source


@dataclass(frozen=True)
class Rule:
    """A recording or an alerting rule.

    Attributes:
        name: the recorded series, or the alert's name.
        expr: PromQL, as written.
        labels: labels that the rule adds; templates in an alert's.
        source: the definition or the YAML node that it comes from; its parts have the keys of the rule file (`expr`,
            `labels`, `annotations`, `for`).
    """

    name: str
    expr: str
    labels: Mapping[str, str]
    source: Source


@dataclass(frozen=True)
class RecordingRule(Rule):
    """A recording rule."""


@dataclass(frozen=True)
class AlertingRule(Rule):
    """An alerting rule; durations in Prometheus' notation, empty for none."""

    for_: str = ""
    keep_firing_for: str = ""
    annotations: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class RuleGroup:
    """Rules that are evaluated together, in order; an empty interval is the global one.

    ``settings`` are further keys of the group, such as `limit` and `query_offset`. A global group is evaluated by a
    ruler over all servers, and not by Prometheus.
    """

    name: str
    rules: Sequence[Rule]
    interval: str = ""
    settings: Mapping[str, Any] = field(default_factory=dict)
    source: Source | None = None
    is_global: bool = False


@dataclass(frozen=True)
class RuleFile:
    """One rule file: the rules of one service, or a file that was read.

    Attributes:
        name: the service, or the path.
        namespace: of a PrometheusRule that was read, its namespace.
    """

    name: str
    groups: Sequence[RuleGroup]
    source: Source
    namespace: str = ""

    def rules(self) -> Iterator[Rule]:
        """All rules, in the order of evaluation."""
        for group in self.groups:
            yield from group.rules
