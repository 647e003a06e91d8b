"""The keys of Alertmanager's integrations, and which of them an integration needs.

`obscode/model/compatibility.py` has the versions of the keys.

From the Go structs of the tags v0.25.0 to v0.34.0: https://github.com/prometheus/alertmanager/tree/main/config
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

_KEYS: Mapping[str, str] = {
    "discord_configs": (
        "send_resolved http_config webhook_url title message webhook_url_file content username avatar_url"
    ),
    "email_configs": (
        "send_resolved to from hello smarthost auth_username auth_password auth_password_file auth_secret "
        "auth_identity headers html text require_tls tls_config threading auth_secret_file force_implicit_tls"
    ),
    "incidentio_configs": (
        "send_resolved http_config url url_file alert_source_token alert_source_token_file max_alerts timeout"
    ),
    "jira_configs": (
        "send_resolved http_config api_url project summary description labels priority issue_type "
        "reopen_transition resolve_transition wont_fix_resolution reopen_duration fields api_type"
    ),
    "mattermost_configs": (
        "send_resolved http_config webhook_url webhook_url_file channel username text icon_url icon_emoji "
        "attachments type props priority fallback color pretext author_name author_link author_icon title "
        "title_link fields thumb_url footer footer_icon image_url"
    ),
    "msteams_configs": ("send_resolved http_config webhook_url title text summary webhook_url_file"),
    "msteamsv2_configs": ("send_resolved http_config webhook_url webhook_url_file title text"),
    "opsgenie_configs": (
        "send_resolved http_config api_key api_key_file api_url message description source details entity "
        "responders actions tags note priority update_alerts"
    ),
    "pagerduty_configs": (
        "send_resolved http_config service_key service_key_file routing_key routing_key_file url client client_url "
        "description details images links source severity class component group timeout"
    ),
    "pushover_configs": (
        "send_resolved http_config user_key token title message url url_title sound priority retry expire html "
        "user_key_file token_file device ttl monospace"
    ),
    "rocketchat_configs": (
        "send_resolved http_config api_url token_id token_id_file token token_file channel color title title_link "
        "text fields short_fields emoji icon_url image_url thumb_url link_names actions"
    ),
    "slack_configs": (
        "send_resolved http_config api_url api_url_file channel username color title title_link pretext text "
        "fields short_fields footer fallback callback_id icon_emoji icon_url image_url thumb_url link_names "
        "mrkdwn_in actions app_token app_token_file app_url timeout message_text update_message"
    ),
    "sns_configs": (
        "send_resolved http_config api_url sigv4 topic_arn phone_number target_arn subject message attributes "
        "use_aws_http_client"
    ),
    "telegram_configs": (
        "send_resolved http_config api_url bot_token chat_id message disable_notifications parse_mode "
        "bot_token_file message_thread_id chat_id_file"
    ),
    "victorops_configs": (
        "send_resolved http_config api_key api_key_file api_url routing_key message_type state_message "
        "entity_display_name monitoring_tool custom_fields"
    ),
    "webex_configs": ("send_resolved http_config api_url message room_id"),
    "webhook_configs": ("send_resolved http_config url max_alerts url_file timeout payload"),
    "wechat_configs": (
        "send_resolved http_config api_secret corp_id message api_url to_user to_party to_tag agent_id "
        "message_type api_secret_file"
    ),
}

#: By integration, such as `slack_configs`: its keys.
INTEGRATIONS: Mapping[str, Sequence[str]] = {name: keys.split() for name, keys in _KEYS.items()}

#: What an integration needs: for each need, the keys of which it has one, and the keys of `global` in their place.
NEEDS: Mapping[str, Sequence[tuple[Sequence[str], Sequence[str]]]] = {
    "discord_configs": [(("webhook_url_file", "webhook_url"), ())],
    "email_configs": [(("to",), ()), (("smarthost",), ("smtp_smarthost",)), (("from",), ("smtp_from",))],
    "incidentio_configs": [(("url", "url_file"), ())],
    "jira_configs": [(("project",), ()), (("issue_type",), ()), (("api_url",), ("jira_api_url",))],
    "mattermost_configs": [
        (("webhook_url_file", "webhook_url"), ("mattermost_webhook_url_file", "mattermost_webhook_url"))
    ],
    "msteams_configs": [(("webhook_url_file", "webhook_url"), ())],
    "msteamsv2_configs": [(("webhook_url_file", "webhook_url"), ())],
    "opsgenie_configs": [(("api_key_file", "api_key"), ("opsgenie_api_key_file", "opsgenie_api_key"))],
    "pagerduty_configs": [(("routing_key_file", "service_key_file", "routing_key", "service_key"), ())],
    "pushover_configs": [(("user_key_file", "user_key"), ()), (("token_file", "token"), ())],
    "rocketchat_configs": [
        (("token_file", "token"), ("rocketchat_token_file", "rocketchat_token")),
        (("token_id_file", "token_id"), ("rocketchat_token_id_file", "rocketchat_token_id")),
    ],
    "slack_configs": [
        (
            ("api_url_file", "app_token_file", "api_url", "app_token"),
            ("slack_api_url_file", "slack_app_token_file", "slack_api_url", "slack_app_token"),
        )
    ],
    "sns_configs": [(("topic_arn", "target_arn", "phone_number"), ())],
    "telegram_configs": [
        (("bot_token_file", "bot_token"), ("telegram_bot_token_file", "telegram_bot_token")),
        (("chat_id", "chat_id_file"), ()),
    ],
    "victorops_configs": [
        (("routing_key",), ()),
        (("api_key_file", "api_key"), ("victorops_api_key_file", "victorops_api_key")),
    ],
    "webex_configs": [(("room_id",), ())],
    "webhook_configs": [(("url", "url_file"), ())],
    "wechat_configs": [
        (("api_secret_file", "api_secret"), ("wechat_api_secret_file", "wechat_api_secret")),
        (("corp_id",), ("wechat_api_corp_id",)),
    ],
}
