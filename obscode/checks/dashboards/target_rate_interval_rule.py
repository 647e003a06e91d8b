"""A rate uses `$__rate_interval` or a fixed range, not `$__interval`.

Why: `$__interval` decreases with the time range. `rate` needs two samples; if the interval is shorter than the scrape
interval, the graph is empty when somebody zooms in. `$__rate_interval` is at least four scrape intervals. A panel with
a minimum interval is accepted, and so are VictoriaMetrics, which also reads the sample before the range, and
`rate(x[$__interval]) or rate(x[5m])`.

The profile mixin requires `$__rate_interval` or `$__range` for every function except those that usually have a range of
their own, such as avg_over_time, delta or predict_linear.

Bad:
    {"type": "timeseries", "title": "Requests",
     "targets": [{"refId": "A", "expr": "sum(rate(requests_total[$__interval]))"}]}

Good:
    {"type": "timeseries", "title": "Requests",
     "targets": [{"refId": "A", "expr": "sum(rate(requests_total[$__rate_interval]))"}]}
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from obscode.checks.check import Context, check
from obscode.checks.dashboards.finding import finding
from obscode.findings.finding import Finding
from obscode.findings.fix import Fix
from obscode.promql.spans import SelectorSpan, scan
from obscode.reader.dashboards.json_cursor import is_number, word_set
from obscode.reader.dashboards.metricsql import reads_victoriametrics
from obscode.reader.dashboards.model import Dashboard, Panel, Target

_OF_COUNTERS = frozenset(("rate", "irate", "increase", "resets"))
_OWN_WINDOW = word_set(
    "absent_over_time avg_over_time changes count_over_time delta deriv double_exponential_smoothing first_over_time "
    "holt_winters idelta last_over_time mad_over_time max_over_time min_over_time predict_linear present_over_time "
    "quantile_over_time stddev_over_time stdvar_over_time sum_over_time"
)
_FOLLOWS = re.compile(r"\$\{?__(?:rate_interval|range)|\[\[__(?:rate_interval|range)")
_FEW = 100  # data points: a step of 36 s in an hour
_SHRINKS = re.compile(r"(?:\$\{?|\[\[)__interval(?:_ms)?\b")


@check(Dashboard, severity="warning")
def target_rate_interval_rule(dashboard: Dashboard, context: Context) -> Iterator[Finding]:
    """Ranges that are too short, or fixed under the profile mixin."""
    for panel, target in dashboard.targets("promql"):
        if not context.mixin and not _SHRINKS.search(target.expr):
            continue
        selectors = scan(target.expr).selectors
        for selector in selectors:
            problem = _problem(selector, panel, target, context)
            if not problem or (not context.mixin and _is_accepted(selector, selectors, dashboard)):
                continue
            message = f"{target.name} of {panel.name} uses {problem}"
            hint, where = "write [$__rate_interval]", target.query.at("expr")
            severity, span = context.style_severity, selector.window_span
            fix = Fix("$__interval", "$__rate_interval")
            yield finding(target_rate_interval_rule, message, hint, where, panel, target, severity, span, fix=fix)


def _is_accepted(selector: SelectorSpan, others: Iterable[SelectorSpan], dashboard: Dashboard) -> bool:
    """True for `rate(x[$__interval]) or irate(x[5m])`, and for VictoriaMetrics."""
    same = (other for other in others if other.metric == selector.metric and other.window)
    return any(not _SHRINKS.search(other.window) for other in same) or reads_victoriametrics(dashboard)


def _problem(selector: SelectorSpan, panel: Panel, target: Target, context: Context) -> str:
    function = selector.enclosing_calls[0] if selector.enclosing_calls else ""
    if not selector.window or not function or _FOLLOWS.search(selector.window):
        return ""
    what = f"{function}() over [{selector.window}]"
    if function in _OF_COUNTERS and _SHRINKS.search(selector.window) and not _wide(function, panel, target):
        return f"{what}, which is empty after zooming in"
    # The range of a subquery does not depend on the step of the graph.
    required = context.mixin and function not in _OWN_WINDOW and not selector.in_subquery
    return what if required else ""


def _wide(function: str, panel: Panel, target: Target) -> bool:
    """True if the range has a minimum, or the panel shows the increase from step to step."""
    few = panel.node.plain("maxDataPoints")
    uses_tiles = is_number(few) and 0 < few <= _FEW
    steps = function == "increase" and (uses_tiles or "heatmap" in (panel.type, target.format))
    return bool(panel.interval or target.interval) or steps
