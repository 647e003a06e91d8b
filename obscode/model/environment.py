"""Environments: the same definitions with other values, for another Prometheus, Alertmanager and Grafana."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, fields
from typing import TYPE_CHECKING

from obscode.findings.finding import Finding, SourceSpan
from obscode.model import codes
from obscode.model.datasource import GrafanaDatasource
from obscode.model.definition import Definition
from obscode.model.env import DEFAULT
from obscode.model.identifiers import validate_name
from obscode.model.server.alertmanagers import Alertmanagers
from obscode.model.server.prometheus import PrometheusServer
from obscode.model.source import Origin
from obscode.model.targets.base import Target
from obscode.promql.duration import Duration

if TYPE_CHECKING:
    from obscode.model.project import Project

#: Settings that no rule, test or dashboard depends on, but only configurations.
ADDRESSES = frozenset({"prometheus_url", "alertmanagers"})


@dataclass(frozen=True)
class Environment(Definition):
    """An environment of the project, whose output is in `environments/<name>` of the output folder.

    The definitions are loaded for it with `env.name` and `env.pick` of its name. Arguments replace those of the
    project; without one, it is the same as in the project.

    Attributes:
        name: the name: letters, digits, `-`, `_` and `.`; not `default`.
        scrape_interval: the time between scrapes, a duration.
        evaluation_interval: the time between evaluations of recording rules and alerts, a duration of 4m at most.
        slo_interval: the time between evaluations of the rules of SLOs, a duration of 4m at most.
        retention: how long Prometheus keeps samples, a duration.
        oldest_prometheus: the oldest version of Prometheus that loads the output.
        oldest_alertmanager: the oldest version of Alertmanager that loads the output.
        prometheus_url: the URL of Prometheus, for Grafana.
        alertmanagers: a list of addresses, `host:port`, and of `Alertmanagers(...)` with discovery, TLS or a path.
        prometheus: the further settings of the Prometheus server, such as external labels and remote storage.
        grafana_url: the URL of Grafana, for links in alerts.
        datasource_uid: the uid of Grafana's datasource.
        datasource: how Grafana accesses Prometheus, if it needs authentication or TLS.
        severities: the severities of alerts with their values of the `severity` label.
        targets: further outputs, for programs that read other files.
    """

    name: str
    _: KW_ONLY
    scrape_interval: Duration | None = None
    evaluation_interval: Duration | None = None
    slo_interval: Duration | None = None
    retention: Duration | None = None
    oldest_prometheus: str | None = None
    oldest_alertmanager: str | None = None
    prometheus_url: str | None = None
    alertmanagers: Sequence[str | Alertmanagers] | None = None
    prometheus: PrometheusServer | None = None
    grafana_url: str | None = None
    datasource_uid: str | None = None
    datasource: GrafanaDatasource | None = None
    severities: Mapping[str, str] | None = None
    targets: Sequence[Target] | None = None

    def settings(self) -> Mapping[str, object]:
        """The arguments of the project that this environment replaces."""
        values = {spec.name: getattr(self, spec.name) for spec in fields(self) if spec.name not in _OWN}
        return {name: value for name, value in values.items() if value is not None}

    def applied_to(self, project: Project) -> Project:
        """The project with the settings of this environment; findings about these point here."""
        settings = self.settings()
        origin = _SettingsOrigin(
            project.origin.file, project.origin.line, project.origin, self.origin, frozenset(settings)
        )
        return project.derive(**settings).with_origin(origin)

    def problems(self) -> Iterator[Finding]:
        yield from environment_name_findings(self, self.name, "name")


_OWN = {spec.name for spec in fields(Definition)} | {"name"}


def environment_name_findings(definition: Definition, name: str, at: str) -> Iterator[Finding]:
    """The finding for an invalid name of an environment."""
    if wrong := validate_name(name):
        yield definition.finding(codes.ENVIRONMENT_NAME, *wrong, at=at)
    elif name == DEFAULT:
        message = f"{DEFAULT!r} is the argument of env.pick for all other environments"
        yield definition.finding(codes.ENVIRONMENT_NAME, message, "rename the environment", at=at)


@dataclass(frozen=True)
class _SettingsOrigin(Origin):
    """The call of a project, and of an environment that replaces some of its arguments."""

    project: Origin
    environment: Origin
    replaced: frozenset[str]

    @property
    def order(self) -> tuple[str, int, int]:
        return self.project.order

    def span(self, argument: str = "", item: int | None = None, positional: tuple[str, ...] = ()) -> SourceSpan | None:
        return self._of(argument).span(argument, item, positional)

    def characters_span(
        self, argument: str, start: int, end: int, positional: tuple[str, ...] = ()
    ) -> SourceSpan | None:
        return self._of(argument).characters_span(argument, start, end, positional)

    def _of(self, argument: str) -> Origin:
        return self.environment if argument in self.replaced else self.project
