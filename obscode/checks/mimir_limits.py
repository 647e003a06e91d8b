"""The rule groups of a tenant are within the limit of Mimir's ruler.

Why: Mimir rejects a group that is one too many; by default it allows 70 groups of 20 rules.

Bad:
    Project("shop", targets=[targets.Mimir(max_groups=1)])
    Service("shop", recording_rules=[
        RecordingRule("job:up:sum", "sum by (job) (up)"),
        RecordingRule("job:up:half", "job:up:sum / 2"),
    ], alerts=[
        Alert("Down", "job:up:sum == 0", severity="page", summary="All are down"),
    ])

Good:
    Project("shop", targets=[targets.Mimir(max_groups=200)])
    Service("shop", recording_rules=[
        RecordingRule("job:up:sum", "sum by (job) (up)"),
        RecordingRule("job:up:half", "job:up:sum / 2"),
    ], alerts=[
        Alert("Down", "job:up:sum == 0", severity="page", summary="All are down"),
    ])
"""

from __future__ import annotations

from collections.abc import Iterator

from obscode.artifacts.group_parts import group_parts
from obscode.artifacts.project import Artifacts
from obscode.checks.check import Context, check
from obscode.findings.finding import Finding
from obscode.model.targets.mimir import Mimir


@check(Artifacts)
def mimir_limits(artifacts: Artifacts, context: Context) -> Iterator[Finding]:
    """More groups than the ruler of a target allows."""
    for target in artifacts.project.targets:
        if not isinstance(target, Mimir):
            continue
        groups = [group for file in artifacts.rule_files for group in file.groups]
        number = sum(len(group_parts(group, target.max_rules_per_group)) for group in groups)
        if target.max_groups and number > target.max_groups:
            message = f"the project has {number} rule groups, but the ruler allows {target.max_groups}"
            hint = "raise ruler_max_rule_groups_per_tenant and max_groups=, or use several tenants"
            yield target.finding(mimir_limits, message, hint, at="max_groups")
