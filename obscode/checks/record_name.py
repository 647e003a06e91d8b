"""The window and the operation in the name of a recording rule are those of its expression.

Why: from `job:errors:rate5m`, a reader concludes that the series is a rate over five minutes, and from
`job:queue_length:max` that it is a maximum. https://prometheus.io/docs/practices/rules/

Bad:
    RecordingRule("job:errors:rate5m", "sum by (job) (rate(errors_total[10m]))")

Good:
    RecordingRule("job:errors:rate10m", "sum by (job) (rate(errors_total[10m]))")
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from obscode.artifacts.rules import RecordingRule
from obscode.checks.check import Context, check
from obscode.checks.typed_expression import TypedExpression
from obscode.findings.finding import Finding
from obscode.promql import duration
from obscode.promql.syntax_tree import Aggregation, Call, Node, Subquery, VectorSelector

_OPERATIONS = ("rate", "irate", "increase", "delta", "deriv")
_WINDOW = re.compile(rf"(?:^|_)(?:{'|'.join(_OPERATIONS)})_?(?P<window>\d+(?:ms|[smhdwy]))$")
# A count is called a sum, too: instance:node_num_cpu:sum.
_AGGREGATIONS = frozenset({"sum", "avg", "min", "max"})


@check(TypedExpression, severity="warning")
def record_name(expression: TypedExpression, context: Context) -> Iterator[Finding]:
    """Names that contradict the windows, or the outermost aggregation, of their expression."""
    rule = expression.rule
    if not isinstance(rule, RecordingRule) or rule.name.count(":") != 2:
        return
    operations = rule.name.rpartition(":")[2]
    for message, hint in (*_of_window(operations, expression), *_of_aggregation(operations, expression)):
        yield rule.source.finding(record_name, f"{rule.name!r} {message}", hint, at="record")


def _of_window(operations: str, expression: TypedExpression) -> Iterator[tuple[str, str]]:
    match = _WINDOW.search(operations)
    windows = {window for node, _ in expression.nodes() if (window := _window(node))}
    if match and windows and duration.milliseconds(match["window"]) / 1000 not in windows:
        texts = ", ".join(duration.format_duration(round(window * 1000)) for window in sorted(windows))
        yield f"names the window {match['window']}, but the expression reads {texts}", "correct the window or the name"


def _window(node: Node) -> float:
    """The window of a rate; others, such as that of a maximum of rates, have no place in the name."""
    match node:
        case Call(arguments=[VectorSelector() as series]) if node.function in _OPERATIONS:
            return series.selector.window
        case Call(arguments=[Subquery() as subquery]) if node.function in _OPERATIONS:
            return subquery.range
    return 0


def _of_aggregation(operations: str, expression: TypedExpression) -> Iterator[tuple[str, str]]:
    tree, others = expression.tree, _AGGREGATIONS - {operations}
    if operations not in _AGGREGATIONS or not isinstance(tree, Aggregation) or tree.operator not in others:
        return
    if not any(isinstance(node, Aggregation) and node.operator == operations for node in tree.descendants()):
        yield f"names {operations}, but the expression is a {tree.operator}", "correct the operation or the name"
