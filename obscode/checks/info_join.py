"""A product with an info metric keeps the labels of the other side: `* on (...) group_left (...)`.

Why: without group_left, the result has the labels of `on` only, so the labels that the info metric should add are lost;
and if a label of `on` belongs to several series, Prometheus reports "many-to-many matching not allowed" at run time.

Bad:
    RecordingRule("instance:requests:rate5m", "rate(requests_total[5m]) * on (instance) build_info")

Good:
    RecordingRule(
        "instance:requests:rate5m", "rate(requests_total[5m]) * on (instance) group_left (version) build_info"
    )
"""

from __future__ import annotations

from collections.abc import Iterator

from obscode.checks.check import Context, check
from obscode.checks.typed_expression import TypedExpression
from obscode.findings.finding import Finding
from obscode.promql.syntax_tree import BinaryOperation, Node, VectorSelector


@check(TypedExpression, severity="warning")
def info_join(expression: TypedExpression, context: Context) -> Iterator[Finding]:
    """Products with info metrics without group_left and group_right."""
    for node, _ in expression.nodes():
        if not isinstance(node, BinaryOperation) or node.operator != "*" or not node.matching or not node.matching.on:
            continue
        for info, other in ((node.right, node.left), (node.left, node.right)):
            if not _is_info(info) or _is_info(other) or node.matching.cardinality != "one-to-one":
                continue
            possible = expression.type(other).labels.possible
            if possible is None or possible - node.matching.labels:
                side = "group_left" if info is node.right else "group_right"
                message = f"{expression.owner} multiplies with `{expression.part(info)}` without {side}"
                hint = f"write * on (...) {side} (...) with the labels of the info metric"
                yield expression.finding(info_join, message, hint, node, keyword=True)


def _is_info(node: Node) -> bool:
    return isinstance(node, VectorSelector) and node.selector.metric.endswith("_info")
