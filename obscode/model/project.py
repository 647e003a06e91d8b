"""The project: what all services share, and where the output goes."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import KW_ONLY, dataclass

from obscode.findings.code import Code
from obscode.findings.finding import Finding
from obscode.findings.suggestions import did_you_mean
from obscode.model.definition import Definition
from obscode.model.identifiers import validate_name
from obscode.model.scrape import interval_findings, validate_address
from obscode.promql import duration
from obscode.promql.duration import Duration

#: How dashboards can be written.
DASHBOARD_FORMATS = ("classic", "configmap", "operator", "resource", "export")

_SLOWEST = 240_000
_ALERTMANAGER = 9093


@dataclass(frozen=True)
class Environment(Definition):
    """A place where the same rules and dashboards run with other addresses, such as containers.

    Its Prometheus config is `prometheus.<name>.yml`. What it does not name is as in the project.
    """

    name: str
    _: KW_ONLY
    prometheus_url: str = ""
    alertmanagers: Sequence[str] = ()

    def problems(self) -> Iterator[Finding]:
        if wrong := validate_name(self.name):
            yield self.finding("environment-name", *wrong, at="name")
        yield from _address_problems(self)


@dataclass(frozen=True)
class Project(Definition):
    """One a definitions folder.

    ``oldest_prometheus`` is the oldest version that must load the output; ``retention`` is how long
    Prometheus keeps samples, which bounds the period of an SLO. ``dashboard_formats`` are how dashboards are
    written: `classic` files for provisioning, `configmap` for a sidecar in Kubernetes, `operator` for
    grafana-operator, `resource` for Grafana's own API, `export` for people who import them.
    ``source_url``, such as `https://github.com/example/monitoring/blob/main/{file}`, is where a definition's file is
    read; every dashboard links to its own.
    ``generated_dashboards`` adds what follows from the definitions: golden signals and RED rows above the rows
    of each service, an overview of all SLOs, and their detail.
    ``checks`` are checks of the project's own, made with ``obscode.checks.check``; they run beside those of obscode.
    """

    name: str
    _: KW_ONLY
    scrape_interval: Duration = "15s"
    evaluation_interval: Duration = "15s"
    slo_interval: Duration = "1m"
    retention: Duration = "30d"
    oldest_prometheus: str = "2.42"
    prometheus_url: str = "http://localhost:9090"
    alertmanagers: Sequence[str] = ("localhost:9093",)
    grafana_url: str = "http://localhost:3000"
    source_url: str = ""
    datasource_uid: str = "prometheus"
    dashboard_formats: Sequence[str] = ("classic",)
    generated_dashboards: bool = True
    environments: Sequence[Environment] = ()
    checks: Sequence[Code] = ()

    def prometheus_url_in(self, environment: Environment) -> str:
        """Where Prometheus is in an environment."""
        return environment.prometheus_url or self.prometheus_url

    def alertmanagers_in(self, environment: Environment) -> Sequence[str]:
        """Where Alertmanagers are in an environment."""
        return environment.alertmanagers or self.alertmanagers

    def problems(self) -> Iterator[Finding]:
        if wrong := validate_name(self.name):
            yield self.finding("project-name", *wrong, at="name")
        for at in ("scrape_interval", "evaluation_interval", "slo_interval", "retention"):
            if wrong := duration.validate_duration(getattr(self, at)):
                yield self.finding("duration", *wrong, at=at)
        yield from self._slow_rules()
        if not re.fullmatch(r"\d+\.\d+", str(self.oldest_prometheus)):
            message = f"{self.oldest_prometheus!r} is no version of Prometheus"
            yield self.finding("oldest-prometheus", message, 'write it as "2.42"', at="oldest_prometheus")
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,40}", str(self.datasource_uid)):
            message = f"{self.datasource_uid!r} cannot be a datasource's uid"
            hint = "Grafana takes 1 to 40 letters, digits, '-' and '_'"
            yield self.finding("datasource-uid", message, hint, at="datasource_uid")
        for i, name in enumerate(self.dashboard_formats):
            if name not in DASHBOARD_FORMATS:
                hint = did_you_mean(name, DASHBOARD_FORMATS) or f"write one of {', '.join(DASHBOARD_FORMATS)}"
                message = f"{name!r} is not a format of dashboards"
                yield self.finding("dashboard-format", message, hint, at="dashboard_formats", item=i)
        yield from self._source_url()
        yield from _address_problems(self)

    def _source_url(self) -> Iterator[Finding]:
        url = self.source_url
        if url and not (re.fullmatch(r"https?://[^\s/]+/\S*", url) and url.count("{file}") == 1):
            message = f"{url!r} is not a URL with {{file}} in it once"
            hint = 'write it as "https://github.com/example/monitoring/blob/main/{file}"'
            yield self.finding("source-url", message, hint, at="source_url")

    def _slow_rules(self) -> Iterator[Finding]:
        for at in ("evaluation_interval", "slo_interval"):
            value = getattr(self, at)
            if not duration.validate_duration(value) and duration.milliseconds(value) > _SLOWEST:
                message = f"{at} {value} is longer than four minutes"
                hint = "a sample is current for 5m; a rule that is evaluated more seldom comes and goes"
                yield self.finding("evaluation-interval", message, hint, at=at)
        for at in ("scrape_interval", "evaluation_interval", "slo_interval"):
            yield from interval_findings(self, at)


def _address_problems(definition: Project | Environment) -> Iterator[Finding]:
    urls = ("prometheus_url", "grafana_url") if isinstance(definition, Project) else ("prometheus_url",)
    for at in urls:
        value = getattr(definition, at)
        if value == "" and isinstance(definition, Environment):
            continue
        if not isinstance(value, str) or not re.fullmatch(r"https?://[^\s/]+(/\S*)?", value):
            yield definition.finding("url", f"{value!r} is not a URL", 'write it as "http://localhost:9090"', at=at)
    for i, address in enumerate(definition.alertmanagers):
        if wrong := validate_address(address, port=_ALERTMANAGER):
            yield definition.finding("target", *wrong, at="alertmanagers", item=i)
