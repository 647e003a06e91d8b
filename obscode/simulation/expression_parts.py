"""What the syntax of an expression says by itself: windows, constants, the metrics that it reads."""

from __future__ import annotations

from obscode.promql.syntax_tree import Call, Negation, Node, NumberLiteral, Subquery, VectorSelector


def window_seconds(node: Call) -> float:
    """The seconds of a function's window, at least one."""
    match node.arguments[-1]:
        case VectorSelector(selector):
            return max(selector.window, 1.0)
        case Subquery(_, length):
            return max(length, 1.0)
    return 1.0


def subquery_samples(node: Call) -> float:
    """The samples of a subquery that a function reads; 0 if they are unknown."""
    match node.arguments[-1]:
        case Subquery(_, length, step) if step:
            return max(length / step, 1.0)
    return 0.0


def metric_names(node: Node) -> frozenset[str]:
    """The metrics that an expression reads."""
    if isinstance(node, VectorSelector):
        return frozenset({node.selector.metric})
    return frozenset[str]().union(*map(metric_names, node.children))


def constant(node: Node) -> float | None:
    """The number that an expression is, also a negative one; None for others."""
    match node:
        case NumberLiteral():
            return node.value
        case Negation():
            inner = constant(node.expr)
            return None if inner is None else -inner
    return None
