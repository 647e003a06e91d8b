"""No rule selects another namespace than the one that the operator enforces.

Why: with `enforcedNamespaceLabel`, the operator adds a matcher for the namespace of the PrometheusRule to every
selector. A selector of another namespace then selects nothing, so that an alert never fires.

Bad:
    Project("examples", targets=[targets.Kubernetes("shop", rule_labels={}, enforced_namespace_label="namespace")])
    Alert("PodsDown", 'up{namespace="kube-system"} == 0', severity="page", summary="pods are down")

Good:
    Project("examples", targets=[targets.Kubernetes("shop", rule_labels={}, enforced_namespace_label="namespace")])
    Alert("PodsDown", 'up{namespace="shop"} == 0', severity="page", summary="pods are down")
"""

from __future__ import annotations

from collections.abc import Iterator

from obscode.artifacts.project import Artifacts
from obscode.artifacts.rules import Rule
from obscode.checks.check import Context, check
from obscode.checks.typed_expression import TypedExpression, of_rule
from obscode.compiler.kubernetes.objects import kubernetes_targets
from obscode.findings.finding import Finding
from obscode.promql.label_matchers import accepts
from obscode.promql.selector import Matcher
from obscode.promql.syntax_tree import VectorSelector
from obscode.routing.alerts import enforced_label

_HINT = "list the PrometheusRule in excludedFromEnforcement of the Prometheus object, or remove the matcher"


@check(Artifacts)
def enforced_namespace(artifacts: Artifacts, context: Context) -> Iterator[Finding]:
    """Selectors with a matcher that excludes the namespace."""
    for rule, enforced in _enforced(artifacts):
        if enforced.label in rule.expr and (expression := of_rule(rule, context.series)):
            yield from _of_expression(expression, enforced)


def _of_expression(expression: TypedExpression, enforced: Matcher) -> Iterator[Finding]:
    for node, _ in expression.nodes():
        for each in node.selector.matchers if isinstance(node, VectorSelector) else ():
            if each.label == enforced.label and accepts(each, enforced.value) is False:
                message = f"{expression.owner} selects {each}, and the operator adds {enforced} to each selector"
                yield expression.finding(
                    enforced_namespace, message, _HINT, node, label=each.label, clauses=("matcher",)
                )


def _enforced(artifacts: Artifacts) -> Iterator[tuple[Rule, Matcher]]:
    """The rules to which the operator adds a matcher, with the matcher."""
    targets = kubernetes_targets(artifacts)
    compiled = {(each.enforced_namespace_label, each.namespace): None for each in targets}
    label = enforced_label(artifacts)
    for file in artifacts.rule_files:
        for name, namespace in [*compiled, (label, file.namespace)]:
            if name and namespace:
                yield from ((rule, Matcher(name, "=", namespace)) for rule in file.rules())
