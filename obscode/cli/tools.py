"""`obscode tools` and `obscode tools install`."""

from __future__ import annotations

import click

from obscode.cli import terminal
from obscode.findings.errors import Exit


@click.group(invoke_without_command=True)
@click.pass_context
def tools(context: click.Context) -> None:
    """List the installed promtool, prometheus, amtool and alertmanager, every version.

    \b
    Example: obscode tools
    """
    if context.invoked_subcommand is None:
        from obscode.toolchain import TOOLS, find_all, table

        installed = [tool for name in TOOLS for tool in find_all(name)]
        terminal.print_table(table(installed))
        if {tool.name for tool in installed} != set(TOOLS):
            click.echo("run `obscode tools install` to install the missing tools", err=True)
            context.exit(Exit.ERROR)


@tools.command()
@click.option("--suite", "suites", multiple=True, help="bookworm, trixie, sid or release; can be repeated.")
def install(suites: tuple[str, ...]) -> None:
    """Install missing tools into .tools/, without root: Debian's packages, or the release archives.

    \b
    Example: obscode tools install
             obscode tools install --suite bookworm --suite sid
    """
    from obscode import toolchain

    with terminal.progress() as progress:
        installed = toolchain.install(suites=suites or None, log=progress.log)
    terminal.print_table(toolchain.table(installed))
