"""What a build contains: typed values between the definitions and the files."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from obscode.model.dashboard import Annotation, Link, Panel, Row, Variable
from obscode.model.definition import Definition
from obscode.model.metrics import Metric
from obscode.model.project import Project
from obscode.model.routing import Routing
from obscode.model.scrape import ScrapeJob
from obscode.model.service import Service


@dataclass(frozen=True)
class Rule:
    """A recording or an alerting rule as Prometheus loads it; ``source`` is the definition it came from."""

    name: str
    expr: str
    labels: Mapping[str, str]
    source: Definition


@dataclass(frozen=True)
class Record(Rule):
    """A recording rule."""


@dataclass(frozen=True)
class AlertRule(Rule):
    """An alerting rule; durations as Prometheus writes them, empty when there is none."""

    for_: str = ""
    keep_firing_for: str = ""
    annotations: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class RuleGroup:
    """Rules that are evaluated together, in order; no interval means the project's."""

    name: str
    rules: Sequence[Rule]
    interval: str = ""


@dataclass(frozen=True)
class RuleFile:
    """The rules of one service."""

    service: str
    groups: Sequence[RuleGroup]
    source: Definition

    def rules(self) -> Iterator[Rule]:
        """All rules, in the order of evaluation."""
        for group in self.groups:
            yield from group.rules


@dataclass(frozen=True)
class SeriesTest:
    """What a query gives at an instant: series with their values."""

    expr: str
    at: str
    samples: Sequence[tuple[str, float]]


@dataclass(frozen=True)
class RuleTest:
    """A unit test for promtool: series go in, queries are asked at instants."""

    name: str
    interval: str
    series: Sequence[tuple[str, str]]
    expectations: Sequence[SeriesTest]


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

    def sources(self, *definitions: Definition) -> list[str]:
        """The files that definitions come from, as seen from the folder that holds the definitions' folder.

        Never absolute, and the same wherever the build is started: the names stand in the output.
        """
        files = {definition.origin.file for definition in definitions if definition.origin.file}
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


@dataclass(frozen=True)
class File:
    """A file of the output: its path below the output folder, with `/`, and its text."""

    path: str
    text: str
