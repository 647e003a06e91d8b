"""A program evaluates the rules of the project.

Why: with `PrometheusServer(evaluates_rules=False)`, Prometheus loads no rules. Without a target for a ruler, no alert
of the project ever fires. A ruler that loads `prometheus/rules/` by other means is a reason to ignore the check.

Bad:
    Project("team", prometheus=PrometheusServer(evaluates_rules=False))
    Service("shop", recording_rules=[RecordingRule("job:up:sum", "sum by (job) (up)")])

Good:
    Project("team", prometheus=PrometheusServer(evaluates_rules=False), targets=[targets.Mimir(tenant="team")])
    Service("shop", recording_rules=[RecordingRule("job:up:sum", "sum by (job) (up)")])
"""

from __future__ import annotations

from collections.abc import Iterator

from obscode.artifacts.project import Artifacts
from obscode.checks.check import Context, check
from obscode.findings.finding import Finding
from obscode.model.configs import Prometheus
from obscode.model.targets import Thanos


@check(Artifacts, severity="warning", scope="compiled")
def no_ruler(artifacts: Artifacts, context: Context) -> Iterator[Finding]:
    """Rules without a server or a target that evaluates them."""
    server, targets = artifacts.project.prometheus, artifacts.project.targets
    if server is None or server.evaluates_rules or any(_reads_local_groups(target) for target in targets):
        return
    if any(isinstance(config, Prometheus) for config in artifacts.definitions.configs):
        return  # it is written in place of the settings
    groups = [group for file in artifacts.rule_files for group in file.groups]
    if any(not (targets and group.is_global) for group in groups):
        all_or_local = "rules that are not global" if targets else "rules"
        message = f"no server and no target evaluates the {all_or_local} of the project"
        hint = (
            "write targets=[targets.Mimir(...)] in the Project, or another target with a ruler, or evaluates_rules=True"
        )
        yield server.finding(no_ruler, message, hint, at="evaluates_rules")


def _reads_local_groups(target: object) -> bool:
    return not (isinstance(target, Thanos) and target.only_global)
