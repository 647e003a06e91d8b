"""Every setting has a field in the Kubernetes object that it is written to.

Why: Kubernetes removes the unknown fields of an object silently. The objects of prometheus-operator read secrets from
Secrets only, never from files.

Bad:
    Project("examples", targets=[targets.Kubernetes("monitoring", rule_labels={}, alertmanager_matcher="None")])
    Routing(default=receivers.Webhook("team", url_file="/etc/alertmanager/url"))

Good:
    Project("examples", targets=[targets.Kubernetes("monitoring", rule_labels={}, alertmanager_matcher="None")])
    Routing(default=receivers.Webhook("team", url="http://localhost:5001/"))
"""

from __future__ import annotations

from collections.abc import Iterator

from obscode.artifacts.project import Artifacts
from obscode.checks.check import Context, check
from obscode.compiler.kubernetes.objects import kubernetes_targets, objects
from obscode.findings.finding import Finding


@check(Artifacts, scope="compiled")
def kubernetes_field(artifacts: Artifacts, context: Context) -> Iterator[Finding]:
    """Settings that the objects of a target do not have."""
    reported = set()
    for target in kubernetes_targets(artifacts):
        for each in objects(artifacts, target):
            for source, at, message, hint in each.problems:
                if (id(source), at, message) not in reported:
                    reported.add((id(source), at, message))
                    yield source.finding(kubernetes_field, message, hint, at=at)
