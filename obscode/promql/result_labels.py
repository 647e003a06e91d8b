"""Which labels the result of an expression has, where only the labels of series matter."""

from __future__ import annotations

from collections.abc import Callable

from obscode.promql.selector import Selector
from obscode.promql.syntax_tree import Node
from obscode.promql.types import UNTYPED, ExprType, infer
from obscode.promql.types.labels import Labels as LabelTypes

Labels = frozenset[str] | None
OfSeries = Callable[[Selector], Labels]


def result_labels(node: Node, of_series: OfSeries | None = None) -> Labels:
    """The labels that the result may have, or None where they depend on series whose labels are unknown."""

    def series(selector: Selector) -> ExprType:
        labels = of_series(selector) if of_series else None
        return UNTYPED if labels is None else ExprType(LabelTypes(labels, closed=True))

    return infer(node, series).result.labels.possible
