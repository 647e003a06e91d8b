"""`obscode build`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from obscode.cli import progress_display, terminal
from obscode.cli.options import PATH, compile_or_exit, definitions_argument, verbosity_options
from obscode.findings.errors import Exit

if TYPE_CHECKING:
    from obscode.project.build import Difference
    from obscode.project.unchanged_build import Report, UnchangedBuild

_LISTED = 5  # adopted files in one line; --verbose prints a line for each


@click.command()
@definitions_argument
@click.option("-o", "--out", type=PATH, default="build", show_default=True, help="The output folder.")
@click.option("--check", "only_check", is_flag=True, help="Write nothing; list stale files, exit 1 if any.")
@click.option("--no-cache", is_flag=True, help="Compile also if nothing changed; leave .obscode-cache alone.")
@verbosity_options("Print each file that changes.")
def build(definitions: Path, out: Path, only_check: bool, no_cache: bool, verbosity: int) -> None:
    """Compile DEFINITIONS into the output folder.

    Only files that differ are written, each in one step: a reader sees the old file or the new one. Files that obscode
    did not write stay as they are. If nothing changed since the last build, nothing is compiled.

    \b
    Example: obscode build
             obscode build definitions --out build --check
    """
    from obscode.project.unchanged_build import UnchangedBuild

    last = UnchangedBuild(definitions, out, is_cached=not no_cache)
    if report := last.find(only_check):
        terminal.print_findings(report.findings)
        _print_foreign(report.foreign if only_check else (), out, verbosity)
        _print_outcome(out, report, "up to date", verbosity)
    else:
        _compile_and_write(last, definitions, out, only_check, verbosity)


def _compile_and_write(last: UnchangedBuild, definitions: Path, out: Path, only_check: bool, verbosity: int) -> None:
    from obscode.project.build import compare, foreign_rule_files, reject_overlap, write
    from obscode.project.manifest import MANIFEST
    from obscode.project.unchanged_build import Report

    reject_overlap(definitions, out)
    with last.recording():
        compilation = compile_or_exit(definitions, last.user_code, last.changed_services)
    files = compilation.files
    with progress_display.progress() as progress:
        difference = (compare if only_check else write)(files, out, progress.log, compilation.unchanged)
    texts = {file.path: file.text for file in files}
    paths = {*texts, *compilation.unchanged}
    report = Report(len(paths), compilation.summary(), compilation.findings, foreign_rule_files(paths, out))
    _print_difference(difference, report, out, only_check, verbosity)
    if only_check and difference:
        sys.exit(Exit.FINDINGS)
    reasons = last.remember(report, texts, {**compilation.unchanged, MANIFEST: None}, only_check)
    if verbosity > 0 and reasons:
        click.echo(f"the next build compiles again: {'; '.join(reasons)}", err=True)
    _print_outcome(out, report, "" if difference else "up to date", verbosity)


def _print_difference(difference: Difference, report: Report, out: Path, only_check: bool, verbosity: int) -> None:
    if only_check or verbosity > 0:
        for line in difference.lines():
            click.echo(line)
    if only_check:
        _print_foreign(report.foreign, out, verbosity)
    elif difference.adopted and verbosity == 0:
        click.echo(_adopted_line(difference.adopted))
    if only_check and difference:
        state = "has files of a build that was stopped before its end" if difference.stopped else "is out of date"
        click.echo(f"{out} {state}; run: obscode build", err=True)


def _print_foreign(paths: Sequence[str], out: Path, verbosity: int) -> None:
    for path in paths if verbosity >= 0 else ():
        click.echo(f"note: obscode did not write {out / path}; Prometheus loads it with rules/*.yml", err=True)


def _print_outcome(out: Path, report: Report, state: str, verbosity: int) -> None:
    if verbosity >= 0:
        click.echo(f"{out}: {report.files} files, {report.summary}{', ' if state else ''}{state}")


def _adopted_line(paths: Sequence[str]) -> str:
    more = f" and {len(paths) - _LISTED} more (--verbose lists them)" if len(paths) > _LISTED else ""
    count = "1 file" if len(paths) == 1 else f"{len(paths)} files"
    return f"adopted {count} with the same content: {', '.join(paths[:_LISTED])}{more}"
