"""The alerts of a project or of files, with what is known of their labels when Alertmanager receives them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from obscode.artifacts.alertmanager import Route
from obscode.artifacts.project import Artifacts
from obscode.artifacts.prometheus import PrometheusConfig
from obscode.artifacts.rules import AlertingRule, RecordingRule, RuleGroup
from obscode.model.configs import Prometheus
from obscode.model.scrape import Job
from obscode.model.scrape.target_labels import changes_job, fixed_labels, labels_of_targets
from obscode.model.slo import SLO
from obscode.promql.selector import Matcher, Selector
from obscode.promql.types import ExprType, SeriesTypes, untyped
from obscode.promql.types.labels import Labels
from obscode.routing.alert_labels import USUAL_EXTERNAL, AlertLabels, SeriesLabels
from obscode.routing.tree import Destination, destinations

ALERTNAME = "alertname"
_TEMPLATE = "{{"
_OF_TARGETS = ("__name__", "job", "instance")
# The series that Prometheus writes of alerts, with the labels of these.
_OF_RULES = ("ALERTS", "ALERTS_FOR_STATE")
# The keys of a configuration that give it series of further jobs.
_SHARING = {"remote_read", "scrape_configs", "scrape_config_files"}


@dataclass(frozen=True)
class Alert:
    """An alerting rule, and the labels of its alerts."""

    rule: AlertingRule
    labels: AlertLabels

    @property
    def name(self) -> str:
        """Its name."""
        return self.rule.name


def known_alerts(artifacts: Artifacts, types: SeriesTypes = untyped) -> list[Alert]:
    """Every alert of a project or of files, where there may be others; ``types`` are those of the series."""
    of_jobs = _with_fixed_labels(artifacts, _with_targets(artifacts, types))
    return [*_alerts(artifacts, _sender(artifacts), of_jobs)]


@dataclass(frozen=True, eq=False)
class KnownAlerts:
    """The alerts of artifacts, and the routes that receive them, computed once for all checks."""

    artifacts: Artifacts
    types: SeriesTypes = untyped
    _destinations: dict[int, list[list[Destination]]] = field(default_factory=dict, repr=False)

    @property
    def is_complete(self) -> bool:
        """Whether Alertmanager receives these alerts only, as with a Routing; a file may be for others, too."""
        return self.artifacts.definitions.routing is not None

    @cached_property
    def all(self) -> Sequence[Alert]:
        """Every alert of a project or of files, where there may be others."""
        return known_alerts(self.artifacts, self.types)

    def destinations(self, root: Route) -> list[list[Destination]]:
        """For each alert, the routes of a configuration that receive it."""
        if id(root) not in self._destinations:
            self._destinations[id(root)] = [destinations(root, alert.labels) for alert in self.all]
        return self._destinations[id(root)]


def values_of(alerts: Sequence[Alert], label: str) -> list[str]:
    """The values of a label that rules set, sorted."""
    values = {value for alert in alerts for value in alert.labels.values.get(label, ())}
    return sorted(values - {""})


def _alerts(artifacts: Artifacts, sender: AlertLabels | None, types: SeriesTypes) -> Iterator[Alert]:
    enforced = enforced_label(artifacts)
    for file in artifacts.rule_files:
        for group in file.groups:
            for rule in group.rules:
                if isinstance(rule, AlertingRule):
                    labels = _labels(rule, group, sender, types)
                    if enforced and file.namespace:
                        labels = labels.with_values({enforced: frozenset({file.namespace})})
                    yield Alert(rule, labels)


def enforced_label(artifacts: Artifacts) -> str:
    """The label that the operator sets to the namespace of a PrometheusRule in files; empty if it is not certain."""
    servers = [each for each in artifacts.objects if each.kind == "Prometheus"]
    labels = {str(each.spec.get("enforcedNamespaceLabel") or "") for each in servers}
    excluded = any(each.spec.get("excludedFromEnforcement") for each in servers)
    return labels.pop() if len(labels) == 1 and not excluded else ""


def _labels(rule: AlertingRule, group: RuleGroup, sender: AlertLabels | None, types: SeriesTypes) -> AlertLabels:
    """The labels of the alerts of a rule; ``sender`` adds the external labels, or any if it is None."""
    if sender is None:
        return AlertLabels(series=SeriesLabels(), added=True)
    written = {**_texts(group.settings.get("labels")), **rule.labels, ALERTNAME: rule.name}
    return replace(
        sender,
        values={name: frozenset({text}) for name, text in written.items() if _TEMPLATE not in text},
        open=frozenset(name for name, text in written.items() if _TEMPLATE in text),
        series=_series(rule, types),
    )


def _series(rule: AlertingRule, types: SeriesTypes) -> SeriesLabels:
    if isinstance(rule.source, SLO):
        return SeriesLabels(names=frozenset(rule.source.sli.by))
    if isinstance(rule.source, Job):
        return SeriesLabels(names=frozenset({"job"}))
    return SeriesLabels(rule.expr, types=types)


def _with_targets(artifacts: Artifacts, types: SeriesTypes) -> SeriesTypes:
    """The types, with the labels of `up` where obscode writes the scrape jobs of all services."""
    jobs = [job for service in artifacts.services for job in service.scrape_jobs()]
    has_jobs = bool(jobs) and all(service.scrape_jobs() for service in artifacts.services)
    names = [labels_of_targets(job) for job in jobs]
    known = [each for each in names if each is not None]
    if not has_jobs or _has_config(artifacts) or len(known) < len(names):
        return types
    labels = Labels(frozenset(_OF_TARGETS).union(*known), closed=True)

    def of_series(selector: Selector) -> ExprType:
        known = types(selector)
        return known._replace(labels=labels) if selector.metric == "up" else known

    return of_series


def _with_fixed_labels(artifacts: Artifacts, types: SeriesTypes) -> SeriesTypes:
    """The types, with the labels that the scrape job of a selector gives all its series: `job="shop"` names the job."""
    fixed = _fixed_labels(artifacts)
    if not any(fixed.values()):
        return types
    groups = [group for file in artifacts.rule_files for group in file.groups]
    recorded = {rule.name for group in groups for rule in group.rules if isinstance(rule, RecordingRule)}
    recorded.update(_OF_RULES)

    def of_series(selector: Selector) -> ExprType:
        known = types(selector)
        if not selector.metric or ":" in selector.metric or selector.metric in recorded:
            return known
        jobs = [each.value for each in selector.matchers if each.label == "job" and each.op == "="]
        labels = known.labels
        for name, value in fixed.get(jobs[0], {}).items() if jobs else ():
            labels = labels.add(name, certain=True, matchers=[Matcher(name, "=", value)])
        return known._replace(labels=labels)

    return of_series


def _fixed_labels(artifacts: Artifacts) -> Mapping[str, Mapping[str, str]]:
    """By job, the labels of all its series; none where other servers or jobs may have series of the same job."""
    server, services = artifacts.project.prometheus, artifacts.services
    jobs = [(job.name_in(service.name), job) for service in services for job in service.scrape_jobs()]
    is_shared = server is not None and (not server.evaluates_rules or bool(_SHARING & server.configuration().keys()))
    is_shared = is_shared or any(group.is_global for file in artifacts.rule_files for group in file.groups)
    if _has_config(artifacts) or is_shared or any(changes_job(job) for _, job in jobs):
        return {}
    return {name: fixed_labels(job) for name, job in jobs}


# --- what Prometheus adds ----------------------------------------------------------------------------------------


def _sender(artifacts: Artifacts) -> AlertLabels | None:
    """The external labels of the Prometheus servers that send the alerts; None if one of them changes any labels."""
    server = artifacts.project.prometheus
    if server and not server.evaluates_rules:
        return AlertLabels(external=dict.fromkeys(USUAL_EXTERNAL))
    if artifacts.is_compiled and not server and not _has_config(artifacts):
        # Without scrape jobs, another configuration than that of obscode is in use.
        has_jobs = any(service.scrape_jobs() for service in artifacts.services)
        return AlertLabels() if has_jobs else AlertLabels(external=dict.fromkeys(USUAL_EXTERNAL))
    if not artifacts.prometheus_configs:
        return AlertLabels(added=True)
    if any(_relabels(config) for config in artifacts.prometheus_configs):
        return None
    labels = [_external_labels(config) for config in artifacts.prometheus_configs]
    names = {name for each in labels for name in each}
    return AlertLabels(external={name: frozenset(each.get(name, "") for each in labels) for name in names})


def _has_config(artifacts: Artifacts) -> bool:
    """Whether a project has a configuration of Prometheus that is emitted as written."""
    return any(isinstance(config, Prometheus) for config in artifacts.definitions.configs)


def _relabels(config: PrometheusConfig) -> bool:
    alerting = config.settings.get("alerting")
    if not isinstance(alerting, Mapping):
        return False
    managers = alerting.get("alertmanagers")
    all_of = [alerting, *(managers if isinstance(managers, list) else ())]
    return any("alert_relabel_configs" in each for each in all_of if isinstance(each, Mapping))


def _external_labels(config: PrometheusConfig) -> dict[str, str]:
    of_all = config.settings.get("global")
    return _texts(of_all.get("external_labels")) if isinstance(of_all, Mapping) else {}


def _texts(labels: Any) -> dict[str, str]:
    return {str(name): str(value) for name, value in labels.items()} if isinstance(labels, Mapping) else {}
