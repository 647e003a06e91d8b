"""A recording rule is named `level:metric:operations`, and the name is true.

Why: the name is all that a reader of `job:http_request_latency_seconds:p90_rate5m` has to know that it
holds one series a job, made from that metric. A level that the expression aggregates away, or a metric
that it does not read, sends people (and joins by `on (job)`) the wrong way.
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
from collections.abc import Iterator

from obscode.artifacts.project import Artifacts
from obscode.artifacts.rules import RecordingRule
from obscode.findings.finding import Finding
from obscode.findings.source import Source
from obscode.findings.suggestions import did_you_mean
from obscode.model.alert import RecordingRule as RecordingRuleDefinition
from obscode.promql.errors import PromQLError
from obscode.promql.parser import Query, parse

# What client libraries and recording rules add to the name of a metric.
_SUFFIX = re.compile(r"_(?:bucket|sum|count|total|info)$")


def check(artifacts: Artifacts) -> Iterator[tuple[Source, Finding]]:
    """Recording rules of the user's whose names do not say what they hold."""
    for rule in artifacts.rules():
        if isinstance(rule, RecordingRule) and isinstance(rule.source, RecordingRuleDefinition):
            try:
                query = parse(rule.expr)
            except PromQLError:
                continue
            for message, hint in _wrong(rule, query):
                yield rule.source, rule.source.finding("rule-name", message, hint, at="name")


def _wrong(rule: RecordingRule, query: Query) -> Iterator[tuple[str, str]]:
    parts = rule.name.split(":")
    metrics = sorted({_SUFFIX.sub("", metric) for metric in _metrics(query)})
    if len(parts) != 3 or not parts[1] or not parts[2]:
        metric = metrics[0] if metrics else "metric"
        level = "_".join(sorted(query.labels or ()))
        yield f"{rule.name!r} is not of the form level:metric:operations", f"such as {f'{level}:{metric}:rate5m'!r}"
        return
    level, metric, _ = parts
    if dropped := _dropped(level, rule, query):
        kept = ", ".join(sorted(query.labels or ())) or "no label"
        yield (
            f"{rule.name!r} begins with {level!r}, but the expression keeps {kept}",
            f"aggregate by ({dropped}) too, or begin the name with {'_'.join(sorted(query.labels or ())) + ':'!r}",
        )
    if metrics and not _reads(metric, metrics):
        near = did_you_mean(metric, metrics)
        yield f"{rule.name!r} names {metric!r}, which the expression does not read", near or f"it reads {metrics[0]!r}"


def _metrics(query: Query) -> Iterator[str]:
    for selector in query.selectors:
        # Of a recorded series, the middle of its name is the metric.
        parts = selector.metric.split(":")
        yield parts[1] if len(parts) == 3 else selector.metric


def _dropped(level: str, rule: RecordingRule, query: Query) -> str:
    """The labels that the level promises and the expression drops; empty when it promises nothing wrong."""
    if query.labels is None or not level:
        return ""
    rest = level
    for label in sorted({*query.labels, *rule.labels}, key=len, reverse=True):
        rest = re.sub(rf"(?:(?<=_)|^){re.escape(label)}(?=_|$)", "", rest)
    words = [word for word in rest.split("_") if word]
    return "" if not words else "_".join(words)


def _reads(metric: str, metrics: list[str]) -> bool:
    bare = _SUFFIX.sub("", metric)
    # A ratio of two metrics, or a shortened name, is named for what they share: `http_requests` will do
    # for http_requests_total and http_requests_failed_total.
    return any(m == bare or m.startswith(bare + "_") or bare.startswith(m + "_") for m in metrics)
