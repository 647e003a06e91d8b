"""What stands around a part: a function, an aggregation, an operation that is added or removed."""

from __future__ import annotations

from dataclasses import replace

from obscode.diff.change import Risk
from obscode.diff.expressions.difference import Difference
from obscode.diff.expressions.node_text import aggregation_text, duration_text, node_text, operator_text
from obscode.diff.expressions.normal_form import is_comparison, size
from obscode.diff.expressions.places import Place
from obscode.promql.syntax_tree import Aggregation, BinaryOperation, Call, Negation, Node, Subquery, VectorSelector


def instant(node: Node, other: Node) -> Node:
    """A part without its window, which belongs to the function around it, if the other part has none."""
    match node, other:
        case VectorSelector(), VectorSelector() if not other.selector.window:
            return replace(node, selector=replace(node.selector, window=0))
        case Subquery(), _ if not isinstance(other, Subquery):
            return node.expr
    return node


def wrapper(node: Node, index: int, place: Place, *, is_added: bool) -> Difference:
    """What stands around a child, as an addition or a removal."""
    what, text, weight = "operation", "", 1.0
    risk: Risk = "changed"
    match node:
        case Call():
            what, text = "function", f"{node.function}(){_window(node.arguments[index])}"
        case Aggregation():
            what, text = "aggregation", aggregation_text(node)
        case Negation():
            what, text = "sign", "-"
        case Subquery():
            what, text = "subquery", f"[{duration_text(node.range)}:]"
        case BinaryOperation():
            other = node.children[1 - index]
            weight += size(other)
            operand = node_text(other)
            text = f"{operator_text(node)} {operand}" if index == 0 else f"{operand} {operator_text(node)}"
            if is_comparison(node) and index == 0:
                what, risk = "threshold", place.risk(-1 if is_added else 1)
    before, after = (None, text) if is_added else (text, None)
    return Difference(what, before, after, "", risk, weight)


def _window(node: Node) -> str:
    """` over 5m` for a range vector."""
    match node:
        case VectorSelector() if node.selector.window:
            return f" over {duration_text(node.selector.window)}"
        case Subquery():
            return f" over {duration_text(node.range)}"
    return ""
