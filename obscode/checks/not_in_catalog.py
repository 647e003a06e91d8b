"""A series that an expression reads is no typo of a catalogued one, and its labels are in the catalog.

Why: for Prometheus, a misspelt name is a series without samples, not an error. An SLI with a misspelt error metric, or
with a label that the metric does not have, counts no errors: the SLO looks perfect, and its alerts never fire. Catalogs
rarely list every series of a service, so only a likely typo is reported: a name within two letters of a catalogued or
standard one, unless both can be real, as `rx_bytes` and `tx_bytes`. In the rules, SLIs and panels of a service with a
complete catalog (`complete=True`, or one that is read with `exposition(...)`), every other name is an error, too:
except names that another service or a rule of the project exposes, names of another `job`, standard series such as `up`
and `process_cpu_seconds_total`, and names of other exporters such as `kube_...` and `node_...`. The name of a classic
histogram is no series: `x_bucket`, `x_sum` and `x_count` are. A label that a template of an alert reads, such as `{{
$labels.staus }}`, is a label of the catalogued metric.

Bad:
    metrics.Counter("http_requests_total", labels=["method", "status"])
    ScrapeJob(["localhost:8000"])
    SLO("availability", 99.9, sli.Ratio(errors='http_request_total{status="500"}', total="http_requests_total"))
    Alert("Crashes", 'rate(http_requests_total{code="500"}[5m]) > 1', severity="page", summary="requests crash")

Good:
    metrics.Counter("http_requests_total", labels=["method", "status"])
    ScrapeJob(["localhost:8000"])
    SLO("availability", 99.9, sli.Ratio(errors='http_requests_total{status="500"}', total="http_requests_total"))
    Alert("Crashes", 'rate(http_requests_total{status="500"}[5m]) > 1', severity="page", summary="requests crash")
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace

from obscode.artifacts.project import Artifacts
from obscode.artifacts.rules import AlertingRule, RecordingRule, Rule
from obscode.checks.check import Context, check
from obscode.checks.known_series import KnownSeries, series_names
from obscode.checks.template_label import label_hint, texts_of
from obscode.findings.code import Severity
from obscode.findings.finding import Finding
from obscode.findings.source import Source
from obscode.findings.suggestions import did_you_mean
from obscode.model.alert import Alert
from obscode.model.alert import Rule as Written
from obscode.model.definition import Definition
from obscode.model.metrics import Metric
from obscode.model.scrape.target_labels import labels_of_series
from obscode.model.service import Service
from obscode.model.sli.base import SLI
from obscode.promql.errors import PromQLError
from obscode.promql.parser import parse, parse_tree
from obscode.promql.selector import Selector
from obscode.promql.spans import scan
from obscode.promql.template_labels import labels_read
from obscode.promql.template_queries import template_queries
from obscode.promql.types import ExprType, SeriesTypes, infer, untyped
from obscode.promql.types.labels import Labels

# Labels that scraping and the exposition format add.
_FORMAT = frozenset({"le", "quantile", "__name__"})
_ADDED = frozenset({"job", "instance"}) | _FORMAT
# Labels that service discovery adds where obscode does not configure the scrape job.
_DISCOVERED = frozenset(
    {"cluster", "container", "endpoint", "env", "environment", "namespace", "node", "pod", "region", "service", "zone"}
)
# Prefix of a label whose name conflicts with a target label.
_RENAMED = "exported_"


@check(Artifacts, severity="warning")
def not_in_catalog(artifacts: Artifacts, context: Context) -> Iterator[Finding]:
    """Series and labels that are in no catalog."""
    if not artifacts.is_compiled:
        known = context.catalog or KnownSeries(artifacts)
        labels = {name: metric for metric in known.metrics for name in series_names(metric)}
        for rule in artifacts.rules():
            for argument in _arguments(rule):
                selectors = argument.selectors()
                yield from _unknown_series(argument, selectors, known)
                for selector in selectors:
                    yield from _misspelt_labels(argument, selector, labels.get(selector.metric))
    elif context.absent_series is not None:
        yield from _of_project(artifacts, context, context.absent_series)


def _of_project(artifacts: Artifacts, context: Context, absent: Set[str]) -> Iterator[Finding]:
    catalog = _Catalog.of(artifacts, absent)
    services = {service.name: service for service in artifacts.services}
    for file in artifacts.rule_files:
        service = services.get(file.name)
        for rule in file.rules():
            if isinstance(rule.source, Written) or not isinstance(rule.source, Definition):
                yield from _of_rule(rule, service, catalog, context.series)
            if service and isinstance(rule, AlertingRule) and isinstance(rule.source, Alert):
                yield from _of_templates(rule, service, catalog, context.series)
    for service in artifacts.services:
        for slo in service.slos:
            yield from _of_sli(slo.sli, slo.name, service, catalog)


@dataclass(frozen=True)
class _Catalog:
    """The labels of every catalogued series, and the names of the recorded ones.

    ``unlimited`` are the series that may have more labels, such as those that a scrape showed without samples.
    """

    series: KnownSeries
    labels: Mapping[str, Set[str]]
    recorded: Set[str]
    unlimited: Set[str] = frozenset()

    @classmethod
    def of(cls, artifacts: Artifacts, absent: Set[str] = frozenset()) -> _Catalog:
        labels: dict[str, Set[str]] = {}
        unlimited: set[str] = set()
        for service in artifacts.services:
            for metric in service.metrics:
                for name in series_names(metric):
                    labels[name] = labels.get(name, frozenset()) | set(metric.labels) | _labels_of(service)
                    unlimited |= {name} if metric.more_labels else set()
        recorded = {rule.name for rule in artifacts.rules() if isinstance(rule, RecordingRule)} | absent
        return cls(KnownSeries(artifacts, absent=absent), labels, recorded, unlimited)

    def lacks(self, name: str, label: str, service: Service) -> bool:
        """True if no catalog gives the series this label."""
        if name in self.recorded or name not in self.labels or name in self.unlimited or label.startswith(_RENAMED):
            return False
        return label not in self.labels[name] | _labels_of(service)

    def listed_types(self, series: SeriesTypes) -> SeriesTypes:
        """The types of series as if they had no labels but those that catalogs list; targets may have more."""

        def types(selector: Selector) -> ExprType:
            known, name = series(selector), selector.metric
            if known.labels.closed or name in self.recorded or name not in self.labels:
                return known
            names = frozenset(self.labels[name]) | {matcher.label for matcher in selector.matchers}
            return known._replace(labels=Labels(names, closed=True))

        return types


def _labels_of(service: Service) -> Set[str]:
    own = {label for job in service.scrape_jobs() for label in labels_of_series(job) or job.labels}
    where = {matcher.label for matcher in service.further_matchers()}
    return own | where | {*service.selector} | _ADDED | (_DISCOVERED if _is_discovered(service) else frozenset())


def _is_discovered(service: Service) -> bool:
    """Whether targets of the service may have any labels: obscode does not write the jobs, or they add any."""
    jobs = service.scrape_jobs()
    return not jobs or any(labels_of_series(job) is None for job in jobs)


# --- rules -------------------------------------------------------------------------------------------------------


def _of_rule(rule: Rule, service: Service | None, catalog: _Catalog, series: SeriesTypes) -> Iterator[Finding]:
    """Unknown series and labels of a rule as it is written, of a service or of a file."""
    for argument in _arguments(rule):
        selectors = argument.selectors()
        yield from _unknown_series(argument, selectors, catalog.series, service.name if service else "")
        if service:
            labels = (each for selector in selectors for each in _unknown_labels(selector, service, catalog, series))
            for message, hint in dict.fromkeys(labels):
                yield rule.source.finding(not_in_catalog, message, hint, at=argument.at)


def _misspelt_labels(argument: _Argument, selector: Selector, metric: Metric | None) -> Iterator[Finding]:
    """Labels in a file that resemble those of a metric; its targets may have any other labels."""
    if metric is None or metric.more_labels:
        return
    known = {*metric.labels, *_ADDED, *_DISCOVERED}
    for label in dict.fromkeys(each.label for each in selector.matchers if each.matches("") is False):
        near = did_you_mean(label, metric.labels)
        if near and label not in known and not label.startswith(_RENAMED):
            message = f"{selector.metric} has no label {label!r}"
            yield argument.finding(selector.metric, message, near, not_in_catalog.severity)


def _arguments(rule: Rule) -> Iterator[_Argument]:
    """The expression of a rule, and the queries in the templates of an alert."""
    yield _Argument(rule.name, rule.source, "expr", rule.expr)
    for name, text in texts_of(rule) if isinstance(rule, AlertingRule) else ():
        for query in template_queries(text):
            yield _Argument(f"the {name} of alert {rule.name}", rule.source, name, query.text, query.start)


@dataclass(frozen=True)
class _Argument:
    """An argument with PromQL: what reads it, and where it is written.

    ``start`` is where the PromQL begins in the text there; None if its characters cannot be located.
    """

    owner: str
    source: Source
    at: str
    text: str
    start: int | None = 0

    def selectors(self) -> Sequence[Selector]:
        """The selectors of the PromQL; none if it does not parse, which others report."""
        try:
            return parse(self.text).selectors
        except PromQLError:
            return ()

    def finding(self, name: str, message: str, hint: str, severity: Severity) -> Finding:
        """A finding that points at the first selector of a series."""
        finding = self.source.finding(not_in_catalog, message, hint, at=self.at, severity=severity)
        spans = (selector.span for selector in scan(self.text).selectors if selector.metric == name)
        start, end = next(spans, (0, 0))
        if self.text.startswith(name, start):
            end = start + len(name)
        if self.start is None or not end:
            return finding
        return replace(finding, span=self.source.characters_span(self.at, self.start + start, self.start + end))


# In files, and in the expressions of a service.
_UNKNOWN = (
    "correct it, or name what exposes it with --metrics",
    "correct it, or add it to metrics= of the service that exposes it",
)


def _unknown_series(
    argument: _Argument, selectors: Sequence[Selector], known: KnownSeries, service: str = ""
) -> Iterator[Finding]:
    """The unknown series of an argument, each once; ``service`` is empty for a file. An SLI names a whole histogram."""
    missing = {selector.metric for selector in selectors if known.is_missing(selector, service)}
    catalog = f"the complete catalog of service {service}" if service else "the metrics"
    for name in dict.fromkeys(selector.metric for selector in selectors):
        if name in known.classic and not isinstance(argument.source, SLI):
            message = f"{argument.owner} reads {name!r}, a classic histogram, which has no series of this name"
            hint = f"write {name}_bucket, {name}_sum or {name}_count; declare a native one with native=True"
            yield argument.finding(name, message, hint, "error")
        elif name in missing:
            message = f"{argument.owner} reads {name!r}, which is not in {catalog}"
            hint = known.hint(name) or _UNKNOWN[bool(service)]
            yield argument.finding(name, message, hint, "error")
        elif not known.knows(name) and (near := known.typo_of(name)):
            message = f"{argument.owner} reads the unknown series {name!r}"
            yield argument.finding(name, message, f"did you mean {near!r}?", not_in_catalog.severity)


def _unknown_labels(
    selector: Selector, service: Service, catalog: _Catalog, series: SeriesTypes = untyped
) -> Iterator[tuple[str, str]]:
    """The labels that no series of a selector has, except those that empty-selector reports."""
    for matcher in selector.matchers:
        if not series(selector).labels.can_have(matcher.label):
            continue
        # A missing label is the same as an empty one: status!="500" matches.
        if catalog.lacks(selector.metric, matcher.label, service) and matcher.matches("") is False:
            yield _missing_label(selector.metric, matcher.label, catalog)


def _missing_label(name: str, label: str, catalog: _Catalog) -> tuple[str, str]:
    has = sorted(catalog.labels[name] - _ADDED - _DISCOVERED)
    hint = did_you_mean(label, has) or (f"it has {', '.join(has)}" if has else "add it to the labels of the metric")
    return f"{name} has no label {label!r}", hint


def _of_templates(alert: AlertingRule, service: Service, catalog: _Catalog, series: SeriesTypes) -> Iterator[Finding]:
    """Labels of templates that no series of the expression has; template-label reports those that it removes."""
    texts = {name: read for name, text in texts_of(alert) if (read := labels_read(text))}
    if not texts:
        return
    try:
        tree = parse_tree(alert.expr)
    except PromQLError:  # reported by promql-syntax
        return
    listed = infer(tree, catalog.listed_types(series)).result.labels.possible
    if listed is None or infer(tree, series).result.labels.closed:
        return
    for name, read in texts.items():
        for label in read:
            near = did_you_mean(label, listed)
            is_known = label in listed | _labels_of(service) or label.startswith(_RENAMED)
            if not is_known and near:
                message = (
                    f"the {name} of alert {alert.name} reads the label {label!r}, which no series of its expression has"
                )
                hint = label_hint(alert, label, listed - _FORMAT)
                yield alert.source.finding(not_in_catalog, message, hint, at=name)


# --- SLIs --------------------------------------------------------------------------------------------------------


def _of_sli(sli: SLI, slo: str, service: Service, catalog: _Catalog) -> Iterator[Finding]:
    for at, selectors in sli.selectors().items():
        argument = _Argument(f"{service.name}/{slo}", sli, at, str(getattr(sli, at)))
        yield from _unknown_series(argument, selectors, catalog.series, service.name)
        labels = (each for selector in selectors for each in _unknown_labels(selector, service, catalog))
        for message, hint in dict.fromkeys(labels):
            yield sli.finding(not_in_catalog, message, hint, at=at)
    for i, label in enumerate(sli.by):
        for message, hint in dict.fromkeys(_ungrouped(sli, label, service, catalog)):
            yield sli.finding(not_in_catalog, message, hint, at="by", item=i)


def _ungrouped(sli: SLI, label: str, service: Service, catalog: _Catalog) -> Iterator[tuple[str, str]]:
    """A label of ``by`` that no series of an argument has."""
    for at, selectors in sli.selectors().items():
        text = getattr(sli, at)
        # label_replace adds it, or it comes from another series
        added = f'"{label}"' in text or f"'{label}'" in text or "group_" in text
        if not added and all(catalog.lacks(s.metric, label, service) for s in selectors):
            yield _missing_label(selectors[0].metric, label, catalog)
