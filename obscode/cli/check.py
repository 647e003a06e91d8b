"""`obscode check`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from obscode.cli import progress_display, terminal
from obscode.cli.options import PATH, environment_option, exiting_on_signals, verbosity_options
from obscode.findings.errors import Exit, ObscodeError

if TYPE_CHECKING:
    from obscode.artifacts.project import Artifacts
    from obscode.checks import Profile
    from obscode.findings.finding import Finding

# From the most severe one.
_SEVERITIES = ("error", "warning", "note")

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
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "github", "gitlab", "sarif"]),
    default="text",
    show_default=True,
    help="How findings are printed: `github` as annotations, `gitlab` for Code Quality. Other text goes to stderr.",
)
@click.option(
    "--fail-on",
    type=click.Choice(_SEVERITIES),
    default="error",
    show_default=True,
    help="Exit with 1 if there is a finding of this severity or a worse one.",
)
@click.option(
    "--fix",
    "is_fixing",
    is_flag=True,
    help="Change the files where a fix is certain, print each change, and check again.",
)
@environment_option("For definitions: the environment, by its name; by default all.")
@verbosity_options("For files: print skipped files, with the reason.")
def check(
    paths: tuple[Path, ...],
    profile: Profile,
    exposed: tuple[str, ...],
    notes: bool,
    form: str,
    fail_on: str,
    is_fixing: bool,
    environment: str | None,
    verbosity: int,
) -> None:
    """Check definitions, or files that obscode did not write. Write nothing without --fix.

    DEFINITIONS is a folder of Python files: they are compiled and checked, also with promtool and amtool. Other files
    and folders are read: rule files, Prometheus and Alertmanager configurations, Grafana dashboards, and Kubernetes
    objects that contain them. Their kind is detected by their content; in folders, other files are skipped. promtool
    expands the templates of alerts. Definitions and files in one run know the alerts and series of each other.

    \b
    Example: obscode check
             obscode check monitoring/ --verbose
             obscode check rules.yml alertmanager.yml dashboards/*.json
             obscode check rules.yml --metrics http://localhost:8000/metrics
             obscode check --format github --fail-on warning
             obscode check rules.yml --fix
    """
    from obscode.project.check_files import is_definitions

    definitions = [path for path in paths if is_definitions(path)]
    if len(definitions) > 1:
        raise click.UsageError(f"Got unexpected extra argument ({definitions[1]})")
    files = [path for path in paths if path not in definitions]
    if exposed and not files:
        raise click.UsageError("--metrics is for files; a service has metrics=exposition(...)")
    folder = None if files and not definitions else Path(definitions[0] if definitions else "definitions")

    def run() -> list[_Run]:
        if folder is None or not all(path.exists() for path in files):
            return [_check_files(files, profile, exposed, notes, verbosity)]
        runs = [_check_definitions(folder, environment, files)]
        if files:
            runs.append(_check_files(files, profile, exposed, notes, verbosity, runs[0].artifacts))
        return runs

    checked = [*([folder] if folder else []), *files]
    runs = _fixed(run, checked, form) if is_fixing else run()
    _print(runs, form, verbosity)
    if not is_fixing and form == "text" and verbosity >= 0:
        _print_fixable(runs, checked)
    sys.exit(_exit_code(runs, fail_on))


# A fix may make another one possible.
_ROUNDS = 10


def _fixed(run: Callable[[], list[_Run]], paths: Sequence[Path], form: str) -> list[_Run]:
    """Check, and write the fixes of the findings until none is left; the last result."""
    from obscode.project.fixes import apply_fixes

    runs = run()
    count = 0
    for _ in range(_ROUNDS):
        try:
            written = apply_fixes((finding for each in runs for finding in each.findings), paths)
        except ObscodeError as error:
            return [*runs, _Run(error.findings, exit=error.exit)]
        if not written:
            break
        for fixed in written:
            click.echo(fixed, err=form != "text")
        count += len(written)
        runs = run()
    if count:
        click.echo(f"Fixed {count} {'finding' if count == 1 else 'findings'}.", err=form != "text")
    return runs


def _print_fixable(runs: Sequence[_Run], paths: Sequence[Path]) -> None:
    from obscode.project.fixes import fixable

    if count := fixable((finding for each in runs for finding in each.findings), paths):
        click.echo(f"{count} {'finding' if count == 1 else 'findings'} can be fixed with --fix.", err=True)


@dataclass(frozen=True)
class _Run:
    """The findings in definitions or in files, what was checked, and the exit code of an error that ended the run.

    ``artifacts`` are those of definitions without errors.
    """

    findings: Sequence[Finding]
    summary: str = ""
    details: Sequence[str] = ()
    notes: Sequence[str] = ()
    exit: Exit = Exit.OK
    artifacts: Artifacts | None = None


def _check_definitions(definitions: Path, environment: str | None, files: Sequence[Path] = ()) -> _Run:
    """Check definitions, together with the rules of files."""
    from obscode.project.check_files import read
    from obscode.project.pipeline import inspect_folder
    from obscode.verify.promtool import validate_inspection

    try:
        with exiting_on_signals(), progress_display.progress() as progress:
            inspection = inspect_folder(definitions, progress, beside=read(files), environment=environment)
    except ObscodeError as error:
        return _Run(error.findings, exit=error.exit)
    compilation = inspection.compilation
    artifacts = None if inspection.error else compilation.artifacts
    try:
        with exiting_on_signals(), progress_display.progress() as progress:
            tools, findings = validate_inspection(inspection, progress)
    except ObscodeError as error:  # without tools, what the checks report remains
        return _Run(_sorted({*compilation.findings, *error.findings}), exit=error.exit, artifacts=artifacts)
    versions = ", ".join(f"{tool.name} {tool.version}" for tool in tools)
    summary = f"{compilation.summary()} ({versions})"
    return _Run(_sorted({*compilation.findings, *findings}), summary, artifacts=artifacts)


def _sorted(findings: Iterable[Finding]) -> Sequence[Finding]:
    return sorted(findings, key=lambda finding: finding.order)


def _check_files(
    paths: list[Path],
    profile: Profile,
    exposed: tuple[str, ...],
    notes: bool,
    verbosity: int,
    project: Artifacts | None = None,
) -> _Run:
    from obscode.project.check_files import check_files

    try:
        metrics = []
        if exposed:
            from obscode.importers.metrics_source import read_metrics

            metrics = [metric for name in exposed for metric in read_metrics(name)]
        with progress_display.progress() as progress:
            report = check_files(
                paths, profile=profile, metrics=metrics, notes=notes, progress=progress, project=project
            )
    except ObscodeError as error:
        return _Run(error.findings, exit=error.exit)
    skipped = report.skipped_lines() if verbosity > 0 else ()
    return _Run(report.findings, report.summary(), skipped, [f"note: {line}" for line in report.not_run])


def _exit_code(runs: Sequence[_Run], fail_on: str) -> Exit:
    failing = _SEVERITIES[: _SEVERITIES.index(fail_on) + 1]
    is_failing = any(finding.severity in failing for run in runs for finding in run.findings)
    return max(Exit.FINDINGS if is_failing else Exit.OK, *(run.exit for run in runs))


def _print(runs: Sequence[_Run], form: str, verbosity: int) -> None:
    """Print the findings, and what was checked: on stderr if stdout has a document."""
    is_text = form == "text"
    for line in (line for run in runs for line in run.details):
        click.echo(line, err=not is_text)
    findings = [finding for run in runs for finding in run.findings]
    if is_text:
        terminal.print_findings(findings)
        if findings and verbosity >= 0:
            click.echo("Explanations: docs/checks.md#CODE, or run: obscode explain CODE", err=True)
    else:
        terminal.print_document(findings, form)
    for line in (line for run in runs for line in run.notes):
        click.echo(line, err=True)
    for run in runs:
        has_errors = any(finding.severity == "error" for finding in run.findings)
        if run.summary and (verbosity >= 0 or has_errors):
            outcome = terminal.count_by_severity(run.findings) if run.findings else "OK"
            click.echo(f"{outcome}: {run.summary}", err=not is_text)
