"""Everything that a project compiles to, or that is read from files."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from obscode.artifacts.alertmanager import AlertmanagerConfig
from obscode.artifacts.dashboards import Dashboard
from obscode.artifacts.kubernetes import KubernetesObject
from obscode.artifacts.prometheus import PrometheusConfig
from obscode.artifacts.rules import Rule, RuleFile
from obscode.artifacts.unit_tests import UnitTestSuite
from obscode.findings.source import Source
from obscode.model.definitions import Definitions
from obscode.model.metrics import Metric
from obscode.model.project import Project
from obscode.model.service import Service
from obscode.model.source import Origin


def _no_definitions() -> Definitions:
    return Definitions(Project("").with_origin(Origin("", 0)))


@dataclass(frozen=True)
class Artifacts:
    """What a project compiles to, or what was read from files; checks take it, renderers write it.

    Attributes:
        rule_files: recording and alerting rules.
        test_suites: unit tests of the rules.
        prometheus_configs: one per environment, the project's own first.
        alertmanager_configs: one for a compiled project; one per file that was read.
        dashboards: Grafana dashboards.
        objects: Kubernetes objects that were read from files.
        definitions: what the artifacts were compiled from, with inferred defaults; empty, with a project of default
            settings, for artifacts that were read from files.
    """

    rule_files: Sequence[RuleFile] = ()
    test_suites: Sequence[UnitTestSuite] = ()
    prometheus_configs: Sequence[PrometheusConfig] = ()
    alertmanager_configs: Sequence[AlertmanagerConfig] = ()
    dashboards: Sequence[Dashboard] = ()
    objects: Sequence[KubernetesObject] = ()
    definitions: Definitions = field(default_factory=_no_definitions)

    @property
    def is_compiled(self) -> bool:
        """True for a compiled project; False for artifacts that were read from files."""
        return bool(self.project.name)

    @property
    def project(self) -> Project:
        """The project's settings."""
        return self.definitions.project

    @property
    def services(self) -> Sequence[Service]:
        """The services that were compiled."""
        return self.definitions.services

    @property
    def catalog(self) -> Sequence[Metric]:
        """Every metric that a service exposes."""
        return self.definitions.catalog

    def sources(self, *sources: Source) -> list[str]:
        """The files of sources as the output names them: relative, the same on every machine."""
        return self.definitions.files(*sources)

    def values(self) -> Iterator[RuleFile | AlertmanagerConfig | PrometheusConfig | Dashboard | KubernetesObject]:
        """Every rule file, configuration, dashboard and object."""
        yield from self.rule_files
        yield from self.alertmanager_configs
        yield from self.prometheus_configs
        yield from self.dashboards
        yield from self.objects

    def rules(self) -> Iterator[Rule]:
        """Every rule of every file."""
        for file in self.rule_files:
            yield from file.rules()
