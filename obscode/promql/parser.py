"""PromQL read for checking; the only importer of promql_parser.

Expressions are parsed to be understood, never printed back: promql-parser 0.11 drops escapes and
subquery colons when it prints. Output carries the text that was written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import promql_parser as pp

from obscode.promql import go_regex, grafana_variables
from obscode.promql.errors import PromQLError
from obscode.promql.selector import Matcher, Selector, quote
from obscode.promql.syntax_tree import Node
from obscode.promql.tokens import blank_literals, split_literals


@dataclass(frozen=True)
class Query:
    """What an expression reads and yields; ``labels`` is None when they cannot be told from the text alone."""

    selectors: tuple[Selector, ...]
    labels: frozenset[str] | None


# promql-parser recurses without a guard: a few thousand nested or chained terms end the process. Its objects
# copy what is below them.
_MAX_LENGTH = 16_384
_MAX_DEPTH = 100
_MAX_TERMS = 250

_OPERATOR = re.compile(r"[-+*/%^<>=]|\b(?:and|or|unless|atan2)\b")
_BRACKET = re.compile(r"[(){}\[\]]")
_MATCHERS = re.compile(r"\{[^{}]*\}")
_SET_OPERATORS = ("and", "or", "unless")
_KEEPS_LABELS_OF_INNER = ("topk", "bottomk", "limitk", "limit_ratio")


@lru_cache(maxsize=4096)
def parse(expr: str) -> Query:
    """Parse a rule's expression: an instant vector or a scalar. Raises PromQLError."""
    tree = _parse(expr)
    if _is_range(tree):
        raise PromQLError("a range vector is no result: wrap it in a function such as rate()")
    if isinstance(_bare(tree), pp.StringLiteral):
        raise PromQLError("a string is no result")
    return Query(tuple(_selectors(tree)), _labels(tree))


@lru_cache(maxsize=4096)
def parse_panel(expr: str) -> Query:
    """Parse a panel's expression, in which Grafana variables may stand. Raises PromQLError."""
    failures = []
    for reading in grafana_variables.substituted(_bounded(expr)):
        try:
            return parse(reading)
        except PromQLError as error:
            failures.append(error)
    raise failures[0]


@lru_cache(maxsize=4096)
def parse_tree(expr: str) -> Node:
    """What an expression without variables is made of. Raises PromQLError."""
    parse(expr)
    return _node(_parse(expr))


def substitute_variables(expr: str) -> str:
    """A panel's expression with its Grafana variables replaced so that it parses, if it can be made to."""
    readings = list(grafana_variables.substituted(_bounded(expr)))
    for reading in readings:
        try:
            parse(reading)
        except PromQLError:
            continue
        return reading
    return readings[0]


def parse_selector(text: str) -> Selector:
    """Parse a bare selector such as `http_requests_total{status=~"5.."}`. Raises PromQLError."""
    tree = _bare(_parse(text))
    if isinstance(tree, pp.MatrixSelector):
        raise PromQLError("it has a window; write the selector alone, obscode adds the window")
    if not isinstance(tree, pp.VectorSelector):
        raise PromQLError("it is not a selector; write a metric with its matchers, obscode adds rate() and the window")
    if tree.offset is not None or tree.at is not None:
        raise PromQLError("offset and @ have no place in a selector here")
    selector = _selector(tree)
    if not selector.metric:
        raise PromQLError("it names no metric")
    return selector


def variables_in_code(expr: str) -> set[str]:
    """The Grafana variables that decide what the expression yields: those for a label, a metric or a number."""
    return grafana_variables.structural(_bounded(expr))


# --- parsing -----------------------------------------------------------------------------------------------------


def _parse(expr: str) -> pp.Expr:
    bare = blank_literals(_bounded(expr))
    if "[[" in bare or "$" in bare:
        name = next(iter(sorted(grafana_variables.names(bare))), "$")
        raise PromQLError(f"Grafana's variable {name!r} means nothing to Prometheus")
    _guard(bare)
    tree = _tree([_plain(token) for token in split_literals(expr)])
    for selector in _vector_selectors(tree):
        if selector.matchers.or_matchers:
            raise PromQLError("`or` between matchers is MetricsQL; Prometheus refuses it")
        for matcher in selector.matchers.matchers:
            if matcher.op in (pp.MatchOp.Re, pp.MatchOp.NotRe) and (wrong := go_regex.refused(matcher.value)):
                raise PromQLError(f"regular expression {matcher.value!r}: {wrong}")
    return tree


def _bounded(expr: str) -> str:
    if len(expr) > _MAX_LENGTH:
        raise PromQLError(f"too long to review ({len(expr)} characters); record its parts")
    return expr


def _tree(pieces: list[str]) -> pp.Expr:
    try:
        return pp.parse("".join(pieces))
    except ValueError as error:
        if not str(error).startswith("illegal regex"):
            raise PromQLError(str(error)) from None
        first = error
    # Go may take it all the same.
    pairs = zip(["", *pieces], pieces, strict=False)
    pieces = [_regex(piece) if before.rstrip().endswith(("=~", "!~")) else piece for before, piece in pairs]
    try:
        return pp.parse("".join(pieces))
    except ValueError:
        raise PromQLError(str(first)) from None


def _regex(token: str) -> str:
    """The string of a matcher in words that Rust reads as Go does."""
    if token.startswith("`"):
        return quote(go_regex.for_rust(token[1:-1]))
    value = token[1:-1].replace("\\\\", "\ue000").replace("\\'", "'").replace('\\"', '"')
    if "\\" in value:  # \n, \x20: no regular expression that reaches this has them
        return token
    return quote(go_regex.for_rust(value.replace("\ue000", "\\")))


def _guard(bare: str) -> None:
    depth = deepest = 0
    for bracket in _BRACKET.findall(bare):
        depth += 1 if bracket in "([{" else -1
        deepest = max(deepest, depth)
    if deepest > _MAX_DEPTH:
        raise PromQLError(f"too deep to review ({deepest} levels); record its parts")
    terms = len(_OPERATOR.findall(_MATCHERS.sub("", bare))) + 1
    if terms > _MAX_TERMS:
        raise PromQLError(f"too long to review ({terms} terms); record its parts")


def _plain(token: str) -> str:
    """What promql-parser refuses though Prometheus reads it: raw strings with backslashes, 1_000."""
    if token.startswith("`") and token.endswith("`") and len(token) > 1:
        return quote(token[1:-1])
    if token[:1] in ('"', "'", "#"):
        return token
    return re.sub(r"(?<![\w.])(\d+(?:_\d+)+)", lambda m: m[1].replace("_", ""), token)


# --- what a tree is made of --------------------------------------------------------------------------------------


def _node(tree: Any) -> Node:
    """A tree of the parser's as one of ours; it is not deep, since deeper ones are not parsed."""
    tree = _bare(tree)
    parts = tuple(_node(child) for child in _children(tree))
    if isinstance(tree, pp.NumberLiteral):
        return Node("number", value=tree.val)
    if isinstance(tree, pp.StringLiteral):
        return Node("string", tree.val)
    if isinstance(tree, pp.VectorSelector):
        return Node("selector", selector=_sorted(_selector(tree)), modifiers=_moved(tree))
    if isinstance(tree, pp.MatrixSelector):
        inner = tree.vector_selector
        selector = _selector(inner, tree.range.total_seconds())
        return Node("selector", selector=_sorted(selector), modifiers=_moved(inner))
    if isinstance(tree, pp.SubqueryExpr):
        return Node("subquery", str(tree.range), parts, modifiers=(str(tree.step), *_moved(tree)))
    if isinstance(tree, pp.Call):
        return Node("call", tree.func.name, parts)
    if isinstance(tree, pp.AggregateExpr):
        return Node("aggregation", str(tree.op), parts, grouping=_grouping(tree.modifier))
    if isinstance(tree, pp.BinaryExpr):
        return Node("operation", str(tree.op), parts, modifiers=_matching(tree.modifier))
    return Node("negation", "-", parts)


def _sorted(selector: Selector) -> Selector:
    return Selector(selector.metric, tuple(sorted(selector.matchers, key=str)), selector.window)


def _moved(tree: Any) -> tuple[str, ...]:
    return tuple(str(given) for given in (tree.offset, tree.at) if given is not None)


def _grouping(modifier: Any) -> tuple[str, ...]:
    if modifier is None:
        return ()
    return ("by" if modifier.type == pp.AggModifierType.By else "without", *modifier.labels)


def _matching(modifier: Any) -> tuple[str, ...]:
    if modifier is None:
        return ()
    told = ["bool"] if modifier.return_bool else []
    if modifier.matching is not None:
        on = modifier.matching.type == pp.LabelModifierType.Include
        told.append(f"{'on' if on else 'ignoring'} {sorted(modifier.matching.labels)}")
    if modifier.group_labels is not None:
        told.append(f"{modifier.card} {sorted(modifier.group_labels)}")
    return tuple(told)


# --- what a tree reads and yields --------------------------------------------------------------------------------


def _bare(tree: Any) -> Any:
    while isinstance(tree, pp.ParenExpr):
        tree = tree.expr
    return tree


def _is_range(tree: Any) -> bool:
    return isinstance(_bare(tree), pp.MatrixSelector | pp.SubqueryExpr)


def _nodes(tree: pp.Expr) -> Iterator[Any]:
    """Parents before children, from left to right. Not `pp.walk`, which takes 15 s for 400 terms."""
    waiting: list[Any] = [tree]
    while waiting:
        node = waiting.pop()
        yield node
        waiting += reversed(_children(node))


def _children(node: Any) -> list[Any]:
    if isinstance(node, pp.BinaryExpr):
        return [node.lhs, node.rhs]
    if isinstance(node, pp.AggregateExpr):
        return [node.param, node.expr] if node.param is not None else [node.expr]
    if isinstance(node, pp.Call):
        return list(node.args)
    if isinstance(node, pp.MatrixSelector):
        return [node.vector_selector]
    return [node.expr] if isinstance(node, pp.ParenExpr | pp.UnaryExpr | pp.SubqueryExpr) else []


def _vector_selectors(tree: pp.Expr) -> Iterator[Any]:
    return (node for node in _nodes(tree) if isinstance(node, pp.VectorSelector))


def _selectors(tree: pp.Expr) -> Iterator[Selector]:
    window = 0.0
    for node in _nodes(tree):  # a range selector is followed by the instant one inside it
        if isinstance(node, pp.MatrixSelector):
            window = node.range.total_seconds()
        elif isinstance(node, pp.VectorSelector):
            yield _selector(node, window)
            window = 0.0


def _selector(node: Any, window: float = 0) -> Selector:
    matchers = tuple(Matcher(m.name, _operator(m), m.value) for m in node.matchers.matchers)
    named = next((m for m in matchers if m.label == "__name__" and m.op == "="), None)
    if not node.name and named:
        return Selector(named.value, tuple(m for m in matchers if m is not named), window)
    return Selector(node.name or "", matchers, window)


def _operator(matcher: Any) -> str:
    if matcher.op == pp.MatchOp.Equal:
        return "="
    if matcher.op == pp.MatchOp.NotEqual:
        return "!="
    return "=~" if matcher.op == pp.MatchOp.Re else "!~"


def _labels(tree: Any) -> frozenset[str] | None:
    """The labels of the result, or None when the series themselves decide."""
    tree = _bare(tree)
    if isinstance(tree, pp.NumberLiteral | pp.StringLiteral):
        return frozenset()
    if isinstance(tree, pp.UnaryExpr):
        return _labels(tree.expr)
    if isinstance(tree, pp.AggregateExpr):
        return _aggregated(tree)
    if isinstance(tree, pp.Call):
        return _called(tree)
    if isinstance(tree, pp.BinaryExpr):
        return _combined(tree)
    if isinstance(tree, pp.SubqueryExpr):
        return _labels(tree.expr)
    return None


def _aggregated(tree: Any) -> frozenset[str] | None:
    inner = _labels(tree.expr)
    operation = str(tree.op)
    if operation in _KEEPS_LABELS_OF_INNER:
        return inner
    added = frozenset({_bare(tree.param).val}) if operation == "count_values" else frozenset[str]()
    if tree.modifier is None:
        return added
    named = frozenset(tree.modifier.labels)
    if tree.modifier.type == pp.AggModifierType.By:
        kept = named if inner is None else named & inner
        return kept | added
    return None if inner is None else (inner - named) | added


def _called(tree: Any) -> frozenset[str] | None:
    name, args = tree.func.name, list(tree.args)
    if name in ("absent", "absent_over_time"):
        return _of_absent(_bare(args[0]))
    vectors = [arg for arg in args if _type(arg) in _VECTORS]
    if not vectors or tree.func.return_type not in _VECTORS:
        return frozenset()  # vector(1), minute(), scalar(up)
    inner = None if name == "info" else _labels(vectors[0])
    if inner is None:
        return None
    if name in ("label_replace", "label_join"):
        return inner | {_bare(args[1]).val}
    return inner - {"le"} if name in ("histogram_quantile", "histogram_fraction") else inner


def _of_absent(tree: Any) -> frozenset[str]:
    """The labels that a selector pins to one value; of anything but a selector, none."""
    if isinstance(tree, pp.MatrixSelector):
        tree = tree.vector_selector
    matchers = _selector(tree).matchers if isinstance(tree, pp.VectorSelector) else ()
    named = [m.label for m in matchers]
    return frozenset(m.label for m in matchers if m.op == "=" and m.value and named.count(m.label) == 1)


_VECTORS = (pp.ValueType.Vector, pp.ValueType.Matrix)


def _type(tree: Any) -> Any:
    """Whether an expression is a number, a string or a vector."""
    tree = _bare(tree)
    if isinstance(tree, pp.UnaryExpr):
        return _type(tree.expr)
    if isinstance(tree, pp.BinaryExpr):
        return _type(tree.lhs) if _type(tree.rhs) == pp.ValueType.Scalar else pp.ValueType.Vector
    if isinstance(tree, pp.Call):
        return tree.func.return_type
    if isinstance(tree, pp.NumberLiteral):
        return pp.ValueType.Scalar
    return pp.ValueType.String if isinstance(tree, pp.StringLiteral) else pp.ValueType.Vector


def _combined(tree: Any) -> frozenset[str] | None:
    left, right = _labels(tree.lhs), _labels(tree.rhs)
    operation, modifier = str(tree.op), tree.modifier
    if operation in _SET_OPERATORS:
        if operation != "or":
            return left
        return None if left is None or right is None else left | right
    if _type(tree.lhs) == pp.ValueType.Scalar:
        return right
    if _type(tree.rhs) == pp.ValueType.Scalar:
        return left
    if modifier is None or (modifier.matching is None and modifier.card == pp.VectorMatchCardinality.OneToOne):
        return right if left is None else left  # only series with the same labels meet
    return _matched(left, right, modifier)


def _matched(left: frozenset[str] | None, right: frozenset[str] | None, modifier: Any) -> frozenset[str] | None:
    extra = frozenset(modifier.group_labels or ())
    if modifier.card == pp.VectorMatchCardinality.ManyToOne:
        return None if left is None else left | extra
    if modifier.card == pp.VectorMatchCardinality.OneToMany:
        return None if right is None else right | extra
    named = frozenset(modifier.matching.labels)
    if modifier.matching.type == pp.LabelModifierType.Include:
        return named
    return None if left is None else left - named
