"""Parse the PromQL of panels with the values of variables in the file."""

from __future__ import annotations

import itertools
import re
from collections.abc import Iterator
from dataclasses import replace

from obscode.promql.errors import PromQLError
from obscode.promql.limits import MAX_CHARACTERS
from obscode.promql.parser import Query, parse_panel
from obscode.promql.tokens import blank_literals
from obscode.reader.dashboards.model import Dashboard, Target
from obscode.reader.dashboards.variables import BUILT_IN, uses

# Other values of variables than names, numbers and durations, which `obscode.promql` tries.
_PARTS = ("+", "> 0", "", 'x="y"', "=~", "sum", "by (x)", '{x="y"}', "offset 5m", "rate(x[5m])", ',x="y"')
_MOST = 150

_METRICSQL = re.compile(
    r"\b(?:WITH\s*\(|default\b|keep_metric_names\b|ifnot\b|limitk?\s+\d|(?:rollup\w*|range_\w+|running_\w+|label_(?:set|del|keep|"
    r"copy|move|map|value|match|mismatch|transform|uppercase|lowercase|graphite_group)|median|outliers\w*|any|share|"
    r"sum2|geomean|histogram|mode|quantiles|topk_\w+|bottomk_\w+|zscore\w*|aggr_over_time|increase_pure|"
    r"increase_prometheus|rate_prometheus|interpolate|keep_last_value|keep_next_value|remove_resets|step|alias|"
    r"union|smooth_exponential|buckets_limit|prometheus_buckets|vmrange_buckets|tmin_over_time|tmax_over_time|"
    r"lag|lifetime|scrape_interval|share_\w+_over_time|count_\w+_over_time|hoeffding_bound_\w+|rate_over_sum|"
    r"distinct(?:_over_time)?|mode_over_time|median_over_time|duration_over_time|drop_empty_series|drop_common_labels|"
    r"ru|ttf|bitmap_\w+|now|count_values_over_time|histogram_over_time|timezone_offset|integrate|default_rollup)\s*\()"
)


def readable(target: Target, dashboard: Dashboard) -> Query | None:
    """The parsed query; None if it does not parse, which target-promql-rule reports."""
    try:
        return query(target.expr, dashboard)
    except PromQLError:
        return None


def query(expr: str, dashboard: Dashboard) -> Query:
    """Parse a panel's PromQL; raises PromQLError if it parses for no value of its variables."""
    plain = expr.replace("holt_winters", "double_exponential_smoothing")  # its name before Prometheus 3
    try:
        return parse_panel(plain)
    except PromQLError as error:
        first = error
    if len(plain) > MAX_CHARACTERS:
        raise first
    for text in _filled(plain, dashboard):
        try:
            return replace(parse_panel(text), labels=None)  # other values may yield other labels
        except PromQLError:
            continue
    raise first


def is_metricsql(expr: str) -> bool:
    """True if it uses functions or syntax of MetricsQL."""
    return bool(_METRICSQL.search(blank_literals(expr)))


def _filled(expr: str, dashboard: Dashboard) -> Iterator[str]:
    """Variants of the expression: variables replaced by their values in the file, then by other parts of PromQL."""
    result = [use for use in uses(blank_literals(expr)) if use.name not in BUILT_IN]
    names = list(dict.fromkeys(use.name for use in result))
    choices = []
    for name in names:
        variable = dashboard.variable(name)
        own = [value for value in (variable.values if variable else ()) if value][:3]
        choices.append([*dict.fromkeys(own), *_PARTS])
    if not names:
        return
    for chosen in itertools.islice(itertools.product(*choices), _MOST):
        values = dict(zip(names, chosen, strict=True))
        ends = [0, *(use.span[1] for use in result)]
        parts = (expr[end : use.span[0]] + values[use.name] for end, use in zip(ends, result, strict=False))
        yield "".join([*parts, expr[ends[-1] :]])
