"""Add label matchers to the selectors of an expression. The text stays as written; only the matchers are inserted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from obscode.promql.errors import PromQLError
from obscode.promql.parser import parse, parse_tree
from obscode.promql.selector import Matcher, Selector
from obscode.promql.spans import scan
from obscode.promql.syntax_tree import BinaryOperation, Node, VectorSelector
from obscode.promql.tokens import code_tokens

_SET_OPERATORS = ("and", "unless")
# Series about objects, such as pods; they carry the labels of the exporter, not those of the service.
_METADATA = ("_info", "_labels", "_annotations", "_metadata")


@dataclass(frozen=True)
class ScopedSelector:
    """A selector, and the matchers that it gets: those that it lacks, and none that its side of a join ignores."""

    selector: Selector
    matchers: tuple[Matcher, ...]


def with_matchers(expr: str, matchers: Sequence[Matcher]) -> str:
    """The expression with matchers in its selectors. Raises PromQLError if it does not parse."""
    if not matchers:
        return expr
    scoped, spans, text = scoped_selectors(expr, matchers), scan(expr).selectors, expr
    if len(scoped) != len(spans):
        raise PromQLError("obscode cannot find its selectors", "selector")
    for each, span in reversed(list(zip(scoped, spans, strict=True))):
        if each.matchers:
            at, before, after = _place(expr, span.span)
            text = f"{text[:at]}{before}{','.join(map(str, each.matchers))}{after}{text[at:]}"
    return text


def _place(expr: str, span: tuple[int, int]) -> tuple[int, str, str]:
    """The position of new matchers in a selector, with the text before and behind them."""
    start, end = span
    if expr[end - 1] != "}":
        return end, "{", "}"
    last = [token for token in code_tokens(expr) if start <= token.start and token.end < end][-1]
    return last.end, "" if last.text in "{," else ",", ""


def scoped_selectors(expr: str, matchers: Sequence[Matcher]) -> list[ScopedSelector]:
    """The selectors of an expression from left to right. Raises PromQLError if it does not parse."""
    try:
        return list(_scoped(parse_tree(expr), tuple(matchers), tuple(matchers)))
    except PromQLError as error:
        if error.kind != "opaque":
            raise
    # Without a tree, joins are not known.
    selectors = parse(expr).selectors
    return [ScopedSelector(each, tuple(m for m in matchers if m not in each.matchers)) for each in selectors]


def _scoped(node: Node, matchers: tuple[Matcher, ...], for_objects: tuple[Matcher, ...]) -> Iterator[ScopedSelector]:
    """``for_objects`` are the matchers that series about objects get: fewer on the side of a join that adds labels."""
    if isinstance(node, VectorSelector):
        selector = node.selector
        added = for_objects if is_about_objects(selector.metric) else matchers
        yield ScopedSelector(selector, tuple(matcher for matcher in added if matcher not in selector.matchers))
        return
    for n, child in enumerate(node.children):
        if isinstance(node, BinaryOperation) and n == _filtering_side(node) and node.matching:
            join = node.matching
            shared = tuple(matcher for matcher in matchers if (matcher.label in join.labels) == join.on)
            yield from _scoped(child, shared if join.include else matchers, shared)
        else:
            yield from _scoped(child, matchers, for_objects)


def _filtering_side(node: BinaryOperation) -> int:
    """The side that only filters, or adds labels to, the series of the other: 1 for the right one, -1 for none."""
    if node.matching is None:
        return -1
    if node.operator in _SET_OPERATORS or node.matching.cardinality == "many-to-one":
        return 1
    return 0 if node.matching.cardinality == "one-to-many" else -1


def is_about_objects(metric: str) -> bool:
    """Whether a metric describes objects, such as pods, instead of a service: `kube_pod_info`, `node_uname_info`."""
    return metric.startswith("kube_") or metric.endswith(_METADATA)
