"""The configuration of the Prometheus servers that the operator runs, as far as checks need it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from obscode.artifacts.kubernetes import MONITORS, KubernetesObject
from obscode.artifacts.prometheus import PrometheusConfig, ScrapeConfig
from obscode.promql import duration
from obscode.reader.kubernetes.selection import namespaces_of, rejection, services_of

# Defaults of a Prometheus object: https://prometheus-operator.dev/docs/api-reference/api/#monitoring.coreos.com/v1.Prometheus
_INTERVAL, _RETENTION = "30s", "24h"
# A job whose targets may have any value of the label, as with relabeling.
_UNKNOWN: Mapping[str, Any] = {"relabel_configs": [{"target_label": "job"}]}


def prometheus_configs(objects: Sequence[KubernetesObject]) -> list[PrometheusConfig]:
    """The configuration of each Prometheus object among objects."""
    return [_config(each, objects) for each in objects if each.kind == "Prometheus"]


def _config(server: KubernetesObject, objects: Sequence[KubernetesObject]) -> PrometheusConfig:
    spec, namespaces = server.spec, namespaces_of(objects)
    selected = [each for each in objects if each.kind in MONITORS and rejection(each, server, namespaces) is None]
    default = str(spec.get("scrapeInterval") or _INTERVAL)
    jobs = _jobs([job for each in selected for job in jobs_of(each, objects)], default)
    default_retention = "" if spec.get("retentionSize") else _RETENTION
    settings: dict[str, Any] = {
        "global": {
            "scrape_interval": default,
            "evaluation_interval": str(spec.get("evaluationInterval") or _INTERVAL),
            "external_labels": _external_labels(server),
        },
        "rule_files": ["rules"],
        "storage": {"tsdb": {"retention": {"time": str(spec.get("retention") or default_retention)}}},
    }
    if spec.get("additionalAlertRelabelConfigs"):
        settings["alerting"] = {"alert_relabel_configs": [{}]}
    if spec.get("additionalScrapeConfigs") or spec.get("scrapeClasses"):
        settings["scrape_config_files"] = ["unknown"]
    return PrometheusConfig(server.name, [ScrapeConfig(*job, server.source) for job in jobs], server.source, settings)


def _external_labels(server: KubernetesObject) -> dict[str, str]:
    """The labels of alerts: the operator removes the label of the replica before it sends them."""
    spec = server.spec
    own = spec.get("externalLabels")
    labels = {str(name): str(value) for name, value in own.items()} if isinstance(own, Mapping) else {}
    name = spec.get("prometheusExternalLabelName", "prometheus")
    return {**({str(name): f"{server.namespace}/{server.name}"} if name else {}), **labels}


def _jobs(jobs: Sequence[tuple[str, str]], default: str) -> list[tuple[str, dict[str, Any]]]:
    """Each job once, with its shortest interval; one that may have any name for those with an unknown name."""
    intervals: dict[str, str] = {}
    for name, own in jobs:
        interval = own if own and not duration.validate_duration(own) else default
        known = intervals.setdefault(name, interval)
        if _milliseconds(interval) < _milliseconds(known):
            intervals[name] = interval
    return [(name, {"scrape_interval": interval, **({} if name else _UNKNOWN)}) for name, interval in intervals.items()]


def _milliseconds(text: str) -> int:
    return 0 if duration.validate_duration(text) else duration.milliseconds(text)


# --- jobs --------------------------------------------------------------------------------------------------------


def jobs_of(monitor: KubernetesObject, objects: Sequence[KubernetesObject]) -> Iterator[tuple[str, str]]:
    """The values of the label `job` that a monitor makes, with the interval; an empty value is an unknown one."""
    spec = monitor.spec
    if monitor.kind == "ServiceMonitor":
        names = _names_of_services(monitor, objects)
        for endpoint in _mappings(spec.get("endpoints")):
            interval = str(endpoint.get("interval") or "")
            yield from ((name, interval) for name in _relabeled(endpoint, names))
    elif monitor.kind == "PodMonitor":
        for endpoint in _mappings(spec.get("podMetricsEndpoints")):
            names = [_name_of_pods(monitor)]
            yield from ((name, str(endpoint.get("interval") or "")) for name in _relabeled(endpoint, names))
    else:
        prefix = "probe" if monitor.kind == "Probe" else "scrapeConfig"
        name = str(spec.get("jobName") or (f"{prefix}/{monitor.namespace}/{monitor.name}" if monitor.namespace else ""))
        interval = str(spec.get("interval") or spec.get("scrapeInterval") or "")
        yield from ((each, interval) for each in _relabeled(spec, [name]))


def _names_of_services(monitor: KubernetesObject, objects: Sequence[KubernetesObject]) -> list[str]:
    label = str(monitor.spec.get("jobLabel") or "")
    if label and (value := _selected_value(monitor, label)):
        return [value]
    services = services_of(monitor, objects)
    return sorted({(each.labels.get(label) if label else "") or each.name for each in services}) or _likely(monitor)


def _likely(monitor: KubernetesObject) -> list[str]:
    """The values that a job may have whose Services are not among the files: names of the monitor and its labels."""
    selector = monitor.spec.get("selector")
    labels = selector.get("matchLabels") if isinstance(selector, Mapping) else None
    selected = map(str, labels.values()) if isinstance(labels, Mapping) else ()
    return sorted({monitor.name, *monitor.labels.values(), *selected} - {""})


def _name_of_pods(monitor: KubernetesObject) -> str:
    if label := str(monitor.spec.get("jobLabel") or ""):
        return _selected_value(monitor, label)
    return f"{monitor.namespace}/{monitor.name}" if monitor.namespace else ""


def _selected_value(monitor: KubernetesObject, label: str) -> str:
    selector = monitor.spec.get("selector")
    labels = selector.get("matchLabels") if isinstance(selector, Mapping) else None
    return str(labels.get(label) or "") if isinstance(labels, Mapping) else ""


def _relabeled(endpoint: Mapping[str, Any], names: Sequence[str]) -> Sequence[str]:
    """The names after the relabeling of an endpoint."""
    for step in [*_mappings(endpoint.get("relabelings")), *_mappings(endpoint.get("metricRelabelings"))]:
        if str(step.get("action", "")).lower() == "labelmap":
            return [""]
        if step.get("targetLabel") == "job":
            is_constant = not step.get("sourceLabels") and "$" not in str(step.get("replacement", "$"))
            names = [str(step["replacement"])] if is_constant else [""]
    return names


def _mappings(value: Any) -> list[Mapping[str, Any]]:
    return [each for each in value if isinstance(each, Mapping)] if isinstance(value, Sequence) else []
