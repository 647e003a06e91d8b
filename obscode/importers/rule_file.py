"""A rule file that a project keeps: read where it is defined, checked and emitted as it is."""

from __future__ import annotations

import linecache
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from obscode.artifacts.rules import AlertingRule, Rule, RuleGroup
from obscode.findings.finding import Finding, relative
from obscode.importers.codes import FILE
from obscode.importers.existing.comments import ignored
from obscode.importers.existing.yaml_origin import YamlOrigin
from obscode.importers.existing.yaml_values import plain_entries
from obscode.model import alert as model
from obscode.model import rule_group
from obscode.reader.file_contents import FileContents, read_text
from obscode.reader.yaml_nodes import YamlNode


@dataclass(frozen=True)
class RuleFile(rule_group.RuleFile):
    """A rule file that stays as it is: it is read, checked with the other rules, and emitted into the output folder.

    `Service("kafka", rules=RuleFile("../rules/kafka.yml"))`

    The file may be a Kubernetes object that contains rules, such as a PrometheusRule.

    Attributes:
        path: the path of the file; a relative one starts at the folder of the calling file.
        name: the name of the rule file in the output, if it is part of no service; by default that of the file.
    """

    name: str = field(default="", kw_only=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        if "groups" in vars(self) and (self.groups or self.findings):  # a copy
            return
        groups, findings = _read(self)
        object.__setattr__(self, "groups", tuple(groups))
        object.__setattr__(self, "findings", tuple(findings))


def _read(definition: RuleFile) -> tuple[Sequence[rule_group.RuleGroup], Sequence[Finding]]:
    """The groups of a file, and what is wrong with it."""
    if not isinstance(definition.path, str):  # reported as an argument of the wrong type
        return [], []
    calling = Path(definition.origin.file)
    path = Path(calling.parent if calling.is_file() else Path.cwd(), definition.path)
    displayed = relative(str(path))
    try:
        linecache.checkcache(str(path))
        text = path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        return [], [definition.finding(FILE, f"{displayed} is not UTF-8", at="path")]
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not a path"
        hint = "a relative path starts at the folder of the file that it is written in"
        return [], [definition.finding(FILE, f"{displayed} cannot be read: {reason}", hint, at="path")]
    contents = read_text(text.replace("\r\n", "\n").replace("\r", "\n"), str(path))
    findings = [finding for finding in contents.findings if finding.severity == "error"]
    if not contents.rule_files and not findings:
        reason = f": it is {contents.skipped}" if contents.skipped else ""
        return [], [definition.finding(FILE, f"{displayed} contains no rules{reason}", at="path")]
    return list(_groups(contents)), findings


def _groups(contents: FileContents) -> Iterator[rule_group.RuleGroup]:
    for file in contents.rule_files:
        for group in file.groups:
            assert isinstance(group.source, YamlNode)
            yield _group(group, group.source, contents)


def _group(group: RuleGroup, node: YamlNode, contents: FileContents) -> rule_group.RuleGroup:
    settings = plain_entries(node, "name", "interval", "labels", "rules")
    labels = node.get("labels")
    return rule_group.RuleGroup(
        group.name,
        rules=[_rule(rule, rule.source, contents) for rule in group.rules if isinstance(rule.source, YamlNode)],
        interval=group.interval,
        limit=int(settings.pop("limit", 0)),
        query_offset=settings.pop("query_offset", ""),
        labels={name: entry.value.raw for name, entry in labels.entries.items()} if labels else {},
        settings=settings,
        ignore=ignored(node, contents),
    ).with_origin(YamlOrigin.of(node))


def _rule(rule: Rule, node: YamlNode, contents: FileContents) -> model.RecordingRule | model.Alert:
    origin, ignore = YamlOrigin.of(node, {"record": "name", "alert": "name", "for": "for_"}), ignored(node, contents)
    if not isinstance(rule, AlertingRule):
        return model.RecordingRule(rule.name, rule.expr, labels=rule.labels, ignore=ignore).with_origin(origin)
    return model.Alert(
        rule.name,
        rule.expr,
        for_=rule.for_ or "0s",
        keep_firing_for=rule.keep_firing_for or "0s",
        labels=rule.labels,
        annotations=rule.annotations,
        ignore=ignore,
    ).with_origin(origin)
