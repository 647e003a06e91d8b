"""Every name that obscode invents: series, labels, alerts, groups, uids, files."""

from __future__ import annotations

import re
from collections.abc import Sequence
from hashlib import sha256

from obscode.model.identifiers import slug

# Labels of everything that belongs to a service or an SLO.
SERVICE = "service"
SLO = "slo"
SEVERITY = "severity"
TIER = "tier"
# A label of other people's, by the usual name.
VERSION = "version"
OWNER = "owner"
LONG = "long"
SHORT = "short"

# Series of an SLO; the window is the end of the name.
EVENTS_TOTAL = "slo:events_total:increase"
EVENTS_BAD = "slo:events_bad:increase"
ERROR_RATIO = "slo:error_ratio:rate"
ERROR_RATIO_PERIOD = "slo:error_ratio:period"
BURN_RATE = "slo:burn_rate:ratio"
BUDGET_REMAINING = "slo:error_budget_remaining:ratio"
ERROR_BUDGET = "slo:error_budget:ratio"
OBJECTIVE = "slo:objective:ratio"
PERIOD = "slo:period:seconds"
EXHAUSTION = "slo:time_to_exhaustion:seconds"
INFO = "slo:info"

# On `slo:info`: the uid of the dashboard that shows the SLO in detail.
DASHBOARD = "dashboard_uid"
# On alerts: where to look.
DASHBOARD_URL = "dashboard_url"

# The key of the panel that shows the events of an SLO.
EVENTS_PANEL = "events/events"

DATASOURCE_VARIABLE = "datasource"
LOKI_VARIABLE = "loki_datasource"
DASHBOARD_PROVIDER = "obscode"
NO_RECEIVER = "nobody"


def rule_group(service: str, part: str) -> str:
    """`ml-service-alerts`."""
    return f"{service}-{part}"


def slo_group(service: str, slo: str, *, long: bool = False, part: int = 1) -> str:
    """`ml-service-slo-availability`, `...-long` for long windows, `...-2` for the second group of many rules."""
    return f"{service}-slo-{slo}" + ("-long" if long else "") + (f"-{part}" if part > 1 else "")


def owner_label(owner: str) -> dict[str, str]:
    """The label of a service's owner; empty without an owner."""
    return {OWNER: owner} if owner else {}


def burn_alert(service: str, slo: str, tier: str) -> str:
    """`MlServiceAvailabilityBurnPageFast`: a word of its own for each tier, to route and to silence by."""
    return f"{camel(service)}{camel(slo)}Burn{camel(tier)}"


def no_data_alert(service: str, slo: str, kind: str) -> str:
    """`MlServiceAvailabilityNoTraffic`."""
    return f"{camel(service)}{camel(slo)}{camel(kind)}"


def target_down_alert(job: str) -> str:
    """`MlServiceTargetDown`."""
    return f"{camel(job)}TargetDown"


def camel(name: str) -> str:
    """`ml-service` as `MlService`; never begins with a digit."""
    words = "".join(w[0].upper() + w[1:] for w in re.findall(r"[A-Za-z0-9]+", name))
    return words if not words[:1].isdigit() else f"S{words}"


def dashboard_uid(title: str) -> str:
    """A stable uid from the title: Grafana takes 40 characters of `[A-Za-z0-9_-]`."""
    readable = slug(title)
    if readable and len(readable) <= 40:
        return readable
    return f"{readable[:31]}-{_digest(title)}".strip("-")


def slo_overview_title(project: str) -> str:
    """`ml-platform SLOs`: all SLOs of a project."""
    return f"{project} SLOs"


def slo_detail_title(project: str, period: str, policy: str = "", differences: Sequence[str] = ()) -> str:
    """`ml-platform SLO detail 30d`: the SLOs with the same period, policy and alerts.

    ``policy`` is empty for the default of the period, else its name or its tiers; ``differences`` are the alerts that
    differ from the policy, such as `without page-fast`.
    """
    label = policy if re.fullmatch(r"[a-z-]*", policy) else _digest(policy)
    return ", ".join([f"{project} SLO detail {period} {label}".strip(), *differences])


def burn_panel(tier: str) -> str:
    """The key of the panel that shows how fast the budget burns in the windows of a tier."""
    return f"burn/{tier}"


def folder_uid(folder: str) -> str:
    """The uid of a folder of dashboards, for the formats in which a dashboard names its folder so."""
    return dashboard_uid(folder)


def kubernetes_name(uid: str) -> str:
    """A dashboard's uid as the name of an object: Kubernetes takes lower case, digits and `-`."""
    name = re.sub(r"[^a-z0-9-]", "-", uid.lower()).strip("-")
    return name if name == uid else f"{name}-{_digest(uid)}".strip("-")


def _digest(text: str) -> str:
    return sha256(text.encode()).hexdigest()[:8]


def rule_file(service: str) -> str:
    """Where a service's rules are written."""
    return f"prometheus/rules/{service}.yml"


#: The rule files, as a Prometheus config names them.
RULE_FILES = "rules/*.yml"


def tested_rule_file(service: str) -> str:
    """A service's rule file, as its unit tests name it."""
    return f"../rules/{service}.yml"


def rule_test_file(service: str, *, slow: bool = False) -> str:
    """Where the unit tests of a service's rules are written; those of its long windows are on their own."""
    return f"prometheus/tests/{service}{'_long' if slow else ''}_test.yml"


def prometheus_file(environment: str = "") -> str:
    """Where the Prometheus config of an environment is written."""
    return f"prometheus/prometheus.{environment}.yml" if environment else "prometheus/prometheus.yml"


def alertmanager_file() -> str:
    """Where the Alertmanager config is written."""
    return "alertmanager/alertmanager.yml"


def dashboard_file(folder: str, uid: str) -> str:
    """Where a dashboard is written; the folder is a folder in Grafana, too, and named as it is there."""
    return f"grafana/dashboards/{folder}/{uid}.json"


def config_map_file(uid: str) -> str:
    """Where a dashboard's ConfigMap is written."""
    return f"kubernetes/dashboards/{uid}.yaml"


def operator_file(uid: str) -> str:
    """Where a dashboard is written for grafana-operator."""
    return f"kubernetes/grafana-operator/{uid}.yaml"


def resource_file(uid: str) -> str:
    """Where a dashboard is written as a resource of Grafana's own API."""
    return f"grafana/resources/{uid}.json"


def folder_resource_file(uid: str) -> str:
    """Where a folder of dashboards is written as a resource of Grafana's own API."""
    return f"grafana/resources/folders/{uid}.json"


def export_file(uid: str) -> str:
    """Where a dashboard is written for people who import it."""
    return f"grafana/export/{uid}.json"


def datasource_file(environment: str = "") -> str:
    """Where the datasource of an environment is written."""
    base = "grafana/provisioning" + (f"-{environment}" if environment else "")
    return f"{base}/datasources/prometheus.yml"


def provider_file(environment: str = "") -> str:
    """Where the dashboard provider of an environment is written."""
    base = "grafana/provisioning" + (f"-{environment}" if environment else "")
    return f"{base}/dashboards/dashboards.yml"
