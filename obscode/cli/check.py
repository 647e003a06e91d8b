"""`obscode check`."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from obscode.cli import progress_display, terminal
from obscode.cli.options import PATH, exit_on_errors, exiting_on_signals, verbosity_options
from obscode.findings.errors import Exit

if TYPE_CHECKING:
    from obscode.checks import Profile


metrics_option = click.option(
    "--metrics",
    "exposed",
    multiple=True,
    metavar="FILE|URL",
    help="For files: what services expose, as text of /metrics. Other series are errors. Can be repeated.",
)


@click.command()
@click.argument("paths", nargs=-1, type=PATH, metavar="[DEFINITIONS] [FILE_OR_FOLDER]...")
@click.option(
    "--profile",
    type=click.Choice(["default", "mixin"]),
    default="default",
    show_default=True,
    help="For dashboard files; `mixin` enforces every rule of grafana/dashboard-linter.",
)
@metrics_option
@click.option("--notes", is_flag=True, help="For files: report notes, too, such as findings of style.")
@verbosity_options
def check(paths: tuple[Path, ...], profile: Profile, exposed: tuple[str, ...], notes: bool, verbosity: int) -> None:
    """Check definitions, or files that obscode did not write. Write nothing.

    DEFINITIONS is a folder of Python files: they are compiled and checked, also with promtool and amtool. Other files
    and folders are read: rule files, Prometheus and Alertmanager configurations, Grafana dashboards, and Kubernetes
    objects that contain them. Their kind is detected by their content; in folders, other files are skipped. promtool
    expands the templates of alerts.

    \b
    Example: obscode check
             obscode check monitoring/ --verbose
             obscode check rules.yml alertmanager.yml dashboards/*.json
             obscode check rules.yml --metrics http://localhost:8000/metrics
    """
    from obscode.project.check_files import is_definitions

    definitions = [path for path in paths if is_definitions(path)]
    if len(definitions) > 1:
        raise click.UsageError(f"Got unexpected extra argument ({definitions[1]})")
    files = [path for path in paths if path not in definitions]
    if exposed and not files:
        raise click.UsageError("--metrics is for files; a service has metrics=exposition(...)")
    if files:
        _check_files(files, profile, exposed, notes, verbosity)
    if definitions or not files:
        _check_definitions(definitions[0] if definitions else Path("definitions"), verbosity)


def _check_definitions(definitions: Path, verbosity: int) -> None:
    from obscode.project.pipeline import inspect_folder
    from obscode.verify.promtool import validate_inspection

    with exiting_on_signals(), progress_display.progress() as progress:
        inspection = inspect_folder(definitions, progress)
        tools, findings = validate_inspection(inspection, progress)
    compilation = inspection.compilation
    exit_on_errors(sorted({*compilation.findings, *findings}, key=lambda finding: finding.order))
    if verbosity >= 0:
        versions = ", ".join(f"{tool.name} {tool.version}" for tool in tools)
        click.echo(f"OK: {compilation.summary()} ({versions})")


def _check_files(paths: list[Path], profile: Profile, exposed: tuple[str, ...], notes: bool, verbosity: int) -> None:
    from obscode.project.check_files import check_files

    metrics = []
    if exposed:
        from obscode.importers.metrics_source import read_metrics

        metrics = [metric for name in exposed for metric in read_metrics(name)]
    with progress_display.progress() as progress:
        report = check_files(paths, profile=profile, metrics=metrics, notes=notes, progress=progress)
    if verbosity > 0:
        for line in report.skipped_lines():
            click.echo(line)
    terminal.print_findings(report.findings)
    for line in report.not_run:
        click.echo(f"note: {line}", err=True)
    errors = any(finding.severity == "error" for finding in report.findings)
    if verbosity >= 0 or errors:
        outcome = terminal.count_by_severity(report.findings) if report.findings else "OK"
        click.echo(f"{outcome}: {report.summary()}")
    if errors:
        sys.exit(Exit.FINDINGS)
