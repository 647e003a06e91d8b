"""`obscode build`."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path

import click

from obscode.cli import terminal
from obscode.cli.options import PATH, compile_or_exit, definitions_argument, verbosity_options
from obscode.findings.errors import Exit

_LISTED = 5  # adopted files in one line; --verbose prints a line for each


@click.command()
@definitions_argument
@click.option("-o", "--out", type=PATH, default="build", show_default=True, help="The output folder.")
@click.option("--check", "only_check", is_flag=True, help="Write nothing; list stale files, exit 1 if any.")
@verbosity_options
def build(definitions: Path, out: Path, only_check: bool, verbosity: int) -> None:
    """Compile DEFINITIONS into the output folder.

    Only files that differ are written, each in one step: a reader sees the old file or the new one. Files that obscode
    did not write stay as they are.

    \b
    Example: obscode build
             obscode build definitions --out build --check
    """
    from obscode.project.build import compare, foreign_rule_files, reject_overlap, write

    reject_overlap(definitions, out)
    compilation = compile_or_exit(definitions)
    files = compilation.files
    with terminal.progress() as progress:
        difference = (compare if only_check else write)(files, out, progress.log)
    if only_check or verbosity > 0:
        for line in difference.lines():
            click.echo(line)
    if only_check:
        for path in foreign_rule_files(files, out) if verbosity >= 0 else ():
            click.echo(f"note: obscode did not write {out / path}; Prometheus loads it with rules/*.yml", err=True)
    elif difference.adopted and verbosity == 0:
        click.echo(_adopted_line(difference.adopted))
    if only_check and difference:
        state = "has files of a build that was stopped before its end" if difference.stopped else "is out of date"
        click.echo(f"{out} {state}; run: obscode build", err=True)
        sys.exit(Exit.FINDINGS)
    if verbosity >= 0:
        state = "" if difference else ", up to date"
        click.echo(f"{out}: {len(files)} files, {compilation.summary()}{state}")


def _adopted_line(paths: Sequence[str]) -> str:
    more = f" and {len(paths) - _LISTED} more (--verbose lists them)" if len(paths) > _LISTED else ""
    count = "1 file" if len(paths) == 1 else f"{len(paths)} files"
    return f"adopted {count} with the same content: {', '.join(paths[:_LISTED])}{more}"
