"""An endpoint of a ServiceMonitor names a port of the Services that it selects.

Why: Prometheus drops the targets whose port has another name, so nothing is scraped, and no alert says so. `port` is
the name of a port of the Service, not its number. The check needs the Service among the files.

Bad:
    apiVersion: v1
    kind: Service
    metadata: {name: shop, namespace: shop, labels: {app: shop}}
    spec: {ports: [{name: http, port: 80}]}
    ---
    apiVersion: monitoring.coreos.com/v1
    kind: ServiceMonitor
    metadata: {name: shop, namespace: shop}
    spec: {selector: {matchLabels: {app: shop}}, endpoints: [{port: metrics}]}

Good:
    apiVersion: v1
    kind: Service
    metadata: {name: shop, namespace: shop, labels: {app: shop}}
    spec: {ports: [{name: metrics, port: 80}]}
    ---
    apiVersion: monitoring.coreos.com/v1
    kind: ServiceMonitor
    metadata: {name: shop, namespace: shop}
    spec: {selector: {matchLabels: {app: shop}}, endpoints: [{port: metrics}]}
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from obscode.artifacts.kubernetes import KubernetesObject
from obscode.artifacts.project import Artifacts
from obscode.checks.check import Context, check
from obscode.findings.finding import Finding
from obscode.findings.suggestions import did_you_mean
from obscode.reader.kubernetes.selection import services_of


@check(Artifacts, severity="warning", scope="file")
def unmatched_port(artifacts: Artifacts, context: Context) -> Iterator[Finding]:
    """Ports that no selected Service has."""
    for monitor in artifacts.objects:
        if monitor.kind != "ServiceMonitor" or not (services := services_of(monitor, artifacts.objects)):
            continue
        ports = _ports(services)
        endpoints = monitor.spec.get("endpoints")
        for endpoint in endpoints if isinstance(endpoints, Sequence) else ():
            port = endpoint.get("port") if isinstance(endpoint, Mapping) else None
            if port and str(port) not in ports:
                names = ", ".join(sorted({service.name for service in services})[:3])
                message = f"{monitor.title} selects no port {port!r} of the Services {names}"
                hint = did_you_mean(str(port), ports) or f"they have {', '.join(sorted(ports)) or 'no named port'}"
                yield monitor.source.finding(unmatched_port, message, hint, at="endpoints")


def _ports(services: Sequence[KubernetesObject]) -> set[str]:
    listed = (service.spec.get("ports") for service in services)
    ports = [port for each in listed if isinstance(each, Sequence) for port in each if isinstance(port, Mapping)]
    return {str(port["name"]) for port in ports if port.get("name")}
