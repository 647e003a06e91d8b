"""What is read is in the catalog: the series of SLIs, the labels of catalogued metrics.

Why: a misspelt name is no error to Prometheus, it is a series that nobody exposes. Errors that are misspelt are
never counted, so that the SLO is perfect for ever and its alerts never fire; so it is with a label that the
metric has not. Nobody lists all that exporters expose, so that in alerts and recording rules only a name that is
nearly one of the catalog is told.

Bad:
    Counter("http_requests_total", labels=["method", "status"])
    ScrapeJob(["localhost:8000"])
    SLO("availability", 99.9, Ratio(errors='http_errors_total{status="500"}', total="http_requests_total"))
    Alert("Crashes", 'rate(http_requests_total{code="500"}[5m]) > 1', summary="requests crash")

Good:
    Counter("http_requests_total", labels=["method", "status"])
    ScrapeJob(["localhost:8000"])
    SLO("availability", 99.9, Ratio(errors='http_requests_total{status="500"}', total="http_requests_total"))
    Alert("Crashes", 'rate(http_requests_total{status="500"}[5m]) > 1', summary="requests crash")
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, replace

from obscode.artifacts.project import Artifacts
from obscode.artifacts.rules import RecordingRule
from obscode.checks.unknown_recording_rule import is_recorded_name
from obscode.findings.finding import Finding
from obscode.findings.source import Source
from obscode.findings.suggestions import closest_typo, did_you_mean
from obscode.model.metrics import Counter, Metric
from obscode.model.service import Service
from obscode.model.sli.base import SLI
from obscode.promql.errors import PromQLError
from obscode.promql.parser import parse
from obscode.promql.selector import Selector

# Labels that a scrape and the exposition format add.
_ADDED = frozenset({"job", "instance", "le", "quantile", "__name__"})
# What service discovery adds, where it is not obscode that configures the scrape.
_DISCOVERED = frozenset(
    {"cluster", "container", "endpoint", "env", "environment", "namespace", "node", "pod", "region", "service", "zone"}
)
# A label of the series that the scrape has one of its own of.
_RENAMED = "exported_"
# What Prometheus itself makes of every scrape and every alert.
_OF_PROMETHEUS = ("up", "ALERTS", "ALERTS_FOR_STATE")
_OF_SCRAPES = "scrape_"


def check(artifacts: Artifacts) -> Iterator[tuple[Source, Finding]]:
    """Series and labels that no catalog has, each as a warning."""
    catalog = _Catalog.of(artifacts)
    for service in artifacts.services:
        told = [*_of_rules(service, catalog)]
        for slo in service.slos:
            told += _of_sli(slo.sli, service, catalog)
        for definition, finding in told:
            yield definition, replace(finding, severity="warning")


@dataclass(frozen=True)
class _Catalog:
    """The labels of every catalogued series, and the names of the recorded ones."""

    labels: Mapping[str, Set[str]]
    recorded: Set[str]

    @classmethod
    def of(cls, artifacts: Artifacts) -> _Catalog:
        labels: dict[str, Set[str]] = {}
        for service in artifacts.services:
            for metric in service.metrics:
                for name in _names(metric):
                    labels[name] = labels.get(name, frozenset()) | set(metric.labels) | _labels_of(service)
        return cls(labels, {rule.name for rule in artifacts.rules() if isinstance(rule, RecordingRule)})

    def knows(self, name: str) -> bool:
        """Whether somebody exposes or records a series; one without a name may be any."""
        known = name in self.labels or name in self.recorded or name in _OF_PROMETHEUS
        return known or not name or name.startswith(_OF_SCRAPES) or is_recorded_name(name, {*self.recorded})

    def near(self, name: str) -> str:
        """The catalogued name that one is a slip of."""
        return closest_typo(name, self.labels)

    def lacks(self, name: str, label: str, service: Service) -> bool:
        """Whether the series has not this label, for all that is said of it."""
        if name in self.recorded or name not in self.labels or label.startswith(_RENAMED):
            return False
        return label not in self.labels[name] | _labels_of(service)


def _names(metric: Metric) -> set[str]:
    """The series of a metric, its base name, and what some client libraries make of it."""
    made = {f"{metric.name}_total"} if isinstance(metric, Counter) else set()
    return {*metric.series(), metric.name, f"{metric.name.removesuffix('_total')}_created", *made}


def _labels_of(service: Service) -> Set[str]:
    jobs = service.scrape_jobs()
    own = {label for job in jobs for label in job.labels}
    return own | {*service.selector} | _ADDED | (frozenset() if jobs else _DISCOVERED)


# --- rules -------------------------------------------------------------------------------------------------------


def _of_rules(service: Service, catalog: _Catalog) -> Iterator[tuple[Source, Finding]]:
    for rule in (*service.recording_rules, *service.alerts):
        try:
            selectors = parse(rule.expr).selectors
        except PromQLError:  # told by the check promql-syntax alone
            continue
        for message, hint in dict.fromkeys(_slips(selectors, rule.name, service, catalog)):
            yield rule, rule.finding("not-in-catalog", message, hint, at="expr")


def _slips(selectors: Sequence[Selector], owner: str, service: Service, catalog: _Catalog) -> Iterator[tuple[str, str]]:
    for selector in selectors:
        name = selector.metric
        if not catalog.knows(name) and (near := catalog.near(name)):
            yield f"{owner} reads {name!r}, which no catalog has", f"did you mean {near!r}?"
        yield from _unknown_labels(selector, service, catalog)


def _unknown_labels(selector: Selector, service: Service, catalog: _Catalog) -> Iterator[tuple[str, str]]:
    for matcher in selector.matchers:
        # A series without the label has it empty: status!="500" takes it.
        if catalog.lacks(selector.metric, matcher.label, service) and matcher.matches("") is False:
            yield _lacking(selector.metric, matcher.label, catalog)


def _lacking(name: str, label: str, catalog: _Catalog) -> tuple[str, str]:
    has = sorted(catalog.labels[name] - _ADDED - _DISCOVERED)
    hint = did_you_mean(label, has) or (f"it has {', '.join(has)}" if has else "add it to the labels of the metric")
    return f"{name} has no label {label!r}", hint


# --- SLIs --------------------------------------------------------------------------------------------------------


def _of_sli(sli: SLI, service: Service, catalog: _Catalog) -> Iterator[tuple[Source, Finding]]:
    for at, selectors in sli.selectors().items():
        told = [*_unread(selectors, service, catalog)]
        for selector in selectors:
            told += _unknown_labels(selector, service, catalog)
        for message, hint in dict.fromkeys(told):
            yield sli, sli.finding("not-in-catalog", message, hint, at=at)
    for i, label in enumerate(sli.by):
        for message, hint in dict.fromkeys(_ungrouped(sli, label, service, catalog)):
            yield sli, sli.finding("not-in-catalog", message, hint, at="by", item=i)


def _unread(selectors: Sequence[Selector], service: Service, catalog: _Catalog) -> Iterator[tuple[str, str]]:
    for name in dict.fromkeys(selector.metric for selector in selectors):
        if not catalog.knows(name) and (service.metrics or catalog.near(name)):
            hint = did_you_mean(name, catalog.labels) or "list it in metrics= of the service that exposes it"
            yield f"no catalog has {name!r}, and nothing records it", hint


def _ungrouped(sli: SLI, label: str, service: Service, catalog: _Catalog) -> Iterator[tuple[str, str]]:
    """A label of ``by`` that nothing which an argument selects has."""
    for at, selectors in sli.selectors().items():
        text = getattr(sli, at)
        made = (
            f'"{label}"' in text or f"'{label}'" in text or "group_" in text
        )  # by label_replace, or of another series
        if not made and all(catalog.lacks(s.metric, label, service) for s in selectors):
            yield _lacking(selectors[0].metric, label, catalog)
