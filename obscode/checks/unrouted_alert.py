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

from collections.abc import Iterator, Mapping, Sequence

from obscode.artifacts.kubernetes import KubernetesObject
from obscode.artifacts.project import Artifacts
from obscode.checks.check import Context, check
from obscode.compiler.kubernetes.objects import kubernetes_targets
from obscode.findings.code import Severity
from obscode.findings.finding import Finding
from obscode.model.targets.kubernetes import Kubernetes
from obscode.promql.selector import Matcher
from obscode.routing.alerts import Alert

NAMESPACE = "namespace"
_LISTED = 3
_HINT = "set alertmanagerConfigMatcherStrategy: {type: None} in the Alertmanager object"


@check(Artifacts, severity="warning")
def unrouted_alert(artifacts: Artifacts, context: Context) -> Iterator[Finding]:
    """Targets, or AlertmanagerConfigs in files, whose routes never receive some of the alerts."""
    for target in kubernetes_targets(artifacts):
        names = _without_namespace(context.alerts.all, target.namespace)
        if names and artifacts.definitions.routing and _adds_matcher(target):
            hint = f'{_HINT}, and write alertmanager_matcher="None"'
            yield target.finding(unrouted_alert, _message(names, target.namespace), hint, at="namespace")
    for each in _read_configs(artifacts):
        own = {id(rule) for file in artifacts.rule_files if file.namespace == each.namespace for rule in file.rules()}
        alerts = [alert for alert in context.alerts.all if id(alert.rule) in own]
        names = _without_namespace(alerts, each.namespace)
        if names:
            # The default receiver may be meant for some of the alerts, but not for all of them.
            severity: Severity = "warning" if len(names) == len({alert.name for alert in alerts}) else "note"
            message = _message(names, each.namespace)
            yield each.source.finding(unrouted_alert, message, _HINT, at="namespace", severity=severity)


def _without_namespace(alerts: Sequence[Alert], namespace: str) -> list[str]:
    """The names of the alerts that never have the label."""
    matcher = Matcher(NAMESPACE, "=", namespace)
    return list(dict.fromkeys(alert.name for alert in alerts if alert.labels.matches([matcher]) is False))


def _message(names: Sequence[str], namespace: str) -> str:
    listed = ", ".join(names[:_LISTED]) + (", ..." if len(names) > _LISTED else "")
    what = f"{len(names)} alert{' has' if len(names) == 1 else 's have'}"
    them = "it" if len(names) == 1 else "them"
    return (
        f'{what} no label namespace="{namespace}", so no AlertmanagerConfig of this namespace receives {them}: {listed}'
    )


def _read_configs(artifacts: Artifacts) -> list[KubernetesObject]:
    """The AlertmanagerConfigs in files to whose routes the operator adds the matcher."""
    servers = [each for each in artifacts.objects if each.kind == "Alertmanager"]
    strict = [each for each in servers if _strategy(each) == "OnNamespace" and not _has_global(each)]
    configs = [each for each in artifacts.objects if each.kind == "AlertmanagerConfig" and each.namespace]
    return configs if servers and len(strict) == len(servers) else []


def _strategy(server: KubernetesObject) -> str:
    strategy = server.spec.get("alertmanagerConfigMatcherStrategy")
    return str(strategy.get("type") or "OnNamespace") if isinstance(strategy, Mapping) else "OnNamespace"


def _has_global(server: KubernetesObject) -> bool:
    return bool(server.spec.get("alertmanagerConfiguration"))


def _adds_matcher(target: Kubernetes) -> bool:
    """Whether the operator adds the matcher, and no label to the rules."""
    return (
        target.alertmanager_config != "none"
        and not target.routes_all_namespaces()
        and target.enforced_namespace_label != NAMESPACE
    )
