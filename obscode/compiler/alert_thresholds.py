"""What alerts compare with which number, so that a panel that shows the same gets its line from the alert."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from math import isfinite

from obscode.compiler.inference.units import constant
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
_COLORS = {"page": "red", "critical": "red"}
_OTHER_COLOR = "orange"
_FINE = "green"
# The window that a reader's zoom decides; an alert has one of its own.
_INTERVALS = ("$__rate_interval", "${__rate_interval}")


@dataclass(frozen=True)
class Condition:
    """An alert's expression without the comparison, and from which number on it is true.

    None where that is no number above or below which it is: `== 0`, or another series.
    """

    shown: Node
    above: bool
    value: float | None
    alert: Alert

    @property
    def color(self) -> str:
        """Red for what wakes people."""
        return _COLORS.get(self.alert.severity, _OTHER_COLOR)


@dataclass(frozen=True)
class Conditions:
    """The conditions of all alerts, by what they compare."""

    by_node: Mapping[Node, Sequence[Condition]]
    windows: Sequence[str]

    @classmethod
    def of(cls, alerts: Iterable[Alert]) -> Conditions:
        """Those of the alerts that compare something with a number."""
        found: dict[Node, list[Condition]] = {}
        windows: dict[str, None] = {}
        for alert in alerts:
            if condition := _condition(alert):
                found.setdefault(condition.shown, []).append(condition)
                windows |= dict.fromkeys(_windows(alert.expr))
        return cls(found, list(windows))

    def conditions_for(self, expr: str) -> Sequence[Condition]:
        """The conditions about what a panel's expression shows, whatever its spaces and parentheses."""
        for reading in _readings(expr, self.windows):
            try:
                shown, labels = parse_tree(reading), parse(reading).labels
            except PromQLError:
                continue
            if conditions := self.by_node.get(shown) or self.by_node.get(_without_variable_matchers(shown, labels)):
                return conditions
        return ()


def _readings(expr: str, windows: Sequence[str]) -> Iterator[str]:
    """The expression, or what it is with each window that an alert has, where Grafana would choose one."""
    yield expr
    if "rate(" in expr:  # a rate over a shorter window is the same number, an increase is not
        for window in windows:
            filled = expr
            for interval in _INTERVALS:
                filled = filled.replace(interval, window)
            yield filled


_CHOICE = re.compile(r"\$\w+|\$\{\w+(:\w+)?\}|\[\[\w+\]\]")


def _without_variable_matchers(node: Node, labels: frozenset[str] | None) -> Node:
    """An expression for all that a reader may choose of: which series are shown, and not what their values are.

    A choice by a label that the result has not changes the values, and stays.
    """

    def kept(matcher: Matcher) -> bool:
        return not _CHOICE.fullmatch(matcher.value) or (labels is not None and matcher.label not in labels)

    if isinstance(node, VectorSelector):
        matchers = tuple(matcher for matcher in node.selector.matchers if kept(matcher))
        return replace(node, selector=replace(node.selector, matchers=matchers))
    return node.with_children(*(_without_variable_matchers(child, labels) for child in node.children))


def _windows(expr: str) -> list[str]:
    return [duration.format_duration(int(s.window * 1000)) for s in parse(expr).selectors if s.window]


def _condition(alert: Alert) -> Condition | None:
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
        return Condition(left, above, _line(node, value), alert)
    if (value := constant(left)) is not None:
        return Condition(right, not above, _line(node, value), alert)
    return Condition(left, above, None, alert)


def _line(node: BinaryOperation, number: float) -> float | None:
    return shortest_number(number) if node.operator in _ORDERED and isfinite(number) else None


# --- thresholds --------------------------------------------------------------------------------------------------


def with_alert_thresholds(rows: Sequence[Row], conditions: Conditions) -> tuple[Row, ...]:
    """Rows whose panels have a line where an alert begins, unless they have lines of their own."""
    return tuple(row.with_panels([_lined(panel, conditions) for panel in row.panels]) for row in rows)


def _lined(panel: Panel, conditions: Conditions) -> Panel:
    if not isinstance(panel, QueryPanel) or panel.alert_thresholds == "none" or panel.thresholds:
        return panel
    by_query = [
        [each for each in conditions.conditions_for(query.expr) if each.value is not None]
        for query in panel.all_queries()
    ]
    # A color is the color of every value; a line can be the line of one query among several.
    if not any(by_query) or not (panel.alert_thresholds == "line" or all(by_query)):
        return panel
    return replace(panel, thresholds=_thresholds([condition for found in by_query for condition in found]))


def _thresholds(conditions: Sequence[Condition]) -> tuple[Threshold, ...]:
    """Upwards: below the numbers under which something is too low, then well, then from those that are too high."""
    ordered = sorted(conditions, key=_urgency)
    low = {c.value: c for c in ordered if c.value is not None and not c.above}
    high = {c.value: c for c in ordered if c.value is not None and c.above}
    well = max(low, default=None)
    starts = [None, *sorted(low)]
    steps = [_step(start, low[end], low[end].color) for start, end in pairwise(starts) if end is not None]
    steps += [_step(well, low[well], _FINE)] if well is not None else []
    steps += [_step(start, high[start], high[start].color) for start in sorted(high) if well is None or start > well]
    return tuple(steps)


def _step(start: float | None, condition: Condition, color: str) -> Threshold:
    return Threshold(start, color, origin=condition.alert.origin)


def _urgency(condition: Condition) -> bool:
    """Of two alerts with one number, the more urgent comes last, and is kept."""
    return condition.color != _OTHER_COLOR
