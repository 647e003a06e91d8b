"""AlertmanagerConfig objects: the same values as of an alertmanager.yml."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, get_args

from obscode.artifacts.alertmanager import AlertmanagerConfig, InhibitRule, Receiver, Route
from obscode.findings.suggestions import did_you_mean
from obscode.model.codes import INVALID_MATCHER
from obscode.promql.go_regex import syntax_error
from obscode.promql.label_matchers import matcher_text
from obscode.promql.selector import MatchOperator
from obscode.reader.alertmanager import DUPLICATE_RECEIVER, UNKNOWN_RECEIVER, UNKNOWN_TIME_INTERVAL
from obscode.reader.yaml_nodes import YamlNode
from obscode.reader.yaml_section import Report

_OPERATORS: Mapping[str, MatchOperator] = {op: op for op in get_args(MatchOperator)}
_INTERVALS = {"muteTimeIntervals": "mute_time_intervals", "activeTimeIntervals": "active_time_intervals"}


def operator_alertmanager_config(node: YamlNode, report: Report) -> AlertmanagerConfig | None:
    """The configuration in an object; None without a route. What the operator rejects is reported."""
    spec = node.get("spec")
    route = spec.get("route") if spec else None
    if spec is None or route is None or not route.entries:
        return None
    receivers = [_receiver(item) for item in _items(spec, "receivers")]
    reader = _Reader(report, {each.name for each in receivers}, _interval_names(spec))
    reader.report_duplicates(receivers)
    inhibit_rules = [reader.inhibit_rule(item) for item in _items(spec, "inhibitRules")]
    return AlertmanagerConfig(reader.route(route), receivers, node, inhibit_rules)


def snake_case(name: str) -> str:
    """`msteamsv2Configs` as `msteamsv2_configs`, `apiURL` as `api_url`."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


def _interval_names(spec: YamlNode) -> set[str]:
    intervals = [*_items(spec, "muteTimeIntervals"), *_items(spec, "timeIntervals")]
    return {each.text("name") for each in intervals}


def _receiver(node: YamlNode) -> Receiver:
    integrations = {
        snake_case(key): [_settings(item.plain()) for item in entry.value.items]
        for key, entry in node.entries.items()
        if key != "name"
    }
    return Receiver(node.text("name"), integrations, node)


def _settings(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {snake_case(str(key)): _settings(item) for key, item in value.items()}
    return [_settings(item) for item in value] if isinstance(value, list) else value


class _Reader:
    def __init__(self, report: Report, receivers: set[str], intervals: set[str]) -> None:
        self.report, self.receivers, self.intervals = report, receivers, intervals

    def route(self, node: YamlNode) -> Route:
        """A route and those below it."""
        receiver = node.text("receiver")
        if receiver and receiver not in self.receivers:
            hint = did_you_mean(receiver, self.receivers) or f"the receivers are {', '.join(sorted(self.receivers))}"
            message = f"there is no receiver {receiver!r}"
            self.report.add(UNKNOWN_RECEIVER, message, hint, node.span("receiver"), source=node)
        settings: dict[str, Any] = {"continue": True} if _plain(node, "continue") is True else {}
        for key, name in _INTERVALS.items():
            if names := self._intervals(node, key):
                settings[name] = names
        return Route(
            receiver,
            node,
            matchers=self._matchers(node, "matchers"),
            group_by=_texts(node, "groupBy"),
            group_wait=node.text("groupWait"),
            group_interval=node.text("groupInterval"),
            repeat_interval=node.text("repeatInterval"),
            routes=[self.route(item) for item in _items(node, "routes")],
            settings=settings,
        )

    def inhibit_rule(self, node: YamlNode) -> InhibitRule:
        """An inhibition rule."""
        source, target = (self._matchers(node, key) for key in ("sourceMatch", "targetMatch"))
        return InhibitRule(source, target, _texts(node, "equal"), node)

    def report_duplicates(self, receivers: list[Receiver]) -> None:
        """Report receivers with the name of another one."""
        names = [each.name for each in receivers]
        for i, each in enumerate(receivers):
            if each.name and each.name in names[:i]:
                message = f"receiver {each.name!r} is a duplicate"
                self.report.findings.append(
                    each.source.finding(DUPLICATE_RECEIVER, message, "rename one of them", at="name")
                )

    def _intervals(self, node: YamlNode, key: str) -> list[str]:
        for item in _items(node, key):
            if item.raw not in self.intervals:
                hint = did_you_mean(item.raw, self.intervals) or "define it in the object"
                message = f"there is no time interval {item.raw!r}"
                self.report.add(UNKNOWN_TIME_INTERVAL, message, hint, item.place, source=node)
        return _texts(node, key)

    def _matchers(self, node: YamlNode, key: str) -> list[str]:
        return [text for item in _items(node, key) if (text := self._matcher(item))]

    def _matcher(self, node: YamlNode) -> str:
        operator, value = node.text("matchType"), node.get("value")
        if not operator:
            operator = "=~" if _plain(node, "regex") is True else "="
        if operator not in _OPERATORS:
            message = f"matchType is {operator!r}"
            self.report.add(INVALID_MATCHER, message, "write one of = != =~ !~", node.span("matchType"), source=node)
            return ""
        text = value.raw if value else ""
        if "~" in operator and (problem := syntax_error(text)):
            message = f"invalid regular expression {text!r}: {problem}"
            self.report.add(INVALID_MATCHER, message, "", node.span("value"), source=node)
        return matcher_text(node.text("name"), _OPERATORS[operator], text)


def _items(node: YamlNode, key: str) -> tuple[YamlNode, ...]:
    value = node.get(key)
    return value.items if value else ()


def _texts(node: YamlNode, key: str) -> list[str]:
    return [item.raw for item in _items(node, key)]


def _plain(node: YamlNode, key: str) -> Any:
    value = node.get(key)
    return value.plain() if value else None
