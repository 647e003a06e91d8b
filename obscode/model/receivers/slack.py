"""A receiver that posts alerts to a Slack channel."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import KW_ONLY, dataclass
from typing import Any

from obscode.findings.code import Code
from obscode.findings.finding import Finding
from obscode.model.receivers.base import Receiver
from obscode.model.urls import validate_url

SLACK_URL = Code(
    "slack-url",
    "A Slack receiver has one incoming webhook: `url_file`, or `url`.",
    why="Alertmanager rejects a receiver without a URL, and one with both. The URL is a secret.",
    bad='Routing(default=receivers.Slack("team", channel="#alerts"))',
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
class Slack(Receiver):
    """A receiver that posts alerts to a Slack channel, through an incoming webhook.

    Attributes:
        channel: the channel, such as `#alerts`, `@user` or the id `C012AB3CD`; by default the webhook's own.
        url_file: the path of a file on Alertmanager's machine that holds the webhook's URL, which is a secret.
        url: the webhook's URL, if it is not in a file.
        title: the template of the title; by default Alertmanager's own.
        text: the template of the text; by default Alertmanager's own.
    """

    _: KW_ONLY
    channel: str = ""
    url_file: str = ""
    url: str = ""
    title: str = ""
    text: str = ""

    integration = "slack_configs"

    def settings(self) -> Mapping[str, Any]:
        settings = {
            "api_url_file": self.url_file,
            "api_url": self.url,
            "channel": self.channel,
            "title": self.title,
            "text": self.text,
        }
        return {key: value for key, value in settings.items() if value}

    def problems(self) -> Iterator[Finding]:
        yield from super().problems()
        if bool(self.url) == bool(self.url_file):
            message = f"a Slack receiver has {'both url_file= and' if self.url else 'neither url_file= nor'} url="
            yield self.finding(SLACK_URL, message, "write url_file=, which keeps the secret out of the code")
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
