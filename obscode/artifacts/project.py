"""Everything that a project compiles to."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from obscode.artifacts.rules import Rule, RuleFile
from obscode.findings.source import Source
from obscode.model.dashboard import Annotation, Link, Panel, Row, Variable
from obscode.model.definition import Definition
from obscode.model.metrics import Metric
from obscode.model.project import Project
from obscode.model.routing import Routing
from obscode.model.scrape import ScrapeJob
from obscode.model.service import Service


@dataclass(frozen=True)
class Scrape:
    """A scrape job with its name settled."""

    job: str
    definition: ScrapeJob


@dataclass(frozen=True)
class DashboardFile:
    """A dashboard with uid and folder settled.

    ``service`` is the one that it is about, if it is about one; ``interval`` is that of its scrapes where it is
    not the project's.
    """

    uid: str
    title: str
    folder: str
    rows: Sequence[Row]
    source: Definition
    description: str = ""
    tags: Sequence[str] = ()
    variables: Sequence[Variable] = ()
    annotations: Sequence[Annotation] = ()
    links: Sequence[Link] = ()
    time_range: str = "1h"
    refresh: str = "30s"
    timezone: str = "browser"
    interval: str = ""
    service: str = ""

    def panels(self) -> Iterator[Panel]:
        """All panels, from top to bottom."""
        for row in self.rows:
            yield from row.panels


@dataclass(frozen=True)
class Artifacts:
    """Everything that a project compiles to; what checks read and targets render."""

    project: Project
    routing: Routing | None
    scrapes: Sequence[Scrape]
    rule_files: Sequence[RuleFile]
    dashboards: Sequence[DashboardFile]
    services: Sequence[Service]
    root: str

    @property
    def catalog(self) -> Sequence[Metric]:
        """Every metric that a service exposes."""
        return [metric for service in self.services for metric in service.metrics]

    def sources(self, *origins: Source) -> list[str]:
        """The files that definitions come from, as seen from the folder that holds the definitions' folder.

        Never absolute, and the same wherever the build is started: the names stand in the output.
        """
        files = {origin.file for origin in origins if origin.file}
        return sorted(os.path.relpath(file, self.root).replace(os.sep, "/") for file in files)

    def definitions(self) -> Iterator[Definition]:
        """Every definition that went into the build, once; parents first."""
        roots = [self.project, *self.services, *(d.source for d in self.dashboards)]
        seen: set[int] = set()
        for root in [*roots, *([self.routing] if self.routing else [])]:
            for definition in root.walk():
                if id(definition) not in seen:
                    seen.add(id(definition))
                    yield definition

    def rules(self) -> Iterator[Rule]:
        """Every rule of every file."""
        for file in self.rule_files:
            yield from file.rules()
