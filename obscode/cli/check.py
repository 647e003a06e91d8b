"""`obscode check`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from obscode.cli import terminal
from obscode.cli.options import PATH, compile_or_exit, exit_on_errors, verbosity_options

if TYPE_CHECKING:
    from obscode.checks import Profile

_DASHBOARDS = (".json", ".yaml", ".yml")


@click.command()
@click.argument("paths", nargs=-1, type=PATH, metavar="[DEFINITIONS] [DASHBOARD.json]...")
@click.option(
    "--profile",
    type=click.Choice(["default", "mixin"]),
    default="default",
    show_default=True,
    help="For dashboard files; `mixin` enforces every rule of grafana/dashboard-linter.",
)
@verbosity_options
def check(paths: tuple[Path, ...], profile: Profile, verbosity: int) -> None:
    """Compile DEFINITIONS, run all checks, then promtool and amtool. Write nothing.

    Files that end in .json are Grafana dashboards; files that end in .yaml or .yml are Kubernetes objects that contain
    dashboards. With such files, DEFINITIONS are checked only if the folder is named too.

    \b
    Example: obscode check
             obscode check dashboards/*.json --profile mixin
    """
    dashboards = [path for path in paths if path.suffix in _DASHBOARDS]
    folders = [path for path in paths if path.suffix not in _DASHBOARDS]
    if len(folders) > 1:
        raise click.UsageError(f"Got unexpected extra argument ({folders[1]})")
    if dashboards:
        _check_dashboards(dashboards, profile, verbosity)
    if folders or not dashboards:
        _check_definitions(folders[0] if folders else Path("definitions"), verbosity)


def _check_definitions(definitions: Path, verbosity: int) -> None:
    from obscode.verify.promtool import validate_with_tools

    compilation = compile_or_exit(definitions)
    with terminal.progress() as progress:
        tools, findings = validate_with_tools(compilation.artifacts, compilation.files, progress)
    exit_on_errors(findings)
    if verbosity >= 0:
        versions = ", ".join(f"{tool.name} {tool.version}" for tool in tools)
        click.echo(f"OK: {compilation.summary()} ({versions})")


def _check_dashboards(files: list[Path], profile: Profile, verbosity: int) -> None:
    from obscode.project.lint_files import lint_files

    findings = lint_files(files, profile=profile)
    exit_on_errors(findings)
    if verbosity >= 0:
        number = f"{len(files)} dashboard{'s' if len(files) > 1 else ''}"
        click.echo(f"{number}: {terminal.count_by_severity(findings)}" if findings else f"OK: {number}")
