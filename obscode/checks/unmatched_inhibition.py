"""The matchers of an inhibition rule match alerts.

Why: a rule with a misspelt value mutes nothing, and nobody notices that both notifications come. Files can have alerts
elsewhere, so there a value is a note, unless it is a likely typo of one that the alerts have.

Bad:
    groups:
    - name: shop
      rules:
      - {alert: Down, expr: up == 0, labels: {severity: page}}
      - {alert: Slow, expr: up == 0, labels: {severity: ticket}}
    ---
    route: {receiver: team}
    receivers: [{name: team}]
    inhibit_rules:
    - {source_matchers: ['severity="page"'], target_matchers: ['severity="tickets"'], equal: [job]}

Good:
    groups:
    - name: shop
      rules:
      - {alert: Down, expr: up == 0, labels: {severity: page}}
      - {alert: Slow, expr: up == 0, labels: {severity: ticket}}
    ---
    route: {receiver: team}
    receivers: [{name: team}]
    inhibit_rules:
    - {source_matchers: ['severity="page"'], target_matchers: ['severity="ticket"'], equal: [job]}
"""

from __future__ import annotations

from collections.abc import Iterator

from obscode.artifacts.alertmanager import InhibitRule
from obscode.artifacts.project import Artifacts
from obscode.checks.check import Context, check
from obscode.checks.matcher_places import inhibition_matchers
from obscode.checks.regex_in_equality import is_regex
from obscode.checks.unmatched_values import KnownValues
from obscode.findings.finding import Finding


@check(Artifacts, severity="warning", whole=True)
def unmatched_inhibition(artifacts: Artifacts, context: Context) -> Iterator[Finding]:
    """Inhibition rules with a label value that no alert has."""
    rules = [*written_inhibitions(artifacts)]
    known = KnownValues.of(context.alerts) if rules else None
    for rule in rules if known else ():
        for placed in inhibition_matchers(rule):
            assert known
            if not is_regex(placed.matcher, known):
                for unmatched in known.unmatched(placed.matcher):
                    yield placed.finding(unmatched_inhibition, *unmatched)


def written_inhibitions(artifacts: Artifacts) -> Iterator[InhibitRule]:
    """The inhibition rules that somebody wrote; obscode adds those between the alerts of SLOs."""
    for config in artifacts.alertmanager_configs:
        for rule in config.inhibit_rules:
            if not artifacts.is_compiled or rule.source is not config.source:
                yield rule
