"""PromQL parsed into a syntax tree; the only importer of promql_parser.

Expressions are parsed to be checked, and never printed from the tree: output carries the text of the definition.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise
from operator import attrgetter, is_
from typing import TYPE_CHECKING, Literal, TypeVar

import promql_parser as pp

from obscode.promql import go_regex, grafana_variables
from obscode.promql.errors import PromQLError
from obscode.promql.grammar import Analysis, GrammarError, analyse, unknown_features
from obscode.promql.limits import DURATION_TOO_LONG, MAX_SECONDS, check_durations, check_length, check_size
from obscode.promql.selector import Matcher, Selector
from obscode.promql.shape import Shape, fill_selector, fill_tree, filled_text, shape_of
from obscode.promql.spans import scan
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
    value_type,
)
from obscode.promql.tokens import BLANK, VARIABLE, Token, blank_literals, quote, tokenize, unquote
from obscode.promql.types import infer

if TYPE_CHECKING:
    from datetime import timedelta

# A build reads every expression in several passes: a cache that does not hold all of them would hold none when it is
# needed. Parsed expressions are small; 16,384 trees of usual size take about 100 MB.
_CACHED = 2**18
_TREES = 2**14

_T = TypeVar("_T")


@dataclass(frozen=True)
class Query:
    """The selectors of an expression, and the labels of its result; None where they depend on the series.

    ``is_opaque`` is true for syntax of which there is no tree, such as that of newer versions.
    """

    selectors: tuple[Selector, ...]
    labels: frozenset[str] | None
    is_opaque: bool = False


@lru_cache(maxsize=_CACHED)
def parse(expr: str) -> Query:
    """Parse a rule's expression: an instant vector or a scalar. Raises PromQLError."""
    return _parse_shape(expr, _query, _fill_query)


@lru_cache(maxsize=_TREES)
def _query(text: str) -> Query:
    try:
        tree = _check_result(_tree(text))
    except PromQLError as error:
        if error.kind == "opaque":
            return Query(_scanned_selectors(text), None, is_opaque=True)
        raise
    selectors = tuple(node.selector for node in tree.descendants() if isinstance(node, VectorSelector))
    return Query(selectors, infer(tree).result.labels.possible)


def _fill_query(query: Query, expr: Shape) -> Query:
    return Query(tuple(fill_selector(selector, expr) for selector in query.selectors), query.labels, query.is_opaque)


def _scanned_selectors(text: str) -> tuple[Selector, ...]:
    """The selectors of an expression without a tree; a window that is not a plain duration has no length."""
    return tuple(
        Selector(
            span.metric,
            tuple(Matcher(matcher.label, matcher.op, matcher.value) for matcher in span.matchers),
            0,
        )
        for span in scan(text).selectors
    )


@lru_cache(maxsize=_TREES)
def parse_tree(expr: str) -> Node:
    """The syntax tree of a rule's expression, with sorted matchers. Raises PromQLError."""
    return _parse_shape(expr, _result_tree, _fill_result_tree)


@lru_cache(maxsize=_TREES)
def _result_tree(text: str) -> Node:
    return _sort_matchers(_check_result(_tree(text)))


def _fill_result_tree(tree: Node, expr: Shape) -> Node:
    return _sort_matchers(fill_tree(tree, expr))  # two matchers of a label are in the order of their values


def parse_panel(expr: str) -> Query:
    """Parse a panel's expression, in which Grafana variables may stand. Raises PromQLError."""
    _, parsed = _substituted(expr)
    if isinstance(parsed, PromQLError):
        raise parsed.with_traceback(None)
    return parsed


def substitute_variables(expr: str) -> str:
    """A panel's expression with values for its Grafana variables: the first substitution that parses, if any does."""
    text, _ = _substituted(expr)
    return text


@lru_cache(maxsize=_CACHED)
def _substituted(expr: str) -> tuple[str, Query | PromQLError]:
    """The first substitution that parses; if none does, the most likely one with its error."""
    shape = shape_of(check_length(expr))
    if shape.text != expr:
        substitution, query = _first_substitution(shape.text)
        values = Shape(substitution, shape.names, [grafana_variables.without_variables(v) for v in shape.values])
        if isinstance(query, Query):
            with suppress(PromQLError):
                return filled_text(values), _fill_query(query, values)
    return _first_substitution(expr)


@lru_cache(maxsize=_TREES)
def _first_substitution(expr: str) -> tuple[str, Query | PromQLError]:
    rejected: list[tuple[str, PromQLError]] = []
    for substitution in grafana_variables.substitutions(expr):
        try:
            return substitution.text, parse(substitution.text)
        except PromQLError as error:
            span = error.span and substitution.original(error.span)
            rejected.append((substitution.text, PromQLError(str(error), error.kind, span)))
    return max(rejected, key=_progress)


def _progress(rejected: tuple[str, PromQLError]) -> int:
    """How far a substitution parses: the error of the one that gets furthest is about the expression itself."""
    span = rejected[1].span
    return span[0] if span else -1


def parse_in_place(expr: str) -> Node | None:
    """The syntax tree of a panel's expression; matchers of Grafana variables have values of ``VARIABLE_MARK``.

    The tree has the positions of the text. None where a variable stands for a label, a metric, a number or a duration.
    Raises PromQLError.
    """
    if not _are_variables_in_place(shape_of(check_length(expr)).text):
        return None
    return parse_tree(grafana_variables.in_place(expr))


@lru_cache(maxsize=_TREES)
def _are_variables_in_place(expr: str) -> bool:
    return grafana_variables.are_in_place(expr)


def variables_in_code(expr: str) -> set[str]:
    """The Grafana variables that decide which labels the result has: those for a label, a metric or a number."""
    return set(_variables_in_code(shape_of(check_length(expr)).text))


@lru_cache(maxsize=_TREES)
def _variables_in_code(expr: str) -> frozenset[str]:
    return frozenset(grafana_variables.names_in_code(expr))


def parse_selector(text: str) -> Selector:
    """Parse a selector without window such as `http_requests_total{status=~"5.."}`. Raises PromQLError."""
    tree = _parse(text)
    if not isinstance(tree, VectorSelector):
        message = "it is not a selector; obscode adds rate() and the window"
        raise PromQLError(message, "selector")
    if tree.selector.window:
        raise PromQLError("it has a window; write the selector alone, obscode adds the window", "selector")
    if tree.offset or tree.at is not None:
        raise PromQLError("offset and @ are not allowed in a selector here", "selector")
    if not tree.selector.metric:
        raise PromQLError("it has no metric name", "selector")
    return tree.selector


def _check_result(tree: Node) -> Node:
    """The tree itself; raises PromQLError if it cannot be the result of a rule or a panel."""
    _check_type(value_type(tree))
    return tree


def _check_type(result: ValueType) -> None:
    match result:
        case "matrix":
            message = "a range vector is not a valid result; wrap it in a function such as rate()"
            raise PromQLError(message, "range-vector")
        case "string":
            raise PromQLError("a string is not a valid result", "string")


_ORDER = attrgetter("label", "op", "value")


def _sort_matchers(node: Node) -> Node:
    if isinstance(node, VectorSelector):
        matchers = tuple(sorted(node.selector.matchers, key=_ORDER))
        if matchers == node.selector.matchers:
            return node
        return VectorSelector(Selector(node.selector.metric, matchers, node.selector.window), node.offset, node.at)
    children = node.children
    after = [_sort_matchers(child) for child in children]
    return node if all(map(is_, children, after)) else node.with_children(*after)


# --- text --------------------------------------------------------------------------------------------------------

# promql-parser compiles regular expressions with Rust's engine, which is not Go's. It gets plain strings instead, whose
# first character says what they are.
_PLAIN_OPERATORS = {"=~": "=", "!~": "!="}
_REGEX, _TEXT = "~", "="
# A matcher that is added to selectors: with these values, promql-parser takes `{job!=""}` for one that matches all.
_PLACEHOLDER = "__obscode__"
_VARIABLE = re.compile(rf"{VARIABLE}|\$")
_SEPARATED = re.compile(r"^\d+(?:_\d+)+")


def _parse_shape(expr: str, parse: Callable[[str], _T], fill: Callable[[_T, Shape], _T]) -> _T:
    """Parse the shape of an expression and fill it in; the expression itself, if that fails: errors have positions."""
    shape = shape_of(check_length(expr))
    if shape.text != expr:
        try:
            return fill(parse(shape.text), shape)
        except PromQLError:
            pass
    return parse(expr)


@lru_cache(maxsize=_TREES)
def _parse(expr: str) -> Node:
    return _parse_shape(expr, _tree, fill_tree)


@lru_cache(maxsize=_TREES)
def _tree(expr: str) -> Node:
    _reject_variables(check_length(expr))
    tokens = list(tokenize(expr))
    code = [token for token in tokens if token.kind not in BLANK]
    check_size(code)
    check_durations(code)
    try:
        tree = pp.parse("".join(_for_parser(tokens, code)))
    except ValueError as error:
        raise _rejection(expr, code, str(error)) from None
    _check_regular_expressions(code)
    if _needs_analysis(code):
        _analyse(expr)
    try:
        return _node(tree)
    except OverflowError:  # of a duration as a timedelta
        raise PromQLError(DURATION_TOO_LONG) from None
    except PromQLError as error:  # of a tree, which has no positions
        raise PromQLError(str(error), error.kind, _rejection(expr, code, "").span) from None


# Where promql-parser accepts what every Prometheus rejects: `a and fill(0) b`, `info(a, b)`, and below `rate(+up[5m])`,
# `up[0]` and `1e999`.
_UNCHECKED = frozenset(("fill", "fill_left", "fill_right", "info"))
_BEFORE_SIGN = frozenset("(,[:=<>+-*/%^")


def _needs_analysis(code: Sequence[Token]) -> bool:
    before = "("
    for token in code:
        text = token.text.lower()
        is_zero = before in "[:" and text[0] == "0"
        is_huge = token.kind == "number" and len(text) > 4 and "e" in text
        is_sign = text == "+" and (before in _BEFORE_SIGN or before.isalpha())
        if is_zero or is_huge or is_sign or text in _UNCHECKED:
            return True
        before = text[-1]
    return False


def _rejection(expr: str, code: Sequence[Token], reason: str) -> PromQLError:
    """The error of an expression that promql-parser rejects: its place, or that there is no tree of its syntax."""
    try:
        analysis = _analyse(expr)
        _check_regular_expressions(code)
    except PromQLError as error:
        return error
    features = unknown_features(analysis.features)
    if not features:
        return PromQLError(reason)
    try:
        _check_type(analysis.type)
    except PromQLError as error:
        return error
    return PromQLError(f"obscode has no syntax tree of {features[0].name}", "opaque", features[0].span)


def _analyse(expr: str) -> Analysis:
    try:
        return analyse(expr)
    except GrammarError as error:
        raise PromQLError(str(error), span=error.span) from None
    except RecursionError:
        raise PromQLError("the expression is nested too deeply; split it into recording rules", "too-deep") from None


def _reject_variables(expr: str) -> None:
    if "[[" not in expr and "$" not in expr:
        return
    code = blank_literals(expr)
    if match := _VARIABLE.search(code):
        name = next(iter(sorted(grafana_variables.names(match[0]))), "$")
        message = f"{name!r} is a Grafana variable, which Prometheus does not know"
        raise PromQLError(message, "grafana-variable", match.span())


def _check_regular_expressions(code: Sequence[Token]) -> None:
    for operator, token in pairwise(code):
        if token.kind == "string" and operator.text in _PLAIN_OPERATORS:
            value = unquote(token.text)
            if error := go_regex.syntax_error(value):
                message = f"invalid regular expression {value!r}: {error}"
                raise PromQLError(message, "regex", (token.start, token.end))


def _for_parser(tokens: Sequence[Token], code: Sequence[Token]) -> Iterator[str]:
    """The tokens, with other spellings of those that promql-parser does not take: raw strings, `=~`, 1_000."""
    followers = iter(code[1:])
    in_braces, previous = False, ""
    for token in tokens:
        kind, text = token.kind, token.text
        if kind in BLANK:
            yield text
            continue
        follower = next(followers, token)
        if kind == "string":
            prefix = _REGEX if previous in _PLAIN_OPERATORS else _TEXT
            yield _quoted(text, prefix if in_braces and follower.kind != "operator" else "")
        elif kind == "number":
            yield _SEPARATED.sub(lambda match: match[0].replace("_", ""), text) if "_" in text else text
        else:
            yield _PLAIN_OPERATORS.get(text, text) if in_braces else text
            in_braces = text == "{" or (in_braces and text != "}")
            if text == "{" and follower.kind == "name":
                yield f'{_PLACEHOLDER}="x",'
        previous = text


def _quoted(string: str, prefix: str) -> str:
    """A string token in double or single quotes."""
    is_raw = string.startswith("`") and string.endswith("`", 1)
    return quote(prefix + string[1:-1]) if is_raw else string[0] + prefix + string[1:]


# --- tree --------------------------------------------------------------------------------------------------------

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


def _node(tree: pp.Expr) -> Node:
    match tree:
        case pp.ParenExpr():
            return _node(tree.expr)
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
            return Call(tree.func.name, tuple(map(_node, tree.args)), returns)
        case pp.AggregateExpr():
            return _aggregation(tree)
        case pp.BinaryExpr():
            return _operation(tree)
        case pp.UnaryExpr():
            return Negation(_node(tree.expr))
    raise PromQLError(f"{type(tree).__name__} is not supported")


def _selector(tree: pp.VectorSelector, window: float = 0) -> VectorSelector:
    if tree.matchers.or_matchers:
        raise PromQLError("`or` between matchers is MetricsQL; Prometheus rejects it")
    matchers = tuple(_matcher(each) for each in tree.matchers.matchers if each.name != _PLACEHOLDER)
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
    if tree.value[0] == _TEXT:
        return Matcher(tree.name, "=" if is_equal else "!=", value)
    return Matcher(tree.name, "=~" if is_equal else "!~", value)


def _subquery(tree: pp.SubqueryExpr) -> Subquery:
    step = None if tree.step is None else _seconds(tree.step)
    return Subquery(_node(tree.expr), _seconds(tree.range), step, _seconds(tree.offset), _at(tree.at))


def _aggregation(tree: pp.AggregateExpr) -> Aggregation:
    parameter = None if tree.param is None else _node(tree.param)
    if tree.modifier is None:
        return Aggregation(str(tree.op), _node(tree.expr), parameter)
    grouping: Literal["by", "without"] = "by" if tree.modifier.type == pp.AggModifierType.By else "without"
    return Aggregation(str(tree.op), _node(tree.expr), parameter, grouping, tuple(tree.modifier.labels))


def _operation(tree: pp.BinaryExpr) -> BinaryOperation:
    modifier = tree.modifier
    returns_bool = modifier is not None and modifier.return_bool
    return BinaryOperation(str(tree.op), _node(tree.lhs), _node(tree.rhs), returns_bool, _matching(modifier))


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
