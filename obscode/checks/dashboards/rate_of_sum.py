"""`rate` is applied to counters, not to their sum.

Why: `rate` corrects for a counter reset, which it detects by a decrease. The reset of one counter is a small decrease
of the sum, but `rate` treats it as a reset of the whole sum, and the graph shows a spike.
https://www.robustperception.io/rate-then-sum-never-sum-then-rate/

Bad:
    {"type": "timeseries", "title": "Requests", "targets": [{"refId": "A", "expr": "rate(sum(requests_total)[5m:])"}]}

Good:
    {"type": "timeseries", "title": "Requests", "targets": [{"refId": "A", "expr": "sum(rate(requests_total[5m]))"}]}
"""

from __future__ import annotations

import re
from collections.abc import Iterator

from obscode.checks.check import Context, check
from obscode.checks.dashboards.finding import finding
from obscode.findings.finding import Finding
from obscode.promql.spans import CallSpan, SelectorScan, scan
from obscode.reader.dashboards.model import Dashboard

_RATES = frozenset(("rate", "irate", "increase"))
_ADD = frozenset(("sum", "avg"))  # max() of replicas returns one of the counters
_RATE, _SUM = re.compile("rate|increase", re.IGNORECASE), re.compile("sum|avg", re.IGNORECASE)


@check(Dashboard)
def rate_of_sum(dashboard: Dashboard, context: Context) -> Iterator[Finding]:
    """Rates of sums, also of recorded sums."""
    for panel, target in dashboard.targets("promql"):
        for what, span in _sums(scan(target.expr)) if _may_rate_a_sum(target.expr) else ():
            message = f"{target.name} of {panel.name} takes the rate of {what}"
            hint = "take the rate of each counter first: sum(rate(x[$__rate_interval]))"
            yield finding(rate_of_sum, message, hint, target.query.at("expr"), panel, target, span=span)


def _may_rate_a_sum(expr: str) -> bool:
    """False for most expressions, which need no scan: `sum(rate(x))` has no sum behind the rate."""
    rate = _RATE.search(expr)
    return ":sum" in expr or bool(rate and _SUM.search(expr, rate.end()))


def _sums(read: SelectorScan) -> Iterator[tuple[str, tuple[int, int]]]:
    for call in read.calls:
        if call.name in _ADD and _rated(call) and not _holds_rate(read, call):
            yield f"a {call.name}", (call.start, call.start + len(call.name))
    for selector in read.selectors:
        recorded = selector.metric.count(":") == 2 and selector.metric.endswith(":sum")
        if recorded and selector.window and selector.enclosing_calls and selector.enclosing_calls[0] in _RATES:
            yield f"{selector.metric!r}, a sum", selector.span


def _rated(call: CallSpan) -> bool:
    """True if a rate applies directly to the aggregation, through parentheses and a subquery."""
    here = call.outer
    while here and not here.name:
        here = here.outer
    return here is not None and here.name in _RATES


def _holds_rate(read: SelectorScan, call: CallSpan) -> bool:
    """True if the aggregation adds rates."""
    inner = (c for c in read.calls if c.name in _RATES)
    return any(_within(c, call) for c in inner)


def _within(inner: CallSpan, outer: CallSpan) -> bool:
    here = inner.outer
    while here:
        if here is outer:
            return True
        here = here.outer
    return False
