"""Where definitions may have secrets: the strings of their arguments and of plain data, with the keys that lead there.

The keys are those whose type is `Secret` or `SecretURL` in the Go structs of Prometheus and Alertmanager.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from ipaddress import ip_address
from typing import Any, NamedTuple

from obscode.findings.secret_text import secret_texts
from obscode.model.definition import Definition

# https://github.com/prometheus/common/blob/main/config/http_config.go, discovery/*/*.go and storage/remote of
# Prometheus, config/*.go and notify/*/config.go of Alertmanager.
_SECRET_KEYS = frozenset(
    """
    api_key api_secret app_token application_credential_secret application_secret alert_source_token auth_password
    auth_secret auth_token basicAuthPassword bearer_token bot_token certificate_password client_certificate_key
    client_secret consumer_key credentials key_passphrase opsgenie_api_key password private_key rocketchat_token
    rocketchat_token_id routing_key secret_key secrets service_account_key service_key slack_app_token
    smtp_auth_password smtp_auth_secret telegram_bot_token token token_id user_key victorops_api_key wechat_api_secret
    """.split()  # noqa: SIM905
)
# Keys of that name with a secret in one place only.
_IN_PLACE = {"key": "tls_config", "api_url": "slack_configs"}
_NOT_SECRET = {"routing_key": "victorops_configs"}
_SECRET_URLS = frozenset({"webhook_url", "slack_api_url", "mattermost_webhook_url", "api_url"})
#: Keys of secrets beside which the same integration or client has a key for a file.
KEYS_WITH_FILE = frozenset(
    """
    api_key api_secret api_url app_token alert_source_token auth_password auth_secret bearer_token bot_token
    client_certificate_key client_secret credentials key mattermost_webhook_url opsgenie_api_key password
    rocketchat_token rocketchat_token_id routing_key service_key slack_api_url slack_app_token smtp_auth_password
    smtp_auth_secret telegram_bot_token token_id url user_key victorops_api_key webhook_url wechat_api_secret
    """.split()  # noqa: SIM905
)
# Headers and parameters of requests whose values are secrets.
_REQUEST_KEYS = ("headers", "http_headers", "proxy_connect_header", "params", "endpoint_params")
_REQUEST_SECRET = re.compile(
    r"(x-)?(proxy-)?(authorization|cookie|(\w+[-_])*(api[-_]?key|auth|token|secret|password|passwd|signature))",
    re.IGNORECASE,
)
#: Mappings whose keys are names that a user chooses.
FREE_KEYS = frozenset(
    """
    labels external_labels annotations details match match_re source_match source_match_re target_match
    target_match_re attributes custom_fields payload fields claims jsonData
    """.split()  # noqa: SIM905
)
# Definitions of metrics, rules and dashboards have no configuration of a client; their keys are names of labels.
_WITHOUT_CLIENTS = ("alert", "burn_rate", "dashboard", "metrics", "mute_time", "panels", "rule_group", "sli", "slo")
#: A string that is replaced where it is deployed: a variable, a template, or what `amtool config show` prints.
REPLACED = re.compile(r"\$\{?\w|\$__|\{\{|<[^<>]+>$|%\(|\*+$")
_PATH = re.compile(r"[\\/.~]")
_NOT_PATH = re.compile(r"(?=.*[0-9])[A-Za-z0-9+=_-]{16,}|(?=.*[0-9])(?=.*[A-Z])(?=.*[a-z])\S{8,}")
_WORD = re.compile(r"[A-Za-z_-]*")  # the name of a file without a folder, such as `smtp_password`
_INTERNAL = (".internal", ".local", ".localhost", ".svc", ".lan", ".test", ".invalid", ".home", ".corp", ".intranet")


class Leaf(NamedTuple):
    """A string of a definition: the argument, the keys and indexes below it, and the text."""

    argument: str
    keys: tuple[str | int, ...]
    text: str

    @property
    def key(self) -> str:
        """The key that names the value: the last one that is not an index."""
        return next((key for key in reversed(self.keys) if isinstance(key, str)), self.argument)


def leaves(definition: Definition, arguments: Mapping[str, Any]) -> Iterator[Leaf]:
    """The strings of arguments, but not those of definitions in them, which are definitions of their own."""
    for argument, value in arguments.items():
        for keys, text in _strings(value, ()):
            yield Leaf(argument, keys, text)


def _strings(value: Any, keys: tuple[str | int, ...]) -> Iterator[tuple[tuple[str | int, ...], str]]:
    if isinstance(value, str):
        yield keys, value
    elif isinstance(value, Mapping):
        for key, item in value.items():
            yield from _strings(item, (*keys, str(key)))
    elif isinstance(value, list | tuple):
        for i, item in enumerate(value):
            yield from _strings(item, (*keys, i))


def has_clients(definition: Definition) -> bool:
    """Whether a definition may configure a client of a server, with keys for credentials."""
    module = next((kind.__module__ for kind in type(definition).__mro__ if kind.__module__.startswith(_MODEL)), _MODEL)
    return module.removeprefix(_MODEL).partition(".")[0] not in _WITHOUT_CLIENTS


_MODEL = "obscode.model."


def secret_of_key(leaf: Leaf, definition: Definition) -> str:
    """What the key of a value says about it: `'password' is a secret`; empty if it is none."""
    text, key = leaf.text, leaf.key
    if not text.strip() or REPLACED.search(text):
        return ""
    path = _path(leaf)
    if key.endswith("_file"):
        return f"the value of {key} is no path" if _is_no_path(key, text) else ""
    if is_free(leaf):
        return ""
    if name := _request_secret(path):
        return f"the value of {name} is a secret"
    if "secureJsonData" in path[:-1] or (len(path) > 1 and _is_secret_key(path)):
        return f"the value of {key} is a secret"
    if _is_secret_url(path, definition) and is_public_url(text):
        return f"the value of {key} is a secret URL"
    return ""


def is_free(leaf: Leaf) -> bool:
    """Whether a user chooses the key, as that of a label."""
    return any(each in FREE_KEYS for each in _path(leaf)[:-1])


def _path(leaf: Leaf) -> list[str]:
    return [leaf.argument, *(key for key in leaf.keys if isinstance(key, str))]


def _request_secret(path: list[str]) -> str:
    """The header or the parameter of requests that has the value, if its values are secrets."""
    start = next((i for i, key in enumerate(path) if key in _REQUEST_KEYS), len(path))
    below = path[start + 1 :] if path[-1] != "files" else []
    return next((name for name in below if _REQUEST_SECRET.fullmatch(name)), "")


def _is_secret_key(path: list[str]) -> bool:
    key = path[-1]
    if key in _IN_PLACE and key not in _SECRET_URLS:
        return _IN_PLACE[key] in path
    return key in _SECRET_KEYS and _NOT_SECRET.get(key, "-") not in path


def _is_secret_url(path: list[str], definition: Definition) -> bool:
    key = path[-1]
    integration = getattr(type(definition), "integration", "")
    keys = {argument: name for name, argument in definition.output_keys.items()}
    key = keys.get(key, key) if len(path) == 1 else key
    if key == "api_url":
        return _IN_PLACE[key] in (integration, *path)
    return key in _SECRET_URLS


def is_public_url(text: str) -> bool:
    """Whether a URL leads to a server of the internet, and has a path: not to a proxy in the own network."""
    match = re.match(r"[a-zA-Z]+://(?:[^/@]*@)?(\[[^\]]*\]|[^/:?#]*)(?::\d*)?([^#]*)", text)
    if not match or match[2] in ("", "/"):
        return False
    host = match[1].lower().strip("[]").rstrip(".")
    if host == "slack.com" and match[2].startswith("/api/"):
        return False
    try:
        return ip_address(host).is_global
    except ValueError:
        return "." in host and not host.endswith(_INTERNAL) and ".svc." not in host


def _is_no_path(key: str, text: str) -> bool:
    """Whether a value that should be a path is a secret: a URL, a text of several lines, or a key or a password."""
    if "://" in text or "\n" in text or any(secret_texts(text)):
        return True
    if _PATH.search(text):
        return False
    holds_secret = key.removesuffix("_file") in _SECRET_KEYS - {"secrets"}
    return _NOT_PATH.fullmatch(text) is not None or (holds_secret and not _WORD.fullmatch(text))
