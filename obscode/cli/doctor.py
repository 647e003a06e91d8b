"""`obscode doctor`."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from obscode.cli import terminal
from obscode.cli.options import (
    compile_or_exit,
    definitions_argument,
    environment_option,
    http_config_option,
    server_option,
)
from obscode.findings.errors import Exit

if TYPE_CHECKING:
    from obscode.artifacts.project import Artifacts
    from obscode.doctor.observations import Observations, PrometheusState
    from obscode.findings.finding import Finding

Observed = TypeVar("Observed")


@click.command()
@definitions_argument
@server_option("prometheus", "a Prometheus")
@server_option("alertmanager", "an Alertmanager")
@server_option("grafana", "a Grafana")
@click.option(
    "--target",
    "targets",
    metavar="URL",
    multiple=True,
    help="A /metrics, which is scraped 12 times, each time with a new connection; may be repeated.",
)
@http_config_option
@environment_option(default="")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "github", "gitlab", "sarif"]),
    default="text",
    show_default=True,
    help="How findings are printed.",
)
def doctor(
    definitions: Path,
    prometheus: str | None,
    alertmanager: str | None,
    grafana: str | None,
    targets: tuple[str, ...],
    http_config: Path | None,
    environment: str,
    form: str,
) -> None:
    """Find out why a running system shows no data or sends no alert.

    Reads the servers, changes nothing, and prints each fault with a remedy: targets that are down, an empty /metrics,
    metrics of the catalog that no target exposes, rules that fail, panels without data, a Prometheus without
    Alertmanager, missing receivers and failed notifications, data sources that Grafana does not reach, missing
    dashboards. With --target, what the text of a /metrics says: workers with separate counters, paths in labels, errors
    that are not seen.

    \b
    Example: obscode doctor --prometheus http://localhost:9090
             obscode doctor --prometheus http://localhost:9090 --grafana http://localhost:3000 --http-config http.yml
             obscode doctor --target http://localhost:8000/metrics
    """
    servers = (prometheus, alertmanager, grafana)
    if not (any(servers) or targets):
        raise click.UsageError("name a server: --prometheus, --alertmanager, --grafana or --target")
    findings = [finding for url in targets for finding in _of_target(url)]
    if any(servers):
        findings += _of_servers(definitions, servers, http_config, environment)
    if form == "text":
        terminal.print_findings(findings)
        if not findings:
            click.echo("OK: no faults")
    else:
        terminal.print_document(findings, form)
    has_errors = any(finding.severity == "error" for finding in findings)
    sys.exit(Exit.FINDINGS if has_errors else Exit.OK)


def _of_target(url: str) -> list[Finding]:
    """The faults of a target, for which no definitions are needed."""
    from obscode.doctor.exposition_faults import SCRAPES, exposition_faults
    from obscode.doctor.scrapes import scrape
    from obscode.findings.errors import LoadError
    from obscode.importers.exposition import ExpositionError
    from obscode.importers.metrics_source import read_metrics_text

    try:
        texts = [read_metrics_text(url).text for _ in range(SCRAPES)]
    except (LoadError, ExpositionError) as error:
        return list(error.findings)
    return list(exposition_faults(url, [scrape(text) for text in texts]))


def _of_servers(
    definitions: Path, servers: tuple[str | None, str | None, str | None], http_config: Path | None, environment: str
) -> list[Finding]:
    """The faults of servers, compared with the definitions."""
    artifacts = compile_or_exit(definitions, environment=environment).artifacts
    observations, unreachable = _observe(artifacts, *servers, http_config)
    from obscode.doctor import diagnose

    findings = [*unreachable, *diagnose(observations, artifacts)]
    if (prometheus := servers[0]) and observations.prometheus:
        findings += _panels(artifacts, observations.prometheus, prometheus, http_config)
    return findings


def _observe(
    artifacts: Artifacts,
    prometheus: str | None,
    alertmanager: str | None,
    grafana: str | None,
    http_config: Path | None,
) -> tuple[Observations, list[Finding]]:
    """What the servers say, and a finding for each server that does not answer."""
    import time

    from obscode.clients.alertmanager import AlertmanagerClient
    from obscode.clients.grafana import GrafanaClient
    from obscode.clients.http_config import read_http_config
    from obscode.clients.prometheus import PrometheusClient
    from obscode.doctor.observations import Observations
    from obscode.doctor.observe import observe_alertmanager, observe_grafana, observe_prometheus

    config = read_http_config(http_config) if http_config else None
    server = PrometheusClient(prometheus, config) if prometheus else None
    jobs = [job for service in artifacts.services for job in service.job_names()]
    now = time.time()
    findings: list[Finding] = []
    state = _answer(lambda: observe_prometheus(server, jobs, now), findings) if server else None
    known = server if state else None
    return Observations(
        state,
        _answer(lambda: observe_alertmanager(AlertmanagerClient(alertmanager, config), known, now), findings)
        if alertmanager
        else None,
        _answer(lambda: observe_grafana(GrafanaClient(grafana, config)), findings) if grafana else None,
    ), findings


def _panels(artifacts: Artifacts, state: PrometheusState, prometheus: str, http_config: Path | None) -> list[Finding]:
    """The panels without data; a query that takes too long ends the search."""
    import time

    from obscode.clients.errors import ServerError
    from obscode.clients.http_config import read_http_config
    from obscode.clients.prometheus import PrometheusClient
    from obscode.doctor.metric_faults import explained_metrics
    from obscode.doctor.panel_faults import panel_faults

    client = PrometheusClient(prometheus, read_http_config(http_config) if http_config else None)
    try:
        return list(panel_faults(client, artifacts, time.time(), explained_metrics(state, artifacts)))
    except ServerError as error:
        return list(error.findings)


def _answer(observe: Callable[[], Observed], findings: list[Finding]) -> Observed | None:
    from obscode.clients.errors import ServerError

    try:
        return observe()
    except ServerError as error:
        findings += error.findings
        return None
