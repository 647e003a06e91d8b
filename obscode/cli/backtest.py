"""`obscode backtest`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from obscode.cli import progress_display
from obscode.cli.options import PATH, exiting_on_signals, http_config_option, server_option

if TYPE_CHECKING:
    from obscode.backtest.backtest import Rules


@click.command()
@server_option("prometheus", "the Prometheus with the series")
@http_config_option
@click.option("--since", default="30d", show_default=True, help="The start: a time, or how long before the end.")
@click.option("--until", default="", metavar="TIME", help="The end, such as 2026-11-01T12:00:00Z; now by default.")
@click.option("--base", default="", metavar="REVISION|FOLDER", help="The old version; by default as in obscode diff.")
@click.option("--head", default="", metavar="REVISION|FOLDER", help="The new version; the working tree by default.")
@click.option(
    "--path",
    "paths",
    multiple=True,
    metavar="PATH",
    help="Read rules in this file or folder only; build/prometheus by default, if it exists. Can be repeated.",
)
@click.option("--alert", "alerts", multiple=True, metavar="NAME", help="Evaluate this alert. Can be repeated.")
@click.option("--all", "every", is_flag=True, help="Evaluate the alerts that do not change, too.")
@click.option("--evaluate-old", is_flag=True, help="Evaluate the old alerts where the server has recorded ALERTS, too.")
@click.option("--use-recorded", is_flag=True, help="Read recording rules that do not change from the server.")
@click.option("--incidents", type=PATH, metavar="FILE", help="Incidents with id, start, end, labels; YAML or CSV.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "html"]),
    default="text",
    show_default=True,
    help="The form of the output.",
)
def backtest(
    prometheus: str | None,
    http_config: Path | None,
    since: str,
    until: str,
    base: str,
    head: str,
    paths: tuple[str, ...],
    alerts: tuple[str, ...],
    every: bool,
    evaluate_old: bool,
    use_recorded: bool,
    incidents: Path | None,
    form: str,
) -> None:
    """Print when changed alerts would have fired, and when the old did.

    Prometheus evaluates the rules on the series that the server has, at the times at which it would have evaluated
    them. Recording rules are computed first, in a Prometheus on this machine. The server is only read. The old firings
    are those that the server has recorded as ALERTS, if it has.

    \b
    Example: obscode backtest --prometheus http://localhost:9090
             obscode backtest --prometheus http://localhost:9090 --since 7d --alert CheckoutBurnPage --base main
             obscode backtest --prometheus http://localhost:9090 --incidents incidents.yml --format html > backtest.html
    """
    if not prometheus:
        raise click.UsageError("name a server: --prometheus")
    from obscode.backtest.backtest import Settings
    from obscode.backtest.backtest import backtest as run
    from obscode.backtest.formats import FORMATS
    from obscode.backtest.incidents import read_incidents
    from obscode.backtest.period import read_period
    from obscode.clients.http_config import read_http_config
    from obscode.clients.prometheus import PrometheusClient

    period = read_period(since, until)
    known = read_incidents(incidents) if incidents else None
    client = PrometheusClient(prometheus, read_http_config(http_config) if http_config else None, timeout=300)
    settings = Settings(alerts, every, evaluate_old, use_recorded)
    with exiting_on_signals(), progress_display.progress() as progress:
        before, after = _sides(base, head, paths)
        report = run(
            client, before, after, period, settings, known, lambda place: progress("evaluate", place.rule.name)
        )
    click.echo(FORMATS[form](report), nl=False)


def _sides(base: str, head: str, paths: tuple[str, ...]) -> tuple[Rules | None, Rules]:
    from obscode.backtest.backtest import Rules
    from obscode.project.revisions import sides

    if not paths and not Path(head).is_file() and Path(head, "build/prometheus").is_dir():
        paths = ("build/prometheus",)
    old, new = sides(base, head, paths)
    return Rules(old.label, old.artifacts().rule_files), Rules(new.label, new.artifacts().rule_files)
