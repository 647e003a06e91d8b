"""The parts of an expression with their positions, and the rules for their types.

https://github.com/prometheus/prometheus/blob/main/promql/parser/parse.go (checkAST)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from obscode.promql.grammar.functions import FUNCTIONS
from obscode.promql.grammar.lexer import GrammarError
from obscode.promql.syntax_tree import ValueType

Kind = Literal[
    "number", "string", "selector", "range", "subquery", "call", "aggregation", "operation", "sign", "parentheses"
]

_NAMES = {"vector": "instant vector", "matrix": "range vector", "scalar": "scalar", "string": "string"}
_COMPARISONS = ("==", "!=", ">", "<", ">=", "<=")
_SET_OPERATORS = ("and", "or", "unless")
WITH_PARAMETER = ("topk", "bottomk", "count_values", "quantile", "limitk", "limit_ratio")


@dataclass
class Modifiers:
    """What stands between an operator and its right side."""

    returns_bool: bool = False
    on: bool = False
    labels: Sequence[str] | None = None
    include: Sequence[str] = ()
    is_grouped: bool = False
    fills: bool = False


@dataclass
class Part:
    """A part of an expression; ``name`` is its metric, function or operator, with its span."""

    kind: Kind
    type: ValueType
    start: int
    end: int
    name: str = ""
    name_span: tuple[int, int] = (0, 0)
    children: Sequence[Part] = ()
    has_empty_matchers: bool = False
    sets_name: bool = False
    modifiers: Modifiers = field(default_factory=Modifiers)
    has_offset: bool = False
    has_at: bool = False

    @property
    def span(self) -> tuple[int, int]:
        """The first and the last character."""
        return self.start, self.end


def check_types(part: Part) -> None:
    """Raise GrammarError for the first part whose type is wrong, in the order of Prometheus."""
    if check := _CHECKS.get(part.kind):
        check(part)
    else:
        for child in part.children:
            check_types(child)


def _check_sign(part: Part) -> None:
    check_types(part.children[0])
    if part.type not in ("scalar", "vector"):
        message = "unary expression only allowed on expressions of type scalar or instant vector"
        raise GrammarError(f"{message}, got {_NAMES[part.type]}", *part.span)


def _check_subquery(part: Part) -> None:
    check_types(part.children[0])
    if (actual := part.children[0].type) != "vector":
        raise GrammarError(f"subquery is only allowed on instant vector, got {_NAMES[actual]}", *part.span)


def _check_selector(part: Part) -> None:
    if part.name and part.sets_name:
        raise GrammarError("metric name must not be set twice", *part.span)
    if not part.name and part.has_empty_matchers:
        raise GrammarError("vector selector must contain at least one non-empty matcher", *part.span)


def _expect(part: Part, expected: ValueType, context: str) -> None:
    check_types(part)
    if part.type != expected:
        raise GrammarError(f"expected type {_NAMES[expected]} in {context}, got {_NAMES[part.type]}", *part.span)


def _check_aggregation(part: Part) -> None:
    *parameter, inner = part.children
    _expect(inner, "vector", "aggregation expression")
    for each in parameter:
        _expect(each, "string" if part.name == "count_values" else "scalar", "aggregation parameter")


def _check_operation(part: Part) -> None:
    left, right = part.children
    check_types(left)
    check_types(right)
    types, modifiers = (left.type, right.type), part.modifiers
    if modifiers.returns_bool and part.name not in _COMPARISONS:
        raise GrammarError("bool modifier can only be used on comparison operators", *part.name_span)
    if part.name in _COMPARISONS and not modifiers.returns_bool and types == ("scalar", "scalar"):
        raise GrammarError("comparisons between scalars must use the bool modifier", *part.name_span)
    if repeated := [label for label in modifiers.labels or () if modifiers.on and label in modifiers.include]:
        message = f"label {repeated[0]!r} must not occur in on and group_left or group_right at once"
        raise GrammarError(message, *part.name_span)
    for child in part.children:
        if child.type not in ("scalar", "vector"):
            message = "binary expression must contain only scalar and instant vector types"
            raise GrammarError(f"{message}, got {_NAMES[child.type]}", *child.span)
    if types != ("vector", "vector"):
        _check_scalar_operation(part)
    elif part.name in _SET_OPERATORS:
        _check_set_operation(part)


def _check_set_operation(part: Part) -> None:
    if part.modifiers.is_grouped:
        raise GrammarError(f"no grouping allowed for {part.name!r} operation", *part.name_span)
    if part.modifiers.fills:
        raise GrammarError("filling in missing series not allowed for set operators", *part.name_span)


def _check_scalar_operation(part: Part) -> None:
    if part.modifiers.labels:
        raise GrammarError("vector matching only allowed between instant vectors", *part.name_span)
    if part.modifiers.fills:
        raise GrammarError("filling in missing series only allowed between instant vectors", *part.name_span)
    if part.name in _SET_OPERATORS:
        raise GrammarError(f"set operator {part.name!r} not allowed in binary scalar expression", *part.name_span)


def _check_call(part: Part) -> None:
    types, variadic, _ = FUNCTIONS[part.name]
    actual, least = len(part.children), len(types) - (variadic != 0)
    if variadic == 0 and actual != len(types):
        _wrong_count(part, "", len(types))
    if actual < least:
        _wrong_count(part, "at least ", least)
    if variadic > 0 and actual > least + variadic:
        _wrong_count(part, "at most ", least + variadic)
    if part.name == "info" and actual > 1:
        _check_info(part.children[1])
    for i, argument in enumerate(part.children):
        _expect(argument, types[min(i, len(types) - 1)], f'call to function "{part.name}"')


def _wrong_count(part: Part, limit: str, expected: int) -> None:
    arguments = f"{limit}{expected} argument{'' if expected == 1 else 's'}"
    raise GrammarError(f'expected {arguments} in call to "{part.name}", got {len(part.children)}', *part.span)


def _check_info(labels: Part) -> None:
    if labels.kind != "selector" or labels.name:
        raise GrammarError('expected label selectors only, such as {job="a"}, in info()', *labels.span)
    labels.has_empty_matchers = False


_CHECKS: Mapping[Kind, Callable[[Part], None]] = {
    "aggregation": _check_aggregation,
    "operation": _check_operation,
    "call": _check_call,
    "sign": _check_sign,
    "subquery": _check_subquery,
    "selector": _check_selector,
}
