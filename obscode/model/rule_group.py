"""Groups of rules that are emitted as they are written, and files of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import Any, ClassVar

from obscode.findings.code import Code
from obscode.findings.finding import Finding
from obscode.model import codes
from obscode.model.alert import Alert, RecordingRule
from obscode.model.definition import Definition
from obscode.model.identifiers import validate_label_name, validate_name
from obscode.model.naming import SEVERITY
from obscode.promql import duration
from obscode.promql.duration import Duration

RULE_GROUP = Code(
    "rule-group",
    "A rule group has a name, and settings that Prometheus accepts.",
    why="Prometheus rejects a rule file with a group that has no name, or with a negative limit.",
    bad='RuleGroup("", rules=[RecordingRule("job:up:sum", "sum by (job) (up)")])',
    good='RuleGroup("up", rules=[RecordingRule("job:up:sum", "sum by (job) (up)")])',
)
GROUP_ALERT = Code(
    "group-alert",
    "An alert in a RuleGroup has only arguments that are written into the rule file as they are.",
    why="Its rules are emitted as written: nothing links them to a panel.",
    bad='RuleGroup("shop", rules=[Alert("Down", "up == 0", panel="Traffic/Requests")])',
    good='RuleGroup("shop", rules=[Alert("Down", "up == 0", annotations={"dashboard_url": "https://g.example/d/a"})])',
)
# The keys of a group in a rule file that are arguments.
_KEYS = ("name", "rules", "interval", "limit", "query_offset", "labels")


@dataclass(frozen=True)
class RuleGroup(Definition):
    """Rules that Prometheus evaluates together, in the order in which they are written.

    The rules are emitted as written: obscode adds no label, no annotation and no prefix. Alerts need no severity; it
    is the value of their label `severity`. Checks of style report notes only.

    `RuleGroup("kafka", interval="30s", rules=[RecordingRule("job:up:sum", "sum by (job) (up)")])`

    Attributes:
        name: the name, unique in its rule file.
        rules: the recording rules and alerts.
        interval: the time between evaluations, a duration; by default the project's `evaluation_interval`.
        limit: the most series that a recording rule, or alerts that an alert may yield; 0 is no limit.
        query_offset: how far the evaluation is shifted into the past, a duration; needs Prometheus 2.53.
        labels: labels of all rules; needs Prometheus 3.0.
        is_global: whether a ruler evaluates the group over the series of all servers, such as that of `targets.Thanos`
            or `targets.Mimir`; the rule files of Prometheus do not have it.
        settings: further keys of the group for other systems, such as `{"source_tenants": ["shop"]}`.
        rule_file: the name of the rule file, without folder and `.yml`; by default the service, or for a group of no
            service the name of the Python file. Groups of one name make one file.
    """

    output_keys: ClassVar[Mapping[str, str]] = {}
    label_names: ClassVar[Sequence[str]] = ("labels",)

    name: str
    _: KW_ONLY
    rules: Sequence[RecordingRule | Alert] = ()
    interval: Duration = ""
    limit: int = 0
    query_offset: Duration = ""
    labels: Mapping[str, str] = field(default_factory=dict)
    is_global: bool = False
    settings: Mapping[str, Any] = field(default_factory=dict)
    rule_file: str = ""

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
        if self.rule_file and (wrong := validate_name(self.rule_file)):
            yield self.finding(RULE_GROUP, *wrong, at="rule_file")
        yield from self._alert_problems()

    def _alert_problems(self) -> Iterator[Finding]:
        for alert in self.rules:
            if isinstance(alert, Alert) and alert.panel:
                hint = 'write annotations={"dashboard_url": "..."}'
                yield alert.finding(GROUP_ALERT, "an alert in a RuleGroup has no panel=", hint, at="panel")
            if isinstance(alert, Alert) and alert.severity and SEVERITY in alert.labels:
                message = "severity= and the label 'severity' are the same label"
                yield alert.finding(GROUP_ALERT, message, "remove one of them", at="severity")


@dataclass(frozen=True)
class RuleFile(Definition):
    """Base of rule files that are read: the path, the groups in it, and what is wrong with them."""

    path: str
    name: str = ""
    groups: Sequence[RuleGroup] = field(default=(), init=False, repr=False)
    findings: Sequence[Any] = field(default=(), init=False, repr=False, compare=False)

    def problems(self) -> Iterator[Finding]:
        yield from self.findings
        if self.name and (wrong := validate_name(self.name)):
            yield self.finding(RULE_GROUP, *wrong, at="name")


#: What a service, or a folder of definitions, has as groups of rules.
Rules = RuleGroup | RuleFile


def groups_of(rules: Rules | Sequence[Rules]) -> list[RuleGroup]:
    """The groups, also those of rule files, in order."""
    listed: Iterable[Rules] = [rules] if isinstance(rules, RuleGroup | RuleFile) else rules
    return [group for each in listed for group in (each.groups if isinstance(each, RuleFile) else [each])]
