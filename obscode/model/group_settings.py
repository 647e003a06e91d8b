"""The settings of a rule group: how its rules are evaluated together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import Any, ClassVar

from obscode.findings.code import Code
from obscode.findings.finding import Finding
from obscode.model import codes
from obscode.model.definition import Definition
from obscode.model.identifiers import validate_label_name
from obscode.promql import duration
from obscode.promql.duration import Duration

RULE_GROUP = Code(
    "rule-group",
    "A rule group has a name, and settings that Prometheus accepts.",
    why="Prometheus rejects a rule file with a group that has no name, or with a negative limit.",
    bad='RuleGroup("", rules=[RecordingRule("job:up:sum", "sum by (job) (up)")])',
    good='RuleGroup("up", rules=[RecordingRule("job:up:sum", "sum by (job) (up)")])',
)
# The keys of a group in a rule file that are arguments.
_KEYS = ("name", "rules", "interval", "limit", "query_offset", "labels")
# Those that obscode decides for the groups that it generates.
_GENERATED = ("name", "rules", "interval", "labels")


@dataclass(frozen=True)
class GroupSettings(Definition):
    """Base of rule groups: the name, and how Prometheus evaluates the rules.

    Attributes:
        name: the name, unique in its rule file.
        interval: the time between evaluations, a duration; by default the project's `evaluation_interval`.
        limit: the most series that a recording rule, or alerts that an alert may yield; 0 is no limit.
        query_offset: how far the evaluation is shifted into the past, a duration; needs Prometheus 2.53.
        labels: labels of all rules; needs Prometheus 3.0 in a group that is emitted as it is written.
        is_global: whether a ruler evaluates the group over the series of all servers, such as that of `targets.Thanos`
            or `targets.Mimir`; the rule files of Prometheus do not have it.
        settings: further keys of the group for other systems, such as `{"source_tenants": ["shop"]}`.
    """

    label_names: ClassVar[Sequence[str]] = ("labels",)

    name: str
    _: KW_ONLY
    interval: Duration = ""
    limit: int = 0
    query_offset: Duration = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    is_global: bool = False
    settings: Mapping[str, Any] = field(default_factory=dict)

    def keys(self) -> dict[str, Any]:
        """The keys of the group in a rule file beside its name, its interval, its labels and its rules."""
        own = {"query_offset": self.query_offset, "limit": self.limit}
        return {key: value for key, value in {**own, **self.settings}.items() if value}

    def problems(self) -> Iterator[Finding]:
        if not self.name:
            yield self.finding(RULE_GROUP, "the group has no name", 'write a name such as "kafka"', at="name")
        if self.limit < 0:
            yield self.finding(RULE_GROUP, f"limit is {self.limit}", "write 0 for no limit", at="limit")
        for at in ("interval", "query_offset"):
            value = getattr(self, at)
            if value and (wrong := duration.validate_duration(value, zero=True)):
                yield self.finding(codes.DURATION, *wrong, at=at)
        for i, label in enumerate(self.labels):
            if wrong := validate_label_name(label):
                yield self.finding(codes.LABEL_NAME, *wrong, at="labels", item=i)
        for i, key in enumerate(self.settings):
            if key in _KEYS:
                message = f"settings sets {key!r}, which is an argument of RuleGroup"
                yield self.finding(RULE_GROUP, message, f"write {key}=", at="settings", item=i)


def group_settings_problems(definition: Definition, settings: Mapping[str, Any]) -> Iterator[Finding]:
    """Findings for the argument `group_settings`: keys of groups that have values of their own."""
    for i, key in enumerate(settings):
        if key in _GENERATED:
            message = f"group_settings sets {key!r}, which differs between the groups"
            hint = "write it for rules with group=RuleGroup(...), or slo_interval= of the Project"
            yield definition.finding(RULE_GROUP, message, hint, at="group_settings", item=i)
