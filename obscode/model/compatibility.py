"""Which versions of Prometheus and Alertmanager read which fields of their configuration and rule files.

The one table of versions: obscode rejects fields that are newer than `oldest_prometheus` and `oldest_alertmanager` of
the project, wherever they come from. The versions are those of the Go structs in the releases of the two programs;
`tests/test_compatibility.py` tries each field on two generations of promtool and amtool.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

#: The keys and indexes from a file's root, or from a part of it, to a value.
Path = tuple[str | int, ...]

# Mappings whose keys are names that users choose.
_FREE = (
    "labels",
    "external_labels",
    "params",
    "headers",
    "http_headers",
    "proxy_connect_header",
    "endpoint_params",
    "claims",
    "details",
    "attributes",
    "match",
    "match_re",
    "source_match",
    "source_match_re",
    "target_match",
    "target_match_re",
    "annotations",
    "custom_fields",
    "payload",
)


@dataclass(frozen=True)
class Field:
    """A field of a file, or one value of it.

    Attributes:
        path: the keys from the root, joined with dots; `*` is any part of a key, `**` any number of keys.
        since: the first version that reads it.
        removed: the first version that rejects it again; empty for none.
        value: the value that the versions are about; empty for the field with any value.
    """

    path: str
    since: str = ""
    removed: str = ""
    value: str = ""

    def is_in(self, version: str) -> bool:
        """Whether a version reads the field."""
        is_older = bool(self.since) and not at_least(version, self.since)
        return not is_older and not (self.removed and at_least(version, self.removed))

    @property
    def key(self) -> str:
        """The last key."""
        return self.path.rpartition(".")[2]

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """Matches the paths of the field."""
        text = re.escape(self.path).replace(r"\*\*\.", r"(?:[^.]+\.)*").replace(r"\*", "[^.]*")
        return re.compile(text)


@dataclass(frozen=True)
class Unsupported:
    """A field that the oldest version of a program, and maybe newer ones, reject.

    Attributes:
        path: the keys and indexes from the root.
        field: the entry of the table.
    """

    path: Path
    field: Field

    @property
    def text(self) -> str:
        """The path as in messages: `scrape_configs.http_headers`, with the value if it is about one."""
        keys = ".".join(key for key in self.path if isinstance(key, str))
        return f"{keys}: {self.field.value}" if self.field.value else keys


@dataclass(frozen=True)
class Program:
    """A program that reads the output.

    Attributes:
        name: its name in messages.
        setting: the argument of Project with its oldest version.
        oldest: the oldest version that obscode supports, which is the default of the setting.
        utf8_names: the first version that reads label names with any characters.
        fields: the fields with their versions, oldest first.
    """

    name: str
    setting: str
    oldest: str
    utf8_names: str
    fields: Sequence[Field]

    @cached_property
    def _by_key(self) -> Mapping[str, Sequence[Field]]:
        result: dict[str, list[Field]] = {}
        for field in self.fields:
            result.setdefault(field.key, []).append(field)
        return result

    def unsupported(self, settings: Any, oldest: str, below: str = "") -> Iterator[Unsupported]:
        """The fields that a version rejects; ``below`` is the path of the settings in the file."""
        for path, value, keys in _fields(settings, (), below):
            if field := self._rejected(keys, value, oldest):
                yield Unsupported(path, field)

    def needed(self, settings: Any, below: str = "") -> str:
        """The oldest version that reads all fields of a file, or of a part of it; empty if every supported one does."""
        return newest(each.field.since for each in self.unsupported(settings, self.oldest, below))

    def _rejected(self, keys: str, value: Any, version: str) -> Field | None:
        """The newest entry that a version lacks, among those for a field and its value."""
        entries = [
            field
            for field in self._by_key.get(keys.rpartition(".")[2], ())
            if not field.is_in(version)
            and field.pattern.fullmatch(keys)
            and (not field.value or field.value in _scalars(value))
        ]
        return entries[-1] if entries else None


def at_least(version: str, other: str) -> bool:
    """Whether a version such as `2.42` is another one, or newer."""
    return _numbers(version) >= _numbers(other)


def newest(versions: Iterable[str]) -> str:
    """The newest of some versions; empty if all are empty."""
    return max(filter(None, versions), key=_numbers, default="")


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(number) for number in version.split("."))


def _fields(value: Any, path: Path, keys: str) -> Iterator[tuple[Path, Any, str]]:
    """Every field below a value, parents first: its path, its value, and the path without indexes."""
    if isinstance(value, Mapping):
        for key, below in value.items():
            inner = f"{keys}.{key}" if keys else str(key)
            yield (*path, key), below, inner
            if key not in _FREE:
                yield from _fields(below, (*path, key), inner)
    elif isinstance(value, Sequence) and not isinstance(value, str | bytes):
        for i, below in enumerate(value):
            yield from _fields(below, (*path, i), keys)


def _scalars(value: Any) -> list[str]:
    values = value if isinstance(value, Sequence) and not isinstance(value, str) else [value]
    return [str(each) for each in values]


def _table(text: str) -> list[Field]:
    """Fields from lines: a version, maybe `-` and the version without it, and paths with an optional `=value`."""
    result = []
    for line in text.strip().splitlines():
        versions, _, paths = line.strip().partition(": ")
        since, _, removed = versions.partition("-")
        for entry in paths.split():
            path, _, value = entry.partition("=")
            result.append(Field(path, since, removed, value))
    return result


# https://github.com/prometheus/prometheus/blob/main/CHANGELOG.md
PROMETHEUS = Program(
    "Prometheus",
    "oldest_prometheus",
    "2.42",
    "3.0",
    _table(
        """
2.42: groups.rules.keep_firing_for
2.43: scrape_config_files **.no_proxy **.proxy_from_environment **.oauth2.proxy_connect_header
2.45: global.body_size_limit global.sample_limit global.target_limit global.label_limit
2.45: global.label_name_length_limit global.label_value_length_limit scrape_configs.native_histogram_bucket_limit
2.45: **.tls_config.ca **.tls_config.cert **.tls_config.key **.consul_sd_configs.path_prefix remote_write.azuread
2.45-3.0: scrape_configs.scrape_classic_histograms
2.47: global.keep_dropped_targets scrape_configs.keep_dropped_targets
2.48: scrape_configs.track_timestamps_staleness alerting.alertmanagers.sigv4 remote_write.azuread.oauth
2.49: global.scrape_protocols scrape_configs.scrape_protocols scrape_configs.enable_compression
2.49: **.basic_auth.username_file
2.50: scrape_configs.native_histogram_min_bucket_factor remote_write.queue_config.sample_age_limit
2.50: **.kuma_sd_configs.client_id
2.51: alerting.alertmanagers.alert_relabel_configs
2.52: remote_write.azuread.sdk **.linode_sd_configs.region
2.53: groups.query_offset global.rule_query_offset runtime **.http_headers
2.53: **.tls_config.ca_ref **.tls_config.cert_ref **.tls_config.key_ref **.authorization.credentials_ref
2.53: **.basic_auth.username_ref **.basic_auth.password_ref **.oauth2.client_secret_ref
2.54: remote_write.protobuf_message **.docker_sd_configs.match_first_network
2.55: otlp global.metric_name_validation_scheme scrape_configs.metric_name_validation_scheme
2.55: global.scrape_failure_log_file scrape_configs.scrape_failure_log_file
2.55: remote_read.chunked_read_limit remote_write.google_iam
3.0: groups.labels otlp.translation_strategy scrape_configs.fallback_scrape_protocol
3.0: scrape_configs.always_scrape_classic_histograms scrape_configs.convert_classic_histograms_to_nhcb
3.0: global.scrape_protocols=PrometheusText1.0.0 scrape_configs.scrape_protocols=PrometheusText1.0.0
3.0: **.consul_sd_configs.filter
-3.0: alerting.alertmanagers.api_version=v1
3.1: remote_write.round_robin_dns remote_write.sigv4.use_fips_sts_endpoint
3.1: alerting.alertmanagers.sigv4.use_fips_sts_endpoint otlp.keep_identifying_resource_attributes
3.4: global.convert_classic_histograms_to_nhcb otlp.convert_histograms_to_nhcb
3.4: global.metric_name_escaping_scheme scrape_configs.metric_name_escaping_scheme
3.4: otlp.translation_strategy=NoTranslation
3.5: global.always_scrape_classic_histograms otlp.ignore_resource_attributes otlp.promote_all_resource_attributes
3.5: remote_write.sigv4.service_name alerting.alertmanagers.sigv4.service_name
3.5: **.stackit_sd_configs **.hetzner_sd_configs.label_selector
3.6: otlp.promote_scope_metadata otlp.translation_strategy=UnderscoreEscapingWithoutSuffixes
3.6: **.kubernetes_sd_configs.attach_metadata.namespace
3.7: remote_write.azuread.workload_identity
3.8: global.scrape_native_histograms scrape_configs.scrape_native_histograms storage.tsdb.retention
3.8: otlp.label_name_underscore_sanitization otlp.label_name_preserve_multiple_underscores
3.8: **.oauth2.audience **.oauth2.claims **.oauth2.grant_type **.oauth2.iss **.oauth2.signature_algorithm
3.8: **.oauth2.client_certificate_key **.oauth2.client_certificate_key_file **.oauth2.client_certificate_key_ref
3.8: **.oauth2.client_certificate_key_id **.aws_sd_configs **.ecs_sd_configs
3.9: remote_write.azuread.scope
3.10: global.extra_scrape_metrics scrape_configs.extra_scrape_metrics **.msk_sd_configs
3.10: remote_write.sigv4.external_id alerting.alertmanagers.sigv4.external_id
3.10: storage.tsdb.stale_series_compaction_threshold
3.11: storage.tsdb.retention.percentage **.rds_sd_configs **.elasticache_sd_configs
3.11: **.kubernetes_sd_configs.attach_metadata.deployment **.kubernetes_sd_configs.attach_metadata.job
3.11: **.kubernetes_sd_configs.attach_metadata.cronjob
3.11.2: **.consul_sd_configs.health_filter
3.12: **.outscale_sd_configs **.digitalocean_sd_configs.role **.*_sd_configs.external_id
3.13: remote_write.azuread.certificate storage.tsdb.chunk_encoding **.rds_sd_configs.filters
3.14: **.oci_sd_configs
"""
    ),
)

# https://github.com/prometheus/alertmanager/blob/main/CHANGELOG.md
ALERTMANAGER = Program(
    "Alertmanager",
    "oldest_alertmanager",
    "0.25",
    "0.27",
    _table(
        """
0.23: receivers.sns_configs
0.24: receivers.telegram_configs time_intervals route.**.active_time_intervals
0.25: receivers.discord_configs receivers.webex_configs receivers.pagerduty_configs.routing_key_file
0.25: receivers.email_configs.auth_password_file
0.26: receivers.msteams_configs receivers.webhook_configs.url_file receivers.telegram_configs.bot_token_file
0.26: receivers.pushover_configs.token_file receivers.pushover_configs.user_key_file receivers.pushover_configs.device
0.26: **.no_proxy **.proxy_from_environment **.proxy_connect_header
0.26: **.tls_config.ca **.tls_config.cert **.tls_config.key
0.27: receivers.msteams_configs.summary receivers.pushover_configs.ttl **.basic_auth.username_file
0.28: receivers.msteamsv2_configs receivers.jira_configs receivers.rocketchat_configs receivers.webhook_configs.timeout
0.28: receivers.discord_configs.webhook_url_file receivers.msteams_configs.webhook_url_file
0.28: receivers.discord_configs.avatar_url receivers.discord_configs.content receivers.discord_configs.username
0.28: receivers.telegram_configs.message_thread_id global.jira_api_url global.smtp_tls_config global.rocketchat_api_url
0.28: global.rocketchat_token global.rocketchat_token_file global.rocketchat_token_id global.rocketchat_token_id_file
0.28: **.http_headers **.tls_config.ca_ref **.tls_config.cert_ref **.tls_config.key_ref **.oauth2.client_secret_ref
0.28: **.authorization.credentials_ref **.basic_auth.username_ref **.basic_auth.password_ref
0.28.1: receivers.sns_configs.sigv4.use_fips_sts_endpoint
0.29: receivers.incidentio_configs receivers.jira_configs.api_type receivers.pushover_configs.monospace
0.29: receivers.sns_configs.sigv4.service_name
0.30: receivers.mattermost_configs receivers.slack_configs.app_token receivers.slack_configs.app_token_file
0.30: receivers.slack_configs.app_url receivers.slack_configs.timeout receivers.pagerduty_configs.timeout
0.30: receivers.email_configs.threading receivers.jira_configs.summary.template
0.30: receivers.jira_configs.summary.enable_update receivers.jira_configs.description.template
0.30: receivers.jira_configs.description.enable_update inhibit_rules.name tracing
0.30: global.slack_app_token global.slack_app_token_file global.slack_app_url
0.30: **.oauth2.audience **.oauth2.claims **.oauth2.grant_type **.oauth2.iss **.oauth2.signature_algorithm
0.30: **.oauth2.client_certificate_key **.oauth2.client_certificate_key_file **.oauth2.client_certificate_key_ref
0.30: **.oauth2.client_certificate_key_id
0.31: receivers.email_configs.auth_secret_file receivers.email_configs.force_implicit_tls
0.31: receivers.slack_configs.message_text receivers.telegram_configs.chat_id_file
0.31: receivers.wechat_configs.api_secret_file receivers.sns_configs.sigv4.external_id
0.31: global.smtp_auth_secret_file global.smtp_force_implicit_tls global.wechat_api_secret_file
0.31: global.telegram_bot_token global.telegram_bot_token_file
0.32: receivers.slack_configs.update_message receivers.webhook_configs.payload receivers.mattermost_configs.fallback
0.32: receivers.mattermost_configs.color receivers.mattermost_configs.pretext receivers.mattermost_configs.fields
0.32: receivers.mattermost_configs.author_name receivers.mattermost_configs.author_link
0.32: receivers.mattermost_configs.author_icon receivers.mattermost_configs.title
0.32: receivers.mattermost_configs.title_link receivers.mattermost_configs.thumb_url
0.32: receivers.mattermost_configs.footer receivers.mattermost_configs.footer_icon
0.32: receivers.mattermost_configs.image_url global.mattermost_webhook_url global.mattermost_webhook_url_file
0.33: receivers.labels event_recorder receivers.sns_configs.use_aws_http_client
0.34: route.**.labels event_recorder.stdout_outputs event_recorder.webhook_outputs.batch
0.34: event_recorder.webhook_outputs.batch_flush_interval event_recorder.webhook_outputs.batch_max_bytes
0.34: event_recorder.webhook_outputs.batch_max_events
"""
    ),
)
