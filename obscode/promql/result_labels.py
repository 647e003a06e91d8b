"""Which labels the result of an expression has, as far as the expression alone decides.

`sum by (job) (up)` has the label job, whatever `up` has; the labels of `rate(up[5m])` are those of the series, which
``of_series`` may know.
"""

from __future__ import annotations

from collections.abc import Callable

from obscode.promql.selector import Selector
from obscode.promql.syntax_tree import (
    Aggregation,
    BinaryOperation,
    Call,
    Matching,
    Negation,
    Node,
    NumberLiteral,
    StringLiteral,
    Subquery,
    VectorSelector,
    value_type,
)

Labels = frozenset[str] | None
OfSeries = Callable[[Selector], Labels]

_SELECT_SERIES = ("topk", "bottomk", "limitk", "limit_ratio")
_VECTORS = ("vector", "matrix")


def _unknown(selector: Selector) -> Labels:
    return None


def result_labels(node: Node, of_series: OfSeries = _unknown) -> Labels:
    """The labels that the result may have, or None where they depend on series whose labels are unknown."""
    match node:
        case VectorSelector():
            return of_series(node.selector)
        case NumberLiteral() | StringLiteral():
            return frozenset()
        case Negation() | Subquery():
            return result_labels(node.expr, of_series)
        case Aggregation():
            return _of_aggregation(node, of_series)
        case Call():
            return _of_call(node, of_series)
        case BinaryOperation():
            return _of_operation(node, of_series)
    return None


def _of_aggregation(node: Aggregation, of_series: OfSeries) -> Labels:
    inner = result_labels(node.expr, of_series)
    if node.operator in _SELECT_SERIES:
        return inner
    added = _string(node.parameter) if node.operator == "count_values" else frozenset[str]()
    if not node.grouping:
        return added
    labels = frozenset(node.labels)
    if node.grouping == "by":
        return (labels if inner is None else labels & inner) | added
    return None if inner is None else (inner - labels) | added


def _of_call(node: Call, of_series: OfSeries) -> Labels:
    if node.function in ("absent", "absent_over_time"):
        return _of_absent(node.arguments[0])
    vectors = [argument for argument in node.arguments if value_type(argument) in _VECTORS]
    if not vectors or node.returns not in _VECTORS:
        return frozenset()  # vector(1), minute(), scalar(up)
    inner = None if node.function == "info" else result_labels(vectors[0], of_series)
    if inner is None:
        return None
    if node.function in ("label_replace", "label_join"):
        return inner | _string(node.arguments[1])
    return inner - {"le"} if node.function in ("histogram_quantile", "histogram_fraction") else inner


def _of_absent(node: Node) -> frozenset[str]:
    """The labels that a selector has exactly one equality matcher for; none for other expressions."""
    matchers = node.selector.matchers if isinstance(node, VectorSelector) else ()
    labels = [matcher.label for matcher in matchers]
    return frozenset(m.label for m in matchers if m.op == "=" and m.value and labels.count(m.label) == 1)


def _of_operation(node: BinaryOperation, of_series: OfSeries) -> Labels:
    left, right = result_labels(node.left, of_series), result_labels(node.right, of_series)
    if node.operator in ("and", "unless"):
        return left
    if node.operator == "or":
        return None if left is None or right is None else left | right
    if value_type(node.left) == "scalar":
        return right
    if value_type(node.right) == "scalar":
        return left
    if node.matching is None:
        return right if left is None else left  # only series with the same labels match
    return _matched(left, right, node.matching)


def _matched(left: Labels, right: Labels, matching: Matching) -> Labels:
    if matching.cardinality == "many-to-one":
        return None if left is None else left | matching.include
    if matching.cardinality == "one-to-many":
        return None if right is None else right | matching.include
    if matching.on:
        return matching.labels
    return None if left is None else left - matching.labels


def _string(node: Node | None) -> frozenset[str]:
    return frozenset({node.value}) if isinstance(node, StringLiteral) else frozenset()
