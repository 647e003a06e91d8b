"""Receivers of alerts: the namespace `obscode.receivers`. A new one is one file and one line here."""

from obscode.model.receivers.base import Receiver as Receiver
from obscode.model.receivers.raw import Raw as Raw
from obscode.model.receivers.slack import Slack as Slack
from obscode.model.receivers.webhook import Webhook as Webhook
