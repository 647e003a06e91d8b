"""Scrape jobs as the objects that prometheus-operator reads.

A ServiceMonitor and a PodMonitor are objects of their kinds, a Probe with written targets is a Probe, and other jobs
are ScrapeConfigs.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from obscode.artifacts.operator_fields import KINDS
from obscode.artifacts.project import Artifacts
from obscode.artifacts.prometheus import ScrapeConfig
from obscode.compiler.kubernetes.field_conversion import Conversion, field_of, resolved
from obscode.compiler.kubernetes.operator_object import OperatorObject, Problem, metadata
from obscode.compiler.shards import without_shard
from obscode.model import naming
from obscode.model.relabel.step import configurations
from obscode.model.scrape.configuration import label_configs
from obscode.model.scrape.monitors import Monitor, PodMonitor, ServiceMonitor
from obscode.model.scrape.probe import Probe
from obscode.model.targets.kubernetes import Kubernetes

_ADDITIONAL = "list the job in a Secret for additionalScrapeConfigs of the Prometheus object"
_VERSIONS = {"ScrapeConfig": "v1alpha1"}
# Settings with another name in the endpoints of monitors, and in probes.
_OF_ENDPOINTS = {"scrape_interval": "interval", "metrics_path": "path"}
# Settings that the kind of object makes itself.
_GENERATED = ("kubernetes_sd_configs", "relabel_configs")
_OF_PROBES = ("params", "relabel_configs", "static_configs", "metrics_path", "scheme")


def objects(artifacts: Artifacts, target: Kubernetes) -> Iterator[OperatorObject]:
    """An object for each scrape job of the project's own configuration."""
    for config in artifacts.prometheus_configs[:1]:
        for job in config.scrape_configs:
            yield _object(_with_interval(without_shard(job), artifacts.project.scrape_interval), target)


def _with_interval(job: ScrapeConfig, default: str) -> ScrapeConfig:
    """The job with the interval of the project, where that of the Prometheus object may be another one."""
    return replace(job, settings={"scrape_interval": default, **job.settings})


def _object(job: ScrapeConfig, target: Kubernetes) -> OperatorObject:
    source = job.source
    if isinstance(source, Monitor) and "kubernetes_sd_configs" in job.settings:
        return _monitor(job, source, target)
    if isinstance(source, Probe) and not source.relabel and job.settings.keys() & {"static_configs"}:
        written = _probe(job, source, target)
        if not written.problems and not source.discoveries() and not source.discovery:
            return written
    conversion, problems = _conversion(job, "a ScrapeConfig")
    spec = {"jobName": job.job, **conversion.fields(job.settings, _types("ScrapeConfig"))}
    return _written("ScrapeConfig", spec, job, target, problems)


def _monitor(job: ScrapeConfig, source: Monitor, target: Kubernetes) -> OperatorObject:
    """A ServiceMonitor or a PodMonitor; the operator generates the relabeling of its kind before that of the user."""
    is_pod = isinstance(source, PodMonitor)
    kind, endpoints = ("PodMonitor", "podMetricsEndpoints") if is_pod else ("ServiceMonitor", "endpoints")
    types = _types(kind)
    conversion, problems = _conversion(job, f"a {kind}")
    own = {_OF_ENDPOINTS.get(key, key): value for key, value in job.settings.items() if key not in _GENERATED}
    of_spec = {key: value for key, value in own.items() if field_of(key, types)}
    of_endpoint = {key: value for key, value in own.items() if key not in of_spec}
    steps = [{"target_label": "job", "replacement": job.job.replace("$", "$$")}, *label_configs(source)]
    of_endpoint["relabel_configs"] = [*steps, *configurations(source.relabel)]
    endpoint = conversion.fields(of_endpoint, resolved(types[endpoints])[0])
    spec = {
        **_selection(source),
        **conversion.fields(of_spec, types),
        endpoints: [{**_port(source), **endpoint}],
    }
    return _written(kind, spec, job, target, problems)


def _selection(source: Monitor) -> dict[str, Any]:
    names = {"matchNames": list(source.namespaces)} if source.namespaces else {"any": True}
    own: dict[str, Any] = {"targetLabels": list(source.target_labels)} if isinstance(source, ServiceMonitor) else {}
    if isinstance(source, ServiceMonitor) and source.service_discovery == "endpoints":
        own["serviceDiscoveryRole"] = "Endpoints"
    selection = {
        "selector": dict(source.label_selector()),
        "namespaceSelector": names,
        **own,
        "podTargetLabels": list(source.pod_target_labels),
    }
    return {key: value for key, value in selection.items() if value}


def _port(source: Monitor) -> dict[str, Any]:
    if isinstance(source.port, str):
        return {"port": source.port}
    return {"portNumber" if isinstance(source, PodMonitor) else "targetPort": source.port}


def _probe(job: ScrapeConfig, source: Probe, target: Kubernetes) -> OperatorObject:
    """A Probe: the operator adds the label `namespace`, and the relabeling."""
    conversion, problems = _conversion(job, "a Probe")
    settings = {_OF_ENDPOINTS.get(key, key): value for key, value in job.settings.items() if key not in _OF_PROBES}
    (static,) = job.settings["static_configs"]
    prober = {"url": source.prober, "path": source.path, "scheme": source.scheme if source.scheme != "http" else ""}
    spec = {
        "jobName": job.job,
        "prober": {key: value for key, value in prober.items() if value},
        "module": source.module,
        **({"params": _parameters(source.params)} if source.params else {}),
        "targets": {"staticConfig": _static(static)},
        **conversion.fields(settings, _types("Probe")),
    }
    return _written("Probe", spec, job, target, problems)


def _static(config: Mapping[str, Any]) -> dict[str, Any]:
    labels = config.get("labels")
    return {"static": list(config["targets"]), **({"labels": dict(labels)} if labels else {})}


def _parameters(params: Mapping[str, Sequence[str]]) -> list[dict[str, Any]]:
    return [{"name": name, "values": list(values)} for name, values in params.items()]


def _types(kind: str) -> Mapping[str, Any]:
    types: Mapping[str, Any] = KINDS[f"monitoring.coreos.com/{_VERSIONS.get(kind, 'v1')}/{kind}"]
    return types


def _conversion(job: ScrapeConfig, kind: str) -> tuple[Conversion, list[Problem]]:
    """A conversion of the settings of a job, and what it reports."""
    problems: list[Problem] = []

    def report(at: str, message: str, hint: str) -> None:
        argument = at.rpartition(".")[2].partition("[")[0]
        problems.append(Problem(job.source, argument, f"job {job.job!r}: {message}", hint or _ADDITIONAL))

    return Conversion(kind, report), problems


def _written(
    kind: str, spec: dict[str, Any], job: ScrapeConfig, target: Kubernetes, problems: Sequence[Problem]
) -> OperatorObject:
    """An object of a scrape job, with the labels of monitors."""
    name = naming.kubernetes_name(job.job)
    content = {
        "apiVersion": f"monitoring.coreos.com/{_VERSIONS.get(kind, 'v1')}",
        "kind": kind,
        "metadata": metadata(target, name, target.labels_of("monitor_labels")),
        "spec": spec,
    }
    return OperatorObject(f"monitors/{name}.yaml", content, job.source, f"the {kind} {name}", tuple(problems))
