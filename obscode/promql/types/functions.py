"""The table of functions and aggregations: what they read, and what they do to labels, samples, values and units.

Source: https://prometheus.io/docs/prometheus/latest/querying/functions/ and promql/functions.go of Prometheus 3.10.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from obscode.promql.types.interval import NOT_NEGATIVE, ONE, UNIT, Interval
from obscode.promql.types.labels import NAME
from obscode.promql.types.series import Samples

#: What a function does with the labels of its argument.
LabelEffect = Literal["keep", "drop name", "drop le", "absent", "replace", "join", "info", "none"]
#: Which samples a function reads; empty for any.
Reads = Literal["", "counter", "gauge", "buckets", "native"]
#: The unit of a result: empty if unknown; `observations` is the unit of a histogram's observations, and `events` and
#: `sum of observations` are per second where the argument is.
UnitEffect = Literal[
    "", "argument", "per second", "count", "timestamp", "observations", "ratio", "events", "sum of observations"
]


@dataclass(frozen=True)
class Function:
    """A function, or an aggregation operator.

    Attributes:
        labels: the labels of the result; an aggregation has those of its grouping.
        samples: what the samples of the result are; `=` for those of the argument.
        values: the values of the result; None for all, `=` for those of the argument, `+` for their sums.
        unit: the unit of the result.
        reads: the samples that it is made for.
        argument: the index of the argument that it reads.
    """

    labels: LabelEffect = "drop name"
    samples: Samples | Literal["="] = ""
    values: Interval | Literal["=", "+"] | None = None
    unit: UnitEffect = ""
    reads: Reads = ""
    argument: int = 0


def _same(labels: LabelEffect = "drop name") -> Function:
    return Function(labels, "=", "=", "argument")


_RATE = Function(samples="rate", values=NOT_NEGATIVE, unit="per second", reads="counter")
_DIFFERENCE = Function(unit="argument", reads="gauge")
_DEVIATION = Function(values=NOT_NEGATIVE, unit="argument")
_COUNT = Function(values=NOT_NEGATIVE, unit="count")
_EXTREME = Function(samples="=", values="=", unit="argument")
_TIMESTAMP = Function(unit="timestamp")
_ANY_NUMBER = Function()


def _calendar(low: float, high: float) -> Function:
    return Function(values=Interval(low, high))


FUNCTIONS: Mapping[str, Function] = {
    "rate": _RATE,
    "irate": _RATE,
    "increase": Function(samples="rate", values=NOT_NEGATIVE, unit="argument", reads="counter"),
    "resets": Function(values=NOT_NEGATIVE, unit="count"),  # also of gauges that only grow, such as times and uptimes
    "delta": _DIFFERENCE,
    "idelta": _DIFFERENCE,
    "deriv": Function(unit="per second", reads="gauge"),
    "predict_linear": _DIFFERENCE,
    "holt_winters": _DIFFERENCE,
    "double_exponential_smoothing": _DIFFERENCE,
    "changes": _COUNT,
    "avg_over_time": Function(values="=", unit="argument"),
    "min_over_time": _EXTREME,
    "max_over_time": _EXTREME,
    "sum_over_time": Function(values="+", unit="argument"),
    "last_over_time": _same("keep"),
    "first_over_time": _same("keep"),
    "count_over_time": Function(values=Interval(1), unit="count"),
    "present_over_time": Function(values=ONE, unit="count"),
    "quantile_over_time": Function(samples="quantile", values="=", unit="argument", argument=1),
    "stddev_over_time": _DEVIATION,
    "stdvar_over_time": Function(values=NOT_NEGATIVE),
    "mad_over_time": _DEVIATION,
    **dict.fromkeys(
        ("ts_of_min_over_time", "ts_of_max_over_time", "ts_of_first_over_time", "ts_of_last_over_time"), _TIMESTAMP
    ),
    "absent": Function("absent", values=ONE, unit="count"),
    "absent_over_time": Function("absent", values=ONE, unit="count"),
    "histogram_quantile": Function("drop le", "quantile", None, "observations", "buckets", argument=1),
    "histogram_quantiles": Function("drop le", "quantile", None, "observations", "buckets"),
    "histogram_fraction": Function("drop le", values=UNIT, unit="ratio", reads="buckets", argument=2),
    "histogram_avg": Function(samples="average", unit="observations", reads="native"),
    "histogram_count": Function(values=NOT_NEGATIVE, unit="events", reads="native"),
    "histogram_sum": Function(unit="sum of observations", reads="native"),
    "histogram_stddev": Function(values=NOT_NEGATIVE, unit="observations", reads="native"),
    "histogram_stdvar": Function(values=NOT_NEGATIVE, reads="native"),
    "label_replace": _same("replace"),
    "label_join": _same("join"),
    "info": _same("info"),
    **dict.fromkeys(("sort", "sort_desc", "sort_by_label", "sort_by_label_desc"), _same("keep")),
    **dict.fromkeys(("abs", "ceil", "floor", "round", "clamp", "clamp_min", "clamp_max"), Function(unit="argument")),
    "sgn": Function(values=Interval(-1, 1)),
    "sqrt": Function(values=NOT_NEGATIVE),
    "exp": Function(values=NOT_NEGATIVE),
    **dict.fromkeys(("ln", "log2", "log10", "deg", "rad"), _ANY_NUMBER),
    **dict.fromkeys(("sin", "cos", "tanh"), Function(values=Interval(-1, 1))),
    **dict.fromkeys(
        ("tan", "asin", "acos", "atan", "sinh", "cosh", "asinh", "acosh", "atanh"),
        _ANY_NUMBER,
    ),
    "timestamp": _TIMESTAMP,
    "time": Function("none", values=NOT_NEGATIVE, unit="timestamp"),
    "pi": Function("none"),
    "vector": Function("none", values="=", unit="argument"),
    "scalar": Function("none", values="=", unit="argument"),
    "minute": _calendar(0, 59),
    "hour": _calendar(0, 23),
    "day_of_week": _calendar(0, 6),
    "day_of_month": _calendar(1, 31),
    "day_of_year": _calendar(1, 366),
    "days_in_month": _calendar(28, 31),
    "month": _calendar(1, 12),
    "year": _ANY_NUMBER,
}

AGGREGATIONS: Mapping[str, Function] = {
    "sum": Function(samples="=", values="+", unit="argument"),
    "avg": Function(values="=", unit="argument"),
    "min": _EXTREME,
    "max": _EXTREME,
    "count": Function(values=Interval(1), unit="count"),
    "count_values": Function(values=Interval(1), unit="count"),
    "group": Function(values=ONE, unit="count"),
    "quantile": Function(samples="quantile", values="=", unit="argument"),
    "stddev": _DEVIATION,
    "stdvar": Function(values=NOT_NEGATIVE),
    **dict.fromkeys(("topk", "bottomk", "limitk", "limit_ratio"), _same("keep")),
}

#: Aggregations that select series, and keep their labels.
SELECTING = frozenset({"topk", "bottomk", "limitk", "limit_ratio"})

#: Labels that a function removes.
DROPPED: Mapping[LabelEffect, frozenset[str]] = {
    "keep": frozenset(),
    "replace": frozenset(),
    "join": frozenset(),
    "info": frozenset({NAME}),
    "drop name": frozenset({NAME}),
    "drop le": frozenset({NAME, "le"}),
}
