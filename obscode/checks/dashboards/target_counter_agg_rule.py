"""A panel shows the rate or the increase of a counter, not its value.

Why: a counter counts since the start of its process and drops to zero at each restart, so its value says mostly how
long the process has been running. The profile mixin requires rate, irate or increase for every series named
`..._total`. By default, it requires counters that a catalog declares, and, in graphs over time, those whose rate the
dashboard shows elsewhere: many gauges are named `..._total`, too. Panels whose title says that they show a total,
comparisons, differences, and counts of series or resets are accepted.

Bad:
    {"type": "timeseries", "title": "Requests", "targets": [
      {"refId": "A", "expr": "sum(requests_total{job='shop'})"},
      {"refId": "B", "expr": "sum(rate(requests_total{job='shop', status='500'}[$__rate_interval]))"}
    ]}

Good:
    {"type": "timeseries", "title": "Requests", "targets": [
      {"refId": "A", "expr": "sum(rate(requests_total{job='shop'}[$__rate_interval]))"},
      {"refId": "B", "expr": "sum(rate(requests_total{job='shop', status='500'}[$__rate_interval]))"}
    ]}
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Set

from obscode.checks.check import Context, check
from obscode.checks.dashboards.finding import finding
from obscode.findings.finding import Finding
from obscode.promql.spans import SelectorSpan, scan
from obscode.promql.tokens import blank_literals
from obscode.reader.dashboards.json_cursor import word_set
from obscode.reader.dashboards.model import Dashboard, Panel, Target

_RATES = frozenset(("rate", "irate", "increase"))
# Functions whose result is not a counter: a count of series or resets, a difference, a boolean.
_ACCEPTED = _RATES | word_set(
    "absent absent_over_time changes count count_over_time count_values delta deriv group idelta last_over_time "
    "predict_linear present_over_time resets timestamp"
)

_TOTAL = re.compile(
    r"total|\bsince\b|\bcounts?\b|cumulative|\bnumber of\b|#|\bsums?\b|ever\b|so far|lifetime", re.IGNORECASE
)
_OVER_TIME = ("timeseries", "graph")
# A counter that does not directly follow `rate(`; most expressions have none, and need no scan.
_NO_RATE = re.compile(r"(?<!\brate\()(?<!\birate\()(?<!\bincrease\()(?<![\w:])[\w:]*_total(?![\w:])", re.IGNORECASE)
# `x * 0 + 1` uses the series for its labels only; the difference of two counters is a gauge.
_BEHIND = re.compile(r"\s*\*\s*0\b|(?:\[[^\[\]]*\])?[\s)]*(?:(?:by|without)\s*\([^()]*\)[\s)]*)?(?:-|[=!<>]=|[<>])")
_FILTER = re.compile(r"\b(?:and|unless)\b", re.IGNORECASE)  # only the labels of what follows count
_BEFORE = re.compile(r"-\s*(?:\w+\s*(?:(?:by|without)\s*\([^()]*\)\s*)?\(\s*)*$")


@check(Dashboard, severity="warning")
def target_counter_agg_rule(dashboard: Dashboard, context: Context) -> Iterator[Finding]:
    """Counters without a rate."""
    suspects = [(panel, target) for panel, target in dashboard.targets("promql") if _NO_RATE.search(target.expr)]
    rated = _rated(dashboard) if suspects and not context.mixin else set()
    for panel, target in suspects:
        is_total = _TOTAL.search(panel.title) or _TOTAL.search(target.legend)
        counters = (
            frozenset[str]() if is_total else context.counters | (rated if _is_over_time(panel, target) else set())
        )
        for selector in scan(target.expr).selectors:
            if selector.metric.endswith("_total") and (
                _unrated(selector) if context.mixin else _raw(selector, target.expr, counters)
            ):
                message = f"{target.name} of {panel.name} shows the value of the counter {selector.metric!r}"
                hint = f"write rate({selector.metric}[$__rate_interval])"
                where = target.query.at("expr")
                yield finding(
                    target_counter_agg_rule, message, hint, where, panel, target, context.style_severity, selector.span
                )


def _is_over_time(panel: Panel, target: Target) -> bool:
    """True for a graph."""
    return panel.type in _OVER_TIME and not target.instant and not target.hidden


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


def _raw(selector: SelectorSpan, expr: str, counters: Set[str]) -> bool:
    start, end = selector.span
    if selector.metric not in counters or _BEHIND.match(expr, end) or _BEFORE.search(expr[:start]):
        return False
    if ":" in selector.metric or _FILTER.search(blank_literals(expr[:start])):  # a recorded series may be a gauge
        return False
    return not _ACCEPTED.intersection(selector.enclosing_calls) and not _compared(selector.metric, expr)


def _compared(metric: str, expr: str) -> bool:
    """True if the expression compares the series with its past."""
    return any(other.metric == metric and other.has_offset for other in scan(expr).selectors)
