"""The subject of checks of PromQL: an expression of a rule or a panel, with the types of all of its parts.

A check goes through the parts, and reports with the caret at one of them, at its keyword, or at one of its labels::

    for node, _ in expression.nodes():
        if isinstance(node, Negation) and expression.type(node.expr).samples == "rate":
            yield expression.finding(negated_rate, f"{expression.owner} negates a rate", "remove the sign", node)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field, replace
from functools import cached_property

from obscode.artifacts.rules import AlertingRule, Rule
from obscode.checks.dashboards.finding import finding as dashboard_finding
from obscode.findings.code import Code, Severity
from obscode.findings.finding import Finding
from obscode.findings.fix import Fix
from obscode.model.alert import Rule as RuleDefinition
from obscode.model.definition import Definition
from obscode.promql.errors import PromQLError
from obscode.promql.parser import parse_in_place, parse_tree
from obscode.promql.positions import Positions, Span, locate
from obscode.promql.syntax_tree import Node
from obscode.promql.template_queries import TemplateQuery, template_queries
from obscode.promql.types import ExprType, SeriesTypes, Types, infer
from obscode.reader.dashboards.model import Dashboard, Panel, Target

Report = Callable[[Code, str, str, Span | None, Severity | None], Finding]


@dataclass(frozen=True)
class TypedExpression:
    """An expression of a rule or of a panel.

    Attributes:
        text: PromQL; in a panel, with Grafana variables.
        owner: what the expression belongs to, for messages: `alert Down`, `query A of panel "Requests"`.
        types: the types of its parts.
        rule: the rule; None for a panel, and for a query in a template of an alert.
        panel: the panel and its query; None for a rule.
    """

    text: str
    owner: str
    types: Types
    report: Report = field(repr=False)
    rule: Rule | None = None
    panel: tuple[Panel, Target] | None = None

    @property
    def tree(self) -> Node:
        """The syntax tree of the whole."""
        return self.types.tree

    def nodes(self) -> Sequence[tuple[Node, ExprType]]:
        """Every part with its type, parents first."""
        return self.types.nodes()

    def type(self, node: Node) -> ExprType:
        """The type of a part."""
        return self.types.of(node)

    @cached_property
    def positions(self) -> Positions:
        """The positions of the parts in the text."""
        return locate(self.text, self.tree)

    def text_of(self, node: Node) -> str:
        """The text of a part."""
        position = self.positions.of(node)
        return self.text[slice(*position.span)] if position else ""

    def range_of(self, node: Node) -> str:
        """The text from the square bracket of a range selector or a subquery; empty without one."""
        _, bracket, text = self.text_of(node).rpartition("[")
        return text if bracket else ""

    def part(self, node: Node) -> str:
        """The text of a part on one line, shortened for messages."""
        text = " ".join(self.text_of(node).split())
        return text if len(text) <= 60 else f"{text[:57]}..."

    def finding(
        self,
        code: Code,
        message: str,
        hint: str = "",
        node: Node | None = None,
        *,
        label: str = "",
        clauses: tuple[str, ...] = (),
        keyword: bool = False,
        severity: Severity | None = None,
        fix: Fix | None = None,
    ) -> Finding:
        """A finding with the caret at a part, at its ``keyword``, or at a ``label`` in one of its ``clauses``.

        ``fix`` is a certain remedy, which replaces the text there.
        """
        span = None
        if node is not None:
            span = self.positions.label(node, label, *clauses) if label else None
            position = self.positions.of(node)
            if span is None and position:
                span = position.keyword if keyword else position.span
        finding = self.report(code, message, hint, span, severity)
        return replace(finding, fix=fix) if fix and span else finding


def is_generated(rule: Rule) -> bool:
    """Whether obscode generates a rule, as of an SLO; others are written by hand."""
    return isinstance(rule.source, Definition) and not isinstance(rule.source, RuleDefinition)


def of_rule(rule: Rule, series: SeriesTypes) -> TypedExpression | None:
    """The expression of a rule; None for rules that obscode generates, and if it does not parse."""
    if is_generated(rule):
        return None
    try:
        types = infer(parse_tree(rule.expr), series)
    except PromQLError:  # reported by promql-syntax
        return None

    def report(code: Code, message: str, hint: str, span: Span | None, severity: Severity | None) -> Finding:
        finding = rule.source.finding(code, message, hint, at="expr", severity=severity)
        return finding.at(rule.source.characters_span("expr", *span)) if span else finding

    kind = "alert" if isinstance(rule, AlertingRule) else "recording rule"
    return TypedExpression(rule.expr, f"{kind} {rule.name}", types, report, rule)


def of_templates(rule: Rule, series: SeriesTypes) -> Iterator[TypedExpression]:
    """The constant queries in the templates of an alert."""
    if not isinstance(rule, AlertingRule) or is_generated(rule):
        return
    for name, text in (*rule.labels.items(), *rule.annotations.items()):
        for query in template_queries(text):
            with suppress(PromQLError):  # promtool reports it: template-error
                types = infer(parse_tree(query.text), series)
                owner = f"the query in the {name} of alert {rule.name}"
                yield TypedExpression(query.text, owner, types, _report_in_template(rule, name, query))


def _report_in_template(rule: Rule, name: str, query: TemplateQuery) -> Report:
    def report(code: Code, message: str, hint: str, span: Span | None, severity: Severity | None) -> Finding:
        finding = rule.source.finding(code, message, hint, at=name, severity=severity)
        if query.start is None:
            return finding
        start, end = span or (0, len(query.text))
        return finding.at(rule.source.characters_span(name, query.start + start, query.start + end))

    return report


def of_dashboard(dashboard: Dashboard, series: SeriesTypes) -> Iterator[TypedExpression]:
    """The expressions of a dashboard's panels that variables leave determined."""
    for panel, target in dashboard.targets("promql"):
        if not target.hidden and (expression := _of_target(panel, target, series)):
            yield expression


def _of_target(panel: Panel, target: Target, series: SeriesTypes) -> TypedExpression | None:
    try:
        tree = parse_in_place(target.expr)
    except PromQLError:  # reported by target-promql-rule; MetricsQL
        return None
    if tree is None:
        return None

    def report(code: Code, message: str, hint: str, span: Span | None, severity: Severity | None) -> Finding:
        return dashboard_finding(code, message, hint, target.query.at("expr"), panel, target, severity, span)

    owner = f"{target.name} of {panel.name}"
    return TypedExpression(target.expr, owner, infer(tree, series), report, panel=(panel, target))
