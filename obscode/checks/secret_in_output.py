"""No URL of the definitions contains a password or a token.

Why: the output is committed and read by many. A user and a password before the host, a token in the query, and the
webhooks of Slack, Discord, Teams and Telegram are credentials: a reader of the repository can use them. Alertmanager
reads a URL from a file that is not committed: `url_file`.

Bad:
    Project("examples", prometheus_url="https://obscode:hunter2@prometheus.example.com")

Good:
    Project("examples", prometheus_url="https://prometheus.example.com")
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from types import NoneType
from typing import Any

from obscode.checks.check import Context, check
from obscode.findings.finding import Finding
from obscode.model.definition import Definition
from obscode.model.receivers.base import Receiver

_URL = re.compile(r"[a-zA-Z][a-zA-Z0-9+.-]{0,30}://[^\s\"'<>`]+")
# A template or a variable is no secret: `?token={{ ... }}`, `$token`.
_TOKEN = re.compile(
    r"[?&](access_token|api_?key|client_secret|passwd|password|secret|sig|signature|token)=(?![{$<])[^&#]+",
    re.IGNORECASE,
)
_WEBHOOK = re.compile(
    r"(hooks\.slack\.com/(services|workflows|triggers)|discord(app)?\.com/api/webhooks|[\w.-]*webhook\.office\.com"
    r"|api\.telegram\.org)/\S",
    re.IGNORECASE,
)
_NOT_OUTPUT = ("ignore", "origin")
_WITHOUT_URL = frozenset({bool, int, float, NoneType})


@check(Definition, scope="compiled")
def secret_in_output(definition: Definition, context: Context) -> Iterator[Finding]:
    """URLs with a user, a token, or the path of a webhook that is a secret."""
    for at, value in vars(definition).items():
        if type(value) in _WITHOUT_URL or at in _NOT_OUTPUT or (type(value) is str and "://" not in value):
            continue
        for text in _strings(value):
            if "://" in text and (secret := _secret(text)):
                host, what = secret
                hint = "take it out, and let a proxy or a file hold it: definitions and output are committed"
                if isinstance(definition, Receiver):
                    hint = "write url_file=, the path of a file on Alertmanager's machine that holds the URL"
                yield definition.finding(secret_in_output, f"a URL of {host} contains {what}", hint, at=at)
                break


def _strings(value: Any) -> Iterator[str]:
    """The strings of an argument, but not of the definitions in it, which have findings of their own."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, list | tuple):
        for item in value:
            yield from _strings(item)
    elif not isinstance(value, Definition) and isinstance(value, Mapping):
        for item in value.values():
            yield from _strings(item)


def _secret(text: str) -> tuple[str, str] | None:
    """The host of the first URL with a secret, and what the secret is; neither contains it."""
    for match in _URL.finditer(text):
        url = match.group()
        user, at, host = url.partition("://")[2].partition("/")[0].partition("?")[0].rpartition("@")
        host = host.partition("#")[0] or "an unknown host"
        if at and user and not user.startswith(("{{", "$")):
            return host, "a user and a password" if ":" in user else "a user or a token before the @"
        if token := _TOKEN.search(url):
            return host, f"a secret: the parameter {token[1]}"
        if _WEBHOOK.match(url.partition("://")[2].rpartition("@")[2]):
            return host, "a secret: the path of the webhook"
    return None
