"""`for` of an alert on an increase is not longer than the window of the increase.

Why: an event leaves `increase(x[5m])` after five minutes, so that with `for: 15m` an alert `> 0` fires only if further
events follow for 15 minutes. That may be intended, as in the Prometheus mixin; where single events count, the alert
never fires. So it is a note.

Bad:
    Alert("Restarts", "increase(restarts_total[10m]) > 3", severity="page", summary="restarts", for_="1h")

Good:
    Alert("Restarts", "increase(restarts_total[1h]) > 3", severity="page", summary="restarts", for_="5m")
"""

from __future__ import annotations

from collections.abc import Iterator

from obscode.artifacts.rules import AlertingRule
from obscode.checks.check import Context, check
from obscode.checks.typed_expression import TypedExpression
from obscode.findings.finding import Finding
from obscode.promql import duration
from obscode.promql.syntax_tree import BinaryOperation, Call, Node, NumberLiteral, VectorSelector

_OF_EVENTS = ("increase", "changes", "resets")
_ABOVE = (">", ">=", "!=")


@check(TypedExpression, severity="note")
def for_beyond_window(expression: TypedExpression, context: Context) -> Iterator[Finding]:
    """Alerts on a number of events that wait longer than the events are counted."""
    alert, tree = expression.rule, expression.tree
    if not isinstance(alert, AlertingRule) or not alert.for_ or duration.validate_duration(alert.for_):
        return
    if not isinstance(tree, BinaryOperation) or tree.operator not in _ABOVE:
        return
    windows = list(_windows(tree.left))
    waits = duration.milliseconds(alert.for_) / 1000
    if isinstance(tree.right, NumberLiteral) and windows and None not in windows and waits > max(filter(None, windows)):
        longest = duration.format_duration(round(1000 * max(filter(None, windows))))
        message = f"alert {alert.name} waits for {alert.for_}, but counts the events of the last {longest}"
        hint = "shorten for, or count the events of a longer window"
        yield alert.source.finding(for_beyond_window, message, hint, at="for")


def _windows(node: Node) -> Iterator[float | None]:
    """The windows, in seconds, of the counts of events in an expression; None for any other series."""
    if isinstance(node, Call) and node.function in _OF_EVENTS:
        (argument,) = node.arguments
        yield argument.selector.window if isinstance(argument, VectorSelector) else None
    elif isinstance(node, VectorSelector):
        yield None
    else:
        for child in node.children:
            yield from _windows(child)
