"""Whether one expression counts a part of what another one counts: their ratio is then from 0 to 1."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from obscode.promql.selector import Selector
from obscode.promql.syntax_tree import Aggregation, BinaryOperation, Call, Node, NumberLiteral, VectorSelector
from obscode.promql.types.interval import UNIT, Interval

#: The expression of the only rule that records the series of a selector; None if there is none.
Recorded = Callable[[Selector], Node | None]

_MONOTONE = frozenset({"rate", "increase", "irate"})
# Records of records.
_DEPTH = 5


def part_values(node: BinaryOperation, recorded: Recorded) -> Interval | None:
    """The values of a part divided by its whole; `100 * part / whole` is a percentage."""
    if node.operator != "/":
        return None
    parts = _Parts(recorded)
    if parts.is_part(node.left, node.right):
        return UNIT
    part = node.left
    if isinstance(part, BinaryOperation) and part.operator == "*":
        for factor, other in ((part.left, part.right), (part.right, part.left)):
            if isinstance(factor, NumberLiteral) and factor.value > 0 and parts.is_part(other, node.right):
                return Interval(0, factor.value)
    return None


class _Parts:
    def __init__(self, recorded: Recorded) -> None:
        self.recorded = recorded

    def is_part(self, part: Node, whole: Node, depth: int = _DEPTH) -> bool:
        """True if both sum the same counters, and the part selects a subset of the series."""
        match part, whole:
            case VectorSelector(), VectorSelector():
                return _is_subset(part, whole) or self._of_records(part, whole, depth)
            case (VectorSelector(), _) | (_, VectorSelector()):
                return self._of_records(part, whole, depth)
            case Call(), Call() if part.function == whole.function and part.function in _MONOTONE:
                return self.is_part(part.arguments[0], whole.arguments[0], depth)
            case Aggregation(), Aggregation() if part.operator == whole.operator in ("sum", "count"):
                same = (part.grouping, sorted(part.labels)) == (whole.grouping, sorted(whole.labels))
                is_counted = part.operator == "count" or self._is_rate(part.expr, depth)
                return same and is_counted and self.is_part(part.expr, whole.expr, depth)
        return False

    def _of_records(self, part: Node, whole: Node, depth: int) -> bool:
        """The same for series that rules record, by the expressions of the rules."""
        both = [node for node in (part, whole) if isinstance(node, VectorSelector)]
        if len(both) == 2 and not _selects_subset(*both):
            return False
        if isinstance(whole, VectorSelector) and len(both) == 1 and whole.selector.matchers:
            return False
        one, other = self._tree(part), self._tree(whole)
        return depth > 0 and one is not None and other is not None and self.is_part(one, other, depth - 1)

    def _tree(self, node: Node) -> Node | None:
        """The expression that records a series now; any other node as it is."""
        if not isinstance(node, VectorSelector):
            return node
        is_now = not node.selector.window and not node.offset and node.at is None
        return self.recorded(node.selector) if is_now else None

    def _is_rate(self, node: Node, depth: int) -> bool:
        """True for rates and their sums, which grow with the number of series, also where they are recorded."""
        match node:
            case Call():
                return node.function in _MONOTONE
            case Aggregation(operator="sum"):
                return self._is_rate(node.expr, depth)
            case VectorSelector() if depth:
                tree = self._tree(node)
                return tree is not None and self._is_rate(tree, depth - 1)
        return False


def _is_subset(part: VectorSelector, whole: VectorSelector) -> bool:
    same = replace(part, selector=whole.selector) == whole and part.selector.window == whole.selector.window
    return same and _selects_subset(part, whole) and _is_same_metric(part.selector, whole.selector)


def _selects_subset(part: VectorSelector, whole: VectorSelector) -> bool:
    return set(whole.selector.matchers) <= set(part.selector.matchers)


def _is_same_metric(part: Selector, whole: Selector) -> bool:
    """True for equal names, and for one bucket of a histogram and its `_count`."""
    if part.metric == whole.metric:
        return True
    is_bucket = any(matcher.label == "le" and matcher.op == "=" for matcher in part.matchers)
    return is_bucket and part.metric.endswith("_bucket") and whole.metric == f"{part.metric[:-7]}_count"
