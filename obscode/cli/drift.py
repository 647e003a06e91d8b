"""`obscode drift`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from obscode.cli.options import PATH, environment_option, http_config_option, server_option
from obscode.findings.errors import Exit


@click.command()
@click.argument("build", type=PATH, default="build")
@server_option("prometheus", "a Prometheus")
@server_option("alertmanager", "an Alertmanager")
@server_option("grafana", "a Grafana")
@http_config_option
@environment_option(default="")
@click.option("--strict", is_flag=True, help="Report rules, jobs and dashboards that only the server has, too.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "markdown", "json", "html"]),
    default="text",
    show_default=True,
    help="The form of the output.",
)
def drift(
    build: Path,
    prometheus: str | None,
    alertmanager: str | None,
    grafana: str | None,
    http_config: Path | None,
    environment: str,
    strict: bool,
    form: str,
) -> None:
    """Print what differs on running servers from the build.

    BUILD is the output folder, or any folder with rules, configurations and dashboards. Servers are only read. What
    they fill in, such as defaults and versions, is no difference, and neither is what others have loaded into them.
    Of two values, the first is that of the build. Exits with 1 if something differs.

    \b
    Example: obscode drift --prometheus http://localhost:9090 --alertmanager http://localhost:9093
             obscode drift build --grafana http://localhost:3000 --http-config http.yml --strict
    """
    if not (prometheus or alertmanager or grafana):
        raise click.UsageError("name a server: --prometheus, --alertmanager or --grafana")
    from obscode.clients.alertmanager import AlertmanagerClient
    from obscode.clients.grafana import GrafanaClient
    from obscode.clients.http_config import read_http_config
    from obscode.clients.prometheus import PrometheusClient
    from obscode.diff.formats import FORMATS
    from obscode.drift.built_files import read_build
    from obscode.drift.report import Servers
    from obscode.drift.report import drift as run

    config = read_http_config(http_config) if http_config else None
    servers = Servers(
        PrometheusClient(prometheus, config) if prometheus else None,
        AlertmanagerClient(alertmanager, config) if alertmanager else None,
        GrafanaClient(grafana, config) if grafana else None,
    )
    report = run(read_build(build, environment), servers, strict=strict)
    click.echo(FORMATS[form](report) or "OK: no differences\n", nl=False)
    sys.exit(Exit.OK if report.is_empty else Exit.FINDINGS)
