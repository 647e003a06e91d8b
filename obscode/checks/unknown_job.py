"""A matcher of the label `job` names a scrape job.

Why: `up{job="shpo"}` selects nothing, so that an alert on it never fires. A name that is a likely typo of a scrape job
is reported; jobs of other Prometheus servers and of service discovery are notes.

Bad:
    Service("shop", scrape=ScrapeJob(["shop:8000"]))
    Alert("ShopDown", 'up{job="shpo"} == 0', severity="page", summary="shop is down")

Good:
    Service("shop", scrape=ScrapeJob(["shop:8000"]))
    Alert("ShopDown", 'up{job="shop"} == 0', severity="page", summary="shop is down")
"""

from __future__ import annotations

from collections.abc import Iterator

from obscode.checks.check import Context, check
from obscode.checks.prometheus_server import JOB
from obscode.checks.typed_expression import TypedExpression
from obscode.findings.code import Severity
from obscode.findings.finding import Finding
from obscode.findings.suggestions import likely_typo
from obscode.promql.selector import Matcher
from obscode.promql.syntax_tree import VectorSelector
from obscode.routing.implication import alternatives


@check(TypedExpression, severity="warning", whole=True)
def unknown_job(expression: TypedExpression, context: Context) -> Iterator[Finding]:
    """Matchers with a job that no scrape job has."""
    jobs = context.server.jobs
    for node, _ in expression.nodes() if jobs else ():
        for matcher in node.selector.matchers if isinstance(node, VectorSelector) else ():
            for job in _jobs(matcher):
                if jobs and job not in jobs:
                    near = likely_typo(job, jobs)
                    message = f"{expression.owner} selects the job {job!r}, which no scrape job has"
                    hint = f"did you mean {near!r}?" if near else f"the scrape jobs are {', '.join(sorted(jobs)[:5])}"
                    severity: Severity = "warning" if near else "note"
                    yield expression.finding(
                        unknown_job, message, hint, node, label=JOB, clauses=("matcher",), severity=severity
                    )


def _jobs(matcher: Matcher) -> list[str]:
    """The jobs that a matcher names."""
    return [value for value in alternatives(matcher) or () if value] if matcher.label == JOB else []
