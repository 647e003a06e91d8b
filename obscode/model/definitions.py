"""All definitions of a project as one value."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from obscode.findings.source import Source
from obscode.model.configs import Alertmanager, Prometheus
from obscode.model.dashboard import Dashboard
from obscode.model.definition import Definition
from obscode.model.metrics import Metric
from obscode.model.project import Project
from obscode.model.routing import Routing
from obscode.model.rule_group import RuleFile, RuleGroup
from obscode.model.scenario import Scenario
from obscode.model.service import Service


@dataclass(frozen=True)
class Definitions:
    """The definitions of a project.

    Attributes:
        project: settings that all services share.
        services: the services with their SLOs, alerts and dashboards.
        dashboards: dashboards of no single service.
        routing: Alertmanager's routes and receivers; None for a configuration without notifications.
        root: the folder to which file names in the output are relative: the one above the definitions' folder.
        rules: groups of rules, and rule files, of no service.
        configs: configurations that are emitted as they are written.
        scenarios: what previews of dashboards show, beside the standard scenarios.
    """

    project: Project
    services: Sequence[Service] = ()
    dashboards: Sequence[Dashboard] = ()
    routing: Routing | None = None
    root: str = ""
    rules: Sequence[RuleGroup | RuleFile] = ()
    configs: Sequence[Alertmanager | Prometheus] = ()
    scenarios: Sequence[Scenario] = ()

    def roots(self) -> list[Definition]:
        """The definitions that belong to no other definition."""
        routing = [self.routing] if self.routing else []
        return [self.project, *self.services, *self.rules, *self.dashboards, *routing, *self.configs, *self.scenarios]

    def walk(self) -> Sequence[Definition]:
        """Every definition once; parents first."""
        return self._every

    @cached_property  # every pass of a build needs them
    def _every(self) -> Sequence[Definition]:
        return list({id(definition): definition for root in self.roots() for definition in root.walk()}.values())

    def in_output_order(self) -> Definitions:
        """The same definitions, sorted: services by name, dashboards by title, rules by position."""
        return replace(
            self,
            services=sorted(self.services, key=lambda service: str(service.name)),
            configs=sorted(self.configs, key=lambda config: config.origin.order),
            rules=sorted(self.rules, key=lambda rules: rules.origin.order),
            scenarios=sorted(self.scenarios, key=lambda scenario: scenario.origin.order),
            dashboards=sorted(self.dashboards, key=lambda dashboard: str(dashboard.title)),
        )

    @property
    def catalog(self) -> Sequence[Metric]:
        """Every metric that a service exposes."""
        return [metric for service in self.services for metric in service.metrics]

    def files(self, *sources: Source) -> list[str]:
        """The files of sources, relative to ``root`` and with `/`: the same on every machine."""
        files = {source.file for source in sources if source.file}
        return sorted(os.path.relpath(file, self.root).replace(os.sep, "/") for file in files)
