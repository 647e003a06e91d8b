"""The functions of PromQL with the types of their arguments and results.

https://github.com/prometheus/prometheus/blob/main/promql/parser/functions.go
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from obscode.promql.syntax_tree import ValueType


class Signature(NamedTuple):
    """The types of a function; ``variadic`` is how many more arguments of the last type it takes, -1 for any number.

    With ``variadic``, the last argument may be left out.
    """

    arguments: tuple[ValueType, ...]
    variadic: int
    returns: ValueType


_TYPES: Mapping[str, ValueType] = {"v": "vector", "m": "matrix", "s": "scalar", "t": "string"}

# Arguments, a result, how many more arguments, and the functions.
_TABLE = (
    (
        "v",
        "v",
        0,
        "abs absent acos acosh asin asinh atan atanh ceil cos cosh deg exp floor histogram_avg "
        "histogram_count histogram_stddev histogram_stdvar histogram_sum ln log10 log2 rad sgn sin sinh "
        "sort sort_desc sqrt start_timestamp tan tanh timestamp",
    ),
    (
        "m",
        "v",
        0,
        "absent_over_time avg_over_time changes count_over_time delta deriv first_over_time idelta "
        "increase irate last_over_time mad_over_time max_over_time min_over_time present_over_time rate "
        "resets stddev_over_time stdvar_over_time sum_over_time ts_of_first_over_time "
        "ts_of_last_over_time ts_of_max_over_time ts_of_min_over_time",
    ),
    ("v", "v", 1, "day_of_month day_of_week day_of_year days_in_month hour minute month year"),
    ("", "s", 0, "end pi range start step time"),
    ("vs", "v", 0, "clamp_max clamp_min"),
    ("mss", "v", 0, "double_exponential_smoothing holt_winters"),
    ("ss", "s", 0, "max_of min_of"),
    ("vt", "v", -1, "sort_by_label sort_by_label_desc"),
    ("vss", "v", 0, "clamp"),
    ("ssv", "v", 0, "histogram_fraction"),
    ("sv", "v", 0, "histogram_quantile"),
    ("vtss", "v", 9, "histogram_quantiles"),
    ("vv", "v", 1, "info"),
    ("vttt", "v", -1, "label_join"),
    ("vtttt", "v", 0, "label_replace"),
    ("ms", "v", 0, "predict_linear"),
    ("sm", "v", 0, "quantile_over_time"),
    ("vs", "v", 1, "round"),
    ("v", "s", 0, "scalar"),
    ("s", "v", 0, "vector"),
)

FUNCTIONS: Mapping[str, Signature] = {
    name: Signature(tuple(_TYPES[each] for each in arguments), variadic, _TYPES[returns])
    for arguments, returns, variadic, names in _TABLE
    for name in names.split()
}
