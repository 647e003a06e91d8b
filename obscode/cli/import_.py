"""`obscode import`."""

from __future__ import annotations

from pathlib import Path

import click

from obscode.cli.options import PATH, verbosity_options


@click.command("import")
@click.argument("paths", nargs=-1, required=True, metavar="FILE_OR_FOLDER...")
@click.option("--out", type=PATH, default="definitions", show_default=True, help="The folder of definitions.")
@verbosity_options("Print each file that is written.")
def import_(paths: tuple[str, ...], out: Path, verbosity: int) -> None:
    """Turn existing files into Python definitions, once.

    Reads rule files, Prometheus and Alertmanager configurations and Grafana dashboards, also inside Kubernetes objects
    such as PrometheusRules, and writes a Python module for each file. Compiling the modules gives the same rules,
    configurations and dashboards. Nothing is overwritten.

    \b
    Example: obscode import rules/ --out definitions/
             obscode import 'rules/*.yml' prometheus.yml alertmanager.yml
    """
    from obscode.findings.finding import relative
    from obscode.importers.existing.import_files import imported_files, write
    from obscode.importers.existing.known_errors import REASON

    imported = imported_files(paths, out)
    files = imported.files
    write(files, out)
    if verbosity > 0:
        for file in files:
            click.echo(f"wrote {relative(str(out / file.path))}")
    if verbosity >= 0:
        modules = [file for file in files if file.source]
        count = f"{len(modules)} module{'' if len(modules) == 1 else 's'}"
        click.echo(f"wrote {count} to {relative(str(out))}; next: obscode build")
    if imported.ignored and verbosity >= 0:
        errors = f"{imported.ignored} error{'' if imported.ignored == 1 else 's'}"
        click.echo(f'{errors} in the rules, ignored with the reason "{REASON}"; to list: obscode check {paths[0]}')
