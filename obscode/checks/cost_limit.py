"""Rules do not cost more than the project allows.

Why: `Project(cost=Cost(...))` limits the samples that one evaluation of a rule reads, and the series and the processor
time of the rules of a service. They are estimated from the labels of the catalogs, as `obscode cost` prints them. A
rule that reads a million samples takes 50 ms of every interval, and slows down all other queries.

Bad:
    Project("team", cost=Cost(rule_samples=100_000))
    metrics.Counter("http_requests_total", labels=["path", "user"])
    RecordingRule("job:http_requests:rate1d", "sum by (job) (rate(http_requests_total[1d]))")

Good:
    Project("team", cost=Cost(rule_samples=100_000))
    metrics.Counter("http_requests_total", labels=["path", "user"])
    RecordingRule("job:http_requests:rate5m", "sum by (job) (rate(http_requests_total[5m]))")
"""

from __future__ import annotations

from collections.abc import Iterator

from obscode.artifacts.project import Artifacts
from obscode.checks.check import Context, check
from obscode.cost.rules import RuleCost, project_cost
from obscode.findings.finding import Finding

_RULE_HINT = "aggregate by fewer labels in a recording rule first, or shorten the window"
_SERVICE_HINT = "obscode cost prints the rules that cost most"


@check(Artifacts, scope="compiled", whole=True)
def cost_limit(artifacts: Artifacts, context: Context) -> Iterator[Finding]:
    """Rules and services above a limit."""
    limits = artifacts.project.cost
    if not limits.has_limits:
        return
    costs = project_cost(artifacts).rules
    for cost in costs:
        if limits.rule_samples and cost.samples > limits.rule_samples:
            message = f"{cost.rule.name} reads {cost.samples:,.0f} samples; the limit is {limits.rule_samples:,}"
            yield cost.rule.source.finding(cost_limit, message, _RULE_HINT, at="expr")
    for service in artifacts.services:
        own = [cost for cost in costs if cost.service == service.name]
        if message := _exceeded(own, limits.service_series, limits.service_cpu):
            yield service.finding(cost_limit, f"the rules of {service.name} {message}", _SERVICE_HINT, at="name")


def _exceeded(costs: list[RuleCost], most_series: int, most_cpu: float) -> str:
    """The limit that the rules of a service exceed; empty for none."""
    series = sum(cost.series for cost in costs)
    if most_series and series > most_series:
        return f"record {series:,.0f} series; the limit is {most_series:,}"
    cpu = sum(cost.cpu for cost in costs)
    if most_cpu and cpu > most_cpu:
        return f"take {cpu:.2%} of a processor; the limit is {most_cpu:.2%}"
    return ""
