"""MetricsQL, the dialect of VictoriaMetrics: whether a query uses it, and whether a dashboard reads VictoriaMetrics.

VictoriaMetrics accepts much that Prometheus rejects and that is otherwise a mistake: `rate(x)` without a range,
`sum(x[5m])`, `sum(a) or 0`. Such a query counts as MetricsQL only in a dashboard that shows another sign of it.
https://docs.victoriametrics.com/victoriametrics/metricsql/
"""

from __future__ import annotations

import re
from typing import Any

from obscode.promql.tokens import blank_literals
from obscode.reader.dashboards.json_cursor import texts
from obscode.reader.dashboards.model import Dashboard

# Functions and aggregations that Prometheus does not have.
_FUNCTIONS = (
    r"aggr_over_time|alias|any|ascent_over_time|bitmap_(?:and|or|xor)|bottomk_\w+|buckets_limit|changes_prometheus|"
    r"count_(?:eq|gt|le|ne|values)_over_time|decreases_over_time|default_rollup|delta_prometheus|deriv_fast|"
    r"descent_over_time|distinct(?:_over_time)?|drop_common_labels|drop_empty_series|duration_over_time|"
    r"geomean(?:_over_time)?|histogram(?:_over_time|_share|_quantiles)?|hoeffding_bound_\w+|ideriv|"
    r"increase_(?:prometheus|pure)|increases_over_time|integrate|interpolate|keep_(?:last|next)_value|"
    r"label_(?:copy|del|graphite_group|keep|lowercase|map|match|mismatch|move|set|transform|uppercase|value)|"
    r"labels_equal|lag|lifetime|limit_offset|median(?:_over_time)?|mode(?:_over_time)?|now|"
    r"outlier(?:_iqr_over_time|s_iqr|s_mad|sk)|prometheus_buckets|quantiles(?:_over_time)?|rand(?:_\w+)?|"
    r"range_\w+|rate_(?:over_sum|prometheus)|remove_resets|rollup\w*|ru|running_\w+|scrape_interval|"
    r"share(?:_\w+_over_time)?|smooth_exponential|sort_by_label_numeric\w*|stale_samples_over_time|step|"
    r"sum2(?:_over_time)?|sum_(?:eq|gt|le)_over_time|t(?:first|last|last_change|max|min)_over_time|"
    r"timestamp_with_name|timezone_offset|topk_\w+|ttf|union|vmrange_buckets|zscore\w*"
)
_SYNTAX = re.compile(
    rf"(?<![\w:$.])(?:WITH\s*\(|keep_metric_names\b|(?:{_FUNCTIONS})\s*\()"
    r"|[)\]}\w]\s+(?:default|if|ifnot)\s+[\w({$]"  # operators
    r"|\{[^{}]*\w\s*[=!]~?\s+or\s+\w+\s*[=!]"  # `or` between matchers, whose values are blank here
    r"|\[\s*[\d.]+i\s*[\]:]"  # a range in steps
    r"|(?<![\w:$.])\d[\d.]*(?:[KMGT]i?B?)\b"  # 8K, 1.5Mi
)
_NAMES = re.compile(
    r"victoria|\bpmm\b|\bvm(?:agent|alert|auth|insert|select|storage)"
    r"|\bvm_(?:app|cache|concurrent|data_size|free_disk|http|log|new_timeseries|promscrape|rows|rpc|slow|tcp|tenant)_?",
    re.IGNORECASE,
)
# Percona Monitoring and Management (PMM) contains VictoriaMetrics.
_PRODUCTS = re.compile("percona", re.IGNORECASE)
_PRODUCT_KEYS = ("uid", "tags", "links", "title")


def is_metricsql(expr: str) -> bool:
    """True if it uses functions or syntax that only MetricsQL has."""
    return bool(_SYNTAX.search(blank_literals(expr)))


def reads_victoriametrics(dashboard: Dashboard) -> bool:
    """True if a query uses MetricsQL, or the dashboard names VictoriaMetrics or a product that contains it."""
    if any(is_metricsql(target.expr) for _, target in dashboard.targets()):
        return True
    about = [dashboard.node.plain(key) for key in _PRODUCT_KEYS]
    return _named(_NAMES, dashboard.node.value) or _named(_PRODUCTS, about)


def _named(pattern: re.Pattern[str], value: Any) -> bool:
    return any(pattern.search(text) for _, text in texts(value))
