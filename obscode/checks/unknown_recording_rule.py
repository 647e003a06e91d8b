"""A recorded series that is read is recorded somewhere in the project.

Why: Prometheus takes a name that nothing records for an empty result: the alert never fires, the panel
stays empty, and nothing says so.

Bad:
    Row("Latency", TimeSeries("P90", "job:http_request_latency_seconds:p90_rate5m"))

Good:
    RecordingRule(
        "job:http_request_latency_seconds:p90_rate5m",
        "histogram_quantile(0.90, sum by (job, le) (rate(http_request_latency_seconds_bucket[5m])))",
    )
    Row("Latency", TimeSeries("P90", "job:http_request_latency_seconds:p90_rate5m"))
"""

from __future__ import annotations

from collections.abc import Iterator

from obscode.artifacts.project import Artifacts
from obscode.artifacts.rules import RecordingRule
from obscode.checks.promql_expressions import expressions
from obscode.findings.finding import Finding
from obscode.findings.source import Source
from obscode.findings.suggestions import did_you_mean


def check(artifacts: Artifacts) -> Iterator[tuple[Source, Finding]]:
    """Selectors of recorded series that no rule records."""
    recorded = {rule.name for rule in artifacts.rules() if isinstance(rule, RecordingRule)}
    exposed = {series for metric in artifacts.catalog for series in metric.series()}
    for expression in expressions(artifacts):
        query = expression.parse_or_none()
        for name in dict.fromkeys(s.metric for s in query.selectors) if query else ():
            if name not in recorded | exposed and is_recorded_name(name, recorded):
                hint = (
                    did_you_mean(name, recorded) or "add a RecordingRule, or list it in metrics if a service exposes it"
                )
                yield expression.finding(
                    "unknown-recording-rule", f"{expression.owner} reads {name!r}, which nothing records", hint
                )


def is_recorded_name(name: str, recorded: set[str]) -> bool:
    """Whether a name is of the form of a recording rule's.

    A colon alone does not make it one: vLLM exposes `vllm:num_requests_running`, and TensorFlow Serving
    `:tensorflow:serving:request_count`.
    """
    if name.startswith(":tensorflow:"):
        return False
    return name.count(":") >= 2 or (":" in name and bool(did_you_mean(name, recorded)))
