"""A target for Kubernetes says which labels the operator selects.

Why: prometheus-operator reads only the objects whose labels its selectors match, and ignores others silently: their
rules and targets do not exist, and no alert says so. The chart kube-prometheus-stack selects `release: <its name>`;
`kubectl get prometheus -A -o yaml` shows the selectors.

Bad:
    Project("examples", targets=[targets.Kubernetes("monitoring")])

Good:
    Project("examples", targets=[targets.Kubernetes("monitoring", rule_labels={"release": "kube-prometheus-stack"})])
"""

from __future__ import annotations

from collections.abc import Iterator

from obscode.checks.check import Context, check
from obscode.findings.finding import Finding
from obscode.model.targets.kubernetes import Kubernetes


@check(Kubernetes, severity="warning", scope="compiled")
def kubernetes_labels(target: Kubernetes, context: Context) -> Iterator[Finding]:
    """Targets without the labels of rules."""
    if target.rule_labels is None:
        message = "the objects have no labels, and the operator ignores those that its selectors do not match"
        hint = 'write rule_labels={"release": "kube-prometheus-stack"}, or {} if the selectors are empty'
        yield target.finding(kubernetes_labels, message, hint)
