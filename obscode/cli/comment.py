"""`obscode comment`."""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from typing import IO

import click

from obscode.cli import terminal
from obscode.findings.errors import Exit


@click.command()
@click.argument("file", type=click.File(encoding="utf-8"))
@click.option(
    "--topic", default="diff", show_default=True, help="The comment to replace: a request has one for each topic."
)
def comment(file: IO[str], topic: str) -> None:
    """Write FILE as a comment on the pull request or merge request.

    Later runs replace the comment. `-` reads the standard input. Without a text, an earlier comment says that nothing
    changes, and none is written.
    The request follows from the variables of GitHub Actions (also those of Gitea and Forgejo) with GITHUB_TOKEN, or of
    GitLab CI with GITLAB_TOKEN. Outside of a request, nothing is written. A token that may not write, such as that of a
    fork, is a warning.

    \b
    Example: obscode comment diff.md
    """
    from obscode.clients.errors import ServerError
    from obscode.forges.comment import forge_of, write_comment

    forge = forge_of(os.environ)
    if forge is None:
        click.echo("no pull request or merge request: nothing is written", err=True)
        return
    try:
        outcome = write_comment(forge, file.read(), topic)
    except ServerError as error:
        if error.status not in (401, 403):
            raise
        warnings = [replace(finding, severity="warning", hint=forge.permission) for finding in error.findings]
        terminal.print_findings(warnings)
        sys.exit(Exit.OK)
    click.echo({"nothing": "nothing changes: no comment"}.get(outcome, f"comment {outcome}"), err=True)
