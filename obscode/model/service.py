"""A service: its metrics, its SLOs and its owner."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import Annotated, Any

from obscode.findings.code import Code
from obscode.findings.finding import Finding
from obscode.model import codes
from obscode.model.alert import Alert, RecordingRule
from obscode.model.dashboard import Dashboard, Row
from obscode.model.definition import Definition
from obscode.model.group_settings import group_settings_problems
from obscode.model.identifiers import validate_label_name, validate_name
from obscode.model.metrics import Exposition, Histogram, Metric
from obscode.model.no_data import NoData
from obscode.model.rule_group import RuleFile, RuleGroup
from obscode.model.scrape.base import Job
from obscode.model.sli.base import SLI
from obscode.model.slo import SLO
from obscode.model.urls import validate_runbook_url
from obscode.promql.matcher_texts import matchers_problem
from obscode.promql.parser import parse_selector
from obscode.promql.selector import Matcher


@dataclass(frozen=True)
class Service(Definition):
    """A service and its monitoring.

    Attributes:
        name: the name, in file names, in the `service` label and by default in `job`.
        owner: the team that owns the service.
        description: what the service does.
        runbook: the URL of the runbook, for its alerts.
        severity: the severity of its alerts that set none: `page`, `ticket` or another of the project.
        scrape: the scrape job, or several.
        selector: the labels that select the service's series for its SLOs; by default the `job` of its scrape jobs.
        where: further matchers of its series, such as `pod!~".*-router-.*"`, for its SLOs and generated panels.
        metrics: the metrics that the service exposes (the catalog): a list, or `exposition("service.prom")`.
        complete: True if the service exposes no other metrics: unknown series in its rules and panels are errors. The
            metrics of an exposition are complete.
        recording_rules: recording rules.
        slos: service level objectives.
        alerts: alerts.
        rules: groups of rules that are emitted as they are written, and rule files.
        group_settings: further keys of all groups that obscode generates for the service, such as
            `{"query_offset": "1m"}`, beside those of the project.
        no_data: alerts for missing data of its SLOs.
        dashboard: the rows of its dashboard, or the dashboard.
        dashboards: further dashboards of the service, such as `DashboardFile("dashboards/shop.json")`.
    """

    label_names = ("selector",)

    name: str
    _: KW_ONLY
    owner: str = ""
    description: str = ""
    runbook: str = ""
    severity: str = ""
    scrape: Annotated[Job | Sequence[Job], "a ScrapeJob or a list of ScrapeJobs"] = ()
    selector: Mapping[str, str] = field(default_factory=dict)
    where: str = ""
    metrics: Sequence[Metric] = ()
    complete: bool = False
    recording_rules: Sequence[RecordingRule] = ()
    slos: Sequence[SLO] = ()
    alerts: Sequence[Alert] = ()
    rules: RuleGroup | RuleFile | Sequence[RuleGroup | RuleFile] = ()
    group_settings: Mapping[str, Any] = field(default_factory=dict)
    no_data: NoData = field(default_factory=NoData)
    dashboard: Dashboard | Sequence[Row] = ()
    dashboards: Sequence[Dashboard] = ()

    def __post_init__(self) -> None:
        if isinstance(self.metrics, Exposition):
            object.__setattr__(self, "complete", True)
            object.__setattr__(self, "metrics", tuple(self.metrics))
        super().__post_init__()
        object.__setattr__(self, "slos", self._slos_in_units())

    def _slos_in_units(self) -> Any:
        """The SLOs, with the units that the catalog declares of their histograms; wrong arguments stay as they are."""
        if not isinstance(self.slos, tuple) or not isinstance(self.metrics, tuple):
            return self.slos
        declared = [metric for metric in self.metrics if isinstance(metric, Histogram) and metric.unit]
        return tuple(_in_units(slo, declared) for slo in self.slos) if declared else self.slos

    def scrape_jobs(self) -> Sequence[Job]:
        """The scrape jobs, one or several."""
        return (self.scrape,) if isinstance(self.scrape, Job) else self.scrape

    def named_jobs(self) -> tuple[tuple[str, Job], ...]:
        """The scrape jobs with their names; a job without a name has that of the service."""
        return tuple((job.name_in(self.name), job) for job in self.scrape_jobs())

    @property
    def rows(self) -> Sequence[Row]:
        """The rows of its dashboard."""
        return self.dashboard.rows if isinstance(self.dashboard, Dashboard) else self.dashboard

    def job_names(self) -> tuple[str, ...]:
        """The values of the `job` label that the service's series carry."""
        return tuple(name for name, _ in self.named_jobs())

    def further_matchers(self) -> tuple[Matcher, ...]:
        """The matchers of ``where``; none if it is wrong, which ``problems`` reports."""
        is_valid = self.where and not matchers_problem(self.where)
        return parse_selector(f"up{{{self.where}}}").matchers if is_valid else ()

    def target_matchers(self) -> tuple[Matcher, ...]:
        """Those of ``where`` whose labels are not the metrics' own, but of the targets."""
        own = {label for metric in self.metrics for label in metric.labels}
        return tuple(matcher for matcher in self.further_matchers() if matcher.label not in own)

    def problems(self) -> Iterator[Finding]:
        if self.where and (wrong := matchers_problem(self.where)):
            yield self.finding(codes.SERVICE_WHERE, *wrong, at="where")
        if wrong := validate_name(self.name):
            yield self.finding(codes.SERVICE_NAME, *wrong, at="name")
        if wrong := validate_runbook_url(self.runbook):
            yield self.finding(codes.URL, *wrong, at="runbook")
        for i, label in enumerate(self.selector):
            if wrong := validate_label_name(label):
                yield self.finding(codes.LABEL_NAME, *wrong, at="selector", item=i)
        for alert in self.alerts:
            yield from alert.reserved_labels()
        if self.complete and not self.metrics:
            message, hint = "the complete catalog lists no metrics", "list them in metrics=, or leave complete= out"
            yield self.finding(codes.COMPLETE_CATALOG, message, hint, at="complete")
        yield from group_settings_problems(self, self.group_settings)
        yield from self._duplicates("slos", "SLO", codes.DUPLICATE_SLO)
        yield from self._duplicates("metrics", "metric", codes.DUPLICATE_METRIC)

    def _duplicates(self, at: str, what: str, code: Code) -> Iterator[Finding]:
        seen: set[str] = set()
        for item in getattr(self, at):
            if item.name in seen:
                yield item.finding(code, f"two {what}s are named {item.name!r}", "rename one", at="name")
            seen.add(item.name)


def _in_units(slo: Any, catalog: Sequence[Metric]) -> Any:
    if not isinstance(slo, SLO) or not isinstance(slo.sli, SLI):
        return slo
    sli = slo.sli.in_unit_of(catalog)
    return slo if sli is slo.sli else slo.derive(sli=sli)
