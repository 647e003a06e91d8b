"""An alert has a condition: a comparison, absent(), `and` or `unless`.

Why: an alert fires for every series that its expression yields, whatever its value. Without a condition, and with
`> bool`, which yields 0 where it does not hold, it fires from the first scrape on and never ends. vector(1), which
says that alerts arrive at all, is meant so.

Bad:
    Alert("HighErrorRate", "sum(rate(http_errors_total[5m])) > bool 5", summary="requests fail")

Good:
    Alert("HighErrorRate", "sum(rate(http_errors_total[5m])) > 5", summary="requests fail")
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from obscode.artifacts.project import Artifacts
from obscode.findings.finding import Finding
from obscode.findings.source import Source
from obscode.promql.errors import PromQLError
from obscode.promql.parser import parse_tree
from obscode.promql.syntax_tree import Node

_COMPARISONS = ("==", "!=", ">", "<", ">=", "<=")
_ABSENT = ("absent", "absent_over_time")
# A number has no "no result": scalar() of nothing is NaN.
_ALWAYS = ("scalar", "vector")
# There only while an alert waits or fires.
_FIRING = ("ALERTS", "ALERTS_FOR_STATE")


def check(artifacts: Artifacts) -> Iterator[tuple[Source, Finding]]:
    """Alerts of the user's that always fire, each as a warning."""
    for alert in (alert for service in artifacts.services for alert in service.alerts):
        try:
            node = parse_tree(alert.expr)
        except PromQLError:  # told by the check promql-syntax alone
            continue
        if not _is_condition(node) and not _is_heartbeat(node):
            message = f"alert {alert.name} fires whatever the value: its expression has no condition"
            hint = "compare it with a number, such as > 0.05"
            if _has_bool(node):
                message = f"alert {alert.name} always fires: bool makes 0 of what does not hold, and 0 fires, too"
                hint = "leave out bool"
            finding = alert.finding("alert-comparison", message, hint, at="expr")
            yield alert, replace(finding, severity="warning")


def _is_condition(node: Node) -> bool:
    """Whether a part yields nothing at times, because it says so, not because a series is missing."""
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
