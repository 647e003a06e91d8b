"""`obscode handbook`."""

from __future__ import annotations

from pathlib import Path

import click

from obscode.cli import progress_display
from obscode.cli.options import PATH, environment_option


@click.command()
@click.argument("paths", nargs=-1, type=PATH, metavar="[DEFINITIONS] [FILE_OR_FOLDER]...")
@click.option("--out", type=PATH, required=True, help="The folder of the pages.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["markdown", "html"]),
    default="markdown",
    show_default=True,
    help="`markdown` for GitHub and GitLab, `html` for a browser.",
)
@environment_option(default="")
def handbook(paths: tuple[Path, ...], out: Path, form: str, environment: str) -> None:
    """Write a page for each service for people on call.

    SLOs, alerts with their receivers, dashboards, scrape jobs and owners of definitions and of files, as `obscode
    check` reads them, with an index. Without paths, the folder `definitions` is read. Pages of earlier runs that are
    not written again are removed.

    \b
    Example: obscode handbook --out handbook
             obscode handbook rules/ alertmanager.yml prometheus.yml --out handbook --format html
    """
    from obscode.handbook.pages import pages
    from obscode.project.graph_report import artifacts_of
    from obscode.project.handbook_files import write_pages

    with progress_display.progress() as progress:
        artifacts = artifacts_of(paths, progress, environment)
    files = pages(artifacts, form)
    removed = write_pages(out, files)
    removed_text = f", {len(removed)} removed" if removed else ""
    click.echo(f"handbook: {len(files)} pages{removed_text}")
