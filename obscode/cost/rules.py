"""The cost of every rule of a project."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from obscode.artifacts.project import Artifacts
from obscode.artifacts.rules import RecordingRule, Rule, RuleFile, RuleGroup
from obscode.cost.expression import estimate
from obscode.cost.project_series import ProjectSeries
from obscode.promql import duration
from obscode.promql.errors import PromQLError
from obscode.promql.parser import parse_tree

# Measured with Prometheus 3.5: the time of one evaluation, and that of each sample, in seconds.
_PER_EVALUATION = 0.25e-3
_PER_SAMPLE = 45e-9
# Recording rules that read each other across groups are rarely deeper.
_MOST_PASSES = 8


@dataclass(frozen=True)
class RuleCost:
    """The cost of a rule.

    Attributes:
        service: the service, or the rule file, that has the rule.
        team: the owner of the service.
        group: the rule group.
        rule: the rule.
        series: the series that it records; 0 for an alert.
        samples: the samples that one evaluation reads.
        interval: the time between evaluations, in seconds.
    """

    service: str
    team: str
    group: str
    rule: Rule
    series: float
    samples: float
    interval: float

    @property
    def samples_per_second(self) -> float:
        """The samples that it reads each second."""
        return self.samples / self.interval

    @property
    def cpu(self) -> float:
        """The share of a processor that it takes."""
        return (_PER_EVALUATION + self.samples * _PER_SAMPLE) / self.interval


@dataclass(frozen=True)
class ProjectCost:
    """The costs of all rules, and what had to be assumed: labels with a default number of values, unknown metrics."""

    rules: Sequence[RuleCost]
    assumed: Sequence[str]
    unknown: Sequence[str]


def project_cost(artifacts: Artifacts) -> ProjectCost:
    """The cost of the rules of a project, in the order of evaluation."""
    project = artifacts.project
    scrape = duration.milliseconds(project.scrape_interval) / 1000
    named = [pair for service in artifacts.services for pair in service.named_jobs()]
    intervals = {name: duration.milliseconds(job.interval) / 1000 for name, job in named if job.interval}
    series = ProjectSeries(artifacts.services, project.cost, scrape, intervals)
    default = duration.milliseconds(project.evaluation_interval) / 1000
    teams = {service.name: service.owner for service in artifacts.services}
    costs: list[RuleCost] = []
    for _ in range(_MOST_PASSES):  # a rule may read what a later group records
        series.unknown.clear()
        before, costs = (
            costs,
            [
                cost
                for file in artifacts.rule_files
                for group in file.groups
                for cost in _group(file, group, series, default, teams)
            ],
        )
        if costs == before:
            break
    return ProjectCost(costs, sorted(series.assumed), sorted(series.unknown))


def _group(
    file: RuleFile, group: RuleGroup, series: ProjectSeries, default: float, teams: Mapping[str, str]
) -> Iterator[RuleCost]:
    interval = duration.milliseconds(group.interval) / 1000 if group.interval else default
    for rule in group.rules:
        try:
            samples, result = estimate(parse_tree(rule.expr), series.of, interval)
        except PromQLError:  # syntax of a newer Prometheus
            continue
        recorded = series.record(rule, result, interval)
        count = recorded.count if isinstance(rule, RecordingRule) else 0
        yield RuleCost(file.name, teams.get(file.name, ""), group.name, rule, count, samples, interval)
