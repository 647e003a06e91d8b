"""Values that Prometheus and Alertmanager fill in where the configuration has none.

Read from Prometheus 2.42 and 3.5 and Alertmanager 0.25 and 0.33, and for discovery that these were built without from
https://prometheus.io/docs/prometheus/latest/configuration/configuration/
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from obscode.drift.normal_form import IsDefault, is_same

_PROTOCOLS = ["OpenMetricsText1.0.0", "OpenMetricsText0.0.1", "PrometheusText1.0.0", "PrometheusText0.0.4"]
_RELABEL = {"separator": [";"], "regex": ["(.*)"], "action": ["replace"], "replacement": ["$1"]}

#: By key, wherever it stands.
_ANYWHERE: Mapping[str, Sequence[Any]] = {
    "follow_redirects": [True],
    "enable_http2": [True],
    "send_resolved": [True],
    "scheme": ["http"],
    "tag_separator": [","],
    "api_url": [
        "https://api.opsgenie.com/",
        "https://alert.victorops.com/integrations/generic/20131114/alert/",
        "https://qyapi.weixin.qq.com/cgi-bin/",
        "https://api.telegram.org",
        "https://webexapis.com/v1/messages",
        "https://open.rocket.chat/",
        "https://api.scaleway.com",
    ],
}

#: By the key of the section, then by key.
_IN_SECTION: Mapping[str, Mapping[str, Sequence[Any]]] = {
    "": {
        "otlp": [{"translation_strategy": "UnderscoreEscapingWithSuffixes"}],
    },
    "global": {
        "scrape_interval": ["1m"],
        "scrape_timeout": ["10s"],
        "evaluation_interval": ["1m"],
        "scrape_protocols": [_PROTOCOLS],
        "metric_name_validation_scheme": ["utf8", "legacy"],
        "metric_name_escaping_scheme": ["allow-utf-8", "underscores"],
        "resolve_timeout": ["5m"],
        "smtp_hello": ["localhost"],
        "smtp_require_tls": [True],
        "pagerduty_url": ["https://events.pagerduty.com/v2/enqueue"],
        "opsgenie_api_url": ["https://api.opsgenie.com/"],
        "wechat_api_url": ["https://qyapi.weixin.qq.com/cgi-bin/"],
        "victorops_api_url": ["https://alert.victorops.com/integrations/generic/20131114/alert/"],
        "telegram_api_url": ["https://api.telegram.org"],
        "webex_api_url": ["https://webexapis.com/v1/messages"],
        "slack_app_url": ["https://slack.com/api/chat.postMessage"],
        "rocketchat_api_url": ["https://open.rocket.chat/"],
    },
    "scrape_configs": {
        "honor_timestamps": [True],
        "scrape_interval": ["1m"],
        "scrape_timeout": ["10s"],
        "metrics_path": ["/metrics"],
        "scrape_protocols": [_PROTOCOLS],
        "enable_compression": [True],
        "metric_name_validation_scheme": ["utf8", "legacy"],
        "metric_name_escaping_scheme": ["allow-utf-8", "underscores"],
    },
    "alertmanagers": {"timeout": ["10s"], "api_version": ["v2"]},
    "relabel_configs": _RELABEL,
    "metric_relabel_configs": _RELABEL,
    "write_relabel_configs": _RELABEL,
    "alert_relabel_configs": _RELABEL,
    "remote_write": {"remote_timeout": ["30s"], "protobuf_message": ["prometheus.WriteRequest"]},
    "queue_config": {
        "capacity": [2500, 10000],
        "max_shards": [200, 50],
        "min_shards": [1],
        "max_samples_per_send": [500, 2000],
        "batch_send_deadline": ["5s"],
        "min_backoff": ["30ms"],
        "max_backoff": ["5s"],
    },
    "metadata_config": {"send": [True], "send_interval": ["1m"], "max_samples_per_send": [500, 2000]},
    "remote_read": {"remote_timeout": ["1m"], "filter_external_labels": [True], "chunked_read_limit": [50_000_000]},
    "tracing": {"client_type": ["grpc"]},
    "exemplars": {"max_exemplars": [100_000]},
    "authorization": {"type": ["Bearer"]},
    # discovery
    "azure_sd_configs": {"environment": ["AzurePublicCloud"], "authentication_method": ["OAuth"]},
    "consul_sd_configs": {"server": ["localhost:8500"], "refresh_interval": ["30s"], "allow_stale": [True]},
    "docker_sd_configs": {"host_networking_host": ["localhost"], "match_first_network": [True]},
    "dns_sd_configs": {"refresh_interval": ["30s"], "type": ["SRV"]},
    "eureka_sd_configs": {"refresh_interval": ["30s"]},
    "kuma_sd_configs": {"refresh_interval": ["30s"], "fetch_timeout": ["2m"]},
    "marathon_sd_configs": {"refresh_interval": ["30s"]},
    "nerve_sd_configs": {"timeout": ["10s"]},
    "nomad_sd_configs": {"namespace": ["default"], "region": ["global"], "allow_stale": [True]},
    "openstack_sd_configs": {"availability": ["public"]},
    "ovhcloud_sd_configs": {"endpoint": ["ovh-eu"]},
    "scaleway_sd_configs": {"zone": ["fr-par-1"]},
    "serverset_sd_configs": {"timeout": ["10s"]},
    "triton_sd_configs": {"role": ["container"], "port": [9163], "version": [1]},
    "uyuni_sd_configs": {"entitlement": ["monitoring_entitled"], "separator": [","]},
    # receivers
    "slack_configs": {
        "color": ['{{ if eq .Status "firing" }}danger{{ else }}good{{ end }}'],
        "app_url": ["https://slack.com/api/chat.postMessage"],
        "send_resolved": [False],
    },
    "pagerduty_configs": {"url": ["https://events.pagerduty.com/v2/enqueue"]},
    "details": {
        "firing": ['{{ template "pagerduty.default.instances" .Alerts.Firing }}', "{{ .Alerts.Firing | toJson }}"],
        "num_firing": ["{{ .Alerts.Firing | len }}"],
        "num_resolved": ["{{ .Alerts.Resolved | len }}"],
        "resolved": [
            '{{ template "pagerduty.default.instances" .Alerts.Resolved }}',
            "{{ .Alerts.Resolved | toJson }}",
        ],
    },
    "email_configs": {"hello": ["localhost"], "require_tls": [True]},
    "pushover_configs": {
        "priority": ['{{ if eq .Status "firing" }}2{{ else }}0{{ end }}'],
        "retry": ["1m"],
        "expire": ["1h"],
    },
    "victorops_configs": {"message_type": ["CRITICAL"]},
    "wechat_configs": {"message_type": ["text"]},
    "telegram_configs": {"parse_mode": ["HTML"]},
    "jira_configs": {"api_type": ["auto"]},
    "rocketchat_configs": {"color": ['{{ if eq .Status "firing" }}red{{ else }}green{{ end }}']},
}
_OF_DISCOVERY: Mapping[str, Sequence[Any]] = {"port": [80], "refresh_interval": ["1m", "5m"]}
_DEFAULT_TEMPLATE = '{{ template "'
#: What servers always add: settings of Go from the environment, the sender and the recipients of an email, the name of
#: a receiver as a label.
_ALWAYS = frozenset({("", "runtime"), ("headers", "From"), ("headers", "To"), ("receivers", "labels")})


def defaults_of(running: Mapping[str, Any]) -> IsDefault:
    """Whether a server fills in a value; ``running`` is its configuration: other parts inherit global settings."""
    inherited = running.get("global") or {}

    def is_default(path: tuple[str, ...], value: Any) -> bool:
        key, section = path[-1], path[-2] if len(path) > 1 else ""
        known = [*_ANYWHERE.get(key, ()), *_IN_SECTION.get(section, {}).get(key, ())]
        if section.endswith("_sd_configs"):
            known += _OF_DISCOVERY.get(key, ())
        return (
            any(is_same(each, value, key) for each in known)
            or (section, key) in _ALWAYS
            or _is_inherited(path, value, inherited)
            or _is_default_template(value)
        )

    return is_default


def _is_inherited(path: tuple[str, ...], value: Any, inherited: Mapping[str, Any]) -> bool:
    """Whether a job or a receiver has the value of the global settings, under the same name or another one."""
    if path[0] == "scrape_configs" and len(path) == 2:
        return is_same(inherited.get(path[1]), value, path[1])
    if path[0] == "receivers" and len(path) > 2:
        return not isinstance(value, bool | int) and value in inherited.values()
    return False


def _is_default_template(value: Any) -> bool:
    return isinstance(value, str) and value.startswith(_DEFAULT_TEMPLATE) and ".default." in value.split('"')[1]
