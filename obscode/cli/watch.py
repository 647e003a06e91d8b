"""`obscode watch`."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from obscode.cli import terminal
from obscode.cli.options import definitions_argument, exiting_on_signals

if TYPE_CHECKING:
    from obscode.findings.finding import Finding


@click.command()
@definitions_argument
@click.option("--port", type=click.IntRange(0, 65535), default=9095, show_default=True, help="The port on loopback.")
@click.option(
    "--scenario", "scenarios", multiple=True, metavar="NAME", help="Display this scenario; `normal day` by default."
)
def watch(definitions: Path, port: int, scenarios: tuple[str, ...]) -> None:
    """Serve the preview on loopback, and renew it on save.

    Each save of a file in DEFINITIONS compiles what changed, prints findings, and refreshes the pages in the browser
    that display it. Only pages that are open are evaluated, and no file is written: `obscode build` writes the output.

    \b
    Example: obscode watch
             obscode watch definitions --scenario "error burst" --port 8080
    """
    from obscode.preview.watch import Watcher
    from obscode.preview.watched_project import WatchedProject
    from obscode.toolchain import find_supported
    from obscode.verify.servers import free_port

    with exiting_on_signals():
        project = WatchedProject(definitions, scenarios, find_supported("prometheus", "2.42")[-1])
        try:
            watcher = Watcher(project, definitions, free_port(port), _report)
            click.echo(f"{watcher.url} shows the dashboards of {definitions}; Ctrl-C ends it")
            watcher.run()
        finally:
            project.close()


def _report(changed: frozenset[str] | None, findings: list[Finding]) -> None:
    terminal.print_findings(findings)
    if not findings:
        what = "all services" if changed is None else ", ".join(sorted(changed)) or "no service"
        click.echo(f"{time.strftime('%H:%M:%S')} compiled {what}")
