"""Groups of rules that are emitted as they are written, and files of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import Any, ClassVar

from obscode.findings.code import Code
from obscode.findings.finding import Finding
from obscode.model.alert import Alert, RecordingRule
from obscode.model.definition import Definition
from obscode.model.group_settings import RULE_GROUP, GroupSettings
from obscode.model.identifiers import validate_name
from obscode.model.naming import SEVERITY

GROUP_ALERT = Code(
    "group-alert",
    "A rule in a RuleGroup has only arguments that are written into the rule file as they are.",
    why="Its rules are emitted as written: nothing links them to a panel.",
    bad='RuleGroup("shop", rules=[Alert("Down", "up == 0", panel="Traffic/Requests")])',
    good='RuleGroup("shop", rules=[Alert("Down", "up == 0", annotations={"dashboard_url": "https://g.example/d/a"})])',
)


@dataclass(frozen=True)
class RuleGroup(GroupSettings):
    """Rules that Prometheus evaluates together, in the order in which they are written.

    The rules are emitted as written: obscode adds no label, no annotation and no prefix. Alerts need no severity; it
    is the value of their label `severity`. Checks of style report notes only.

    `RuleGroup("kafka", interval="30s", rules=[RecordingRule("job:up:sum", "sum by (job) (up)")])`

    Without rules, it is the group of a service's own alerts and recording rules, which obscode completes as always:
    `Alert("Full", "disk_free_ratio < 0.1", severity="ticket", group=RuleGroup("slow", interval="5m"))`

    Attributes:
        rules: the recording rules and alerts.
        rule_file: the name of the rule file, without folder and `.yml`; by default the service, or for a group of no
            service the name of the Python file. Groups of one name make one file.
    """

    output_keys: ClassVar[Mapping[str, str]] = {}

    _: KW_ONLY
    rules: Sequence[RecordingRule | Alert] = ()
    rule_file: str = ""

    def problems(self) -> Iterator[Finding]:
        yield from super().problems()
        if self.rule_file and (wrong := validate_name(self.rule_file)):
            yield self.finding(RULE_GROUP, *wrong, at="rule_file")
        yield from self._alert_problems()

    def _alert_problems(self) -> Iterator[Finding]:
        for alert in self.rules:
            if alert.group:
                message = "a rule in a RuleGroup has no group="
                yield alert.finding(GROUP_ALERT, message, "remove one of the two groups", at="group")
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
