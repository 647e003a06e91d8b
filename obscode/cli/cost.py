"""`obscode cost`."""

from __future__ import annotations

from pathlib import Path

import click

from obscode.cli import terminal
from obscode.cli.options import compile_or_exit, definitions_argument, environment_option


@click.command()
@definitions_argument
@click.option(
    "--by",
    type=click.Choice(["rule", "service", "team"]),
    default="service",
    show_default=True,
    help="What a row is about.",
)
@click.option("--top", type=click.IntRange(min=0), default=20, show_default=True, help="The rows to print; 0 for all.")
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json"]),
    default="text",
    show_default=True,
    help="The form of the output.",
)
@environment_option(default="")
def cost(definitions: Path, by: str, top: int, form: str, environment: str) -> None:
    """Estimate what the rules cost Prometheus.

    Prints the series that rules record, the samples that they read each second and the share of a processor that they
    take, the dearest first. The number of series follows from the labels of the catalogs and from the targets;
    Project(cost=Cost(...)) has what they do not say, and limits.

    \b
    Example: obscode cost --by rule --top 5
             obscode cost --by team --format json
    """
    from obscode.cost import json_text, table
    from obscode.cost.rules import project_cost

    estimated = project_cost(compile_or_exit(definitions, environment=environment).artifacts)
    if form == "json":
        click.echo(json_text.render(estimated))
        return
    terminal.print_table(table.rows(estimated.rules, by, top))  # type: ignore[arg-type]  # click checks the choice
    if estimated.assumed:
        click.echo(f"assumed numbers of values: {', '.join(estimated.assumed)}; write them in Cost(label_values=...)")
    if estimated.unknown:
        click.echo(f"no catalog has: {', '.join(estimated.unknown)}; counted as no series")
