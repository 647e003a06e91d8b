"""Why a query returns nothing although its series exist: the part of it that has no result whatever the data is.

Many queries are empty on a good day: a comparison holds for no series, an alert does not fire. So a query is reported
only where the reason is in the query: a matcher that no series of the metric has, operands without equal labels, a
window with fewer than two samples, a histogram without bounds.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

from obscode.clients.errors import ServerError
from obscode.clients.prometheus import PrometheusClient
from obscode.preview.time_ranges import TimeRange
from obscode.promql.errors import PromQLError
from obscode.promql.parser import parse_tree
from obscode.promql.positions import Positions, locate
from obscode.promql.selector import Selector
from obscode.promql.syntax_tree import Aggregation, BinaryOperation, Call, Node, Subquery, VectorSelector

_MAY_BE_EMPTY = ("absent", "absent_over_time")
_RATES = (
    "rate",
    "irate",
    "increase",
    "delta",
    "idelta",
    "deriv",
    "predict_linear",
    "holt_winters",
    "double_exponential_smoothing",
)
_COMPARISONS = ("==", "!=", "<", ">", "<=", ">=")
_ALERTS = ("ALERTS", "ALERTS_FOR_STATE")
_STEPS = 120  # points of a range; a part with a result at one of them is not empty


class Reason(NamedTuple):
    """The part of an expression that is empty, and why."""

    part: str
    message: str
    hint: str


def _drops_bounds(node: Node) -> bool:
    return isinstance(node, Aggregation) and node.grouping == "by" and "le" not in node.labels


class Diagnosis:
    """Finds the reasons in ranges of time.

    ``unknown`` are the metrics that no service exposes; ``is_typed`` if the labels of series are those of real ones.
    """

    def __init__(
        self,
        client: PrometheusClient,
        ranges: Sequence[TimeRange],
        unknown: frozenset[str] = frozenset(),
        *,
        is_typed: bool,
    ) -> None:
        self._client, self._ranges, self._unknown, self._is_typed = client, ranges, unknown, is_typed
        self._known: dict[str, bool] = {}

    def reason(self, expr: str) -> Reason | None:
        """Why an expression is empty in all ranges; None where it has a result, or may have one on another day."""
        try:
            tree = parse_tree(expr)
        except PromQLError:
            return None
        positions = locate(expr, tree)
        return _Search(expr, positions, self._has_result, self._unknown, is_typed=self._is_typed).reason(tree)

    def _has_result(self, expr: str) -> bool:
        if expr not in self._known:
            self._known[expr] = any(self._in_range(expr, time) for time in self._ranges)
        return self._known[expr]

    def _in_range(self, expr: str, time: TimeRange) -> bool:
        step = time.length / _STEPS / 1000
        try:
            return bool(self._client.query_range(expr, time.start / 1000, time.end / 1000, step))
        except ServerError:
            return True  # it is reported otherwise


class _Search:
    def __init__(
        self,
        expr: str,
        positions: Positions,
        has_result: Callable[[str], bool],
        unknown: frozenset[str],
        *,
        is_typed: bool,
    ) -> None:
        self._expr, self._positions, self._has_result, self._is_typed = expr, positions, has_result, is_typed
        self._unknown = unknown

    def reason(self, node: Node) -> Reason | None:
        """The reason in a node that is empty."""
        if not self._is_empty(node):
            return None
        if isinstance(node, VectorSelector):
            return self._of_selector(node)
        if isinstance(node, Call) and node.function in _MAY_BE_EMPTY:
            return None
        if isinstance(node, BinaryOperation):
            return self._of_operation(node)
        for child in node.children:
            if self._is_empty(child):
                return self.reason(child)
        return self._of_call(node) if isinstance(node, Call) else None

    def _text(self, node: Node) -> str:
        position = self._positions.of(node)
        return self._expr[slice(*position.span)] if position else ""

    def _is_empty(self, node: Node) -> bool:
        text = self._text(node)
        if not text:
            return False
        if isinstance(node, Subquery) or (isinstance(node, VectorSelector) and node.selector.window):
            text = f"count_over_time({text})"
        return not self._has_result(text)

    def _of_operation(self, node: BinaryOperation) -> Reason | None:
        left, right = node.children
        if node.operator == "unless":
            return self.reason(left)
        for child in (left, right):
            if self._is_empty(child):
                return self.reason(child)
        is_known = self._is_typed or (isinstance(left, Aggregation) and isinstance(right, Aggregation))
        if node.operator in (*_COMPARISONS, "and", "or") or not is_known:
            return None
        text = self._text(node)
        return Reason(
            text,
            "no series on its left side has the labels of one on its right side",
            "write on(...) with labels that both have",
        )

    def _of_call(self, node: Call) -> Reason | None:
        text = self._text(node)
        if node.function == "histogram_quantile" and _drops_bounds(node.arguments[-1]):
            return Reason(text, "its argument has no label le", "keep le: sum by (le) (...)")
        if node.function in _RATES and self._is_typed:
            return Reason(text, "its window has fewer than two samples", "write [$__rate_interval], or a longer window")
        return None

    def _of_selector(self, node: VectorSelector) -> Reason | None:
        selector = node.selector
        if selector.metric in self._unknown:
            return Reason(
                selector.metric,
                f"no service exposes {selector.metric}",
                "correct the name, or declare it in the metrics of a service",
            )
        if (
            not selector.metric
            or selector.metric in _ALERTS
            or not self._is_typed
            or node.offset
            or node.at is not None
        ):
            return None
        if not self._has_result(str(Selector(selector.metric))):
            return None
        for matcher in selector.matchers:
            alone = str(Selector(selector.metric, (matcher,)))
            if not self._has_result(alone):
                return Reason(
                    str(matcher),
                    f"no series of {selector.metric} has {matcher}",
                    "compare it with the labels of the metric",
                )
        return None
