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
@click.option("--compare-preset", "preset", metavar="PROGRAM", help="Compare with the catalog that a preset reads.")
@definitions_option
def metrics(sources: tuple[str, ...], service: str | None, preset: str | None, definitions: Path) -> None:
    """Print or compare the metrics that a service exposes.

    Prints them as Python, or compares them with the catalog of a service or of a preset.
    FILE_OR_URL is what the service shows at /metrics, in Prometheus' text format or OpenMetrics; several are processes
    of one service. Standard metrics, such as process_cpu_seconds_total, are left out.

    \b
    Example: obscode metrics http://localhost:8000/metrics > definitions/catalog.py
             obscode metrics snapshots/shop.prom --compare shop
             obscode metrics http://localhost:8000/metrics --compare-preset vllm
    """
    if service is not None and preset is not None:
        raise click.UsageError("--compare and --compare-preset exclude each other")
    from obscode.importers.catalog_source import catalog_source, joined
    from obscode.importers.metrics_source import read_metrics

    exposed = joined([read_metrics(source) for source in sources])
    if service is not None:
        _compare(service, definitions, exposed)
    elif preset is not None:
        _compare_preset(preset, exposed)
    else:
        click.echo(catalog_source(exposed), nl=False)


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


def _compare_preset(name: str, exposed: Sequence[Metric]) -> None:
    from obscode.scaffold.preset_comparison import compare_with_preset

    comparison = compare_with_preset(name, exposed)
    program = f"{comparison.exporter.program} {comparison.exporter.version}"
    if comparison.differences:
        terminal.print_table([("KIND", "METRIC", "DIFFERENCE"), *(row[:3] for row in comparison.differences)])
    else:
        click.echo(f"OK: {len(comparison.exporter.catalog)} metrics as those of {program}")
    for text in filter(None, (comparison.label_text(), comparison.other_text())):
        click.echo(text)
    if comparison.differences:
        sys.exit(Exit.FINDINGS)
