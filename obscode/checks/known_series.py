"""The series that the services of a project expose and its rules record, and which others an expression may read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set
from dataclasses import dataclass
from functools import cached_property

from obscode.artifacts.dashboards import Dashboard
from obscode.artifacts.project import Artifacts
from obscode.artifacts.rules import RecordingRule
from obscode.checks.promql_expressions import expressions_of
from obscode.checks.series_typos import KnownNames
from obscode.checks.unknown_recording_rule import is_recorded_name
from obscode.findings.suggestions import did_you_mean
from obscode.model.metrics import Counter, Histogram, Metric
from obscode.model.service import Service
from obscode.model.standard_metrics import FOREIGN_PREFIXES, prefix, standard_series
from obscode.promql.selector import Selector
from obscode.promql.spans import SelectorSpan, scan
from obscode.reader.dashboards.document import model_of

AnySelector = Selector | SelectorSpan


@dataclass(frozen=True)
class ClosedCatalog:
    """A catalog that lists every metric of its services.

    Attributes:
        prefixes: the first words of its names.
        others: first words of the names in open catalogs of other services.
        jobs: the values of the label `job`; none if they are unknown.
    """

    prefixes: Set[str]
    others: Set[str]
    jobs: Set[str] = frozenset()

    @classmethod
    def of(cls, metrics: Iterable[Metric], others: Iterable[Metric] = (), jobs: Iterable[str] = ()) -> ClosedCatalog:
        """The catalog of some metrics; ``others`` are in open catalogs."""
        own, foreign = ({prefix(metric.name) for metric in each} for each in (metrics, others))
        return cls(own, foreign, frozenset(jobs))

    def covers(self, selector: AnySelector) -> bool:
        """True if the catalog lists the series of a selector if they exist.

        Those of another job, and those with the first word of another exporter such as `node_` and `kube_`, exist
        elsewhere.
        """
        jobs = {matcher.value for matcher in selector.matchers if matcher.label == "job" and matcher.op == "="}
        if jobs and self.jobs and not any("$" in job for job in jobs):  # a Grafana variable
            return not self.jobs.isdisjoint(jobs)
        first = prefix(selector.metric)
        return first in self.prefixes or not (first in self.others or selector.metric.startswith(FOREIGN_PREFIXES))


class KnownSeries:
    """The series of a project.

    ``others`` are series of services that are not checked, ``absent`` those that services with errors expose or record.
    """

    def __init__(self, artifacts: Artifacts, others: Set[str] = frozenset(), absent: Set[str] = frozenset()) -> None:
        self.exposed = {name for metric in artifacts.catalog for name in series_names(metric)}
        self.recorded = {rule.name for rule in artifacts.rules() if isinstance(rule, RecordingRule)} | absent
        self.names = self.exposed | self.recorded | others | standard_series()
        self.metrics: Sequence[Metric] = artifacts.catalog
        self.classic = _classic_histograms(artifacts.catalog) - self.recorded - others
        self._closed = dict(_closed_catalogs(artifacts.services))

    @classmethod
    def of_files(cls, metrics: Sequence[Metric], recorded: Set[str]) -> KnownSeries:
        """Those of files that are checked with a complete catalog."""
        known = cls(Artifacts(), absent=recorded)
        known.exposed = {name for metric in metrics for name in series_names(metric)}
        known.names |= known.exposed
        known.metrics = metrics
        known.classic = _classic_histograms(metrics) - recorded
        known._closed[""] = ClosedCatalog.of(metrics)
        return known

    @cached_property
    def _candidates(self) -> KnownNames:
        """The names that others are typos of; unknown-recording-rule reports those of recorded series."""
        return KnownNames(name for name in self.names if ":" not in name or name not in self.recorded)

    def knows(self, name: str) -> bool:
        """True for a series that exists; also without a name, and for one that unknown-recording-rule checks."""
        return not name or name in self.names or is_recorded_name(name, self.recorded)

    def typo_of(self, name: str) -> str:
        """The known name that an unknown one is a likely typo of, or an empty string."""
        return self._candidates.typo_of(name)

    def is_missing(self, selector: AnySelector, service: str = "") -> bool:
        """True if the complete catalog of a service does not list the series of a selector, and nothing else does."""
        closed = self._closed.get(service)
        return closed is not None and not self.knows(selector.metric) and closed.covers(selector)

    def hint(self, name: str) -> str:
        """A known name for an unknown one, which has few other letters or another suffix; empty if there is none."""
        if near := self.typo_of(name):
            return f"did you mean {near!r}?"
        stem = _stem(name)
        related = [series for metric in self.metrics for series in metric.series() if _stem(series) == stem]
        if not related:
            return did_you_mean(name, self.exposed)
        return f"did you mean {max(related, key=lambda other: _shared_end(name, other))!r}?"

    # --- dashboards ----------------------------------------------------------------------------------------------

    def of_dashboards(self, dashboards: Sequence[Dashboard]) -> Iterator[tuple[Dashboard, Set[str]]]:
        """The dashboards, each with the series that its panels may read: all except likely typos and missing ones.

        A catalog rarely lists every series of an exporter. unknown-recording-rule checks recorded series.
        """
        read = {name for each in dashboards for expression in expressions_of(each) for name in expression.metrics()}
        readable = self.names | {name for name in read if self.knows(name) or not self.typo_of(name)}
        readable -= self.classic
        for dashboard in dashboards:
            missing = {*self._missing_in(dashboard)} if dashboard.service in self._closed else set()
            yield dashboard, readable - missing if missing else readable

    def of_read(self, dashboards: Iterable[Dashboard]) -> Set[str]:
        """The series that dashboards in files may read: all except likely typos and missing ones."""
        targets = (target for dashboard in dashboards for _, target in model_of(dashboard).targets("promql"))
        read = [selector for target in targets for selector in scan(target.expr).selectors]
        names = {selector.metric for selector in read if not self.is_missing(selector)}
        return (self.names | {name for name in names if self.knows(name) or not self.typo_of(name)}) - self.classic

    def _missing_in(self, dashboard: Dashboard) -> Iterator[str]:
        for expression in expressions_of(dashboard):
            for selector in scan(expression.text).selectors if expression.parse_or_none() else ():
                if self.is_missing(selector, dashboard.service):
                    yield selector.metric


def series_names(metric: Metric) -> set[str]:
    """The series of a metric, and the variants of client libraries.

    A native histogram can have a classic one beside it: the checks of types report `_bucket` of those that have none.
    """
    is_base_name = isinstance(metric, Counter) and not metric.name.endswith("_total")
    added = {f"{metric.name}_total"} if is_base_name else set()
    if isinstance(metric, Histogram):
        added |= {metric.name, *(metric.name + suffix for suffix in ("_bucket", "_sum", "_count"))}
    return {*metric.series(), f"{metric.name.removesuffix('_total')}_created", *added}


def _classic_histograms(metrics: Sequence[Metric]) -> set[str]:
    """The names of histograms of which no series has this name itself."""
    exposed = {series for metric in metrics for series in metric.series()}
    named = {metric.name for metric in metrics if type(metric) is Metric}
    return {metric.name for metric in metrics if isinstance(metric, Histogram)} - exposed - named


_SUFFIXES = (
    "_total",
    "_count",
    "_sum",
    "_bucket",
    "_created",
    "_seconds",
    "_bytes",
    "_ratio",
    "_info",
    "_milliseconds",
)


def _stem(name: str) -> str:
    """A name without suffixes of types and units."""
    for suffix in _SUFFIXES * 2:
        name = name.removesuffix(suffix)
    return name


def _shared_end(one: str, other: str) -> int:
    """The number of letters at the end that two names share."""
    pairs = zip(reversed(one), reversed(other), strict=False)
    return next((i for i, (a, b) in enumerate(pairs) if a != b), min(len(one), len(other)))


def _closed_catalogs(services: Sequence[Service]) -> Iterator[tuple[str, ClosedCatalog]]:
    others = [metric for service in services if not service.complete for metric in service.metrics]
    for service in services:
        if service.complete:
            selected = [service.selector["job"]] if "job" in service.selector else []
            yield (
                service.name,
                ClosedCatalog.of(service.metrics, others, [service.name, *selected, *service.job_names()]),
            )
