"""`obscode why`: what something is computed from, and what depends on it."""

from __future__ import annotations

from pathlib import Path

import click

from obscode.cli import progress_display, terminal
from obscode.cli.options import PATH, environment_option


@click.command()
@click.argument("name")
@click.argument("paths", nargs=-1, type=PATH, metavar="[DEFINITIONS] [FILE_OR_FOLDER]...")
@environment_option(default="")
def why(name: str, paths: tuple[Path, ...], environment: str) -> None:
    """Print what NAME is computed from and what depends on it.

    NAME is a metric, a recorded series, an alert, SERVICE/SLO, a receiver, or the title of a panel or a dashboard.
    Without paths, the folder `definitions` is read; files are those of `obscode check`.

    \b
    Example: obscode why ShopDown
             obscode why shop/availability
             obscode why job:errors:rate5m rules/ dashboards/
    """
    from obscode.project.graph_report import artifacts_of, why_text

    with progress_display.progress() as progress:
        artifacts = artifacts_of(paths, progress, environment)
    terminal.print_text(why_text(artifacts, name))
