"""`obscode diff`."""

from __future__ import annotations

import sys

import click

from obscode.cli import progress_display
from obscode.findings.errors import Exit

_RISKS = ("lost", "weaker", "broken", "history", "changed", "stricter", "text", "layout")


@click.command()
@click.argument("base", default="")
@click.argument("head", default="")
@click.option(
    "--path",
    "paths",
    multiple=True,
    metavar="PATH",
    help="Compare this file or folder only, below the current folder or below both folders. Can be repeated.",
)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "markdown", "json", "html"]),
    default="text",
    show_default=True,
    help="`markdown` fits into a comment of a pull request: 65,536 characters.",
)
@click.option("--fail-on", type=click.Choice(_RISKS), help="Exit with 1 on a change of this class or a riskier one.")
@click.option("--layout", is_flag=True, help="Report the places and sizes of panels, too.")
def diff(base: str, head: str, paths: tuple[str, ...], form: str, fail_on: str | None, layout: bool) -> None:
    """Print what changes in rules, dashboards and configurations.

    The riskiest change comes first, in one sentence with its numbers.

    BASE and HEAD are revisions of git or folders. BASE is the merge base with the default branch by default, HEAD the
    working tree. Files are read as `obscode check FILE` reads them, also those that obscode did not write. Reordering
    and reformatting are no changes.

    \b
    Classes, the riskiest first: lost, weaker, broken, history, changed, stricter, text, layout.
    Example: obscode diff
             obscode diff main HEAD --format markdown
             obscode diff old/ new/ --fail-on weaker
    """
    from obscode.diff.formats import FORMATS
    from obscode.project.diff_report import diff_report
    from obscode.project.revisions import sides

    with progress_display.progress() as progress:
        report = diff_report(*sides(base, head, paths, progress=progress), layout=layout)
    click.echo(FORMATS[form](report), nl=False)
    sys.exit(Exit.FINDINGS if fail_on and report.fails(fail_on) else Exit.OK)  # type: ignore[arg-type]  # click checks
