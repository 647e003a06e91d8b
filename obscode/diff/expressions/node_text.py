"""Parts of an expression as text for sentences. Output of obscode is never printed from a tree, sentences are."""

from __future__ import annotations

import math

from obscode.diff.expressions.normal_form import Clause, Conditions, Operands
from obscode.promql.duration import format_duration
from obscode.promql.syntax_tree import (
    Aggregation,
    At,
    BinaryOperation,
    Call,
    Matching,
    Negation,
    Node,
    NumberLiteral,
    StringLiteral,
    Subquery,
    VectorSelector,
)
from obscode.promql.tokens import label_text, quote


def node_text(node: Node) -> str:
    """PromQL of a part, with parentheses around operands that are operations."""
    match node:
        case NumberLiteral():
            return number_text(node.value)
        case StringLiteral():
            return quote(node.value)
        case VectorSelector():
            window = f"[{duration_text(node.selector.window)}]" if node.selector.window else ""
            return f"{node.selector}{window}{_modifiers(node.offset, node.at)}"
        case Subquery():
            step = "" if node.step is None else duration_text(node.step)
            inner = f"{_operand(node.expr)}[{duration_text(node.range)}:{step}]"
            return inner + _modifiers(node.offset, node.at)
        case Call():
            return f"{node.function}({', '.join(map(node_text, node.arguments))})"
        case Aggregation():
            return f"{aggregation_text(node)} ({', '.join(map(node_text, node.children))})"
        case Negation():
            return f"-{_operand(node.expr)}"
    return _operation_text(node)


def _operation_text(node: Node) -> str:
    match node:
        case BinaryOperation():
            return f"{_operand(node.left)} {operator_text(node)} {_operand(node.right)}"
        case Operands():
            return f" {node.operator} ".join(map(_operand, node.operands))
        case Conditions():
            return " ".join([_operand(node.filtered), *map(node_text, node.clauses)])
        case Clause():
            matching = matching_text(node.matching)
            return " ".join(filter(None, [node.operator, matching, _operand(node.condition)]))
    raise AssertionError(type(node))


def _operand(node: Node) -> str:
    text = node_text(node)
    return f"({text})" if isinstance(node, BinaryOperation | Operands | Conditions) else text


def operator_text(node: BinaryOperation) -> str:
    """`> bool`, `/ on (job) group_left (version)`."""
    return " ".join(filter(None, [node.operator, "bool" * node.returns_bool, matching_text(node.matching)]))


def matching_text(matching: Matching | None) -> str:
    """`on (job) group_left (version)`; empty without a modifier."""
    if matching is None:
        return ""
    labels = ", ".join(map(label_text, sorted(matching.labels)))
    text = f"{'on' if matching.on else 'ignoring'} ({labels})" if matching.on or matching.labels else ""
    group = {"many-to-one": "group_left", "one-to-many": "group_right"}.get(matching.cardinality, "")
    include = f" ({', '.join(map(label_text, sorted(matching.include)))})" if group and matching.include else ""
    return f"{text} {group}{include}".strip()


def aggregation_text(node: Aggregation) -> str:
    """`sum by (job)`."""
    return f"{node.operator} {grouping_text(node)}".rstrip()


def grouping_text(node: Aggregation) -> str:
    """`by (job)`; empty without labels."""
    return f"{node.grouping} ({', '.join(map(label_text, node.labels))})" if node.grouping else ""


def number_text(value: float) -> str:
    """A number as people write it: `0.05`, `1e+12`, `+Inf`."""
    if not math.isfinite(value):
        return {math.inf: "+Inf", -math.inf: "-Inf"}.get(value, "NaN")
    return f"{value:.0f}" if value == int(value) and abs(value) < 1e15 else f"{value:.12g}"


def duration_text(seconds: float) -> str:
    """A duration as people write it: `1h30m`."""
    return f"-{duration_text(-seconds)}" if seconds < 0 else format_duration(round(seconds * 1000))


def _modifiers(offset: float, at: At) -> str:
    text = f" offset {duration_text(offset)}" if offset else ""
    if at is None:
        return text
    return text + (f" @ {at}()" if isinstance(at, str) else f" @ {number_text(at)}")
