"""The series of SLIs, and the labels of catalogued metrics, are in the catalog.

Why: for Prometheus, a misspelt name is a series without samples, not an error. An SLI with a misspelt error metric, or
with a label that the metric does not have, counts no errors: the SLO looks perfect, and its alerts never fire. Catalogs
rarely list every series of an exporter, so in alerts and recording rules only a likely typo of a catalogued name is
reported. A label that a template of an alert reads, such as `{{ $labels.staus }}`, is a label of the catalogued metric.

Bad:
    metrics.Counter("http_requests_total", labels=["method", "status"])
    ScrapeJob(["localhost:8000"])
    SLO("availability", 99.9, sli.Ratio(errors='http_errors_total{status="500"}', total="http_requests_total"))
    Alert("Crashes", 'rate(http_requests_total{code="500"}[5m]) > 1', severity="page", summary="requests crash")

Good:
    metrics.Counter("http_requests_total", labels=["method", "status"])
    ScrapeJob(["localhost:8000"])
    SLO("availability", 99.9, sli.Ratio(errors='http_requests_total{status="500"}', total="http_requests_total"))
    Alert("Crashes", 'rate(http_requests_total{status="500"}[5m]) > 1', severity="page", summary="requests crash")
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field

from obscode.artifacts.project import Artifacts
from obscode.artifacts.rules import AlertingRule, RecordingRule, Rule
from obscode.checks.check import Context, check
from obscode.checks.template_label import label_hint, texts_of
from obscode.checks.unknown_recording_rule import is_recorded_name
from obscode.findings.finding import Finding
from obscode.findings.suggestions import closest_typo, did_you_mean
from obscode.model.alert import Alert
from obscode.model.metrics import Counter, Metric
from obscode.model.service import Service
from obscode.model.sli.base import SLI
from obscode.promql.errors import PromQLError
from obscode.promql.parser import parse, parse_tree
from obscode.promql.result_labels import Labels, result_labels
from obscode.promql.selector import Selector
from obscode.promql.template_labels import labels_read

# Labels that scraping and the exposition format add.
_FORMAT = frozenset({"le", "quantile", "__name__"})
_ADDED = frozenset({"job", "instance"}) | _FORMAT
# Labels that service discovery adds where obscode does not configure the scrape job.
_DISCOVERED = frozenset(
    {"cluster", "container", "endpoint", "env", "environment", "namespace", "node", "pod", "region", "service", "zone"}
)
# Prefix of a label whose name conflicts with a target label.
_RENAMED = "exported_"
# Series that Prometheus itself adds for every scrape and every alert.
_OF_PROMETHEUS = ("up", "ALERTS", "ALERTS_FOR_STATE")
_OF_SCRAPES = "scrape_"


@check(Artifacts, severity="warning", scope="compiled")
def not_in_catalog(artifacts: Artifacts, context: Context) -> Iterator[Finding]:
    """Series and labels that are in no catalog."""
    if context.absent_series is None:
        return
    catalog = _Catalog.of(artifacts, context.absent_series)
    for service in artifacts.services:
        yield from _of_rules(service, catalog)
        for slo in service.slos:
            yield from _of_sli(slo.sli, service, catalog)
    services = {service.name: service for service in artifacts.services}
    for file in artifacts.rule_files:
        for rule in file.rules():
            if file.name in services and isinstance(rule, AlertingRule) and isinstance(rule.source, Alert):
                yield from _of_templates(rule, services[file.name], catalog)


@dataclass(frozen=True)
class _Catalog:
    """The labels of every catalogued series, and the names of the recorded ones.

    ``discovered`` are the series of services whose scrape jobs obscode does not write: targets may have more labels.
    """

    labels: Mapping[str, Set[str]]
    recorded: Set[str]
    discovered: Set[str] = frozenset()
    rules: Sequence[RecordingRule] = ()
    results: dict[str, Labels] = field(default_factory=dict)

    @classmethod
    def of(cls, artifacts: Artifacts, absent: Set[str] = frozenset()) -> _Catalog:
        labels: dict[str, Set[str]] = {}
        discovered: set[str] = set()
        for service in artifacts.services:
            for metric in service.metrics:
                for name in _names(metric):
                    labels[name] = labels.get(name, frozenset()) | set(metric.labels) | _labels_of(service)
                    discovered |= set() if service.scrape_jobs() else {name}
        rules = [rule for rule in artifacts.rules() if isinstance(rule, RecordingRule)]
        return cls(labels, {rule.name for rule in rules} | absent, discovered, rules)

    def knows(self, name: str) -> bool:
        """True if a service exposes or a rule records a series; a selector without a name is accepted."""
        known = name in self.labels or name in self.recorded or name in _OF_PROMETHEUS
        return known or not name or name.startswith(_OF_SCRAPES) or is_recorded_name(name, self.recorded)

    def near(self, name: str) -> str:
        """The catalogued name that this name is a likely typo of, or an empty string."""
        return closest_typo(name, self.labels)

    def lacks(self, name: str, label: str, service: Service) -> bool:
        """True if no catalog gives the series this label."""
        if name in self.recorded or name not in self.labels or label.startswith(_RENAMED):
            return False
        return label not in self.labels[name] | _labels_of(service)

    def labels_of(self, selector: Selector) -> Labels:
        """All labels that the series of a selector have; None if they are unknown."""
        return None if selector.metric in self.discovered else self.listed_labels_of(selector)

    def listed_labels_of(self, selector: Selector) -> Labels:
        """The labels that are known; targets that others discover may have more."""
        name = selector.metric
        if name in self.recorded:
            return None if name in self.labels else self._recorded_labels(name)
        if name not in self.labels:
            return None
        return frozenset(self.labels[name]) | {matcher.label for matcher in selector.matchers}

    def _recorded_labels(self, name: str) -> Labels:
        if name not in self.results:
            self.results[name] = None  # a rule that reads its own series
            every = [self._labels_of_rule(rule) for rule in self.rules if rule.name == name]
            known = [labels for labels in every if labels is not None]
            self.results[name] = frozenset().union(*known) if every and len(known) == len(every) else None
        return self.results[name]

    def _labels_of_rule(self, rule: Rule) -> Labels:
        try:
            labels = result_labels(parse_tree(rule.expr), self.labels_of)
        except PromQLError:
            return None
        return None if labels is None else labels | set(rule.labels)


def _names(metric: Metric) -> set[str]:
    """The series of a metric, its base name, and the variants of client libraries."""
    is_base_name = isinstance(metric, Counter) and not metric.name.endswith("_total")
    added = {f"{metric.name}_total"} if is_base_name else set()
    return {*metric.series(), metric.name, f"{metric.name.removesuffix('_total')}_created", *added}


def _labels_of(service: Service) -> Set[str]:
    jobs = service.scrape_jobs()
    own = {label for job in jobs for label in job.labels}
    return own | {*service.selector} | _ADDED | (frozenset() if jobs else _DISCOVERED)


# --- rules -------------------------------------------------------------------------------------------------------


def _of_rules(service: Service, catalog: _Catalog) -> Iterator[Finding]:
    for rule in (*service.recording_rules, *service.alerts):
        try:
            selectors = parse(rule.expr).selectors
        except PromQLError:  # reported by promql-syntax
            continue
        for message, hint in dict.fromkeys(_typos(selectors, rule.name, service, catalog)):
            yield rule.finding(not_in_catalog, message, hint, at="expr")


def _typos(selectors: Sequence[Selector], owner: str, service: Service, catalog: _Catalog) -> Iterator[tuple[str, str]]:
    for selector in selectors:
        name = selector.metric
        if not catalog.knows(name) and (near := catalog.near(name)):
            yield f"{owner} reads the unknown series {name!r}", f"did you mean {near!r}?"
        yield from _unknown_labels(selector, service, catalog)


def _unknown_labels(selector: Selector, service: Service, catalog: _Catalog) -> Iterator[tuple[str, str]]:
    for matcher in selector.matchers:
        # A missing label is the same as an empty one: status!="500" matches.
        if catalog.lacks(selector.metric, matcher.label, service) and matcher.matches("") is False:
            yield _missing_label(selector.metric, matcher.label, catalog)


def _missing_label(name: str, label: str, catalog: _Catalog) -> tuple[str, str]:
    has = sorted(catalog.labels[name] - _ADDED - _DISCOVERED)
    hint = did_you_mean(label, has) or (f"it has {', '.join(has)}" if has else "add it to the labels of the metric")
    return f"{name} has no label {label!r}", hint


def _of_templates(alert: AlertingRule, service: Service, catalog: _Catalog) -> Iterator[Finding]:
    """Labels of templates that no series of the expression has; template-label reports those that it removes."""
    texts = {name: read for name, text in texts_of(alert) if (read := labels_read(text))}
    if not texts:
        return
    try:
        tree = parse_tree(alert.expr)
    except PromQLError:  # reported by promql-syntax
        return
    labels = result_labels(tree, catalog.labels_of)
    listed = result_labels(tree, catalog.listed_labels_of) if labels is None else labels
    if listed is None or result_labels(tree) is not None:
        return
    for name, read in texts.items():
        for label in read:
            near = did_you_mean(label, listed)
            is_known = label in listed | _labels_of(service) or label.startswith(_RENAMED)
            if not is_known and (near or labels is not None):
                message = (
                    f"the {name} of alert {alert.name} reads the label {label!r}, which no series of its expression has"
                )
                hint = label_hint(alert, label, listed - _FORMAT)
                yield alert.source.finding(not_in_catalog, message, hint, at=name)


# --- SLIs --------------------------------------------------------------------------------------------------------


def _of_sli(sli: SLI, service: Service, catalog: _Catalog) -> Iterator[Finding]:
    for at, selectors in sli.selectors().items():
        problems = [*_unknown(selectors, service, catalog)]
        for selector in selectors:
            problems += _unknown_labels(selector, service, catalog)
        for message, hint in dict.fromkeys(problems):
            yield sli.finding(not_in_catalog, message, hint, at=at)
    for i, label in enumerate(sli.by):
        for message, hint in dict.fromkeys(_ungrouped(sli, label, service, catalog)):
            yield sli.finding(not_in_catalog, message, hint, at="by", item=i)


def _unknown(selectors: Sequence[Selector], service: Service, catalog: _Catalog) -> Iterator[tuple[str, str]]:
    for name in dict.fromkeys(selector.metric for selector in selectors):
        if not catalog.knows(name) and (service.metrics or catalog.near(name)):
            hint = did_you_mean(name, catalog.labels) or "add it to metrics= of the service that exposes it"
            yield f"unknown series {name!r}: no service lists it in metrics=, and no rule records it", hint


def _ungrouped(sli: SLI, label: str, service: Service, catalog: _Catalog) -> Iterator[tuple[str, str]]:
    """A label of ``by`` that no series of an argument has."""
    for at, selectors in sli.selectors().items():
        text = getattr(sli, at)
        # label_replace adds it, or it comes from another series
        added = f'"{label}"' in text or f"'{label}'" in text or "group_" in text
        if not added and all(catalog.lacks(s.metric, label, service) for s in selectors):
            yield _missing_label(selectors[0].metric, label, catalog)
