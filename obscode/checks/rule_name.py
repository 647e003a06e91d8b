"""A recording rule is named `level:metric:operations`, and the name agrees with the expression.

Why: from the name `job:http_request_latency_seconds:p90_rate5m`, a reader concludes that the rule yields one series per
job, computed from that metric. A level that the expression aggregates away, or a metric that it does not read, misleads
readers and breaks joins by `on (job)`.
https://prometheus.io/docs/practices/rules/

Bad:
    RecordingRule(
        "job:http_request_duration_seconds:p90",
        "histogram_quantile(0.90, sum(rate(http_request_latency_seconds_bucket[5m])) by (le))",
    )

Good:
    RecordingRule(
        "job:http_request_latency_seconds:p90_rate5m",
        "histogram_quantile(0.90, sum by (job, le) (rate(http_request_latency_seconds_bucket[5m])))",
    )
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from obscode.artifacts.rules import RecordingRule
from obscode.checks.check import Context, check
from obscode.findings.finding import Finding
from obscode.findings.suggestions import did_you_mean
from obscode.model.alert import RecordingRule as RecordingRuleDefinition
from obscode.model.definition import Definition
from obscode.model.identifiers import validate_plain_metric_name
from obscode.promql.duration import format_duration
from obscode.promql.errors import PromQLError
from obscode.promql.parser import Query, parse, parse_tree
from obscode.promql.syntax_tree import Aggregation, Call, Node, NumberLiteral, VectorSelector

# Suffixes that client libraries and recording rules add to a metric name.
_SUFFIX = re.compile(r"_(?:bucket|sum|count|total|info)$")


@check(RecordingRule, style=True)
def rule_name(rule: RecordingRule, context: Context) -> Iterator[Finding]:
    """Recording rules whose name contradicts the expression; rules that obscode generates have names of their own."""
    if isinstance(rule.source, Definition) and not isinstance(rule.source, RecordingRuleDefinition):
        return
    try:
        query = parse(rule.expr)
    except PromQLError:  # reported by promql-syntax
        return
    for message, hint in _contradictions(rule, query):
        yield rule.source.finding(rule_name, message, hint, at="record")


def _contradictions(rule: RecordingRule, query: Query) -> Iterator[tuple[str, str]]:
    parts = rule.name.split(":")
    metrics = sorted({_SUFFIX.sub("", metric) for metric in _metrics(query)})
    if len(parts) != 3 or not parts[1] or not parts[2]:
        yield f"{rule.name!r} is not of the form level:metric:operations", _suggested(rule, query, metrics)
        return
    level, metric, _ = parts
    if dropped := _dropped(level, rule, query):
        retained = ", ".join(sorted(query.labels or ())) or "no label"
        yield (
            f"{rule.name!r} begins with {level!r}, but the expression keeps {retained}",
            f"aggregate by ({dropped}) too, or begin the name with {'_'.join(sorted(query.labels or ())) + ':'!r}",
        )
    if metrics and not _reads(metric, metrics):
        near = did_you_mean(metric, metrics)
        if not near and _shares_word(metric, metrics, query):
            return
        yield f"{rule.name!r} names {metric!r}, which the expression does not read", near or f"it reads {metrics[0]!r}"


def _suggested(rule: RecordingRule, query: Query, metrics: Sequence[str]) -> str:
    """A name from the expression: its labels, its metric, and what it computes."""
    operations = [] if query.is_opaque else list(_operations(parse_tree(rule.expr)))
    level = "_".join(sorted(query.labels or ()))
    name = f"{level}:{metrics[0] if metrics else ''}:{'_'.join(operations)}"
    if len(metrics) != 1 or not operations or validate_plain_metric_name(name):
        return "write the labels of the result, the metric and the operations, such as 'job:http_requests:rate5m'"
    return f"write {name!r}"


def _operations(node: Node) -> Iterator[str]:
    """`sum` of `sum(up)`, `rate5m` of `sum(rate(x[5m]))`, `p90` and `rate5m` of a quantile."""
    match node:
        case Call(function="histogram_quantile", arguments=[NumberLiteral(value=quantile), inner]):
            yield f"p{quantile * 100:g}"
            yield from _operations(inner)
        case Call(arguments=[VectorSelector() as series]) if series.selector.window:
            yield f"{node.function}{format_duration(round(series.selector.window * 1000))}"
        case Aggregation():
            inside = list(_operations(node.expr))
            yield from inside if node.operator == "sum" and inside else [node.operator, *inside]


def _metrics(query: Query) -> Iterator[str]:
    for selector in query.selectors:
        # The metric of a recorded series is the middle part of its name. A colon within another name, such as
        # vllm:generation_tokens_total, cannot be in that part.
        parts = selector.metric.split(":")
        yield parts[1] if len(parts) == 3 else selector.metric.replace(":", "_")


def _dropped(level: str, rule: RecordingRule, query: Query) -> str:
    """The labels in the level that the expression drops; empty if there are none."""
    if query.labels is None or not level:
        return ""
    rest = level
    for label in sorted({*query.labels, *rule.labels}, key=len, reverse=True):
        rest = re.sub(rf"(?:(?<=_)|^){re.escape(label)}(?=_|$)", "", rest)
    phrase = [word for word in rest.split("_") if word]
    return "" if not phrase else "_".join(phrase)


def _shares_word(metric: str, metrics: Sequence[str], query: Query) -> bool:
    """True for `declined_payments` of `payments_total{outcome="declined"}`: a name of what the expression selects."""
    values = [matcher.value for selector in query.selectors for matcher in selector.matchers]
    return not {*metric.split("_")}.isdisjoint(word for text in (*metrics, *values) for word in text.split("_"))


def _reads(metric: str, metrics: list[str]) -> bool:
    bare = _SUFFIX.sub("", metric)
    # A common prefix is accepted for a ratio of two metrics: `http_requests` for http_requests_total and
    # http_requests_failed_total.
    return any(m == bare or m.startswith(bare + "_") or bare.startswith(m + "_") for m in metrics)
