"""How often Prometheus gets samples of a series: the interval of its scrape job, or of the group that records it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field

from obscode.artifacts.project import Artifacts
from obscode.artifacts.prometheus import PrometheusConfig
from obscode.artifacts.rules import RecordingRule, RuleFile
from obscode.model.service import Service
from obscode.promql import duration
from obscode.promql.selector import Selector

_JOB = "job"


@dataclass(frozen=True)
class SampleIntervals:
    """The seconds between samples.

    Attributes:
        of_series: by the name of a series.
        of_jobs: by the value of the label `job`.
        shortest: of any scrape job; 0 if there are jobs of which nothing is known.
    """

    of_series: Mapping[str, float] = field(default_factory=dict)
    of_jobs: Mapping[str, float] = field(default_factory=dict)
    shortest: float = 0

    @classmethod
    def of_project(cls, artifacts: Artifacts) -> SampleIntervals:
        """The intervals of a compiled project."""
        project = artifacts.project
        default = _seconds(project.scrape_interval)
        jobs = [named for service in artifacts.services for named in service.named_jobs()]
        of_jobs = {name: _seconds(job.interval) or default for name, job in jobs}
        of_series = dict(_exposed(artifacts.services, of_jobs))
        of_series |= _recorded(artifacts.rule_files, _seconds(project.evaluation_interval))
        are_known = all(service.scrape_jobs() for service in artifacts.services)
        return cls(of_series, of_jobs, min(of_jobs.values(), default=0) if are_known else 0)

    @classmethod
    def of_config(
        cls, config: PrometheusConfig, files: Iterable[RuleFile], default: str, evaluation: str
    ) -> SampleIntervals:
        """The intervals of a configuration, with the ``default`` of its scrape jobs and rule groups."""
        intervals = {
            job.job: _seconds(str(job.settings.get("scrape_interval", ""))) or _seconds(default)
            for job in config.scrape_configs
        }
        recorded = _recorded(files, _seconds(evaluation))
        is_complete = "scrape_config_files" not in config.settings
        return cls(recorded, intervals, min(intervals.values(), default=0) if is_complete else 0)

    def of(self, selector: Selector) -> float:
        """The seconds between samples of the series of a selector, at least; 0 if they are unknown."""
        if selector.metric in self.of_series:
            return self.of_series[selector.metric]
        if ":" in selector.metric:
            return 0
        jobs = (matcher.value for matcher in selector.matchers if matcher.label == _JOB and matcher.op == "=")
        job = next(jobs, None)
        return self.of_jobs.get(job, self.shortest) if job else self.shortest


def _exposed(services: Iterable[Service], of_jobs: Mapping[str, float]) -> Iterator[tuple[str, float]]:
    """The series of catalogs, with the interval of the slowest job that scrapes them."""
    slowest: dict[str, float] = {}
    for service in services:
        interval = max((of_jobs[name] for name in service.job_names()), default=0)
        for metric in service.metrics:
            for series in metric.series():
                unknown = not interval or slowest.get(series) == 0
                slowest[series] = 0 if unknown else max(interval, slowest.get(series, 0))
    yield from slowest.items()


def _recorded(files: Iterable[RuleFile], default: float) -> Mapping[str, float]:
    return {
        rule.name: _seconds(group.interval) or default
        for file in files
        for group in file.groups
        for rule in group.rules
        if isinstance(rule, RecordingRule)
    }


def _seconds(text: str) -> float:
    """A duration in seconds; 0 for no duration."""
    return duration.milliseconds(text) / 1000 if text and not duration.validate_duration(text) else 0
