"""Alertmanager's configuration as Alertmanager reads it."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from obscode.artifacts.alertmanager import AlertmanagerConfig, InhibitRule, Receiver, Route
from obscode.findings.code import Code
from obscode.findings.suggestions import did_you_mean
from obscode.model.codes import INVALID_MATCHER
from obscode.promql.go_regex import syntax_error
from obscode.promql.label_matchers import matcher_text
from obscode.reader.nested_keys import report_of_alertmanager
from obscode.reader.rules import duration_of
from obscode.reader.yaml_nodes import INVALID_VALUE, YamlNode
from obscode.reader.yaml_section import MISSING_KEY, Report, Section

UNKNOWN_RECEIVER = Code(
    "unknown-receiver",
    "A route sends alerts to a receiver that the configuration defines.",
    why="Alertmanager rejects a configuration with an undefined receiver.",
    bad="route: {receiver: pager}\nreceivers: [{name: chat}]\n",
    good="route: {receiver: chat}\nreceivers: [{name: chat}]\n",
)
UNKNOWN_TIME_INTERVAL = Code(
    "unknown-time-interval",
    "A route mutes alerts in time intervals that the configuration defines.",
    why="Alertmanager rejects a configuration with an undefined time interval.",
    bad="routes: [{receiver: chat, mute_time_intervals: [weekend]}]\n",
    good="routes: [{receiver: chat, mute_time_intervals: [weekends]}]\ntime_intervals: [{name: weekends}]\n",
)
DUPLICATE_RECEIVER = Code(
    "duplicate-receiver",
    "Each receiver has a name of its own.",
    why="Alertmanager rejects a configuration in which two receivers have the same name.",
    bad="receivers: [{name: chat}, {name: chat}]\n",
    good="receivers: [{name: chat}, {name: pager}]\n",
)

_CONFIG = (
    "global",
    "route",
    "receivers",
    "inhibit_rules",
    "templates",
    "mute_time_intervals",
    "time_intervals",
    "tracing",
    "event_recorder",
)
_ROUTE = (
    "receiver",
    "group_by",
    "group_wait",
    "group_interval",
    "repeat_interval",
    "match",
    "match_re",
    "matchers",
    "mute_time_intervals",
    "active_time_intervals",
    "continue",
    "routes",
    "labels",
)
_INHIBIT = (
    "name",
    "source_match",
    "source_match_re",
    "source_matchers",
    "target_match",
    "target_match_re",
    "target_matchers",
    "equal",
)
_DURATIONS = ("group_wait", "group_interval", "repeat_interval")
# Each integration with the keys of which it needs one: https://prometheus.io/docs/alerting/latest/configuration/
_INTEGRATIONS: Mapping[str, Sequence[Sequence[str]]] = {
    "discord_configs": (("webhook_url", "webhook_url_file"),),
    "email_configs": (("to",),),
    "incidentio_configs": (("url", "url_file"),),
    "jira_configs": (("project",), ("issue_type",)),
    "mattermost_configs": (),
    "msteams_configs": (("webhook_url", "webhook_url_file"),),
    "msteamsv2_configs": (("webhook_url", "webhook_url_file"),),
    "opsgenie_configs": (),
    "pagerduty_configs": (("routing_key", "routing_key_file", "service_key", "service_key_file"),),
    "pushover_configs": (("user_key", "user_key_file"), ("token", "token_file")),
    "rocketchat_configs": (),
    "slack_configs": (),
    "sns_configs": (("topic_arn", "target_arn", "phone_number"),),
    "telegram_configs": (("chat_id", "chat_id_file"),),
    "victorops_configs": (("routing_key",),),
    "webex_configs": (("room_id",),),
    "webhook_configs": (("url", "url_file"),),
    "wechat_configs": (),
}
# Integrations that need a key themselves or another one under `global`.
_NEED_GLOBAL: Mapping[str, tuple[str, Sequence[str]]] = {
    "email_configs": ("smarthost", ("smtp_smarthost",)),
    "mattermost_configs": ("webhook_url", ("mattermost_webhook_url",)),
    "opsgenie_configs": ("api_key", ("opsgenie_api_key",)),
    "rocketchat_configs": ("token", ("rocketchat_token",)),
    "slack_configs": ("api_url", ("slack_api_url", "slack_app_token")),
    "victorops_configs": ("api_key", ("victorops_api_key",)),
    "wechat_configs": ("api_secret", ("wechat_api_secret",)),
}
_GLOBAL = (
    "resolve_timeout",
    "http_config",
    "jira_api_url",
    "mattermost_webhook_url",
    "mattermost_webhook_url_file",
    "opsgenie_api_key",
    "opsgenie_api_key_file",
    "opsgenie_api_url",
    "pagerduty_url",
    "rocketchat_api_url",
    "rocketchat_token",
    "rocketchat_token_file",
    "rocketchat_token_id",
    "rocketchat_token_id_file",
    "slack_api_url",
    "slack_api_url_file",
    "slack_app_token",
    "slack_app_token_file",
    "slack_app_url",
    "smtp_auth_identity",
    "smtp_auth_password",
    "smtp_auth_password_file",
    "smtp_auth_secret",
    "smtp_auth_secret_file",
    "smtp_auth_username",
    "smtp_force_implicit_tls",
    "smtp_from",
    "smtp_hello",
    "smtp_require_tls",
    "smtp_smarthost",
    "smtp_tls_config",
    "telegram_api_url",
    "telegram_bot_token",
    "telegram_bot_token_file",
    "victorops_api_key",
    "victorops_api_key_file",
    "victorops_api_url",
    "webex_api_url",
    "wechat_api_corp_id",
    "wechat_api_secret",
    "wechat_api_secret_file",
    "wechat_api_url",
)
_LABEL_NAME = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")
_MATCHER = re.compile(
    r"""("(?:\\.|[^"\\])+"|[^\s=!~,{}"'`\\]+)\s*(=~|!~|!=|=)\s*("(?:\\.|[^"\\])*"|[^"]*)""", re.DOTALL
)
# A string without closing quote ends with the text: one search, not one for each further quote.
_SPLIT = re.compile(r'(?:"(?:\\(?:.|\Z)|[^"\\])*(?:"|\Z)|[^,"])+', re.DOTALL)


def alertmanager_config(node: YamlNode, report: Report) -> AlertmanagerConfig | None:
    """The configuration; None without a route, which is reported. Invalid parts are reported."""
    section = Section(report, node, "the configuration", _CONFIG)
    report_of_alertmanager(node, report)
    defaults = _global(section.value("global"), report)
    receivers = [_receiver(item, report, defaults) for item in section.items("receivers")]
    _report_duplicates(receivers, report)
    intervals = {
        each.text("name")
        for key in ("time_intervals", "mute_time_intervals")
        for each in section.items(key)
        if each.entries
    }
    inhibit_rules = [_inhibit_rule(item, report) for item in section.items("inhibit_rules")]
    route = section.value("route")
    if route is None:
        section.missing("route")
        return None
    reader = _RouteReader(report, {receiver.name for receiver in receivers}, intervals)
    root = reader.route(route)
    reader.check_root(route)
    settings = {key: section.entries[key].value.plain() for key in section.entries if key not in _CONFIG[1:4]}
    return AlertmanagerConfig(root, receivers, node, inhibit_rules, settings)


class _RouteReader:
    def __init__(self, report: Report, receivers: set[str], intervals: set[str]) -> None:
        self.report, self.receivers, self.intervals = report, receivers, intervals

    def route(self, node: YamlNode) -> Route:
        """A route and those below it."""
        section = Section(self.report, node, "the route", _ROUTE)
        receiver = section.scalar("receiver")
        if receiver and receiver not in self.receivers:
            message = f"there is no receiver {receiver!r}"
            hint = did_you_mean(receiver, self.receivers) or f"the receivers are {', '.join(sorted(self.receivers))}"
            section.error_at("receiver", UNKNOWN_RECEIVER, message, hint)
        durations = {key: duration_of(section, key) for key in _DURATIONS}
        for key in _DURATIONS[1:]:
            if key in section and re.fullmatch(r"0[a-z]*", durations[key]):
                section.error_at(key, INVALID_VALUE, f"{key} is zero", "write a positive duration")
        self._check_intervals(section)
        section.flag("continue")
        return Route(
            receiver,
            node,
            matchers=_matchers(section, ""),
            group_by=self._group_by(section),
            routes=[self.route(item) for item in section.items("routes")],
            settings=_route_settings(section),
            **durations,
        )

    def _group_by(self, section: Section) -> list[str]:
        labels = section.scalar_items("group_by")
        for item, label in zip(section.items("group_by"), labels, strict=False):
            if labels.count(label) > 1:
                message = f"group_by contains {label!r} more than once"
                self.report.add(INVALID_VALUE, message, "remove one of them", item.place, source=section.node)
                break
        if "..." in labels and len(labels) > 1:
            message = "group_by contains '...' and other labels"
            section.error_at("group_by", INVALID_VALUE, message, "write group_by: ['...'] to group by all labels")
        return labels

    def _check_intervals(self, section: Section) -> None:
        for key in ("mute_time_intervals", "active_time_intervals"):
            for index, name in enumerate(section.scalar_items(key)):
                if name not in self.intervals:
                    hint = did_you_mean(name, self.intervals) or "define it under time_intervals"
                    place = section.entries[key].value.item_span(index)
                    message = f"there is no time interval {name!r}"
                    self.report.add(UNKNOWN_TIME_INTERVAL, message, hint, place, source=section.node)

    def check_root(self, node: YamlNode) -> None:
        """The root route takes all alerts: it needs a receiver and no matchers."""
        if not isinstance(node.content, Mapping):
            return
        if node.get("receiver") is None:
            message = "the root route has no receiver"
            self.report.add(MISSING_KEY, message, "add receiver:", node.place, source=node)
        for key in ("match", "match_re", "matchers", "mute_time_intervals", "active_time_intervals"):
            if (value := node.get(key)) and value.content:
                message = f"the root route has {key}, but it receives all alerts"
                hint = "move them to a route below it"
                self.report.add(INVALID_VALUE, message, hint, node.entries[key].key, source=node)


def _route_settings(section: Section) -> dict[str, Any]:
    settings: dict[str, Any] = {"continue": True} if section.flag("continue") else {}
    for key in ("mute_time_intervals", "active_time_intervals"):
        if names := section.scalar_items(key):
            settings[key] = names
    if labels := section.scalars("labels"):  # since Alertmanager 0.34
        settings["labels"] = labels
    return settings


def _global(node: YamlNode | None, report: Report) -> set[str]:
    """The keys of `global`; invalid ones are reported."""
    if node is None:
        return set()
    section = Section(report, node, "global", _GLOBAL)
    duration_of(section, "resolve_timeout")
    _check_files(node, report)
    return {key.removesuffix("_file") for key in section.entries}


def _check_files(node: YamlNode, report: Report) -> None:
    """A secret is given in the configuration or in a file, not in both."""
    for key, entry in node.entries.items():
        other = node.get(f"{key}_file")
        if other and other.content not in (None, "") and entry.value.content not in (None, ""):
            message = f"both {key} and {key}_file are set"
            report.add(INVALID_VALUE, message, "keep one of them", node.entries[f"{key}_file"].key, source=node)


def _receiver(node: YamlNode, report: Report, defaults: set[str]) -> Receiver:
    section = Section(report, node, "the receiver", ("name", "labels", *_INTEGRATIONS))
    name = section.scalar("name", required=True)
    integrations: dict[str, list[Mapping[str, Any]]] = {}
    for key in section.entries:
        if key in ("name", "labels"):
            continue
        items = section.items(key)
        for item in items:
            _check_integration(item, key, report, defaults)
        integrations[key] = [{k: e.value.plain() for k, e in item.entries.items()} for item in items]
    return Receiver(name, integrations, node, section.scalars("labels"))


def _check_integration(node: YamlNode, key: str, report: Report, defaults: set[str]) -> None:
    if not isinstance(node.content, Mapping):
        message = f"an item of {key} is {node.describe()}, not a mapping"
        report.add(INVALID_VALUE, message, "", node.place, source=node)
        return
    for alternatives in _INTEGRATIONS[key]:
        if not any((value := node.get(each)) and value.content not in (None, "") for each in alternatives):
            message = f"an item of {key} has no {alternatives[0]}"
            report.add(MISSING_KEY, message, f"add {alternatives[0]}:", node.place, source=node)
    own, of_all = _NEED_GLOBAL.get(key, ("", ()))
    has_own = any(name.removesuffix("_file") in (own, "app_token") for name in node.entries)
    if own and not has_own and not defaults & {*of_all}:
        message = f"an item of {key} has no {own}, and neither has global"
        report.add(MISSING_KEY, message, f"add {own}:, or {of_all[0]}: to global", node.place, source=node)
    _check_files(node, report)


def _report_duplicates(receivers: list[Receiver], report: Report) -> None:
    first: dict[str, Receiver] = {}
    for receiver in receivers:
        known = first.setdefault(receiver.name, receiver)
        if known is not receiver and receiver.name:
            line = span.line if (span := known.source.span("name")) else 0
            message = f"receiver {receiver.name!r} is a duplicate of the one in line {line}"
            report.findings.append(
                receiver.source.finding(DUPLICATE_RECEIVER, message, "rename one of them", at="name")
            )


def _inhibit_rule(node: YamlNode, report: Report) -> InhibitRule:
    section = Section(report, node, "the inhibition rule", _INHIBIT)
    return InhibitRule(
        _matchers(section, "source_"), _matchers(section, "target_"), section.scalar_items("equal"), node
    )


# --- matchers ----------------------------------------------------------------------------------------------------


def _matchers(section: Section, prefix: str) -> list[str]:
    """The matchers of a route, in the notation of `matchers`; invalid ones are reported."""
    result = [matcher_text(name, "=", value) for name, value in section.scalars(f"{prefix}match").items()]
    for name, value in section.scalars(f"{prefix}match_re").items():
        if section.entries[f"{prefix}match_re"].value.entries[name].value.content is None:
            key_span = section.entries[f"{prefix}match_re"].value.entries[name].key
            section.report.add(INVALID_MATCHER, f"{name} has no regular expression", "", key_span)
        span = section.entries[f"{prefix}match_re"].value.entries[name].value.place
        _check_regex(value, section, span)
        result.append(matcher_text(name, "=~", value))
    for key in (f"{prefix}match", f"{prefix}match_re"):
        matched = section.value(key)
        for name, entry in matched.entries.items() if matched else ():
            if not _LABEL_NAME.fullmatch(name):
                section.report.add(INVALID_MATCHER, f"{name!r} is not a label name", "", entry.key)
    key = f"{prefix}matchers"
    for index, text in enumerate(section.scalar_items(key)):
        span = section.entries[key].value.item_span(index)
        result += _parsed_matchers(text, section, span)
    return result


def _parsed_matchers(text: str, section: Section, span: Any) -> list[str]:
    inner = text.strip().removeprefix("{").removesuffix("}").strip()
    parts = [stripped for part in _SPLIT.findall(inner) if (stripped := part.strip())]
    for part in parts:
        match = _MATCHER.fullmatch(part)
        if match is None:
            message = f"{text!r} is not a matcher"
            hint = 'write a label, one of = != =~ !~, and a value, such as severity="page"'
            section.report.add(INVALID_MATCHER, message, hint, span, source=section.node)
            return []
        if match[2] in ("=~", "!~"):
            _check_regex(_unquoted(match[3]), section, span)
    return parts


def _unquoted(text: str) -> str:
    return re.sub(r'\\(["\\])', r"\1", text[1:-1]) if text.startswith('"') else text


def _check_regex(regex: str, section: Section, span: Any) -> None:
    if problem := syntax_error(regex):
        section.report.add(INVALID_MATCHER, f"invalid regular expression {regex!r}: {problem}", "", span)
