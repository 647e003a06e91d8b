"""Every name that obscode invents: series, labels, alerts, groups, uids, files."""

from __future__ import annotations

import os
import re
from collections.abc import Sequence
from hashlib import sha256

from obscode.model.identifiers import slug

# Labels of rules and alerts.
SERVICE = "service"
SLO = "slo"
SEVERITY = "severity"
OWNER = "owner"
# The label of `*_build_info` metrics.
VERSION = "version"

# Counts and ratios of an SLO; the window is appended.
EVENTS_TOTAL = "slo:events_total:increase"
EVENTS_BAD = "slo:events_bad:increase"
EVENTS_USUAL = "slo:events_usual:increase"
EVENTS_LEAST = "slo:events_least:increase"
ERROR_RATIO = "slo:error_ratio:rate"
TILE_TOTAL = "slo:events_total:tile"
TILE_BAD = "slo:events_bad:tile"

# Other series of an SLO.
ERROR_RATIO_PERIOD = "slo:error_ratio:period"
BURN_RATE = "slo:burn_rate:ratio"
BUDGET_REMAINING = "slo:error_budget_remaining:ratio"
ERROR_BUDGET = "slo:error_budget:ratio"
OBJECTIVE = "slo:objective:ratio"
PERIOD = "slo:period:seconds"
EXHAUSTION = "slo:time_to_exhaustion:seconds"
INFO = "slo:info"
# The burn rate while it is above the threshold of an alert; the alert's key is appended.
BURN_RATE_ALERT = "slo:burn_rate:"
# When the last tiles were counted, a Unix time.
TILE_TIME = "slo:tile:timestamp_seconds"
# The time since then, as a share of a tile.
TILE_AGE = "slo:tile:age_ratio"
# One slice of time: 1 in the total, and 1 in the bad ones if it is bad.
SLICE_TOTAL = "slo:slice_total:now"
SLICE_BAD = "slo:slice_bad:now"

# The label of `slo:info` with the uid of the SLO's detail dashboard.
DASHBOARD = "dashboard_uid"
# The label of alerts with the severity of an imported document that the project does not have.
EXPORTED_SEVERITY = "exported_severity"
# The annotation of alerts with the link to a panel or dashboard.
DASHBOARD_URL = "dashboard_url"
# The annotations of burn-rate alerts that templates of notifications read.
BURN_RATE_ANNOTATION = "burn_rate"
BUDGET_ANNOTATION = "error_budget_remaining"
EXHAUSTION_ANNOTATION = "time_to_exhaustion"

# The key of the panel with the events of an SLO.
EVENTS_PANEL = "events/events"

DATASOURCE_VARIABLE = "datasource"
LOKI_VARIABLE = "loki_datasource"
DASHBOARD_PROVIDER = "obscode"
NO_RECEIVER = "nobody"
# The alert that always fires.
WATCHDOG = "Watchdog"


def datasource_variable(plugin: str) -> str:
    """The dashboard variable for datasources of a plugin: `loki_datasource`, `pyroscope_datasource`."""
    if plugin == "prometheus":
        return DATASOURCE_VARIABLE
    name = plugin.removeprefix("grafana-").removesuffix("-datasource")
    return re.sub(r"\W", "_", f"{name}_datasource")


def rule_group(service: str, part: str) -> str:
    """`ml-service-alerts`."""
    return f"{service}-{part}"


def slo_group(service: str, slo: str, suffix: str = "", *, part: int = 1) -> str:
    """`ml-service-slo-availability`, `...-long` with a suffix, `...-2` for the second group of many rules."""
    return f"{service}-slo-{slo}" + (f"-{suffix}" if suffix else "") + (f"-{part}" if part > 1 else "")


def stage_group(group: str, part: int) -> str:
    """`shop-slo-availability-step-2`: the second step of a group; `...-alerts` for its alerts (0)."""
    return f"{group}-step-{part}" if part else f"{group}-alerts"


def group_part(group: str, part: int) -> str:
    """`shop-records`, and `shop-records-part-2` for the second part of a group with many rules."""
    return f"{group}-part-{part}" if part > 1 else group


def owner_label(owner: str) -> dict[str, str]:
    """The label of a service's owner; empty without an owner."""
    return {OWNER: owner} if owner else {}


def burn_alert(service: str, slo: str, key: str) -> str:
    """`MlServiceAvailabilityBurnPage`: one name per severity, or per tier with an alert of its own."""
    return f"{camel(service)}{camel(slo)}Burn{camel(key)}"


def burn_rate_of_alert(key: str) -> str:
    """`slo:burn_rate:page`: the series of the burn rate that fires an alert."""
    return BURN_RATE_ALERT + re.sub(r"[^A-Za-z0-9_]", "_", key)


def no_data_alert(service: str, slo: str, kind: str) -> str:
    """`MlServiceAvailabilityNoTraffic`."""
    return f"{camel(service)}{camel(slo)}{camel(kind)}"


def target_down_alert(job: str) -> str:
    """`MlServiceTargetDown`."""
    return f"{camel(job)}TargetDown"


def camel(name: str) -> str:
    """`ml-service` as `MlService`; `S` before a leading digit."""
    joined = "".join(word[0].upper() + word[1:] for word in re.findall(r"[A-Za-z0-9]+", name))
    return f"S{joined}" if joined[:1].isdigit() else joined


# Of a title that is too long for a uid.
_UID_PREFIX = 31


def dashboard_uid(title: str) -> str:
    """A stable uid from the title, at most 40 characters, which is Grafana's limit."""
    readable = slug(title)
    if readable and len(readable) <= 40:
        return readable
    return f"{readable[:_UID_PREFIX]}-{_digest(title)}".strip("-")


def slo_overview_title(project: str) -> str:
    """`ml-platform SLOs`."""
    return f"{project} SLOs"


def slo_detail_title(project: str, period: str, policy: str = "", differences: Sequence[str] = ()) -> str:
    """`ml-platform SLO detail 30d`: the SLOs with the same period, policy and alerts.

    ``policy`` is empty for the default of the period, else its name or its tiers; ``differences`` are the alerts that
    differ from the policy, such as `without page-fast`.
    """
    label = policy if re.fullmatch(r"[a-z-]*", policy) else _digest(policy)
    return ", ".join([f"{project} SLO detail {period} {label}".strip(), *differences])


def slo_detail_uids(project: str) -> str:
    """A regular expression for the uids of the project's detail dashboards: `ml-platform-slo-detail-.+`."""
    return f"{slug(f'{project} SLO detail')[:_UID_PREFIX]}.+"


def burn_panel(tier: str) -> str:
    """The key of the panel with the burn rate in the windows of a tier."""
    return f"burn/{tier}"


def folder_uid(folder: str) -> str:
    """The uid of a dashboard folder, for formats that refer to the folder by uid."""
    return dashboard_uid(folder)


def kubernetes_name(uid: str) -> str:
    """A uid or a name as the name of a Kubernetes object: lower case, digits and `-`, 209 characters at most."""
    name = re.sub(r"[^a-z0-9-]", "-", uid.lower()).strip("-")[:200]
    return name if name == uid else f"{name}-{_digest(uid)}".strip("-")


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:8]


def rule_file(service: str) -> str:
    """The path of a service's rule file."""
    return f"prometheus/rules/{service}.yml"


def target_rule_file(folder: str, name: str) -> str:
    """The path of a rule file of a target."""
    return f"{folder}/rules/{name}.yml"


def namespace_file(folder: str, tenant: str, namespace: str) -> str:
    """The path of the rules of a namespace of Mimir."""
    return "/".join(filter(None, [folder, tenant, f"{namespace}.yml"]))


def grafana_alerting_file(name: str) -> str:
    """The path of a provisioning file of Grafana's alerts."""
    return f"grafana/provisioning/alerting/{name}.yml"


def vmrule_file(folder: str, name: str) -> str:
    """The path of the VMRule object of a rule file."""
    return f"kubernetes/{folder}/{name}.yaml"


def rule_file_of_module(file: str, root: str) -> str:
    """`kafka-brokers` for `definitions/kafka/brokers.py`: the rule file of groups that are part of no service."""
    parts = re.split(r"[/\\]", os.path.relpath(file, root) if root and file else file)
    inside = parts[1:] if len(parts) > 1 and ".." not in parts else parts[-1:]
    return "-".join(part.strip("_") for part in inside).removesuffix(".py") or "rules"


def rule_file_of_path(path: str) -> str:
    """`kafka` for `../rules/kafka.yml`: the rule file for the groups of a file that is read."""
    name = re.split(r"[/\\]", path)[-1]
    return re.sub(r"[^A-Za-z0-9_.-]+", "-", name.rpartition(".")[0] or name) or "rules"


#: The rule files, relative to a Prometheus configuration.
RULE_FILES = "rules/*.yml"


#: Attributes of the files of the output folder.
GIT_ATTRIBUTES = ".gitattributes"

#: The list of the files that obscode wrote into the output folder.
MANIFEST = ".obscode-manifest"


def tested_rule_file(service: str) -> str:
    """A service's rule file, relative to its unit tests."""
    return f"../rules/{service}.yml"


def rule_test_file(service: str) -> str:
    """The path of the unit tests of a service's rules."""
    return f"prometheus/tests/{service}_test.yml"


def environment_folder(environment: str) -> str:
    """The folder of an environment of the project, in the output folder."""
    return f"environments/{environment}"


def prometheus_file(name: str = "") -> str:
    """The path of the Prometheus configuration; of a further one with a name."""
    return f"prometheus/prometheus.{name}.yml" if name else "prometheus/prometheus.yml"


def shard(configuration: str, number: int) -> str:
    """The name of the configuration of a shard."""
    return f"{configuration}.shard-{number}" if configuration else f"shard-{number}"


def alertmanager_file() -> str:
    """The path of the Alertmanager configuration."""
    return "alertmanager/alertmanager.yml"


def notification_template(name: str) -> str:
    """The path of a file with templates of notifications."""
    return f"alertmanager/templates/{name}.tmpl"


#: The files with templates of notifications, relative to the Alertmanager configuration.
NOTIFICATION_TEMPLATES = "templates/*.tmpl"


def dashboard_file(folder: str, uid: str) -> str:
    """The path of a dashboard; Grafana provisions each folder as a folder of the same name."""
    return f"grafana/dashboards/{folder}/{uid}.json"


def config_map_file(uid: str) -> str:
    """The path of a dashboard's ConfigMap."""
    return f"kubernetes/dashboards/{uid}.yaml"


def operator_file(uid: str) -> str:
    """The path of a dashboard for grafana-operator."""
    return f"kubernetes/grafana-operator/{uid}.yaml"


def resource_file(uid: str) -> str:
    """The path of a dashboard as a resource of Grafana's API."""
    return f"grafana/resources/{uid}.json"


def folder_resource_file(uid: str) -> str:
    """The path of a dashboard folder as a resource of Grafana's API."""
    return f"grafana/resources/folders/{uid}.json"


def v2_file(uid: str) -> str:
    """The path of a dashboard as a resource of version 2 of Grafana's API."""
    return f"grafana/v2/{uid}.json"


def v2_folder_file(uid: str) -> str:
    """The path of a dashboard folder beside the dashboards of version 2."""
    return f"grafana/v2/folders/{uid}.json"


def export_file(uid: str) -> str:
    """The path of a dashboard for import by hand."""
    return f"grafana/export/{uid}.json"


def datasource_file() -> str:
    """The path of Grafana's datasource."""
    return "grafana/provisioning/datasources/prometheus.yml"


def provider_file() -> str:
    """The path of Grafana's dashboard provider."""
    return "grafana/provisioning/dashboards/dashboards.yml"
