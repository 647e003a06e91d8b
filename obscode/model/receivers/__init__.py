"""Receivers of alerts: the namespace `obscode.receivers`. A new one is one file and one line here."""

from obscode.model.receivers.base import HttpIntegration as HttpIntegration
from obscode.model.receivers.base import Integration as Integration
from obscode.model.receivers.base import Receiver as Receiver
from obscode.model.receivers.discord import Discord as Discord
from obscode.model.receivers.email import Email as Email
from obscode.model.receivers.group import Group as Group
from obscode.model.receivers.incidentio import IncidentIO as IncidentIO
from obscode.model.receivers.jira import Jira as Jira
from obscode.model.receivers.opsgenie import Opsgenie as Opsgenie
from obscode.model.receivers.pagerduty import PagerDuty as PagerDuty
from obscode.model.receivers.raw import Raw as Raw
from obscode.model.receivers.slack import Slack as Slack
from obscode.model.receivers.teams import Teams as Teams
from obscode.model.receivers.telegram import Telegram as Telegram
from obscode.model.receivers.webhook import Webhook as Webhook
