"""The types of the series of a project: what services expose, what rules record, what Prometheus itself adds."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field
from functools import cache, reduce

from obscode.artifacts.project import Artifacts
from obscode.artifacts.rules import RecordingRule, RuleFile
from obscode.compiler.inference.series import Series, SeriesCatalog
from obscode.model.metrics import Counter, Gauge, Histogram, Metric, Summary
from obscode.model.scrape.target_labels import labels_of_series
from obscode.model.service import Service
from obscode.model.standard_metrics import standard_metrics
from obscode.promql.errors import PromQLError
from obscode.promql.parser import parse_tree
from obscode.promql.selector import Matcher, Selector
from obscode.promql.tokens import STRING
from obscode.promql.types import UNTYPED, ExprType, infer
from obscode.promql.types.interval import ALL, NOT_NEGATIVE, ONE, UNIT, Interval
from obscode.promql.types.labels import ANY, NAME, Labels
from obscode.promql.types.quantity import COUNT, TIMESTAMP, UNKNOWN, Quantity
from obscode.promql.types.series import Samples

# Alerts have the labels of their rule, too.
_OF_ALERTS = ANY.add("alertname", certain=True)
_CERTAIN: Mapping[str, ExprType] = {
    "up": ExprType(samples="gauge", values=UNIT),
    "ALERTS": ExprType(_OF_ALERTS.add("alertstate", certain=True), "gauge", ONE),
    "ALERTS_FOR_STATE": ExprType(_OF_ALERTS, "gauge", NOT_NEGATIVE),
}
# Rules of one series are joined. Of more rules than these, those that differ in values of labels only have one type
# without these values.
_MANY_RULES = 20
_NAMES_IN_STRINGS = ("label_replace", "label_join", "count_values")


@dataclass(frozen=True)
class ProjectSeries:
    """The types of series by selector.

    Attributes:
        exposed: the types of the series of catalogs, by name.
        recorded: the rules that record a series, by name.
    """

    exposed: Mapping[str, ExprType] = field(default_factory=dict)
    recorded: Mapping[str, Sequence[RecordingRule]] = field(default_factory=dict)
    _results: dict[str, ExprType] = field(default_factory=dict, compare=False, repr=False)

    @classmethod
    def of_project(cls, artifacts: Artifacts) -> ProjectSeries:
        """The series of a compiled project."""
        return cls.of_rules(artifacts.services, artifacts.rule_files)

    @classmethod
    def of_rules(cls, services: Iterable[Service], files: Iterable[RuleFile]) -> ProjectSeries:
        """The series that services expose, and those that the rules of files record."""
        return cls(exposed_types(services), _by_name(files))

    @classmethod
    def of_files(cls, files: Iterable[RuleFile], metrics: Sequence[Metric] = ()) -> ProjectSeries:
        """The series that the rules of files record, which one Prometheus loads, and those of a catalog."""
        return cls(exposed_types([Service("", metrics=metrics)]) if metrics else {}, _by_name(files))

    def __call__(self, selector: Selector) -> ExprType:
        """The type of the series that a selector selects; unknown for a selector without a name."""
        name = selector.metric
        if name in self.recorded:
            return UNTYPED if name in self.exposed else self._of_record(name)
        return self.exposed.get(name) or _standard_types().get(name, UNTYPED)

    def _of_record(self, name: str) -> ExprType:
        if name not in self._results:
            self._results[name] = UNTYPED  # a rule that reads its own series
            rules = self.recorded[name]
            joined = _joined([self._of_rule(rule) for rule in _different(rules)])
            self._results[name] = joined if len(rules) <= _MANY_RULES else _of_any_labels(joined)
        return self._results[name]

    def _of_rule(self, rule: RecordingRule) -> ExprType:
        try:
            tree = parse_tree(rule.expr)
            result = infer(tree, self).result
        except PromQLError:
            return UNTYPED
        labels = result.labels.drop({NAME})
        for name, value in rule.labels.items():
            added = labels.add(name, certain=True, matchers=[Matcher(name, "=", value)])
            labels = added if value else labels.drop({name})
        return result._replace(labels=labels, recorded=tree)


def _by_name(files: Iterable[RuleFile]) -> Mapping[str, Sequence[RecordingRule]]:
    result: dict[str, list[RecordingRule]] = {}
    for file in files:
        for rule in file.rules():
            # A name without a colon may be that of a scraped series, too.
            if isinstance(rule, RecordingRule) and ":" in rule.name:
                result.setdefault(rule.name, []).append(rule)
    return result


def _different(rules: Sequence[RecordingRule]) -> Iterable[RecordingRule]:
    if len(rules) <= _MANY_RULES:
        return rules
    return {(_without_label_values(rule.expr), *sorted(rule.labels)): rule for rule in rules}.values()


def _without_label_values(expr: str) -> str:
    return expr if any(name in expr for name in _NAMES_IN_STRINGS) else STRING.sub("", expr)


def _of_any_labels(joined: ExprType) -> ExprType:
    """The type without the values of labels."""
    return joined._replace(labels=joined.labels._replace(matchers=frozenset()), label_values={})


def _joined(types: Iterable[ExprType]) -> ExprType:
    return reduce(_either, types)


def _either(one: ExprType, other: ExprType) -> ExprType:
    """The type of samples that have one of two types."""
    return ExprType(
        one.labels.union(other.labels),
        one.samples if one.samples == other.samples else "",
        one.values.union(other.values),
        one.unit if one.unit == other.unit else UNKNOWN,
        one.observed if one.observed == other.observed else UNKNOWN,
        one.bounds if one.bounds == other.bounds else (),
        one.label_values if one.label_values == other.label_values else {},
        one.metric if one.metric == other.metric else "",
        one.own_labels & other.own_labels,
    )


# --- exposed series ----------------------------------------------------------------------------------------------


def exposed_types(services: Iterable[Service]) -> Mapping[str, ExprType]:
    """The types of the series that services expose, by name."""
    types: dict[str, ExprType] = {}
    for service in services:
        labels = target_labels(service)
        catalog = SeriesCatalog.of(service.metrics)
        for metric in service.metrics:
            for name, type_ in _of_metric(metric, labels, catalog):
                types[name] = _either(types[name], type_) if name in types else type_
            for name, reason in _missing(metric):
                types.setdefault(name, ExprType(missing=reason))
    return types


def target_labels(service: Service) -> frozenset[str] | None:
    """The labels of a service's targets; None where obscode does not write the scrape job, which may add any."""
    labels = [labels_of_series(job) for job in service.scrape_jobs()]
    known = [each for each in labels if each is not None]
    if not labels or len(known) < len(labels):
        return None
    where = (matcher.label for matcher in service.target_matchers())
    return frozenset({*service.selector, *where}).union(*known)


def _of_metric(metric: Metric, target: Set[str] | None, catalog: SeriesCatalog) -> Iterator[tuple[str, ExprType]]:
    for name in metric.series():
        part = name.removeprefix(metric.name)
        own = {*metric.labels, *_format_labels(metric, part)}
        known = catalog.series(name)
        result = ExprType(
            ANY if metric.more_labels else _labels(own, target),
            _samples(metric, part),
            _values(metric, part),
            _unit(known),
            _observed(known),
            metric.bounds() if isinstance(metric, Histogram) and not metric.native else (),
            _label_values(metric, part),
            metric.name,
            frozenset(own),
        )
        yield name, result
    if isinstance(metric, Counter):
        created = f"{metric.name.removesuffix('_total')}_created"
        yield created, ExprType(_labels({*metric.labels}, target), "gauge", unit=Quantity(TIMESTAMP))


def _missing(metric: Metric) -> Iterator[tuple[str, str]]:
    """The names that a reader may expect of a histogram, and that it does not have."""
    if isinstance(metric, Histogram) and metric.native:
        for suffix in ("_bucket", "_sum", "_count"):
            yield metric.name + suffix, f"{metric.name} is a native histogram, which is one series"


def _unit(series: Series) -> Quantity:
    unit = COUNT if series.role in ("count", "bucket", "native") else series.unit
    return Quantity(unit, series.stem) if unit else UNKNOWN


def _observed(series: Series) -> Quantity:
    is_histogram = series.role in ("bucket", "native")
    return Quantity(series.unit) if is_histogram and series.unit not in ("", COUNT) else UNKNOWN


def _labels(own: Set[str], target: Set[str] | None) -> Labels:
    if target is None:
        return ANY
    # A label of the metric that a target has, too, is renamed; the metric may set it without declaring it.
    conflicts = {f"exported_{label}" for label in target}
    return Labels(frozenset({*own, *target, *conflicts, NAME}), closed=True)


def _format_labels(metric: Metric, part: str) -> Set[str]:
    if isinstance(metric, Histogram) and part == "_bucket":
        return {"le"}
    return {"quantile"} if isinstance(metric, Summary) and not part else frozenset()


def _samples(metric: Metric, part: str) -> Samples:
    match metric:
        case Counter():
            return "counter"
        case Gauge():
            return "gauge"
        case Histogram(native=True):
            return "native"
        case Histogram() if part == "_bucket":
            return "buckets"
        case Summary() if not part:
            return "quantile"
        case Histogram() | Summary():
            return "counter"
    return ""


def _values(metric: Metric, part: str) -> Interval:
    is_count = isinstance(metric, Counter) or part in ("_bucket", "_count")
    return NOT_NEGATIVE if is_count else ALL


def _label_values(metric: Metric, part: str) -> Mapping[str, frozenset[str]]:
    """Declared values; without a sample, those of the format are not known."""
    declared = metric.label_values()
    if metric.more_labels:
        return declared
    if isinstance(metric, Histogram) and part == "_bucket":
        return {**declared, "le": frozenset(str(bound) for bound in metric.bounds())}
    if isinstance(metric, Summary) and not part:
        return {**declared, "quantile": frozenset(str(quantile) for quantile in metric.quantiles)}
    return declared


@cache
def _standard_types() -> Mapping[str, ExprType]:
    """The types of the series that Prometheus and client libraries add, whose labels can be more."""
    service = Service("", metrics=[*standard_metrics().values()])
    return {**exposed_types([service]), **_CERTAIN}
