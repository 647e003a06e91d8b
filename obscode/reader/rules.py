"""Rule files as Prometheus reads them, with the extra keys of Thanos, Mimir and VictoriaMetrics."""

from __future__ import annotations

import re
from collections.abc import Mapping

from obscode.artifacts.rules import AlertingRule, RecordingRule, Rule, RuleFile, RuleGroup
from obscode.compiler.duplicates import DUPLICATE_GROUP
from obscode.findings.code import Code, Severity
from obscode.promql import duration
from obscode.promql.alert_template import NEWER_FUNCTIONS, invalid_templates, newer_functions
from obscode.promql.metricsql import without_templates
from obscode.reader.yaml_nodes import INVALID_VALUE, YamlNode
from obscode.reader.yaml_section import MISSING_KEY, UNKNOWN_KEY, Report, Section

INVALID_TEMPLATE = Code(
    "invalid-template",
    "Double braces in the labels and annotations of an alert are a valid template.",
    why="Prometheus rejects a rule file with a template that does not parse.",
    bad='summary: "{{ labels.instance }} is down"\n',
    good='summary: "{{ $labels.instance }} is down"\n',
)

_FILE = ("groups",)
_MIMIR_FILE = ("namespace",)
_GROUP = ("name", "interval", "query_offset", "limit", "rules", "labels")
# Keys that other systems add; Prometheus rejects them.
_THANOS = ("partial_response_strategy",)
_MIMIR = ("source_tenants", "evaluation_delay", "align_evaluation_time_on_interval")
_VICTORIAMETRICS = (
    "concurrency",
    "debug",
    "eval_alignment",
    "eval_delay",
    "eval_offset",
    "extra_filter_labels",
    "headers",
    "notifier_headers",
    "params",
    "tenant",
    "type",
    "update_entries_limit",
)
_RECORDING = ("record", "expr", "labels")
_ALERTING = ("alert", "expr", "for", "keep_firing_for", "labels", "annotations")
_OF_ALERTS = ("for", "keep_firing_for", "annotations")
_RULE_EXTRAS = ("debug", "update_entries_limit")

_METRIC_NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_LABEL_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")


def rule_file(node: YamlNode, report: Report, name: str) -> RuleFile:
    """The rules of a file, or of the spec of a PrometheusRule; invalid parts are reported and left out."""
    section = Section(report, node, "the rule file", _FILE, tolerated=_MIMIR_FILE)
    section.scalar("namespace")
    groups = [_group(item, report) for item in section.items("groups")]
    _report_duplicate_groups(groups, report)
    return RuleFile(name, [group for group in groups if group.rules or group.name], node)


def _group(node: YamlNode, report: Report) -> RuleGroup:
    section = Section(report, node, "the group", _GROUP, tolerated=(*_THANOS, *_MIMIR, *_VICTORIAMETRICS))
    name = section.scalar("name", required=True)
    interval = duration_of(section, "interval")
    for key in ("query_offset", "evaluation_delay"):
        duration_of(section, key)
    if (limit := section.number("limit")) is not None and limit != int(limit):
        section.error_at("limit", INVALID_VALUE, f"limit is {limit}", "write an integer")
    settings = {key: section.node.entries[key].value.plain() for key in section.entries if key not in _GROUP[:2]}
    settings.pop("rules", None)
    _check_labels(section, "labels")
    # vmalert evaluates expressions of other languages, too.
    is_promql = section.scalar("type") in ("", "prometheus")
    rules = [rule for item in section.items("rules") if (rule := _rule(item, report))]
    return RuleGroup(name, rules if is_promql else [], interval, settings, node)


def _rule(node: YamlNode, report: Report) -> Rule | None:
    keys = node.entries
    if "record" in keys and "alert" in keys:
        message = "the rule has both record and alert"
        report.add(INVALID_VALUE, message, "make two rules of it", keys["alert"].key, source=node)
        return None
    if "record" in keys:
        return _recording_rule(node, report)
    if "alert" in keys:
        return _alerting_rule(node, report)
    Section(report, node, "the rule", (*_RECORDING, *_ALERTING), tolerated=_RULE_EXTRAS)
    if isinstance(node.content, Mapping):
        hint = "add record: with the series' name, or alert: with the alert's name"
        report.add(MISSING_KEY, "the rule has neither record nor alert", hint, node.place, source=node)
    return None


def _recording_rule(node: YamlNode, report: Report) -> Rule | None:
    for key in _OF_ALERTS:
        if key in node.entries:
            message = f"a recording rule has no key {key!r}"
            report.add(UNKNOWN_KEY, message, "remove it", node.entries[key].key, source=node)
    section = Section(report, node, "the recording rule", _RECORDING, tolerated=(*_RULE_EXTRAS, *_OF_ALERTS))
    name, expr = section.scalar("record", required=True), _expression(section)
    if name and not _METRIC_NAME.fullmatch(name):
        message = f"{name!r} is not a metric name that Prometheus 2 accepts"
        hint = "use letters, digits, '_' and ':'; Prometheus 3 accepts other names, except braces"
        severity: Severity = "error" if "{" in name or "}" in name else "warning"
        span = section.entries["record"].value.place
        report.add(INVALID_VALUE, message, hint, span, severity=severity, source=node)
    labels = _check_labels(section, "labels")
    return RecordingRule(name, expr, labels, node) if name and _has_expression(section, expr) else None


def _alerting_rule(node: YamlNode, report: Report) -> Rule | None:
    section = Section(report, node, "the alert", _ALERTING, tolerated=_RULE_EXTRAS)
    name, expr = section.scalar("alert", required=True), _expression(section)
    for_, keep = duration_of(section, "for"), duration_of(section, "keep_firing_for")
    labels, annotations = _check_labels(section, "labels"), _check_labels(section, "annotations")
    _check_templates(section, name)
    if not _has_expression(section, expr) or not name:
        return None
    return AlertingRule(name, expr, labels, node, for_, keep, annotations)


def _expression(section: Section) -> str:
    """The PromQL of a rule, also of one that obscode has written for vmalert."""
    return without_templates(section.scalar("expr", required=True))


def _has_expression(section: Section, expr: str) -> bool:
    if "expr" in section and not expr.strip():
        section.error_at("expr", MISSING_KEY, "expr is empty", "write PromQL", whole=True)
    return bool(expr.strip())


def duration_of(section: Section, key: str) -> str:
    """A duration in Prometheus' notation; empty if it is missing or invalid, which is reported."""
    text = section.scalar(key)
    if key not in section or text == "0":
        return text
    if problem := duration.validate_duration(text, zero=True):
        section.error_at(key, INVALID_VALUE, f"{key}: {problem[0]}", problem[1])
        return ""
    return text


def _check_labels(section: Section, key: str) -> dict[str, str]:
    """The labels or annotations; names that Prometheus rejects are reported."""
    labels = section.scalars(key)
    for name in labels:
        entry = section.entries[key].value.entries[name]
        if key == "labels" and name == "__name__":
            section.report.add(INVALID_VALUE, "a rule cannot set the label __name__", "remove it", entry.key)
        elif not _LABEL_NAME.fullmatch(name):
            message = f"{name!r} is not a label name" if key == "labels" else f"{name!r} is not an annotation name"
            hint = "use letters, digits and `_`; only Prometheus 3 accepts other names"
            section.report.add(INVALID_VALUE, message, hint, entry.key, severity="warning", source=section.node)
    return labels


def _check_templates(section: Section, alert: str) -> None:
    for key in ("labels", "annotations"):
        value = section.value(key)
        for name, entry in value.entries.items() if value else ():
            text = entry.value.content if isinstance(entry.value.content, str) else ""
            if newer := newer_functions(text):
                message = f"{name} of alert {alert} calls {newer[0]}"
                message += f", which needs Prometheus {NEWER_FUNCTIONS[newer[0]]}"
                place = entry.value.place
                section.report.add(INVALID_TEMPLATE, message, "", place, severity="note", source=section.node)
                continue
            for wrong, start in invalid_templates(text):
                span = entry.value.characters(start, start + len(wrong))
                message = f"{_one_line(wrong)!r} in {name} of alert {alert} is not a valid template"
                hint = "write {{ $labels.name }} or {{ $value }} to show a value"
                section.report.add(INVALID_TEMPLATE, message, hint, span, source=section.node)


def _one_line(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= 80 else line[:77] + "..."


def _report_duplicate_groups(groups: list[RuleGroup], report: Report) -> None:
    first: dict[str, RuleGroup] = {}
    for group in groups:
        known = first.setdefault(group.name, group)
        if known is not group and group.name and group.source and known.source:
            line = span.line if (span := known.source.span("name")) else 0
            message = f"group {group.name!r} is a duplicate of the one in line {line}"
            report.findings.append(group.source.finding(DUPLICATE_GROUP, message, "rename one of them", at="name"))
