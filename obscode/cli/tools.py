"""`obscode tools` and `obscode tools install`."""

from __future__ import annotations

import click

from obscode.cli import progress_display, terminal
from obscode.findings.errors import Exit


@click.group(invoke_without_command=True)
@click.option("--check", "only_check", is_flag=True, help="Exit with 1 if a tool is missing or was changed.")
@click.pass_context
def tools(context: click.Context, only_check: bool) -> None:
    """List the installed promtool, amtool, prometheus, alertmanager.

    \b
    Example: obscode tools
             obscode tools --check
    """
    if context.invoked_subcommand is None:
        from obscode.toolchain import TOOLS, survey, table

        installed, changed = survey()
        terminal.print_table(table(installed))
        terminal.print_findings([finding for error in changed for finding in error.findings])
        missing = {tool.name for tool in installed} != set(TOOLS)
        if missing:
            click.echo("run `obscode tools install` to install the missing tools", err=True)
        if only_check and (missing or changed):
            context.exit(Exit.FINDINGS)


@tools.command()
@click.option("--suite", "suites", multiple=True, help="bookworm, trixie, sid or release; can be repeated.")
def install(suites: tuple[str, ...]) -> None:
    """Install missing tools into .tools/, without root.

    The official release archives, or Debian's packages where those cannot be downloaded.

    \b
    Example: obscode tools install
             obscode tools install --suite bookworm --suite sid
    """
    from obscode import toolchain

    with progress_display.progress() as progress:
        installed = toolchain.install(suites=suites or None, log=progress.log)
    terminal.print_table(toolchain.table(installed))
