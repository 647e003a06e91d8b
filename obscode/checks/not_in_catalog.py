"""The series of SLIs, and the labels of catalogued metrics, are in the catalog.

Why: for Prometheus, a misspelt name is a series without samples, not an error. An SLI with a misspelt error metric, or
with a label that the metric does not have, counts no errors: the SLO looks perfect, and its alerts never fire. Catalogs
rarely list every series of an exporter, so in alerts and recording rules only a likely typo of a catalogued name is
reported.

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
from dataclasses import dataclass

from obscode.artifacts.project import Artifacts
from obscode.artifacts.rules import RecordingRule
from obscode.checks.check import Context, check
from obscode.checks.unknown_recording_rule import is_recorded_name
from obscode.findings.finding import Finding
from obscode.findings.suggestions import closest_typo, did_you_mean
from obscode.model.metrics import Counter, Metric
from obscode.model.service import Service
from obscode.model.sli.base import SLI
from obscode.promql.errors import PromQLError
from obscode.promql.parser import parse
from obscode.promql.selector import Selector

# Labels that scraping and the exposition format add.
_ADDED = frozenset({"job", "instance", "le", "quantile", "__name__"})
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


@dataclass(frozen=True)
class _Catalog:
    """The labels of every catalogued series, and the names of the recorded ones."""

    labels: Mapping[str, Set[str]]
    recorded: Set[str]

    @classmethod
    def of(cls, artifacts: Artifacts, absent: Set[str] = frozenset()) -> _Catalog:
        labels: dict[str, Set[str]] = {}
        for service in artifacts.services:
            for metric in service.metrics:
                for name in _names(metric):
                    labels[name] = labels.get(name, frozenset()) | set(metric.labels) | _labels_of(service)
        return cls(labels, {rule.name for rule in artifacts.rules() if isinstance(rule, RecordingRule)} | absent)

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
