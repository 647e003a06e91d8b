"""Parts and variants of syntax trees, to compare expressions and to describe them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from obscode.promql.selector import Matcher, Selector
from obscode.promql.syntax_tree import BinaryOperation, Node, VectorSelector, value_type
from obscode.promql.types import infer


def constant(node: Node) -> float | None:
    """The value of an expression without series: `14.4 * 0.001`."""
    return infer(node).result.values.constant if value_type(node) == "scalar" else None


def without_selectors(node: Node) -> Node:
    """The tree without names and matchers: equal for both sides of a ratio of like expressions."""
    if isinstance(node, VectorSelector):
        return replace(node, selector=Selector("", (), node.selector.window))
    return node.with_children(*map(without_selectors, node.children))


def without_windows(node: Node, ignored: Sequence[Matcher] = ()) -> Node:
    """The tree without windows and without some matchers: equal for expressions of the same values."""
    if isinstance(node, VectorSelector):
        matchers = tuple(m for m in node.selector.matchers if m not in ignored)
        return replace(node, selector=Selector(node.selector.metric, matchers))
    return node.with_children(*(without_windows(child, ignored) for child in node.children))


def innermost(node: Node) -> Selector | None:
    """The selector inside functions and aggregations, or None if there are several."""
    while node.children and not isinstance(node, BinaryOperation):
        node = node.children[-1]
    return node.selector if isinstance(node, VectorSelector) else None
