"""A panel shows the rate or the increase of a counter, not its value.

Why: a counter counts since the start of its process and drops to zero at each restart, so its value says mostly how
long the process has been running. The profile mixin requires rate, irate or increase for every series named
`..._total`. By default, a series is reported if its name is that of an event, or if another panel shows its rate;
comparisons with its past, differences, and counts of series or resets are accepted.

Bad:
    {"type": "timeseries", "title": "Requests", "targets": [{"refId": "A", "expr": "sum(requests_total{job='shop'})"}]}

Good:
    {"type": "timeseries", "title": "Requests",
     "targets": [{"refId": "A", "expr": "sum(rate(requests_total{job='shop'}[$__rate_interval]))"}]}
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from obscode.checks.check import Context, check
from obscode.checks.dashboards.finding import finding
from obscode.findings.finding import Finding
from obscode.promql.spans import SelectorSpan, scan
from obscode.reader.dashboards.json_cursor import word_set
from obscode.reader.dashboards.model import Dashboard

_RATES = frozenset(("rate", "irate", "increase"))
# Functions whose result is not a counter: a count of series or resets, a difference, a boolean.
_ACCEPTED = _RATES | word_set(
    "absent absent_over_time changes count count_over_time count_values delta deriv group idelta last_over_time "
    "predict_linear present_over_time resets timestamp"
)

# Some gauges are named ..._total, too: ray_node_mem_total, machines_total. These words are events.
_EVENTS = re.compile(
    r"(?:accepted|allocations|bytes|calls?|commits|compactions|completed|connections_opened|created|deleted|denied|"
    r"dropped|drops|errors?|evaluations|evictions?|exceptions?|executions|expired|failed|failures?|faults|fetch|flushes|"
    r"forks|forwarded|handled|hits?|inserts|interrupts|invocations|kills|lookups|messages|misses|octets|operations|"
    r"packets|panics|processed|queries|reads|received|reconciles?|rejected|requests?|responses|restarts|retries|"
    r"rollbacks|samples|scans|seconds|sent|started|succeeded|switches|timeouts|tokens|transactions|writes)_total$"
)
# Gauges, and counters of seconds whose value is what a reader wants to know.
_GAUGES = re.compile(r"(?:^|_)(?:active|capacity|memory|mem|pending|size|time_up|uptime)_")
# A counter that does not directly follow `rate(`; most expressions have none, and need no scan.
_NO_RATE = re.compile(r"(?<!\brate\()(?<!\birate\()(?<!\bincrease\()(?<![\w:])[\w:]*_total(?![\w:])", re.IGNORECASE)
# `x * 0 + 1` uses the series for its labels only; the difference of two counters is a gauge.
_BEHIND = re.compile(r"\s*\*\s*0\b|(?:\[[^\[\]]*\])?[\s)]*-")
_BEFORE = re.compile(r"-\s*(?:\w+\s*(?:(?:by|without)\s*\([^()]*\)\s*)?\(\s*)*$")


@check(Dashboard, severity="warning")
def target_counter_agg_rule(dashboard: Dashboard, context: Context) -> Iterator[Finding]:
    """Counters without a rate."""
    suspects = [(panel, target) for panel, target in dashboard.targets("promql") if _NO_RATE.search(target.expr)]
    rated = _rated(dashboard) if suspects and not context.mixin else set()
    for panel, target in suspects:
        for selector in scan(target.expr).selectors:
            if selector.metric.endswith("_total") and (
                _unrated(selector) if context.mixin else _raw(selector, target.expr, rated)
            ):
                message = f"{target.name} of {panel.name} shows the value of the counter {selector.metric!r}"
                hint = f"write rate({selector.metric}[$__rate_interval])"
                where = target.query.at("expr")
                yield finding(
                    target_counter_agg_rule, message, hint, where, panel, target, context.style_severity, selector.span
                )


def _unrated(selector: SelectorSpan) -> bool:
    return not selector.enclosing_calls or selector.enclosing_calls[0] not in _RATES


def _rated(dashboard: Dashboard) -> set[str]:
    """The series whose rate the dashboard shows, which are counters."""
    return {
        selector.metric
        for _, target in dashboard.targets("promql")
        for selector in scan(target.expr).selectors
        if not _unrated(selector)
    }


def _raw(selector: SelectorSpan, expr: str, rated: set[str]) -> bool:
    if selector.metric not in rated and not _is_counter(selector.metric):
        return False
    start, end = selector.span
    if _BEHIND.match(expr, end) or _BEFORE.search(expr[:start]):
        return False
    return not _ACCEPTED.intersection(selector.enclosing_calls) and not _compared(selector.metric, expr)


def _is_counter(metric: str) -> bool:
    return bool(_EVENTS.search(metric)) and not _GAUGES.search(metric)


def _compared(metric: str, expr: str) -> bool:
    """True if the expression compares the series with its past."""
    return any(other.metric == metric and other.has_offset for other in scan(expr).selectors)
