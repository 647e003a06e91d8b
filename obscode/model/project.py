"""The project: settings of all services and of the output."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import Any, Literal

from obscode.findings.code import Code
from obscode.findings.finding import Finding
from obscode.model import codes, severities
from obscode.model.cost import Cost
from obscode.model.datasource import GrafanaDatasource
from obscode.model.definition import Definition
from obscode.model.environment import Environment, environment_name_findings
from obscode.model.group_settings import group_settings_problems
from obscode.model.identifiers import validate_name
from obscode.model.scrape import interval_findings, validate_address
from obscode.model.server.alertmanagers import Alertmanagers
from obscode.model.server.prometheus import PrometheusServer
from obscode.model.targets.base import Target
from obscode.model.urls import validate_url
from obscode.promql import duration
from obscode.promql.duration import Duration

DashboardFormat = Literal["classic", "configmap", "operator", "resource", "v2", "export"]

_SLOWEST = 240_000
_ALERTMANAGER = 9093


@dataclass(frozen=True)
class Project(Definition):
    """The settings of all definitions. A definitions folder has one Project.

    Attributes:
        name: the name, which is also the default folder of dashboards.
        scrape_interval: the time between scrapes, a duration.
        evaluation_interval: the time between evaluations of recording rules and alerts, a duration of 4m at most.
        slo_interval: the time between evaluations of the rules of SLOs, a duration of 4m at most.
        group_settings: further keys of all rule groups that obscode generates, such as `{"query_offset": "1m"}`.
        retention: how long Prometheus keeps samples, a duration; no SLO has a longer period.
        oldest_prometheus: the oldest version of Prometheus that loads the output, such as "2.42".
        oldest_alertmanager: the oldest version of Alertmanager that loads the output, such as "0.25".
        prometheus_url: the URL of Prometheus, for Grafana; Prometheus scrapes itself at its path and port.
        alertmanagers: a list of addresses, `host:port`, and of `Alertmanagers(...)` with discovery, TLS or a path.
        prometheus: the further settings of the Prometheus server, such as external labels and remote storage.
        grafana_url: the URL of Grafana, for links in alerts.
        source_url: the URL of a definitions file, with `{file}` for its path; dashboards link to it.
        datasource_uid: the uid of Grafana's datasource.
        datasource: how Grafana accesses Prometheus, if it needs authentication or TLS.
        dashboard_formats: how dashboards are written: `classic` for provisioning from files, `configmap` for a sidecar
            in Kubernetes, `operator` for grafana-operator, `resource` for Grafana's API, `v2` for Grafana's API in
            version 2, with tabs and conditions, `export` for import by hand.
        generated_dashboards: whether dashboards have rows for golden signals and RED, and SLOs have dashboards.
        environment: the name of the project's own environment, such as `prod`, for `env.pick` and `env.name`.
        environments: further environments, with other values.
        severities: the severities of alerts, most urgent first, with their values of the `severity` label, such as
            `{"page": "critical", "ticket": "warning"}`. Generated alerts are pages and tickets.
        require_runbook: whether each alert must have a runbook, its own or that of its service.
        targets: further outputs, for programs that read other files.
        self_monitoring: whether Prometheus and Alertmanager are services of the project, with the alerts of
            `presets.prometheus` and `presets.alertmanager`; not where prometheus-operator runs them.
        cost: limits for the cost of rules, and what is assumed about the number of series.
        checks: checks of the project, made with `obscode.checks.check`; they run beside those of obscode.
    """

    name: str
    _: KW_ONLY
    scrape_interval: Duration = "15s"
    evaluation_interval: Duration = "15s"
    slo_interval: Duration = "1m"
    group_settings: Mapping[str, Any] = field(default_factory=dict)
    retention: Duration = "30d"
    oldest_prometheus: str = "2.42"
    oldest_alertmanager: str = "0.25"
    prometheus_url: str = "http://localhost:9090"
    alertmanagers: Sequence[str | Alertmanagers] = ("localhost:9093",)
    prometheus: PrometheusServer | None = None
    grafana_url: str = "http://localhost:3000"
    source_url: str = ""
    datasource_uid: str = "prometheus"
    datasource: GrafanaDatasource | None = None
    dashboard_formats: Sequence[DashboardFormat] = ("classic",)
    generated_dashboards: bool = True
    environment: str = ""
    environments: Sequence[Environment] = ()
    severities: Mapping[str, str] = field(default_factory=lambda: dict(severities.DEFAULT))
    require_runbook: bool = False
    targets: Sequence[Target] = ()
    self_monitoring: bool = True
    cost: Cost = field(default_factory=Cost)
    checks: Sequence[Code] = ()

    @property
    def is_sharded(self) -> bool:
        """Whether several Prometheus servers share the targets."""
        return self.prometheus is not None and self.prometheus.shards > 1

    @property
    def shares_targets(self) -> bool:
        """Whether several servers share the targets of a job, and each evaluates all rules."""
        server = self.prometheus
        return server is not None and server.shards > 1 and server.evaluates_rules

    def severity_order(self) -> tuple[str, ...]:
        """The values of the `severity` label, most urgent first."""
        return tuple(self.severities.values())

    def severity_label(self, severity: str) -> str:
        """The value of the `severity` label for a severity or its value; an unknown one stays."""
        return severities.label_value(self.severities, severity)

    def severity_name(self, value: str) -> str:
        """The severity with a value of the `severity` label, such as `page` for `critical`; an unknown one stays."""
        return severities.severity_name(self.severities, value)

    def problems(self) -> Iterator[Finding]:
        if wrong := validate_name(self.name):
            yield self.finding(codes.PROJECT_NAME, *wrong, at="name")
        if self.environment:
            yield from environment_name_findings(self, self.environment, "environment")
        for at in ("scrape_interval", "evaluation_interval", "slo_interval", "retention"):
            if wrong := duration.validate_duration(getattr(self, at)):
                yield self.finding(codes.DURATION, *wrong, at=at)
        yield from group_settings_problems(self, self.group_settings)
        yield from self._slow_rules()
        yield from self._versions()
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,40}", self.datasource_uid):
            message = f"{self.datasource_uid!r} is not a valid datasource uid"
            hint = "write 1 to 40 letters, digits, '-' and '_'"
            yield self.finding(codes.DATASOURCE_UID, message, hint, at="datasource_uid")
        for item, message, hint in severities.problems(self.severities):
            yield self.finding(codes.PROJECT_SEVERITIES, message, hint, at="severities", item=item)
        yield from self._source_url()
        yield from _address_problems(self)

    def _versions(self) -> Iterator[Finding]:
        programs = (
            ("oldest_prometheus", "Prometheus", "2.42", codes.OLDEST_PROMETHEUS),
            ("oldest_alertmanager", "Alertmanager", "0.25", codes.OLDEST_ALERTMANAGER),
        )
        for at, program, example, code in programs:
            value = getattr(self, at)
            if not re.fullmatch(r"[0-9]{1,4}\.[0-9]{1,4}(\.[0-9]{1,4})?", value):
                yield self.finding(code, f"{value!r} is not a version of {program}", f'write it as "{example}"', at=at)
            elif tuple(map(int, value.split("."))) < tuple(map(int, example.split("."))):
                message = f"{at} is {value}, but {program} {example} is the oldest that loads the output"
                yield self.finding(code, message, f'write "{example}", or a newer version', at=at)

    def _source_url(self) -> Iterator[Finding]:
        url = self.source_url
        if url and (validate_url(url.replace("{file}", "file")) or url.count("{file}") != 1):
            message = f"{url!r} is not a URL that contains {{file}} once"
            hint = 'write it as "https://github.com/example/monitoring/blob/main/{file}"'
            yield self.finding(codes.SOURCE_URL, message, hint, at="source_url")

    def _slow_rules(self) -> Iterator[Finding]:
        for at in ("evaluation_interval", "slo_interval"):
            value = getattr(self, at)
            if not duration.validate_duration(value) and duration.milliseconds(value) > _SLOWEST:
                message = f"{at} {value} is longer than four minutes"
                hint = "write 4m or less: Prometheus ignores samples older than 5m"
                yield self.finding(codes.EVALUATION_INTERVAL, message, hint, at=at)
        for at in ("scrape_interval", "evaluation_interval", "slo_interval"):
            yield from interval_findings(self, at)


def _address_problems(project: Project) -> Iterator[Finding]:
    for at in ("prometheus_url", "grafana_url"):
        value = getattr(project, at)
        if wrong := validate_url(value):
            yield project.finding(codes.URL, *wrong, at=at)
        elif "?" in value or "#" in value:
            message = f"{value!r} has more than a host and a path"
            yield project.finding(codes.URL, message, f"write {re.split('[?#]', value)[0]!r}", at=at)
    for i, address in enumerate(project.alertmanagers):
        if isinstance(address, str) and (wrong := validate_address(address, port=_ALERTMANAGER)):
            yield project.finding(codes.TARGET_ADDRESS, *wrong, at="alertmanagers", item=i)
