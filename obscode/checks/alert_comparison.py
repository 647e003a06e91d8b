"""An alert has a condition: a comparison, absent(), `and` or `unless`.

Why: an alert fires for every series in the result of its expression, whatever the value. Without a condition it fires
from the first scrape on and never resolves; so it does with `> bool`, whose result is 0 instead of empty. vector(1) is
accepted: a heartbeat alert, which tests that alerts are delivered, always fires.

Bad:
    Alert("HighErrorRate", "sum(rate(http_errors_total[5m])) > bool 5", summary="requests fail")

Good:
    Alert("HighErrorRate", "sum(rate(http_errors_total[5m])) > 5", summary="requests fail")
"""

from __future__ import annotations

from collections.abc import Iterator

from obscode.artifacts.rules import AlertingRule
from obscode.checks.check import Context, check
from obscode.findings.finding import Finding
from obscode.promql.errors import PromQLError
from obscode.promql.parser import parse_tree
from obscode.promql.syntax_tree import Node

_COMPARISONS = ("==", "!=", ">", "<", ">=", "<=")
_ABSENT = ("absent", "absent_over_time")
# These are never empty: scalar() of no series is NaN.
_ALWAYS = ("scalar", "vector")
# Series that exist only while an alert is pending or firing.
_FIRING = ("ALERTS", "ALERTS_FOR_STATE")


@check(AlertingRule, severity="warning")
def alert_comparison(alert: AlertingRule, context: Context) -> Iterator[Finding]:
    """Alerts that always fire."""
    try:
        node = parse_tree(alert.expr)
    except PromQLError:  # reported by promql-syntax
        return
    if not _is_condition(node) and not _is_heartbeat(node):
        message = f"alert {alert.name} fires for every value: its expression has no condition"
        hint = "compare it with a number, such as > 0.05"
        if _has_bool(node):
            message = (
                f"alert {alert.name} always fires: with bool, a comparison that is false yields 0, and 0 fires too"
            )
            hint = "remove bool"
        yield alert.source.finding(alert_comparison, message, hint, at="expr")


def _is_condition(node: Node) -> bool:
    """True if a part of the expression can be empty because of a condition, not only because a series is missing."""
    if node.kind == "selector":
        return node.selector is not None and node.selector.metric in _FIRING
    if node.kind == "operation":
        if node.name in ("and", "unless"):
            return True
        if node.name == "or":
            return all(_is_condition(part) for part in node.parts)
        if node.name in _COMPARISONS and "bool" not in node.modifiers:
            return True
    if node.kind == "call" and node.name in (*_ABSENT, *_ALWAYS):
        return node.name in _ABSENT
    return any(_is_condition(part) for part in node.parts)


def _is_heartbeat(node: Node) -> bool:
    return node.kind == "call" and node.name == "vector"


def _has_bool(node: Node) -> bool:
    return "bool" in node.modifiers or any(_has_bool(part) for part in node.parts)
