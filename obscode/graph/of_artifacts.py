"""The graph of a project, or of files that were read."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain

from obscode.artifacts.dashboards import Dashboard
from obscode.artifacts.project import Artifacts
from obscode.artifacts.rules import AlertingRule, Rule
from obscode.checks.promql_expressions import Expression, expressions_of, of_file
from obscode.compiler.inference.series_types import ProjectSeries
from obscode.findings.source import Source
from obscode.graph.graph import Edge, Graph, Node, graph_of
from obscode.model import naming
from obscode.promql.errors import PromQLError
from obscode.promql.parser import parse_in_place
from obscode.promql.selector import Matcher, Selector
from obscode.promql.syntax_tree import VectorSelector
from obscode.routing.alerts import ALERTNAME, KnownAlerts

_NAME = re.compile(r"[\w:]+")
Matchers = tuple[Matcher, ...]
# The series that Prometheus records of alerts.
_OF_ALERTS = ("ALERTS", "ALERTS_FOR_STATE")


def graph(artifacts: Artifacts) -> Graph:
    """Everything that is read, and what reads it; ``Graph.overview`` hides the rules of SLOs and the panels."""
    rules = list(_rules(artifacts))
    series = _Series(artifacts, rules)
    edges = [*_of_rules(rules, series), *_of_dashboards(artifacts, series), *_of_alerts(artifacts, rules)]
    nodes = [*series.metrics.values(), *(node for _, node in rules), *_receivers(artifacts)]
    nodes += [*(_dashboard(each) for each in artifacts.dashboards)]
    return graph_of([*nodes, *chain.from_iterable((edge.start, edge.end) for edge in edges)], edges)


class _Series:
    """The nodes that write a series."""

    def __init__(self, artifacts: Artifacts, rules: Sequence[tuple[Rule, Node]]) -> None:
        self.metrics = {metric.name: _metric(metric.name, metric) for metric in artifacts.catalog}
        self._metric_of = {series: metric.name for metric in artifacts.catalog for series in metric.series()}
        self._rules: dict[str, list[tuple[Rule, Node]]] = {}
        self._alerts: list[Node] = []
        for rule, node in rules:
            if isinstance(rule, AlertingRule):
                self._alerts.append(node)
            else:
                self._rules.setdefault(rule.name, []).append((rule, node))

    def writers(self, selector: Selector) -> list[Node]:
        """The recording rules whose series a selector may match, or its metric; none without a name."""
        name = selector.metric
        if name in _OF_ALERTS and any(matcher.label == ALERTNAME for matcher in selector.matchers):
            return [node for node in self._alerts if _may_match(selector, {ALERTNAME: node.name})]
        if nodes := [node for rule, node in self._rules.get(name, ()) if _may_match(selector, rule.labels)]:
            return nodes
        name = self._metric_of.get(name, name)
        return [self.metrics.get(name) or _metric(name)] if name else []


def _may_match(selector: Selector, labels: Mapping[str, str]) -> bool:
    """Whether no matcher contradicts the labels that a rule sets."""
    known = ((matcher, labels.get(matcher.label)) for matcher in selector.matchers)
    return all(matcher.matches(value) is not False for matcher, value in known if value is not None)


def _metric(name: str, source: Source | None = None) -> Node:
    return Node("metric", name, place=_place(source))


# --- rules -------------------------------------------------------------------------------------------------------


def _rules(artifacts: Artifacts) -> Iterator[tuple[Rule, Node]]:
    labels_of: dict[str, set[Matchers]] = {}
    for rule in artifacts.rules():
        labels_of.setdefault(rule.name, set()).add(_matchers(rule))
    for file in artifacts.rule_files:
        for rule in file.rules():
            place = _place(rule.source)
            labels = str(Selector("", _matchers(rule))) if len(labels_of[rule.name]) > 1 else ""
            if isinstance(rule, AlertingRule):
                yield rule, Node("alert", rule.name, file.name, place=place)
            elif slo := _slo(rule):
                parent = Node("slo", slo, file.name, place=place)
                yield rule, Node("recording rule", rule.name, slo, place=place, parent=parent)
            else:
                yield rule, Node("recording rule", rule.name, file.name, labels, place)


def _matchers(rule: Rule) -> Matchers:
    return tuple(Matcher(name, "=", value) for name, value in sorted(rule.labels.items()))


def _slo(rule: Rule) -> str:
    """The SLO that a rule belongs to, also in a file that obscode wrote."""
    service, slo = rule.labels.get(naming.SERVICE), rule.labels.get(naming.SLO)
    return f"{service}/{slo}" if rule.name.startswith("slo:") and service and slo else ""


def _of_rules(rules: Iterable[tuple[Rule, Node]], series: _Series) -> Iterator[Edge]:
    for rule, node in rules:
        for expression in expressions_of(rule):
            yield from _reads(expression, node, series)


def _reads(expression: Expression, reader: Node, series: _Series) -> Iterator[Edge]:
    for selector in _selectors(expression):
        yield from (Edge(writer, reader) for writer in series.writers(selector))


def _selectors(expression: Expression) -> Sequence[Selector]:
    """The selectors of an expression; a matcher with a Grafana variable as its value accepts all values."""
    if not expression.panel:
        query = expression.parse_or_none()
        return query.selectors if query else ()
    try:
        if tree := parse_in_place(expression.text):
            return [node.selector for node in tree.descendants() if isinstance(node, VectorSelector)]
    except PromQLError:
        return ()
    # A variable may stand for a part of the name, or for any matcher.
    query = expression.parse_or_none()
    names = {*_NAME.findall(expression.text)}
    return [Selector(each.metric) for each in (query.selectors if query else ()) if each.metric in names]


# --- dashboards --------------------------------------------------------------------------------------------------


def _dashboard(dashboard: Dashboard) -> Node:
    return Node("dashboard", dashboard.title, place=_place(dashboard.source))


def _of_dashboards(artifacts: Artifacts, series: _Series) -> Iterator[Edge]:
    for dashboard in artifacts.dashboards:
        parent = _dashboard(dashboard)
        is_read = dashboard.definition is None
        for expression in of_file(dashboard) if is_read else expressions_of(dashboard):
            place = _place(expression.source, expression.at)
            panel = Node("panel", expression.owner, dashboard.title, place=place, parent=parent)
            yield from _reads(expression, panel, series)


# --- notifications -----------------------------------------------------------------------------------------------


def _receivers(artifacts: Artifacts) -> Iterator[Node]:
    for config in artifacts.alertmanager_configs:
        yield from (Node("receiver", each.name, place=_place(each.source)) for each in config.receivers)


def _of_alerts(artifacts: Artifacts, rules: Iterable[tuple[Rule, Node]]) -> Iterator[Edge]:
    """The receivers of alerts, by their labels."""
    nodes = {id(rule): node for rule, node in rules}
    types = (
        ProjectSeries.of_project(artifacts) if artifacts.is_compiled else ProjectSeries.of_files(artifacts.rule_files)
    )
    known = KnownAlerts(artifacts, types)
    for config in artifacts.alertmanager_configs:
        receivers = {each.name: Node("receiver", each.name, place=_place(each.source)) for each in config.receivers}
        for alert, reached in zip(known.all, known.destinations(config.route), strict=True):
            for each in reached:
                if receiver := receivers.get(each.receiver):
                    yield Edge(nodes[id(alert.rule)], receiver, each.is_certain)


def _place(source: Source | None, part: str = "") -> str:
    """`alerts.yml:12`; empty if it is unknown."""
    span = source.span(part) if source else None
    return str(span).rpartition(":")[0] if span and span.file else ""
