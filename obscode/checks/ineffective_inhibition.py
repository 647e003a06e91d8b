"""An inhibition rule can mute an alert.

Why: a label of `equal` has the same value in the source and in the target. If the matchers demand two values, as of
`severity`, no pair of alerts has them. An alert that matches both sides is not muted by another one that does, so a
rule with the same matchers on both sides mutes nothing.

Bad:
    route: {receiver: team}
    receivers: [{name: team}]
    inhibit_rules:
    - source_matchers: ['severity="page"']
      target_matchers: ['severity="ticket"']
      equal: [service, severity]

Good:
    route: {receiver: team}
    receivers: [{name: team}]
    inhibit_rules:
    - source_matchers: ['severity="page"']
      target_matchers: ['severity="ticket"']
      equal: [service]
"""

from __future__ import annotations

from collections.abc import Iterator

from obscode.artifacts.alertmanager import InhibitRule
from obscode.checks.check import Context, check
from obscode.findings.finding import Finding
from obscode.promql.disjoint import are_disjoint
from obscode.routing.implication import contradiction, imply
from obscode.routing.tree import matchers_in


@check(InhibitRule)
def ineffective_inhibition(rule: InhibitRule, context: Context) -> Iterator[Finding]:
    """Inhibition rules that mute nothing, whatever alerts there are."""
    source, target = matchers_in(rule.source_matchers), matchers_in(rule.target_matchers)
    for i, label in enumerate(rule.equal):
        pairs = ((one, other) for one in source for other in target if one.label == label)
        if pair := next((pair for pair in pairs if are_disjoint(*pair)), None):
            message = f"the rule mutes nothing: the source matches {pair[0]}, the target {pair[1]}, so they differ"
            yield rule.source.finding(ineffective_inhibition, message, f"remove {label} from equal", at="equal", item=i)
            return
    for name, side in (("source", source), ("target", target)):
        if both := contradiction(side):
            message = f"the rule mutes nothing: no {name} matches both {both[0]} and {both[1]}"
            hint = "write a regular expression, or another rule"
            yield rule.source.finding(ineffective_inhibition, message, hint, at=f"{name}_matchers")
            return
    if imply(source, target) and imply(target, source):
        message = "the rule mutes nothing: an alert that matches both sides is not muted by another one that does"
        yield rule.source.finding(ineffective_inhibition, message, "write other matchers for the target")
