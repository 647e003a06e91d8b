"""Expressions use functions and syntax that the oldest Prometheus of the project has.

Why: an older Prometheus rejects the whole rule file, and answers the queries of panels with an error.
`Project(oldest_prometheus=)` is the oldest version that loads the output. `holt_winters` is not in Prometheus 3, which
calls it `double_exponential_smoothing`. The versions of functions and syntax are those of Prometheus' changelog.

Bad:
    Project("team")  # oldest_prometheus is 2.42
    RecordingRule("job:latency_seconds:stddev5m", "histogram_stddev(sum by (job) (rate(latency_seconds[5m])))")

Good:
    Project("team", oldest_prometheus="2.47")
    RecordingRule("job:latency_seconds:stddev5m", "histogram_stddev(sum by (job) (rate(latency_seconds[5m])))")
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

from obscode.artifacts.dashboards import Dashboard
from obscode.artifacts.rules import Rule
from obscode.checks.check import Context, check
from obscode.checks.promql_expressions import expressions_of
from obscode.checks.promql_version import features_of
from obscode.findings.finding import Finding
from obscode.model.compatibility import PROMETHEUS, at_least
from obscode.promql.grammar.features import HOLT_WINTERS, UTF8_NAME

_WITHOUT_HOLT_WINTERS = "3.0"


@check((Rule, Dashboard), scope="compiled")
def newer_promql(value: Rule | Dashboard, context: Context) -> Iterator[Finding]:
    """Functions and syntax that the oldest version does not have, or no longer has."""
    oldest = context.oldest_prometheus
    for expression in expressions_of(value) if oldest else ():
        for feature, span in features_of(expression):
            if feature.name == HOLT_WINTERS[0]:
                message = f"{expression.owner}: {feature.name} is not in Prometheus {_WITHOUT_HOLT_WINTERS} and newer"
                finding = expression.finding(newer_promql, message, "write double_exponential_smoothing()", span)
                yield finding if at_least(oldest, _WITHOUT_HOLT_WINTERS) else replace(finding, severity="warning")
            elif feature.first and not at_least(oldest, feature.first) and feature.name != UTF8_NAME[0]:
                message = (
                    f"{expression.owner}: {feature.name} needs {feature.since}, but {PROMETHEUS.setting} is {oldest}"
                )
                hint = f'write {PROMETHEUS.setting}="{feature.first}" in the Project, if no older one loads the output'
                yield expression.finding(newer_promql, message, hint, span)
