"""What is known of the Prometheus server that evaluates the rules: intervals, retention, scrape jobs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from obscode.artifacts.project import Artifacts
from obscode.artifacts.prometheus import PrometheusConfig, ScrapeConfig
from obscode.artifacts.rules import RecordingRule
from obscode.checks.sample_intervals import SampleIntervals
from obscode.checks.shards import Shards
from obscode.model.configs import Prometheus
from obscode.model.scrape.target_labels import changes_job
from obscode.promql import duration

JOB = "job"
# Prometheus' default: https://prometheus.io/docs/prometheus/latest/configuration/configuration/
_DEFAULT_INTERVAL = "1m"


@dataclass(frozen=True)
class KnownServer:
    """A Prometheus server, as far as a project or a configuration describes it.

    Attributes:
        evaluation_interval: the default interval of rule groups, a duration; empty if it is unknown.
        retention: how long it keeps samples, a duration; empty if it is unknown.
        jobs: the values of the `job` label; None if they are unknown.
        intervals: the seconds between samples of series.
        external_labels: the external labels, with a value of each; None if they are unknown.
        shards: how the targets are shared between servers that evaluate the same rules; None if they are not.
    """

    evaluation_interval: str = ""
    retention: str = ""
    jobs: frozenset[str] | None = None
    intervals: SampleIntervals = field(default_factory=SampleIntervals)
    external_labels: Mapping[str, str] | None = None
    shards: Shards | None = None

    @classmethod
    def of(cls, artifacts: Artifacts) -> KnownServer:
        """The server of a project, or of the only configuration among files."""
        if artifacts.is_compiled:
            project = artifacts.project
            intervals = SampleIntervals.of_project(artifacts)
            labels, shards = _declared_labels(artifacts), Shards.of(artifacts)
            if any(isinstance(config, Prometheus) for config in artifacts.definitions.configs):
                return cls("", project.retention, None, intervals, labels)  # a configuration as written decides
            jobs = _declared_jobs(artifacts)
            return cls(project.evaluation_interval, project.retention, jobs, intervals, labels, shards)
        if len(artifacts.prometheus_configs) != 1:
            return cls()
        (config,) = artifacts.prometheus_configs
        of_all, storage = _section(config.settings, "global"), _section(config.settings, "storage", "tsdb", "retention")
        default = _DEFAULT_INTERVAL if "rule_files" in config.settings else ""
        interval = str(of_all.get("evaluation_interval", default))
        scraped = str(of_all.get("scrape_interval", _DEFAULT_INTERVAL))
        intervals = SampleIntervals.of_config(config, artifacts.rule_files, scraped, interval)
        external = external_labels(config.settings) or None
        return cls(_duration(interval), _duration(str(storage.get("time", ""))), _jobs(config), intervals, external)


def external_labels(settings: Mapping[str, Any]) -> Mapping[str, str]:
    """The external labels of a configuration."""
    labels = _section(settings, "global", "external_labels")
    return {str(name): str(value) for name, value in labels.items()}


def _declared_labels(artifacts: Artifacts) -> Mapping[str, str] | None:
    """The external labels of a project's configurations; None if another server may evaluate the rules."""
    server = artifacts.project.prometheus
    # Not the artifacts: a build of some services has none of the configuration.
    settings = [config.settings for config in artifacts.definitions.configs if isinstance(config, Prometheus)]
    if not settings and (server is None or not server.evaluates_rules):
        return None
    shard = {server.shard_label: "0"} if server and server.shard_label else {}
    settings += [server.configuration()] if server else []
    return {name: value for each in settings for name, value in external_labels(each).items()} | shard


def _declared_jobs(artifacts: Artifacts) -> frozenset[str] | None:
    """The jobs of a project's services, and those that its recording rules set; None if series may have others."""
    if any(changes_job(job) for service in artifacts.services for job in service.scrape_jobs()):
        return None
    jobs = {name for service in artifacts.services for name in service.job_names()}
    jobs |= {service.selector[JOB] for service in artifacts.services if JOB in service.selector}
    jobs |= {rule.labels[JOB] for rule in artifacts.rules() if isinstance(rule, RecordingRule) and JOB in rule.labels}
    return frozenset(jobs) or None


def _jobs(config: PrometheusConfig) -> frozenset[str] | None:
    """The names of the jobs; None if targets or their series may have other values of the label."""
    changed = any(_changes_job(job) for job in config.scrape_configs) or "scrape_config_files" in config.settings
    return None if changed or not config.scrape_configs else frozenset(job.job for job in config.scrape_configs)


def _changes_job(job: ScrapeConfig) -> bool:
    settings = job.settings
    steps = [*_items(settings.get("relabel_configs")), *_items(settings.get("metric_relabel_configs"))]
    statics = _items(settings.get("static_configs"))
    return (
        bool(settings.get("honor_labels"))
        or any(step.get("target_label") == JOB or step.get("action") == "labelmap" for step in steps)
        or any(JOB in _section(static, "labels") for static in statics)
    )


def _items(value: Any) -> Sequence[Mapping[str, Any]]:
    return [item for item in value if isinstance(item, Mapping)] if isinstance(value, Sequence) else []


def _section(value: Any, *keys: str) -> Mapping[str, Any]:
    """The mapping below some keys; empty if there is none."""
    for key in keys:
        value = value.get(key) if isinstance(value, Mapping) else None
    return value if isinstance(value, Mapping) else {}


def _duration(text: str) -> str:
    return text if text and not duration.validate_duration(text) else ""
