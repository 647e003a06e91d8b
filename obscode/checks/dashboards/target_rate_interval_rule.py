"""A rate is taken over a window that holds samples at every zoom: `$__rate_interval`, or one of your own.

Why: `$__interval` shrinks with the time range. Below the scrape interval it holds one sample or none, `rate` needs
two, and the graph is empty as soon as somebody zooms in. `$__rate_interval` is never shorter than four scrapes. A
panel whose interval is set has no such end, and is not told.

The profile mixin demands `$__rate_interval` of rate, irate, increase and whatever else is not known to take a
window of its own, such as avg_over_time, delta or predict_linear; the whole `$__range` is as good.

Bad:
    {"type": "timeseries", "title": "Requests",
     "targets": [{"refId": "A", "expr": "sum(rate(requests_total[$__interval]))"}]}

Good:
    {"type": "timeseries", "title": "Requests",
     "targets": [{"refId": "A", "expr": "sum(rate(requests_total[$__rate_interval]))"}]}
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from obscode.checks.check import Context, check
from obscode.checks.dashboards.finding import finding
from obscode.findings.finding import Finding
from obscode.promql.spans import SelectorSpan, scan
from obscode.reader.dashboards.json_cursor import is_number, words
from obscode.reader.dashboards.model import Dashboard, Panel, Target

_OF_COUNTERS = frozenset(("rate", "irate", "increase", "resets"))
_OWN_WINDOW = words(
    "absent_over_time avg_over_time changes count_over_time delta deriv double_exponential_smoothing first_over_time "
    "holt_winters idelta last_over_time mad_over_time max_over_time min_over_time predict_linear present_over_time "
    "quantile_over_time stddev_over_time stdvar_over_time sum_over_time"
)
_FOLLOWS = re.compile(r"\$\{?__(?:rate_interval|range)|\[\[__(?:rate_interval|range)")
_FEW = 100  # data points: an hour is cut into 36 s
_SHRINKS = re.compile(r"(?:\$\{?|\[\[)__interval(?:_ms)?\b")


@check(Dashboard, severity="warning")
def target_rate_interval_rule(dashboard: Dashboard, context: Context) -> Iterator[Finding]:
    """Windows that are too short, or, for the profile mixin, fixed."""
    for panel, target in dashboard.targets("promql"):
        for selector in scan(target.expr).selectors:
            if wrong := _wrong(selector, panel, target, context):
                message = f"{target.name} of {panel.name} takes {wrong}"
                where = target.query.at("expr")
                yield finding(
                    target_rate_interval_rule,
                    message,
                    "write [$__rate_interval]",
                    where,
                    panel,
                    target,
                    context.style_severity,
                    selector.window_span,
                )


def _wrong(selector: SelectorSpan, panel: Panel, target: Target, context: Context) -> str:
    function = selector.enclosing_calls[0] if selector.enclosing_calls else ""
    if not selector.window or not function or _FOLLOWS.search(selector.window):
        return ""
    what = f"{function}() over [{selector.window}]"
    if function in _OF_COUNTERS and _SHRINKS.search(selector.window) and not _wide(function, panel, target):
        return f"{what}, which is empty when zoomed in"
    # In a subquery, the window has nothing to do with the step of the graph.
    demanded = context.mixin and function not in _OWN_WINDOW and not selector.in_subquery
    return what if demanded else ""


def _wide(function: str, panel: Panel, target: Target) -> bool:
    """Whether the window has an end below, or counts each sample once: the increase from step to step."""
    few = panel.node.get("maxDataPoints").value
    uses_tiles = is_number(few) and 0 < few <= _FEW
    steps = function == "increase" and (uses_tiles or "heatmap" in (panel.type, target.format))
    return bool(panel.interval or target.interval) or steps
