"""Receivers of Alertmanager as contact points of Grafana.

Secrets stay in files, from which Grafana reads them (`$__file{...}`). The keys are those of the structs `Config` in
receivers/*/v1/config.go of github.com/grafana/alerting. The e-mail server is a setting of Grafana.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any

from obscode.artifacts.alertmanager import AlertmanagerConfig, Receiver
from obscode.compiler.grafana_alerting import escaped
from obscode.compiler.grafana_alerting.rules import rule_uid
from obscode.compiler.notifications import DEFAULTS
from obscode.model.secrets import secret_of_path
from obscode.model.targets.grafana_alerting import GrafanaAlerting

Settings = Mapping[str, Any]

_NAMED_TEMPLATE = re.compile(r"\{\{-?\s*template\b")


class _Recorded(dict[str, Any]):
    """Settings that know which of their keys have a place in Grafana."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings)
        self.used: set[str] = set()

    def get(self, key: str, default: Any = None) -> Any:
        self.used.add(key)
        return super().get(key, default)


class _Reader:
    """Reads the settings of an integration, or those that `global` has instead."""

    def __init__(self, settings: Settings, global_settings: Settings, target: GrafanaAlerting) -> None:
        self.settings = _Recorded(settings)
        self.global_settings = global_settings
        self.target = target

    def file(self, key: str, global_key: str = "") -> str:
        """The reference to the file of a secret; a value that is no secret is taken as it is."""
        for settings, name in ((self.settings, key), (self.global_settings, global_key)):
            if path := settings.get(f"{name}_file"):
                return f"$__file{{{self._path(str(path))}}}"
            if value := settings.get(name):
                return escaped(str(value))
        return ""

    def _path(self, path: str) -> str:
        secret = secret_of_path(path)
        return f"{self.target.secrets_path}/{secret[0]}/{secret[1]}" if secret else path

    def texts(self, **keys: str) -> dict[str, Any]:
        """Values by Grafana's key, from Alertmanager's; named templates are Alertmanager's own, and Grafana has its."""
        known = {key: name for key, name in keys.items() if not _is_named_template(dict.get(self.settings, name))}
        values = {key: self.settings.get(name) for key, name in known.items()}
        return {key: _plain(value) for key, value in values.items() if value}

    def http(self) -> Settings:
        """The access over HTTP."""
        http: Settings = self.settings.get("http_config") or {}
        return http


def _plain(value: Any) -> Any:
    if isinstance(value, str):
        return escaped(value)
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list | tuple) else value


def _is_named_template(value: Any) -> bool:
    return isinstance(value, str) and _NAMED_TEMPLATE.search(value) is not None


def _slack(read: _Reader) -> dict[str, Any]:
    way = {"token": read.file("app_token", "slack_app_token")}
    if not way["token"]:
        way = {"url": read.file("api_url", "slack_api_url")}
    texts = read.texts(
        recipient="channel", title="title", text="text", username="username", icon_emoji="icon_emoji", color="color"
    )
    return {**texts, **way}


def _pagerduty(read: _Reader) -> dict[str, Any]:
    texts = read.texts(
        severity="severity",
        summary="description",
        client="client",
        client_url="client_url",
        component="component",
        group="group",
        details="details",
        **{"class": "class"},
    )
    return {"integrationKey": read.file("routing_key") or read.file("service_key"), **texts}


def _email(read: _Reader) -> dict[str, Any]:
    addresses = re.split(r"[,;]\s*", str(read.settings.get("to", "")))
    headers = {name.title(): text for name, text in (read.settings.get("headers") or {}).items()}
    if headers.keys() - {"Subject"}:
        read.settings.used.discard("headers")
    subject = {} if _is_named_template(headers.get("Subject", "")) else {"subject": _plain(headers.get("Subject", ""))}
    return {"addresses": ";".join(filter(None, addresses)), **subject, **read.texts(message="text")}


def _webhook(read: _Reader) -> dict[str, Any]:
    basic, bearer = read.http().get("basic_auth") or {}, read.http().get("authorization") or {}
    of_basic, of_bearer = (_Reader(each, {}, read.target) for each in (basic, bearer))
    return {
        "url": read.file("url"),
        "maxAlerts": read.settings.get("max_alerts", 0),
        "username": of_basic.file("username"),
        "password": of_basic.file("password"),
        "authorization_scheme": (bearer.get("type") or "Bearer") if bearer else "",
        "authorization_credentials": of_bearer.file("credentials"),
    }


def _teams(read: _Reader) -> dict[str, Any]:
    return {"url": read.file("webhook_url"), **read.texts(title="title", message="text")}


def _discord(read: _Reader) -> dict[str, Any]:
    return {"url": read.file("webhook_url"), **read.texts(title="title", message="message", avatar_url="avatar_url")}


def _telegram(read: _Reader) -> dict[str, Any]:
    thread = read.settings.get("message_thread_id")
    return {
        "bottoken": read.file("bot_token", "telegram_bot_token"),
        "chatid": read.file("chat_id"),
        "message_thread_id": str(thread) if thread else "",
        "disable_notifications": bool(read.settings.get("disable_notifications")),
        **read.texts(message="message", parse_mode="parse_mode"),
    }


def _opsgenie(read: _Reader) -> dict[str, Any]:
    url = str(read.settings.get("api_url") or read.global_settings.get("opsgenie_api_url") or "")
    return {
        "apiKey": read.file("api_key", "opsgenie_api_key"),
        "apiUrl": f"{url.rstrip('/')}/v2/alerts" if url else "",
        **read.texts(message="message", description="description", responders="responders"),
    }


def _jira(read: _Reader) -> dict[str, Any]:
    basic, bearer = read.http().get("basic_auth") or {}, read.http().get("authorization") or {}
    of_basic, of_bearer = (_Reader(each, {}, read.target) for each in (basic, bearer))
    names = [
        *("project", "issue_type", "summary", "description", "labels", "priority", "fields"),
        *("resolve_transition", "reopen_transition", "reopen_duration", "wont_fix_resolution"),
    ]
    return {
        "api_url": read.file("api_url", "jira_api_url"),
        "user": of_basic.file("username"),
        "password": of_basic.file("password"),
        "api_token": of_bearer.file("credentials"),
        **read.texts(**{name: name for name in names}),
    }


def _pushover(read: _Reader) -> dict[str, Any]:
    texts = read.texts(title="title", message="message", device="device", sound="sound")
    return {"userKey": read.file("user_key"), "apiToken": read.file("token"), **texts}


def _victorops(read: _Reader) -> dict[str, Any]:
    url = str(read.settings.get("api_url") or read.global_settings.get("victorops_api_url") or "")
    url = url or "https://alert.victorops.com/integrations/generic/20131114/alert/"
    key = read.file("api_key", "victorops_api_key")
    routing = str(read.settings.get("routing_key", ""))
    return {"url": f"{url.rstrip('/')}/{key}/{escaped(routing)}", **read.texts(messageType="message_type")}


#: The integrations of Alertmanager that Grafana has, too: Grafana's name, and its settings.
KINDS: Mapping[str, tuple[str, Callable[[_Reader], dict[str, Any]]]] = {
    "slack_configs": ("slack", _slack),
    "pagerduty_configs": ("pagerduty", _pagerduty),
    "email_configs": ("email", _email),
    "webhook_configs": ("webhook", _webhook),
    "msteams_configs": ("teams", _teams),
    "msteamsv2_configs": ("teams", _teams),
    "discord_configs": ("discord", _discord),
    "telegram_configs": ("telegram", _telegram),
    "opsgenie_configs": ("opsgenie", _opsgenie),
    "jira_configs": ("jira", _jira),
    "pushover_configs": ("pushover", _pushover),
    "victorops_configs": ("victorops", _victorops),
}


#: What each kind needs: one of the alternatives, with all of its settings. Grafana does not start without.
_REQUIRED: Mapping[str, Sequence[Sequence[str]]] = {
    "slack": [["url"], ["token", "recipient"]],
    "pagerduty": [["integrationKey"]],
    "email": [["addresses"]],
    "webhook": [["url"]],
    "teams": [["url"]],
    "discord": [["url"]],
    "telegram": [["bottoken", "chatid"]],
    "opsgenie": [["apiKey"]],
    "jira": [
        ["api_url", "project", "issue_type", "user", "password"],
        ["api_url", "project", "issue_type", "api_token"],
    ],
    "pushover": [["userKey", "apiToken"]],
    "victorops": [["url"]],
}
# The settings of the e-mail server, which Grafana has for all.
_SERVER = ("from", "smarthost", "hello", "require_tls", "tls_config", "force_implicit_tls")
#: Alertmanager notifies about the end of alerts by default, except with these.
_SILENT_END = ("slack", "email")


def contact_points(config: AlertmanagerConfig, target: GrafanaAlerting) -> list[dict[str, Any]]:
    """A contact point for each receiver that notifies."""
    points = [(receiver, list(_integrations(receiver, config, target))) for receiver in config.receivers]
    return [
        {"orgId": target.org_id, "name": receiver.name, "receivers": integrations}
        for receiver, integrations in points
        if integrations
    ]


def notifies(receiver: Receiver) -> bool:
    """Whether Grafana has one of its integrations."""
    return any(KINDS.get(key) and settings for key, settings in receiver.integrations.items())


def unknown_integrations(receiver: Receiver) -> list[str]:
    """The integrations that Grafana does not have."""
    return [key for key, settings in receiver.integrations.items() if settings and key not in KINDS]


def _integrations(receiver: Receiver, config: AlertmanagerConfig, target: GrafanaAlerting) -> Iterator[dict[str, Any]]:
    global_settings = config.settings.get("global") or {}
    for key, several in receiver.integrations.items():
        if key not in KINDS:
            continue
        kind, convert = KINDS[key]
        for number, settings in enumerate(several, 1):
            values = convert(_Reader(settings, global_settings, target))
            yield {
                "uid": rule_uid(f"{receiver.name}/{key}/{number}", receiver.name),
                "type": kind,
                "settings": {name: value for name, value in values.items() if value not in ("", 0, False, [], {})},
                "disableResolveMessage": not settings.get("send_resolved", kind not in _SILENT_END),
            }


def missing_settings(point: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The kinds of the integrations of a contact point that lack a setting, with the first one that is missing."""
    for integration in point["receivers"]:
        kind, settings = integration["type"], integration["settings"]
        lacking = [[key for key in each if key not in settings] for each in _REQUIRED[kind]]
        if all(lacking):
            yield kind, min(lacking, key=len)[0]


def lost_access(receiver: Receiver) -> Iterator[str]:
    """The settings of the access over HTTP that a contact point does not have."""
    for several in receiver.integrations.values():
        for settings in several:
            yield from (
                key for key in settings.get("http_config") or {} if key in ("tls_config", "oauth2", "proxy_url")
            )


def lost_settings(receiver: Receiver, target: GrafanaAlerting) -> Iterator[list[str]]:
    """For each integration, the settings of the user that have no place in Grafana."""
    for key, several in receiver.integrations.items():
        for settings in several if key in KINDS else ():
            read = _Reader(settings, {}, target)
            KINDS[key][1](read)
            generated = DEFAULTS.get(key, {})
            unused = [name for name in settings if name not in read.settings.used and not _is_of_all(key, name)]
            if lost := [name for name in unused if settings[name] != generated.get(name)]:
                yield lost


def _is_of_all(integration: str, key: str) -> bool:
    """Whether a setting is elsewhere in Grafana: the end of alerts, the access over HTTP, the e-mail server."""
    is_server = key in _SERVER or key.startswith("auth_")
    return key in ("send_resolved", "http_config") or (integration == "email_configs" and is_server)
