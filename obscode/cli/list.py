"""`obscode list`."""

from __future__ import annotations

from pathlib import Path

import click

from obscode.cli import progress_display, terminal
from obscode.cli.options import definitions_argument


@click.command("list")
@definitions_argument
def list_(definitions: Path) -> None:
    """List the definitions with their source positions.

    Services, metrics, scrape jobs, SLOs, rules, alerts, configurations and dashboards.

    \b
    Example: obscode list
    """
    from obscode.project.inventory import inventory
    from obscode.project.pipeline import compile_folder

    with progress_display.progress() as progress:
        compilation = compile_folder(definitions, progress)
    terminal.print_table(inventory(compilation.artifacts))
