"""Rule files as Python: a RuleGroup for each group, with its rules in order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from textwrap import dedent

from obscode.artifacts.rules import AlertingRule, Rule, RuleFile, RuleGroup
from obscode.findings.errors import DefinitionError
from obscode.importers.codes import NO_COUNTERPART
from obscode.importers.existing.comments import LAST_LINE, Comments, ignored
from obscode.importers.existing.module import Names, Part, SourceFile
from obscode.importers.existing.python_source import Call, Item, Promql, dict_of, list_of, statement
from obscode.importers.existing.yaml_values import plain
from obscode.model.compatibility import PROMETHEUS, newest
from obscode.model.identifiers import suggestion
from obscode.model.urls import validate_runbook_url
from obscode.promql.duration import milliseconds
from obscode.promql.tokens import is_plain_label, is_plain_metric
from obscode.reader.file_contents import FileContents
from obscode.reader.yaml_nodes import YamlEntry, YamlNode
from obscode.reader.yaml_section import Report

# The annotations that are arguments of Alert.
_ANNOTATIONS = {"summary": "summary", "description": "description", "runbook_url": "runbook"}
_RULE = {"record", "alert", "expr", "for", "keep_firing_for", "labels", "annotations"}
_GROUP = ("name", "interval", "limit", "query_offset", "labels", "rules")
_DURATIONS = ("interval", "query_offset", "for", "keep_firing_for")


def rules_part(file: SourceFile, names: Names) -> Part | None:
    """The groups of all rule files in a file; None if it has none. Raises DefinitionError for what would be lost."""
    used: set[str] = set()
    header: list[str] = []
    statements: list[str] = []
    in_file: set[str] = set()
    report = Report()
    for rules in file.contents.rule_files:
        writer = _Writer(rules, file.contents, names, used)
        writer.report_losses(report)
        above = writer.header()
        header, above = (header, above) if statements else ([*header, *above], [])
        for group in rules.groups:
            # Documents of one file may have groups with equal names: these are in rule files of their own.
            is_again = group.name in in_file
            in_file.add(group.name)
            rule_file = _rule_file(group, names) if is_again else ""
            statements.append(writer.group(group, rule_file, above))
            above = []
        statements += writer.comments_at_the_end()
    if report.findings:
        raise DefinitionError(report.findings)
    rule_files = file.contents.rule_files
    return Part(used, statements, header, _project(rule_files)) if used else None


def _rule_file(group: RuleGroup, names: Names) -> str:
    """A name for the rule file of a group by itself."""
    return suggestion(names.new(f"{names.rule_file[:30]}-{group.name}", "rules"))


def _project(files: Sequence[RuleFile]) -> Mapping[str, str]:
    """The settings that the rules need: the oldest Prometheus that loads them, if it is newer than the default."""
    groups = [group for file in files for group in file.groups]
    rules = [rule for group in groups for rule in group.rules]
    labels = {label for rule in rules for label in rule.labels}
    labels |= {name for rule in rules if isinstance(rule, AlertingRule) for name in rule.annotations}
    records = {rule.name for rule in rules if not isinstance(rule, AlertingRule)}
    needed = [PROMETHEUS.needed(group.settings, "groups") for group in groups]
    if not (all(map(is_plain_label, labels)) and all(map(is_plain_metric, records))):
        needed.append(PROMETHEUS.utf8_names)
    return {"oldest_prometheus": newest(needed)} if any(needed) else {}


class _Writer:
    """Writes the groups of one document."""

    def __init__(self, rules: RuleFile, contents: FileContents, names: Names, used: set[str]) -> None:
        assert isinstance(rules.source, YamlNode)
        self.node, self.contents, self.names, self.used = rules.source, contents, names, used
        self.comments = Comments(rules.source)

    def report_losses(self, report: Report) -> None:
        """Report the keys that a RuleGroup cannot hold: Prometheus rejects them, too."""
        groups = self.node.get("groups")
        for group in groups.items if groups else ():
            if group.text("type") not in ("", "prometheus"):
                message = f"the rules of a group of type {group.text('type')!r} are not PromQL"
                report.add(NO_COUNTERPART, message, "keep the file beside obscode's", group.span("type"))
            rules = group.get("rules")
            for rule in rules.items if rules else ():
                for key in rule.entries.keys() - _RULE:
                    message = f"the key {key!r} of a rule is not a key of Prometheus"
                    report.add(NO_COUNTERPART, message, "remove it", rule.entries[key].key)

    def header(self) -> list[str]:
        """The comments above the first group, and the namespace that Mimir has for a file."""
        groups = self.node.get("groups")
        first = groups.items[0].place.line if groups and groups.items else 0
        namespace = self.node.text("namespace")
        return [*self.comments.before(first), *([f"namespace: {namespace}"] if namespace else [])]

    def comments_at_the_end(self) -> list[str]:
        """The comments below the last group."""
        rest = self.comments.rest()
        return ["\n".join(f"# {line}".rstrip() for line in rest)] if rest else []

    def group(self, group: RuleGroup, rule_file: str, header: Sequence[str]) -> str:
        """The statement that defines a group, with the comments of a header above."""
        node = group.source
        assert isinstance(node, YamlNode)
        self.used.add("RuleGroup")
        above = [*header, *self.comments.take(node.place.line)]
        items = [self._item(node, "name", "", group.name), *self._settings(node)]
        if rule_file:
            items.append(Item(rule_file, "rule_file="))
        items += self._ignore(node)
        items.append(self._rules(node, group.rules))
        return statement(self.names.new(group.name, "group"), Call("RuleGroup", items, is_open=True), above)

    def _settings(self, node: YamlNode) -> Iterator[Item]:
        for key in ("interval", "query_offset", "limit", "labels"):
            if key in node.entries and (value := self._value(node.entries[key], key)):
                yield self._item(node, key, key, value)
        others = {key: entry for key, entry in node.entries.items() if _is_setting(key, entry)}
        if others:
            values = {key: Item(plain(each.value), "", self._above(each)) for key, each in others.items()}
            yield Item(dict_of(values), "settings=")

    def _rules(self, node: YamlNode, rules: Sequence[Rule]) -> Item:
        above = self._above(node.entries["rules"]) if "rules" in node.entries else []
        nodes = [rule.source for rule in rules if isinstance(rule.source, YamlNode)]
        end = self._end_of(node)
        ends = [following.place.line for following in nodes[1:]] + [end]
        items = [self._rule(rule, node, end) for rule, node, end in zip(rules, nodes, ends, strict=False)]
        below = self.comments.within(node, end)
        return Item(list_of(items, is_open=True, comments=below), "rules=", above)

    def _end_of(self, group: YamlNode) -> int:
        """The line of the next group."""
        groups = self.node.get("groups")
        lines = [each.place.line for each in groups.items] if groups else []
        return min((line for line in lines if line > group.place.line), default=LAST_LINE)

    def _rule(self, rule: Rule, node: YamlNode, end: int) -> Item:
        comments = self.comments.take(node.place.line)
        call = self._alert(rule, node) if isinstance(rule, AlertingRule) else self._record(rule, node)
        return Item(replace(call, comments=self.comments.within(node, end)), "", comments)

    def _ignore(self, node: YamlNode) -> Iterator[Item]:
        if codes := ignored(node, self.contents):
            yield Item(codes, "ignore=")

    def _record(self, rule: Rule, node: YamlNode) -> Call:
        self.used.add("RecordingRule")
        items = [self._item(node, "record", "", rule.name), self._item(node, "expr", "", Promql(dedent(rule.expr)))]
        items += self._mapping(node, "labels", rule.labels)
        return Call("RecordingRule", [*items, *self._ignore(node)])

    def _alert(self, rule: AlertingRule, node: YamlNode) -> Call:
        self.used.add("Alert")
        items = [self._item(node, "alert", "", rule.name), self._item(node, "expr", "", Promql(dedent(rule.expr)))]
        if not _is_zero(rule.for_):
            items.append(self._item(node, "for", "for_", rule.for_))
        if not _is_zero(rule.keep_firing_for):
            items.append(self._item(node, "keep_firing_for", "keep_firing_for", rule.keep_firing_for))
        severity = ["severity"] if rule.labels.get("severity") else []
        items += self._named(node, "labels", {"severity": "severity"}, severity, rule.labels)
        items += self._mapping(node, "labels", rule.labels, *severity)
        named = [name for name, text in rule.annotations.items() if _is_argument(name, text)]
        items += self._named(node, "annotations", _ANNOTATIONS, named, rule.annotations)
        items += self._mapping(node, "annotations", rule.annotations, *named)
        return Call("Alert", [*items, *self._ignore(node)], is_open=True)

    def _named(
        self, node: YamlNode, key: str, arguments: Mapping[str, str], named: Sequence[str], values: Mapping[str, str]
    ) -> Iterator[Item]:
        """The labels or annotations that are arguments."""
        for name, argument in arguments.items():
            if name in named:
                entry = node.entries[key].value.entries[name]
                yield Item(values[name], f"{argument}=", self._above(entry))

    def _mapping(self, node: YamlNode, key: str, values: Mapping[str, str], *without: str) -> Iterator[Item]:
        """The labels or annotations that are no arguments."""
        held = node.get(key)
        entries = {name: entry for name, entry in held.entries.items() if name not in without} if held else {}
        items = {name: Item(values[name], "", self._above(entry)) for name, entry in entries.items() if name in values}
        if items:
            yield Item(dict_of(items), f"{key}=", self._above(node.entries[key]))

    def _item(self, node: YamlNode, key: str, argument: str, value: object) -> Item:
        comments = self._above(node.entries[key]) if key in node.entries else []
        return Item(value, f"{argument}=" if argument else "", comments)

    def _value(self, entry: YamlEntry, key: str) -> object:
        if key == "interval" and _is_zero(entry.value.raw):
            return ""
        if key == "labels":
            return {name: each.value.raw for name, each in entry.value.entries.items()}
        return entry.value.raw if key in _DURATIONS else plain(entry.value)

    def _above(self, entry: YamlEntry) -> list[str]:
        return self.comments.take(entry.key.line)


def _is_setting(key: str, entry: YamlEntry) -> bool:
    return key not in _GROUP and entry.value.content is not None


def _is_zero(duration: str) -> bool:
    return duration in ("", "0") or not milliseconds(duration)


def _is_argument(name: str, text: str) -> bool:
    """True for an annotation that an argument of Alert has, with a value that the argument accepts."""
    is_url = name != "runbook_url" or not validate_runbook_url(text, template=True)
    return name in _ANNOTATIONS and bool(text) and is_url
