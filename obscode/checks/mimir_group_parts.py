"""Rules that read each other fit into one group of Mimir.

Why: obscode writes a group of more rules than Mimir's ruler allows, 20 by default, as several groups. Rules that read
each other stay in one, as far as they fit: a rule in another group reads the value of the previous evaluation.

Bad:
    Project("shop", targets=[targets.Mimir(max_rules_per_group=1)])
    Service("shop", recording_rules=[
        RecordingRule("job:up:sum", "sum by (job) (up)"),
        RecordingRule("job:up:half", "job:up:sum / 2"),
    ])

Good:
    Project("shop", targets=[targets.Mimir(max_rules_per_group=2)])
    Service("shop", recording_rules=[
        RecordingRule("job:up:sum", "sum by (job) (up)"),
        RecordingRule("job:up:half", "job:up:sum / 2"),
    ])
"""

from __future__ import annotations

from collections.abc import Iterator

from obscode.artifacts.group_parts import late_reads
from obscode.artifacts.project import Artifacts
from obscode.checks.check import Context, check
from obscode.findings.finding import Finding
from obscode.model.targets.mimir import Mimir


@check(Artifacts, severity="warning")
def mimir_group_parts(artifacts: Artifacts, context: Context) -> Iterator[Finding]:
    """The first rule of a group that reads a rule in another part of it."""
    for target in artifacts.project.targets:
        most = target.max_rules_per_group if isinstance(target, Mimir) else 0
        for group in (group for file in artifacts.rule_files for group in file.groups):
            for rule, other in late_reads(group, most)[:1]:
                message = f"group {group.name} has {len(group.rules)} rules, and {rule.name} reads {other.name!r}"
                message += f" in another part of it: the ruler allows {most} rules in a group"
                hint = "raise ruler_max_rules_per_rule_group and max_rules_per_group=, or record less in one group"
                yield rule.source.finding(mimir_group_parts, message, hint, at="expr")
