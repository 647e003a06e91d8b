"""The command group `obscode`: its commands, and errors as messages and exit codes."""

from __future__ import annotations

from typing import Any

import click

from obscode.cli import terminal
from obscode.cli.backtest import backtest
from obscode.cli.build import build
from obscode.cli.check import check
from obscode.cli.comment import comment
from obscode.cli.cost import cost
from obscode.cli.diff import diff
from obscode.cli.doctor import doctor
from obscode.cli.drift import drift
from obscode.cli.explain import explain
from obscode.cli.fake import fake
from obscode.cli.graph import graph
from obscode.cli.handbook import handbook
from obscode.cli.import_ import import_
from obscode.cli.init import init
from obscode.cli.list import list_
from obscode.cli.metrics import metrics
from obscode.cli.presets import presets
from obscode.cli.preview import preview
from obscode.cli.route import route
from obscode.cli.test import test
from obscode.cli.tools import tools
from obscode.cli.watch import watch
from obscode.cli.why import why
from obscode.findings.errors import Exit, ObscodeError


class ErrorHandlingGroup(click.Group):
    """Prints the findings of an error and exits with its code; other exceptions are internal errors."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except ObscodeError as error:
            terminal.print_findings(error.findings)
            ctx.exit(error.exit)
        except (click.exceptions.Exit, click.ClickException, click.Abort):
            raise
        except Exception:
            import traceback

            click.echo(traceback.format_exc(), err=True)
            click.echo("internal error in obscode; no files were written", err=True)
            ctx.exit(Exit.ERROR)


@click.group("obscode", cls=ErrorHandlingGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="obscode", prog_name="obscode")
def main() -> None:
    """Monitoring declared once in Python, compiled to Prometheus, Alertmanager and Grafana.

    \b
    Exit codes: 0 OK, 1 findings or stale output, 2 error.
    Example: obscode build && obscode check
    """


for command in (
    init,
    build,
    check,
    test,
    list_,
    explain,
    metrics,
    presets,
    route,
    why,
    graph,
    cost,
    preview,
    watch,
    fake,
    diff,
    doctor,
    comment,
    backtest,
    handbook,
    drift,
    import_,
    tools,
):
    main.add_command(command)
