"""A window or an offset is not longer than the time for which Prometheus keeps samples.

Why: a selector with an offset beyond the retention finds no samples: the alert never fires, the panel is empty. A
window that is longer has only the samples of the retention. `Project(retention=)` is the retention of the server; for
files, it is the one in the configuration of Prometheus that is checked with them. An alert with a `for` beyond it fires
when nobody can see why.

Bad:
    Project("team", retention="15d")
    Alert("Growth", "disk_used_bytes > 2 * disk_used_bytes offset 60d", severity="ticket", summary="the disk fills")

Good:
    Project("team", retention="90d")
    Alert("Growth", "disk_used_bytes > 2 * disk_used_bytes offset 60d", severity="ticket", summary="the disk fills")
"""

from __future__ import annotations

from collections.abc import Iterator

from obscode.artifacts.rules import AlertingRule, Rule
from obscode.checks.check import Context, check
from obscode.checks.typed_expression import TypedExpression
from obscode.findings.finding import Finding
from obscode.promql import duration
from obscode.promql.syntax_tree import Node, Subquery, VectorSelector


@check(TypedExpression, severity="warning")
def beyond_retention(expression: TypedExpression, context: Context) -> Iterator[Finding]:
    """Windows, offsets and `for` that are longer than the retention."""
    retention = context.server.retention
    if (finding := _of_for(expression.rule, retention)) is not None:
        yield finding
    seconds = duration.milliseconds(retention) / 1000 if retention else 0
    for node, reach, offset in _selectors(expression.tree) if seconds else ():
        if reach > seconds:
            what = "an offset" if offset >= seconds else "a window"
            message = (
                f"{expression.owner} reads samples of the last {_text(reach)}, but the retention is {retention}: "
                f"{expression.part(node)} has {what} beyond it"
            )
            hint = f"shorten it, or set the retention to {_text(reach)} or more"
            yield expression.finding(beyond_retention, message, hint, node)


def _of_for(rule: Rule | None, retention: str) -> Finding | None:
    """The finding for an alert that waits longer than the samples are kept."""
    if not isinstance(rule, AlertingRule) or not retention or not rule.for_ or duration.validate_duration(rule.for_):
        return None
    if duration.milliseconds(rule.for_) <= duration.milliseconds(retention):
        return None
    message = f"for {rule.for_} of alert {rule.name} is longer than the retention {retention}"
    return rule.source.finding(beyond_retention, message, "shorten it", at="for")


def _selectors(node: Node, reach: float = 0, offset: float = 0) -> Iterator[tuple[VectorSelector, float, float]]:
    """Selectors with the seconds that they reach back, in all and by offsets alone; not those at a fixed time."""
    if isinstance(node, VectorSelector) and node.at is None:
        yield node, reach + node.selector.window + node.offset, offset + node.offset
    elif isinstance(node, Subquery) and node.at is None:
        yield from _selectors(node.expr, reach + node.range + node.offset, offset + node.offset)
    elif not isinstance(node, VectorSelector | Subquery):
        for child in node.children:
            yield from _selectors(child, reach, offset)


def _text(seconds: float) -> str:
    return duration.format_duration(round(seconds * 1000))
