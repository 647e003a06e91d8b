"""The keys of the configuration files of Prometheus and Alertmanager, and which keys of a file they do not know.

The keys are those of the Go structs with the tag `yaml` in all releases from 2.40 and 0.22 to the newest one of each
program, also of discovery and of the HTTP client. `compatibility` has their versions.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

#: The keys and indexes from a file's root, or from a part of it, to a value.
Path = tuple[str | int, ...]
_ANY = "<key>"
_DISCOVERY = "_sd_configs"


@dataclass(frozen=True)
class UnknownKey:
    """A key that no release has.

    Attributes:
        path: the keys and indexes to it.
        known: the keys that could be in its place.
    """

    path: Path
    known: Sequence[str]

    @property
    def key(self) -> str:
        """The key itself."""
        return str(self.path[-1])

    @property
    def section(self) -> str:
        """The innermost key above it; empty at the top."""
        return next((key for key in reversed(self.path[:-1]) if isinstance(key, str)), "")

    @property
    def is_discovery(self) -> bool:
        """Whether it may be a kind of discovery of a newer release."""
        return self.key.endswith(_DISCOVERY)


@dataclass(frozen=True)
class Keys:
    """The known keys of a file.

    Attributes:
        newest: the release with the newest of them.
        table: the sections with their keys; `key=section` for a mapping, or a list of mappings, with known keys, and
            `+section` for all keys of another one.
    """

    newest: str
    table: str

    @cached_property
    def sections(self) -> Mapping[str, Mapping[str, str]]:
        """The keys of each section, with the section of each; empty for values of any form."""
        result: dict[str, dict[str, str]] = {}
        for line in self.table.replace("\n  ", " ").strip().splitlines():
            name, _, entries = line.partition(": ")
            section = result.setdefault(name, {})
            for entry in entries.split():
                key, _, below = entry.partition("=")
                section.update(result[key[1:]] if key.startswith("+") else {key: below})
        return result

    def unknown_below(self, value: Any, section: str, path: Path) -> Iterator[UnknownKey]:
        """The keys below the value at a path that begins in a section; none if values of any form may be there."""
        for key in path:
            if isinstance(key, str) and section:
                section = self.sections[section].get(key, "")
        if section:
            yield from self.unknown(value, section, path)

    def unknown(self, value: Any, section: str = "file", path: Path = ()) -> Iterator[UnknownKey]:
        """The keys below a value that are not known; ``section`` is that of the value."""
        if isinstance(value, Mapping):
            known = self.sections[section]
            for key, below in value.items():
                inner = known.get(str(key), known.get(_ANY))
                if inner is None:
                    yield UnknownKey((*path, key), list(known))
                elif inner:
                    yield from self.unknown(below, inner, (*path, key))
        elif isinstance(value, Sequence) and not isinstance(value, str | bytes):
            for i, item in enumerate(value):
                yield from self.unknown(item, section, (*path, i))


# https://github.com/prometheus/prometheus/blob/main/config/config.go, and discovery/
PROMETHEUS = Keys(
    "3.14",
    """
client: authorization=authorization basic_auth=basic_auth bearer_token bearer_token_file enable_http2 follow_redirects
  http_headers=http_headers no_proxy oauth2=oauth2 proxy_connect_header proxy_from_environment proxy_url
  tls_config=tls
file: alerting=alerting global=global otlp=otlp remote_read=remote_read remote_write=remote_write rule_files
  runtime=runtime scrape_config_files scrape_configs=scrape storage=storage tracing=tracing
alerting: alert_relabel_configs=alert_relabel alertmanagers=alertmanagers
global: always_scrape_classic_histograms body_size_limit convert_classic_histograms_to_nhcb evaluation_interval
  external_labels extra_scrape_metrics keep_dropped_targets label_limit label_name_length_limit
  label_value_length_limit metric_name_escaping_scheme metric_name_validation_scheme query_log_file rule_query_offset
  sample_limit scrape_failure_log_file scrape_interval scrape_native_histograms scrape_protocols scrape_timeout
  target_limit
otlp: convert_histograms_to_nhcb ignore_resource_attributes keep_identifying_resource_attributes
  label_name_preserve_multiple_underscores label_name_underscore_sanitization promote_all_resource_attributes
  promote_resource_attributes promote_scope_metadata translation_strategy
remote_read: +client chunked_read_limit filter_external_labels headers name read_recent remote_timeout
  required_matchers url
remote_write: +client azuread=azuread google_iam=google_iam headers metadata_config=metadata name protobuf_message
  queue_config=queue remote_timeout round_robin_dns send_exemplars send_native_histograms sigv4=sigv4 url
  write_relabel_configs=alert_relabel
runtime: gogc
scrape: +client always_scrape_classic_histograms aws_sd_configs=aws azure_sd_configs=azure body_size_limit
  consul_sd_configs=consul convert_classic_histograms_to_nhcb digitalocean_sd_configs=digitalocean dns_sd_configs=dns
  docker_sd_configs=docker dockerswarm_sd_configs=dockerswarm ec2_sd_configs=ec2 ecs_sd_configs=ecs
  elasticache_sd_configs=ecs enable_compression eureka_sd_configs=eureka extra_scrape_metrics fallback_scrape_protocol
  file_sd_configs=file2 gce_sd_configs=gce hetzner_sd_configs=hetzner honor_labels honor_timestamps
  http_sd_configs=http ionos_sd_configs=ionos job_name keep_dropped_targets kubernetes_sd_configs=kubernetes
  kuma_sd_configs=kuma label_limit label_name_length_limit label_value_length_limit lightsail_sd_configs=lightsail
  linode_sd_configs=linode marathon_sd_configs=marathon metric_name_escaping_scheme metric_name_validation_scheme
  metric_relabel_configs=alert_relabel metrics_path msk_sd_configs=ecs native_histogram_bucket_limit
  native_histogram_min_bucket_factor nerve_sd_configs=nerve nomad_sd_configs=nomad oci_sd_configs=oci
  openstack_sd_configs=openstack outscale_sd_configs=outscale ovhcloud_sd_configs=ovhcloud params
  puppetdb_sd_configs=puppetdb rds_sd_configs=rds relabel_configs=alert_relabel sample_limit
  scaleway_sd_configs=scaleway scheme scrape_classic_histograms scrape_failure_log_file scrape_interval
  scrape_native_histograms scrape_protocols scrape_timeout serverset_sd_configs=nerve stackit_sd_configs=stackit
  static_configs=static target_limit track_timestamps_staleness triton_sd_configs=triton uyuni_sd_configs=uyuni
  vultr_sd_configs=vultr
storage: exemplars=exemplars tsdb=tsdb
tracing: client_type compression endpoint headers insecure sampling_fraction timeout tls_config=tls
alert_relabel: action modulus regex replacement separator source_labels target_label
alertmanagers: +client alert_relabel_configs=alert_relabel api_version aws_sd_configs=aws azure_sd_configs=azure
  consul_sd_configs=consul digitalocean_sd_configs=digitalocean dns_sd_configs=dns docker_sd_configs=docker
  dockerswarm_sd_configs=dockerswarm ec2_sd_configs=ec2 ecs_sd_configs=ecs elasticache_sd_configs=ecs
  eureka_sd_configs=eureka file_sd_configs=file2 gce_sd_configs=gce hetzner_sd_configs=hetzner http_sd_configs=http
  ionos_sd_configs=ionos kubernetes_sd_configs=kubernetes kuma_sd_configs=kuma lightsail_sd_configs=lightsail
  linode_sd_configs=linode marathon_sd_configs=marathon msk_sd_configs=ecs nerve_sd_configs=nerve
  nomad_sd_configs=nomad oci_sd_configs=oci openstack_sd_configs=openstack outscale_sd_configs=outscale
  ovhcloud_sd_configs=ovhcloud path_prefix puppetdb_sd_configs=puppetdb rds_sd_configs=rds
  relabel_configs=alert_relabel scaleway_sd_configs=scaleway scheme serverset_sd_configs=nerve sigv4=sigv4
  stackit_sd_configs=stackit static_configs=static timeout triton_sd_configs=triton uyuni_sd_configs=uyuni
  vultr_sd_configs=vultr
authorization: credentials credentials_file credentials_ref type
basic_auth: password password_file password_ref username username_file username_ref
http_headers: <key>=<key>
oauth2: audience claims client_certificate_key client_certificate_key_file client_certificate_key_id
  client_certificate_key_ref client_id client_secret client_secret_file client_secret_ref endpoint_params grant_type
  iss no_proxy proxy_connect_header proxy_from_environment proxy_url scopes signature_algorithm tls_config=tls
  token_url
tls: ca ca_file ca_ref cert cert_file cert_ref insecure_skip_verify key key_file key_ref max_version min_version
  server_name
azuread: certificate=certificate cloud managed_identity=managed_identity oauth=oauth scope sdk=sdk
  workload_identity=workload_identity
google_iam: credentials_file
metadata: max_samples_per_send send send_interval
queue: batch_send_deadline capacity max_backoff max_samples_per_send max_shards min_backoff min_shards
  retry_on_http_429 sample_age_limit
sigv4: access_key external_id profile region role_arn secret_key service_name use_fips_sts_endpoint
aws: +client access_key clusters endpoint external_id filters=filters port profile refresh_interval region role
  role_arn secret_key
azure: +client authentication_method client_id client_secret environment port refresh_interval resource_group
  subscription_id tenant_id
consul: +client allow_stale datacenter filter health_filter namespace node_meta partition password path_prefix
  refresh_interval scheme server services tag_separator tags token username
digitalocean: +client port refresh_interval role
dns: names port refresh_interval type
docker: +client filters=filters host host_networking_host match_first_network port refresh_interval
dockerswarm: +client filters=filters host port refresh_interval role
ec2: +client access_key endpoint external_id filters=filters port profile refresh_interval region role_arn secret_key
ecs: +client access_key clusters endpoint external_id port profile refresh_interval region request_concurrency
  role_arn secret_key
eureka: +client refresh_interval server
file2: files refresh_interval
gce: filter port project refresh_interval tag_separator zone
hetzner: +client label_selector port refresh_interval role
http: +client refresh_interval url
ionos: +client datacenter_id port refresh_interval
kubernetes: +client api_server attach_metadata=attach_metadata kubeconfig_file namespaces=namespaces role
  selectors=selectors
kuma: +client client_id fetch_timeout refresh_interval server
lightsail: +client access_key endpoint external_id port profile refresh_interval region role_arn secret_key
linode: +client port refresh_interval region tag_separator
marathon: +client auth_token auth_token_file refresh_interval servers
nerve: paths servers timeout
nomad: +client allow_stale namespace refresh_interval region server tag_separator
oci: +client auth compartments fingerprint key_file key_passphrase key_passphrase_file port refresh_interval region
  tenancy user
openstack: all_tenants application_credential_id application_credential_name application_credential_secret
  availability domain_id domain_name identity_endpoint password port project_id project_name refresh_interval region
  role tls_config=tls userid username
outscale: +client access_key endpoint port refresh_interval region secret_key secret_key_file
ovhcloud: application_key application_secret consumer_key endpoint refresh_interval service
puppetdb: +client include_parameters port query refresh_interval url
rds: +client access_key clusters endpoint external_id filters=filters port profile refresh_interval region
  request_concurrency role_arn secret_key
scaleway: +client access_key api_url name_filter port project_id refresh_interval role secret_key secret_key_file
  tags_filter zone
stackit: +client credentials_file_path endpoint port private_key private_key_path project refresh_interval region
  service_account_key service_account_key_path
static: labels targets
triton: account dns_suffix endpoint groups port refresh_interval role tls_config=tls version
uyuni: +client entitlement password refresh_interval separator server username
vultr: +client port refresh_interval
exemplars: max_exemplars
tsdb: chunk_encoding=chunk_encoding out_of_order_time_window retention=retention stale_series_compaction_threshold
<key>: files secrets values
certificate: certificate_key_path certificate_password certificate_path client_id send_certificate_chain tenant_id
managed_identity: client_id
oauth: client_id client_secret tenant_id
sdk: tenant_id
workload_identity: client_id tenant_id token_file_path
filters: name values
attach_metadata: cronjob deployment job namespace node
namespaces: names own_namespace
selectors: field label role
chunk_encoding: floats
retention: percentage size time
""",
)

# https://github.com/prometheus/alertmanager/blob/main/config/config.go, and notifiers.go
ALERTMANAGER = Keys(
    "0.34",
    """
client: authorization=authorization basic_auth=basic_auth bearer_token bearer_token_file enable_http2 follow_redirects
  http_headers=headers no_proxy oauth2=oauth2 proxy_connect_header proxy_from_environment proxy_url
  tls_config=smtp_tls
file: event_recorder=event_recorder global=global inhibit_rules=inhibit_rules mute_time_intervals=mute_time_intervals
  receivers=receivers route=route templates time_intervals=mute_time_intervals tracing=tracing
event_recorder: file_outputs=file_outputs kafka_outputs=kafka_outputs stdout_outputs webhook_outputs=webhook_outputs
global: http_config=http jira_api_url mattermost_webhook_url mattermost_webhook_url_file opsgenie_api_key
  opsgenie_api_key_file opsgenie_api_url pagerduty_url resolve_timeout rocketchat_api_url rocketchat_token
  rocketchat_token_file rocketchat_token_id rocketchat_token_id_file slack_api_url slack_api_url_file slack_app_token
  slack_app_token_file slack_app_url smtp_auth_identity smtp_auth_password smtp_auth_password_file smtp_auth_secret
  smtp_auth_secret_file smtp_auth_username smtp_force_implicit_tls smtp_from smtp_hello smtp_require_tls
  smtp_smarthost smtp_tls_config=smtp_tls telegram_api_url telegram_bot_token telegram_bot_token_file
  victorops_api_key victorops_api_key_file victorops_api_url webex_api_url wechat_api_corp_id wechat_api_secret
  wechat_api_secret_file wechat_api_url
inhibit_rules: equal name source_match source_match_re source_matchers target_match target_match_re target_matchers
mute_time_intervals: name time_intervals=time_intervals
receivers: discord_configs=discord email_configs=email incidentio_configs=incidentio jira_configs=jira labels
  mattermost_configs=mattermost msteams_configs=msteams msteamsv2_configs=msteamsv2 name opsgenie_configs=opsgenie
  pagerduty_configs=pagerduty pushover_configs=pushover rocketchat_configs=rocketchat slack_configs=slack
  sns_configs=sns telegram_configs=telegram victorops_configs=victorops webex_configs=webex webhook_configs=webhook
  wechat_configs=wechat
route: active_time_intervals continue group_by group_interval group_wait labels match match_re matchers
  mute_time_intervals receiver repeat_interval routes=route
tracing: client_type compression endpoint headers=headers insecure sampling_fraction timeout tls_config=smtp_tls
file_outputs: path
kafka_outputs: acks brokers buffer_size client_id compression format tls_config=smtp_tls topic
webhook_outputs: batch batch_flush_interval batch_max_bytes batch_max_events http_config=http max_retries
  retry_backoff timeout url workers
http: +client
smtp_tls: ca ca_file ca_ref cert cert_file cert_ref insecure_skip_verify key key_file key_ref max_version min_version
  server_name
time_intervals: days_of_month location months times weekdays years
discord: avatar_url content http_config=http message send_resolved title username webhook_url webhook_url_file
email: auth_identity auth_password auth_password_file auth_secret auth_secret_file auth_username force_implicit_tls
  from headers hello html require_tls send_resolved smarthost text threading=threading tls_config=smtp_tls to
incidentio: alert_source_token alert_source_token_file http_config=http max_alerts send_resolved timeout url url_file
jira: api_type api_url description=description fields http_config=http issue_type labels priority project
  reopen_duration reopen_transition resolve_transition send_resolved summary=description wont_fix_resolution
mattermost: attachments=attachments author_icon author_link author_name channel color fallback fields=fields footer
  footer_icon http_config=http icon_emoji icon_url image_url pretext priority=priority props=props send_resolved text
  thumb_url title title_link type username webhook_url webhook_url_file
msteams: http_config=http send_resolved summary text title webhook_url webhook_url_file
msteamsv2: http_config=http send_resolved text title webhook_url webhook_url_file
opsgenie: actions api_key api_key_file api_url description details entity http_config=http message note priority
  responders=responders send_resolved source tags update_alerts
pagerduty: class client client_url component description details group http_config=http images=images links=links
  routing_key routing_key_file send_resolved service_key service_key_file severity source timeout url
pushover: device expire html http_config=http message monospace priority retry send_resolved sound title token
  token_file ttl url url_title user_key user_key_file
rocketchat: actions api_url channel color emoji fields http_config=http icon_url image_url link_names send_resolved
  short_fields text thumb_url title title_link token token_file token_id token_id_file
slack: actions=actions api_url api_url_file app_token app_token_file app_url callback_id channel color fallback
  fields=fields footer http_config=http icon_emoji icon_url image_url link_names message_text mrkdwn_in pretext
  send_resolved short_fields text thumb_url timeout title title_link update_message username
sns: api_url attributes http_config=http message phone_number send_resolved sigv4=sigv4 subject target_arn topic_arn
  use_aws_http_client
telegram: api_url bot_token bot_token_file chat_id chat_id_file disable_notifications http_config=http message
  message_thread_id parse_mode send_resolved
victorops: api_key api_key_file api_url custom_fields entity_display_name http_config=http message_type
  monitoring_tool routing_key send_resolved state_message
webex: api_url http_config=http message room_id send_resolved
webhook: http_config=http max_alerts payload send_resolved timeout url url_file
wechat: agent_id api_secret api_secret_file api_url corp_id http_config=http message message_type send_resolved
  to_party to_tag to_user
headers: <key>=<key>
authorization: credentials credentials_file credentials_ref type
basic_auth: password password_file password_ref username username_file username_ref
oauth2: audience claims client_certificate_key client_certificate_key_file client_certificate_key_id
  client_certificate_key_ref client_id client_secret client_secret_file client_secret_ref endpoint_params grant_type
  iss no_proxy proxy_connect_header proxy_from_environment proxy_url scopes signature_algorithm tls_config=smtp_tls
  token_url
threading: enabled thread_by_date
description: enable_update template
attachments: author_icon author_link author_name color fallback fields=fields footer footer_icon image_url pretext
  text thumb_url title title_link
fields: short title value
priority: persistent_notifications priority requested_ack
props: card
responders: id name type username
images: alt href src
links: href text
actions: confirm=confirm name style text type url value
sigv4: access_key external_id profile region role_arn secret_key service_name use_fips_sts_endpoint
<key>: files secrets values
confirm: dismiss_text ok_text text title
""",
)
