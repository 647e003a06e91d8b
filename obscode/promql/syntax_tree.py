"""The syntax tree of an expression: one class for each form of PromQL.

Trees are equal where the expressions mean the same, whatever their spaces, comments, parentheses and order of matchers.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from obscode.promql.selector import Selector

ValueType = Literal["scalar", "string", "vector", "matrix"]
Cardinality = Literal["one-to-one", "many-to-one", "one-to-many", "many-to-many"]
#: Seconds since 1970, or the start or end of the evaluated range; None where there is no `@`.
At = float | Literal["start", "end"] | None


@dataclass(frozen=True)
class Node:
    """A part of an expression."""

    @property
    def children(self) -> tuple[Node, ...]:
        """The parts of this part, in the order of the text."""
        return ()

    def with_children(self, *children: Node) -> Node:
        """The same node with other children, as many as it has."""
        assert not children
        return self

    def descendants(self) -> Iterator[Node]:
        """The node itself and all below it, parents first, from left to right."""
        yield self
        for child in self.children:
            yield from child.descendants()


@dataclass(frozen=True)
class NumberLiteral(Node):
    """A number; a duration as a number is its seconds."""

    value: float


@dataclass(frozen=True)
class StringLiteral(Node):
    """A string, without its quotes and escapes."""

    value: str


@dataclass(frozen=True)
class VectorSelector(Node):
    """`up{job="a"}`, or `up[5m]` where the selector has a window. ``offset`` is in seconds."""

    selector: Selector
    offset: float = 0
    at: At = None


@dataclass(frozen=True)
class Subquery(Node):
    """`expr[1h:5m]`; all lengths are in seconds. ``step`` is None for the evaluation interval."""

    expr: Node
    range: float
    step: float | None = None
    offset: float = 0
    at: At = None

    @property
    def children(self) -> tuple[Node, ...]:
        return (self.expr,)

    def with_children(self, *children: Node) -> Node:
        (expr,) = children
        return Subquery(expr, self.range, self.step, self.offset, self.at)


@dataclass(frozen=True)
class Call(Node):
    """A function with its arguments, and the type of its result."""

    function: str
    arguments: tuple[Node, ...]
    returns: ValueType = "vector"

    @property
    def children(self) -> tuple[Node, ...]:
        return self.arguments

    def with_children(self, *children: Node) -> Node:
        return Call(self.function, children, self.returns)


@dataclass(frozen=True)
class Aggregation(Node):
    """`sum by (job) (expr)`, `topk(5, expr)`: ``labels`` are in the order of the text.

    ``grouping`` is empty without `by` and `without`, as in `sum(expr)`.
    """

    operator: str
    expr: Node
    parameter: Node | None = None
    grouping: Literal["by", "without", ""] = ""
    labels: tuple[str, ...] = ()

    @property
    def children(self) -> tuple[Node, ...]:
        return (self.expr,) if self.parameter is None else (self.parameter, self.expr)

    def with_children(self, *children: Node) -> Node:
        *parameter, expr = children
        return Aggregation(self.operator, expr, parameter[0] if parameter else None, self.grouping, self.labels)


@dataclass(frozen=True)
class Matching:
    """How series of both sides are matched: `on (job) group_left (version)`.

    ``labels`` are those of `on`, or of `ignoring` where ``on`` is false; ``include`` those of `group_left` or
    `group_right`.
    """

    cardinality: Cardinality = "one-to-one"
    on: bool = False
    labels: frozenset[str] = frozenset()
    include: frozenset[str] = frozenset()


@dataclass(frozen=True)
class BinaryOperation(Node):
    """`left + right`; ``matching`` is None without `on`, `ignoring` and `group_...`."""

    operator: str
    left: Node
    right: Node
    returns_bool: bool = False
    matching: Matching | None = None

    @property
    def children(self) -> tuple[Node, ...]:
        return self.left, self.right

    def with_children(self, *children: Node) -> Node:
        left, right = children
        return BinaryOperation(self.operator, left, right, self.returns_bool, self.matching)


@dataclass(frozen=True)
class Negation(Node):
    """`-expr`."""

    expr: Node

    @property
    def children(self) -> tuple[Node, ...]:
        return (self.expr,)

    def with_children(self, *children: Node) -> Node:
        (expr,) = children
        return Negation(expr)


def value_type(node: Node) -> ValueType:
    """The type of an expression's result."""
    match node:
        case NumberLiteral():
            return "scalar"
        case StringLiteral():
            return "string"
        case VectorSelector():
            return "matrix" if node.selector.window else "vector"
        case Subquery():
            return "matrix"
        case Call():
            return node.returns
        case Negation():
            return value_type(node.expr)
        case BinaryOperation():
            scalars = value_type(node.left) == value_type(node.right) == "scalar"
            return "scalar" if scalars else "vector"
    return "vector"
