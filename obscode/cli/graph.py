"""`obscode graph`: what reads what."""

from __future__ import annotations

from pathlib import Path

import click

from obscode.cli import progress_display, terminal
from obscode.cli.options import PATH, environment_option


@click.command()
@click.argument("paths", nargs=-1, type=PATH, metavar="[DEFINITIONS] [FILE_OR_FOLDER]...")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "mermaid", "dot"]),
    default="text",
    show_default=True,
    help="`mermaid` for GitHub and GitLab, `dot` for Graphviz.",
)
@click.option("--all", "everything", is_flag=True, help="Print the recording rules of SLOs and the panels, too.")
@environment_option(default="")
def graph(paths: tuple[Path, ...], form: str, everything: bool, environment: str) -> None:
    """Print what reads what, from metrics to dashboards.

    Metrics, recording rules, SLOs, alerts, receivers and dashboards of definitions and of files, as `obscode check`
    reads them. Without paths, the folder `definitions` is read.

    \b
    Example: obscode graph
             obscode graph rules/ alertmanager.yml dashboards/
             obscode graph --format dot | dot -Tsvg > monitoring.svg
    """
    from obscode.project.graph_report import artifacts_of, graph_text

    with progress_display.progress() as progress:
        artifacts = artifacts_of(paths, progress, environment)
    terminal.print_text(graph_text(artifacts, form, everything))
