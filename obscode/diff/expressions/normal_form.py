"""Expressions that mean the same, as equal trees: operands of commutative operators are sorted, constants computed.

Beyond the syntax tree, whose matchers are sorted and which has no parentheses:
`2 > up` is `up < 2`, `b + a` is `a + b`, `x and b and a` is `x and a and b`, `60 * 5` is `300`, `=~"b|a"` is `=~"a|b"`,
`=~"a"` is `="a"`, `by (b, a)` is `by (a, b)`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache

from obscode.promql.parser import parse_tree
from obscode.promql.selector import Matcher, Selector
from obscode.promql.syntax_tree import (
    Aggregation,
    BinaryOperation,
    Call,
    Cardinality,
    Matching,
    Negation,
    Node,
    NumberLiteral,
    VectorSelector,
    value_type,
)

COMPARISONS = {"==": "==", "!=": "!=", ">": "<", "<": ">", ">=": "<=", "<=": ">="}
_PLAIN = re.compile(r"[\w ,/:@%&=~<>-]*", re.ASCII)  # text without a meaning in regular expressions


@dataclass(frozen=True)
class Operands(Node):
    """`a + b + c` or `a * b`, without `on` and `ignoring`, in a fixed order; `or` in its own order."""

    operator: str
    operands: tuple[Node, ...]

    @property
    def children(self) -> tuple[Node, ...]:
        return self.operands

    def with_children(self, *children: Node) -> Node:
        return Operands(self.operator, children)


@dataclass(frozen=True)
class Clause(Node):
    """`and on (job) b` or `unless b`."""

    operator: str
    matching: Matching | None
    condition: Node

    @property
    def children(self) -> tuple[Node, ...]:
        return (self.condition,)

    def with_children(self, *children: Node) -> Node:
        (condition,) = children
        return Clause(self.operator, self.matching, condition)


@dataclass(frozen=True)
class Conditions(Node):
    """`a and b unless c`: what is filtered, and the clauses in a fixed order."""

    filtered: Node
    clauses: tuple[Clause, ...]

    @property
    def children(self) -> tuple[Node, ...]:
        return (self.filtered, *self.clauses)


@lru_cache(maxsize=2**13)
def normal_form(expr: str) -> Node:
    """The tree of an expression in its normal form. Raises PromQLError."""
    return normal(parse_tree(expr))


def normal(node: Node) -> Node:
    """A tree in its normal form."""
    match node:
        case VectorSelector():
            return replace(node, selector=_selector(node.selector))
        case Aggregation():
            inner = node.with_children(*map(normal, node.children))
            assert isinstance(inner, Aggregation)
            if inner.grouping == "by" and not inner.labels:
                return replace(inner, grouping="")
            return replace(inner, labels=tuple(sorted(set(inner.labels))))
        case Negation():
            expr = normal(node.expr)
            return NumberLiteral(-expr.value) if isinstance(expr, NumberLiteral) else Negation(expr)
        case BinaryOperation():
            return _operation(replace(node, left=normal(node.left), right=normal(node.right)))
    return node.with_children(*map(normal, node.children)) if node.children else node


def _selector(selector: Selector) -> Selector:
    matchers = {_matcher(each) for each in selector.matchers}
    order = sorted(matchers, key=lambda each: (each.label, each.op, each.value))
    return Selector(selector.metric, tuple(order), selector.window)


def _matcher(matcher: Matcher) -> Matcher:
    if matcher.op not in ("=~", "!~"):
        return matcher
    alternatives = matcher.value.split("|")
    if not all(map(_PLAIN.fullmatch, alternatives)):
        return matcher
    if len(alternatives) == 1:
        return Matcher(matcher.label, "=" if matcher.op == "=~" else "!=", matcher.value)
    return Matcher(matcher.label, matcher.op, "|".join(sorted(set(alternatives))))


def _operation(node: BinaryOperation) -> Node:
    left, right = node.left, node.right
    if isinstance(left, NumberLiteral) and isinstance(right, NumberLiteral):
        value = _computed(node.operator, left.value, right.value)
        return node if value is None else NumberLiteral(value)
    if node.operator in COMPARISONS and isinstance(left, NumberLiteral) and value_type(right) == "vector":
        return replace(node, operator=COMPARISONS[node.operator], left=right, right=left)
    if node.operator in ("and", "unless"):
        return _conditions(node)
    if node.operator == "or" and node.matching is None:
        return Operands("or", tuple(_flattened("or", [left, right])))
    if node.operator in ("+", "*"):
        return _commutative(node)
    return node


def _computed(operator: str, left: float, right: float) -> float | None:
    """The value of a constant operation, to 12 digits; None for others than arithmetic, and for a division by zero."""
    try:
        match operator:
            case "+":
                value = left + right
            case "-":
                value = left - right
            case "*":
                value = left * right
            case "/":
                value = left / right
            case "^":
                value = math.pow(left, right)
            case _:
                return None
    except (ArithmeticError, ValueError):
        return None
    return float(f"{value:.12g}") if math.isfinite(value) else None


def _conditions(node: BinaryOperation) -> Node:
    filtered, clauses = node.left, [Clause(node.operator, node.matching, node.right)]
    if isinstance(filtered, Conditions):
        clauses += filtered.clauses
        filtered = filtered.filtered
    for clause in [*clauses]:  # `a and (b and c)` is `a and b and c`
        inner = clause.condition
        if isinstance(inner, Conditions) and clause.operator == "and" and clause.matching is None:
            clauses.remove(clause)
            clauses += [Clause("and", None, inner.filtered), *inner.clauses]
    return Conditions(filtered, tuple(sorted(dict.fromkeys(clauses), key=repr)))


def _commutative(node: BinaryOperation) -> Node:
    if node.matching is None:
        operands = list(_flattened(node.operator, [node.left, node.right]))
        numbers = [each.value for each in operands if isinstance(each, NumberLiteral)]
        rest = [each for each in operands if not isinstance(each, NumberLiteral)]
        if len(numbers) > 1:
            value = sum(numbers) if node.operator == "+" else math.prod(numbers)
            numbers = [float(f"{value:.12g}")]
        return Operands(node.operator, (*sorted(rest, key=repr), *map(NumberLiteral, numbers)))
    matching = node.matching
    is_mirrored = matching.cardinality == "one-to-many"
    if is_mirrored or (matching.cardinality == "one-to-one" and repr(node.left) > repr(node.right)):
        cardinality: Cardinality = "many-to-one" if is_mirrored else "one-to-one"
        return replace(node, left=node.right, right=node.left, matching=replace(matching, cardinality=cardinality))
    return node


def _flattened(operator: str, nodes: Sequence[Node]) -> Iterator[Node]:
    for node in nodes:
        if isinstance(node, Operands) and node.operator == operator:
            yield from node.operands
        else:
            yield node


def size(node: Node) -> int:
    """The number of parts of a tree, with its matchers."""
    own = 1 + (len(node.selector.matchers) if isinstance(node, VectorSelector) else 0)
    return own + sum(map(size, node.children))


def is_comparison(node: Node) -> bool:
    """True for `a > b` and its likes."""
    return isinstance(node, BinaryOperation) and node.operator in COMPARISONS


def is_call(node: Node, *functions: str) -> bool:
    """True for a call of one of some functions."""
    return isinstance(node, Call) and node.function in functions
