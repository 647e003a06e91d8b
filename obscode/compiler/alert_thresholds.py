"""Extract each alert's expression and threshold, to draw the threshold on panels that show the expression."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain, pairwise
from math import isfinite

from obscode.compiler.inference.trees import constant
from obscode.model import severities
from obscode.model.alert import Alert
from obscode.model.dashboard import Panel, QueryPanel, Row, Threshold
from obscode.model.numbers import shortest_number
from obscode.promql import duration
from obscode.promql.errors import PromQLError
from obscode.promql.parser import parse, parse_tree
from obscode.promql.selector import Matcher
from obscode.promql.syntax_tree import BinaryOperation, Node, VectorSelector

_ORDERED = (">", "<", ">=", "<=")
_EQUAL = ("==", "!=")
_PAGE_COLOR, _OTHER_COLOR = "red", "orange"
_OK = "green"
# Grafana replaces these with a window that depends on the time range; an alert has a fixed window.
_INTERVALS = ("$__rate_interval", "${__rate_interval}")


@dataclass(frozen=True)
class Condition:
    """The comparison of an alert.

    Attributes:
        expression: the expression that is compared.
        above: whether the alert fires above the value, or below it.
        value: the threshold; None for an equality, or a comparison with another series.
        alert: the alert.
        color: the color of the threshold: red for pages.
    """

    expression: Node
    above: bool
    value: float | None
    alert: Alert
    color: str = _OTHER_COLOR


@dataclass(frozen=True)
class Conditions:
    """The conditions of alerts, by the expression that they compare.

    ``windows`` are the windows in the expressions of alerts.
    """

    by_node: Mapping[Node, Sequence[Condition]]
    windows: Sequence[str]

    @classmethod
    def of(cls, alerts: Iterable[Alert], *, page: str = severities.PAGE) -> Conditions:
        """The conditions of the alerts that are comparisons; ``page`` is the severity of pages."""
        by_expression: dict[Node, list[Condition]] = {}
        windows: dict[str, None] = {}
        for alert in alerts:
            if condition := condition_of(alert):
                condition = replace(condition, color=_PAGE_COLOR if alert.severity == page else _OTHER_COLOR)
                by_expression.setdefault(condition.expression, []).append(condition)
                windows |= dict.fromkeys(_windows(alert.expr))
        return cls(by_expression, list(windows))

    def conditions_for(self, expr: str) -> Sequence[Condition]:
        """The conditions on a panel's expression; spaces and parentheses do not matter."""
        for reading in _with_windows(expr, self.windows) if self.by_node else ():
            try:
                tree, labels = parse_tree(reading), parse(reading).labels
            except PromQLError:
                continue
            if conditions := self.by_node.get(tree) or self.by_node.get(_without_variable_matchers(tree, labels)):
                return conditions
        return ()


def _with_windows(expr: str, windows: Sequence[str]) -> Iterator[str]:
    """The expression, and the expression with each window of an alert instead of Grafana's."""
    yield expr
    if "rate(" in expr:  # a rate has the same value for any window, an increase does not
        for window in windows:
            filled = expr
            for interval in _INTERVALS:
                filled = filled.replace(interval, window)
            yield filled


_VARIABLE = re.compile(r"\$\w+|\$\{\w+(:\w+)?\}|\[\[\w+\]\]")


def _without_variable_matchers(node: Node, labels: frozenset[str] | None) -> Node:
    """The expression without matchers on dashboard variables whose label is in the result.

    Such a matcher selects series. A matcher on another label changes their values, and stays.
    """

    def is_fixed(matcher: Matcher) -> bool:
        return not _VARIABLE.fullmatch(matcher.value) or (labels is not None and matcher.label not in labels)

    if isinstance(node, VectorSelector):
        matchers = tuple(matcher for matcher in node.selector.matchers if is_fixed(matcher))
        return replace(node, selector=replace(node.selector, matchers=matchers))
    return node.with_children(*(_without_variable_matchers(child, labels) for child in node.children))


def _windows(expr: str) -> list[str]:
    return [duration.format_duration(int(s.window * 1000)) for s in parse(expr).selectors if s.window]


def condition_of(alert: Alert) -> Condition | None:
    """The comparison of an alert; None if its expression is none."""
    try:
        node = parse_tree(alert.expr)
    except PromQLError:
        return None
    while isinstance(node, BinaryOperation) and node.operator in ("and", "unless"):
        node = node.left
    if not isinstance(node, BinaryOperation) or node.operator not in (*_ORDERED, *_EQUAL) or node.returns_bool:
        return None
    left, right, above = node.left, node.right, node.operator[0] == ">"
    if (value := constant(right)) is not None:
        return Condition(left, above, _threshold_value(node, value), alert)
    if (value := constant(left)) is not None:
        return Condition(right, not above, _threshold_value(node, value), alert)
    return Condition(left, above, None, alert)


def _threshold_value(node: BinaryOperation, number: float) -> float | None:
    return shortest_number(number) if node.operator in _ORDERED and isfinite(number) else None


def are_shown(alerts: Iterable[Alert], rows: Iterable[Row]) -> bool:
    """Whether a panel that has no thresholds shows an expression that an alert compares with a number."""
    conditions = Conditions.of(alerts)
    names = {metric for condition in chain.from_iterable(conditions.by_node.values()) for metric in _metrics(condition)}
    return any(
        bool(conditions.conditions_for(query.expr))
        for row in rows
        for panel in row.panels
        if isinstance(panel, QueryPanel) and not panel.thresholds
        for query in panel.all_queries()
        if any(name in query.expr for name in names)
    )


def _metrics(condition: Condition) -> list[str]:
    """The names of series in a condition; an empty one, which is in any text, for a selector without."""
    nodes = condition.expression.descendants()
    return [node.selector.metric for node in nodes if isinstance(node, VectorSelector)] or [""]


# --- thresholds --------------------------------------------------------------------------------------------------


def with_alert_thresholds(rows: Sequence[Row], conditions: Conditions) -> tuple[Row, ...]:
    """Rows whose panels have the thresholds of alerts, unless they have their own."""
    return tuple(row.with_panels([_with_thresholds(panel, conditions) for panel in row.panels]) for row in rows)


def _with_thresholds(panel: Panel, conditions: Conditions) -> Panel:
    if not isinstance(panel, QueryPanel) or panel.alert_thresholds == "none" or panel.thresholds:
        return panel
    by_query = [
        [each for each in conditions.conditions_for(query.expr) if each.value is not None]
        for query in panel.all_queries()
    ]
    # A color is the color of every value; a line can be the line of one query among several.
    if not any(by_query) or not (panel.alert_thresholds == "line" or all(by_query)):
        return panel
    return panel.derive(thresholds=_thresholds([*chain.from_iterable(by_query)]))


def _thresholds(conditions: Sequence[Condition]) -> tuple[Threshold, ...]:
    """In ascending order: the colors of alerts on low values, green, the colors of alerts on high values."""
    ordered = sorted(conditions, key=_urgency)
    low = {c.value: c for c in ordered if c.value is not None and not c.above}
    high = {c.value: c for c in ordered if c.value is not None and c.above}
    highest_low = max(low, default=None)
    starts = [None, *sorted(low)]
    steps = [_step(start, low[end], low[end].color) for start, end in pairwise(starts) if end is not None]
    steps += [_step(highest_low, low[highest_low], _OK)] if highest_low is not None else []
    steps += [
        _step(start, high[start], high[start].color)
        for start in sorted(high)
        if highest_low is None or start > highest_low
    ]
    return tuple(steps)


def _step(start: float | None, condition: Condition, color: str) -> Threshold:
    return Threshold(start, color).with_origin(condition.alert.origin)


def _urgency(condition: Condition) -> bool:
    """Sort key: of two alerts with the same threshold, the more urgent one wins."""
    return condition.color != _OTHER_COLOR
