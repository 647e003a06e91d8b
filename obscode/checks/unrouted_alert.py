"""An alert has the namespace that the operator adds to the routes of an AlertmanagerConfig.

Why: the operator adds the matcher `namespace="<namespace of the object>"` to the routes and inhibition rules of an
AlertmanagerConfig, unless the Alertmanager object sets `alertmanagerConfigMatcherStrategy`. Alerts without this label
go to the default receiver of Alertmanager, which often is none. Rules about a service as a whole, such as those of
SLOs, have no label `namespace`.

Bad:
    Project("examples", targets=[targets.Kubernetes("shop", rule_labels={})])
    Routing(default=receivers.Webhook("team", url="http://localhost:5001/"))
    Alert("ShopSlow", "sum(rate(shop_errors_total[5m])) > 1", severity="page", summary="shop has errors")

Good:
    Project("examples", targets=[targets.Kubernetes("shop", rule_labels={}, alertmanager_matcher="None")])
    Routing(default=receivers.Webhook("team", url="http://localhost:5001/"))
    Alert("ShopSlow", "sum(rate(shop_errors_total[5m])) > 1", severity="page", summary="shop has errors")
"""

from __future__ import annotations

from collections.abc import Iterator

from obscode.artifacts.project import Artifacts
from obscode.checks.check import Context, check
from obscode.compiler.kubernetes.objects import kubernetes_targets
from obscode.findings.finding import Finding
from obscode.model.targets.kubernetes import Kubernetes
from obscode.promql.selector import Matcher

NAMESPACE = "namespace"
_LISTED = 3


@check(Artifacts, severity="warning", scope="compiled")
def unrouted_alert(artifacts: Artifacts, context: Context) -> Iterator[Finding]:
    """Targets whose AlertmanagerConfig never receives some of the alerts."""
    for target in kubernetes_targets(artifacts):
        if artifacts.definitions.routing is None or not _adds_matcher(target):
            continue
        matcher = Matcher(NAMESPACE, "=", target.namespace)
        names = [alert.name for alert in context.alerts.all if alert.labels.matches([matcher]) is False]
        if names:
            unique = list(dict.fromkeys(names))
            listed = ", ".join(unique[:_LISTED]) + (", ..." if len(unique) > _LISTED else "")
            what = "alert has" if len(unique) == 1 else "alerts have"
            message = (
                f'{len(unique)} {what} no label namespace="{target.namespace}", so no AlertmanagerConfig of this '
                f"namespace receives them: {listed}"
            )
            hint = (
                "set alertmanagerConfigMatcherStrategy: {type: None} in the Alertmanager object, "
                'and write alertmanager_matcher="None"'
            )
            yield target.finding(unrouted_alert, message, hint, at="namespace")


def _adds_matcher(target: Kubernetes) -> bool:
    """Whether the operator adds the matcher, and no label to the rules."""
    return (
        target.alertmanager_config != "none"
        and not target.routes_all_namespaces()
        and target.enforced_namespace_label != NAMESPACE
    )
