"""The syntax tree of an expression, from the tree of promql-parser."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal

import promql_parser as pp

from obscode.promql.errors import PromQLError
from obscode.promql.limits import DURATION_TOO_LONG, MAX_SECONDS
from obscode.promql.selector import Matcher, Selector
from obscode.promql.syntax_tree import (
    Aggregation,
    At,
    BinaryOperation,
    Call,
    Cardinality,
    Matching,
    Negation,
    Node,
    NumberLiteral,
    StringLiteral,
    Subquery,
    ValueType,
    VectorSelector,
)

if TYPE_CHECKING:
    from datetime import timedelta

# promql-parser compiles regular expressions with Rust's engine, which is not Go's. It gets plain strings instead, whose
# first character says what they are.
REGEX, TEXT = "~", "="
# A matcher that is added to selectors: with these values, promql-parser takes `{job!=""}` for one that matches all.
PLACEHOLDER = "__obscode__"

# Prometheus counts instants in milliseconds, with 64 bits.
_LAST_SECOND = (2**63 - 1) / 1e3

# Pairs, since the enums of promql-parser have no hash.
_TYPES: Sequence[tuple[pp.ValueType, ValueType]] = (
    (pp.ValueType.Scalar, "scalar"),
    (pp.ValueType.String, "string"),
    (pp.ValueType.Vector, "vector"),
    (pp.ValueType.Matrix, "matrix"),
)
_CARDINALITIES: Sequence[tuple[pp.VectorMatchCardinality, Cardinality]] = (
    (pp.VectorMatchCardinality.OneToOne, "one-to-one"),
    (pp.VectorMatchCardinality.ManyToOne, "many-to-one"),
    (pp.VectorMatchCardinality.OneToMany, "one-to-many"),
    (pp.VectorMatchCardinality.ManyToMany, "many-to-many"),
)


def converted(tree: pp.Expr) -> Node:
    """The syntax tree of what promql-parser parsed. Raises PromQLError, and OverflowError for a long duration."""
    match tree:
        case pp.ParenExpr():
            return converted(tree.expr)
        case pp.NumberLiteral() | pp.StringLiteral():
            return NumberLiteral(tree.val) if isinstance(tree, pp.NumberLiteral) else StringLiteral(tree.val)
        case pp.VectorSelector():
            return _selector(tree)
        case pp.MatrixSelector():
            return _selector(tree.vector_selector, _seconds(tree.range))
        case pp.SubqueryExpr():
            return _subquery(tree)
        case pp.Call():
            returns = next(name for value, name in _TYPES if value == tree.func.return_type)
            return Call(tree.func.name, tuple(map(converted, tree.args)), returns)
        case pp.AggregateExpr():
            return _aggregation(tree)
        case pp.BinaryExpr():
            return _operation(tree)
        case pp.UnaryExpr():
            return Negation(converted(tree.expr))
    raise PromQLError(f"{type(tree).__name__} is not supported")


def _selector(tree: pp.VectorSelector, window: float = 0) -> VectorSelector:
    if tree.matchers.or_matchers:
        raise PromQLError("`or` between matchers is MetricsQL; Prometheus rejects it")
    matchers = tuple(_matcher(each) for each in tree.matchers.matchers if each.name != PLACEHOLDER)
    name = next((m for m in matchers if m.label == "__name__" and m.op == "="), None)
    if not tree.name and all(matcher.matches("") for matcher in matchers):
        raise PromQLError("vector selector must contain at least one non-empty matcher")
    if not tree.name and name:
        selector = Selector(name.value, tuple(m for m in matchers if m is not name), window)
    else:
        selector = Selector(tree.name or "", matchers, window)
    return VectorSelector(selector, _seconds(tree.offset), _at(tree.at))


def _matcher(tree: pp.Matcher) -> Matcher:
    is_equal, value = tree.op == pp.MatchOp.Equal, tree.value[1:]
    if tree.value[0] == TEXT:
        return Matcher(tree.name, "=" if is_equal else "!=", value)
    return Matcher(tree.name, "=~" if is_equal else "!~", value)


def _subquery(tree: pp.SubqueryExpr) -> Subquery:
    step = None if tree.step is None else _seconds(tree.step)
    return Subquery(converted(tree.expr), _seconds(tree.range), step, _seconds(tree.offset), _at(tree.at))


def _aggregation(tree: pp.AggregateExpr) -> Aggregation:
    parameter = None if tree.param is None else converted(tree.param)
    if tree.modifier is None:
        return Aggregation(str(tree.op), converted(tree.expr), parameter)
    grouping: Literal["by", "without"] = "by" if tree.modifier.type == pp.AggModifierType.By else "without"
    return Aggregation(str(tree.op), converted(tree.expr), parameter, grouping, tuple(tree.modifier.labels))


def _operation(tree: pp.BinaryExpr) -> BinaryOperation:
    modifier = tree.modifier
    returns_bool = modifier is not None and modifier.return_bool
    return BinaryOperation(str(tree.op), converted(tree.lhs), converted(tree.rhs), returns_bool, _matching(modifier))


def _matching(modifier: pp.BinModifier | None) -> Matching | None:
    if modifier is None or (modifier.matching is None and modifier.group_labels is None):
        return None
    on = modifier.matching is not None and modifier.matching.type == pp.LabelModifierType.Include
    labels = frozenset(modifier.matching.labels if modifier.matching else ())
    cardinality = next(name for value, name in _CARDINALITIES if value == modifier.card)
    return Matching(cardinality, on, labels, frozenset(modifier.group_labels or ()))


def _seconds(length: timedelta | None) -> float:
    seconds = 0.0 if length is None else length.total_seconds()
    if abs(seconds) > MAX_SECONDS:
        raise PromQLError(DURATION_TOO_LONG)
    return seconds


def _at(modifier: pp.AtModifier | None) -> At:
    """The instant of `@`, from its text: to take a time before 1970 as a datetime ends the process."""
    if modifier is None:
        return None
    if modifier.type == pp.AtModifierType.Start:
        return "start"
    if modifier.type == pp.AtModifierType.End:
        return "end"
    seconds = float(str(modifier).removeprefix("@ "))
    if seconds > _LAST_SECOND:
        raise PromQLError("timestamp out of bounds for @ modifier")
    return seconds
