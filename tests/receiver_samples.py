"""Receivers with every argument, and every key of Alertmanager's integrations with a value that it accepts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from obscode import Secret, http, receivers
from obscode.model.receivers import Receiver

_CLIENT = http.Client(auth=http.Bearer("/run/secrets/token"), proxy="http://proxy:3128")

#: By name: a receiver with as many arguments as it takes at a time.
RECEIVERS: Mapping[str, Receiver] = {
    "slack": receivers.Slack(
        channel="#shop",
        url_file="/run/secrets/slack",
        title="{{ .Status }}",
        title_link="{{ .ExternalURL }}",
        text="text",
        color="danger",
        username="obscode",
        icon_emoji=":fire:",
        fields=[{"title": "Service", "value": "shop", "short": True}],
        actions=[{"type": "button", "text": "Runbook", "url": "https://example.com/runbook"}],
        http=http.Client(proxy="http://proxy:3128"),
        send_resolved=False,
        settings={"link_names": True, "footer": "{{ .GroupKey }}"},
    ),
    "teams": receivers.Teams(webhook_url_file="/run/secrets/teams", title="title", text="text", http=_CLIENT),
    "pagerduty": receivers.PagerDuty(
        routing_key_file=Secret("pagerduty", "routing-key"),
        severity={"page": "critical", "ticket": "info"},
        description="{{ .CommonAnnotations.summary }}",
        details={"service": "shop"},
        client="obscode",
        client_url="{{ .ExternalURL }}",
        class_="availability",
        component="api",
        group="shop",
        http=_CLIENT,
        settings={"images": [{"src": "https://example.com/a.png"}], "source": "prometheus"},
    ),
    "opsgenie": receivers.Opsgenie(
        api_key_file="/run/secrets/opsgenie",
        api_url="https://api.eu.opsgenie.com/",
        priority={"page": "P1"},
        message="message",
        description="description",
        source="source",
        details={"service": "shop"},
        responders=[{"name": "shop", "type": "team"}],
        tags=["slo", "{{ .CommonLabels.service }}"],
        note="note",
        entity="shop",
        http=_CLIENT,
        settings={"actions": "restart", "update_alerts": True},
    ),
    "email": receivers.Email(
        to=["shop@example.com", "team@example.com"],
        from_="alerts@example.com",
        smarthost="smtp.example.com:587",
        hello="alertmanager.example.com",
        auth_username="alerts",
        auth_password_file="/run/secrets/smtp",
        auth_identity="alerts",
        require_tls=False,
        tls=http.TLS(ca_file="/etc/ssl/ca.pem"),
        subject="{{ .Status }}",
        headers={"Reply-To": "team@example.com"},
        html="<b>html</b>",
        text="text",
    ),
    "webhook": receivers.Webhook(url="http://localhost:5001/alerts", max_alerts=20, http=_CLIENT),
    "webhook of a file": receivers.Webhook(url_file=Secret("hook", "url"), timeout="10s"),
    "discord": receivers.Discord(
        webhook_url_file="/run/secrets/discord",
        title="title",
        message="message",
        content="@here",
        username="obscode",
        avatar_url="https://example.com/a.png",
    ),
    "telegram": receivers.Telegram(
        chat_id=-1001234567890,
        bot_token_file="/run/secrets/telegram",
        message="message",
        parse_mode="HTML",
        disable_notifications=True,
        api_url="https://api.telegram.org",
    ),
    "telegram of a topic": receivers.Telegram(
        chat_id_file="/run/secrets/chat",
        bot_token_file="/run/secrets/telegram",
        message_thread_id=7,
    ),
    "jira": receivers.Jira(
        project="SHOP",
        issue_type="Bug",
        api_url="https://example.atlassian.net/rest/api/3/",
        summary="summary",
        description="description",
        labels=["alert"],
        priority="High",
        resolve_transition="Done",
        reopen_transition="Reopen",
        reopen_duration="7d",
        wont_fix_resolution="Won't Do",
        fields={"customfield_10000": "shop"},
        http=http.Client(auth=http.BasicAuth("a@example.com", password_file="/run/secrets/jira")),
    ),
    "jira of a data center": receivers.Jira(
        project="SHOP", issue_type="Bug", api_url="https://jira.example.com/rest/api/2/", api_type="datacenter"
    ),
    "incidentio": receivers.IncidentIO(
        url="https://api.incident.io/v2/alert_events/alertmanager/01HX",
        alert_source_token_file="/run/secrets/incident",
        max_alerts=5,
        timeout="10s",
    ),
    "incidentio of a file": receivers.IncidentIO(url_file="/run/secrets/url", alert_source_token_file="/run/secrets/a"),
    "slack app": receivers.Slack("app", channel="C012AB3CD", app_token_file="/run/secrets/app"),
}

_ANY: Mapping[str, Any] = {
    "actions": [{"type": "button", "text": "a", "url": "https://example.com"}],
    "api_type": "cloud",
    "attachments": [{"text": "a"}],
    "attributes": {"a": "b"},
    "chat_id": 1,
    "custom_fields": {"a": "b"},
    "details": {"a": "b"},
    "disable_notifications": True,
    "expire": "1h",
    "fields": [{"title": "a", "value": "b", "short": True}],
    "force_implicit_tls": True,
    "headers": {"a": "b"},
    "html": "a",
    "http_config": {"authorization": {"credentials_file": "/a"}},
    "images": [{"src": "a", "alt": "b", "href": "c"}],
    "labels": ["a"],
    "link_names": True,
    "links": [{"text": "a", "href": "b"}],
    "max_alerts": 1,
    "message_thread_id": 1,
    "message_type": "text",
    "monospace": True,
    "mrkdwn_in": ["text"],
    "parse_mode": "HTML",
    "payload": {"a": ["{{ .Status }}"]},
    "priority": "1",
    "props": {"card": "a"},
    "reopen_duration": "1h",
    "require_tls": True,
    "responders": [{"name": "a", "type": "team"}],
    "retry": "1m",
    "send_resolved": True,
    "short_fields": True,
    "sigv4": {"region": "eu-west-1"},
    "smarthost": "localhost:25",
    "threading": {"enabled": True, "thread_by_date": "daily"},
    "timeout": "10s",
    "tls_config": {"insecure_skip_verify": True},
    "ttl": "1h",
    "update_alerts": True,
    "update_message": True,
    "url": "http://localhost:1",
    "use_aws_http_client": True,
}
_OF_INTEGRATION: Mapping[tuple[str, str], Any] = {
    ("jira_configs", "fields"): {"a": "b"},
    ("mattermost_configs", "priority"): {"priority": "urgent"},
    ("opsgenie_configs", "actions"): "restart",
    ("pushover_configs", "html"): True,
    ("sns_configs", "http_config"): {},
    ("rocketchat_configs", "actions"): [{"type": "button", "text": "a", "url": "https://example.com"}],
}


def sample(integration: str, key: str) -> Any:
    """A value that Alertmanager accepts for a key of an integration."""
    if (integration, key) in _OF_INTEGRATION:
        return _OF_INTEGRATION[integration, key]
    if key in _ANY:
        return _ANY[key]
    return "http://localhost:1/" if key.endswith("url") else "/run/a" if key.endswith("_file") else "a"
