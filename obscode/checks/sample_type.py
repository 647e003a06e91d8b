"""Functions read the samples that they are made for: rate reads counters, deriv gauges, histogram_quantile buckets.

Why: `rate` takes each decrease of a gauge for a counter reset and adds the value; `deriv` and `delta` of a counter are
wrong after each restart. The value of a counter is what it counted since its process started: compared with a number,
it stays above until the next restart. Only series that a catalog declares are checked, and buckets by their name.

Bad:
    metrics.Gauge("queue_length")
    ScrapeJob(["localhost:8000"])
    Alert("Busy", "rate(queue_length[5m]) > 1", severity="ticket", summary="the queue grows")

Good:
    metrics.Gauge("queue_length")
    ScrapeJob(["localhost:8000"])
    Alert("Busy", "deriv(queue_length[5m]) > 1", severity="ticket", summary="the queue grows")
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from obscode.artifacts.rules import AlertingRule
from obscode.checks.check import Context, check
from obscode.checks.typed_expression import TypedExpression
from obscode.findings.finding import Finding
from obscode.model.compatibility import at_least
from obscode.promql.syntax_tree import BinaryOperation, Call, Node, Subquery, VectorSelector, value_type
from obscode.promql.types.functions import FUNCTIONS

_HINTS: Mapping[str, str] = {
    "counter": "take deriv or delta of a gauge",
    "gauge": "take rate or increase of a counter",
    "buckets": "read the rate of the buckets",
    "native": "read a native histogram, or use histogram_quantile on buckets",
}
_RAW = ("counter", "sum of counters")
_NO_HISTOGRAM = ("counter", "gauge", "buckets", "quantile")
_FRACTION_OF_BUCKETS = "3.4"
_ORDERED = (">", ">=", "<", "<=")


@check(TypedExpression)
def sample_type(expression: TypedExpression, context: Context) -> Iterator[Finding]:
    """Functions of samples that they do not read, and counters that are compared with numbers."""
    for node, _ in expression.nodes():
        if isinstance(node, Call) and node.function in FUNCTIONS:
            yield from _of_call(expression, node)
            yield from _of_fraction(expression, node, context.oldest_prometheus)
        elif isinstance(node, BinaryOperation) and isinstance(expression.rule, AlertingRule):
            yield from _of_comparison(expression, node)


def _of_call(expression: TypedExpression, node: Call) -> Iterator[Finding]:
    function = FUNCTIONS[node.function]
    if not function.reads or len(node.arguments) <= function.argument:
        return
    argument = node.arguments[function.argument]
    if what := _wrong_samples(expression, node.function, argument):
        message = f"{node.function} in {expression.owner} reads `{expression.part(argument)}`, {what}"
        yield expression.finding(sample_type, message, _HINTS[function.reads], argument)


def _of_fraction(expression: TypedExpression, node: Call, oldest: str) -> Iterator[Finding]:
    """histogram_fraction of classic buckets, of which older versions return nothing: #16095 of Prometheus."""
    if node.function != "histogram_fraction" or not oldest or at_least(oldest, _FRACTION_OF_BUCKETS):
        return
    buckets = node.arguments[FUNCTIONS[node.function].argument]
    names = [part.selector.metric for part in buckets.descendants() if isinstance(part, VectorSelector)]
    if expression.type(buckets).bounds or any(name.endswith("_bucket") for name in names):
        message = f"histogram_fraction in {expression.owner} reads `{expression.part(buckets)}`, classic buckets, "
        message += f"which needs Prometheus {_FRACTION_OF_BUCKETS}, but oldest_prometheus is {oldest}"
        hint = 'divide one bucket by all events: sum(rate(x_bucket{le="0.5"}[5m])) / sum(rate(x_count[5m]))'
        yield expression.finding(sample_type, message, hint, buckets)


def _wrong_samples(expression: TypedExpression, function: str, argument: Node) -> str:
    """What the samples of an argument are, if the function does not read them."""
    samples = expression.type(argument).samples
    match FUNCTIONS[function].reads:
        case "counter" if not isinstance(argument, Subquery):  # rate-of-sum reports aggregations
            return {"gauge": "a gauge", "quantile": "a quantile"}.get(samples, "")
        case "gauge":
            return "a counter" if samples in ("counter", "buckets", "sum of counters") else ""
        case "native":
            is_classic = samples == "rate" and bool(expression.type(argument).bounds)
            return "which is no native histogram" if is_classic or samples in _NO_HISTOGRAM else ""
        case "buckets":
            if samples in ("gauge", "quantile"):
                return f"a {samples}"
            is_raw = samples in ("buckets", "native", "sum of counters") or (not samples and _is_raw_bucket(argument))
            return "which counts since the process started" if is_raw else ""
    return ""


def _is_raw_bucket(node: Node) -> bool:
    """True for exposed buckets without a rate, also for their sums."""
    parts = list(node.descendants())
    names = [part.selector.metric for part in parts if isinstance(part, VectorSelector)]
    is_bucket = bool(names) and all(name.endswith("_bucket") and ":" not in name for name in names)
    return is_bucket and not any(isinstance(part, Call | BinaryOperation) for part in parts)


def _of_comparison(expression: TypedExpression, node: BinaryOperation) -> Iterator[Finding]:
    for side, other in ((node.left, node.right), (node.right, node.left)):
        if node.operator in _ORDERED and value_type(other) == "scalar" and expression.type(side).samples in _RAW:
            message = f"{expression.owner} compares `{expression.part(side)}`, a counter since its process started"
            yield expression.finding(sample_type, message, "compare its rate or increase", side)
    if node.operator in _ORDERED and _are_raw(expression, node) and any(map(_is_scaled, node.children)):
        left, right = (f"`{expression.part(side)}`" for side in node.children)
        message = f"{expression.owner} compares {left} with {right}, counters since their processes started"
        yield expression.finding(
            sample_type, message, "compare their rates or increases", node, keyword=True, severity="warning"
        )


def _are_raw(expression: TypedExpression, node: BinaryOperation) -> bool:
    return all(expression.type(side).samples in _RAW for side in node.children)


def _is_scaled(node: Node) -> bool:
    """True for a share, such as 0.1 * x; without one, `started_total > finished_total` counts what is in progress."""
    return isinstance(node, BinaryOperation) and node.operator in ("*", "/")
