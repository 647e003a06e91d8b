"""The expressions of a project or of files, and the uses in them; recorded series are followed to their rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from obscode.artifacts.rules import AlertingRule, RecordingRule, Rule
from obscode.promql.errors import PromQLError
from obscode.promql.parser import parse_tree, substitute_variables
from obscode.promql.selector import Matcher, Selector
from obscode.promql.syntax_tree import Node
from obscode.simulation.conditions import Condition
from obscode.simulation.dashboard_queries import PanelQuery
from obscode.simulation.label_values import accepts, is_fixed
from obscode.simulation.shares import ratios
from obscode.simulation.uses import Analysis, Link, Use, analyse

_DEEPEST = 4  # records of records
_OF_SLOS = "slo:"  # the records whose alerts are about budgets


@dataclass(frozen=True)
class Skipped:
    """An expression for which no series are generated, and why."""

    expr: str
    reason: str


@dataclass
class Reader:
    """Uses by the expressions that were read; ``alarms`` are conditions of alerts, by metric.

    With ``has_alerts``, Prometheus has the series of alerts itself.
    """

    rules: Mapping[str, Sequence[Rule]] = field(default_factory=dict)
    has_alerts: bool = False
    uses: dict[Use, None] = field(default_factory=dict)
    links: dict[Link, None] = field(default_factory=dict)
    alarms: dict[str, dict[Condition, None]] = field(default_factory=dict)
    skipped: dict[Skipped, None] = field(default_factory=dict)
    units: dict[str, str] = field(default_factory=dict)
    ratios: dict[tuple[Selector, Selector], None] = field(default_factory=dict)
    _followed: set[tuple[int, frozenset[str], tuple[Matcher, ...]]] = field(default_factory=set)

    def read_rule(self, rule: Rule) -> None:
        """Read the expression of a rule."""
        tree = self._tree(rule.expr)
        if tree is None:
            return
        analysis = analyse(tree)
        if isinstance(rule, AlertingRule):
            for use in analysis.uses:
                self._note_alarms(use)
            analysis = Analysis(tuple(replace(use, conditions=()) for use in analysis.uses), analysis.links)
        self._note(analysis)

    def _note_alarms(self, use: Use, depth: int = 0) -> None:
        """Note the conditions of an alert for the metric, and for those from which rules record it."""
        self.alarms.setdefault(use.metric, {}).update(dict.fromkeys(use.conditions))
        if not use.conditions or depth == _DEEPEST or use.metric.startswith(_OF_SLOS):
            return
        for rule in self.rules.get(use.metric, ()):
            if (tree := self._tree(rule.expr)) is not None:
                for behind in analyse(tree, conditions=use.conditions).uses:
                    self._note_alarms(behind, depth + 1)

    def read_query(self, query: PanelQuery) -> None:
        """Read a query of a panel or of a variable."""
        tree = self._tree(query.expr)
        if tree is None:
            return
        analysis = analyse(tree, query.labels, query.matchers)
        if query.unit and len({use.metric for use in analysis.uses}) == 1 and len(analysis.uses) == 1:
            self.units.setdefault(analysis.uses[0].metric, query.unit)
        if query.unit in ("percent", "percentunit"):
            self.ratios.update(dict.fromkeys(ratios(tree)))
        self._note(analysis)

    def _tree(self, expr: str) -> Node | None:
        try:
            return parse_tree(expr)
        except PromQLError as error:
            reason = str(error)
        plain = expr.replace("holt_winters", "double_exponential_smoothing")  # its name before Prometheus 3
        try:
            return parse_tree(substitute_variables(plain))
        except PromQLError:
            self.skipped.setdefault(Skipped(expr, reason))
            return None

    def _note(self, analysis: Analysis) -> None:
        self.links.update(dict.fromkeys(analysis.links))
        for use in analysis.uses:
            if use.metric in self.rules:
                self._follow(use)
            elif not (self.has_alerts and use.metric in ("ALERTS", "ALERTS_FOR_STATE")):
                self.uses.setdefault(use)

    def parts(self) -> Iterator[tuple[Selector, Selector]]:
        """The metrics that panels in percent divide by others, which are behind what rules record."""
        for part, whole in self.ratios:
            behind = [self.metrics_behind(each) for each in (part, whole)]
            wholes = {each.metric for each in behind[1]}
            parts = [each for each in behind[0] if each.metric not in wholes] or behind[0]
            if len({each.metric for each in parts}) == len(wholes) == 1:
                yield parts[0], behind[1][0]

    def metrics_behind(self, selector: Selector, depth: int = 0) -> Sequence[Selector]:
        """The selectors of metrics from which rules record what one selects; of another one, itself."""
        rules = [rule for rule in self.rules.get(selector.metric, ()) if _may_match(rule, selector.matchers)]
        behind: dict[Selector, None] = {}
        for rule in rules if depth < _DEEPEST else ():
            matchers = tuple(m for m in selector.matchers if m.label not in rule.labels)
            for use in analyse(tree).uses if (tree := self._tree(rule.expr)) is not None else ():
                own = tuple(dict.fromkeys((*use.matchers, *matchers)))
                behind |= dict.fromkeys(self.metrics_behind(Selector(use.metric, own), depth + 1))
        return [each for each in behind if each.metric != "up"] or list(behind) or [selector]

    def _follow(self, use: Use) -> None:
        """Read the rules that record a series, with the labels that the use needs."""
        for rule in self.rules[use.metric]:
            if not _may_match(rule, use.matchers):
                continue
            labels = frozenset(label for label in use.labels if label not in rule.labels)
            matchers = tuple(m for m in use.matchers if m.label not in rule.labels and m.op in ("=", "=~"))
            key = (id(rule), labels, matchers)
            if key in self._followed:
                continue
            self._followed.add(key)
            if (tree := self._tree(rule.expr)) is not None:
                self._note(analyse(tree, labels, matchers))


def _may_match(rule: Rule, matchers: Sequence[Matcher]) -> bool:
    return all(accepts((m,), rule.labels[m.label]) for m in matchers if m.label in rule.labels and is_fixed(m))


def rules_by_name(rules: Iterable[Rule]) -> Mapping[str, Sequence[Rule]]:
    """The recording rules by the series that they record."""
    by_name: dict[str, list[Rule]] = {}
    for rule in rules:
        if isinstance(rule, RecordingRule):
            by_name.setdefault(rule.name, []).append(rule)
    return by_name


def alerts_of(rules: Iterable[Rule]) -> Iterator[AlertingRule]:
    """The alerting rules."""
    return (rule for rule in rules if isinstance(rule, AlertingRule))
