"""Which of several equal parts of an expression differ: by their metric, or by their selector."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence

from obscode.diff.expressions.difference import Difference
from obscode.diff.expressions.node_text import duration_text, grouping_text, number_text
from obscode.diff.expressions.normal_form import COMPARISONS
from obscode.diff.expressions.places import first_selector
from obscode.diff.sentences import listed
from obscode.promql.syntax_tree import (
    Aggregation,
    BinaryOperation,
    Call,
    Node,
    NumberLiteral,
    Subquery,
    VectorSelector,
)

_MOST = 3


def holder_text(same: Sequence[Difference], before: Node) -> str:
    """Where equal differences are; empty if nothing else in the expression could be meant."""
    first = same[0]
    unchanged = Counter(_holders(before, first.what, first.before))
    changed = Counter(part.of for part in same if part.of)
    unchanged -= changed
    if not changed or not unchanged:
        return ""
    metrics = {_metric(each) for each in unchanged}
    return listed(dict.fromkeys(each if _metric(each) in metrics else _metric(each) for each in changed), _MOST)


def _metric(selector: str) -> str:
    return selector.partition("{")[0] or selector


def _holders(tree: Node, what: str, text: str | None) -> Iterator[str]:
    """The first selectors of the parts that could have a change of this kind from this text."""
    for node in tree.descendants():
        values = list(_values(node, what))
        if values and (text is None or text in values) and not (what == "offset" and text is None and values[0]):
            yield first_selector(node)


def _values(node: Node, what: str) -> Iterator[str]:
    """The texts of a part of this kind; empty ones where it could be added."""
    match node:
        case VectorSelector() if what == "matcher":
            yield from map(str, node.selector.matchers)
            yield ""
        case VectorSelector() if what == "window" and node.selector.window:
            yield duration_text(node.selector.window)
        case VectorSelector() if what == "offset":
            yield duration_text(node.offset) if node.offset else ""
        case Subquery() if what == "window":
            yield duration_text(node.range)
        case Call() if what == "function":
            yield f"{node.function}()"
        case Aggregation():
            yield from _of_aggregation(node, what)
        case BinaryOperation() if what == "threshold" and node.operator in COMPARISONS:
            if isinstance(node.right, NumberLiteral):
                yield number_text(node.right.value)


def _of_aggregation(node: Aggregation, what: str) -> Iterator[str]:
    if what == "aggregation":
        yield node.operator
    elif what == "grouping":
        yield grouping_text(node)
    elif what in ("grouping label", "label of without"):
        yield from node.labels
