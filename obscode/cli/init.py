"""`obscode init`."""

from __future__ import annotations

from pathlib import Path

import click

from obscode.cli.options import PATH

_INTEGRATIONS = ("github", "gitlab", "pre-commit")


@click.command()
@click.argument("folder", type=PATH, default=".")
@click.option("--from", "source", metavar="URL_OR_FILE", default="", help="The metrics of a first service.")
@click.option("--name", default="", help="The name of the service; by default that of the host or the file.")
@click.option(
    "--ci",
    "integrations",
    type=click.Choice([*_INTEGRATIONS, "none"]),
    multiple=True,
    default=_INTEGRATIONS,
    help="The files for continuous integration; repeatable. By default all.",
)
@click.option("-q", "--quiet", is_flag=True, help="Print errors only.")
def init(folder: Path, source: str, name: str, integrations: tuple[str, ...], quiet: bool) -> None:
    """Create a repository of definitions.

    Writes a project, a Makefile and files for continuous integration. With --from, the metrics of a running service, or
    of a file with what it shows at /metrics, become a first service: the call of a preset if they are those of a
    program that `obscode presets` lists; else a catalog, with SLOs of its requests if a counter of requests with their
    status, or a histogram of their time, is recognised. Files that exist are not changed.

    \b
    Example: obscode init --from http://localhost:8000/metrics
             obscode build && obscode check
    """
    from importlib.metadata import version

    from obscode.scaffold.repository import plan, write

    chosen = tuple(each for each in integrations if each != "none")
    repository = plan(folder, source, name, chosen, version("obscode"))
    write(repository, folder)
    if not quiet:
        for path in repository.files:
            click.echo(f"wrote {folder / path}")
        for path in repository.existing:
            click.echo(f"kept {folder / path}: it exists")
        click.echo("next: obscode build; then: make check, which downloads promtool and amtool first")
