"""A receiver that posts alerts to a Slack channel."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass
from typing import Any

from obscode.findings.code import Code
from obscode.findings.finding import Finding
from obscode.model.receivers.base import HttpIntegration
from obscode.model.secrets import SecretFile
from obscode.model.urls import validate_url

SLACK_URL = Code(
    "slack-url",
    "A Slack receiver has one way to Slack: `url_file`, `app_token_file` or `url`.",
    why="Alertmanager rejects a receiver with two of them.",
    bad='Routing(default=receivers.Slack("team", url="http://localhost:5001/", url_file="/run/secrets/slack"))',
    good='Routing(default=receivers.Slack("team", channel="#alerts", url_file="/run/secrets/slack"))',
)
SLACK_CHANNEL = Code(
    "slack-channel",
    "The channel of a Slack receiver begins with `#` or `@`, or is a channel's id.",
    why="Slack does not find a channel by its bare name, and the notification is lost.",
    bad='Routing(default=receivers.Slack("team", channel="alerts", url_file="/run/secrets/slack"))',
    good='Routing(default=receivers.Slack("team", channel="#alerts", url_file="/run/secrets/slack"))',
)


@dataclass(frozen=True)
class Slack(HttpIntegration):
    """A receiver that posts alerts to a Slack channel, through an incoming webhook or an app.

    `receivers.Slack(channel="#shop", url_file="/run/secrets/slack")`

    Attributes:
        channel: the channel, such as `#alerts`, `@user` or the id `C012AB3CD`; by default the webhook's own.
        url_file: the file with the webhook's URL, which is a secret; by default that of `global`.
        url: the webhook's URL, only for a proxy in the own network.
        app_token_file: the file with the token of an app, instead of a webhook; needs Alertmanager 0.30.
        title: the template of the title; by default Alertmanager's own.
        title_link: the template of the title's link; by default Alertmanager's own.
        text: the template of the text; by default Alertmanager's own.
        color: the template of the color; by default red while an alert is firing.
        username: the name of the sender.
        icon_emoji: the picture of the sender, such as `:fire:`.
        fields: further fields, such as `{"title": "Service", "value": "shop", "short": True}`.
        actions: buttons, such as `{"type": "button", "text": "Runbook", "url": "..."}`.
    """

    output_keys = {**HttpIntegration.output_keys, "api_url_file": "url_file", "api_url": "url"}  # noqa: RUF012

    _: KW_ONLY
    channel: str = ""
    url_file: SecretFile = ""
    url: str = ""
    app_token_file: SecretFile = ""
    title: str = ""
    title_link: str = ""
    text: str = ""
    color: str = ""
    username: str = ""
    icon_emoji: str = ""
    fields: Sequence[Mapping[str, Any]] = ()
    actions: Sequence[Mapping[str, Any]] = ()

    integration = "slack_configs"

    def problems(self) -> Iterator[Finding]:
        yield from super().problems()
        written = [at for at in ("url_file", "url", "app_token_file") if getattr(self, at)]
        if len(written) > 1:
            message = f"a Slack receiver has both {written[0]}= and {written[1]}="
            yield self.finding(SLACK_URL, message, "remove one of them", at=written[1])
        elif self.url and (invalid := validate_url(self.url)):
            yield self.finding(SLACK_URL, *invalid, at="url")
        if self.channel and not _is_channel(self.channel):
            name = self.channel.lstrip("#@") or "alerts"
            yield self.finding(
                SLACK_CHANNEL, f"{self.channel!r} is not a channel", f"write {'#' + name!r}", at="channel"
            )


def _is_channel(text: str) -> bool:
    """True for `#alerts`, `@user`, and ids such as `C012AB3CD`."""
    return re.fullmatch(r"[#@]\S+|[CDGU][A-Z0-9]{8,}", text) is not None
