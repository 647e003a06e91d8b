"""A receiver that posts alerts to a channel of Discord."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass

from obscode.model.receivers.base import HttpIntegration
from obscode.model.secrets import SecretFile


@dataclass(frozen=True)
class Discord(HttpIntegration):
    """A receiver that posts alerts to a channel of Discord; needs Alertmanager 0.28.

    `receivers.Discord(webhook_url_file="/run/secrets/discord")`

    Attributes:
        webhook_url_file: the file with the URL of the webhook, which is a secret.
        title: the template of the title; by default Alertmanager's own.
        message: the template of the text; by default Alertmanager's own.
        content: the template of the text above the title, for mentions.
        username: the name of the sender.
        avatar_url: the URL of the picture of the sender.
    """

    _: KW_ONLY
    webhook_url_file: SecretFile = ""
    title: str = ""
    message: str = ""
    content: str = ""
    username: str = ""
    avatar_url: str = ""

    integration = "discord_configs"
