"""`obscode list`."""

from __future__ import annotations

from pathlib import Path

import click

from obscode.cli import progress_display, terminal
from obscode.cli.options import definitions_argument, environment_option


@click.command("list")
@definitions_argument
@environment_option("Print this environment, and where it differs from the project's own.", default="")
def list_(definitions: Path, environment: str) -> None:
    """List the definitions with their source positions.

    Services, metrics, scrape jobs, SLOs, rules, alerts, configurations and dashboards.

    \b
    Example: obscode list
             obscode list --environment staging
    """
    from obscode.project.environment_inventory import environment_inventory
    from obscode.project.inventory import inventory
    from obscode.project.pipeline import compile_folder

    with progress_display.progress() as progress:
        own = compile_folder(definitions, progress, environment=environment)
        base = compile_folder(definitions, progress, environment="") if environment else own
    rows = environment_inventory(own.artifacts, base.artifacts) if environment else inventory(own.artifacts)
    terminal.print_table(rows, {secret for each in (own, base) for secret in each.secrets()})
