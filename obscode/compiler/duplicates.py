"""Findings about two definitions with the same name: services, scrape jobs, environments, dashboards."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import TypeVar

from obscode.artifacts.rules import RuleFile, RuleGroup
from obscode.compiler.dashboards.plans import DashboardPlan
from obscode.findings.code import Code
from obscode.findings.finding import Finding
from obscode.findings.source import Source
from obscode.model.configs import CONFIG_NAME, Config, Prometheus
from obscode.model.dashboard import Dashboard
from obscode.model.definition import Definition
from obscode.model.env import keyword
from obscode.model.environment import Environment
from obscode.model.identifiers import slug
from obscode.model.project import Project
from obscode.model.rule_group import RuleGroup as GroupDefinition
from obscode.model.scrape import Job
from obscode.model.service import Service

DUPLICATE_SERVICE = Code(
    "duplicate-service",
    "A project has one service of each name; upper and lower case count as equal.",
    why="The name is the name of the rule file, and some file systems ignore case.",
    bad='Service("shop")\nService("Shop")',
    good='Service("shop")\nService("shop-admin")',
)
DUPLICATE_JOB = Code(
    "duplicate-job",
    "A project has one scrape job of each name; upper and lower case count as equal.",
    why="Prometheus rejects a configuration with two jobs of one name.",
    bad='Service("shop", scrape=[ScrapeJob(["shop:8000"]), ScrapeJob(["shop:9000"])])',
    good='Service("shop", scrape=[ScrapeJob(["shop:8000"]), ScrapeJob(["shop:9000"], job="shop-admin")])',
)
DUPLICATE_ENVIRONMENT = Code(
    "duplicate-environment",
    "A project has one environment of each name; upper and lower case count as equal, and `-`, `.` and `_`.",
    why="The name is that of a folder, and some file systems ignore case. In `env.pick` it has `_` only.",
    bad='Project("team", environments=[Environment("test"), Environment("Test")])',
    good='Project("team", environments=[Environment("test"), Environment("staging")])',
)
DUPLICATE_DASHBOARD = Code(
    "duplicate-dashboard",
    "A dashboard's title is unique in its folder, and its uid in the project.",
    why="Grafana overwrites a dashboard with another of the same uid.",
    bad='Dashboard("Shop", rows)\nDashboard("Shop", other_rows)',
    good='Dashboard("Shop", rows)\nDashboard("Shop capacity", other_rows)',
)

DUPLICATE_GROUP = Code(
    "duplicate-group",
    "Each rule group of a file has a name of its own.",
    why="Prometheus rejects a rule file in which two groups have the same name.",
    bad='first = RuleGroup("shop", rules=[RecordingRule("job:up:sum", "sum by (job) (up)")])\n'
    'second = RuleGroup("shop", rules=[RecordingRule("job:up:count", "count by (job) (up)")])',
    good='first = RuleGroup("shop", rules=[RecordingRule("job:up:sum", "sum by (job) (up)")])\n'
    'second = RuleGroup("payment", rules=[RecordingRule("job:up:count", "count by (job) (up)")])',
)
DUPLICATE_RULE_FILE = Code(
    "duplicate-rule-file",
    "Rule groups of no service have a rule file of their own; upper and lower case count as equal.",
    why="One rule file would overwrite the other.",
    bad='Service("kafka")\nRuleGroup("brokers", rules=[Alert("Down", "up == 0")], rule_file="kafka")',
    good='Service("kafka", rules=[RuleGroup("brokers", rules=[Alert("Down", "up == 0")])])',
)

_D = TypeVar("_D", bound=Definition)


def duplicate_services(services: Iterable[Service]) -> Iterator[Finding]:
    """Services whose names differ in case at most."""
    first_by_name: dict[str, Service] = {}
    for service in _in_source_order(services):
        first = first_by_name.setdefault(service.name.lower(), service)
        if first is not service:
            message = _same_name("services", service.name, first.name, first)
            yield service.finding(DUPLICATE_SERVICE, message, "rename one", at="name")


def duplicate_jobs(services: Iterable[Service]) -> Iterator[Finding]:
    """Scrape jobs whose names differ in case at most."""
    first_by_name: dict[str, Job] = {}
    for service in _in_source_order(services):
        for name, job in service.named_jobs():
            first = first_by_name.setdefault(name.lower(), job)
            if first is not job:
                message = f"two scrape jobs are named {name!r}{_first(first)}"
                yield job.finding(DUPLICATE_JOB, message, 'give it another name with job="..."', at="job")


def duplicate_environments(project: Project) -> Iterator[Finding]:
    """Environments whose names differ in case at most, or are one argument of `env.pick`."""
    first_by_name: dict[str, Definition] = (
        {keyword(project.environment).lower(): project} if project.environment else {}
    )
    for environment in _in_source_order(project.environments):
        first = first_by_name.setdefault(keyword(environment.name).lower(), environment)
        if first is not environment:
            other = first.name if isinstance(first, Environment) else project.environment
            message = f"environments {other!r} and {environment.name!r} differ in '-', '.' and '_' only"
            if other.lower() == environment.name.lower():
                message = _same_name("environments", environment.name, other, first)
            yield environment.finding(DUPLICATE_ENVIRONMENT, message, "rename one", at="name")


def duplicate_configs(configs: Iterable[Config]) -> Iterator[Finding]:
    """Prometheus configurations of one name."""
    first_by_name: dict[str, Prometheus] = {}
    for config in (each for each in _in_source_order(configs) if isinstance(each, Prometheus)):
        first = first_by_name.setdefault(config.name.lower(), config)
        if first is not config:
            message = _same_name("configurations", config.name, first.name, first)
            yield config.finding(CONFIG_NAME, message, 'give it another name with name="..."', at="name")


def duplicate_dashboards(dashboards: Sequence[DashboardPlan]) -> Iterator[Finding]:
    """Dashboards with one title in one folder, or with one uid."""
    first_by_uid: dict[str, DashboardPlan] = {}
    first_by_title: dict[tuple[str, str], DashboardPlan] = {}
    for dashboard in sorted(dashboards, key=lambda dashboard: dashboard.source.origin.order):
        title = (slug(dashboard.folder), dashboard.title.lower())
        same_uid = first_by_uid.setdefault(dashboard.uid.lower(), dashboard)
        same_title = first_by_title.setdefault(title, dashboard)
        # A dashboard that is a list of rows is titled by its service.
        at = "title" if isinstance(dashboard.source, Dashboard) else "name"
        if same_title is not dashboard:
            message = _same_name("dashboards", dashboard.title, same_title.title, same_title.source)
            hint = "rename one, or give it another folder="
            yield dashboard.source.finding(DUPLICATE_DASHBOARD, message, hint, at=at)
        elif same_uid is not dashboard:
            message = f"dashboards {same_uid.title!r} and {dashboard.title!r} would both have the uid {dashboard.uid!r}"
            hint = "rename one, or give it a uid="
            yield dashboard.source.finding(DUPLICATE_DASHBOARD, message, hint, at=at)


def duplicate_groups(files: Iterable[RuleFile]) -> Iterator[Finding]:
    """Groups that are emitted as written, with the name of another group of their rule file."""
    for file in files:
        first_by_name: dict[str, RuleGroup] = {}
        for group in file.groups:
            first = first_by_name.setdefault(group.name, group)
            if first is not group and isinstance(group.source, GroupDefinition) and not _in_one_document(first, group):
                span = first.source.span() if first.source else None
                message = f"two groups of rule file {file.name!r} are named {group.name!r}"
                message += f", the first at {span}" if span else ""
                yield group.source.finding(DUPLICATE_GROUP, message, "rename one, or set rule_file=", at="name")


def _in_one_document(one: RuleGroup, other: RuleGroup) -> bool:
    """True for groups of one file that is read: its reader reports them."""
    origins = [group.source.origin for group in (one, other) if isinstance(group.source, GroupDefinition)]
    return len(origins) == 2 and all(each.is_document for each in origins) and origins[0].file == origins[1].file


def duplicate_rule_files(services: Iterable[Service], files: Iterable[RuleFile]) -> Iterator[Finding]:
    """Rule files of no service, with the name of a service or of another of them."""
    first_by_name: dict[str, tuple[str, Source]] = {service.name.lower(): ("service", service) for service in services}
    for file in files:
        what, first = first_by_name.setdefault(file.name.lower(), ("rule file", file.source))
        if first is not file.source:
            message = f"rule file {file.name!r} has the name of another {what}, at {first.span()}"
            if what == "service":
                message = f"rule file {file.name!r} is that of a service, at {first.span()}"
            hint = 'add it to the service with rules=, or rename it with rule_file="..."'
            yield file.source.finding(DUPLICATE_RULE_FILE, message, hint)


def _in_source_order(definitions: Iterable[_D]) -> list[_D]:
    """Sorted by file and line, so that the second of two is reported."""
    return sorted(definitions, key=lambda definition: definition.origin.order)


def _same_name(plural: str, name: str, other: str, first: Definition) -> str:
    if name == other:
        return f"two {plural} are named {name!r}{_first(first)}"
    return f"{plural} {other!r} and {name!r} differ in case only{_first(first)}"


def _first(first: Definition) -> str:
    span = first.span()
    return f", the first at {span}" if span else ""
