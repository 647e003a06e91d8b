"""A rule does not aggregate series of targets that several Prometheus servers share.

Why: with `PrometheusServer(shards=3)`, each server scrapes a third of the targets and evaluates all rules. The sum over
all instances of a job is then three sums, and `absent()` is true on each server that scrapes another target. Rules that
keep `instance` are correct. Others belong into a ruler that reads all series, such as that of `targets.Thanos` or
`targets.Mimir`: all with `PrometheusServer(evaluates_rules=False)`, or some with `RuleGroup(is_global=True)`.

Bad:
    Project("team", prometheus=PrometheusServer(shards=3))
    Service("shop", scrape=ScrapeJob(["a:80", "b:80"]),
            recording_rules=[RecordingRule("job:up:sum", "sum by (job) (up)")])

Good:
    Project("team", prometheus=PrometheusServer(shards=3, evaluates_rules=False))
    Service("shop", scrape=ScrapeJob(["a:80", "b:80"]),
            recording_rules=[RecordingRule("job:up:sum", "sum by (job) (up)")])
"""

from __future__ import annotations

from collections.abc import Iterator

from obscode.artifacts.rules import RuleGroup
from obscode.checks.check import Context, check
from obscode.checks.shards import INSTANCE, Shards
from obscode.checks.typed_expression import TypedExpression, of_rule
from obscode.findings.finding import Finding
from obscode.model.slo import SLO
from obscode.promql.syntax_tree import Aggregation, Call, Node

_HINT = "let a ruler of Thanos or Mimir evaluate it: evaluates_rules=False, or RuleGroup(is_global=True)"
# The rules of SLOs are in groups that obscode generates, which no RuleGroup holds.
_SLO_HINT = "let a ruler evaluate all rules: evaluates_rules=False, and targets.Thanos or targets.Mimir"
_SELECTING = ("topk", "bottomk", "limitk", "limit_ratio")
_ABSENT = ("absent", "absent_over_time")


@check((RuleGroup, SLO), severity="warning", scope="compiled")
def sharded_aggregation(value: RuleGroup | SLO, context: Context) -> Iterator[Finding]:
    """Aggregations of series that are in several shards."""
    shards = context.server.shards
    if shards is None:
        return
    if isinstance(value, SLO):
        if INSTANCE not in value.sli.by:
            message = f"SLO {value.name} counts events of targets that {shards.number} servers share"
            yield value.finding(sharded_aggregation, message, _SLO_HINT, at="sli")
    elif not value.is_global:
        for rule in value.rules:
            if expression := of_rule(rule, context.series):
                yield from _in_rule(expression, shards)


def _in_rule(expression: TypedExpression, shards: Shards) -> Iterator[Finding]:
    node = next((node for node, _ in expression.nodes() if _is_wrong(node, expression, shards)), None)
    if node:
        verb = "needs all" if isinstance(node, Call) else "aggregates"
        message = f"{expression.owner} {verb} targets that {shards.number} servers share"
        yield expression.finding(sharded_aggregation, message, _HINT, node, keyword=True)


def _is_wrong(node: Node, expression: TypedExpression, shards: Shards) -> bool:
    if isinstance(node, Call) and node.function in _ABSENT:
        return shards.share_job(expression.type(node.arguments[0]).labels)
    if not isinstance(node, Aggregation) or not shards.share_targets(expression.type(node.expr).labels):
        return False
    keeps_instance = expression.type(node).labels.can_have(INSTANCE)
    is_of_instance = node.grouping == "by" and INSTANCE in node.labels
    return not (is_of_instance if node.operator in _SELECTING else keeps_instance)
