"""Data sources that Grafana cannot reach, and dashboards that it does not have."""

from __future__ import annotations

from collections.abc import Iterator

from obscode.artifacts.project import Artifacts
from obscode.doctor.observations import Datasource, Observations
from obscode.findings.code import Code
from obscode.findings.finding import Finding

UNREACHABLE_DATASOURCE = Code(
    "unreachable-datasource",
    "Grafana reaches its data sources.",
    why="All panels of the data source show an error.",
    bad="the URL http://localhost:9090 in a Grafana that runs in a container",
    good="the URL http://prometheus:9090, with the name of the service in Docker Compose",
)
MISSING_DASHBOARD = Code(
    "missing-dashboard",
    "The running Grafana has the dashboards of the project.",
    why="Links in alerts and the handbook lead to a page that does not exist.",
    bad="a folder of dashboards that no provider names",
    good="providers: [{name: obscode, type: file, options: {path: /var/lib/grafana/dashboards}}]",
)


def grafana_faults(observations: Observations, artifacts: Artifacts) -> Iterator[Finding]:
    """Unreachable data sources, no data source for Prometheus, and missing dashboards."""
    state = observations.grafana
    if state is None:
        return
    for source in state.datasources:
        if source.error:
            message = f"Grafana does not reach the data source {source.name!r}: {source.error}"
            yield Finding(UNREACHABLE_DATASOURCE, message, _remedy(source))
    if artifacts.dashboards and not any(source.type == "prometheus" for source in state.datasources):
        message = f"{state.url} has no data source of the type prometheus"
        yield Finding(UNREACHABLE_DATASOURCE, message, "deploy the built grafana/provisioning, and restart Grafana")
    for dashboard in artifacts.dashboards:
        if dashboard.uid and dashboard.uid not in state.dashboards:
            message = f"{state.url} has no dashboard {dashboard.title!r} (uid {dashboard.uid})"
            hint = "copy grafana/dashboards to the path of the provider; Grafana's log says why it rejects a file"
            yield dashboard.source.finding(MISSING_DASHBOARD, message, hint)


def _remedy(source: Datasource) -> str:
    if "localhost" in source.error or "127.0.0.1" in source.error:
        return "in a container, localhost is the container itself: write the name of the Prometheus service"
    if "no such host" in source.error:
        return "write a host that Grafana resolves, in a network that both share"
    if "401" in source.error or "403" in source.error:
        return "correct the credentials of the data source"
    return "start the server, or correct the URL of the data source"
