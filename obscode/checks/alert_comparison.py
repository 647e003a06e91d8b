"""An alert has a condition: a comparison, absent(), `and` or `unless`.

Why: an alert fires for every series in the result of its expression, whatever the value. Without a condition it fires
from the first scrape on and never resolves; so it does with `> bool`, whose result is 0 instead of empty. vector(1) is
accepted: a heartbeat alert, which tests that alerts are delivered, always fires.

Bad:
    Alert("HighErrorRate", "sum(rate(http_errors_total[5m])) > bool 5", severity="ticket", summary="requests fail")

Good:
    Alert("HighErrorRate", "sum(rate(http_errors_total[5m])) > 5", severity="ticket", summary="requests fail")
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from obscode.artifacts.rules import AlertingRule
from obscode.checks.check import Context, check
from obscode.findings.finding import Finding
from obscode.model.alert import Alert
from obscode.model.definition import Definition
from obscode.promql.errors import PromQLError
from obscode.promql.parser import parse_tree
from obscode.promql.positions import locate
from obscode.promql.selector import Selector
from obscode.promql.syntax_tree import BinaryOperation, Call, Node, VectorSelector, value_type

_COMPARISONS = ("==", "!=", ">", "<", ">=", "<=")
_ABSENT = ("absent", "absent_over_time")
# These are never empty: scalar() of no series is NaN.
_ALWAYS = ("scalar", "vector")
# Series that exist only while an alert is pending or firing.
_FIRING = ("ALERTS", "ALERTS_FOR_STATE")
_BOOL = re.compile(r"([=!<>]+)\s+bool\b", re.IGNORECASE)
_STATE = re.compile(r"_(?:info|metadata)(?:_|$)")


@check(AlertingRule, severity="warning")
def alert_comparison(alert: AlertingRule, context: Context) -> Iterator[Finding]:
    """Alerts that always fire; those that obscode generates have a condition."""
    if isinstance(alert.source, Definition) and not isinstance(alert.source, Alert):
        return
    try:
        node = parse_tree(alert.expr)
    except PromQLError:  # reported by promql-syntax
        return
    if not _is_condition(node) and not _is_heartbeat(node):
        message = f"alert {alert.name} fires for every value: its expression has no condition"
        hint = "compare it with a number, such as > 0.05"
        if _has_bool(node):
            yield _always_fires(alert, node)
        else:
            yield alert.source.finding(alert_comparison, message, hint, at="expr")


def _always_fires(alert: AlertingRule, node: Node) -> Finding:
    """The finding for a condition with bool; where the condition is the whole, removing bool is certain to be right."""
    message = f"alert {alert.name} always fires: with bool, a comparison that is false yields 0, and 0 fires too"
    finding = alert.source.finding(alert_comparison, message, "remove bool", at="expr")
    # Between two numbers, bool is required.
    is_whole = isinstance(node, BinaryOperation) and node.returns_bool and value_type(node) == "vector"
    position = locate(alert.expr, node).of(node) if is_whole else None
    match = _BOOL.match(alert.expr, position.keyword[0]) if position else None
    if match is None:
        return finding
    return finding.at(alert.source.characters_span("expr", *match.span())).with_fix(match[0], match[1])


def _is_condition(node: Node) -> bool:
    """True if a part of the expression can be empty because of a condition, not only because a series is missing."""
    match node:
        case VectorSelector():
            return node.selector.metric in _FIRING or _is_state(node.selector)
        case BinaryOperation(operator="and" | "unless"):
            return True
        case BinaryOperation(operator="or"):
            return _is_condition(node.left) and _is_condition(node.right)
        case BinaryOperation(returns_bool=False) if node.operator in _COMPARISONS:
            return True
        case Call() if node.function in (*_ABSENT, *_ALWAYS):
            return node.function in _ABSENT
    return any(map(_is_condition, node.children))


def _is_state(selector: Selector) -> bool:
    """True for a metric whose labels hold a state, such as `flux_info{ready="False"}`: its value is always 1."""
    return bool(selector.matchers) and bool(_STATE.search(selector.metric))


def _is_heartbeat(node: Node) -> bool:
    return isinstance(node, Call) and node.function == "vector"


def _has_bool(node: Node) -> bool:
    return any(isinstance(each, BinaryOperation) and each.returns_bool for each in node.descendants())
