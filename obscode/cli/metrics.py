"""`obscode metrics`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from obscode.cli import terminal
from obscode.cli.options import definitions_option
from obscode.findings.errors import Exit, ObscodeError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from obscode.model.metrics import Metric


@click.command()
@click.argument("sources", nargs=-1, required=True, metavar="FILE_OR_URL...")
@click.option("--compare", "service", metavar="SERVICE", help="Compare with the catalog of this service instead.")
@definitions_option
def metrics(sources: tuple[str, ...], service: str | None, definitions: Path) -> None:
    """Print or compare the metrics that a service exposes.

    Prints them as Python, or compares them with the catalog of a service.
    FILE_OR_URL is what the service shows at /metrics, in Prometheus' text format or OpenMetrics; several are processes
    of one service. Standard metrics, such as process_cpu_seconds_total, are left out.

    \b
    Example: obscode metrics http://localhost:8000/metrics > definitions/catalog.py
             obscode metrics snapshots/shop.prom --compare shop
    """
    from obscode.importers.catalog_source import catalog_source, joined
    from obscode.importers.metrics_source import read_metrics

    exposed = joined([read_metrics(source) for source in sources])
    if service is None:
        click.echo(catalog_source(exposed), nl=False)
    else:
        _compare(service, definitions, exposed)


def _compare(name: str, definitions: Path, exposed: Sequence[Metric]) -> None:
    from obscode.findings.suggestions import did_you_mean
    from obscode.importers.catalog_comparison import differences
    from obscode.project.load import load

    services = {service.name: service for service in load(definitions).services}
    if name not in services:
        hint = did_you_mean(name, services) or f"the services are {', '.join(sorted(services)) or 'none'}"
        raise ObscodeError(f"there is no service {name!r} in {definitions}", hint)
    declared = services[name].metrics
    if rows := differences(declared, exposed):
        terminal.print_table([("KIND", "METRIC", "DIFFERENCE", "SOURCE"), *rows])
        sys.exit(Exit.FINDINGS)
    count = f"{len(declared)} metric{'' if len(declared) == 1 else 's'}"
    click.echo(f"OK: {count} of service {name} as declared")
