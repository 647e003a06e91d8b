"""Where a part stands in the condition of an alert: what more series or larger values there mean."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from obscode.diff.change import Risk
from obscode.diff.expressions.normal_form import COMPARISONS
from obscode.promql.syntax_tree import Aggregation, BinaryOperation, Node, NumberLiteral, VectorSelector


@dataclass(frozen=True)
class Place:
    """Where a part stands in the condition of an alert.

    Attributes:
        what: the name of a number here: `threshold`, `factor`.
        series: 1 if the alert fires for more when there are more series here, -1 for less, 0 if that is unknown.
        value: the same for a larger value.
        is_summed: more series here are a larger value, and not more series of the alert.
        of: the metric that a number is compared with.
    """

    what: str = "number"
    series: int = 0
    value: int = 0
    is_summed: bool = False
    of: str = ""

    def risk(self, direction: int, of_value: bool = False) -> Risk:
        """What more (1) or less (-1) here means."""
        sign = direction * (self.value if of_value else self.series)
        return "stricter" if sign > 0 else "weaker" if sign < 0 else "changed"


#: The condition of an alert, and the expression of a record or a panel.
CONDITION, VALUES = Place(series=1), Place()

HORIZON = "horizon"  # a number of seconds
# What a numeric argument is called, by function and place.
_ARGUMENTS: Mapping[tuple[str, int], str] = {
    ("histogram_quantile", 0): "quantile",
    ("quantile_over_time", 0): "quantile",
    ("predict_linear", 1): HORIZON,
    ("clamp_min", 1): "minimum",
    ("clamp_max", 1): "maximum",
    ("clamp", 1): "minimum",
    ("clamp", 2): "maximum",
    ("round", 1): "resolution",
    ("vector", 0): "value",
}
_MONOTONE = frozenset(("argument", "quantile", "minimum", "maximum", "value"))
PARAMETERS = {"quantile": "quantile", "topk": "k", "bottomk": "k", "limitk": "k", "limit_ratio": "ratio"}
# More of their input is more of their result, for what is not negative.
_GROWING = frozenset(
    (
        *("rate", "irate", "increase", "delta", "deriv", "histogram_quantile", "predict_linear"),
        *("sum_over_time", "avg_over_time", "max_over_time", "min_over_time", "last_over_time", "quantile_over_time"),
        *("ceil", "floor", "round", "abs", "clamp_min", "clamp_max", "sqrt", "ln", "log2", "log10", "exp"),
        *("label_replace", "label_join", "sort", "sort_desc", "vector", "scalar"),
    )
)
_GROWING_AGGREGATIONS = frozenset(("sum", "avg", "max", "min", "quantile"))


def argument_place(function: str, index: int, place: Place) -> Place:
    """The place of an argument of a function."""
    what = _ARGUMENTS.get((function, index), "argument")
    if function in ("absent", "absent_over_time"):
        return Place(what, series=-place.series)
    value = place.value if function in _GROWING and what in _MONOTONE else 0
    return replace(place, what=what, value=value, of="")


def aggregated_place(node: Aggregation, place: Place) -> Place:
    if node.operator in ("sum", "count"):
        return replace(place, is_summed=True, series=0, value=place.value)
    return replace(place, series=0, value=place.value if node.operator in _GROWING_AGGREGATIONS else 0)


def operand_places(node: BinaryOperation, place: Place) -> tuple[Place, Place]:
    """The places of both operands."""
    metric = first_selector(node.left)
    if node.operator in COMPARISONS:
        up = {">": 1, ">=": 1, "<": -1, "<=": -1}.get(node.operator, 0) * place.series
        left = replace(place, what="number", value=up, is_summed=False, of="")
        return left, Place("threshold", value=-up, of=metric)
    growing = {"+": (1, 1), "*": (1, 1), "-": (1, -1), "/": (1, -1)}.get(node.operator, (0, 0))
    what = {"*": "factor", "/": "divisor", "^": "exponent", "%": "divisor", "-": "number"}.get(node.operator, "number")
    # A number keeps the name that it has as a whole: in `> 2 * x`, 2 is a factor.
    left, right = (Place(what, 0, place.value * sign, place.is_summed, metric) for sign in growing)
    if isinstance(node.right, NumberLiteral):
        left = replace(left, series=place.series)
    return left, right


def list_place(operator: str, operands: Sequence[Node], place: Place) -> Place:
    if operator == "or":
        return place
    metric = next((text for each in operands if (text := first_selector(each))), "")
    has_vectors = sum(not isinstance(each, NumberLiteral) for each in operands) > 1
    series = 0 if has_vectors else place.series
    return Place("factor" if operator == "*" else "number", series, place.value, place.is_summed, metric)


def first_selector(node: Node) -> str:
    """The first selector of a part, without its window."""
    return next((str(each.selector) for each in node.descendants() if isinstance(each, VectorSelector)), "")
