"""A receiver that posts alerts to a chat of Telegram."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import Literal

from obscode.model.receivers.base import HttpIntegration
from obscode.model.secrets import SecretFile


@dataclass(frozen=True)
class Telegram(HttpIntegration):
    """A receiver that posts alerts to a chat of Telegram; needs Alertmanager 0.26.

    `receivers.Telegram(chat_id=-1001234567890, bot_token_file="/run/secrets/telegram")`

    Attributes:
        chat_id: the number of the chat; those of groups and channels are negative.
        chat_id_file: the file with the number of the chat, instead; needs Alertmanager 0.31.
        bot_token_file: the file with the token of the bot; by default that of `global`.
        message: the template of the text; by default Alertmanager's own.
        parse_mode: how Telegram reads the text; by default as HTML.
        message_thread_id: the number of the topic in the chat; needs Alertmanager 0.28.
        disable_notifications: whether messages arrive without a sound.
        api_url: the URL of the Bot API.
    """

    _: KW_ONLY
    chat_id: int = 0
    chat_id_file: SecretFile = ""
    bot_token_file: SecretFile = ""
    message: str = ""
    parse_mode: Literal["", "HTML", "Markdown", "MarkdownV2"] = ""
    message_thread_id: int = 0
    disable_notifications: bool = False
    api_url: str = ""

    integration = "telegram_configs"
