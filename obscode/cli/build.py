"""`obscode build`."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from obscode.cli import terminal
from obscode.cli.options import PATH, compile_or_exit, definitions_argument, verbosity_options
from obscode.findings.errors import Exit


@click.command()
@definitions_argument
@click.option("-o", "--out", type=PATH, default="build", show_default=True, help="The output folder.")
@click.option("--check", "only_check", is_flag=True, help="Write nothing; list stale files, exit 1 if any.")
@verbosity_options
def build(definitions: Path, out: Path, only_check: bool, verbosity: int) -> None:
    """Compile DEFINITIONS into the output folder.

    The folder is replaced in one step: readers see the old files or the new ones. Files that obscode did not write
    stay as they are.

    \b
    Example: obscode build
             obscode build definitions --out build --check
    """
    from obscode.project.build import compare, write

    compilation = compile_or_exit(definitions)
    files = compilation.files
    with terminal.progress() as progress:
        difference = compare(files, out) if only_check else write(files, out, progress.log)
    if only_check or verbosity > 0:
        for line in difference.lines():
            click.echo(line)
    if only_check and difference:
        click.echo(f"{out} is out of date; run: obscode build", err=True)
        sys.exit(Exit.FINDINGS)
    if verbosity >= 0:
        state = "" if difference else ", up to date"
        click.echo(f"{out}: {len(files)} files, {compilation.summary()}{state}")
