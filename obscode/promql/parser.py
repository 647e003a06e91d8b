"""PromQL parsed into a syntax tree by promql_parser, which gets the text with other spellings.

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
from typing import TYPE_CHECKING, TypeVar

import promql_parser as pp

from obscode.promql import go_regex, grafana_variables
from obscode.promql.converted_tree import PLACEHOLDER, REGEX, TEXT, converted
from obscode.promql.errors import PromQLError
from obscode.promql.grammar import Analysis, GrammarError, analyse, unknown_features
from obscode.promql.limits import DURATION_TOO_LONG, check_durations, check_length, check_size
from obscode.promql.selector import Matcher, Selector
from obscode.promql.shape import Shape, fill_selector, fill_tree, filled_text, shape_of
from obscode.promql.spans import scan
from obscode.promql.syntax_tree import (
    Node,
    ValueType,
    VectorSelector,
    value_type,
)
from obscode.promql.tokens import BLANK, VARIABLE, Token, blank_literals, quote, tokenize, unquote
from obscode.promql.types import infer

if TYPE_CHECKING:
    pass

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

_PLAIN_OPERATORS = {"=~": "=", "!~": "!="}
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
        return converted(tree)
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
            prefix = REGEX if previous in _PLAIN_OPERATORS else TEXT
            yield _quoted(text, prefix if in_braces and follower.kind != "operator" else "")
        elif kind == "number":
            yield _SEPARATED.sub(lambda match: match[0].replace("_", ""), text) if "_" in text else text
        else:
            yield _PLAIN_OPERATORS.get(text, text) if in_braces else text
            in_braces = text == "{" or (in_braces and text != "}")
            if text == "{" and follower.kind == "name":
                yield f'{PLACEHOLDER}="x",'
        previous = text


def _quoted(string: str, prefix: str) -> str:
    """A string token in double or single quotes."""
    is_raw = string.startswith("`") and string.endswith("`", 1)
    return quote(prefix + string[1:-1]) if is_raw else string[0] + prefix + string[1:]
