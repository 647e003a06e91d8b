"""A window holds enough samples: four scrape intervals or more.

Why: `rate` needs two samples. Prometheus 3 excludes the left end of a window, so a window of one scrape interval holds
one sample, and the result is empty. With four, the result survives a failed scrape. The interval is that of the scrape
job of the series, or of the rule group that records it. `avg_over_time` and others need one sample.

Bad:
    ScrapeJob(["localhost:8000"], interval="1m")
    Alert("Errors", "rate(errors_total[1m]) > 1", severity="page", summary="errors")

Good:
    ScrapeJob(["localhost:8000"], interval="1m")
    Alert("Errors", "rate(errors_total[5m]) > 1", severity="page", summary="errors")
"""

from __future__ import annotations

from collections.abc import Iterator

from obscode.checks.check import Context, check
from obscode.checks.typed_expression import TypedExpression
from obscode.findings.code import Severity
from obscode.findings.finding import Finding
from obscode.promql import duration
from obscode.promql.syntax_tree import Call, Node, Subquery, VectorSelector

# Functions whose result is empty with less than two samples.
_TWO = frozenset({"rate", "irate", "increase", "delta", "idelta", "deriv", "predict_linear"})
_TWO |= {"holt_winters", "double_exponential_smoothing"}
# Functions whose result is empty without a sample.
_ONE = frozenset({f"{name}_over_time" for name in ("avg", "sum", "min", "max", "quantile", "stddev", "last", "count")})
_USUAL = 4


@check(TypedExpression)
def rate_window(expression: TypedExpression, context: Context) -> Iterator[Finding]:
    """Windows that hold fewer than two samples (an error) or four."""
    for node, _ in expression.nodes():
        if isinstance(node, Call) and node.function in _TWO:
            argument = next(each for each in node.arguments if isinstance(each, VectorSelector | Subquery))
            yield from _of_window(expression, node.function, argument, *_lengths(expression, argument, context))
        elif isinstance(node, Call) and node.function in _ONE:
            argument = next(each for each in node.arguments if isinstance(each, VectorSelector | Subquery))
            yield from _of_short_window(expression, node.function, argument, *_lengths(expression, argument, context))


def _lengths(expression: TypedExpression, node: Node, context: Context) -> tuple[float, float]:
    """The window, and the time between its samples; 0 if that is unknown."""
    is_variable = "$" in expression.range_of(node)
    if isinstance(node, Subquery):
        return node.range, 0 if is_variable else node.step or 0
    assert isinstance(node, VectorSelector)
    return node.selector.window, 0 if is_variable else context.server.intervals.of(node.selector)


def _of_window(
    expression: TypedExpression, function: str, node: Node, window: float, interval: float
) -> Iterator[Finding]:
    if not interval or window >= _USUAL * interval:
        return
    severity: Severity = "error" if window < 2 * interval else "warning"
    every = f"a sample every {_text(interval)}"
    message = f"{function} in {expression.owner} reads a window of {_text(window)} of series with {every}"
    if severity == "error":
        message += ": it holds fewer than two samples"
    hint = f"write a window of {_text(_USUAL * interval)} or more"
    yield expression.finding(rate_window, message, hint, node, severity=severity)


def _of_short_window(
    expression: TypedExpression, function: str, node: Node, window: float, interval: float
) -> Iterator[Finding]:
    if interval and window < interval:
        every = f"a sample every {_text(interval)}"
        message = f"{function} in {expression.owner} reads a window of {_text(window)} of series with {every}"
        hint = f"write a window of {_text(interval)} or more: a shorter one is empty most of the time"
        yield expression.finding(rate_window, message, hint, node, severity="warning")


def _text(seconds: float) -> str:
    return duration.format_duration(round(seconds * 1000))
