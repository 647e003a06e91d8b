"""A rule of the project records each recorded series that an expression reads.

Why: for Prometheus, a name that no rule records is an empty result, not an error: the alert never fires, and the panel
stays empty. Files that obscode did not write are checked together with definitions only: of the 55 names with a colon
that dashboards and rules of public repositories read and no rule there records, 24 belong to series that an application
exposes. In these files and in a RuleGroup, it is a warning if a rule has a similar name, else a note.

Bad:
    Row("Latency", panels.TimeSeries("P90", "job:http_request_latency_seconds:p90_rate5m"))

Good:
    RecordingRule(
        "job:http_request_latency_seconds:p90_rate5m",
        "histogram_quantile(0.90, sum by (job, le) (rate(http_request_latency_seconds_bucket[5m])))",
    )
    Row("Latency", panels.TimeSeries("P90", "job:http_request_latency_seconds:p90_rate5m"))
"""

from __future__ import annotations

from collections.abc import Iterator, Set
from dataclasses import replace

from obscode.artifacts.project import Artifacts
from obscode.artifacts.rules import RecordingRule
from obscode.checks.as_written import SourcesAsWritten
from obscode.checks.check import Context, check
from obscode.checks.promql_expressions import Expression, expressions
from obscode.findings.code import Severity
from obscode.findings.finding import Finding
from obscode.findings.suggestions import did_you_mean
from obscode.model.definition import Definition


@check(Artifacts)
def unknown_recording_rule(artifacts: Artifacts, context: Context) -> Iterator[Finding]:
    """Selectors with the name of a recording rule that does not exist."""
    project = artifacts if artifacts.is_compiled else context.beside
    if context.absent_series is None or not project.is_compiled:
        return
    as_written = SourcesAsWritten(artifacts)
    recorded = {rule.name for rule in artifacts.rules() if isinstance(rule, RecordingRule)}
    exposed = (series for metric in project.catalog for series in metric.series())
    known = recorded.union(exposed, context.absent_series, context.other_series)
    for expression in expressions(artifacts):
        for name in expression.metrics():
            if name not in known and is_recorded_name(name, recorded) and not _of_slo(name, context):
                near = did_you_mean(name, recorded - {expression.owner})
                hint = near or "add a RecordingRule, or list the series in metrics= of the service that exposes it"
                message = f"{expression.owner} reads {name!r}, which no rule records"
                finding = expression.finding(unknown_recording_rule, message, hint)
                yield replace(finding, severity=_severity(expression, as_written, near))


def _severity(expression: Expression, as_written: SourcesAsWritten, near: str) -> Severity:
    """In what is emitted as written, the series may come from another Prometheus, unless the name is close."""
    if isinstance(expression.source, Definition) and expression.source not in as_written:
        return "error"
    return "warning" if near else "note"


def _of_slo(name: str, context: Context) -> bool:
    """True for a series of an SLO, which may be one with errors."""
    return context.is_partial and name.startswith("slo:")


def is_recorded_name(name: str, recorded: Set[str]) -> bool:
    """True if a name has the form of a recording rule's name.

    One colon is not enough: vLLM exposes `vllm:num_requests_running`, and TensorFlow Serving
    `:tensorflow:serving:request_count`.
    """
    if name.startswith(":tensorflow:"):
        return False
    return name.count(":") >= 2 or (":" in name and bool(did_you_mean(name, recorded)))
